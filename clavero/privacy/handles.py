"""What a browser carries and cannot read: sealed, dated, for one purpose."""

import json
from typing import Any

from clavero import clock
from clavero.privacy import sealing

LONGEST = 3800
"""Of what a cookie carries."""


def seal(held: dict[str, Any], purpose: str) -> str:
    """`held` as text for a cookie or a hidden field."""
    body = json.dumps([int(clock.now().timestamp()), held], separators=(",", ":"))
    return sealing.seal(body, f"handle|{purpose}")


def open(text: str, purpose: str, max_age: int, *, most: int = LONGEST) -> dict[str, Any] | None:
    """What was sealed for `purpose` within `max_age` seconds, else None. Never raises on what a browser sends.

    More than `most` characters are not looked at: a page's field holds more than a cookie.
    """
    if not text or len(text) > most or not text.isascii():
        return None
    try:
        made, held = json.loads(sealing.unseal(text, f"handle|{purpose}"))
    except (sealing.Unreadable, ValueError):
        return None
    return held if clock.now().timestamp() - made <= max_age else None
