"""The deeds of a case's appointment: choose a time, confirm it, change it, give it back; and everything people are told.

`appointments` decides about time and returns values; the case moves and the notices leave from here. Before
proof nothing here asks the institution's register: who exists and who does not are the same.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from clavero.appointments import queries
from clavero.appointments import services as time
from clavero.appointments.models import Booking, Centre, Waiting
from clavero.appointments.services import Holder, Reach
from clavero.audit import services as audit
from clavero.core import challenge, slots
from clavero.core.errors import Refused
from clavero.core.profile import Service
from clavero.employers.models import Contact
from clavero.employers.services import contact_lookup, contact_lookups
from clavero.institution import profile
from clavero.privacy import lookups, tokens
from clavero.recovery import services, telling
from clavero.recovery.models import Case, CaseContact
from clavero.recovery.services import advance
from clavero.recovery.telling import about, send, tell
from clavero.throttle.services import Charge

HELD, FIRM, MOVED = "held", "firm", "moved"


# --- choosing -------------------------------------------------------------------------------------------


def service_of(case: Case) -> Service:
    """What this case comes for, by what the person declared: how long the appointment is (G14)."""
    return slots.service_for(case.declared, queries.rules().services)


def choose(case: Case, centre: Centre, at: int, asker: str, now: datetime) -> str:
    """A time was chosen: `held` for some minutes, `firm` where the case confirmed its contact before, or `moved`.

    Raises `Refused`: slot.gone, slot.taken, throttle.wait, and what `appointments.services.book` and `.rebook` raise.
    """
    charges = (Charge("hold_asker", asker), Charge("hold_case", str(case.pk)))
    services.spend(*charges, now=now)
    booking = queries.of_case(case.pk)
    if booking is not None:
        _rebook(case, booking, centre, at, now)
        return MOVED
    held = time.hold(_holder(case, asker), centre, at, service_of(case), now)
    reach = _reach(case)
    if reach is None:
        return HELD
    _book(case, held, reach, now)
    return FIRM


def _holder(case: Case, asker: str) -> Holder:
    return Holder(
        case.pk,
        lookups.of("person", case.identification),
        case.employer_key,
        lookups.of("network", asker),
        case.proved_at is not None,
        case.language,
    )


def _reach(case: Case) -> Reach | None:
    """The contact that this case confirmed for its appointment."""
    found = CaseContact.objects.filter(case=case).exclude(confirmed_at=None).first()
    return Reach(found.kind, found.address, found.lookup) if found else None


def _book(case: Case, held: Booking, reach: Reach | None, now: datetime) -> None:
    """The slot becomes an appointment and the case is booked: one deed."""
    with transaction.atomic():
        _lock(case)
        _refuse_crowd(case)
        time.book(held, now, reach)
        entry = advance(case, "book", now=now, reason=held.state)
        tell(case, "booking_firm", held, entry, now)


def _lock(case: Case) -> None:
    """Case first, then its appointment, then cells: everybody in the same order."""
    list(Case.objects.filter(pk=case.pk).select_for_update().values_list("pk"))


def _refuse_crowd(case: Case) -> None:
    """Up to three unproven cases with an appointment stand for one number; its cases are locked meanwhile (ATTACKS 37)."""
    if case.proved_at is not None:
        return
    same = services.of_same_number(case)
    list(Case.objects.filter(employer_key__in=same).order_by("pk").select_for_update())
    most = profile().limits.unproven_cases
    if queries.unproven_of_number(same, but=case.pk) >= most:
        raise Refused("booking.number_full", most=most)


def _rebook(case: Case, booking: Booking, centre: Centre, at: int, now: datetime) -> Booking:
    with transaction.atomic():
        _lock(case)
        fresh = time.rebook(booking, centre, at, now)
        entry = advance(case, "rebook", now=now)
        tell(case, "booking_firm", fresh, entry, now)
    return fresh


# --- confirming -----------------------------------------------------------------------------------------


def send_code(case: Case, kind: str, address: str, asker: str, now: datetime) -> CaseContact:
    """A code to the e-mail or mobile that the person typed for this appointment. Raises `Refused("throttle.wait")`."""
    lookup = contact_lookup(kind, address)
    charges = [
        Charge("booking_asker", asker),
        Charge("booking_mail", lookup),
        Charge("destination_mail", lookup),
    ]
    if kind == Contact.MOBILE:
        charges.append(Charge("sms_day", "everybody"))
    services.spend(*charges, now=now)
    code = challenge.code(secrets.token_bytes(5))
    with transaction.atomic():
        reach = _renewed(case, kind, address, lookup, code, now)
        entry = audit.record("booking_code_sent", actor="claimant", case_id=case.pk, reason=kind)
        until = reach.code_expires_at
        payload: dict[str, object] = {
            "code": code,
            "expires_at": until.isoformat() if until else "",
        }
        send(
            case, "booking_to_confirm", (kind, address), payload, entry, now, str(reach.codes_sent)
        )
    return reach


def _renewed(
    case: Case, kind: str, address: str, lookup: str, code: str, now: datetime
) -> CaseContact:
    """The row of the typed contact with a new code; another address starts its tries anew, the same one does not."""
    reach = CaseContact.objects.filter(case=case).first() or CaseContact(case=case)
    if reach.lookup not in contact_lookups(kind, address):
        reach.code_tries = 0
    reach.kind, reach.address, reach.lookup, reach.confirmed_at = kind, address, lookup, None
    reach.code_hash = tokens.hash("booking_code", code, case.pk)
    reach.code_sent_at, reach.codes_sent = now, reach.codes_sent + 1
    reach.code_expires_at = now + timedelta(minutes=profile().limits.code_minutes)
    reach.save()
    return reach


def confirm_by_code(case: Case, typed: str, asker: str, now: datetime) -> Booking | None:
    """The code arrived: the contact is confirmed and the held slot firm; late, the same slot while nobody has it.

    None where it was only confirmed for the waiting list. Raises `Refused`: code.wrong (left), code.expired (at), code.no_tries_left, throttle.wait; slot.taken where the
    time went to another meanwhile: the contact stays confirmed, and the next choice is firm at once.
    """
    services.spend(Charge("asker_try", asker), now=now)
    reach = _count_try(case)
    left = profile().limits.code_tries - reach.code_tries
    if not tokens.matches(reach.code_hash, "booking_code", challenge.normal(typed), case.pk):
        raise Refused("code.wrong", left=left) if left > 0 else Refused("code.no_tries_left")
    if reach.code_expires_at is None or now > reach.code_expires_at:
        raise Refused("code.expired", at=reach.code_expires_at)
    if not CaseContact.objects.filter(pk=reach.pk, code_hash=reach.code_hash).update(
        code_hash="", confirmed_at=now
    ):
        raise Refused("code.used")
    waits = time.told_now(case.pk)
    if waits and queries.held_by(case.pk, now) is None:
        return None
    return _firm_held(case, Reach(reach.kind, reach.address, reach.lookup), now)


def _count_try(case: Case) -> CaseContact:
    """Counted before anything is compared."""
    row = CaseContact.objects.filter(case=case, code_tries__lt=profile().limits.code_tries)
    if not row.update(code_tries=F("code_tries") + 1):
        raise Refused("code.no_tries_left")
    return CaseContact.objects.get(case=case)


def _firm_held(case: Case, reach: Reach, now: datetime) -> Booking:
    held = Booking.objects.filter(case_id=case.pk).order_by("-made_at").first()
    if held is None:
        raise Refused("slot.taken")
    if held.state != Booking.HELD:
        at = slots.minute(held.starts_at)
        held = time.hold(_holder(case, ""), held.centre, at, service_of(case), now)
    _book(case, held, reach, now)
    return held


def book_unproven(case: Case, now: datetime) -> Booking:
    """Without e-mail or mobile: an appointment to be confirmed by coming back with the case secret (G04).

    Raises what `appointments.services.book` raises.
    """
    held = queries.held_by(case.pk, now)
    if held is None:
        raise Refused("slot.taken")
    _book(case, held, None, now)
    return held


def confirm_by_return(case: Case, now: datetime) -> Booking:
    """Who came back with the case secret, typed again: the appointment is firm. Raises as `time.confirm`."""
    booking = booking_of(case)
    with transaction.atomic():
        _lock(case)
        time.confirm(booking, now)
        advance(case, "confirm", now=now)
    return booking


def booking_of(case: Case) -> Booking:
    """The live appointment of a case. Raises `Refused("booking.over")`."""
    found = queries.of_case(case.pk)
    if found is None:
        raise Refused("booking.over")
    return found


# --- giving back, waiting -------------------------------------------------------------------------------


def unbook(case: Case, now: datetime) -> None:
    """The person gives the appointment back; the case goes on and another can be chosen."""
    with transaction.atomic():
        advance(case, "unbook", now=now)


def join_waiting(case: Case, centre: Centre, now: datetime) -> Waiting:
    """Be told when a time, or an earlier one, is free at a centre: at the confirmed contact, once there is one."""
    told = _reach(case) is not None
    with transaction.atomic():
        waiting = time.wait(case.pk, centre, service_of(case), now, told=told)
        audit.record("waiting_joined", actor="claimant", case_id=case.pk, reason=centre.code)
    return waiting


def stop_waiting(case: Case, now: datetime) -> None:
    """No earlier time is wanted any more."""
    with transaction.atomic():
        time.stop_waiting(case.pk, now)


def take_offer(case: Case, now: datetime) -> Booking:
    """What was kept for them becomes the appointment; pressed twice, it is. Raises `Refused`: offer.gone, booking.number_full."""
    waiting, booking, reach = queries.waiting_of(case.pk), queries.of_case(case.pk), _reach(case)
    if booking is not None and queries.was_offered(booking):
        return booking
    if waiting is None or reach is None:
        raise Refused("offer.gone")
    with transaction.atomic():
        _lock(case)
        _refuse_crowd(case)
        taken = time.take_offer(waiting, booking, reach, now)
        entry = advance(case, "rebook" if booking else "book", now=now, reason="earlier")
        tell(case, "booking_firm", taken, entry, now)
    return taken


# --- closed days, and what time ends ----------------------------------------------------------------------


def close(day: date, reason: str, now: datetime, **where: object) -> tuple[int, int]:
    """Close part of a day and look after everybody who had an appointment then: (moved, cancelled).

    Takes what `appointments.services.close` takes.
    """
    affected = time.close(day, reason, now, **where)  # type: ignore[arg-type]
    return move_all(affected, reason, now)


def move_all(affected: Iterable[Booking], reason: str, now: datetime) -> tuple[int, int]:
    """Each appointment in its own transaction: moved to the next free time or cancelled, and told either way (G10)."""
    done = [_move(booking, reason, now) for booking in affected]
    return done.count(MOVED), done.count("cancelled")


def _move(booking: Booking, reason: str, now: datetime) -> str:
    case = Case.objects.filter(pk=booking.case_id, state="booked").first()
    if case is None:
        return "over" if _orphan(booking, Booking.CANCELLED, now) else ""
    try:
        with transaction.atomic():
            _lock(case)
            fresh = time.move(booking, now)
            if fresh is None:
                entry = advance(case, "free_slot", now=now, actor="system", reason="closure")
                tell(case, "booking_cancelled", booking, entry, now, why="closure")
                return "cancelled"
            entry = advance(case, "rebook", now=now, actor="system", reason="closure")
            before = {"before": booking.starts_at.isoformat()}
            tell(case, "booking_moved", fresh, entry, now, why="closure", **before)
    except Refused:
        return "over"
    return MOVED


def due(now: datetime) -> int:
    """Everything about appointments whose time has come. Called by the worker; each part may be repeated."""
    done = sum(move_all(queries.stranded(now), "sweep", now))
    done += sum(_free_unconfirmed(booking, now) for booking in queries.unconfirmed(now))
    done += sum(_remind(booking, now) for booking in queries.to_remind(now))
    done += sum(_miss(booking, now) for booking in queries.not_come(now))
    done += sum(_offer(waiting, now) for waiting in queries.waiting()) + _end_unconfirmed()
    return done + time.due(now)


def _free_unconfirmed(booking: Booking, now: datetime) -> int:
    """Nobody came back with the case secret in time: the slot is released (G04)."""
    return _system_move(booking, "free_slot", "not_confirmed", now)


def _orphan(booking: Booking, state: str, now: datetime) -> bool:
    """An appointment whose case is over or gone ends by itself, and nobody is told twice."""
    try:
        with transaction.atomic():
            time.release(booking, state, now)
    except Refused:
        return False
    return True


def _miss(booking: Booking, now: datetime) -> int:
    return _system_move(booking, "miss", "", now)


def _system_move(booking: Booking, move: str, reason: str, now: datetime) -> int:
    case = Case.objects.filter(pk=booking.case_id, state="booked").first()
    if case is None:
        return int(_orphan(booking, telling.ENDS_AS.get(move, Booking.RELEASED), now))
    return sum(services.advance_each([case], move, now, reason=reason))


def _remind(booking: Booking, now: datetime) -> int:
    """Once, whatever is repeated (I08)."""
    case = Case.objects.filter(pk=booking.case_id).first()
    if case is None:
        return 0
    with transaction.atomic():
        row = Booking.objects.filter(pk=booking.pk, state=Booking.FIRM, reminded_at=None)
        if not row.update(reminded_at=now):
            return 0
        entry = audit.record("booking_reminded", case_id=case.pk)
        tell(case, "booking_reminder", booking, entry, now)
    return 1


def _offer(waiting: Waiting, now: datetime) -> int:
    """Keep a time for who waits, and tell them, in one transaction; nobody of whom the case is over."""
    case = Case.objects.filter(pk=waiting.case_id, state__in=("visit_needed", "booked")).first()
    reach = _reach(case) if case else None
    if case is None or reach is None:
        time.stop_waiting(waiting.case_id, now)
        return 0
    with transaction.atomic():
        offer = time.offer_earlier(waiting, _holder(case, ""), now)
        if offer is None or offer.cells_until is None:
            return 0
        entry = audit.record("slot_offered", case_id=case.pk)
        payload = about(case, offer) | {"until": offer.cells_until.isoformat()}
        send(case, "earlier_slot", (reach.kind, reach.address), payload, entry, now, str(offer.pk))
    return 1


def _end_unconfirmed() -> int:
    """Who never confirmed where to be told, and whose case is over, waits no more: their place is forgotten like any other."""
    here = Case.objects.filter(pk=OuterRef("case_id"), state__in=("visit_needed", "booked"))
    never = Waiting.objects.filter(~Exists(here), state=Waiting.NEW)
    return never.update(state=Waiting.GONE)


@dataclass(frozen=True)
class Standing:
    """What the page of an appointment shows."""

    booking: Booking
    waiting: Waiting | None
    changes_left: int


def standing(case: Case) -> Standing:
    """The appointment of a case with its place in the waiting list. Raises `Refused("booking.over")`."""
    booking = booking_of(case)
    left = max(0, queries.rules().changes - booking.changes)
    return Standing(booking, queries.waiting_of(case.pk), left)
