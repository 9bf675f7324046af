"""Importing a copy: beside the live one, switched in one transaction, or not at all."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction

from clavero.audit import services as audit
from clavero.catastro import files
from clavero.catastro.files import Report, Row
from clavero.catastro.models import Ruc, Snapshot
from clavero.core.errors import Refused

BATCH = 20_000
LEAST_SHARE = 0.9

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
    """Beside the live copy: the file as it comes into a table of this connection, then every RUC once.

    The SRI's files stand in no order. What is sorted before it is stored goes to the end of the index,
    where it costs a fraction.
    """
    fill = _fill_postgresql if connection.vendor == "postgresql" else _fill_sqlite
    batches = _batches(files.rows(path, report), report, tick)
    report.stored = fill(snapshot.pk, batches)
    report.establishments = report.rows - sum(report.rejected.values())


def _batches(rows: Iterator[Row], report: Report, tick: Tick | None) -> Iterator[list[Row]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
        if tick:
            tick(report.rows, report.lines_in_file)


_STAGING = "CREATE TEMP TABLE catastro_staging (ruc bigint, status smallint, name text)"
_FOLDED = """SELECT ruc, min(status) AS status, max(name) AS name, count(*) AS establishments
FROM catastro_staging GROUP BY ruc ORDER BY ruc"""
_STORED = "INSERT INTO catastro_ruc (ruc, status, name, establishments, snapshot_id) "


def _fill_postgresql(snapshot_id: int, batches: Iterator[list[Row]]) -> int:
    """COPY, then one statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A transaction that imports twice finds the first table still there.
        cursor.execute("DROP TABLE IF EXISTS pg_temp.catastro_staging")
        cursor.execute(f"{_STAGING} ON COMMIT DROP")
        with cursor.copy("COPY catastro_staging FROM STDIN") as copy:
            for batch in batches:
                copy.write("".join([_line(row) for row in batch]))
        # Sorting, which the index wants anyway, folds three times as fast as a table of hashes.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SET LOCAL enable_hashagg = off")
        cursor.execute(
            f"{_STORED} SELECT folded.*, %s::bigint FROM ({_FOLDED}) AS folded",  # noqa: S608 (no input)
            [snapshot_id],
        )
        return int(cursor.rowcount)


def _line(row: Row) -> str:
    """A row in COPY's text form."""
    ruc, status, name = row
    if "\\" in name or not name.isprintable():
        name = name.translate(_ESCAPED)
    return f"{ruc}\t{status}\t{name}\n"


_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _fill_sqlite(snapshot_id: int, batches: Iterator[list[Row]]) -> int:
    """Temporary tables have a file of their own; what is folded moves in parts, so that no writer waits long."""
    connection.ensure_connection()
    raw = connection.connection
    _clear(raw)
    with _savepoint(raw):
        raw.execute(_STAGING)
        for batch in batches:
            raw.executemany("INSERT INTO catastro_staging VALUES (?, ?, ?)", batch)
    raw.execute(f"CREATE TEMP TABLE catastro_folded AS {_FOLDED}")
    (count,) = raw.execute("SELECT count(*) FROM catastro_folded").fetchone()
    move = f"{_STORED} SELECT *, ? FROM catastro_folded WHERE rowid > ? AND rowid <= ?"  # noqa: S608 (no input)
    for first in range(0, count, BATCH):
        with transaction.atomic():
            raw.execute(move, [snapshot_id, first, first + BATCH])
    _clear(raw)
    return int(count)


@contextmanager
def _savepoint(raw: Any) -> Iterator[None]:
    """One transaction for the temporary file alone: unlike `atomic`, it keeps no other writer waiting."""
    raw.execute("SAVEPOINT catastro_staging")
    try:
        yield
    except BaseException:
        raw.execute("ROLLBACK TO catastro_staging")
        raise
    finally:
        raw.execute("RELEASE catastro_staging")


def _clear(raw: Any) -> None:
    raw.execute("DROP TABLE IF EXISTS temp.catastro_staging")
    raw.execute("DROP TABLE IF EXISTS temp.catastro_folded")


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
        # The record's lock first: of two imports of one province the second sees the first one's copy, and ends it.
        audit.record("catastro_import", data={"rows": report.rows, "stored": report.stored})
        Snapshot.objects.filter(province=snapshot.province, live=True).update(live=False)
        snapshot.save()


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
