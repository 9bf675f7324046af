"""Opening hours + closures + what is taken → free appointments; and where there is none, why.

Instants are whole minutes since 1970 in UTC. A day of a counter is an integer whose bit `n` is the cell
`base + n × grain`, so that "free" is a few operations on integers. Hours are local to the centre: on a day
with a change of clocks the cells are real minutes, none twice and none missing (G17). Rules: FEATURES G,
ATTACKS 26, 27; shares and lengths are the profile's `[appointments]`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clavero.core.errors import Refused
from clavero.core.names import unaccented
from clavero.core.profile import Appointments, Service
from clavero.core.workdays import Calendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
Span = tuple[int, int]
Hours = tuple[tuple[Span, ...], ...]
"""Seven weekdays, each a row of opening times in local minutes."""

FULL, CLOSED, TOO_EARLY, INACTIVE = "full", "closed", "too_early", "inactive"
"""The four reasons of *no slot*."""
OPEN, TOMORROW, TODAY, WALK_IN = "open", "tomorrow", "today", "walk_in"
"""Whom a block of the day is for: everybody, who books the day before, who books that day, who just comes."""


@dataclass(frozen=True)
class Site:
    """A centre as the rules see it. `province` and `canton` are place keys."""

    zone: str
    hours: Hours
    province: str = ""
    canton: str = ""
    active: bool = True


@dataclass(frozen=True)
class Closing:
    """Part of one day, in local minutes, on which a place is closed, or (`opens`) open in spite of a holiday."""

    day: date
    first: int = 0
    last: int = DAY
    reason: str = "closure"
    opens: bool = False


@dataclass(frozen=True)
class Slot:
    """A time one can have, and the counters that are free then."""

    at: int
    counters: tuple[int, ...]


@dataclass(frozen=True)
class None_:
    """Why a day has no slot. `because` details *closed* (weekday, holiday:CODE, local:CODE, a closure's reason, over);
    `opens_at` is when *too early* ends."""

    reason: str
    because: str = ""
    opens_at: int = 0


@dataclass(frozen=True)
class Grid:
    """One open day: bit `n` of `mask` is the cell that begins at `base + n × grain`; `spans` are in cells."""

    base: int = 0
    mask: int = 0
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Shares:
    """Per cent of each counter's day that is kept for whom; the rest is open to everybody."""

    walk_in: int = 0
    today: int = 0
    tomorrow: int = 0


@dataclass(frozen=True)
class Ask:
    """What is looked for: `minutes` long, at this instant, on this local day of the centre.

    `extra` are shares that are open to this one in any case: whose day was closed is not made to wait again.
    """

    minutes: int
    now: int
    day: date
    today: date
    rules: Appointments
    extra: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Day:
    """A day of a centre: its grid, its counters (row id, number), and per row id the taken cells as bits of the grid."""

    grid: Grid
    counters: tuple[tuple[int, int], ...] = ()
    taken: Mapping[int, int] = field(default_factory=dict)


# --- instants -----------------------------------------------------------------------------------------


def minute(instant: datetime) -> int:
    """Whole minutes since 1970 of an instant that knows its zone."""
    return int(instant.timestamp() // 60)


def instant(at: int) -> datetime:
    """The instant of a minute, in UTC."""
    return datetime.fromtimestamp(at * 60, UTC)


def local(at: int, zone: str) -> datetime:
    """A minute as the clock of the centre shows it."""
    return instant(at).astimezone(ZoneInfo(zone))


def _wall(day: date, minutes: int, zone: str, *, last: bool = False) -> int:
    """The minute at which the wall clock shows `minutes` of `day`. `last`: the second time, where it shows it twice."""
    days, rest = divmod(minutes, DAY)
    there = datetime.combine(day + timedelta(days=days), clock_time(rest // 60, rest % 60))
    return minute(there.replace(tzinfo=ZoneInfo(zone), fold=int(last)))


# --- hours --------------------------------------------------------------------------------------------


def parse_hours(table: object) -> Hours:
    """`{"mon": [["08:00", "16:30"]], …}` as hours; days without a name are closed. Raises `Refused("centre.hours")`."""
    if not isinstance(table, dict) or not set(table) <= set(WEEKDAYS):
        raise Refused("centre.hours")
    return tuple(_spans(table.get(name, [])) for name in WEEKDAYS)


def _spans(rows: object) -> tuple[Span, ...]:
    if not isinstance(rows, list) or not all(isinstance(r, list) and len(r) == 2 for r in rows):
        raise Refused("centre.hours")
    found = tuple((_minutes(first), _minutes(last)) for first, last in rows)
    ends = [end for span in found for end in span]
    if any(first >= last for first, last in found) or ends != sorted(ends):
        raise Refused("centre.hours")
    return found


def _minutes(text: object) -> int:
    hour, colon, rest = str(text).partition(":")
    digits = hour.isdecimal() and rest.isdecimal()
    if not (colon and digits and len(hour) <= 2 and len(rest) == 2):
        raise Refused("centre.hours")
    found = int(hour) * 60 + int(rest)
    if int(rest) > 59 or found > DAY:
        raise Refused("centre.hours")
    return found


def parse_zone(text: str) -> str:
    """The name of a time zone. Raises `Refused("centre.zone")`."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused("centre.zone") from None


def place_key(name: str) -> str:
    """How a province or canton is compared: without accents, in lower case."""
    return " ".join(unaccented(name).casefold().replace("_", " ").split())


# --- a day --------------------------------------------------------------------------------------------


def why_closed(site: Site, day: date, closings: Sequence[Closing], calendar: Calendar) -> str:
    """Why a centre does not open on `day`: weekday, holiday:CODE, local:CODE, a closure's reason; "" where it opens."""
    todays = [one for one in closings if one.day == day]
    opens = any(one.opens for one in todays)
    holiday = calendar.days.get(day)
    own = calendar.local.get(site.canton, {}).get(day)
    if (holiday or own) and not opens:
        return f"holiday:{holiday}" if holiday else f"local:{own}"
    if not (site.hours[day.weekday()] or opens):
        return "weekday"
    if open_spans(site, day, todays):
        return ""
    return next((one.reason for one in todays if not one.opens), "weekday")


def open_spans(site: Site, day: date, closings: Sequence[Closing]) -> tuple[Span, ...]:
    """The opening times of `day` in local minutes, without what closures take and with what exceptions add."""
    todays = [one for one in closings if one.day == day]
    spans = list(site.hours[day.weekday()])
    if not spans:
        spans = [(one.first, one.last) for one in todays if one.opens]
    for one in todays:
        if not one.opens:
            spans = [part for span in spans for part in _without(span, one.first, one.last)]
    return tuple(spans)


def _without(span: Span, first: int, last: int) -> Iterator[Span]:
    start, end = span
    if start < min(end, first):
        yield start, min(end, first)
    if max(start, last) < end:
        yield max(start, last), end


def grid(
    site: Site, day: date, closings: Sequence[Closing], calendar: Calendar, grain: int
) -> Grid:
    """The open cells of one day; none where the centre is closed."""
    if why_closed(site, day, closings, calendar):
        return Grid()
    return _grid(site.zone, day, open_spans(site, day, closings), grain)


@lru_cache(maxsize=16384)
def _grid(zone: str, day: date, spans: tuple[Span, ...], grain: int) -> Grid:
    base = _wall(day, 0, zone)
    cells, mask = [], 0
    for first, last in spans:
        start = -(-(_wall(day, first, zone) - base) // grain)
        end = (_wall(day, last, zone, last=True) - base) // grain
        cells.append((start, end))
        mask |= _run(start, end)
    return Grid(base, mask, tuple(cells))


def _run(start: int, end: int) -> int:
    """Bits `start` up to but not `end`."""
    return (1 << max(end, start)) - (1 << start)


PIECE = 60
"""So many cells of a counter's time are one integer of a database."""


def joined(pieces: Mapping[int, int], day: Grid, grain: int) -> int:
    """Taken cells as bits of a day. Bit `n` of piece `p` is the cell in which minute `(p × PIECE + n) × grain` lies."""
    base, mask = day.base // grain, 0
    for piece in range(base // PIECE, (base + day.mask.bit_length()) // PIECE + 1):
        if bits := pieces.get(piece):
            ahead = piece * PIECE - base
            mask |= bits << ahead if ahead >= 0 else bits >> -ahead
    return mask


# --- shares of the day --------------------------------------------------------------------------------


def shares(rules: Appointments) -> Shares:
    """The shares that the profile keeps."""
    return Shares(rules.walk_in_percent, rules.today_percent, rules.tomorrow_percent)


_GOLDEN = 40503
"""65536 divided by the golden ratio: its multiples fall evenly into every interval."""


def kept_for(block: int, counter: int, day: date, kept: Shares) -> str:
    """Whom the `block`-th piece of a counter's day is for. Spread evenly over the day, other pieces each day."""
    place = (block + counter * 21 + day.toordinal() * 5) * _GOLDEN % 65536 * 100 // 65536
    for name, percent in ((WALK_IN, kept.walk_in), (TODAY, kept.today), (TOMORROW, kept.tomorrow)):
        if place < percent:
            return name
        place -= percent
    return OPEN


def _closed_to(ask: Ask) -> frozenset[str]:
    """The shares that may not be booked, or not yet."""
    ahead = (ask.day - ask.today).days
    shut = {WALK_IN} | ({TODAY} if ahead > 0 else set()) | ({TOMORROW} if ahead > 1 else set())
    return frozenset(shut - ask.extra)


@lru_cache(maxsize=32768)
def _kept_mask(
    spans: tuple[Span, ...], counter: int, day: date, kept: Shares, names: frozenset[str], cells: int
) -> int:  # fmt: skip
    """The cells of the blocks that are kept for `names`. A block is `cells` long, counted from each opening."""
    mask, block = 0, 0
    for start, end in spans:
        for first in range(start, end, cells):
            if kept_for(block, counter, day, kept) in names:
                mask |= _run(first, min(first + cells, end))
            block += 1
    return mask


def quota(day: Grid, counters: Sequence[tuple[int, int]], on: date, rules: Appointments) -> int:
    """How many people without an appointment a day has room for: its blocks that nobody can book."""
    cells = rules.block_minutes // rules.grain_minutes
    wanted = frozenset({WALK_IN})
    masks = [
        _kept_mask(day.spans, number, on, shares(rules), wanted, cells) for _, number in counters
    ]
    return sum(mask.bit_count() for mask in masks) // cells


# --- what is free ---------------------------------------------------------------------------------------


def free(day: Day, ask: Ask) -> tuple[Slot, ...]:
    """The times of a day at which `ask.minutes` can be booked, in order, each with its free counters."""
    if not day.grid.mask or not 0 <= (ask.day - ask.today).days <= ask.rules.horizon_days:
        return ()
    shut = _closed_to(ask)
    found: dict[int, list[int]] = {}
    for row, number in day.counters:
        for at in _starts(day, row, number, ask, shut):
            found.setdefault(at, []).append(row)
    return tuple(Slot(at, tuple(found[at])) for at in sorted(found))


def _starts(day: Day, row: int, number: int, ask: Ask, shut: frozenset[str]) -> Iterator[int]:
    grain, spans = ask.rules.grain_minutes, day.grid.spans
    block = ask.rules.block_minutes // grain
    kept = _kept_mask(spans, number, ask.day, shares(ask.rules), shut, block) if shut else 0
    open_ = day.grid.mask & ~kept & ~day.taken.get(row, 0)
    length = -(-ask.minutes // grain)
    first = max(0, -(-(ask.now + ask.rules.lead_minutes - day.grid.base) // grain))
    found = _runs_of(open_, length) & _aligned(spans, length) >> first << first
    while found:
        low = found & -found
        yield day.grid.base + (low.bit_length() - 1) * grain
        found ^= low


def _runs_of(mask: int, length: int) -> int:
    """The bits at which `length` bits in a row begin."""
    for _ in range(1, length):
        mask &= mask >> 1
    return mask


@lru_cache(maxsize=4096)
def _aligned(spans: tuple[Span, ...], length: int) -> int:
    """Every `length`-th cell of each opening: appointments follow one another without gaps."""
    mask = 0
    for start, end in spans:
        for first in range(start, end - length + 1, length):
            mask |= 1 << first
    return mask


def cells(at: int, minutes: int, grain: int) -> range:
    """The minutes at which the cells of an appointment begin."""
    return range(at, at + -(-minutes // grain) * grain, grain)


def covers(day: Grid, at: int, minutes: int, grain: int) -> bool:
    """Whether a day is open from `at` for so many minutes."""
    first = (at - day.base) // grain
    wanted = _run(first, first - (-minutes // grain)) if at >= day.base else -1
    return day.mask & wanted == wanted


def why_none(
    site: Site, day: Day, ask: Ask, closings: Sequence[Closing], calendar: Calendar
) -> None_ | None:
    """Which of the four it is, where `day` has no slot to book; None where it has one."""
    if not site.active:
        return None_(INACTIVE)
    if free(day, ask):
        return None
    if (ask.day - ask.today).days > ask.rules.horizon_days:
        opens = ask.day - timedelta(days=ask.rules.horizon_days)
        return None_(TOO_EARLY, opens_at=_wall(opens, 0, site.zone))
    closed = why_closed(site, ask.day, closings, calendar)
    if closed or _is_over(day, ask):
        return None_(CLOSED, closed or "over")
    return _kept_or_full(site, day, ask)


def _is_over(day: Day, ask: Ask) -> bool:
    """Whether nothing of that day could still be reached."""
    if ask.day < ask.today or not day.grid.spans:
        return True
    ends = day.grid.base + day.grid.spans[-1][1] * ask.rules.grain_minutes
    return ends - ask.minutes < ask.now + ask.rules.lead_minutes


def _kept_or_full(site: Site, day: Day, ask: Ask) -> None_:
    """Times that open the day before or on the day itself are *too early*; else there are none left."""
    for ahead in (1, 0):
        opens_on = ask.day - timedelta(days=ahead)
        if opens_on > ask.today:
            later = Ask(ask.minutes, ask.now, ask.day, opens_on, ask.rules)
            if free(day, later):
                return None_(TOO_EARLY, "kept", _wall(opens_on, 0, site.zone))
    return None_(FULL)


# --- order, services, giving back -----------------------------------------------------------------------


def nearness(
    site: Site, province: str, canton: str, neighbours: Mapping[str, Sequence[str]]
) -> int:
    """0 the same canton, 1 the same province, 2 a province beside it, 3 any other; 0 for all where none is asked."""
    if not province:
        return 0
    if site.province == province:
        return 0 if canton and site.canton == canton else 1
    return 2 if site.province in neighbours.get(province, ()) else 3


def service_for(situations: Iterable[str], services: Sequence[Service]) -> Service:
    """The service that these situations need: the longest of those that fit (G14)."""
    asked = {*situations, "*"}
    return max((one for one in services if asked & set(one.cases)), key=lambda one: one.minutes)


def reoffer_at(now: int, at: int, rules: Appointments, entropy: int) -> int:
    """When a slot that was given back is free again: late, at random, and before it is of no use (ATTACKS 27).

    `entropy` is a random number of at least 32 bits.
    """
    least, most = rules.reoffer_minutes_min, rules.reoffer_minutes_max
    span = min(most, max(0, (at - now) // 2))
    floor = min(least, span)
    return now + floor + entropy % (span - floor + 1)


def confirm_by(at: int, rules: Appointments) -> int:
    """Until when somebody without e-mail and mobile must have come back with the case secret (G04)."""
    return at - rules.confirm_hours * 60
