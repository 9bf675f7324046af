"""How often is too often: one row a bucket and subject, changed by one statement."""

from django.db import models


class Bucket(models.Model):
    """A bucket that leaks: `level` at the instant `at`, `most` it holds, `rate` it loses a second."""

    key = models.CharField(max_length=80, primary_key=True)
    level = models.FloatField()
    at = models.FloatField()
    most = models.FloatField()
    rate = models.FloatField()
    allowed = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="throttle_age")]

    def __str__(self) -> str:
        return self.key.partition(":")[0]


class Ticket(models.Model):
    """A human check without script: stored until it is spent, for one set of typed numbers and one asker."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    binding = models.CharField(max_length=64)
    asker = models.CharField(max_length=64)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "ticket"
