"""The deeds of a visit at the counter: open, mark, correct, decide, hand over, close.

An officer attests, and never sets a key. What counts as complete and whether one person is enough is
`core.counter`'s word; who decides second stands in `desk.approvals`.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction

from clavero.appointments import queries as appointments
from clavero.appointments import services as times
from clavero.audit import services as audit
from clavero.core import counter, journey, workdays
from clavero.core.counter import Mark, Standing
from clavero.core.errors import Refused
from clavero.core.identifiers import email, phone
from clavero.desk import looks, queries, training
from clavero.desk.models import Approval, Correction, Photo, Staff, Visit
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.recovery import live, objections, prepared, visits
from clavero.recovery import services as recovery
from clavero.recovery.models import Case
from clavero.recovery.services import advance
from clavero.throttle.services import Charge

OBSERVED_WORKDAYS = 5


def case_of_code(staff: Staff, typed: str, now: datetime) -> Case:
    """The case that a continuation code opens: counted, then compared (S-067). Raises `Refused`: throttle.wait, continuation.over, …"""
    recovery.spend(Charge("desk_code", f"staff:{staff.pk}"), now=now)
    return visits.by_continuation(typed, now)


def open_visit(staff: Staff, centre: str, place: str, typed: str, now: datetime) -> Visit:
    """The continuation code opens the case at `place` (a counter): counted, then compared (S-067).

    Raises `Refused`: desk.remote, throttle.wait, desk.interest, desk.decided_it, and what `visits.by_continuation` and
    `.arrive` raise.
    """
    _refuse_remote(centre)
    case = case_of_code(staff, typed, now)
    refuse_interest(staff, case)
    with transaction.atomic():
        if not _left_alone(staff, case):
            visits.arrive(case, staff=staff.number, centre=centre, now=now)
            _use_turn(case, now)
        return start(staff, case, centre, place, now)


def _left_alone(staff: Staff, case: Case) -> bool:
    """Whether the case stands at a counter where nobody attends it any more: the visit ended with the day, or its officer left.
    Whoever gets its code goes on with it there, in a visit of their own. Holds the case's row: two never go on at once.

    Raises `Refused("desk.decided_it")`: who approved it does not hand the code over as well.
    """
    Case.objects.select_for_update().get(pk=case.pk)
    case.look_again()
    if case.state not in journey.AT_A_COUNTER or queries.visit_of(case) is not None:
        return False
    if Approval.objects.filter(case=case, decided_by=staff).exists():
        raise Refused("desk.decided_it")
    return True


def _refuse_remote(centre: str) -> None:
    """By video or telephone nobody sees an original: no visit begins there (G16, D14)."""
    found = queries.centre(centre)
    if found is not None and found.is_remote:
        raise Refused("desk.remote")


def _use_turn(case: Case, now: datetime) -> None:
    """The appointment of this case, if it has one, is the one that is kept now."""
    booked = appointments.of_case(case.pk)
    if booked is not None:
        times.arrive(booked, now)


def start(staff: Staff, case: Case, centre: str, place: str, now: datetime) -> Visit:
    """The visit's row, today's facts, the look on record, and every contact on record told. In a transaction."""
    visits.refresh_facts(case)
    visit = Visit.objects.create(
        case=case, staff=staff, centre=centre, counter=place, opened_at=now,
        marked=_as_text(queries.marks_before(case)),
    )  # fmt: skip
    entry = _record("sensitive_read", staff, case)
    _tell(case, "desk_visit", entry, now, place=queries.centre_name(centre), asked=["key"])
    return visit


def refuse_interest(staff: Staff, case: Case) -> None:
    """Nobody of staff acts in a case of their own, or of an employer in which they said to have an interest (H06)."""
    training.refuse_mixed(staff, case)
    if queries.has_interest(staff, case):
        with transaction.atomic():
            _record("desk_refused", staff, case, reason="interest")
        raise Refused("desk.interest")


def _record(event: str, staff: Staff, case: Case, reason: str = "") -> audit.Entry:
    return audit.record(
        event, actor=staff.role, case_id=case.pk, subject=case.employer_id, reason=reason,
        data={"staff": staff.number},
    )  # fmt: skip


def _tell(case: Case, kind: str, entry: audit.Entry, now: datetime, **more: object) -> None:
    """Every e-mail on record is told at once, each with its «no fui yo» (S-079)."""
    if case.employer_id is not None:
        told = recovery.register_of(case).to_tell
        recovery.tell_all(case, told, kind, entry, now, **more)


# --- what was seen ----------------------------------------------------------------------------------------


def mark(visit: Visit, marks: Mapping[str, Mark], reason: str, third_party: bool, now: datetime) -> None:  # fmt: skip
    """Keep what the officer saw, until it is decided; what changes while a second person looks is no longer what they were
    asked for (`approval.changed`). Raises `Refused`: desk.visit_closed, desk.decided.
    """
    asked = set(queries.asked(visit, third_party=third_party))
    kept = {
        code: {"state": one.state, "note": one.note} for code, one in marks.items() if code in asked
    }
    visit.marked = _as_text(kept)
    visit.reason, visit.third_party = reason.strip()[:500], third_party
    seen = sum(one["state"] == counter.SEEN for one in kept.values())
    with transaction.atomic():
        undecided(visit)
        visit.save(update_fields=["marked", "reason", "third_party"])
        audit.record(
            "desk_marked", actor="officer", case_id=visit.case_id, subject=visit.case.employer_id,
            data={"staff": visit.staff.number, "seen": seen, "asked": len(asked)},
        )  # fmt: skip


def _as_text(marks: Mapping[str, Mapping[str, str]]) -> str:
    return json.dumps(marks, ensure_ascii=False)


def undecided(visit: Visit, *, nor_looked_at: bool = False) -> None:
    """What a second person signed changes no more, whatever became of the case since; with `nor_looked_at`, nor what one looks
    at. Holds the case's row until the deed ends, so that a decision made meanwhile waits, or is seen. In a transaction.

    Raises `Refused`: desk.visit_closed, desk.with_second, desk.decided.
    """
    _open(visit)
    row = Case.objects.select_for_update().filter(pk=visit.case_id)
    state, frozen_from = row.values_list("state", "frozen_from").get()
    stands = frozen_from if state == "frozen" else state
    if stands in journey.APPROVED:
        raise Refused("desk.decided")
    if nor_looked_at and stands == "in_review":
        raise Refused("desk.with_second")


def _open(visit: Visit) -> None:
    if visit.closed_at is not None:
        raise Refused("desk.visit_closed")


def correct(visit: Visit, kind: str, value: Mapping[str, str], now: datetime) -> Correction:
    """Ask for a correction inside the case, linked to what was seen; asked again, the newer one stands (F10).

    `value`: {"value": …} for contacts; {"identification", "name"} for `representative`; {"name", "kind"} for
    `register`; {"exception", "why"} for `exception`; {"why"} for `ruc`. Raises `Refused` of the parsers, desk.correction, desk.visit_closed.
    """
    _open(visit)
    if kind not in counter.CORRECTIONS:
        raise Refused("desk.correction")
    clean = _parsed(visit.case, kind, value)
    with transaction.atomic():
        entry = advance(
            visit.case, "correct", now=now, actor="officer", staff=visit.staff.number, reason=kind,
            gives=counter.CORRECTIONS[kind],
        )  # fmt: skip
        made, _ = Correction.objects.update_or_create(
            visit=visit, kind=kind, defaults={"value": json.dumps(clean), "made_at": now}
        )
        _tell(
            visit.case, "desk_visit", entry, now, place=queries.centre_name(visit.centre), asked=[kind]
        )  # fmt: skip
    return made


def _parsed(case: Case, kind: str, value: Mapping[str, str]) -> dict[str, str]:
    if kind == "email":
        return {"value": email.parse(value["value"]).value}
    if kind == "mobile":
        return {"value": phone.parse_mobile(value["value"]).value}
    if kind == "landline":
        return {"value": phone.parse_landline(value["value"]).value}
    if kind == "representative":
        return {"identification": case.identification, "name": _name(value)}
    if kind == "register":
        return {"name": _name(value), "kind": _kind(value)}
    why = {"why": value.get("why", "")[:200]}
    if kind == "exception":
        return {"exception": counter.exception(value.get("exception", "")), **why}
    return why


def _name(value: Mapping[str, str]) -> str:
    name = " ".join(value.get("name", "").split())
    if not name:
        raise Refused("desk.name_empty")
    return name[:200]


def _kind(value: Mapping[str, str]) -> str:
    if value.get("kind") not in queries.KINDS:
        raise Refused("employers.kind")
    return value["kind"]


def drop_correction(visit: Visit, kind: str) -> None:
    """Take a correction back before it was sent to the second person. Its token stays: it asks for more, never less."""
    _open(visit)
    if visit.case.state != "at_desk":
        raise Refused("case.move_not_allowed")
    Correction.objects.filter(visit=visit, kind=kind, applied_at=None).delete()


# --- deciding ---------------------------------------------------------------------------------------------


def standing(visit: Visit) -> Standing:
    """What is missing, and whether one person is enough."""
    case = visit.case
    purpose = "unlock_key" if case.purpose == "unlock" else "recover_key"
    return counter.standing(
        queries.asked(visit),
        queries.marks(visit),
        purpose=purpose,
        proofs=case.proofs,
        facts=recovery.facts_of(case),
        made=queries.corrected(visit),
    )


def attest(visit: Visit, now: datetime) -> None:
    """Person and papers seen, and a contact on record proved in this case: approved, without a second person.

    Raises `Refused`: desk.incomplete, desk.reason_empty, desk.second_needed.
    """
    found = ready(visit)
    if found.needs_second:
        raise Refused("desk.second_needed")
    with transaction.atomic():
        entry = advance(
            visit.case, "attest", now=now, actor="officer", staff=visit.staff.number, gives="visit",
            reason=found.rule,
        )  # fmt: skip
        looks.draw(visit.case, now)
        recovery.supersede_others(visit.case, now)
        prepared.forget(visit.case)
        _tell(visit.case, "desk_done", entry, now, outcome="approved", asked=["key"])


def ready(visit: Visit) -> Standing:
    """The standing of a visit that may be decided.

    Raises `Refused`: desk.visit_closed, .interest (one that was declared since), .incomplete, .reason_empty.
    """
    _open(visit)
    refuse_interest(visit.staff, visit.case)
    found = standing(visit)
    if not found.is_complete:
        raise Refused("desk.incomplete", missing=len(found.missing))
    if not visit.reason:
        raise Refused("desk.reason_empty")
    return found


def observe(visit: Visit, now: datetime) -> date:
    """Something is missing: a date to bring it, no new queue. The visit closes; the code opens it again.

    Raises `Refused("desk.nothing_observed")` where everything was seen.
    """
    _open(visit)
    if standing(visit).is_complete:
        raise Refused("desk.nothing_observed")
    until = workdays.add_workdays(now.date(), OBSERVED_WORKDAYS, profile().calendar)
    with transaction.atomic():
        entry = advance(
            visit.case, "observe", now=now, actor="officer", staff=visit.staff.number,
            observed_until=until,
        )  # fmt: skip
        ask_no_more(visit.case, now)
        _tell(visit.case, "desk_done", entry, now, outcome="observed", asked=[])
        close(visit, "observed", now)
    return until


def leave(visit: Visit, now: datetime) -> None:
    """The person left: the case stays as it was, and the code works again."""
    _open(visit)
    with transaction.atomic():
        advance(visit.case, "leave", now=now, actor="officer", staff=visit.staff.number)
        close(visit, "left", now)


def close(visit: Visit, outcome: str, now: datetime) -> None:
    """The record of this visit is complete; nothing in it changes any more. In a transaction."""
    if not Visit.objects.filter(pk=visit.pk, closed_at=None).update(closed_at=now, outcome=outcome):
        raise Refused("desk.visit_closed")
    visit.closed_at, visit.outcome = now, outcome
    booked = appointments.of_case(visit.case_id)
    if booked is not None and booked.state == booked.ARRIVED:
        times.done(booked, now)
    audit.record(
        "desk_closed", actor="officer", case_id=visit.case_id, subject=visit.case.employer_id,
        reason=outcome, data={"staff": visit.staff.number},
    )  # fmt: skip


def close_all(case: Case, outcome: str, now: datetime) -> None:
    """Close what is open of a case, of whoever attends it. In a transaction."""
    for visit in Visit.objects.filter(case=case, closed_at=None).select_related("staff", "case"):
        close(visit, outcome, now)


def ask_no_more(case: Case, now: datetime) -> None:
    """Whoever would still have decided is asked no more. In a transaction."""
    Approval.objects.filter(case=case, decision="").update(decision="over", decided_at=now)


def finish(visit: Visit, now: datetime) -> None:
    """The person says it is done, or goes on from home: the visit ends as it stands."""
    visit.case.look_again()
    state = visit.case.state
    outcome = {"key_set": "key_set", "access_tested": "key_set"}.get(state, "handed_over")
    if state in ("at_desk", "visit_needed"):
        raise Refused("case.move_not_allowed")
    with transaction.atomic():
        close(visit, outcome, now)


# --- handing over -----------------------------------------------------------------------------------------


def hand_code(visit: Visit, now: datetime) -> str:
    """The binding code for the person's hand; asked again, a new one replaces it. Raises `Refused("desk.interest")`."""
    refuse_interest(visit.staff, visit.case)
    return visits.hand_binding(visit.case, staff=visit.staff.number, now=now)


