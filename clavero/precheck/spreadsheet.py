"""`python -m clavero.precheck.spreadsheet BOOK TABLE MEGABYTES SECONDS`: one sheet of a workbook as CSV, in a process of its own.

A workbook that asks for more memory than it may have ends this process and no other. The last line on
standard output is JSON: what was found beside the cells. Exit: 0 done, 3 protected, 4 damaged, 5 memory.
"""

import csv
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

DONE, PROTECTED, DAMAGED, MEMORY = 0, 3, 4, 5
MOST_MARKS = 10_000
MOST_SECONDS = 600
_EXACT = 1e15
"""From here on a spreadsheet's number has lost digits."""
_FORMULA = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*><f[^>]*?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>|</c>)'
)
_BLOCK, _OVERLAP = 1 << 20, 1 << 16

Marks = list[tuple[int, int, str]]
"""(row from 1, column from 0, code) of what is worth saying about a cell."""


def text_of(value: object) -> str:
    """A cell as a person reads it: whole numbers without decimals, days as YYYY-MM-DD."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float) -> str:
    if abs(value) >= _EXACT:
        return f"{value:.6E}"
    return str(int(value)) if value.is_integer() else repr(value)


def read(book: Path, table: Path) -> dict[str, object]:
    """Write the sheet that holds a list into `table`; say what else there is."""
    import python_calamine as calamine

    with calamine.CalamineWorkbook.from_path(book) as workbook:
        index, others = _choose(workbook)
        sheet = workbook.get_sheet_by_index(index)
        merged = sheet.merged_cell_ranges or []
        marks = _write(_rows(sheet), merged, table)
        name = sheet.name
    marks += _formulas_without_value(book, index)
    return {"sheet": name, "others": others, "marks": marks[:MOST_MARKS]}


def _choose(workbook) -> tuple[int, list[str]]:  # type: ignore[no-untyped-def]
    """The first visible sheet with the names of the columns, else the first with anything; and the others that hold a list."""
    filled, lists = [], []
    for index, about in enumerate(workbook.sheets_metadata):
        if "WorkSheet" not in str(about.typ) or str(about.visible) != "SheetVisibleEnum.Visible":
            continue
        top = [
            list(map(text_of, row))
            for _, row in zip(
                range(20), workbook.get_sheet_by_index(index).iter_rows(), strict=False
            )
        ]
        if any(any(row) for row in top):
            filled.append(index)
        if _is_list(top):
            lists.append(index)
    names = workbook.sheet_names
    return (lists or filled or [0])[0], [names[index] for index in lists[1:]]


def _is_list(top: list[list[str]]) -> bool:
    from clavero.core import columns
    from clavero.core.errors import Refused

    try:
        columns.find(top)
    except Refused as refused:
        return refused.code == "sheet.column_twice"
    return True


def _rows(sheet) -> Iterator[list[str]]:  # type: ignore[no-untyped-def]
    """Every row from the first of the sheet, so that a row's number is the one that people see."""
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield before + [text_of(value) for value in row]


def _write(rows: Iterator[list[str]], merged: list, table: Path) -> Marks:  # type: ignore[type-arg]
    """The rows as CSV; a cell merged downwards has the value of its first."""
    down = {
        (row, first[1]): first
        for first, last in merged
        for row in range(first[0] + 1, min(last[0], first[0] + MOST_MARKS) + 1)
    }
    firsts = {first for first, _ in merged}
    held: dict[tuple[int, int], str] = {}
    marks: Marks = []
    with table.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file).writerow
        for at, row in enumerate(rows):
            if merged:
                _merge(at, row, down, firsts, held, marks)
            write(row or [""])
    return marks


def _merge(at: int, row: list[str], down: dict, firsts: set, held: dict, marks: Marks) -> None:  # type: ignore[type-arg]
    for column, text in enumerate(row):
        if (at, column) in firsts:
            held[(at, column)] = text
        elif (at, column) in down and not text:
            row[column] = held.get(down[(at, column)], "")
            marks.append((at + 1, column, "cell.merged"))


def _formulas_without_value(book: Path, index: int) -> Marks:
    """Cells whose formula was never reckoned: they read as empty, which nobody would understand."""
    if not zipfile.is_zipfile(book):
        return []
    with zipfile.ZipFile(book) as archive:
        name = f"xl/worksheets/sheet{index + 1}.xml"
        if name not in archive.namelist():
            return []
        with archive.open(name) as member:
            return list(_formulas(member))


def _formulas(member) -> Iterator[tuple[int, int, str]]:  # type: ignore[no-untyped-def]
    held = b""
    while block := member.read(_BLOCK):
        held += block
        end = 0
        for found in _FORMULA.finditer(held):
            end = found.end()
            yield int(found[2]), _column(found[1].decode()), "cell.formula_without_value"
        held = held[max(end, len(held) - _OVERLAP) :]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def main(book: str, table: str, megabytes: str, seconds: str) -> int:
    most, longest = int(megabytes) << 20, int(seconds)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        print(json.dumps(read(Path(book), Path(table))))
    except (MemoryError, ImportError):  # a library that finds no room does not load
        return MEMORY
    except Exception as error:
        kind = type(error).__name__
        return PROTECTED if kind == "PasswordError" else DAMAGED
    return DONE


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
