"""What the register forgets: the list of what Clavero changed, once the institution has had time to fetch it."""

from datetime import datetime

from clavero.employers.models import Change, Conflict
from clavero.privacy import retention
from clavero.privacy.retention import Rule

RULES = (
    Rule("changes", ("employers_change",), lambda before: Change.objects.filter(on__lt=before)),
    Rule("changes", ("employers_conflict",), lambda before: Conflict.objects.filter(at__lt=before)),
)


def due(now: datetime) -> int:
    """Called by the worker."""
    return retention.forget(RULES, now)