def hand_ahead(visit: Visit, now: datetime) -> str:
    """Nobody decided in time: a code that sleeps until the approval goes home with the person. Raises as `hand_code`."""
    refuse_interest(visit.staff, visit.case)
    return visits.hand_ahead(visit.case, staff=visit.staff.number, now=now)


def flag(visit: Visit, now: datetime) -> None:
    """«Pedir una revisión»: the case goes on hold, and every page stays as it was (S-071)."""
    with transaction.atomic():
        visits.hold(visit.case, staff=visit.staff.number, now=now)


def reopen_online(visit: Visit, now: datetime) -> None:
    """The RUC is active again: the online road opens, with the address on record. Raises `Refused("desk.not_in_order")`."""
    with transaction.atomic():
        visits.reopen_online(visit.case, now, staff=visit.staff.number)
        close(visit, "online", now)
    recovery.resend(visit.case, now)


def ask_sri(visit: Visit, now: datetime) -> None:
    """Ask the SRI online about the RUC of this case; the worker does. Raises as `live.ask`, and desk.visit_closed."""
    _open(visit)
    live.ask(visit.case, now, staff=visit.staff.number)


# --- what the supervisor may do ---------------------------------------------------------------------------


def open_counter(
    staff: Staff, number: Any, centre: str, place: str, reason: str, language: str, now: datetime
) -> tuple[Visit, str]:
    """A case without a code, with a reason: the visit and the code with which the person fetches the secret.

    Raises `Refused`: desk.remote, desk.reason_empty, desk.interest.
    """
    _refuse_remote(centre)
    _reason(reason)
    training.refuse_here(staff)
    case = visits.begin_at_desk(
        "open_counter",
        number,
        partial(refuse_interest, staff),
        staff=staff.number,
        centre=centre,
        reason="released",
        language=language,
        now=now,
    )
    with transaction.atomic():
        visit = start(staff, case, centre, place, now)
        visit.reason = reason.strip()[:500]
        visit.save(update_fields=["reason"])
        return visit, visits.make_pickup(case, now)


