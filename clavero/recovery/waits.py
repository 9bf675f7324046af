"""A case that waits because of a risk: the second proof, the cancel link, and the hours that pass (D12, D13).

`services.settle_contact` lets it wait; the current key works all the time.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from clavero.audit import services as audit
from clavero.core import challenge, journey
from clavero.core.errors import Refused
from clavero.employers.models import Contact
from clavero.keys import second
from clavero.keys import services as keys
from clavero.keys.services import Try
from clavero.privacy import handles
from clavero.recovery import queries, services
from clavero.recovery.models import Case
from clavero.recovery.services import advance

CANCEL_LINK_DAYS = 4


def takes_saved_code(case: Case) -> bool:
    """Whether a saved code would be a second proof here: the first one was a message."""
    return bool(journey.CONTACT & set(case.proofs))


def prove_again(case: Case, typed: str, asker: str, now: datetime) -> Case:
    """A saved code beside the contact that was proved: two independent proofs, and no wait (D12).

    Counted before it is looked at. Raises `Refused`: saved_code.wrong, throttle.wait.
    """
    services.spend(*services.try_charges(case, asker, typed), now=now)
    account = keys.account_of(queries.number_of(case))
    if not takes_saved_code(case) or not _taken(case, account, typed, now):
        _record(case)
        raise Refused("saved_code.wrong")
    return case


def _taken(case: Case, account: keys.Account | None, typed: str, now: datetime) -> bool:
    """The code is used and the case goes on, or neither."""
    if len(challenge.normal(typed)) != challenge.SAVED_CODE_LENGTH:
        return False
    with transaction.atomic():
        if not keys.use_saved_code(account, typed, case_id=case.pk, now=now):
            return False
        version = case.handle_version + 1
        advance(case, "prove_again", now=now, gives="second_proof", handle_version=version)
    return True


def prove_factor(case: Case, typed: str, attempt: Try, now: datetime) -> Case:
    """The second step of the account, beside what was proved (S-002). Raises as `keys.second.check`."""
    account = keys.account_of(queries.number_of(case))
    if account is None:
        raise Refused("second.wrong")
    second.check(account, typed, replace(attempt, case_id=case.pk), now)
    with transaction.atomic():
        advance(case, "add_factor", now=now, gives="totp", handle_version=case.handle_version + 1)
    return case


def _record(case: Case) -> None:
    with transaction.atomic():
        audit.record(
            "proof_failed",
            actor="claimant",
            case_id=case.pk,
            subject=case.employer_id,
            outcome="refused",
            reason="wrong_saved_code",
        )


def read_cancel(token: str) -> tuple[Case, Contact] | None:
    """Case and contact of a cancel link, while it lives."""
    held = handles.open(token, "cancel_wait", CANCEL_LINK_DAYS * 24 * 3600)
    if not held:
        return None
    case = Case.objects.filter(pk=held["case"]).first()
    contact = Contact.objects.filter(pk=held["contact"]).first()
    return (case, contact) if case and contact and contact.is_genuine else None


def stop(case: Case, now: datetime) -> None:
    """The cancel link: the case ends, everybody who was told of it hears of that, nothing else changes.

    Once: raises `Refused("stop.over")` where the case waits no longer.
    """
    if case.state != "waiting":
        raise Refused("stop.over")
    told = queries.told_of_a_wait(case, now)
    try:
        with transaction.atomic():
            entry = advance(case, "stop_wait", now=now, actor="contact")
            services.tell(case, told, "case_stopped", entry, now)
    except Refused as refused:
        raise Refused("stop.over") from refused


def due(now: datetime) -> int:
    """Cases whose hours have passed go on; who was told hears that too. Called by the worker."""
    over = Case.objects.filter(state="waiting", wait_until__lte=now)[:200]
    return sum(_release(case, now) for case in over)


def _release(case: Case, now: datetime) -> bool:
    told = queries.told_of_a_wait(case, now)
    try:
        with transaction.atomic():
            entry = advance(
                case, "release", now=now, actor="system", gives="waited", answered=0, answers_right=0
            )  # fmt: skip
            services.tell(case, told, "wait_over", entry, now)
    except Refused:
        return False
    return True
