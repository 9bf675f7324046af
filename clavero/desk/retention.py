"""What the desk forgets: visits, decisions and signatures of cases that are over, numbers of the queue, times of duty."""

from datetime import datetime

from django.db.models import Q, QuerySet

from clavero.desk.models import (
    Answer,
    Approval,
    Assertion,
    Correction,
    Duty,
    Enrolment,
    SecondLook,
    Ticket,
    Training,
    Visit,
)
from clavero.privacy import retention
from clavero.privacy.retention import Rule

VISIT = ("desk_visit", "desk_photo")


def _visits(before: datetime) -> QuerySet[Visit]:
    return Visit.objects.filter(case__closed_at__lt=before)


def _bare(before: datetime) -> QuerySet[Visit]:
    """Those whose decisions and corrections are gone: the others wait for the next round."""
    return _visits(before).filter(approvals=None, corrections=None)


def _corrections(before: datetime) -> QuerySet[Correction]:
    return Correction.objects.filter(visit__in=_visits(before))


def _approvals(before: datetime) -> QuerySet[Approval]:
    return Approval.objects.filter(case__closed_at__lt=before)


def _duties(before: datetime) -> QuerySet[Duty]:
    """Those that ended, and those that nobody ended and at which nobody was seen since."""
    return Duty.objects.filter(Q(until__lt=before) | Q(until=None, seen_at__lt=before))


PRACTICE = (
    Rule(
        "unproven_cases",
        ("desk_approval",),
        lambda before: _approvals(before).filter(case__training=True),
    ),
    Rule(
        "unproven_cases",
        ("desk_correction",),
        lambda before: Correction.objects.filter(
            visit__in=_visits(before).filter(case__training=True)
        ),
    ),
    Rule("unproven_cases", VISIT, lambda before: _bare(before).filter(case__training=True)),
)
FINISHED = (
    Rule("finished_cases", ("desk_approval",), _approvals),
    Rule("finished_cases", ("desk_correction",), _corrections),
    Rule(
        "finished_cases",
        ("desk_secondlook",),
        lambda before: SecondLook.objects.filter(case__closed_at__lt=before),
    ),
    Rule("finished_cases", VISIT, _bare),
    Rule(
        "finished_cases",
        ("desk_assertion",),
        lambda before: Assertion.objects.filter(at__lt=before, approval=None),
    ),
)
STAFF = (
    Rule("tickets", ("desk_ticket",), lambda before: Ticket.objects.filter(day__lt=before.date())),
    Rule("duties", ("desk_duty",), _duties),
    Rule(
        "duties",
        ("desk_enrolment",),
        lambda before: Enrolment.objects.filter(asked_at__lt=before),
    ),
    Rule(
        "duties",
        ("desk_answer",),
        lambda before: Answer.objects.filter(answered_at__lt=before),
    ),
    Rule(
        "duties",
        ("desk_training",),
        lambda before: Training.objects.filter(ended_at__lt=before),
    ),
)
RULES = (*PRACTICE, *FINISHED, *STAFF)
"""In this order: a decision goes before its visit, and both before `recovery` lets the case go."""


def due(now: datetime) -> int:
    """Called by the worker, before recovery's."""
    return retention.forget(RULES, now)
