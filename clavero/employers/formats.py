"""The institution's register as files: JSON Lines (one employer a line) or CSV (one row a branch and person).

docs/operations.md defines both. What is read is parsed here, once; past this door values have types.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from clavero.core.errors import Refused
from clavero.core.identifiers import email, foreign_id, phone, ruc, sucursal
from clavero.core.identifiers.employer import DOMESTIC_BRANCH, DOMESTIC_SUFFIX
from clavero.core.identifiers.reading import bare

KINDS = ("natural", "company", "public", "domestic", "foreign", "unknown")
KEY_STATES = ("never", "active", "blocked", "disabled", "unknown")
MODES = ("alone", "jointly")
FACTS = ("workers_last_sheet", "first_entry_month", "last_payment_month")
IMPORTED_STATES = ("on_record", "bounced", "dead")
LONGEST_LINE = 1_000_000


@dataclass(frozen=True)
class Person:
    identification: str
    name: str = ""
    mode: str = "alone"
    state: str = "current"
    through: str = ""


@dataclass(frozen=True)
class Address:
    kind: str
    value: str
    state: str = "on_record"
    as_of: date | None = None


@dataclass(frozen=True)
class Record:
    """One employer as a file says it. `line` is where it stands."""

    line: int
    ruc: str
    kind: str = "unknown"
    name: str = ""
    key: str = "unknown"
    as_of: date | None = None
    branches: tuple[tuple[str, str], ...] = ()
    people: tuple[Person, ...] = ()
    contacts: tuple[Address, ...] = ()
    facts: tuple[tuple[str, str, date | None], ...] = ()


@dataclass
class Findings:
    """What was found wrong, by code, with the first lines; never an identifier."""

    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)
    lines_in_file: int = 0

    def add(self, code: str, line: int) -> None:
        self.counts[code] = self.counts.get(code, 0) + 1
        if self.counts[code] <= 5:
            self.lines.setdefault(code, []).append(line)


def records(path: Path, findings: Findings) -> Iterator[Record]:
    """Every employer of a file; rows with findings are counted and left out. Raises `Refused` for the file itself."""
    try:
        findings.lines_in_file = _lines(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.read(1)
            if not head:
                raise Refused("file.empty")
            file.seek(0)
            yield from (_json_lines(file, findings) if head == "{" else _csv_rows(file, findings))
    except OSError as error:
        raise Refused("file.unreadable", why=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise Refused("file.encoding") from error


def _lines(path: Path) -> int:
    with path.open("rb") as raw:
        return sum(block.count(b"\n") for block in iter(lambda: raw.read(1 << 20), b""))


def _json_lines(file: Any, findings: Findings) -> Iterator[Record]:
    for line, text in enumerate(file, start=1):
        if "\x00" in text or len(text) > LONGEST_LINE:
            raise Refused("file.binary")
        if not text.strip():
            continue
        try:
            yield _record(json.loads(text), line)
        except Refused as refused:
            findings.add(refused.code, line)
        except (ValueError, RecursionError):
            raise Refused("file.not_json", line=line) from None


COLUMNS = (
    "ruc kind name key as_of branch branch_name identification person_name mode person_state through email email_state "
    "email_as_of mobile landline postal workers_last_sheet first_entry_month last_payment_month"
).split()


def _csv_rows(file: Any, findings: Findings) -> Iterator[Record]:
    reader = csv.DictReader(file)
    unknown = [name for name in reader.fieldnames or [] if name not in COLUMNS]
    if unknown or "ruc" not in (reader.fieldnames or []):
        raise Refused("employers.columns", column=unknown[0][:30] if unknown else "ruc")
    numbered = ((reader.line_num, row) for row in reader)
    try:
        for _, rows in groupby(numbered, key=lambda item: bare(item[1]["ruc"] or "")):
            yield from _folded(list(rows), findings)
    except csv.Error as error:
        raise Refused("file.not_csv", line=reader.line_num) from error


def _folded(rows: list[tuple[int, dict[str, str]]], findings: Findings) -> Iterator[Record]:
    """Neighbouring rows of one RUC as one employer."""
    line, first = rows[0]
    many = [row for _, row in rows]
    table = {
        "ruc": first["ruc"], "kind": first.get("kind") or "unknown", "name": first.get("name") or "",
        "key": first.get("key") or "unknown", "as_of": first.get("as_of") or None,
        "branches": [{"number": r["branch"], "name": r.get("branch_name") or ""} for r in many if r.get("branch")],
        "representatives": [
            {"identification": r["identification"], "name": r.get("person_name") or "", "mode": r.get("mode") or "alone",
             "state": r.get("person_state") or "current", "through": r.get("through") or ""}
            for r in many if r.get("identification")
        ],
        "contacts": [
            {"kind": kind, "value": r[kind], "state": (r.get("email_state") if kind == "email" else "") or "on_record",
             "as_of": (r.get("email_as_of") if kind == "email" else None) or None}
            for r in many for kind in ("email", "mobile", "landline", "postal") if r.get(kind)
        ],
        "facts": {name: {"value": first[name]} for name in FACTS if first.get(name)},
    }  # fmt: skip
    try:
        if any(None in row for row in many):
            raise Refused("employers.too_many_columns")
        yield _record(table, line)
    except Refused as refused:
        findings.add(refused.code, line)


def _record(table: Any, line: int) -> Record:
    if not isinstance(table, dict):
        raise Refused("employers.not_an_object")
    number = employer_ruc(_text(table, "ruc"))
    return Record(
        line,
        number,
        _one_of(
            table, "kind", KINDS, "domestic" if number.endswith(DOMESTIC_SUFFIX) else "unknown"
        ),
        _text(table, "name"),
        _one_of(table, "key", KEY_STATES, "unknown"),
        _day(table.get("as_of")),
        tuple({_branch(item) for item in _list(table, "branches")} or {(DOMESTIC_BRANCH, "")}),
        tuple(
            {
                person.identification: person
                for person in map(_person, _list(table, "representatives"))
            }.values()
        ),
        tuple({(a.kind, a.value): a for a in map(_address, _list(table, "contacts"))}.values()),
        tuple(_facts(table.get("facts") or {})),
    )


def employer_ruc(text: str) -> str:
    """A RUC in normal form, or a domestic number. What the register holds is taken whatever its check digit (A11).

    Raises what `ruc.parse` raises, with its details.
    """
    found = bare(text).upper()
    if found.endswith(DOMESTIC_SUFFIX) and found.isalnum() and 7 <= len(found) <= 23:
        return found
    reading = ruc.read(text)
    if reading.ok and reading.value:
        return reading.value
    if len(found) == ruc.LENGTH and found.isascii() and found.isdigit():
        return found
    return ruc.parse(text).value


def person_id(text: str) -> str:
    """A cédula or foreigner's code as the register holds it."""
    return foreign_id.parse(text).value


