"""Where the state of a RUC comes from: the SRI's files, a database of this program, or nowhere. No Django.

Each is asked for thousands at once. What is not found is "unknown", with the date of the copy, never "active".
"""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from clavero import environment
from clavero.catastro import files as sri
from clavero.core.errors import Refused
from clavero.precheck.compact import Pile

SOURCE = "catastro"
STATES = {1: "active", 2: "suspended", 3: "closed"}


class State(NamedTuple):
    """What a register says of a RUC, and the date of the copy that says it. `name` is a society's."""

    value: str
    as_of: date | None
    source: str | None = SOURCE
    name: str = ""


NOBODY = State("unknown", None, None)
"""No register was asked."""


class Register(Protocol):
    """`prepare` hears all RUCs of the list before the first question, and whether names matter; `unknown` is the
    answer for who is not found; `oldest` the date of the oldest copy that was asked."""

    unknown: State
    oldest: date | None

    def prepare(self, rucs: Iterable[int], names: bool) -> None: ...

    def look_up(self, rucs: Iterable[int]) -> dict[int, State]: ...


class Nothing:
    """No register: every state is unknown."""

    unknown = NOBODY
    oldest: date | None = None

    def prepare(self, rucs: Iterable[int], names: bool) -> None:
        return

    def look_up(self, rucs: Iterable[int]) -> dict[int, State]:
        return {}


class Database:
    """A copy that `clavero catastro import` made. `ask` runs a statement whose `{many}` stands for a list of numbers."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.live = {
            pk: _day(as_of)
            for pk, as_of in ask("SELECT id, as_of FROM catastro_snapshot WHERE live", None)
        }
        newest = max((day for day in self.live.values() if day), default=None)
        self.unknown = State("unknown", newest)
        self.oldest = min((day for day in self.live.values() if day), default=None)
        self.name = "''"

    def prepare(self, rucs: Iterable[int], names: bool) -> None:
        self.name = "name" if names else "''"

    def look_up(self, rucs: Iterable[int]) -> dict[int, State]:
        """Where two provinces hold a RUC, the newer copy decides: it comes last."""
        numbers = sorted(set(rucs))
        if not numbers:
            return {}
        statement = (
            f"SELECT ruc, status, snapshot_id, {self.name} FROM catastro_ruc WHERE ruc {{many}}"  # noqa: S608 (no input)
        )
        rows = self.ask(statement, numbers)
        if len(self.live) > 1:
            rows = sorted(
                (row for row in rows if row[2] in self.live),
                key=lambda row: self.live[row[2]] or date.min,
            )
        states = {
            (status, pk): State(value, day)
            for status, value in STATES.items()
            for pk, day in self.live.items()
        }
        return {
            ruc: states[status, pk]
            if not name
            else State(STATES[status], self.live[pk], SOURCE, name)
            for ruc, status, pk, name in rows
            if pk in self.live
        }


class Files:
    """The SRI's own files, read once for the RUCs of the list. Kept as numbers: a million take sixteen megabytes."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = list(paths)
        self.unknown = NOBODY
        self.oldest: date | None = None
        self.found = Pile(payload=9)
        self.dates: list[date | None] = []
        self.named: dict[int, str] = {}

    def prepare(self, rucs: Iterable[int], names: bool) -> None:
        passes = sri.sieve(rucs)
        for place, path in enumerate(self.paths):
            report = sri.Report()
            for ruc, state, name in sri.sifted(path, passes, report):
                self.found.add(ruc, place % 128 << 2 | state)
                if name and names:
                    self.named[ruc] = name
            self.dates.append(_day(report.as_of))
        self.found.seal()
        self.unknown = State("unknown", max(filter(None, self.dates), default=None))
        self.oldest = min(filter(None, self.dates), default=None)

    def look_up(self, rucs: Iterable[int]) -> dict[int, State]:
        found = {}
        for ruc in rucs:
            held = self.found.held(ruc)
            if held is not None:
                state, as_of = STATES[held & 3], self.dates[held >> 2]
                found[ruc] = State(state, as_of, SOURCE, self.named.get(ruc, ""))
        return found


def _day(value: Any) -> date | None:
    """A date as either database gives it."""
    if isinstance(value, date) or not value:
        return value or None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def opened(where: Sequence[str]) -> Register:
    """The register that these names mean: SRI files (CSV, ZIP, a folder of them), an SQLite file, a database's URL.

    Raises `Refused`: sheet.catastro, sheet.catastro_address, sheet.not_found, sheet.no_postgres; what the SRI's files lack when they are read.
    """
    if not where:
        return Nothing()
    if len(where) == 1 and "://" in where[0]:
        return _by_url(where[0])
    if len(where) == 1 and _is_sqlite(Path(where[0])):
        return _sqlite(where[0])
    return Files([path for name in where for path in _sri_files(Path(name))])


def _sri_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(
            each for each in path.iterdir() if each.suffix.lower() in (".csv", ".zip", ".txt")
        )
    if not path.exists():
        raise Refused("sheet.not_found")
    return [path]


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\x00"
    except OSError:
        return False


def _by_url(url: str) -> Register:
    try:
        base = environment.database(url, "--catastro")
    except environment.BadSetting as refused:
        raise Refused("sheet.catastro_address", why=str(refused)) from None
    return _sqlite(base.name) if base.is_sqlite else _postgres(base)


def _sqlite(name: str) -> Register:
    connection = sqlite3.connect(
        f"{Path(name).resolve().as_uri()}?mode=ro",
        uri=True,
        check_same_thread=False,
        cached_statements=0,  # each batch asks for another number of RUCs: kept, a statement takes megabytes
    )

    def ask(statement: str, numbers: list[int] | None) -> list[Any]:
        many = f"IN ({','.join('?' * len(numbers or ()))})"
        return connection.execute(statement.replace("{many}", many), numbers or []).fetchall()

    try:
        return Database(ask)
    except sqlite3.DatabaseError:
        connection.close()
        raise Refused("sheet.catastro") from None


def _postgres(base: environment.Database) -> Register:
    try:
        import psycopg
    except ImportError:
        raise Refused("sheet.no_postgres") from None
    try:
        connection = psycopg.connect(
            dbname=base.name, host=base.host or None, port=base.port or None, user=base.user or None,
            password=base.password or None, autocommit=True, **({"connect_timeout": 10} | dict(base.options)),  # type: ignore[arg-type]
        )  # fmt: skip

        def ask(statement: str, numbers: list[int] | None) -> list[Any]:
            with closing(connection.cursor()) as cursor:
                cursor.execute(
                    statement.replace("{many}", "= ANY(%s)"), [numbers] if numbers else None
                )
                return cursor.fetchall()

        return Database(ask)
    except psycopg.Error:
        raise Refused("sheet.catastro") from None
