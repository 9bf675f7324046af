"""A case that waits because of a risk: the second proof, the cancel link, and the hours that pass (D12, D13).

`services.settle_contact` lets it wait; the current key works all the time.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from clavero.audit import services as audit
from clavero.core import challenge, evidence, journey
from clavero.core.errors import Refused
from clavero.employers.models import Contact
from clavero.keys import passkeys, second
from clavero.keys import services as keys
from clavero.keys.services import Try
from clavero.privacy import handles
from clavero.recovery import queries, risk, services
from clavero.recovery.models import Case
from clavero.recovery.services import advance

CANCEL_LINK_DAYS = 4


REFUSED_AS = {"passkey.copied": "passkey.copied_here"}
"""What a passkey is told here in other words than at the desk."""


def takes_second_proof(case: Case) -> bool:
    """Whether a saved code or a passkey would be a second proof here (`evidence.takes_second_proof`)."""
    return evidence.takes_second_proof(case.proofs)


def prove_again(case: Case, typed: str, asker: str, now: datetime) -> Case:
    """A saved code beside the contact that was proved: two independent proofs, and no wait (D12).

    Counted before it is looked at; everybody who was told of the wait hears that it ended. Raises `Refused`:
    saved_code.wrong, throttle.wait; case.move_not_allowed where the case moved on meanwhile.
    """
    services.spend(*services.try_charges(case, asker, typed), now=now)
    journey.move(case.state, "prove_again")
    account = keys.account_of(queries.number_of(case))
    if not takes_second_proof(case) or not _taken(case, account, typed, now):
        _record(case, "wrong_saved_code")
        raise Refused("saved_code.wrong")
    return case


def _taken(case: Case, account: keys.Account | None, typed: str, now: datetime) -> bool:
    """The code is used and the case goes on, or neither."""
    if len(challenge.normal(typed)) != challenge.SAVED_CODE_LENGTH:
        return False
    with transaction.atomic():
        if not keys.use_saved_code(account, typed, case_id=case.pk, now=now):
            return False
        _end(case, "prove_again", "saved_code", now)
    return True


def prove_by_passkey(case: Case, state: str, answer: str, asker: str, now: datetime) -> Case:
    """A passkey beside the contact that was proved: as good as the saved code, where it is old enough (D12, ADR-0019).

    `state` and `answer` are what the page's challenge and the browser sent. Counted before it is looked at; everybody
    who was told of the wait hears that it ended. Raises `Refused`: passkey.late, passkey.answer, passkey.copied_here,
    passkey.too_new (`days`), throttle.wait; case.move_not_allowed where the case moved on meanwhile.
    """
    services.spend(*services.try_charges(case, asker, signed=True), now=now)
    journey.move(case.state, "prove_by_passkey")
    try:
        with transaction.atomic():
            _check_passkey(case, state, answer, now)
            _end(case, "prove_by_passkey", "passkey", now)
    except Refused as refused:
        if refused.code.startswith("passkey."):
            _refuse_passkey(case, refused)
        raise
    return case


def _check_passkey(case: Case, state: str, answer: str, now: datetime) -> None:
    """The signature first: how old a passkey is, is said to nobody who does not have it. In a transaction."""
    account = keys.account_of(queries.number_of(case))
    if account is None or not takes_second_proof(case):
        raise Refused("passkey.answer")
    signed = passkeys.check(account, passkeys.CASE, state, answer, now, owner=case.pk)
    added_at = passkeys.added_at(account, signed.credential_id)
    if not evidence.passkey_answers((case.opened_at - added_at).days if added_at else None):
        raise Refused("passkey.too_new", days=evidence.CHANGED_DAYS + 1)


def _refuse_passkey(case: Case, refused: Refused) -> None:
    """Recorded, and said; of two presses that arrive together the second is led on (ATTACKS 17)."""
    before = case.state
    case.look_again()
    if case.state != before:
        raise Refused("case.move_not_allowed") from None
    _record(case, refused.code.replace("passkey.", "passkey_"))
    raise Refused(REFUSED_AS.get(refused.code, refused.code), **refused.details) from None


def _end(case: Case, move: str, proof: str, now: datetime) -> None:
    """The wait is over by a second proof; whoever was told of it hears by which. In a transaction.

    A second step that was set up meanwhile is asked next: no other proof stands for it (S-002).
    """
    told, version = queries.told_of_a_wait(case, now), case.handle_version + 1
    entry = advance(
        case, move, now=now, gives="second_proof", handle_version=version, risks=risk.by_now(case)
    )
    services.tell_all(case, told, "wait_ended", entry, now, proof=proof)


def prove_factor(case: Case, typed: str, attempt: Try, now: datetime) -> Case:
    """The second step of the account, beside what was proved (S-002). Raises as `keys.second.check`."""
    account = keys.account_of(queries.number_of(case))
    if account is None:
        raise Refused("second.wrong")
    second.check(account, typed, replace(attempt, case_id=case.pk), now)
    with transaction.atomic():
        advance(case, "add_factor", now=now, gives="totp", handle_version=case.handle_version + 1)
    return case


def _record(case: Case, reason: str) -> None:
    with transaction.atomic():
        audit.record(
            "proof_failed",
            actor="claimant",
            case_id=case.pk,
            subject=case.employer_id,
            outcome="refused",
            reason=reason,
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
