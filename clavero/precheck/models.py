"""Lists too long to wait for: kept sealed while they are judged, and their results until they are fetched."""

from typing import ClassVar

from django.db import models

from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class SentList(Row):
    """A list that somebody sent. Whoever holds the token follows it; an hour later nothing of it is left.

    `details` and `facts` are JSON: of the sentence `code`, and of the report. A lease makes it one worker's at a time.
    """

    QUEUED, WORKING, READY, FAILED = "queued", "working", "ready", "failed"

    token_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=8, default=QUEUED)
    name = Sealed(blank=True)
    language = models.CharField(max_length=2, default="es")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    code = models.CharField(max_length=40, blank=True)
    details = Sealed(blank=True)
    facts = Sealed(blank=True)
    objects: ClassVar["models.Manager[SentList]"] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["state", "made_at"], name="precheck_waiting")]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"


class Piece(Row):
    """A piece of a file of a list: what was sent, an earlier result, or a result of one kind."""

    SENT, SINCE, CSV, XLSX, JSONL = "sent", "since", "csv", "xlsx", "jsonl"

    sent = models.ForeignKey(SentList, models.CASCADE, related_name="pieces")
    kind = models.CharField(max_length=8)
    number = models.PositiveIntegerField()
    body = Sealed()
    objects: ClassVar["models.Manager[Piece]"] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sent", "kind", "number"], name="precheck_piece_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
