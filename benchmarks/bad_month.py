"""A bad month at 78 centres, simulated: waiting, and who is done in one visit, by walk-in quota and waiting list.

    python -m benchmarks.bad_month [--quick] [--write]

A model, no measurement: every assumption is in `Assumed`, and the same seed gives the same numbers. Real are the
rules: opening hours and holidays (`core.slots.grid`), which piece of a counter's day is kept for whom
(`core.slots.kept_for`), when a time given back is free again (`core.slots.reoffer_at`), horizon and lead of the
shipped profile. `--write` keeps the result where the page `/citas/simulacion/` reads it.
"""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from clavero.core import slots
from clavero.core.profile import Appointments
from clavero.institution import load

SEED, CENTRES = 20261125, 78
FIRST, DAYS, AFTER = date(2027, 3, 1), 31, 75
QUOTAS, FEWER = tuple(range(0, 55, 5)), tuple(range(0, 60, 10))
HOURS = slots.parse_hours(dict.fromkeys(slots.WEEKDAYS[:5], [["08:00", "16:30"]]))
SITE = slots.Site("America/Guayaquil", HOURS, "pichincha", "quito")
LEAVES_HOME = 18 * 60  # minute of the day on which a time for tomorrow is given back
TARGET = Path(__file__).resolve().parent.parent / "clavero/appointments/data/bad_month.json"


@dataclass(frozen=True)
class Assumed:
    """What nobody measured yet. Shares are of people, `closes` of centres and open days."""

    visits: int = 1000
    """A centre and month: DOMAIN §1.6, 78,000 visits at 78 centres; all of them taken as half an hour for a key."""
    peak: float = 3.0
    """How many times the usual number asks on a working day from the 10th to the 17th."""
    weekend: float = 0.3
    """How many of the usual number ask on a Saturday or Sunday; the centres are closed."""
    counters: int = 3
    walks_in: float = 0.25
    """Come without looking for an appointment."""
    patience: int = 7
    """Days that the others accept to wait; who finds nothing sooner comes without an appointment, or waits in the line."""
    gives_back: float = 0.08
    """Give their time back on the evening before."""
    no_show: float = 0.05
    no_show_a_day: float = 0.01
    """Do not come: at once, and more for each day since they asked."""
    in_line: float = 0.6
    """With a waiting list: of those whose first time is too late, who take it and wait for an earlier one."""
    takes_offer: float = 0.7
    closes: float = 0.02
    """Closed without notice for a whole day: power, works, nobody there."""
    returns: int = 2
    """How often somebody who was sent away comes again."""


@dataclass
class Person:
    """Who asked on day `asked`. The dice are thrown before the rules are known: the same people, whatever the quota."""

    asked: int
    minute: int
    walks_in: bool
    gives_back: bool
    comes: float
    waits: bool
    takes: bool
    tries: int = 0
    booked: tuple[int, int] | None = None


@dataclass
class Result:
    """How it ended: days from asking to served, minutes in the waiting room without an appointment, and counts."""

    days: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)
    one_visit: int = 0
    later: int = 0
    gave_up: int = 0
    missed: int = 0
    given_back: int = 0
    in_vain: int = 0
    idle: int = 0
    pieces: int = 0


@dataclass
class Centre:
    """One centre through the month. `free`: day → share of the day → the pieces that nobody has, soonest first."""

    rules: Appointments
    assumed: Assumed
    closed: frozenset[int]
    free: list[dict[str, list[int]]]
    booked: list[list[Person]]
    coming: list[list[Person]]
    line: list[Person] | None
    result: Result


# --- the month ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def calendar():  # type: ignore[no-untyped-def]
    return load("iess").calendar


def with_quota(quota: int) -> Appointments:
    """The shipped rules with another walk-in quota."""
    return replace(load("iess").appointments, walk_in_percent=quota)


def day_of(n: int) -> date:
    return FIRST + timedelta(days=n)


@lru_cache(maxsize=256)
def pieces(n: int) -> int:
    """How many pieces of half an hour a counter has on a day."""
    rules = with_quota(0)
    grid = slots.grid(SITE, day_of(n), (), calendar(), rules.grain_minutes)
    return grid.mask.bit_count() * rules.grain_minutes // rules.block_minutes


