"""What the outbox forgets: messages that were sent, dropped or given up. What waits, stays.

A letter goes printed or not: what it tells is old by then.
"""

from datetime import datetime

from clavero.notices.models import Message, PostLetter
from clavero.privacy import retention
from clavero.privacy.retention import Rule

OVER = (Message.SENT, Message.DROPPED, Message.DEAD)
RULES = (
    Rule(
        "messages",
        ("notices_message", "notices_delivery"),
        lambda before: Message.objects.filter(state__in=OVER, due_at__lt=before),
    ),
    Rule(
        "messages",
        ("notices_postletter",),
        lambda before: PostLetter.objects.filter(made_at__lt=before),
    ),
)


def due(now: datetime) -> int:
    """Called by the worker."""
    return retention.forget(RULES, now)
