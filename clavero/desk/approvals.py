"""The second person: drawn by the system, shown everything, deciding with a signature that is kept (S-066, H03)."""

import json
import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from clavero.audit import services as audit
from clavero.core import counter, evidence, journey
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.desk import casework, looks, queries, training
from clavero.desk.models import Approval, Assertion, Correction, Duty, Photo, Staff, Visit
from clavero.employers import services as employer_deeds
from clavero.institution import profile
from clavero.privacy import retention
from clavero.recovery import prepared, visits
from clavero.recovery import services as recovery
from clavero.recovery.models import Case
from clavero.recovery.services import advance

DECIDE_WITHIN = timedelta(minutes=15)
REDRAW_AFTER = timedelta(minutes=7)
PHOTO_HOURS = 24


def ask(visit: Visit, now: datetime) -> Approval:
    """Everything was seen; a second person decides. Raises what `casework.ready` raises."""
    casework.ready(visit)
    with transaction.atomic():
        advance(
            visit.case, "ask_approval", now=now, actor="officer", staff=visit.staff.number,
            gives="visit",
        )  # fmt: skip
        approval = Approval.objects.create(
            case=visit.case,
            visit=visit,
            asked_by=visit.staff,
            asked_at=now,
            evidence_hash=hash_of(visit),
        )
        draw(approval, now)
    return approval


def ask_for_paper(staff: Staff, case: Case, now: datetime) -> Approval:
    """The paper form of a power cut waits for the second person like any other case. In a transaction."""
    approval = Approval.objects.create(
        case=case, asked_by=staff, asked_at=now,
        evidence_hash=counter.evidence_hash(case.number, "approve", {}, {}),
    )  # fmt: skip
    draw(approval, now)
    return approval


def type_paper(
    staff: Staff, number: EmployerNumber, reason: str, language: str, now: datetime
) -> Case:
    """Type in the paper form of a power cut: awaiting approval, and nothing more. Raises `Refused("desk.interest")`."""
    training.refuse_here(staff)
    case = visits.begin_at_desk(
        "type_paper",
        number,
        partial(casework.refuse_interest, staff),
        staff=staff.number,
        centre=staff.centre,
        reason="paper",
        language=language,
        now=now,
    )
    with transaction.atomic():
        ask_for_paper(staff, case, now)
    return case


def hash_of(visit: Visit) -> str:
    """What the second person agrees to, as it stands now."""
    corrected = {kind: json.dumps(value) for kind, value in queries.corrected(visit).items()}
    return counter.evidence_hash(visit.case.number, "approve", queries.marks(visit), corrected)


def _drawable(approval: Approval, now: datetime, only: Staff | None = None) -> tuple[int, ...]:
    """Who may be drawn now, by row id: for the draw, and for whether the drawn one (`only`) may still decide."""
    case = approval.case
    return counter.drawable(
        queries.on_duty(now, case, only),
        acted=queries.acted(case) | {approval.asked_by_id},
        centre=approval.visit.centre if approval.visit else case.centre,
        same_centre=case.training or profile().desk.approver_same_centre,
    )


def draw(approval: Approval, now: datetime) -> Staff | None:
    """Draw who decides, from those on duty elsewhere who did not act; nobody where there is nobody. In a transaction."""
    case, may = approval.case, _drawable(approval, now)
    others = [one for one in may if one != approval.drawn_id] or list(may)
    chosen = secrets.choice(others) if others else None
    if chosen is None and approval.drawn_id is None and approval.drawn_at is not None:
        return None  # nobody still, as the record says: it is never shortened, and the worker asks each minute
    Approval.objects.filter(pk=approval.pk, decision="").update(drawn=chosen, drawn_at=now)
    approval.drawn_id, approval.drawn_at = chosen, now
    audit.record(
        "approval_drawn", case_id=case.pk, subject=case.employer_id, outcome="done" if chosen else "nobody",
    )  # fmt: skip
    return approval.drawn if chosen else None