def _reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("desk.reason_empty")


def lift_freeze(staff: Staff, case: Case, reason: str, now: datetime) -> None:
    """The evidence was seen: a «no fui yo» ends before its 72 hours, in this case and of the key of these numbers.

    Not by whom it was said of: nobody who acted in the case, or in one of which it was said. What a second look stopped stays.
    Raises `Refused`: desk.reason_empty, desk.interest, desk.lift_same_person, freeze.none, freeze.looked_again.
    """
    _reason(reason)
    refuse_interest(staff, case)
    account = objections.account_of(case)
    said_of = {one.case for one in objections.stopping(account, now)}
    if any(staff.pk in queries.acted(one) for one in {case, *said_of}):
        raise Refused("desk.lift_same_person")
    if keys.stopped_until(account, now) and looks.stops(account, now):
        raise Refused("freeze.looked_again")
    objections.lift(case, staff=staff.number, reason="evidence_seen", now=now)


def release_hold(staff: Staff, number: str, reason: str) -> None:
    """A supervisor looked into a flagged case and lets it go on. Raises as `_held`."""
    case = _held(staff, number, reason)
    with transaction.atomic():
        visits.release_hold(case, staff=staff.number, reason="looked_into")


def end_hold(staff: Staff, number: str, reason: str, now: datetime) -> None:
    """A supervisor looked into a flagged case, and it was not the employer: it ends, and every contact is told (F12).

    Whoever would still have decided is asked no more. Raises as `_held`, and desk.held_has_key where a key was set.
    """
    case = _held(staff, number, reason)
    if case.state not in journey.MOVES["end_held"].sources:
        raise Refused("desk.held_has_key")
    with transaction.atomic():
        entry = visits.end_held(case, staff=staff.number, now=now)
        close_all(case, "refused", now)
        ask_no_more(case, now)
        Photo.objects.filter(visit__case=case).delete()
        _tell(case, "desk_done", entry, now, outcome="not_the_employer", asked=["key"])


