"""What the limits forget: buckets that have leaked away, networks that are calm, tickets that nobody spent."""

from datetime import datetime, timedelta

from clavero.privacy import retention
from clavero.privacy.retention import Rule
from clavero.throttle.models import Bucket, Refusing, Ticket

RULES = (
    Rule(
        "throttle",
        ("throttle_bucket",),
        lambda before: Bucket.objects.filter(at__lt=before.timestamp()),
    ),
    Rule(
        "throttle",
        ("throttle_refusing",),
        lambda before: Refusing.objects.filter(at__lt=before),
    ),
)


def due(now: datetime) -> int:
    """Called by the worker."""
    lapsed = Ticket.objects.filter(expires_at__lt=now - timedelta(days=1))
    return retention.forget(RULES, now) + retention.sweep(lapsed)