def redraw_late(now: datetime) -> int:
    """Draw again where nobody was there, or who was drawn did not decide or went off duty; a case that ended waits for nobody.

    Called by the worker, and when somebody comes on duty.
    """
    waiting = Approval.objects.filter(decision="")
    waiting.filter(case__state__in=journey.FINAL).update(decision="over", decided_at=now)
    late, nobody = Q(drawn_at__lt=now - REDRAW_AFTER), Q(drawn=None)
    left = ~Q(drawn__in=Duty.objects.filter(until=None).values("staff"))
    done = 0
    for approval in waiting.filter(late | nobody | left).select_related("case", "visit")[:100]:
        with transaction.atomic():
            draw(approval, now)
        done += 1
    return done


# --- deciding ---------------------------------------------------------------------------------------------


def approve(approval: Approval, staff: Staff, assertion: Assertion, now: datetime) -> None:
    """The drawn person approves: the corrections are made, the case may have its code. One transaction, or nothing.

    Raises `Refused`: approval.same_person, approval.not_drawn, approval.not_on_duty, approval.changed, approval.decided,
    desk.interest.
    """
    token = _may_decide(approval, staff, now)
    case = approval.case
    with transaction.atomic():
        _decide(approval, staff, "approved", "", assertion, now)
        _apply(approval, now)
        entry = advance(
            case, "approve", now=now, actor="approver", staff=staff.number, gives=token,
            **visits.wake_binding(case, now),
        )  # fmt: skip
        _refuse_changed(approval)
        looks.draw(case, now)
        visits.refresh_facts(case)
        recovery.supersede_others(case, now)
        _tell(case, entry, "approved", approval, now)


def _refuse_changed(approval: Approval) -> None:
    """What was marked is read anew, behind the case's row: who marks holds it too (`casework.undecided`)."""
    if approval.visit is None:
        return
    approval.visit.refresh_from_db(fields=["marked"])
    if hash_of(approval.visit) != approval.evidence_hash:
        raise Refused("approval.changed")


def send_back(
    approval: Approval, staff: Staff, reason: str, assertion: Assertion, now: datetime
) -> None:
    """Not yet: what is missing. The person keeps the place. Raises as `approve`, and desk.reason_empty."""
    _end(approval, staff, "sent_back", "send_back", reason, assertion, now)


def refuse(
    approval: Approval, staff: Staff, reason: str, assertion: Assertion, now: datetime
) -> None:
    """No, with a reason and a way to complain. Raises as `approve`, and desk.reason_empty."""
    _end(approval, staff, "refused", "refuse", reason, assertion, now)


def _end(
    approval: Approval, staff: Staff, decision: str, move: str, reason: str, assertion: Assertion, now: datetime
) -> None:  # fmt: skip
    _may_decide(approval, staff, now)
    if not reason.strip():
        raise Refused("desk.reason_empty")
    case = approval.case
    with transaction.atomic():
        _decide(approval, staff, decision, reason, assertion, now)
        until: dict[str, Any] = {}
        if move == "send_back":
            until["observed_until"] = now.date() + timedelta(days=7)
        entry = advance(
            case, move, now=now, actor="approver", staff=staff.number, reason=decision, **until
        )  # fmt: skip
        _tell(case, entry, "refused" if move == "refuse" else "observed", approval, now)
        casework.close_all(case, decision, now)


def _may_decide(approval: Approval, staff: Staff, now: datetime) -> str:
    """The token of this person's approval: whom the system drew, and would draw now. Who went off duty since, or to the centre
    of the case, is replaced by another draw.
    """
    if approval.decision:
        raise Refused("approval.decided")
    training.refuse_mixed(staff, approval.case)
    if queries.has_interest(staff, approval.case):
        raise Refused("desk.interest")
    acted = frozenset(queries.acted(approval.case) | {approval.asked_by_id})
    token = evidence.second_approval(acted, staff.pk, approval.drawn_id or 0)
    if staff.pk not in _drawable(approval, now, staff):
        raise Refused("approval.not_on_duty")
    return token


