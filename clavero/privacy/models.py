"""The base of rows with sealed columns: their id is known before they are stored, and says nothing."""

import secrets

from django.db import models


def new_id() -> int:
    """A random id of 62 bits. Not a secret; unique enough for 10^8 rows, and checked by the primary key."""
    return secrets.randbits(62) | 1


class Row(models.Model):
    """A table whose sealed columns are bound to table, column and this id."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True
