"""Time-based one-time codes (RFC 6238, six digits, 30 seconds): for the demonstration's staff, and as a second step."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

PERIOD, DIGITS = 30, 6


def step(at: datetime) -> int:
    """The number of the period that `at` falls into."""
    return int(at.timestamp()) // PERIOD


def code(secret: str, number: int) -> str:
    """The code of one period. `secret` is base 32. Raises ValueError where it is not."""
    try:
        key = base64.b32decode(secret, casefold=True)
    except binascii.Error as error:
        raise ValueError("not base 32") from error
    digest = hmac.digest(key, number.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    value = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{value % 10**DIGITS:0{DIGITS}d}"


def match(secret: str, typed: str, at: datetime) -> int | None:
    """The period whose code was typed: this one or a neighbour (S-072's note), or None. Constant time in the code."""
    plain = "".join(typed.split())
    now = step(at)
    found = None
    for number in (now - 1, now, now + 1):
        if hmac.compare_digest(code(secret, number).encode(), plain.encode()):
            found = number
    return found
