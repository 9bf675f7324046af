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


class Text(Row):
    """An SMS that never left."""

    to = Sealed()
    text = models.TextField()
    code = models.CharField(max_length=20, blank=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"text {self.pk}"
