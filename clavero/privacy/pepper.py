"""The pepper: what is hashed is HMAC(pepper, account id ‖ key version ‖ NFC key) (ruling on S-037)."""

import base64
import hmac
from dataclasses import dataclass
from hashlib import sha256

from clavero.core import key_policy
from clavero.privacy import keyring


@dataclass(frozen=True)
class Peppered:
    """What goes into the slow hash, and the id of the pepper that made it."""

    pepper_id: str
    digest: bytes


def newest_id() -> str:
    """The id of the pepper that new keys are hashed with."""
    return next(iter(keyring.peppers()))


def apply(account_id: int, version: int, key: str, pepper_id: str = "") -> Peppered:
    """Bind `key` to account and version under a pepper: the newest, or the one named.

    An unknown pepper id gives a digest that matches nothing.
    """
    name = pepper_id or newest_id()
    pepper = keyring.peppers().get(name, bytes(32))
    text = f"{account_id}\x00{version}\x00{key_policy.normal(key)}"
    return Peppered(name, base64.b64encode(hmac.digest(pepper, text.encode(), sha256)))
