"""A second step for employers who want one: codes of an authenticator app, and one-time codes for when it is lost (D11).

Kept as allauth's authenticator, sealed to its account. What is typed is counted before it is looked at; a half minute
is taken once, by a conditional UPDATE (S-028). Putting it in place and taking it away ask for the key and a code, and
everybody on record is told.
"""

import base64
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from allauth.mfa.models import Authenticator
from django.db import transaction

from clavero import rows
from clavero.audit import services as audit
from clavero.core import challenge, totp
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.institution import profile
from clavero.keys import services
from clavero.keys.models import Account, FactorCode
from clavero.keys.services import Try
from clavero.privacy import sealing, tokens
from clavero.throttle import blocks
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge

CODES = 8
"""One-time codes of one account, 80 bits each (S-019)."""
_TOTP = Authenticator.Type.TOTP


def new_secret() -> str:
    """160 bits in base 32 (S-028)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def address(account: Account, secret: str) -> str:
    """What the QR says: the address that authenticator apps read."""
    issuer = profile().institution.short_name
    ending = account.employer.ruc[-7:] if account.employer else ""
    asked = urlencode({"secret": secret, "issuer": issuer})
    return f"otpauth://totp/{quote(issuer)}:{quote('…' + ending)}?{asked}"


def kept(account: Account) -> Authenticator | None:
    """The second step of this account, if it has one."""
    return rows.one(Authenticator, user_id=account.pk, type=_TOTP)


def is_on(number: EmployerNumber) -> bool:
    """Whether the account that these numbers open has a second step at this moment."""
    names = services.usernames(number)
    return Authenticator.objects.filter(user__username__in=names, type=_TOTP).exists()


def codes_left(account: Account) -> int:
    return FactorCode.objects.filter(account_id=account.pk, used_at=None).count()


def _place(account: Account) -> str:
    return f"second|{account.pk}"


def places(owner: int) -> tuple[str, str]:
    """Where a secret of an app may be sealed for: an employer's second step, a code of the demonstration's staff."""
    return f"second|{owner}", f"totp|{owner}"


# --- checking a code --------------------------------------------------------------------------------------


def check(account: Account, typed: str, attempt: Try, now: datetime) -> None:
    """A code of the app, or a one-time code: counted, then looked at, then used up.

    A browser that signed in before has tries of its own, and so has a case: who reads the mailbox spends none of the
    owner's (S-045). Raises `Refused`: throttle.wait, second.wrong,
    second.used for a half minute that was taken already.
    """
    known = services.knows_device(account, attempt.device_token)
    of_a_case = attempt.case_id is not None and not known
    bucket = "signin_known" if known or of_a_case else "signin_unknown"
    ending = blocks.SECOND_OF_A_CASE if of_a_case else blocks.SECOND
    decision = throttle.spend(Charge(bucket, account.username + ending), now=now)
    if not decision.allowed:
        services.record_throttled(account, attempt, decision)
        raise Refused("throttle.wait", seconds=decision.wait_seconds)
    try:
        _use(account, typed, now)
    except Refused:
        services.record_failure(account, attempt, "second_step")
        raise


def _use(account: Account, typed: str, now: datetime) -> None:
    if len(challenge.normal(typed)) == challenge.SAVED_CODE_LENGTH:
        return _use_code(account, typed, now)
    held = kept(account)
    step = totp.match(_secret(account, held), typed, now) if held else None
    if held is None or step is None:
        raise Refused("second.wrong")
    at = datetime.fromtimestamp(step * totp.PERIOD, now.tzinfo)
    fresh = Authenticator.objects.filter(pk=held.pk).exclude(last_used_at__gte=at)
    if not fresh.update(last_used_at=at):
        raise Refused("second.used")


def _secret(account: Account, held: Authenticator) -> str:
    return sealing.unseal(held.data["secret"], _place(account))


def _use_code(account: Account, typed: str, now: datetime) -> None:
    hashed = tokens.hashes("factor_code", challenge.normal(typed), account.pk)
    row = FactorCode.objects.filter(account_id=account.pk, code_hash__in=hashed, used_at=None)
    with transaction.atomic():
        if not row.update(used_at=now):
            raise Refused("second.wrong")
        audit.record("factor_code_used", actor="employer", subject=account.pk)


# --- in place, renewed, away ------------------------------------------------------------------------------


def begin(
    account: Account,
    secret: str,
    typed: str,
    current: str,
    attempt: Try,
    now: datetime,
    *,
    here: str,
) -> list[str]:
    """Put it in place: who knows the key, with a first code of the app. The one-time codes, in clear once.

    Every other session than `here` ends: each was opened with the key alone.

    Raises `Refused`: throttle.wait, key.wrong_current, second.app_wrong, second.there.
    """
    services.check_current(account, current, attempt, now)
    step = totp.match(secret, typed, now)
    if step is None:
        raise Refused("second.app_wrong")
    data = {"secret": sealing.seal(secret, _place(account))}
    at = datetime.fromtimestamp(step * totp.PERIOD, now.tzinfo)
    with transaction.atomic():
        _, fresh = Authenticator.objects.get_or_create(
            user_id=account.pk, type=_TOTP, defaults={"data": data, "created_at": now, "last_used_at": at},
        )  # fmt: skip
        if not fresh:
            raise Refused("second.there")
        services.end_others(account, here)
        codes = _fresh_codes(account, now)
        _tell(account, "second_step_on", attempt, now)
    return codes


def renew_codes(
    account: Account, typed: str, current: str, attempt: Try, now: datetime
) -> list[str]:
    """New one-time codes; the former ones are void. Raises as `check` and `services.check_current`."""
    services.check_current(account, current, attempt, now)
    check(account, typed, attempt, now)
    with transaction.atomic():
        codes = _fresh_codes(account, now)
        _tell(account, "second_step_codes", attempt, now)
    return codes


def remove(account: Account, typed: str, current: str, attempt: Try, now: datetime) -> None:
    """Take it away: with the key and a code. Raises as `check` and `services.check_current`."""
    services.check_current(account, current, attempt, now)
    check(account, typed, attempt, now)
    with transaction.atomic():
        Authenticator.objects.filter(user_id=account.pk, type=_TOTP).delete()
        FactorCode.objects.filter(account_id=account.pk).delete()
        _tell(account, "second_step_off", attempt, now)


def _fresh_codes(account: Account, now: datetime) -> list[str]:
    FactorCode.objects.filter(account_id=account.pk).delete()
    codes = [challenge.continuation(secrets.token_bytes(10)) for _ in range(CODES)]
    FactorCode.objects.bulk_create(
        FactorCode(
            account_id=account.pk,
            code_hash=tokens.hash("factor_code", code, account.pk),
            made_at=now,
        )
        for code in codes
    )
    return codes


def _tell(account: Account, event: str, attempt: Try, now: datetime) -> None:
    entry = audit.record(event, actor="employer", subject=account.pk)
    services.note_event(account, event, entry, now)
    services.tell_contacts(account, event, entry, now, attempt)
