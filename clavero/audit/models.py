"""The chain on disk: one row an entry, one row for the head. Append-only by trigger on both databases."""

from django.db import models


class Entry(models.Model):
    """One sealed record. `body` is the canonical text that `seal` covers; the columns repeat it for queries."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    actor = models.CharField(max_length=40)
    case_id = models.BigIntegerField(null=True)
    subject = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=12)
    reason = models.CharField(max_length=60, blank=True)
    body = models.TextField()
    seal = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["case_id", "number"], name="audit_case"),
            models.Index(fields=["subject", "number"], name="audit_subject"),
        ]

    def __str__(self) -> str:
        return f"entry {self.number}"


class Head(models.Model):
    """Where the chain stands: locked by every writer, so that numbers have no gap."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    seal = models.BinaryField(max_length=32, default=bytes(32))

    def __str__(self) -> str:
        return f"head {self.number}"


class Publication(models.Model):
    """A head that was signed and sent out."""

    at = models.DateTimeField()
    number = models.BigIntegerField()
    seal_hex = models.CharField(max_length=64)
    signature = models.CharField(max_length=100)
    sink = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"publication of {self.number}"
