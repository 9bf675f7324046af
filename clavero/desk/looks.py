"""The second look: of the cases that were approved, chance draws some to be looked at again (S-076).

The draw is part of the approval's own transaction: nobody can forget it, ask for it or avoid it, and nobody at the
counter is told. Who looks had no hand in the case. A doubt is a question, not an accusation: it stops and hands on.
"""

import secrets
from datetime import datetime

from django.db import transaction

from clavero.audit import services as audit
from clavero.core import journey
from clavero.core.errors import Refused
from clavero.desk import queries, training
from clavero.desk.models import SecondLook, Staff
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.recovery import objections, visits
from clavero.recovery import services as recovery
from clavero.recovery.models import Case

HELD, STOPPED, NOTHING = "held", "stopped", "nothing"
"""What a doubt did: the case waits for a supervisor, the key rests, or there was nothing left to stop."""
SHOWN = 50


def draw(case: Case, now: datetime) -> None:
    """Chance says whether somebody looks at this case again. In the transaction of its approval."""
    if case.training or not _falls():
        return
    if SecondLook.objects.filter(case=case, outcome="").exists():
        return
    SecondLook.objects.create(case=case, drawn_at=now)
    audit.record("second_look_drawn", case_id=case.pk, subject=case.employer_id)


def _falls() -> bool:
    return secrets.randbelow(100) < profile().desk.second_look_percent


def waiting(staff: Staff) -> list[SecondLook]:
    """What waits for a second look and is not this person's own work or business, oldest first."""
    if training.of(staff):
        return []
    found = SecondLook.objects.filter(outcome="").select_related("case__employer")
    found = found.exclude(case__visits__staff=staff).exclude(case__approvals__asked_by=staff)
    found = found.exclude(case__approvals__decided_by=staff)
    others = found.exclude(case__second_looks__looked_by=staff).order_by("drawn_at")
    return [one for one in others[:SHOWN] if not queries.has_interest(staff, one.case)]


def may_look(staff: Staff, case: Case) -> bool:
    """Whether this person had no hand in the case, has no interest in the employer, and does not practise."""
    if training.of(staff) or staff.pk in queries.acted(case):
        return False
    return not queries.has_interest(staff, case)


def decide(look: SecondLook, staff: Staff, outcome: str, reason: str, now: datetime) -> str:
    """What somebody found, once, with the reason. A doubt stops what still can be stopped: `HELD`, `STOPPED` or `NOTHING`.

    Raises `Refused`: look.own, look.done, look.reason_empty.
    """
    if not may_look(staff, look.case):
        raise Refused("look.own")
    if not reason.strip():
        raise Refused("look.reason_empty")
    with transaction.atomic():
        _keep(look, staff, outcome, reason, now)
        done = _stop(look.case, staff, now) if outcome == SecondLook.DOUBTFUL else NOTHING
        audit.record(
            "second_look_done", actor=staff.role, case_id=look.case_id, subject=look.case.employer_id,
            reason=outcome, data={"staff": staff.number, "then": done},
        )  # fmt: skip
    return done


def _keep(look: SecondLook, staff: Staff, outcome: str, reason: str, now: datetime) -> None:
    """The row decides between two that arrive together."""
    row = SecondLook.objects.filter(pk=look.pk, outcome="")
    if not row.update(outcome=outcome, looked_by=staff, looked_at=now):
        raise Refused("look.done")
    look.outcome, look.looked_by, look.looked_at = outcome, staff, now
    look.reason = reason.strip()[:500]
    look.save(update_fields=["reason"])


def stops(account: Account | None, now: datetime) -> bool:
    """Whether a doubt of the last 72 hours stopped this key: no «no fui yo», and nothing that one supervisor ends."""
    doubts = SecondLook.objects.filter(
        outcome=SecondLook.DOUBTFUL, looked_at__gt=now - objections.FREEZE
    )
    return account is not None and doubts.filter(case__account=account).exists()


def _stop(case: Case, staff: Staff, now: datetime) -> str:
    """Before there is a key the case waits for another supervisor; a key that it set rests for 72 hours, every contact told."""
    if case.key_set_at is not None and case.account is not None:
        until = now + objections.FREEZE
        entry = keys.freeze(case.account, until, case_id=case.pk, now=now, actor=staff.role)
        told = recovery.register_of(case).to_tell
        recovery.tell_all(case, told, "desk_done", entry, now, outcome="stopped", asked=["key"])
        return STOPPED
    if case.state in journey.LIVE:
        visits.hold(case, staff=staff.number, now=now, actor=staff.role)
        return HELD
    return NOTHING
