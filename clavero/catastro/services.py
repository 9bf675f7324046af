"""Importing a copy: beside the live one, switched in one transaction, or not at all."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connection, transaction

from clavero.audit import services as audit
from clavero.catastro import files
from clavero.catastro.files import Report
from clavero.catastro.models import Ruc, Snapshot
from clavero.core.errors import Refused

BATCH = 20_000
LEAST_SHARE = 0.9

Row = tuple[int, int, str, int]
Tick = Callable[[int, int], None]
"""Told how many rows of how many lines are read."""


def import_file(
    path: Path,
    now: datetime,
    *,
    force: bool = False,
    as_of: date | None = None,
    tick: Tick | None = None,
) -> Report:
    """Import one file. Raises `Refused`; whatever is refused leaves the live copy as it was."""
    report = Report()
    _forget_half(now)
    snapshot = Snapshot.objects.create(province="", imported_at=now)
    try:
        _fill(snapshot, path, report, tick)
        _judge(report, force)
        _switch(snapshot, report, as_of)
    except BaseException:
        with suppress(
            DatabaseError
        ):  # a full disk takes no delete either: the next import clears it
            _forget(snapshot)
        raise
    _forget_older(snapshot)
    return report


def _fill(snapshot: Snapshot, path: Path, report: Report, tick: Tick | None) -> None:
    stored = _folded(files.rows(path, report), report)
    write = _copy if connection.vendor == "postgresql" else _insert
    write(snapshot.pk, stored, lambda: tick(report.rows, report.lines_in_file) if tick else None)
    report.stored = Ruc.objects.filter(snapshot_id=snapshot.pk).count()


def _folded(rows: Iterator[tuple[int, int, str]], report: Report) -> Iterator[Row]:
    """Neighbouring rows of one RUC as one, with the number of its establishments."""
    for ruc, same in itertools.groupby(rows, key=lambda row: row[0]):
        group = list(same)
        report.establishments += len(group)
        yield ruc, group[0][1], group[0][2][:300], len(group)


_INSERT = """INSERT INTO catastro_ruc (ruc, status, name, establishments, snapshot_id) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (ruc, snapshot_id) DO UPDATE SET establishments = establishments + excluded.establishments"""


def _insert(snapshot_id: int, rows: Iterator[Row], tick: Callable[[], None]) -> None:
    """SQLite: batches by executemany, each in a transaction of its own, so that nobody waits long."""
    connection.ensure_connection()
    raw = connection.connection
    while batch := list(itertools.islice(rows, BATCH)):
        with transaction.atomic():
            raw.cursor().executemany(_INSERT, [(*row, snapshot_id) for row in batch])
        tick()


def _copy(snapshot_id: int, rows: Iterator[Row], tick: Callable[[], None]) -> None:
    """PostgreSQL: COPY into a table of this connection, then one statement that folds what is apart."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A transaction that imports twice finds the first table still there.
        cursor.execute("DROP TABLE IF EXISTS pg_temp.catastro_staging")
        cursor.execute(
            "CREATE TEMP TABLE catastro_staging (ruc bigint, status smallint, name text, establishments int) ON COMMIT DROP"
        )
        with cursor.copy("COPY catastro_staging FROM STDIN") as copy:
            for done, row in enumerate(rows, start=1):
                copy.write_row(row)
                if done % BATCH == 0:
                    tick()
        cursor.execute(
            """INSERT INTO catastro_ruc (ruc, status, name, establishments, snapshot_id)
            SELECT ruc, min(status), max(name), sum(establishments), %s FROM catastro_staging GROUP BY ruc""",
            [snapshot_id],
        )


def _judge(report: Report, force: bool) -> None:
    """Is this a copy to live with? A file of nothing, or of far fewer rows than the last, is not."""
    if report.stored == 0:
        raise Refused("catastro.no_rows")
    shifted = sum(report.rejected.values())
    if shifted > max(100, report.rows // 50) and not force:
        raise Refused("catastro.too_many_rejected", rejected=shifted, rows=report.rows)
    former = Snapshot.objects.filter(province=report.province, live=True).first()
    if former and report.stored < former.rucs * LEAST_SHARE and not force:
        raise Refused("catastro.fewer_rows", now=report.stored, before=former.rucs)


def _switch(snapshot: Snapshot, report: Report, as_of: date | None) -> None:
    """From now on this copy answers. Readers see the old one or the new one, never half."""
    snapshot.province, snapshot.rucs, snapshot.report = (
        report.province,
        report.stored,
        asdict(report),
    )
    snapshot.as_of = as_of or _date(report.as_of)
    snapshot.live = True
    with transaction.atomic():
        Snapshot.objects.filter(province=snapshot.province, live=True).update(live=False)
        snapshot.save()
        audit.record("catastro_import", data={"rows": report.rows, "stored": report.stored})


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _forget_half(now: datetime) -> None:
    """What an import that was killed left behind: no copy that anybody finds, only room on the disk."""
    old = Snapshot.objects.filter(live=False, imported_at__lt=now - timedelta(days=1))
    for snapshot in old:
        _forget(snapshot)


def _forget(snapshot: Snapshot) -> None:
    Ruc.objects.filter(snapshot_id=snapshot.pk)._raw_delete(using="default")
    Snapshot.objects.filter(pk=snapshot.pk).delete()


def _forget_older(snapshot: Snapshot) -> None:
    for old in Snapshot.objects.filter(province=snapshot.province, live=False):
        _forget(old)