def _held(staff: Staff, number: str, reason: str) -> Case:
    """The flagged case that somebody else flagged. Raises `Refused`: desk.not_held, .reason_empty, .interest, approval.same_person."""
    _reason(reason)
    case = Case.objects.filter(number=number.strip(), held=True, closed_at=None).first()
    if case is None:
        raise Refused("desk.not_held")
    training.refuse_mixed(staff, case)
    refuse_interest(staff, case)
    if staff.pk in queries.acted(case):
        raise Refused("approval.same_person")
    return case


def force_reissue(staff: Staff, case: Case, now: datetime) -> None:
    """The institution asks for a new key (E13)."""
    if case.account is not None:
        with transaction.atomic():
            keys.force_reissue(case.account, actor="supervisor", reason="desk", now=now)


def due(now: datetime) -> int:
    """End visits that were left open: the person went home, or the officer's day ended. Called by the worker."""
    before = now - timedelta(hours=12)
    old = Visit.objects.filter(closed_at=None, opened_at__lt=before).select_related("case", "staff")
    return sum(_let_go(visit, now) for visit in old[:200])


def free(staff: Staff, now: datetime) -> None:
    """This officer is gone: whoever gets the code of one of their cases goes on with it, from now on."""
    for visit in Visit.objects.filter(closed_at=None, staff=staff).select_related("case", "staff"):
        _let_go(visit, now)


def _let_go(visit: Visit, now: datetime) -> int:
    """End a visit that nobody ended: a case that was only looked at stands where it stood before, every other one where it is."""
    try:
        (leave if visit.case.state == "at_desk" else finish)(visit, now)
    except Refused:
        return 0
    return 1
