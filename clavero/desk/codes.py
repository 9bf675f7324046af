"""Codes of six digits instead of passkeys: for the staff of the demonstration, and there alone (S-072)."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings

from clavero.core import totp
from clavero.core.errors import Refused
from clavero.keys.models import Account
from clavero.privacy import sealing


def _place(account: Account) -> str:
    return f"totp|{account.pk}"


def give(account: Account, secret: str, now: datetime) -> None:
    """Codes of six digits for somebody of the demonstration. `secret` is base 32 and kept sealed."""
    data = {"secret": sealing.seal(secret, _place(account))}
    Authenticator.objects.create(
        user=account, type=Authenticator.Type.TOTP, data=data, created_at=now
    )


def has(account: Account) -> bool:
    return Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()


def check(account: Account | None, typed: str, now: datetime) -> None:
    """The code of now or of a neighbouring half minute, each once. Count the try first.

    Raises `Refused`: staff.code_wrong, staff.code_used for one that was taken before, and passkey.answer where
    no such codes exist: then a passkey was wanted and did not answer.
    """
    if not settings.DESK_CODES:
        raise Refused("passkey.answer")
    kept = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
    if kept is None:
        raise Refused("staff.code_wrong")
    step = totp.match(sealing.unseal(kept.data["secret"], _place(kept.user)), typed, now)
    if step is None:
        raise Refused("staff.code_wrong")
    at = datetime.fromtimestamp(step * totp.PERIOD, now.tzinfo)
    fresh = Authenticator.objects.filter(pk=kept.pk)
    if not fresh.exclude(last_used_at__gte=at).update(last_used_at=at):
        raise Refused("staff.code_used")
