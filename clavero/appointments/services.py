"""The deeds on time: hold, book, confirm, change, give back; arrive, done, miss; close a day, offer an earlier time.

A booking owns cells under `UNIQUE(counter, at)`; taking time ends lapsed holds on those cells and inserts, in
one transaction, so that of any number at once one gets it (G02). What is given back is free again late and at
random, and goes to the waiting list first (ATTACKS 27). Nobody is told from here: deeds return values.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F

from clavero.appointments import files, queries
from clavero.appointments.models import Booking, Cell, Centre, Closure, Counter, Measured, Waiting
from clavero.audit import services as audit
from clavero.core import measures, slots
from clavero.core.errors import Refused
from clavero.core.profile import Service

ENTROPY = 2**32
KEPT_BACK = frozenset({slots.TODAY, slots.TOMORROW})
"""Shares that are open to whom the institution itself moves."""


@dataclass(frozen=True)
class Holder:
    """For whom time is taken: case and person, hashed; the network that asks; whether a contact on record was proved."""

    case_id: int
    person_lookup: str
    number_key: str
    network: str = ""
    proven: bool = False
    language: str = "es"


@dataclass(frozen=True)
class Reach:
    """Where the holder is told: `kind` email or mobile, the address, and its keyed hash."""

    kind: str
    address: str
    lookup: str


# --- taking time ----------------------------------------------------------------------------------------


def hold(holder: Holder, centre: Centre, at: int, wanted: Service, now: datetime) -> Booking:
    """Keep a slot for some minutes while it is confirmed (G03). A case holds one at a time; asked again, it has it.

    `at` is a minute that `queries.free` offers. Raises `Refused`: slot.gone, slot.taken.
    """
    mine = queries.held_by(holder.case_id, now)
    if mine and (mine.centre_id, slots.minute(mine.starts_at)) == (centre.pk, at):
        return mine
    until = now + timedelta(minutes=queries.rules().hold_minutes)
    counters = _free_counters(centre, at, wanted, now)
    with transaction.atomic():
        _drop_hold(holder.case_id)
        booking = _new(holder, centre, at, wanted, now, state=Booking.HELD, cells_until=until)
        _occupy(booking, counters, at, wanted, now)
        audit.record("slot_held", actor="claimant", case_id=holder.case_id, reason=centre.code)
    return booking


def _free_counters(
    centre: Centre, at: int, wanted: Service, now: datetime, extra: frozenset[str] = frozenset()
) -> tuple[int, ...]:
    """The counters that are free then. Raises `Refused("slot.gone")` where the page no longer offers that time."""
    day = slots.local(at, centre.zone).date()
    for slot in queries.free_day(centre, day, wanted, now, extra=extra):
        if slot.at == at:
            return slot.counters
    raise Refused("slot.gone")


def _new(
    holder: Holder, centre: Centre, at: int, wanted: Service, now: datetime, **more: object
) -> Booking:
    starts_at = slots.instant(at)
    return Booking(
        centre=centre,
        service=wanted.code,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=wanted.minutes),
        case_id=holder.case_id,
        person_lookup=holder.person_lookup,
        number_key=holder.number_key,
        network=holder.network,
        proven=holder.proven,
        language=holder.language,
        made_at=now,
        **more,
    )


def _occupy(
    booking: Booking, counters: Sequence[int], at: int, wanted: Service, now: datetime
) -> None:
    """Store the booking on the first counter whose cells can all be had. Raises `Refused("slot.taken")`."""
    minutes = slots.cells(at, wanted.minutes, queries.rules().grain_minutes)
    for counter in counters:
        _end_lapsed(counter, minutes, now)
        booking.counter_id = counter
        booking.save()
        fresh = [Cell(counter_id=counter, at=minute, booking=booking) for minute in minutes]
        Cell.objects.bulk_create(fresh, ignore_conflicts=True)
        if Cell.objects.filter(booking=booking).count() == len(minutes):
            return
        Cell.objects.filter(booking=booking).delete()
    raise Refused("slot.taken")


def _end_lapsed(counter: int, minutes: range, now: datetime) -> None:
    """End the lapsed holds that stand on these cells. The booking's row is locked first: it may be renewed meanwhile."""
    lapsed = Booking.objects.filter(
        cells__counter_id=counter, cells__at__in=list(minutes), state=Booking.HELD, cells_until__lte=now
    )  # fmt: skip
    for pk in set(lapsed.values_list("pk", flat=True)):
        _end_hold(pk, now)


