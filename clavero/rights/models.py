"""What people asked about their own data, and breaches with what was told to whom."""

from django.db import models
from django.db.models import Q

from clavero.core import rights
from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Request(Row):
    """One request, from the account or noted at a desk. `number` is what people tell on the telephone.

    `employer_id` is the employer it is about, null where the register has none. `reminded` counts the reminders that left.
    `noted_by` and `answered_by` are numbers of staff; 0 where the employer asked in the account.
    """

    number = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default=rights.RECEIVED)
    employer_id = models.BigIntegerField(null=True, db_index=True)
    representative_id = models.BigIntegerField(null=True)
    who = Sealed(blank=True)
    what = Sealed(blank=True)
    reach = Sealed(blank=True)
    proof = models.CharField(max_length=16)
    language = models.CharField(max_length=2, default="es")
    received_at = models.DateTimeField()
    due_on = models.DateField()
    reminded = models.PositiveSmallIntegerField(default=0)
    noted_by = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=16, blank=True)
    answer = Sealed(blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_on"], name="request_due")]
        constraints = [
            models.CheckConstraint(
                name="request_kind_known", condition=Q(kind__in=list(rights.KINDS))
            ),
            models.CheckConstraint(
                name="request_refused_with_reason",
                condition=~Q(state=rights.REFUSED) | Q(reason__in=list(rights.REASONS)),
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.number}"


class Breach(Row):
    """A breach of personal data: when it was known, what it touched, whom it was told to (S-132).

    `scope` says whose data: accounts that were used, cases that moved, or all, between `began_at` and `ended_at`. `tables`
    are names of the data dictionary; `told` maps a recipient of `core.breach` to the day. `reminded` are the terms of which
    the operators were reminded, each by recipient and last day.
    """

    number = models.CharField(max_length=16, unique=True)
    known_at = models.DateTimeField()
    risk_at = models.DateTimeField(null=True)
    processor = models.BooleanField(default=False)
    what = Sealed()
    measures = Sealed(blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    scope = models.CharField(max_length=8)
    tables = models.JSONField(default=list)
    told = models.JSONField(default=dict)
    queued_at = models.DateTimeField(null=True)
    reminded = models.JSONField(default=list)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"breach {self.number}"
