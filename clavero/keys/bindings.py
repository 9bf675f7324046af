"""Passkeys of employers: add one, remove one, sign in with one. Whatever is bound, everybody on record is told (S-008, S-079)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.keys import passkeys, second, services
from clavero.keys.models import Account
from clavero.keys.services import Try
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge

MOST = 10
"""Passkeys of one account."""


@dataclass(frozen=True)
class Proof:
    """What whoever adds a passkey knows: the key, and a code where there is a second step."""

    current: str
    code: str = ""


def add(
    account: Account, label: str, proof: Proof, state: str, answer: str, attempt: Try, now: datetime
) -> None:
    """One more passkey, by who knows the key and has the second step, where there is one: a passkey opens without it (S-002).

    A wrong key or code is a failed try. Raises `Refused`: throttle.wait, key.wrong_current, second.wrong, second.used,
    passkey.late, passkey.answer, passkey.known, passkey.most.
    """
    services.check_current(account, proof.current, attempt, now)
    if second.kept(account) is not None:
        second.check(account, proof.code, attempt, now)
    if passkeys.count(account) >= MOST:
        raise Refused("passkey.most", most=MOST)
    with transaction.atomic():
        passkeys.add(account, label, state, answer, now)
        entry = audit.record("passkey_added", actor="employer", subject=account.pk)
        services.tell_contacts(account, "passkey_added", entry, now, attempt)


def remove(account: Account, number: int, attempt: Try, now: datetime) -> None:
    """A passkey opens nothing any more. One that is gone already is no mistake."""
    with transaction.atomic():
        if passkeys.forget(account, number):
            entry = audit.record("passkey_lost", actor="employer", subject=account.pk)
            services.tell_contacts(account, "passkey_gone", entry, now, attempt)


SAID = {"passkey.answer": "passkey.no_match", "passkey.copied": "passkey.copied_own"}
"""What an employer who signs in is told in other words than staff at the desk."""


def sign_in(state: str, answer: str, attempt: Try, now: datetime) -> Account:
    """The account that a passkey opens, recorded. It says itself whose it is; its signature proves it.

    Counted by network before it is checked. Raises `Refused`: throttle.wait, passkey.late, passkey.copied_own, and
    passkey.no_match for whatever else does not fit, a closed account among it.
    """
    decision = throttle.spend(Charge("signin_asker", attempt.asker), now=now)
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)
    owner = Account.objects.filter(kind=Account.EMPLOYER, pk=passkeys.owner_of(answer)).first()
    try:
        with transaction.atomic():
            _check(owner, state, answer, now)
            assert owner is not None
            services.record_sign_in(owner, attempt, now)
    except Refused as refused:
        services.record_failure(owner, attempt, refused.code)
        if refused.code in SAID:
            raise Refused(SAID[refused.code]) from None
        raise
    services.clear_counters(owner)
    return owner


def _check(owner: Account | None, state: str, answer: str, now: datetime) -> None:
    if owner is None or not services.is_open(owner, now):
        raise Refused("passkey.answer")
    passkeys.check(owner, passkeys.SIGN_IN, state, answer, now)
