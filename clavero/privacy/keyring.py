"""Key material from the environment, newest first, each key known by a short id.

`CLAVERO_FIELD_KEYS` and `CLAVERO_KEY_PEPPER` read `id:base64url[,id:base64url…]`, also one a line, 32 bytes or
more each. What is stored carries the id of its key: the first seals, every one opens, so that a newer one takes
over without downtime (S-136; docs/operations.md says in which steps).
"""

import base64
import binascii
import hmac
import re
from functools import cache
from hashlib import sha256

from django.conf import settings

_ID = re.compile(r"[a-z0-9]{1,8}")


class BadKeys(ValueError):
    """A setting that holds no usable keys; the text names it."""


def parse(text: str, setting: str) -> dict[str, bytes]:
    """The keys by id, newest first. Raises `BadKeys`."""
    found: dict[str, bytes] = {}
    for part in text.replace(",", "\n").split("\n"):
        if not part.strip():
            continue
        name, colon, material = part.strip().partition(":")
        if not (colon and _ID.fullmatch(name)):
            raise BadKeys(f"{setting}: write id:key, with an id of 1 to 8 small letters or digits.")
        if name in found:
            raise BadKeys(f"{setting}: two keys are called {name}.")
        found[name] = _material(material, setting)
    if not found:
        raise BadKeys(f"{setting}: there is no key.")
    return found


def _material(text: str, setting: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadKeys(f"{setting}: a key is not base64url text.") from None
    if len(raw) < 32:
        raise BadKeys(f"{setting}: a key has {len(raw)} bytes; 32 or more are needed.")
    return raw


@cache
def field_keys() -> dict[str, bytes]:
    return parse(settings.FIELD_KEYS, "CLAVERO_FIELD_KEYS")


@cache
def peppers() -> dict[str, bytes]:
    return parse(settings.KEY_PEPPER, "CLAVERO_KEY_PEPPER")


@cache
def derived(key_id: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose: HKDF-SHA256 (RFC 5869), one block, no salt."""
    extracted = hmac.digest(bytes(32), field_keys()[key_id], sha256)
    return hmac.digest(extracted, purpose.encode() + b"\x01", sha256)


def older() -> tuple[str, ...]:
    """The ids of the keys that only open."""
    return tuple(field_keys())[1:]


def newest() -> str:
    """The id of the key that new values are made with."""
    return next(iter(field_keys()))
