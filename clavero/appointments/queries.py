"""Reading what is free, and why not; agendas and loads. Cells decide, bookings explain."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from clavero.appointments.models import Booking, Centre, Closure, Counter, Measured, Waiting
from clavero.core import slots
from clavero.core.measures import Spread
from clavero.core.profile import Appointments, Service
from clavero.core.slots import Ask, Closing, Day, None_, Site, Slot
from clavero.institution import profile

WINDOW = 14  # days that are read at first; a centre that is full in them is read to the end
SHOWN = 7  # closed days are told up to so many days after the first free time
NO_DAYS: tuple[tuple[date, tuple[Slot, ...]], ...] = ()


@dataclass(frozen=True)
class Place:
    """Where somebody is: place keys of province and canton; both may be empty."""

    province: str = ""
    canton: str = ""


@dataclass(frozen=True)
class Offer:
    """What a centre has free: `days` with their slots, soonest first.

    `why` says what stands before the first of them, or everywhere: of the four reasons the first that is no
    closed day. `closed` are days with a closure or holiday. `near` is `slots.nearness`; `quota` how many a day are
    served without an appointment.
    """

    centre: Centre
    site: Site
    near: int
    days: tuple[tuple[date, tuple[Slot, ...]], ...] = NO_DAYS
    why: None_ | None = None
    closed: tuple[tuple[date, str], ...] = ()
    quota: int = 0

    @property
    def first(self) -> datetime | None:
        """The first free time, in the centre's zone."""
        return slots.local(self.days[0][1][0].at, self.site.zone) if self.days else None

    @property
    def is_full(self) -> bool:
        """Whether a day before the first free one, or every day, is full."""
        return self.why is not None and self.why.reason == slots.FULL


@dataclass(frozen=True)
class Book:
    """Everything that is read of some centres for some days, in a fixed number of statements.

    `taken`: of each counter (row id) the pieces of its time, as `slots.joined` takes them. `closings`: of each
    centre (row id) its own closures, its canton's, everybody's.
    """

    counters: dict[int, list[Counter]]
    closures: list[Closure]
    taken: dict[int, dict[int, int]]
    closings: dict[int, list[Closing]]


def rules() -> Appointments:
    """How this institution gives out time."""
    return profile().appointments


def service(code: str) -> Service:
    """A service by its code; the first one where the profile no longer has it."""
    return next((one for one in rules().services if one.code == code), rules().services[0])


def local_day(now: datetime, zone: str) -> date:
    """The day it is at a centre."""
    return slots.local(slots.minute(now), zone).date()


# --- reading -------------------------------------------------------------------------------------------


def read(centres: Sequence[Centre], first: date, last: date, now: datetime) -> Book:
    """Counters, closures and taken cells of `centres` from `first` to `last`: four statements."""
    found = Counter.objects.filter(centre__in=centres, active=True).order_by("number")
    counters: dict[int, list[Counter]] = {}
    for counter in found:
        counters.setdefault(counter.centre_id, []).append(counter)
    mine = Q(centre__in=centres) | Q(centre=None)
    closures = list(Closure.objects.filter(mine, day__gte=first, day__lte=last))
    ids = [counter.pk for counter in found]
    return Book(counters, closures, _taken(ids, first, last, now), _closings(centres, closures))


def _closings(centres: Sequence[Centre], closures: Iterable[Closure]) -> dict[int, list[Closing]]:
    rows = [(one.centre_id, slots.place_key(one.canton), one.closing) for one in closures]
    cantons = {centre.pk: slots.place_key(centre.canton) for centre in centres}
    return {
        pk: [
            closing
            for own, where, closing in rows
            if own == pk or (own is None and where in ("", canton))
        ]
        for pk, canton in cantons.items()
    }