def _end_hold(pk: int, now: datetime) -> None:
    row = Booking.objects.filter(pk=pk, state=Booking.HELD, cells_until__lte=now)
    if row.update(state=Booking.RELEASED, cells_until=None, ended_at=now, contact=""):
        Cell.objects.filter(booking_id=pk).delete()


def _drop_hold(case_id: int) -> None:
    """Give back what this case only held: at once, for nothing was booked."""
    held = Booking.objects.filter(case_id=case_id, state=Booking.HELD)
    for pk in held.values_list("pk", flat=True):
        if held.filter(pk=pk).update(state=Booking.RELEASED, cells_until=None, contact=""):
            Cell.objects.filter(booking_id=pk).delete()


def drop(case_id: int) -> None:
    """The case no longer wants the slot that it holds."""
    with transaction.atomic():
        _drop_hold(case_id)


# --- making it an appointment ---------------------------------------------------------------------------


def book(held: Booking, now: datetime, reach: Reach | None = None) -> Booking:
    """The held slot becomes an appointment: firm with a confirmed e-mail or mobile, else to be confirmed by coming back.

    Who comes late keeps the slot while nobody else took it. A time after one that was given back is a change of
    date like any other. In the deed's transaction. Raises `Refused`: slot.taken, booking.contact_has_one,
    booking.case_has_one, booking.unproven_full, booking.too_near, booking.changes_used.
    """
    changes = _firm(reach, now) if reach else _to_confirm(held, now)
    changes |= {"cells_until": None, "changes": _changes_so_far(held.case_id)}
    row = Booking.objects.filter(pk=held.pk, state=Booking.HELD)
    _put(held, row, changes, "slot.taken")
    return held


def _changes_so_far(case_id: int) -> int:
    former = queries.last_ended(case_id)
    if former is None:
        return 0
    changes = former.changes + (former.state == Booking.CANCELLED)
    if changes > queries.rules().changes:
        raise Refused("booking.changes_used", most=queries.rules().changes)
    return changes


def _firm(reach: Reach, now: datetime) -> dict[str, object]:
    return {
        "state": Booking.FIRM,
        "contact_kind": reach.kind,
        "contact_lookup": reach.lookup,
        "contact": reach.address,
        "confirmed_at": now,
    }


def _to_confirm(held: Booking, now: datetime) -> dict[str, object]:
    """Without e-mail or mobile: within the day's smaller budget, and early enough to come back (G04)."""
    by = queries.confirm_by(held)
    if by <= now:
        raise Refused("booking.too_near", hours=queries.rules().confirm_hours)
    centre = Centre.objects.select_for_update().get(pk=held.centre_id)
    if queries.unconfirmed_on(centre, held.day) >= unproven_budget(centre, held.day, now):
        raise Refused("booking.unproven_full")
    return {"state": Booking.BOOKED, "confirm_by": by}


