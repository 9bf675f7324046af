"""A whole list: looked through once, then judged row by row, in order, none dropped. Streams; no Django.

The first pass counts and gathers what one row cannot know: repeated employers, addresses of many, the
RUCs to ask for. The second reads, asks the register by the thousand, and judges each *case* once.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from clavero.core import columns, formulas, names, sheet
from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Reading, bare, without_float
from clavero.core.sheet import Case, Cells, Plan, Row, Verdict
from clavero.precheck.compact import Parts, key_of
from clavero.precheck.domains import Domains
from clavero.precheck.files import STANDARD, Limits, Record, Source, every, records
from clavero.precheck.former import Former
from clavero.precheck.registers import NOBODY, Register, State

BATCH = 16_384
_BRANCHES = 10_000
_SPREAD = 1000 * _BRANCHES
_NOWHERE = 1 << 30
_MAIL_BITS = (1 << 42) - 1
NEEDS_NOTHING = 6000
"""From this urgency on a row needs nothing (`core.sheet.Verdict.order`)."""
HEADER_AGAIN = Row(None, None, None, None, (), Case(faults=("row.header_again",)))
Tick = Callable[[int, int], None]
"""Told (rows done, rows in all) now and then."""


class Note(NamedTuple):
    """Something about one row that stops nobody: a code, the column, the row that it repeats."""

    code: str
    column: str = ""
    of: int = 0


@dataclass
class Judgement:
    """The verdict on a case, and how many rows got it."""

    verdict: Verdict
    state: str
    notes: tuple[Note, ...] = ()
    count: int = 0
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Judged:
    """One row of the list with everything that is said of it. `row` is read when somebody asks: most rows are plain.

    `silent`: nothing was found in it, and nobody has to be called.
    """

    __slots__ = (
        "_row",
        "cells",
        "change",
        "judgement",
        "notes",
        "number",
        "picked",
        "silent",
        "state",
        "sucursal",
    )

    def __init__(
        self, number: int, cells: list[str], picked: Cells, row: Row | None, sucursal: Reading | None,
        state: State, judgement: Judgement, notes: tuple[Note, ...], silent: bool = False,
    ) -> None:  # fmt: skip
        self.number, self.cells, self.picked = number, cells, picked
        self._row = row
        self.sucursal = sucursal
        self.state = state
        self.judgement = judgement
        self.notes = notes
        self.silent = silent
        self.change = ""

    @property
    def is_plain(self) -> bool:
        """Whether person and RUC stand in the list as they should, so that only the sucursal may have been completed."""
        return self._row is None

    @property
    def row(self) -> Row:
        if self._row is None:
            self._row = sheet.read(Cells._make(self.picked))
        return self._row

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict


@dataclass
class Survey:
    """What the first pass found. `repeated`: employers that stand in several rows, each with the first of them that was
    judged (0 before); `crowded`: addresses of many."""

    total: int = 0
    rows: Parts = field(default_factory=Parts)
    repeated: dict[int, int] = field(default_factory=dict)
    crowded: set[int] = field(default_factory=set)

    def rucs(self) -> Iterator[int]:
        """Every number that may be a RUC of the list, some more than once."""
        for part in self.rows:
            yield from (key // _BRANCHES for key in part if key < 10**17)


# --- the first pass -------------------------------------------------------------------------------


def survey(source: Source, plan: Plan, limits: Limits = STANDARD) -> Survey:
    """Look through the list. Sets the source's `width` and `last`. Raises `Refused`: sheet.no_rows, .too_many_rows,
    .quote_open, .cell_too_long, .too_many_columns."""
    found, mail = Survey(), Parts()
    head, at_email = source.header.last, source.header.at.get("email", -1)
    identity, rows = _identity(source), found.rows
    at_ruc = source.header.at.get("ruc", _NOWHERE)
    at_branch = source.header.at.get("branch", _NOWHERE)
    both = max(at_ruc, at_branch)
    width, last, total, furthest = len(source.header.names), 0, 0, head + limits.span
    for number, cells in every(source):
        if number <= head or not cells or (not cells[0] and _is_blank(cells)):
            continue
        last, total = number, total + 1
        if len(cells) > width:
            columns.refuse_many(number, cells)
            width = len(cells)
        if (
            both < len(cells)
            and (ruc := cells[at_ruc]).isdecimal()
            and len(ruc) <= 13
            and (branch := cells[at_branch]).isdecimal()
            and len(branch) <= 4
        ):
            key = int(ruc) * _BRANCHES + int(branch)  # what `identity` says, without the call
        else:
            key = identity(cells)
        rows[key // _SPREAD & 63].append(key)
        if -1 < at_email < len(cells) and "@" in (text := cells[at_email]):
            address = hash(text.strip().casefold()) & _MAIL_BITS  # _mail_key, without the call
            mail[address & 63].append(address << 20 | key // _BRANCHES & 0xFFFFF)
        if total > limits.rows or number > furthest:
            most = limits.rows if total > limits.rows else limits.span
            raise Refused("sheet.too_many_rows", most=most)
    if not total:
        raise Refused("sheet.no_rows")
    source.width, source.last, found.total = width, last, total
    found.repeated = dict.fromkeys(rows.repeated() - {0}, 0)
    found.crowded = _crowded(mail, plan.shared_from)
    return found


def _crowded(mail: Parts, least: int) -> set[int]:
    """The addresses that stand for at least so many employers."""
    found = set()
    for part in mail:
        addresses = [key >> 20 for key in set(part)]
        if len(addresses) - len(set(addresses)) < least - 1:
            continue
        times = Counter(addresses)
        found |= {address for address, employers in times.items() if employers >= least}
    return found


def _is_blank(cells: Sequence[str]) -> bool:
    """Whether nothing but white space is written."""
    return not any(map(str.strip, cells))


def _identity(source: Source) -> Callable[[Sequence[str]], int]:
    """How a row's employer is told before anything is read: RUC and sucursal as one number; 0 where there is neither."""
    at = source.header.at
    at_ruc, at_branch, at_person = (
        at.get(name, _NOWHERE) for name in ("ruc", "branch", "identification")
    )

    def identity(cells: Sequence[str]) -> int:
        try:
            ruc, branch = cells[at_ruc], cells[at_branch]
            if ruc.isdecimal() and branch.isdecimal() and len(ruc) <= 13 and len(branch) <= 4:
                return int(ruc) * _BRANCHES + int(branch)
        except IndexError:
            pass
        size = len(cells)
        number = (_number(cells[at_ruc]) if at_ruc < size else 0) or (
            _number(cells[at_person]) if at_person < size else 0
        )
        branches = _number(cells[at_branch]) % _BRANCHES if number and at_branch < size else 0
        return number * _BRANCHES + branches

    return identity


