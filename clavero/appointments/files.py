"""Centres as a file: CSV or JSON Lines, one centre a row (docs/operations.md). Past this door values have types."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from clavero.core import slots
from clavero.core.errors import Refused
from clavero.core.names import unaccented

COLUMNS = (
    "code name kind province canton address phone zone hours counters active checked_on source quality"
).split()
NEEDED = ("code", "name", "province", "canton", "zone", "hours")
KINDS = ("desk", "video", "phone")
QUALITIES = ("official page", "news", "reported, unverified", "our choice", "")
LONGEST_LINE = 100_000
_DAYS = dict(zip("lun mar mie jue vie sab dom".split(), slots.WEEKDAYS, strict=True))
_NO = ("no", "false", "0")


@dataclass(frozen=True)
class Record:
    """One centre as a file says it. `counters` are its counters' services by number."""

    line: int
    code: str
    name: str
    province: str
    canton: str
    zone: str
    hours: dict[str, list[list[str]]]
    kind: str = "desk"
    address: str = ""
    phone: str = ""
    active: bool = True
    checked_on: date | None = None
    source: str = ""
    quality: str = ""
    counters: tuple[tuple[int, tuple[str, ...]], ...] = ((1, ()),)


@dataclass
class Report:
    """What an import did, in counts; what it found, by code, with the first lines."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    stranded: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, code: str, line: int) -> None:
        """Count a finding."""
        self.findings[code] = self.findings.get(code, 0) + 1
        if self.findings[code] <= 5:
            self.lines.setdefault(code, []).append(line)


def records(path: Path, report: Report) -> Iterator[Record]:
    """Every centre of a file; rows with findings are counted and left out. Raises `Refused` for the file itself."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.read(1)
            if not head:
                raise Refused("file.empty")
            file.seek(0)
            rows = _json_lines(file) if head == "{" else _csv_rows(file)
            for line, row in rows:
                yield from _one(row, line, report)
    except OSError as error:
        raise Refused("file.unreadable", why=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise Refused("file.encoding") from error


def _json_lines(file: Any) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(file, start=1):
        if "\x00" in text or len(text) > LONGEST_LINE:
            raise Refused("file.binary")
        if text.strip():
            try:
                yield line, json.loads(text)
            except (ValueError, RecursionError):
                raise Refused("file.not_json", line=line) from None


def _csv_rows(file: Any) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(file)
    names = reader.fieldnames or []
    missing = [name for name in NEEDED if name not in names]
    odd = [name for name in names if name not in COLUMNS]
    if odd or missing:
        raise Refused("centres.columns", column=(odd or missing)[0][:30])
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Refused("file.not_csv", line=reader.line_num) from error


def _one(row: Any, line: int, report: Report) -> Iterator[Record]:
    try:
        yield _record(row, line)
    except Refused as refused:
        report.add(refused.code, line)


def _record(row: Any, line: int) -> Record:
    if not isinstance(row, dict) or None in row or set(row) - set(COLUMNS):
        raise Refused("centres.row")
    return Record(
        line,
        _code(row),
        _text(row, "name", 80),
        _text(row, "province", 60),
        _text(row, "canton", 60),
        slots.parse_zone(_text(row, "zone", 40)),
        hours(row.get("hours")),
        _one_of(row, "kind", KINDS, "desk"),
        _text(row, "address", 200, optional=True),
        _text(row, "phone", 30, optional=True),
        str(row.get("active", "")).strip().lower() not in _NO,
        _day(row.get("checked_on")),
        _text(row, "source", 200, optional=True),
        _one_of(row, "quality", QUALITIES, ""),
        _counters(row.get("counters")),
    )


def _code(row: dict[str, Any]) -> str:
    found = _text(row, "code", 24)
    if not re.fullmatch(r"[a-z0-9-]+", found):
        raise Refused("centre.code")
    return found


def _text(row: dict[str, Any], name: str, longest: int, *, optional: bool = False) -> str:
    value = row.get(name) or ""
    found = " ".join(value.split()) if isinstance(value, str) else ""
    if not isinstance(value, str) or len(found) > longest or not (found or optional):
        raise Refused("centre.text")
    return found


def _one_of(row: dict[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = _text(row, name, 40, optional=True) or default
    if value not in allowed:
        raise Refused(f"centre.{name}")
    return value


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        raise Refused("centre.date") from None


def _counters(value: Any) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """`3` is three counters for everything; a list of lists of services is one counter each."""
    if value in (None, ""):
        return ((1, ()),)
    if isinstance(value, list) and all(isinstance(one, list) for one in value):
        return tuple((n, tuple(map(str, one))) for n, one in enumerate(value, start=1))
    text = str(value)
    if not text.isdecimal() or len(text) > 2 or not int(text):
        raise Refused("centre.counters")
    return tuple((n, ()) for n in range(1, int(value) + 1))


def hours(value: Any) -> dict[str, list[list[str]]]:
    """`lun-vie 08:00-12:30 13:30-17:00; sab 9:00-12:00`, or the table that `core.slots.parse_hours` takes.

    Raises `Refused("centre.hours")`.
    """
    table = _written(value) if isinstance(value, str) else value
    slots.parse_hours(table)
    return table  # type: ignore[no-any-return]


def _written(text: str) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        days, *spans = part.split()
        if not spans:
            raise Refused("centre.hours")
        rows = [span.split("-") for span in spans]
        for day in _days(days):
            found[day] = found.get(day, []) + rows
    return found


def _days(text: str) -> list[str]:
    first, _, last = text.partition("-")
    start, end = _weekday(first), _weekday(last or first)
    if start > end:
        raise Refused("centre.hours")
    return list(slots.WEEKDAYS[start : end + 1])


def _weekday(text: str) -> int:
    name = unaccented(text).casefold()[:3]
    name = _DAYS.get(name, name)
    if name not in slots.WEEKDAYS:
        raise Refused("centre.hours")
    return slots.WEEKDAYS.index(name)
