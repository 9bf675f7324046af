"""How often is too often: one row a bucket and subject, changed by one statement."""

from django.db import models

from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Bucket(models.Model):
    """A bucket that leaks: `level` at the instant `at`, `most` it holds, `rate` it loses a second.

    Where `quick` is not 0, tries beyond so many keep a distance from `taken_at`, the last one that was taken (`core.pacing`).
    It blocks from `full_at` on, when it first refused, until it has leaked to its half; `refused` counts meanwhile (C14).
    `asked` are 62 bits, one of which each employer sets that is asked for in the hour from `asked_since` on:
    about how many they are (S-054).
    """

    key = models.CharField(max_length=80, primary_key=True)
    level = models.FloatField()
    at = models.FloatField()
    most = models.FloatField()
    rate = models.FloatField()
    allowed = models.BooleanField()
    full_at = models.FloatField(null=True)
    refused = models.IntegerField(db_default=0)
    quick = models.FloatField(null=True)
    taken_at = models.FloatField(null=True)
    asked = models.BigIntegerField(null=True)
    asked_since = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="throttle_age")]

    def __str__(self) -> str:
        return self.key.partition(":")[0]


class Refusing(Row):
    """A network that was refused lately: so that an operator sees where an attack comes from, or a shared address (C12, C14).

    `employers` are 62 bits, one of which each employer sets who signs in from there: about how many they are, never which.
    """

    lookup = models.CharField(max_length=64, unique=True)
    network = Sealed()
    at = models.DateTimeField(db_index=True)
    employers = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return "refusing"


class Ticket(models.Model):
    """A human check without script: stored until it is spent, for one set of typed numbers and one asker."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    binding = models.CharField(max_length=64)
    asker = models.CharField(max_length=64)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "ticket"
