"""Secrets that people and browsers hold: made by the system's generator, stored as keyed hashes (S-014, S-018)."""

import hmac
import secrets

from clavero.privacy import lookups


def new_token(size: int = 32) -> str:
    """A token of `size` random bytes as URL-safe text."""
    return secrets.token_urlsafe(size)


def hash(purpose: str, token: str, *bound: object) -> str:
    """The keyed hash of `token` for one purpose, bound to what it belongs to."""
    return lookups.of(f"token|{purpose}", "|".join([*map(str, bound), token]))


def same(a: str, b: str) -> bool:
    """Whether two texts are equal, in time that does not depend on where they differ."""
    return hmac.compare_digest(a.encode(), b.encode())
