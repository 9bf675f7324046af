"""The SRI's public register of RUCs, as dated copies: one a province, of which one is live."""

from django.db import models

from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Snapshot(models.Model):
    """One import of one province's file. Rows are found only through a live snapshot."""

    province = models.CharField(max_length=60)
    as_of = models.DateField(null=True)
    imported_at = models.DateTimeField()
    live = models.BooleanField(default=False)
    rucs = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["province"], condition=models.Q(live=True), name="one_live_copy_a_province"
            )
        ]

    def __str__(self) -> str:
        return f"{self.province} {self.as_of}"


class Ruc(models.Model):
    """One RUC of one snapshot. The number is public and stands as an integer, 8 bytes instead of 14.

    `name` is kept for societies only: a natural person's name is personal data that nobody here needs.
    """

    ACTIVE, SUSPENDED, CLOSED = 1, 2, 3

    pk = models.CompositePrimaryKey("ruc", "snapshot_id")
    ruc = models.BigIntegerField()
    # Rows come and go with their copy, in `services` alone: a check for each of millions would be the dearest part.
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, db_index=False, db_constraint=False)
    status = models.PositiveSmallIntegerField()
    establishments = models.PositiveIntegerField()
    name = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.ruc:013d}"


class Inquiry(Row):
    """A RUC asked of the SRI online, and what it answered: a dated fact beside the copy (source `online`).

    The number is sealed while it waits and wiped with the answer; the fact is found by a keyed hash. `why` says
    what went wrong where the answer is `unknown`.
    """

    WAITING, ANSWERED = "waiting", "answered"

    ruc = Sealed(blank=True)
    ruc_lookup = models.CharField(max_length=43)
    case_id = models.BigIntegerField()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, default=WAITING)
    taken = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, default="unknown")
    why = models.CharField(max_length=12, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["ruc_lookup", "answered_at"], name="inquiry_of_ruc"),
            models.Index(fields=["state", "asked_at"], name="inquiry_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case_id"], condition=models.Q(state="waiting"), name="inquiry_waits_once"
            ),
            models.CheckConstraint(
                name="inquiry_silence_is_unknown",
                condition=models.Q(status="unknown") | models.Q(state="answered", why=""),
            ),
        ]

    def __str__(self) -> str:
        return f"inquiry {self.pk}"


class Breaker(models.Model):
    """Whether the SRI's service is asked at all: one row. Open until `open_until` after too many failures in a row."""

    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    last_why = models.CharField(max_length=12, blank=True)

    def __str__(self) -> str:
        return "breaker"
