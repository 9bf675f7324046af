"""Checking a list or one employer for a page: a short one in the request, in the order of the file, kept nowhere.

Only the format, the public state of the RUC and what the list declares. What was sent stands in a file
of its own while it is read and is gone with the answer. A list that is too long for that is `kept`.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection

from clavero import words
from clavero.core import sheet
from clavero.core.errors import Refused
from clavero.core.sheet import Cells, Plan, Row, Verdict
from clavero.institution import profile
from clavero.precheck import checking, files, former, registers, report, writing
from clavero.precheck.files import Limits
from clavero.precheck.former import Former
from clavero.precheck.registers import State
from clavero.precheck.tally import Tally

ON_THE_PAGE = Limits(
    rows=5000, megabytes=2, unpacked_megabytes=64, memory_megabytes=512, span=20_000, seconds=10
)
"""What is checked while somebody waits; a longer list is the worker's."""
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
}
LONGEST_NAME = 120


@dataclass(frozen=True)
class Sent:
    """What somebody sent, as files of their own: the list, what it is called, an earlier result."""

    path: Path
    name: str
    since: Path | None = None

    @property
    def is_long(self) -> bool:
        """Whether it is too large to be read while somebody waits."""
        return self.path.stat().st_size > ON_THE_PAGE.megabytes << 20


def register() -> registers.Register:
    """This server's copy of the catastro."""

    def ask(statement: str, numbers: list[int] | None) -> list[Any]:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    statement.replace("{many}", "= ANY(%s)"), [numbers] if numbers else None
                )
            else:
                many = f"IN ({','.join(['%s'] * len(numbers or ()))})"
                cursor.execute(statement.replace("{many}", many), numbers or None)
            return cursor.fetchall()

    return registers.Database(ask)


def limits() -> Limits:
    """What a list may ask of the worker: the profile's."""
    most = profile().lists
    span = max(most.rows, writing.EXCEL_ROWS + 1)  # somebody may have touched a workbook's last row
    return Limits(most.rows, most.megabytes, most.memory_megabytes, most.memory_megabytes, span)


@contextmanager
def received(file: UploadedFile | None, since: UploadedFile | None = None) -> Iterator[Sent]:
    """What was sent as files that are gone afterwards. Raises `Refused`: sheet.choose, sheet.too_large."""
    if file is None:
        raise Refused("sheet.choose")
    with tempfile.TemporaryDirectory(prefix="clavero-") as folder:
        path = _keep(Path(folder, "list"), file)
        earlier = _keep(Path(folder, "since"), since) if since else None
        yield Sent(path, (file.name or "")[-LONGEST_NAME:], earlier)


def refuse_cut(size: int) -> None:
    """Raise `Refused("sheet.too_large")` where what was sent was not even taken in whole."""
    most = profile().lists.megabytes
    if size > most << 20:
        raise Refused("sheet.too_large", megabytes=-(-size >> 20), most=most)


def _keep(path: Path, file: UploadedFile) -> Path:
    """What was sent as a file, as far as this server takes it."""
    refuse_cut(file.size or 0)
    with path.open("wb") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
    return path


def earlier(path: Path | None) -> Former | None:
    """An earlier result, to say what changed. Raises `Refused("sheet.since_file", line)`."""
    try:
        return former.read(path) if path else None
    except Refused as refused:
        raise Refused("sheet.since_file", **refused.details) from None


def check_list(sent: Sent, kind: str, lang: str, now: datetime) -> tuple[dict[str, Any], bytes]:
    """(the facts of the report, the result as a file or nothing for `html`). Raises `Refused`: sheet codes."""
    here, out = now.astimezone(words.ZONE), sent.path.with_name("result")
    with files.opened(sent.path, ON_THE_PAGE) as source:
        run = checking.prepare(
            source, Plan.of(profile(), here.date()), register(),
            limits=ON_THE_PAGE, former=earlier(sent.since),
        )  # fmt: skip
        counted = Tally()

        def finished() -> dict[str, Any]:
            return report.facts(run, counted, sent.name, here)

        with writing.result(kind, str(out), run, lang, finished, str(sent.path)) as add:
            for judged in checking.check(run):
                counted.add(judged)
                add(judged)
        return finished(), b"" if kind == "html" else out.read_bytes()


def check_one(cells: Cells, now: datetime) -> tuple[Row, Verdict, State]:
    """One employer as a row of a list."""
    row = sheet.read(cells)
    state = registers.NOBODY
    if row.ruc is not None and row.ruc.ok and row.ruc.kind == "ruc":
        asked = register()
        state = asked.look_up([int(row.ruc.value or 0)]).get(int(row.ruc.value or 0), asked.unknown)
    plan = Plan.of(profile(), now.astimezone(words.ZONE).date())
    return row, sheet.judge(row.case, state.value, plan), state
