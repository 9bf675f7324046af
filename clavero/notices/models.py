"""The outbox: messages written with the fact they tell, sent after it."""

from django.db import models

from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Message(Row):
    """One message to one address. `payload` and `address` are sealed, and wiped once it is sent.

    `key` makes it one message however often the deed is repeated; a lease makes it one sender at a time.
    """

    MAIL, SMS = "mail", "sms"
    QUEUED, LEASED, SENT, DROPPED, DEAD = "queued", "leased", "sent", "dropped", "dead"

    kind = models.CharField(max_length=24)
    channel = models.CharField(max_length=4, default=MAIL)
    state = models.CharField(max_length=8, default=QUEUED)
    key = models.CharField(max_length=120, unique=True)
    address = Sealed(blank=True)
    payload = Sealed(blank=True)
    language = models.CharField(max_length=2, default="es")
    employer_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=24, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Delivery(Row):
    """What became of a sending, for whoever looks; what closes an address stands in `employers.bounces`."""

    message = models.ForeignKey(Message, models.CASCADE)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12)
    detail = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.outcome


class PostLetter(Row):
    """A notice for the post: to whom fewer than two e-mails on record could be told (A22).

    No address stands here: it is the register's at the time of printing. `key` makes it one letter for a deed and a day;
    `batch` names the export that it left with, empty while it waits.
    """

    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=120, unique=True)
    payload = Sealed()
    language = models.CharField(max_length=2, default="es")
    employer_id = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    batch = models.CharField(max_length=16, blank=True, db_index=True)
    exported_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="letter_age")]

    def __str__(self) -> str:
        return f"letter {self.pk}"


class Announcement(models.Model):
    """What everybody is told for a time, in both languages (F13). Nothing about anybody."""

    es = models.CharField(max_length=200)
    en = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.es

    def says(self, lang: str) -> str:
        """Its words in `lang` (es, en)."""
        return self.en if lang == "en" else self.es


class Heartbeat(models.Model):
    """When each worker was last alive; `doctor` reads it."""

    owner = models.CharField(max_length=24, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.owner