_PIECES = """SELECT counter_id, at / %s, {} FROM appointments_cell
WHERE counter_id IN ({}) AND at >= %s AND at < %s GROUP BY 1, 2"""
_EITHER = {
    "postgresql": "bit_or(1::bigint << (at %% %s / %s))",
    "sqlite": "sum(DISTINCT 1 << (at %% %s / %s))",
}
_LAPSED = """SELECT c.counter_id, c.at FROM appointments_booking b JOIN appointments_cell c ON c.booking_id = b.id
WHERE b.state = 'held' AND b.cells_until <= %s AND c.at >= %s AND c.at < %s"""


def _taken(
    counters: list[int], first: date, last: date, now: datetime
) -> dict[int, dict[int, int]]:
    """The taken time of each counter, put together by the database: 27 times fewer rows (benchmarks/slots_bench.py)."""
    if not counters:
        return {}
    start = slots.minute(datetime.combine(first, datetime.min.time(), now.tzinfo)) - slots.DAY
    span = (start, start + ((last - first).days + 3) * slots.DAY)
    grain, places = rules().grain_minutes, ", ".join(["%s"] * len(counters))
    piece, taken = grain * slots.PIECE, {pk: {} for pk in counters}  # type: tuple[int, dict[int, dict[int, int]]]
    with connection.cursor() as cursor:
        asked = _PIECES.format(_EITHER[connection.vendor], places)
        cursor.execute(asked, [piece, piece, grain, *counters, *span])
        for counter, number, bits in cursor.fetchall():
            taken[counter][number] = bits
        cursor.execute(_LAPSED, [_adapted(now), *span])
        for counter, at in cursor.fetchall():
            if counter in taken:
                taken[counter][at // piece] &= ~(1 << at % piece // grain)
    return taken


def _adapted(now: datetime) -> str:
    """An instant as this database is asked for it."""
    return connection.ops.adapt_datetimefield_value(now)  # type: ignore[return-value]


def day_of(book: Book, centre: Centre, site: Site, day: date, wanted: Service) -> Day:
    """One day of a centre, with the counters that give the service."""
    serving = [one for one in book.counters.get(centre.pk, ()) if _gives(centre, one, wanted)]
    found = slots.grid(
        site, day, book.closings[centre.pk], profile().calendar, rules().grain_minutes
    )
    taken = {
        one.pk: slots.joined(book.taken[one.pk], found, rules().grain_minutes) for one in serving
    }
    return Day(found, tuple((one.pk, one.number) for one in serving), taken)


def _gives(centre: Centre, counter: Counter, wanted: Service) -> bool:
    """A counter gives what it names; one that names nothing gives everything, except by video or telephone (G16)."""
    return wanted.code in counter.services or (not counter.services and not centre.is_remote)


def _ask(wanted: Service, site: Site, day: date, now: datetime) -> Ask:
    return Ask(wanted.minutes, slots.minute(now), day, local_day(now, site.zone), rules())


# --- what is free ---------------------------------------------------------------------------------------


def nearest(place: Place) -> list[tuple[int, Centre, Site]]:
    """Every centre, the nearest first; the inactive last of their rank. By video or telephone all are near."""
    found = []
    for centre in Centre.objects.order_by("name"):
        site = centre.site
        near = slots.nearness(site, place.province, place.canton, rules().neighbours)
        near = 0 if centre.is_remote else near
        found.append((near, centre, site))
    return sorted(found, key=lambda one: (one[0], not one[2].active, one[1].name))


def free(
    place: Place,
    first: date,
    days: int,
    wanted: Service,
    now: datetime,
    *,
    centres: Sequence[tuple[int, Centre, Site]] | None = None,
    most_days: int = 3,
) -> list[Offer]:
    """What can be booked from `first` for `days` days, nearest centre first. Each offer holds at most `most_days` days."""
    ranked = nearest(place) if centres is None else centres
    near = min(days, WINDOW)
    book = read([centre for _, centre, _ in ranked], first, first + timedelta(days=near), now)
    found = [
        _offer(rank, centre, site, book, first, near, wanted, now, most_days)
        for rank, centre, site in ranked
    ]
    return _read_on(found, first, near, days, wanted, now, most_days)


def _offer(
    rank: int, centre: Centre, site: Site, book: Book, first: date, days: int, wanted: Service,
    now: datetime, most: int,
) -> Offer:  # fmt: skip
    if not site.active:
        return Offer(centre, site, rank, why=None_(slots.INACTIVE))
    start = max(first, local_day(now, site.zone))
    found: list[tuple[date, tuple[Slot, ...]]] = []
    closed: list[tuple[date, str]] = []
    why, quota = None, 0
    for day in (start + timedelta(days=n) for n in range(days)):
        here = day_of(book, centre, site, day, wanted)
        if not centre.is_remote:
            quota = quota or slots.quota(here.grid, here.counters, day, rules())
        if times := slots.free(here, _ask(wanted, site, day, now)):
            found.append((day, times))
        elif shut := slots.why_closed(site, day, book.closings[centre.pk], profile().calendar):
            closed += [(day, shut)] if shut != "weekday" and _is_near(day, found) else []
        elif not found and why is None:
            why = _telling(_why(book, centre, site, here, day, wanted, now))
        if len(found) == most:
            break
    return Offer(centre, site, rank, tuple(found), why, tuple(closed[:2]), quota)


def _is_near(day: date, found: Sequence[tuple[date, tuple[Slot, ...]]]) -> bool:
    return not found or day <= found[0][0] + timedelta(days=SHOWN)


def _telling(none: None_) -> None_ | None:
    """A reason that is worth a sentence: not this evening."""
    return None if none.reason == slots.CLOSED else none


def _why(
    book: Book, centre: Centre, site: Site, here: Day, day: date, wanted: Service, now: datetime
) -> None_:
    asked = _ask(wanted, site, day, now)
    closings = book.closings[centre.pk]
    return slots.why_none(site, here, asked, closings, profile().calendar) or None_(slots.FULL)


def _read_on(
    found: list[Offer], first: date, near: int, days: int, wanted: Service, now: datetime, most: int
) -> list[Offer]:
    """Centres without a slot in the first window are read to the horizon, all in one go."""
    rest = [one for one in found if not one.days and one.site.active]
    if near >= days or not rest:
        return found
    later = first + timedelta(days=near)
    book = read([one.centre for one in rest], later, first + timedelta(days=days), now)
    for one in rest:
        more = _offer(one.near, one.centre, one.site, book, later, days - near, wanted, now, most)
        closed = (one.closed + more.closed)[:2]
        found[found.index(one)] = replace(
            more, closed=closed, quota=one.quota or more.quota, why=one.why or more.why
        )
    return found


def first_free(centre: Centre, wanted: Service, now: datetime) -> datetime | None:
    """The first free time of one centre."""
    site = centre.site
    here = [(0, centre, site)]
    found = free(
        Place(), local_day(now, site.zone), rules().horizon_days, wanted, now, centres=here, most_days=1
    )  # fmt: skip
    return found[0].first


def free_day(
    centre: Centre,
    day: date,
    wanted: Service,
    now: datetime,
    *,
    extra: frozenset[str] = frozenset(),
) -> tuple[Slot, ...]:
    """The free times of one centre on one day; `extra` are shares that are open in any case."""
    site = centre.site
    if not site.active:
        return ()
    book = read([centre], day, day, now)
    here = day_of(book, centre, site, day, wanted)
    return slots.free(here, replace(_ask(wanted, site, day, now), extra=extra))


def why_none(centre: Centre, day: date, wanted: Service, now: datetime) -> None_ | None:
    """Which of the four reasons a day without slots has; None where it has one."""
    site = centre.site
    book = read([centre], day, day, now)
    here = day_of(book, centre, site, day, wanted)
    return slots.why_none(
        site, here, _ask(wanted, site, day, now), book.closings[centre.pk], profile().calendar
    )


# --- bookings -------------------------------------------------------------------------------------------


def of_case(case_id: int) -> Booking | None:
    """The live booking of a case: to confirm, firm, or arrived."""
    live = Booking.objects.filter(case_id=case_id, state__in=Booking.LIVE)
    return live.select_related("centre", "counter").first()


def confirm_by(booking: Booking) -> datetime:
    """Until when to come back with the case secret, where neither e-mail nor mobile confirms (G04)."""
    return slots.instant(slots.confirm_by(slots.minute(booking.starts_at), rules()))


def held_by(case_id: int, now: datetime) -> Booking | None:
    """The slot that a case holds at this moment, without having booked it."""
    held = Booking.objects.filter(case_id=case_id, state=Booking.HELD, cells_until__gt=now)
    return held.select_related("centre").order_by("-made_at").first()


def last_of_case(case_id: int) -> Booking | None:
    """The newest booking of a case in whatever state: what became of it."""
    found = Booking.objects.filter(case_id=case_id).exclude(state=Booking.OFFERED)
    return found.select_related("centre").order_by("-made_at").first()


def last_ended(case_id: int) -> Booking | None:
    """The newest appointment of a case that is over: given back, moved, missed, done."""
    ended = (Booking.MOVED, Booking.CANCELLED, Booking.MISSED, Booking.DONE)
    found = Booking.objects.filter(case_id=case_id, state__in=ended)
    return found.order_by("-ended_at").first()


def agenda(centre: str, day: date) -> list[Booking]:
    """The appointments of a centre (its code) on a day, in order of time: what a counter sees, without names."""
    held = Centre.objects.filter(code=centre).first()
    if held is None:
        return []
    start, end = bounds(held, day)
    shown = (Booking.BOOKED, Booking.FIRM, Booking.ARRIVED, Booking.DONE, Booking.MISSED)
    found = Booking.objects.filter(
        centre=held, starts_at__gte=start, starts_at__lt=end, state__in=shown
    )
    return list(found.select_related("counter", "centre").order_by("starts_at", "counter__number"))


def bounds(centre: Centre, day: date) -> tuple[datetime, datetime]:
    """The instants at which a day begins and ends at a centre."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(centre.zone)
    start = datetime.combine(day, datetime.min.time(), zone)
    return start, datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


@dataclass(frozen=True)
class Load:
    """How full a day is, in default-service slots, and what became of its appointments (G13)."""

    capacity: int
    booked: int
    arrived: int
    missed: int
    walk_in_quota: int


def load(centre: str, day: date, now: datetime) -> Load:
    """The load of a centre on a day."""
    held = Centre.objects.get(code=centre)
    site, wanted = held.site, rules().services[0]
    here = day_of(read([held], day, day, now), held, site, day, wanted)
    cells = rules().block_minutes // rules().grain_minutes
    start, end = bounds(held, day)
    rows = Booking.objects.filter(centre=held, starts_at__gte=start, starts_at__lt=end)
    states = dict(rows.values_list("state").annotate(Count("id")))
    return Load(
        here.grid.mask.bit_count() * len(here.counters) // cells,
        sum(states.get(name, 0) for name in (*Booking.LIVE, Booking.DONE, Booking.MISSED)),
        sum(states.get(name, 0) for name in (Booking.ARRIVED, Booking.DONE)),
        states.get(Booking.MISSED, 0),
        slots.quota(here.grid, here.counters, day, rules()),
    )


def unproven_of_number(number_keys: Iterable[str], but: int) -> int:
    """How many other cases of an employer number hold an appointment with nothing proved (ATTACKS 37)."""
    live = Booking.objects.filter(number_key__in=number_keys, proven=False, state__in=Booking.LIVE)
    return live.exclude(case_id=but).count()


def unconfirmed_on(centre: Centre, day: date) -> int:
    """How many appointments of a day stand without a confirmed e-mail or mobile."""
    start, end = bounds(centre, day)
    live = Booking.objects.filter(centre=centre, starts_at__gte=start, starts_at__lt=end)
    return live.filter(state__in=Booking.LIVE, contact_lookup="").count()


def provinces(centres: Iterable[Centre]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(place key, name, cantons as key and name) of every province that has a centre, by name."""
    found: dict[str, tuple[str, set[tuple[str, str]]]] = {}
    for centre in centres:
        name, cantons = found.setdefault(slots.place_key(centre.province), (centre.province, set()))
        cantons.add((slots.place_key(centre.canton), centre.canton))
    return sorted((key, name, sorted(cantons)) for key, (name, cantons) in found.items())


# --- what time and closures end -------------------------------------------------------------------------


def lapsed(now: datetime, most: int = 500) -> list[int]:
    """Bookings whose cells are free again: lapsed holds and offers, and what was given back long enough ago."""
    over = Booking.objects.filter(cells_until__lte=now).order_by("cells_until")
    return list(over.values_list("pk", flat=True)[:most])


def stranded(now: datetime) -> list[Booking]:
    """Appointments to come that stand in closed time: a closure, a decree, other hours, a centre that was shut (G10)."""
    rows = Booking.objects.filter(starts_at__gt=now, state__in=(Booking.BOOKED, Booking.FIRM))
    coming = list(rows.select_related("centre", "counter").order_by("starts_at"))
    if not coming:
        return []
    centres = list({one.centre_id: one.centre for one in coming}.values())
    first, last = coming[0].starts_at.date(), coming[-1].starts_at.date()
    one_day = timedelta(days=1)
    book = read(centres, first - one_day, last + one_day, now)
    sites = {centre.pk: centre.site for centre in centres}
    return [one for one in coming if not _stands(one, sites[one.centre_id], book)]


def _stands(booking: Booking, site: Site, book: Book) -> bool:
    """Whether a booking's centre and counter are open all of its time."""
    if not (site.active and booking.counter.active):
        return False
    closings = book.closings[booking.centre_id]
    day = slots.local(slots.minute(booking.starts_at), site.zone).date()
    grain = rules().grain_minutes
    found = slots.grid(site, day, closings, profile().calendar, grain)
    length = (booking.ends_at - booking.starts_at).total_seconds() // 60
    return slots.covers(found, slots.minute(booking.starts_at), int(length), grain)


# --- the waiting list -----------------------------------------------------------------------------------


def waiting() -> list[Waiting]:
    """Who waits for an earlier time, in the order in which they came."""
    rows = Waiting.objects.filter(state=Waiting.WAITING)
    return list(rows.select_related("centre").order_by("made_at")[:500])


def waiting_of(case_id: int) -> Waiting | None:
    """A case's place in the line, while it waits or something is offered to it."""
    live = (Waiting.NEW, Waiting.WAITING, Waiting.OFFERED)
    rows = Waiting.objects.filter(case_id=case_id, state__in=live)
    return rows.select_related("centre", "offer", "offer__centre").first()


def was_offered(booking: Booking) -> bool:
    """Whether this appointment is one that the waiting list offered."""
    return Waiting.objects.filter(offer=booking, state=Waiting.TAKEN).exists()


def earlier(centre: Centre, before: datetime | None, wanted: Service, now: datetime) -> list[Slot]:
    """The free times of a centre before the one that somebody has; any, where they have none."""
    site = centre.site
    today = local_day(now, site.zone)
    days = rules().horizon_days
    if before is not None:
        days = (slots.local(slots.minute(before), site.zone).date() - today).days + 1
    here = [(0, centre, site)]
    found = free(Place(), today, days, wanted, now, centres=here, most_days=2)
    times = [slot for _, day in found[0].days for slot in day]
    return [slot for slot in times if before is None or slot.at < slots.minute(before)]


# --- what is due ----------------------------------------------------------------------------------------


def unconfirmed(now: datetime) -> list[Booking]:
    """Appointments that nobody confirmed in time."""
    late = Booking.objects.filter(state=Booking.BOOKED, confirm_by__lt=now)
    return list(late.order_by("confirm_by")[:500])


def to_remind(now: datetime) -> list[Booking]:
    """Firm appointments that are near and of which nobody was reminded yet (G07)."""
    until = now + timedelta(hours=rules().remind_hours)
    near = Booking.objects.filter(
        state=Booking.FIRM, starts_at__gt=now, starts_at__lte=until, reminded_at=None
    )
    return list(near.exclude(contact="").select_related("centre")[:500])


def not_come(now: datetime) -> list[Booking]:
    """Appointments that began yesterday or before and to which nobody came (G13)."""
    over = Booking.objects.filter(
        state__in=(Booking.BOOKED, Booking.FIRM), ends_at__lt=now - timedelta(hours=12)
    )
    return list(over.order_by("starts_at")[:500])


# --- how long it takes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Times:
    """What was measured at a centre (G12); None where it was too little. `visits` are by service code, "" all."""

    visits: Mapping[str, Spread] = field(default_factory=dict)
    booked_wait: Spread | None = None
    walk_in_wait: Spread | None = None

    def visit(self, code: str) -> Spread | None:
        """How long this service takes; all of them together where there were too few of it."""
        return self.visits.get(code) or self.visits.get("")


def times(centres: Iterable[Centre]) -> dict[str, Times]:
    """What was measured, by the code of the centre: one statement."""
    found: dict[str, list[Measured]] = {}
    codes = [centre.code for centre in centres]
    for row in Measured.objects.filter(centre__code__in=codes).select_related("centre"):
        found.setdefault(row.centre.code, []).append(row)
    return {code: _times(rows) for code, rows in found.items()}


def _times(rows: Iterable[Measured]) -> Times:
    by = {(row.what, row.service): row.spread for row in rows}
    visits = {service: one for (what, service), one in by.items() if what == Measured.VISIT}
    return Times(visits, by.get((Measured.BOOKED_WAIT, "")), by.get((Measured.WALK_IN_WAIT, "")))


def measured_on() -> date | None:
    """The day on which it was last measured, if anything could be said then."""
    return Measured.objects.values_list("as_of", flat=True).first()


# --- the directory --------------------------------------------------------------------------------------


def first_of(ranked: Sequence[tuple[int, Centre, Site]], now: datetime) -> list[Offer]:
    """Each of these centres with the first day on which it has something for the usual service."""
    from django.conf import settings

    today = local_day(now, settings.TIME_ZONE)
    wanted = rules().services[0]
    return free(
        Place(), today, rules().horizon_days + 1, wanted, now, centres=ranked, most_days=1
    )  # fmt: skip


def national_closure(now: datetime, days: int = 14) -> Closure | None:
    """The next day, within two weeks, on which every centre is closed by a closure of its own (F13)."""
    from django.conf import settings

    today = local_day(now, settings.TIME_ZONE)
    coming = Closure.objects.filter(
        centre=None, canton="", opens=False, day__gte=today, day__lte=today + timedelta(days=days)
    )
    return coming.order_by("day").first()


def closed_days(centre: Centre, first: date, last: date) -> list[tuple[date, str, Closure | None]]:
    """The days on which a centre is closed although that weekday opens, or closed in part: day, reason, closure."""
    site, book = centre.site, read([centre], first, last, slots.instant(0))
    closings = book.closings[centre.pk]
    own = {one.day: one for one in book.closures if one.closing in closings and not one.opens}
    found = []
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        why = slots.why_closed(site, day, closings, profile().calendar)
        if (why and why != "weekday") or (not why and day in own):
            found.append((day, why or own[day].reason, own.get(day)))
    return found


@cache
def bad_month() -> dict[str, Any]:
    """The simulated month that `benchmarks/bad_month.py --write` kept."""
    path = Path(__file__).resolve().parent / "data" / "bad_month.json"
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
