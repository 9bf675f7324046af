"""Checking a list or one employer for a page: in one request, in the order of the file, kept nowhere.

Only the format, the public state of the RUC and what the list declares. What was sent stands in a file
of its own while it is read and is gone with the answer.
"""

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from clavero import words
from clavero.core import sheet
from clavero.core.errors import Refused
from clavero.core.sheet import Cells, Plan, Row, Verdict
from clavero.institution import profile
from clavero.precheck import checking, files, registers, report, writing
from clavero.precheck.files import Limits
from clavero.precheck.registers import State
from clavero.precheck.tally import Tally

ON_THE_PAGE = Limits(rows=5000, megabytes=2, unpacked_megabytes=64, memory_megabytes=512)
"""What is checked while somebody waits; longer lists are for the command."""
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
}


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


def check_list(
    name: str, chunks: Iterable[bytes], kind: str, lang: str, now: datetime
) -> tuple[dict[str, Any], bytes]:
    """(the facts of the report, the result as a file or nothing for `html`). Raises `Refused`: sheet codes."""
    here = now.astimezone(words.ZONE)
    with tempfile.TemporaryDirectory(prefix="clavero-") as folder:
        sent, out = Path(folder, "list"), Path(folder, "result")
        _keep(sent, chunks)
        with files.opened(sent, ON_THE_PAGE) as source:
            run = checking.prepare(
                source, Plan.of(profile(), here.date()), register(), limits=ON_THE_PAGE
            )
            counted = Tally()

            def finished() -> dict[str, Any]:
                return report.facts(run, counted, name, here)

            with writing.result(kind, str(out), run, lang, finished, str(sent)) as add:
                for judged in checking.check(run):
                    counted.add(judged)
                    add(judged)
            return finished(), b"" if kind == "html" else out.read_bytes()


def _keep(path: Path, chunks: Iterable[bytes]) -> None:
    """What was sent as a file, as far as the page takes it."""
    most, size = ON_THE_PAGE.megabytes << 20, 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise Refused(
                    "sheet.too_large", megabytes=-(-size >> 20), most=ON_THE_PAGE.megabytes
                )
            file.write(chunk)


def check_one(cells: Cells, now: datetime) -> tuple[Row, Verdict, State]:
    """One employer as a row of a list."""
    row = sheet.read(cells)
    state = registers.NOBODY
    if row.ruc is not None and row.ruc.ok and row.ruc.kind == "ruc":
        asked = register()
        state = asked.look_up([int(row.ruc.value or 0)]).get(int(row.ruc.value or 0), asked.unknown)
    plan = Plan.of(profile(), now.astimezone(words.ZONE).date())
    return row, sheet.judge(row.case, state.value, plan), state
