"""Rows that cannot be changed by hand: a MAC over what matters, checked at use (ATTACKS 31, 32)."""

import base64
import hmac
from functools import cache
from hashlib import sha256

from clavero.privacy import keyring


@cache
def _key(key_id: str, kind: str) -> bytes:
    return keyring.derived(key_id, f"mac|{kind}")


def make(kind: str, *parts: object) -> str:
    """The MAC of `parts`, with the id of its key."""
    return f"{keyring.newest()}.{_mac(keyring.newest(), kind, parts)}"


def check(kind: str, mac: str, *parts: object) -> bool:
    """Whether `mac` was made of these parts, under a key that is still in use."""
    key_id, _, body = mac.partition(".")
    if key_id not in keyring.field_keys():
        return False
    return hmac.compare_digest(body, _mac(key_id, kind, parts))


def renewed(kind: str, mac: str, *parts: object) -> str:
    """`mac` under the newest key where it holds; one that does not hold stays as it is, and does not hold."""
    return make(kind, *parts) if check(kind, mac, *parts) else mac


def short(key_id: str, kind: str, *parts: object) -> str:
    """The first 80 bits under one key, as 20 hexadecimal digits: for what is written where letters are few."""
    return _digest(key_id, kind, parts)[:10].hex()


def _mac(key_id: str, kind: str, parts: tuple[object, ...]) -> str:
    return base64.urlsafe_b64encode(_digest(key_id, kind, parts)).decode().rstrip("=")


def _digest(key_id: str, kind: str, parts: tuple[object, ...]) -> bytes:
    text = "".join(f"{len(part)}:{part}" for part in map(str, parts))
    return hmac.digest(_key(key_id, kind), text.encode(), sha256)