@lru_cache(maxsize=4096)
def shares(n: int, quota: int, counters: int) -> dict[str, list[int]]:
    """Which pieces of a day are for whom, by the rule itself."""
    kept, found = slots.shares(with_quota(quota)), {}
    for piece in range(pieces(n)):
        for counter in range(1, counters + 1):
            found.setdefault(slots.kept_for(piece, counter, day_of(n), kept), []).append(piece)
    return found


def demand(rng: random.Random, assumed: Assumed) -> list[int]:
    """How many ask on each day of the month."""
    weights = [_weight(day_of(n), assumed) for n in range(DAYS)]
    usual = assumed.visits / sum(weights)
    return [max(0, round(rng.gauss(usual * one, (usual * one) ** 0.5))) for one in weights]


def _weight(day: date, assumed: Assumed) -> float:
    usual = assumed.weekend if day.weekday() > 4 else 1.0
    return usual * (assumed.peak if 10 <= day.day <= 17 else 1.0)


def people(number: int, assumed: Assumed) -> Iterator[list[Person]]:
    """Who asks at one centre, day by day. People come to a counter in the morning and ask online all day."""
    rng = random.Random(SEED + number)
    for n, many in enumerate(demand(rng, assumed)):
        yield [_person(rng, n, assumed) for _ in range(many)]


def _person(rng: random.Random, n: int, assumed: Assumed) -> Person:
    dice = [rng.random() for _ in range(6)]
    walks_in = dice[0] < assumed.walks_in
    hour = 8 + 8.5 * dice[1] ** 1.5 if walks_in else 7 + 15 * dice[1]
    return Person(n, int(hour * 60), walks_in, dice[2] < assumed.gives_back, dice[3], dice[4] < assumed.in_line, dice[5] < assumed.takes_offer)  # fmt: skip


def opened(number: int, quota: int, listed: bool, assumed: Assumed, result: Result) -> Centre:
    """A centre before the month begins: nothing is booked."""
    rng, most = random.Random(-SEED - number), DAYS + AFTER
    closed = frozenset(n for n in range(most) if rng.random() < assumed.closes)
    free = [{name: list(found) for name, found in shares(n, quota, assumed.counters).items()} for n in range(most)]  # fmt: skip
    return Centre(with_quota(quota), assumed, closed, free, [[] for _ in range(most)], [[] for _ in range(most)],
                  [] if listed else None, result)  # fmt: skip


# --- asking for a time ----------------------------------------------------------------------------------


def ask(centre: Centre, person: Person, today: int, minute: int) -> None:
    """The first time within patience; else come without an appointment, or take a late one and wait in the line."""
    if person.walks_in:
        come(centre, person, today)
        return
    last = today + centre.assumed.patience
    if book(centre, person, today, minute, last):
        return
    horizon = today + centre.rules.horizon_days
    if centre.line is not None and person.waits and book(centre, person, last, 0, horizon):
        centre.line.append(person)
        return
    come(centre, person, today + 1)


def come(centre: Centre, person: Person, day: int) -> None:
    """Stand at the door on the first day from `day` on which the centre opens by its hours."""
    while not pieces(day):
        day += 1
    centre.coming[day].append(person)


def book(centre: Centre, person: Person, today: int, minute: int, last: int) -> bool:
    """Take the first piece that this day's rules give to who books now."""
    for day in range(today, last + 1):
        soon = minute + centre.rules.lead_minutes if day == today else 0
        if (found := first(centre, day, day - today, soon)) is not None:
            take(centre, person, day, *found)
            return True
    return False


OPEN_TO = {0: (slots.OPEN, slots.TOMORROW, slots.TODAY), 1: (slots.OPEN, slots.TOMORROW)}


def first(centre: Centre, day: int, ahead: int, soon: int) -> tuple[str, int] | None:
    """The first free piece of a day that is open so many days ahead, not before minute `soon`."""
    best = None
    for share in OPEN_TO.get(ahead, (slots.OPEN,)):
        for piece in centre.free[day].get(share, ()):
            if starts(piece) >= soon:
                if best is None or piece < best[1]:
                    best = share, piece
                break
    return best


def starts(piece: int) -> int:
    return 8 * 60 + piece * 30


