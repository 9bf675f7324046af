"""What is forgotten of requests and breaches: what was answered, refused or closed long ago. What is open, stays."""

from datetime import datetime

from clavero.core import rights
from clavero.privacy import retention
from clavero.privacy.retention import Rule
from clavero.rights.models import Breach, Request

OVER = (rights.ANSWERED, rights.REFUSED)
RULES = (
    Rule(
        "requests",
        ("rights_request",),
        lambda before: Request.objects.filter(state__in=OVER, answered_at__lt=before),
    ),
    Rule(
        "breaches",
        ("rights_breach",),
        lambda before: Breach.objects.filter(closed_at__lt=before),
    ),
)


def due(now: datetime) -> int:
    """Called by the worker."""
    return retention.forget(RULES, now)
