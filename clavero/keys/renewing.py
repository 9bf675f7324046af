"""What accounts make of their rows with a key: names, seals of rows, secrets of second steps (S-136)."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q

from clavero.keys import passkeys, second, services
from clavero.keys.models import Account, Device, FactorCode, SavedCode
from clavero.privacy import lookups, macs, sealing
from clavero.privacy.rotation import Lapse, Renewal


def _account(row: Account) -> dict[str, object]:
    return {
        "username": _username(row),
        "key_mac": macs.renewed("key", row.key_mac, *services._mac_parts(row)),
    }


def _username(row: Account) -> str:
    """An employer's account is called by the numbers that are typed; the branch among them or not, as it was made."""
    if row.employer is None or row.representative is None:
        return row.username
    text = f"{row.representative.identification}|{row.employer.ruc}"
    return lookups.renewed(row.username, "account", text, f"{text}|{row.branch}")


def _authenticator(row: Authenticator) -> dict[str, object]:
    data: dict[str, Any] = dict(row.data)
    if "mac" in data:
        parts = passkeys._mac_parts(row.user_id, data["credential"])
        data["mac"] = macs.renewed("passkey", data["mac"], *parts)
    if "since" in data:
        since = passkeys._since_parts(row.user_id, data["credential"], data["since"])
        data["since_mac"] = macs.renewed("passkey_since", data["since_mac"], *since)
    if "secret" in data:
        data["secret"] = _secret(data["secret"], row.user_id)
    return {"data": data}


def _secret(sealed: str, owner: int) -> str:
    """The same secret of an app, sealed anew for the place that it was sealed for."""
    if sealing.is_newest(sealed):
        return sealed
    for place in second.places(owner):
        try:
            return sealing.seal(sealing.unseal(sealed, place), place)
        except sealing.Unreadable:
            continue
    raise sealing.Unreadable("sealed for no place of ours")


RENEWS = (Renewal(Account, _account), Renewal(Authenticator, _authenticator))
LAPSES = (
    Lapse(Account, "key_mac"),
    Lapse(Device, "token_hash"),
    Lapse(SavedCode, "code_hash", Q(used_at=None)),
    Lapse(FactorCode, "code_hash", Q(used_at=None)),
)