def _person(item: Any) -> Person:
    return Person(
        person_id(_text(item, "identification")),
        _text(item, "name"),
        _one_of(item, "mode", MODES, "alone"),
        _one_of(item, "state", ("current", "ended"), "current"),
        _text(item, "through"),
    )


def _branch(item: Any) -> tuple[str, str]:
    return sucursal.parse(_text(item, "number")).value, _text(item, "name")


def _address(item: Any) -> Address:
    kind = _one_of(item, "kind", ("email", "mobile", "landline", "postal"), "")
    parsed = _READERS.get(kind, _phone)(_text(item, "value"))
    return Address(
        kind, parsed, _one_of(item, "state", IMPORTED_STATES, "on_record"), _day(item.get("as_of"))
    )


def _phone(text: str) -> str:
    return phone.parse(text).value


def _postal(text: str) -> str:
    """Where a letter goes, in one line, as the register has it."""
    if not text or len(text) > 300 or not text.isprintable():
        raise Refused("employers.postal")
    return text


_READERS = {"email": lambda text: email.parse(text).value, "postal": _postal}


def _facts(table: Any) -> Iterator[tuple[str, str, date | None]]:
    for name, item in table.items() if isinstance(table, dict) else ():
        if name not in FACTS:
            raise Refused("employers.fact")
        value = item.get("value") if isinstance(item, dict) else item
        yield name, str(value), _day(item.get("as_of")) if isinstance(item, dict) else None


def _text(item: Any, name: str) -> str:
    value = item.get(name, "") if isinstance(item, dict) else ""
    if not isinstance(value, str) or len(value) > 1000:
        raise Refused("employers.text")
    return value.strip()


def _list(item: dict[str, Any], name: str) -> list[Any]:
    value = item.get(name) or []
    if not isinstance(value, list):
        raise Refused("employers.list")
    return value


def _one_of(item: Any, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = _text(item, name) or default
    if value not in allowed:
        raise Refused(f"employers.{name}")
    return value


def _day(text: Any) -> date | None:
    if text in (None, ""):
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise Refused("employers.date") from None