def _decide(
    approval: Approval,
    staff: Staff,
    decision: str,
    reason: str,
    assertion: Assertion,
    now: datetime,
) -> None:
    """One decision, once: the row decides between two that arrive together. Photos are gone with it."""
    approval.reason = reason.strip()[:500]
    approval.save(update_fields=["reason"])
    row = Approval.objects.filter(pk=approval.pk, decision="", drawn=staff)
    changes = {"decision": decision, "decided_by": staff, "decided_at": now, "assertion": assertion}
    if not row.update(**changes):
        raise Refused("approval.decided")
    approval.decision, approval.decided_by, approval.decided_at = decision, staff, now
    if approval.visit_id:
        Photo.objects.filter(visit_id=approval.visit_id).delete()
    if decision != "sent_back":
        prepared.forget(approval.case)


def _tell(case: Case, entry: audit.Entry, outcome: str, approval: Approval, now: datetime) -> None:
    if case.employer_id is None:
        return
    asked = sorted(queries.corrected(approval.visit)) if approval.visit else []
    told = recovery.register_of(case).to_tell
    recovery.tell_all(case, told, "desk_done", entry, now, outcome=outcome, asked=asked or ["key"])


# --- corrections ------------------------------------------------------------------------------------------


def _apply(approval: Approval, now: datetime) -> None:
    """Make the corrections that were approved, in the order that they need: the employer, the person, the contacts."""
    if approval.visit is None:
        return
    asked = queries.corrected(approval.visit)
    case = approval.case
    if case.training:
        asked = {}
    if "register" in asked:
        _register(case, asked["register"], now)
    if "representative" in asked or "register" in asked:
        named = asked.get("representative") or {"name": ""}
        visits.change_representative(
            recovery.owner(case), case.identification, named["name"], case=case, now=now
        )
    for kind in ("email", "mobile", "landline"):
        if kind in asked:
            _replace(case, kind, asked[kind]["value"], now)
    Correction.objects.filter(visit=approval.visit).update(applied_at=now)


def _register(case: Case, value: dict[str, str], now: datetime) -> None:
    number = EmployerNumber(case.identification, case.ruc, case.branch, case.domestic)
    made = employer_deeds.register(number, value["kind"], value["name"], case_id=case.pk, now=now)
    recovery.rewrite(case, {"employer_id": made.pk})


def _replace(case: Case, kind: str, value: str, now: datetime) -> None:
    """The new contact; every old one is told before it is closed, and the new one must answer its link."""
    employer = recovery.owner(case)
    old_ones = recovery.register_of(case).to_tell
    fresh, _ = employer_deeds.replace_contact(employer, kind, value, case_id=case.pk, now=now)
    entry = audit.record(
        "contact_asked", actor="approver", case_id=case.pk, subject=employer.pk, reason=kind
    )
    recovery.tell_all(case, old_ones, "desk_done", entry, now, outcome="approved", asked=[kind])
    if kind == "email" and fresh.state == "proposed" and fresh.confirmed_at is None:
        recovery.ask_to_confirm(case, fresh, value, entry, now)


# --- photos -----------------------------------------------------------------------------------------------


def forget_photos(now: datetime) -> int:
    """Photos live 24 hours at most. Called by the worker."""
    return retention.sweep(Photo.objects.filter(taken_at__lt=now - timedelta(hours=PHOTO_HOURS)))


def due(now: datetime) -> int:
    """Called by the worker."""
    return redraw_late(now) + forget_photos(now) + casework.due(now)


def waited(approval: Approval, now: datetime) -> dict[str, Any]:
    """Until when the second person has time, and whether the person may go home meanwhile."""
    until = approval.asked_at + DECIDE_WITHIN
    return {"until": until, "is_late": now >= until}