def _number(text: str) -> int:
    """A number for what is written: the same with and without a lost zero, hyphens or a decimal."""
    if text.isdecimal() and len(text) <= 13:
        return int(text)
    text = bare(without_float(text) or text).upper()
    if text.isdecimal() and len(text) <= 13:
        return int(text)
    return key_of(text, bits=44) if text else 0


def _mail_key(text: str) -> int:
    return hash(text.strip().casefold()) & _MAIL_BITS


# --- the second pass ------------------------------------------------------------------------------


@dataclass
class Run:
    """Everything by which one list is judged, and what came of it."""

    source: Source
    plan: Plan
    register: Register
    found: Survey
    former: Former | None = None
    domains: Domains | None = None
    judgements: dict[tuple[Case, str, bool, bool], Judgement] = field(default_factory=dict)


def prepare(
    source: Source, plan: Plan, register: Register, *,
    limits: Limits = STANDARD, former: Former | None = None, domains: Domains | None = None,
) -> Run:  # fmt: skip
    """Look through the list and tell the register what it needs. Raises what `survey` and the register raise."""
    with _uncollected():
        found = survey(source, plan, limits)
    register.prepare(found.rucs(), names="name" in source.header.at)
    found.rows.clear()  # nobody asks for them again
    return Run(source, plan, register, found, former, domains)


def check(run: Run, tick: Tick | None = None) -> Iterator[Judged]:
    """Every row of the list, judged, in order."""
    rows, done = records(run.source), 0
    road = _Road(run)
    with _uncollected():
        while batch := list(islice(rows, BATCH)):
            yield from road.judged(batch)
            done += len(batch)
            if tick:
                tick(done, run.found.total)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the search for cycles: rows hold none, and looking for some takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


Shared = tuple[Judgement, tuple[Case, Reading | None], Reading | None, int, bool]
"""What equal rows share: the judgement, what `sheet.plain` said, the sucursal and its number, whether all is silent."""


