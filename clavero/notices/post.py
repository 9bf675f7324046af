"""Letters for the post: what is told on paper where mail alone might tell the thief (A22)."""

import json
from datetime import datetime
from typing import Any

from clavero import rows
from clavero.institution import profile
from clavero.notices.models import PostLetter

KINDS = frozenset(
    "key_changed key_unlocked contact_proposed desk_done force_reissue second_step_off".split()
)
"""What goes on paper too: the key, the contacts, what a desk decided. Never a message that carries a code or a link."""
ENOUGH = 2
"""Of so many e-mails on record one at least was not the one that was used."""


def queue(
    kind: str,
    *,
    reached: int,
    payload: dict[str, Any],
    once: str,
    now: datetime,
    employer_id: int | None,
    case_id: int | None = None,
    language: str = "es",
) -> bool:
    """Queue a letter where `reached` e-mails are too few; whether it was. One for each `once`, kind and day. In the deed's transaction."""
    if not profile().post_letters or reached >= ENOUGH or kind not in KINDS or employer_id is None:
        return False
    letter = PostLetter(
        kind=kind, key=f"{once}:{kind}:{now:%Y%m%d}", payload=json.dumps(payload), language=language,
        employer_id=employer_id, case_id=case_id, made_at=now,
    )  # fmt: skip
    return rows.insert_once(letter)