def take(centre: Centre, person: Person, day: int, share: str, piece: int) -> None:
    centre.free[day][share].remove(piece)
    centre.booked[day].append(person)
    person.booked = day, piece


def leave(centre: Centre, person: Person, share: str | None) -> None:
    """Out of the appointment; its piece is free again as `share`, or lost to who books."""
    assert person.booked is not None
    day, piece = person.booked
    centre.booked[day].remove(person)
    person.booked = None
    if share:
        centre.free[day].setdefault(share, []).append(piece)
        centre.free[day][share].sort()


# --- the evening before ---------------------------------------------------------------------------------


def evening(centre: Centre, today: int) -> None:
    """Who does not need tomorrow's time gives it back: the line first, then whoever looks after `reoffer_at`."""
    for person in [one for one in centre.booked[today + 1] if one.gives_back]:
        assert person.booked is not None
        piece = person.booked[1]
        again = slots.reoffer_at(
            LEAVES_HOME, slots.DAY + starts(piece), centre.rules, int(person.comes * 2**32)
        )
        leave(centre, person, slots.TODAY if again - slots.DAY + 60 < starts(piece) else None)
        centre.result.given_back += 1
        offer(centre, today + 1, piece)
    give_up_the_line(centre, today)


def offer(centre: Centre, day: int, piece: int) -> None:
    """The one who waits longest and can come takes it; the later time is free for everybody."""
    if centre.line is None or piece not in centre.free[day].get(slots.TODAY, ()):
        return
    for person in centre.line:
        if person.takes and person.booked and person.booked[0] > day:
            leave(centre, person, slots.OPEN)
            centre.line.remove(person)
            take(centre, person, day, slots.TODAY, piece)
            return


def give_up_the_line(centre: Centre, today: int) -> None:
    """Out of the line: whose own day has come."""
    if centre.line:
        centre.line[:] = [one for one in centre.line if one.booked and one.booked[0] > today + 1]


# --- the day --------------------------------------------------------------------------------------------


def serve(centre: Centre, today: int) -> None:
    """One day, piece by piece: appointments at their time, and every counter that is idle takes who waits longest."""
    if not pieces(today):
        return
    if today in centre.closed:
        close(centre, today)
        return
    at = came(centre, today)
    waiting = sorted(centre.coming[today], key=lambda one: arrives(one, today))
    idle = 0
    for piece in range(pieces(today)):
        for _ in range(centre.assumed.counters - at.get(piece, 0)):
            if waiting and arrives(waiting[0], today) <= starts(piece):
                person = waiting.pop(0)
                centre.result.minutes.append(starts(piece) - arrives(person, today))
                finish(centre, person, today)
            else:
                idle += 1
    for person in waiting:
        send_away(centre, person, today)
    if today < DAYS:
        centre.result.idle += idle
        centre.result.pieces += pieces(today) * centre.assumed.counters


def arrives(person: Person, today: int) -> int:
    """The minute at which somebody without an appointment stands at the door; who comes again is early."""
    return 8 * 60 if person.asked < today else min(person.minute, 16 * 60)


def came(centre: Centre, today: int) -> dict[int, int]:
    """Piece → how many came to their appointment; the others are missed."""
    found: dict[int, int] = {}
    for person in centre.booked[today]:
        late = centre.assumed.no_show + centre.assumed.no_show_a_day * (today - person.asked)
        if person.comes < late:
            centre.result.missed += 1
            continue
        assert person.booked is not None
        found[person.booked[1]] = found.get(person.booked[1], 0) + 1
        finish(centre, person, today)
    return found


def finish(centre: Centre, person: Person, today: int) -> None:
    centre.result.days.append(today - person.asked)
    if person.tries:
        centre.result.later += 1
    else:
        centre.result.one_visit += 1


def send_away(centre: Centre, person: Person, today: int) -> None:
    """Stood there in vain: takes a time at the door, or comes again."""
    person.tries += 1
    centre.result.in_vain += 1
    if person.tries > centre.assumed.returns:
        centre.result.gave_up += 1
    elif not book(centre, person, today + 1, 0, today + 1 + centre.assumed.patience):
        come(centre, person, today + 1)