def unproven_budget(centre: Centre, day: date, now: datetime) -> int:
    """How many appointments of a day may stand without a confirmed e-mail or mobile; at least one."""
    capacity = queries.load(centre.code, day, now).capacity
    return max(1, capacity * queries.rules().unproven_percent // 100)


def _put(booking: Booking, row, changes: dict[str, object], gone: str) -> None:  # type: ignore[no-untyped-def]
    """Change a booking where `row` still finds it. A second live one of the case or the contact is refused."""
    for name, value in changes.items():
        setattr(booking, name, value)
    sealed = {name: booking_value(booking, name) for name in changes}
    try:
        with transaction.atomic():
            done = row.update(**sealed)
    except IntegrityError as error:
        contact = "contact" in str(error)
        raise Refused("booking.contact_has_one" if contact else "booking.case_has_one") from None
    if not done:
        raise Refused(gone)


def booking_value(booking: Booking, name: str) -> object:
    """A column as the database holds it: sealed where it is sealed."""
    if name != "contact":
        return getattr(booking, name)
    return Booking._meta.get_field(name).pre_save(booking, False)  # type: ignore[union-attr]


def confirm(booking: Booking, now: datetime) -> Booking:
    """Who came back with the case secret in time: the appointment is firm. Raises `Refused`: booking.late, booking.not_to_confirm."""
    if booking.state != Booking.BOOKED:
        raise Refused("booking.not_to_confirm")
    if booking.confirm_by is not None and now > booking.confirm_by:
        raise Refused("booking.late")
    row = Booking.objects.filter(pk=booking.pk, state=Booking.BOOKED)
    _put(booking, row, {"state": Booking.FIRM, "confirmed_at": now}, "booking.not_to_confirm")
    return booking


def rebook(booking: Booking, centre: Centre, at: int, now: datetime) -> Booking:
    """Another time for the same case, so often as the profile allows; the former one is given back late.

    In the deed's transaction. Raises `Refused`: booking.changes_used, booking.too_near, slot.gone, slot.taken.
    """
    if booking.changes >= queries.rules().changes:
        raise Refused("booking.changes_used", most=queries.rules().changes)
    wanted = queries.service(booking.service)
    counters = _free_counters(centre, at, wanted, now)
    return _change(booking, centre, at, counters, now, changes=booking.changes + 1)


def _change(
    booking: Booking, centre: Centre, at: int, counters: Sequence[int], now: datetime, *, changes: int
) -> Booking:  # fmt: skip
    """The same appointment at another time: a new row and new cells, the former row `moved`."""
    fresh = _copy(booking, centre, at, now, changes)
    release(booking, Booking.MOVED, now)
    _occupy(fresh, counters, at, queries.service(booking.service), now)
    return fresh


def _copy(booking: Booking, centre: Centre, at: int, now: datetime, changes: int) -> Booking:
    holder = Holder(
        booking.case_id, booking.person_lookup, booking.number_key, booking.network,
        booking.proven, booking.language,
    )  # fmt: skip
    by = slots.instant(slots.confirm_by(at, queries.rules()))
    if booking.state == Booking.BOOKED and by <= now:
        raise Refused("booking.too_near", hours=queries.rules().confirm_hours)
    return _new(
        holder, centre, at, queries.service(booking.service), now,
        state=booking.state, contact=booking.contact, contact_kind=booking.contact_kind,
        contact_lookup=booking.contact_lookup, confirmed_at=booking.confirmed_at,
        confirm_by=by if booking.state == Booking.BOOKED else None, changes=changes,
    )  # fmt: skip


def release(booking: Booking, state: str, now: datetime) -> None:
    """An appointment ends as `state`, and its time is offered again late and at random. In a transaction.

    Raises `Refused("booking.over")` where it has ended already.
    """
    at = slots.minute(booking.starts_at)
    again = slots.reoffer_at(slots.minute(now), at, queries.rules(), secrets.randbelow(ENTROPY))
    row = Booking.objects.filter(pk=booking.pk, state__in=(*Booking.LIVE, Booking.OFFERED))
    changes = {"state": state, "cells_until": slots.instant(again), "ended_at": now}
    if not row.update(**changes, contact="", contact_lookup=""):
        raise Refused("booking.over")
    for name, value in changes.items():
        setattr(booking, name, value)
    if state != Booking.MOVED:
        stop_waiting(booking.case_id, now)


# --- centres ---------------------------------------------------------------------------------------------


def import_centres(path: Path, now: datetime) -> files.Report:
    """Bring centres and counters from a file; those that are not in it stay as they are.

    Raises `Refused` for a file that cannot be read; then nothing has changed. What stands in closed time
    afterwards is counted, and moved by `recovery.booking.due`.
    """
    report = files.Report()
    with transaction.atomic():
        for record in files.records(path, report):
            report.rows += 1
            _bring(record, report)
        if not report.rows and not report.findings:
            raise Refused("centres.no_rows")
        audit.record("centres_import", data={"rows": report.rows, "new": report.new})
    report.stranded = len(queries.stranded(now))
    return report


def _bring(record: files.Record, report: files.Report) -> None:
    values = asdict(record)
    counters = dict(record.counters)
    for name in ("line", "code", "counters"):
        del values[name]
    centre, is_new = Centre.objects.get_or_create(code=record.code, defaults=values)
    before = {name: getattr(centre, name) for name in values}
    report.new += is_new
    report.changed += not is_new and before != values
    Centre.objects.filter(pk=centre.pk).update(**values)
    for number, given in counters.items():
        shape = {"services": list(given), "active": True}
        Counter.objects.update_or_create(centre=centre, number=number, defaults=shape)
    centre.counters.exclude(number__in=counters).update(active=False)


# --- how long it takes --------------------------------------------------------------------------------------


def measure(took: Mapping[tuple[str, str, str], Sequence[float]], today: date) -> int:
    """Keep what was measured: `took` are minutes by centre code, `Measured.what` and service code (G12).

    What was known before is forgotten, also where there are too few now. Returns how many ranges there are.
    """
    centres = dict(Centre.objects.values_list("code", "pk"))
    least = queries.rules().measured_least
    fresh = [
        Measured(centre_id=centres[code], what=what, service=service, n=found.n, low=found.low, high=found.high, as_of=today)
        for (code, what, service), minutes in took.items()
        if code in centres and (found := measures.spread(minutes, least))
    ]  # fmt: skip
    with transaction.atomic():
        Measured.objects.all().delete()
        Measured.objects.bulk_create(fresh)
    return len(fresh)


# --- the day itself -------------------------------------------------------------------------------------


def arrive(booking: Booking, now: datetime) -> None:
    """The person is here. A second arrival changes nothing."""
    row = Booking.objects.filter(pk=booking.pk, state__in=(Booking.BOOKED, Booking.FIRM))
    row.update(state=Booking.ARRIVED)
    booking.state = Booking.ARRIVED


def done(booking: Booking, now: datetime) -> None:
    """The visit is over; where it was told is forgotten."""
    row = Booking.objects.filter(pk=booking.pk, state__in=Booking.LIVE)
    row.update(state=Booking.DONE, ended_at=now, contact="", contact_lookup="")
    booking.state = Booking.DONE


def miss(booking: Booking, now: datetime) -> None:
    """Nobody came. Raises `Refused("booking.over")` where somebody did."""
    row = Booking.objects.filter(pk=booking.pk, state__in=(Booking.BOOKED, Booking.FIRM))
    if not row.update(state=Booking.MISSED, ended_at=now, contact="", contact_lookup=""):
        raise Refused("booking.over")
    booking.state = Booking.MISSED


# --- closed days ----------------------------------------------------------------------------------------


def close(
    day: date,
    reason: str,
    now: datetime,
    *,
    centre: Centre | None = None,
    canton: str = "",
    first: int = 0,
    last: int = slots.DAY,
    es: str = "",
    en: str = "",
    opens: bool = False,
    actor: str = "system",
    staff: int = 0,
) -> list[Booking]:
    """Close (or with `opens` open) part of a day; returns the appointments that stand in closed time now.

    From this instant nothing can be booked there; said a second time it is the same closure. `queries.stranded` finds the same again, whatever dies meanwhile.
    """
    same = {
        "centre": centre, "canton": canton, "day": day, "first": first, "last": last, "reason": reason, "opens": opens,
        "es": es, "en": en,
    }  # fmt: skip
    with transaction.atomic():
        if not Closure.objects.filter(**same).exists():
            Closure.objects.create(**same, made_at=now)
            audit.record(
                "closure_made", actor=actor, reason=reason, data={"staff": staff} if staff else None
            )
    return queries.stranded(now)


def move(booking: Booking, now: datetime) -> Booking | None:
    """An appointment in closed time goes to the next free time of its centre, else it is cancelled: None.

    Counts as no change of the person's. In the deed's transaction.
    """
    site, wanted = booking.centre.site, queries.service(booking.service)
    start = max(booking.day, queries.local_day(now, site.zone))
    for ahead in range(queries.rules().move_days + 1):
        day = start + timedelta(days=ahead)
        for slot in queries.free_day(booking.centre, day, wanted, now, extra=KEPT_BACK):
            try:
                with transaction.atomic():
                    return _change(
                        booking, booking.centre, slot.at, slot.counters, now, changes=booking.changes
                    )  # fmt: skip
            except Refused:
                continue
    release(booking, Booking.RELEASED, now)
    return None


# --- the waiting list -----------------------------------------------------------------------------------


def wait(case_id: int, centre: Centre, wanted: Service, now: datetime, *, told: bool) -> Waiting:
    """Wait for a time, or an earlier one, at a centre while keeping what one has (G15). One line per case.

    `told`: where to tell them is confirmed; else they wait once it is (`told_now`).
    """
    first = queries.first_free(centre, wanted, now)
    waiting, _ = Waiting.objects.update_or_create(
        case_id=case_id,
        defaults={
            "centre": centre,
            "service": wanted.code,
            "before": first.astimezone(UTC) if first else None,
            "state": Waiting.WAITING if told else Waiting.NEW,
            "offer": None,
            "made_at": now,
        },
    )
    return waiting


def told_now(case_id: int) -> bool:
    """Where to tell them is confirmed: they wait from now on. Whether they had asked to."""
    row = Waiting.objects.filter(case_id=case_id, state=Waiting.NEW)
    return bool(row.update(state=Waiting.WAITING))


def stop_waiting(case_id: int, now: datetime) -> None:
    """No longer interested in an earlier time; what was kept for them goes to the next."""
    live = Waiting.objects.filter(case_id=case_id).exclude(state__in=(Waiting.TAKEN, Waiting.GONE))
    if live.update(state=Waiting.GONE):
        Booking.objects.filter(case_id=case_id, state=Booking.OFFERED).update(cells_until=now)


def offer_earlier(waiting: Waiting, holder: Holder, now: datetime) -> Booking | None:
    """Keep the first time that suits somebody who waits; they have some hours to take it. None where there is none."""
    booking = queries.of_case(waiting.case_id)
    before = booking.starts_at if booking else waiting.before
    if before is not None and before <= now:
        stop_waiting(waiting.case_id, now)
        return None
    wanted = queries.service(waiting.service)
    for slot in queries.earlier(waiting.centre, before, wanted, now):
        if _keep_for(waiting, holder, slot, wanted, now):
            return waiting.offer
    return None


def _keep_for(
    waiting: Waiting, holder: Holder, slot: slots.Slot, wanted: Service, now: datetime
) -> bool:
    starts_at = slots.instant(slot.at)
    until = min(now + timedelta(hours=queries.rules().offer_hours), now + (starts_at - now) / 2)
    try:
        with transaction.atomic():
            offer = _new(
                holder, waiting.centre, slot.at, wanted, now, state=Booking.OFFERED, cells_until=until
            )  # fmt: skip
            _occupy(offer, slot.counters, slot.at, wanted, now)
            row = Waiting.objects.filter(pk=waiting.pk, state=Waiting.WAITING)
            if not row.update(state=Waiting.OFFERED, offer=offer, offers=F("offers") + 1):
                raise Refused("slot.taken")
    except Refused:
        return False
    waiting.state, waiting.offer = Waiting.OFFERED, offer
    return True


def take_offer(
    waiting: Waiting, booking: Booking | None, reach: Reach, now: datetime
) -> Booking:  # fmt: skip
    """What was kept becomes the appointment, a later one is given back. Counts as no change of the person's.

    In the deed's transaction. Raises `Refused("offer.gone")`.
    """
    offer = waiting.offer
    if offer is None or offer.cells_until is None or offer.cells_until <= now:
        raise Refused("offer.gone")
    kept = _firm(reach, now) | {"cells_until": None}
    if booking is not None:
        release(booking, Booking.MOVED, now)
        kept["changes"] = booking.changes
    row = Booking.objects.filter(pk=offer.pk, state=Booking.OFFERED, cells_until__gt=now)
    _put(offer, row, kept, "offer.gone")
    Waiting.objects.filter(pk=waiting.pk).update(state=Waiting.TAKEN)
    return offer


# --- what time ends -------------------------------------------------------------------------------------


def due(now: datetime) -> int:
    """Give lapsed time back: holds at once, what was given back or offered when its time has come. Called by the worker.

    The waiting list comes first: whoever waits is offered the time before the page shows it.
    """
    freed = 0
    for pk in queries.lapsed(now):
        with transaction.atomic():
            freed += _free(pk, now)
    return freed


def _free(pk: int, now: datetime) -> int:
    row = Booking.objects.filter(pk=pk, cells_until__lte=now)
    booking = row.first()
    if booking is None:
        return 0
    over = booking.state in (Booking.HELD, Booking.OFFERED)
    state = Booking.RELEASED if over else booking.state
    if not row.update(cells_until=None, state=state, contact=""):
        return 0
    if booking.state == Booking.OFFERED:
        Waiting.objects.filter(offer=booking, state=Waiting.OFFERED).update(
            state=Waiting.WAITING, offer=None, made_at=now
        )
    return Cell.objects.filter(booking_id=pk).delete()[0]
