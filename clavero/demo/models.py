"""The demonstration's mailbox, and the messages to mobiles."""

from django.db import models

from clavero.privacy.fields import Sealed
from clavero.privacy.models import Row


class Mail(Row):
    """A mail that never left: as a person would read it."""

    to = Sealed()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    link = models.CharField(max_length=500, blank=True)
    code = models.CharField(max_length=20, blank=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.subject


class Taxpayer(models.Model):
    """What the made-up SRI answers of a made-up RUC, where it differs from the copy; empty is no answer."""

    ruc = models.CharField(max_length=13, primary_key=True)
    state = models.CharField(max_length=10, blank=True)

    def __str__(self) -> str:
        return self.state


class Text(Row):
    """An SMS that never left."""

    to = Sealed()
    text = models.TextField()
    code = models.CharField(max_length=20, blank=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"text {self.pk}"
