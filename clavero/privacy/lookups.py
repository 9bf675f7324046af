"""Finding what is sealed: keyed hashes, one purpose apart from the other."""

import base64
import hmac
from functools import cache
from hashlib import sha256

from clavero.privacy import keyring


@cache
def _key(key_id: str, purpose: str) -> bytes:
    return keyring.derived(key_id, f"lookup|{purpose}")


def of(purpose: str, text: str) -> str:
    """The look-up of `text` under the newest key: 43 characters that say nothing without the key."""
    return under(keyring.newest(), purpose, text)


def all_of(purpose: str, text: str) -> list[str]:
    """The look-up under each key that is still in use, newest first."""
    return [under(key_id, purpose, text) for key_id in keyring.field_keys()]


def renewed(stored: str, purpose: str, *texts: str) -> str:
    """What `stored` is under the newest key, where an older one made it of one of `texts`; else as it is.

    A look-up of something else was written by another hand: it gets no new seal of ours.
    """
    for text in texts:
        if stored in all_of(purpose, text):
            return of(purpose, text)
    return stored


def under(key_id: str, purpose: str, text: str) -> str:
    """The look-up of `text` under one key."""
    digest = hmac.digest(_key(key_id, purpose), text.encode(), sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