class _Road:
    """The way of a batch through one run: read all, ask once, judge each."""

    def __init__(self, run: Run) -> None:
        self.run = run
        at = run.source.header.at
        self.pick = itemgetter(*(at.get(name, run.source.width) for name in Cells._fields))
        self.identity = _identity(run.source)
        self.texts = _texts(run.source)
        self.named = len(run.source.header.names)
        self.at_name = at.get("name", 0)
        self.held: dict[tuple[int, str], Shared] = {}

    def judged(self, batch: list[Record]) -> Iterator[Judged]:
        pick, plain = self.pick, sheet.plain
        picked = [pick([*cells, None]) for _, cells in batch]
        read = [plain(each) for each in picked]
        long = {
            at: self.read(batch[at][1], picked[at]) for at, each in enumerate(read) if each is None
        }
        numbers = [
            0 if short is None else int(each[1]) for each, short in zip(picked, read, strict=True)
        ]
        asked = [number for number in numbers if number]
        asked += [int(row.ruc.value or 0) for row in long.values() if _is_asked(row.ruc)]  # type: ignore[union-attr]
        find = self.run.register.look_up(asked).get
        is_quiet, unknown, at_name = self.is_quiet(batch), self.run.register.unknown, self.at_name
        held, repeated = self.held.get, self.run.found.repeated
        for at, (number, cells) in enumerate(batch):
            each, short = picked[at], read[at]
            if short is None:
                yield self.long(number, cells, each, long[at], find)
                continue
            state = find(numbers[at], unknown)
            if not is_quiet or state is unknown or (state.name and state.name != cells[at_name]):
                yield self.plain(number, cells, each, short, state)
                continue
            # What `sheet.plain` gives is the same object for equal rows: found by that.
            shared = held((id(short), state.value)) or self.hold(short, state)
            judgement, _, sucursal, branch, silent = shared
            judgement.count += 1
            notes = judgement.notes
            if repeated and (key := numbers[at] * _BRANCHES + branch) in repeated:
                notes += self.repeated(number, key)
            yield Judged(
                number, cells, each, None, sucursal, state, judgement, notes, silent and not notes
            )

    def is_quiet(self, batch: list[Record]) -> bool:
        """Whether nothing but the numbers themselves can say anything about the plain rows of a batch."""
        found, source = self.run.found, self.run.source
        if (
            found.crowded
            or self.run.domains
            or self.run.former
            or source.marks
            or source.width > self.named
        ):
            return False
        texts = "|" + "|".join([cells[at] for _, cells in batch for at in self.texts])
        return texts.isprintable() and not formulas.may_stand_in(texts)

    def read(self, cells: list[str], picked: Cells) -> Row:
        """A row that is not plain."""
        if _is_blank(cells):
            return sheet.EMPTY
        row = sheet.read(Cells._make(picked))
        if row.ruc is not None and not row.ruc.ok and columns.known(cells) > 2:
            return HEADER_AGAIN
        return row

    def hold(self, short: tuple[Case, Reading | None], state: State) -> Shared:
        """Keep what equal rows of this batch and the next ones share; `short` too, so that nothing else gets its id."""
        judgement, sucursal = self.judgement(short[0], state.value, False, False), short[1]
        judgement.count -= 1
        says = bool(judgement.verdict.reasons) or judgement.verdict.order < NEEDS_NOTHING
        repaired = sucursal is not None and bool(sucursal.repairs)
        branch = int((sucursal and sucursal.value) or 0)
        shared = judgement, short, sucursal, branch, not (says or repaired)
        self.held[id(short), state.value] = shared
        return shared

    def plain(
        self,
        number: int,
        cells: list[str],
        picked: Cells,
        short: tuple[Case, Reading | None],
        state: State,
    ) -> Judged:
        case, sucursal = short
        shared, dead = self.mail(picked[4])
        judgement = self.judgement(case, state.value, shared, dead)
        notes = judgement.notes + self.repeated(number, self.identity(cells))
        notes += self.known_elsewhere(cells, state, shared) + self.strange(
            number, cells, self.texts
        )
        return self.done(Judged(number, cells, picked, None, sucursal, state, judgement, notes))

    def long(
        self,
        number: int,
        cells: list[str],
        picked: Cells,
        row: Row,
        find: Callable[[int, State], State],
    ) -> Judged:
        is_asked = row.ruc is not None and _is_asked(row.ruc)
        state = find(int(row.ruc.value or 0), self.run.register.unknown) if is_asked else NOBODY  # type: ignore[union-attr]
        shared, dead = self.mail(row.email.given if row.email and row.email.value else None)
        judgement = self.judgement(row.case, state.value, shared, dead)
        notes = judgement.notes + self.repeated(number, self.identity(cells))
        notes += self.known_elsewhere(cells, state, shared) + self.strange(
            number, cells, range(len(cells))
        )
        return self.done(Judged(number, cells, picked, row, row.sucursal, state, judgement, notes))

    def done(self, judged: Judged) -> Judged:
        if self.run.former:
            judged.change = self.run.former.change(judged.row, judged.judgement.verdict)
        return judged

    def mail(self, address: str | None) -> tuple[bool, bool]:
        """Whether an address stands for many, and whether its domain takes no mail."""
        run = self.run
        if not address or not (run.found.crowded or run.domains):
            return False, False
        shared = _mail_key(address) in run.found.crowded
        domain = address.strip().rpartition("@")[2].lower()
        return shared, run.domains is not None and run.domains.takes_mail(domain) is False

    def judgement(self, case: Case, state: str, shared: bool, dead: bool) -> Judgement:
        """The judgement of a case: made once, then counted."""
        key = (case, state, shared, dead)
        found = self.run.judgements.get(key)
        if found is None:
            verdict = sheet.judge(case, state, self.run.plan, shared=shared, dead=dead)
            found = self.run.judgements[key] = Judgement(
                verdict, state, tuple(map(Note, case.notes))
            )
        found.count += 1
        return found

    def repeated(self, number: int, key: int) -> tuple[Note, ...]:
        """That an employer stood in an earlier row."""
        repeated = self.run.found.repeated
        if key not in repeated:
            return ()
        first = repeated[key] or number
        repeated[key] = first
        return (Note("row.duplicate", of=first),) if first != number else ()

    def known_elsewhere(self, cells: list[str], state: State, shared: bool) -> tuple[Note, ...]:
        """What the register and the other rows add."""
        found = [Note("email.shared")] if shared else []
        if state.source and state.value == "unknown":
            found.append(Note("ruc.not_in_register"))
        if state.name and _is_other(cells[self.at_name], state.name):
            found.append(Note("name.other_in_register", _column(self.run.source, self.at_name)))
        return tuple(found)

    def strange(self, number: int, cells: list[str], places: Sequence[int]) -> tuple[Note, ...]:
        """Cells with what no list should hold: characters that cannot be seen, formulas; more cells than names."""
        source, found = self.run.source, []
        joined = "|" + "|".join([cells[at] for at in places])
        if formulas.may_stand_in(joined):
            found += [
                Note("cell.formula", _column(source, at))
                for at in places
                if formulas.is_formula(cells[at])
            ]
        if not joined.isprintable():
            found += [
                Note("cell.control", _column(source, at))
                for at in places
                if _has_controls(cells[at])
            ]
        if source.marks and number in source.marks:
            found += [Note(code, _column(source, at)) for code, at in source.marks[number]]
        if len(cells) > self.named and any(cells[self.named :]):
            found.append(Note("row.too_many_cells"))
        return tuple(found)


def _is_asked(ruc: Reading | None) -> bool:
    return ruc is not None and ruc.ok and ruc.kind == "ruc"


_LOOKED_AT = ("identification", "ruc", "branch", "email", "domestic", "phone", "key", "situation")


def _texts(source: Source) -> list[int]:
    """The columns of a plain row that may hold anything: the others were looked at already."""
    known = {source.header.at.get(name) for name in _LOOKED_AT}
    return [at for at in range(source.width) if at not in known]


def _is_other(written: str, registered: str) -> bool:
    """Whether the SRI knows another name under a society's RUC: perhaps the row of another client."""
    return bool(written.strip()) and not names.same(written, registered)


def _has_controls(cell: str) -> bool:
    return any(char < " " and char not in "\t\r\n" for char in cell) or "\x7f" in cell


def _column(source: Source, at: int) -> str:
    """A column as people find it: its name, or its letter where it has none."""
    return (source.names[at] if at < source.width else "") or columns.letter(at)
