"""What recovery forgets: cases that are over. The record of what was done in them stays."""

from datetime import datetime

from django.db.models import Q, QuerySet

from clavero.core import journey
from clavero.privacy import retention
from clavero.privacy.retention import Rule
from clavero.recovery.models import Case

TAKES = (
    "recovery_case",
    "recovery_contactproof",
    "recovery_objection",
    "recovery_casecontact",
    "recovery_readypaper",
)


def _ended(before: datetime) -> QuerySet[Case]:
    """Cases that ended before then. Those which the desk still has a visit, a decision or a second look of wait for the desk."""
    ended = Case.objects.filter(closed_at__lt=before, state__in=sorted(journey.FINAL))
    return ended.filter(visits=None, approvals=None, second_looks=None)


def _unproven(before: datetime) -> QuerySet[Case]:
    return _ended(before).filter(Q(proved_at=None) | Q(training=True))


RULES = (Rule("unproven_cases", TAKES, _unproven), Rule("finished_cases", TAKES, _ended))


def due(now: datetime) -> int:
    """Called by the worker."""
    return retention.forget(RULES, now)