def close(centre: Centre, today: int) -> None:
    """Appointments move, told before they leave home; who comes without one stood there in vain."""
    for person in list(centre.booked[today]):
        leave(centre, person, None)
        if not moved(centre, person, today):
            come(centre, person, today + 1)
    for person in centre.coming[today]:
        send_away(centre, person, today)


def moved(centre: Centre, person: Person, today: int) -> bool:
    """Every share but the walk-ins' is open to whom the institution itself moves."""
    for day in range(today + 1, today + 1 + centre.rules.move_days):
        if (found := first(centre, day, 0, 0)) is not None:
            take(centre, person, day, *found)
            return True
    return False


# --- what comes of it -----------------------------------------------------------------------------------


def month(
    quota: int, listed: bool, centres: int, assumed: Assumed | None = None
) -> dict[str, float]:
    """The month run one way, over so many centres."""
    assumed, result = assumed or Assumed(), Result()
    for number in range(centres):
        centre = opened(number, quota, listed, assumed, result)
        asking = people(number, assumed)
        for today in range(DAYS + AFTER - 15):
            for person in next(asking, ()):
                ask(centre, person, today, person.minute)
            serve(centre, today)
            evening(centre, today)
    return figures(result)


def figures(result: Result) -> dict[str, float]:
    """`one_visit`, `gave_up`: per cent of those who stood at a centre. Days from asking; minutes in the waiting room.

    Who gave back or did not come never stood there: counted apart, or a quota would look good by booking nobody.
    """
    stood = result.one_visit + result.later + result.gave_up
    asked = stood + result.missed + result.given_back
    days, minutes = sorted(result.days), sorted(result.minutes)
    return {
        "one_visit": round(100 * result.one_visit / stood, 1),
        "gave_up": round(100 * result.gave_up / stood, 1),
        "missed": round(100 * result.missed / asked, 1),
        "in_vain": result.in_vain,
        "days_median": days[len(days) // 2],
        "days_p90": days[len(days) * 9 // 10],
        "room_median": minutes[len(minutes) // 2],
        "room_p90": minutes[len(minutes) * 9 // 10],
        "idle": round(100 * result.idle / result.pieces, 1),
    }


def enough(shares: dict[int, float]) -> int:
    """The smallest quota within one point of the best: more of it only takes times away from who books."""
    best = max(shares.values())
    return min(quota for quota, share in shares.items() if share >= best - 1)


def advised(centres: int, assumed: Assumed) -> int:
    """What the quota should be under other assumptions, with a waiting list."""
    return enough({quota: month(quota, True, centres, assumed)["one_visit"] for quota in FEWER})


def run(centres: int = CENTRES) -> dict[str, object]:
    """Every quota with and without waiting list; what it should be, and how that hangs on the assumptions."""
    rows = [
        {"quota": quota, "with": month(quota, True, centres), "without": month(quota, False, centres)}
        for quota in QUOTAS
    ]  # fmt: skip
    usual, some = Assumed(), max(1, centres // 3)
    return {
        "seed": SEED,
        "centres": centres,
        "assumed": asdict(usual),
        "advised": enough({row["quota"]: row["with"]["one_visit"] for row in rows}),  # type: ignore[index,misc]
        "usual_month": advised(some, replace(usual, peak=1.0)),
        "walk_ins": {str(share): advised(some, replace(usual, walks_in=share / 100)) for share in (10, 25, 40)},
        "rows": rows,
    }  # fmt: skip


SHOWN = (
    "one_visit",
    "gave_up",
    "missed",
    "days_median",
    "days_p90",
    "room_median",
    "room_p90",
    "idle",
)


def main() -> int:
    found = run(6 if "--quick" in sys.argv else CENTRES)
    print(
        "quota  " + "  ".join(f"{name:>13}" for name in SHOWN) + "   (with, without waiting list)"
    )
    for row in found["rows"]:  # type: ignore[attr-defined]
        print(f"{row['quota']:>4}%  " + "  ".join(f"{row['with'][name]:>6} {row['without'][name]:>6}" for name in SHOWN))  # fmt: skip
    print(f"The quota should be {found['advised']} % in a bad month, {found['usual_month']} % in a usual one.")  # fmt: skip
    print(f"By the per cent who come without an appointment anyway: {found['walk_ins']}.")
    if "--write" in sys.argv:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
