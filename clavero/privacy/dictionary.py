"""What every column is for, on what basis, and how long it is kept (S-128): `dictionary.toml`, read and checked."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("dictionary.toml")


@dataclass(frozen=True)
class Keeps:
    """How long something is kept. `by` names the function that forgets it; `period` its name in the profile."""

    says: str
    by: str
    period: str = ""


@dataclass(frozen=True)
class Column:
    """One column: what sort of datum it is and what it is for; `keeps` is its table's unless it has its own."""

    name: str
    kind: str
    purpose: str
    keeps: str


@dataclass(frozen=True)
class Table:
    """One table with the legal basis of all of it, and its columns."""

    name: str
    basis: str
    keeps: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Dictionary:
    """Sorts of data, bases and periods by short name, and the tables in the order of the file."""

    classes: dict[str, str]
    bases: dict[str, str]
    keeps: dict[str, Keeps]
    tables: tuple[Table, ...]


@cache
def read() -> Dictionary:
    """The shipped dictionary. Raises `ValueError` where a line has no purpose or names what is not there."""
    return parse(SOURCE.read_text(encoding="utf-8"))


def parse(text: str) -> Dictionary:
    """A dictionary from its TOML. Raises `ValueError`."""
    raw = tomllib.loads(text)
    keeps = {name: Keeps(**held) for name, held in raw["keeps"].items()}
    tables = tuple(_table(name, held) for name, held in raw["tables"].items())
    found = Dictionary(raw["classes"], raw["bases"], keeps, tables)
    for problem in _problems(found):
        raise ValueError(problem)
    return found


def _table(name: str, held: dict[str, Any]) -> Table:
    columns = (_column(column, says, held["keeps"]) for column, says in held["columns"].items())
    return Table(name, held["basis"], held["keeps"], tuple(columns))


def _column(name: str, text: str, keeps: str) -> Column:
    says, _, own = text.partition(" @ ")
    kind, _, purpose = says.partition(":")
    return Column(name, kind, purpose.strip(), own or keeps)


def _problems(found: Dictionary) -> Iterator[str]:
    for table in found.tables:
        if table.basis not in found.bases:
            yield f"{table.name}: no basis {table.basis!r}"
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            if not column.purpose:
                yield f"{place}: no purpose"
            if column.kind not in found.classes:
                yield f"{place}: no class {column.kind!r}"
            if column.keeps not in found.keeps:
                yield f"{place}: no period {column.keeps!r}"
