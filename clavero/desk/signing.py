"""Signing in at the desk, unlocking it, and signing what is approved. There is no password to ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.desk import codes, people
from clavero.desk.models import Assertion, Staff
from clavero.keys import passkeys
from clavero.keys.passkeys import Signed
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge


def count_try(name: str, asker: str, now: datetime) -> None:
    """Count before checking. Raises `Refused("throttle.wait", seconds=…)`."""
    _count(f"staff:{_short(name)}", asker, now)


def count_enrolment(name: str, asker: str, now: datetime) -> None:
    """Count a code of enrolment before checking it: for its network, and for this name from this network.

    No bucket is shared by two networks: a stranger who knows the name takes no try from the newcomer at the centre. None needs
    to be: the code has 80 bits, lives 48 hours and works once, so that all networks together guess nothing.
    Raises `Refused("throttle.wait", seconds=…)`.
    """
    _count(f"enrol:{_short(name)}|{asker}", asker, now)


def _short(name: str) -> str:
    return name.strip().lower()[:40]


def _count(subject: str, asker: str, now: datetime) -> None:
    decision = throttle.spend(Charge("staff_try", subject), Charge("signin_asker", asker), now=now)
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)


def by_passkey(name: str, state: str, answer: str, asker: str, now: datetime) -> Staff:
    """Who signs in with a passkey. One sentence for whatever does not match (S-055).

    Only the network is counted: a signature cannot be guessed, and a stranger must not lock an officer out.
    Raises `Refused`: throttle.wait, staff.no_match, passkey.late, passkey.copied.
    """
    decision = throttle.spend(Charge("signin_asker", asker), now=now)
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)
    staff = people.by_sign_in_name(name)
    if staff is None:
        _record_failure(None, "unknown")
        raise Refused("staff.no_match")
    try:
        with transaction.atomic():
            passkeys.check(staff.account, passkeys.SIGN_IN, state, answer, now)
            _record("staff_signin", staff, "passkey")
    except Refused as refused:
        _record_failure(staff, refused.code)
        raise Refused("staff.no_match") if refused.code == "passkey.answer" else refused from None
    return staff


def by_code(name: str, typed: str, asker: str, now: datetime) -> Staff:
    """Who signs in with a code of six digits, in the demonstration alone. Raises as `by_passkey`, and staff.code_used."""
    count_try(name, asker, now)
    staff = people.by_sign_in_name(name)
    try:
        with transaction.atomic():
            codes.check(staff.account if staff else None, typed, now)
            assert staff is not None
            _record("staff_signin", staff, "code")
    except Refused as refused:
        _record_failure(staff, refused.code)
        raise (
            Refused("staff.no_match")
            if refused.code in ("staff.code_wrong", "passkey.answer")
            else refused
        ) from None
    return staff


def unlock(staff: Staff, state: str, answer: str, typed: str, now: datetime) -> None:
    """The same person is back at the locked desk. Raises as the check, and throttle.wait."""
    if not answer:
        count_try(staff.sign_in_name, f"staff:{staff.pk}", now)
    with _failures_recorded(staff), transaction.atomic():
        if answer:
            passkeys.check(staff.account, passkeys.UNLOCK, state, answer, now, owner=staff.pk)
        else:
            codes.check(staff.account, typed, now)
        _record("staff_unlocked", staff, "passkey" if answer else "code")


def add_passkey(staff: Staff, label: str, state: str, answer: str, now: datetime) -> None:
    """One more passkey for who enrols. Raises `Refused`: passkey.late, passkey.answer, passkey.known."""
    with transaction.atomic():
        passkeys.add(staff.account, label, state, answer, now)
        people.mark_ready(staff, now)
        _record("passkey_added", staff, "passkey")


def record_lock(staff: Staff, why: str) -> None:
    """The desk was locked, by hand or for being idle."""
    with transaction.atomic():
        _record("staff_locked", staff, why)


def record_out(staff: Staff, why: str) -> None:
    """The session is over, by hand or after twelve hours."""
    with transaction.atomic():
        _record("staff_signout", staff, why)


def sign(
    staff: Staff, message_hash: str, state: str, answer: str, typed: str, now: datetime
) -> Assertion:
    """Sign what `message_hash` (64 hex digits) stands for, and keep the proof.

    In the demonstration a code stands in, and the record says so. Raises `Refused`: throttle.wait, passkey.late,
    passkey.answer, passkey.copied, staff.code_wrong, staff.code_used.
    """
    if not answer:
        count_try(staff.sign_in_name, f"staff:{staff.pk}", now)
    with _failures_recorded(staff), transaction.atomic():
        signed = _signed(staff, message_hash, state, answer, typed, now)
        kind = Assertion.PASSKEY if signed else Assertion.CODE
        _record("assertion_made", staff, kind)
        parts = vars(signed) if signed else {}
        return Assertion.objects.create(
            staff=staff, at=now, kind=kind, message_hash=message_hash, **parts
        )


def _signed(
    staff: Staff, message_hash: str, state: str, answer: str, typed: str, now: datetime
) -> Signed | None:
    """The passkey's answer, or None where a code of the demonstration stands in."""
    if answer:
        return passkeys.check(
            staff.account, passkeys.APPROVE, state, answer, now, staff.pk, message_hash
        )
    codes.check(staff.account, typed, now)
    return None


def holds(kept: Assertion) -> bool:
    """Whether a kept assertion is a signature over its message, checked anew (a demonstration's code never is)."""
    names = Signed.__dataclass_fields__
    signed = Signed(**{name: getattr(kept, name) for name in names})
    return kept.kind == Assertion.PASSKEY and passkeys.verify(signed, kept.message_hash)


def _record(event: str, staff: Staff, reason: str) -> None:
    audit.record(
        event, actor=staff.role, subject=staff.account_id, reason=reason, data={"staff": staff.number}
    )  # fmt: skip


@contextmanager
def _failures_recorded(staff: Staff) -> Iterator[None]:
    """A refusal inside is recorded, after what it rolled back."""
    try:
        yield
    except Refused as refused:
        _record_failure(staff, refused.code)
        raise


def _record_failure(staff: Staff | None, reason: str) -> None:
    with transaction.atomic():
        audit.record(
            "staff_signin_failed", actor="anonymous", outcome="refused", reason=reason,
            subject=staff.account_id if staff else None,
        )  # fmt: skip
