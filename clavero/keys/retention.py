"""What accounts forget: sessions that are over, browsers that stay away, old lines of a key's history."""

from datetime import datetime

from clavero.keys.models import Device, KeyEvent, Session
from clavero.privacy import retention
from clavero.privacy.retention import Rule

RULES = (
    Rule(
        "sessions",
        ("keys_session",),
        lambda before: Session.objects.filter(expire_date__lt=before),
    ),
    Rule(
        "devices",
        ("keys_device",),
        lambda before: Device.objects.filter(last_seen_at__lt=before),
    ),
    Rule(
        "key_history",
        ("keys_keyevent",),
        lambda before: KeyEvent.objects.filter(at__lt=before),
    ),
)


def due(now: datetime) -> int:
    """Called by the worker."""
    return retention.forget(RULES, now)
