"""AES-GCM: a text, sealed for one place and readable only there."""

import base64
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clavero.privacy import keyring

NONCE = 12


class Unreadable(Exception):
    """A sealed value that does not open here: moved, altered, or of a key that is gone."""


@cache
def _cipher(key_id: str) -> AESGCM:
    return AESGCM(keyring.derived(key_id, "seal"))


def seal(text: str, place: str) -> str:
    """`id.base64url(nonce ‖ ciphertext)`, bound to `place`."""
    key_id = keyring.newest()
    nonce = os.urandom(NONCE)
    raw = _cipher(key_id).encrypt(nonce, text.encode(), place.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(nonce + raw).decode().rstrip('=')}"


def is_newest(sealed: str) -> bool:
    """Whether `sealed` stands under the key that new values are made with."""
    return sealed.startswith(f"{keyring.newest()}.")


def unseal(sealed: str, place: str) -> str:
    """The text. Raises `Unreadable`."""
    key_id, _, body = sealed.partition(".")
    if key_id not in keyring.field_keys():
        raise Unreadable("no such key")
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        return _cipher(key_id).decrypt(raw[:NONCE], raw[NONCE:], place.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable("not sealed for this place") from error
