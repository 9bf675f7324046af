"""Secrets that people and browsers hold: made by the system's generator, stored as keyed hashes (S-014, S-018).

A hash carries the id of its key, `id.hash`. Only the holder has the secret, so that it cannot be made anew under another
key: it stays good under its own for as long as that key is there and the secret lives (S-136).
"""

import hmac
import secrets

from clavero.privacy import keyring, lookups


def new_token(size: int = 32) -> str:
    """A token of `size` random bytes as URL-safe text."""
    return secrets.token_urlsafe(size)


def new_marked(purpose: str) -> str:
    """A token that shows without a look into the database that it was made here: `token.mark`."""
    token = new_token(32)
    return f"{token}.{hash(f'mark|{purpose}', token)}"


def is_marked(purpose: str, token: str) -> bool:
    """Whether `new_marked` made this token, under a key in use. Says nothing of whether it still is anybody's."""
    text, _, mark = token.partition(".")
    return bool(mark) and matches(mark, f"mark|{purpose}", text)


def hash(purpose: str, token: str, *bound: object) -> str:
    """The keyed hash of `token` for one purpose, bound to what it belongs to: under the newest key."""
    return _under(keyring.newest(), purpose, token, bound)


def hashes(purpose: str, token: str, *bound: object) -> tuple[str, ...]:
    """What a row may hold of this token: under each key in use, newest first; without an id as older versions wrote it."""
    found = [_under(key_id, purpose, token, bound) for key_id in keyring.field_keys()]
    return (*found, *(each.partition(".")[2] for each in found))


def matches(stored: str, purpose: str, token: str, *bound: object) -> bool:
    """Whether `stored` is the hash of this token under any key in use. An empty one is of no token."""
    found = [same(stored, each) for each in hashes(purpose, token, *bound)]
    return any(found)


def same(a: str, b: str) -> bool:
    """Whether two texts are equal, in time that does not depend on where they differ."""
    return hmac.compare_digest(a.encode(), b.encode())


def _under(key_id: str, purpose: str, token: str, bound: tuple[object, ...]) -> str:
    text = "|".join([*map(str, bound), token])
    return f"{key_id}.{lookups.under(key_id, f'token|{purpose}', text)}"
