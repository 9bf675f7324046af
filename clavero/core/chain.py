"""Sealed records: each carries the hash of the one before it, so that a change anywhere shows from there on.

A record is the triple (number, body, seal). `seal` = SHA-256(previous seal ‖ length of body ‖ body).
"""

import hashlib
import json
from collections.abc import Iterable

ORIGIN = bytes(32)


def body(fields: dict[str, object]) -> str:
    """The canonical text of a record: JSON with sorted keys, no white space, ASCII."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def body_around(fields: dict[str, object]) -> tuple[str, str]:
    """The same text before and after its number, for a database that counts and seals by itself."""
    before, after = body(fields | {"number": 0}).split('"number":0', 1)
    return f'{before}"number":', after


def seal(previous: bytes, text: str) -> bytes:
    """The seal of a record after `previous` (32 bytes)."""
    raw = text.encode()
    return hashlib.sha256(previous + len(raw).to_bytes(8, "big") + raw).digest()


def first_break(
    records: Iterable[tuple[int, str, bytes]], after: bytes = ORIGIN, number: int = 0
) -> int | None:
    """The number of the first record that does not follow, or None where all do."""
    for expected, (found, text, sealed) in enumerate(records, start=number + 1):
        after = seal(after, text)
        if found != expected or sealed != after:
            return expected
    return None


def unsealed(links: Iterable[tuple[int, str, str, str]]) -> int | None:
    """Of links (number, previous seal, body, seal; seals in hex) the first whose body does not make its seal.

    Where a link follows another of the list without a gap, its previous seal must be that one's. None where all hold.
    """
    last: dict[int, str] = {}
    for number, before, text, sealed in links:
        follows = last.get(number - 1, before) == before
        if not follows or seal(bytes.fromhex(before), text).hex() != sealed:
            return number
        last = {number: sealed}
    return None
