"""A column that the database cannot read: encrypted from the first migration on (S-134)."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from clavero.privacy import keyring, sealing


class Sealed(models.TextField):
    """Text stored as AES-GCM, bound to table, column and row id; decrypted when the attribute is read.

    A value copied into another row, column or table raises `sealing.Unreadable` when it is read.
    `.values()` gives the sealed text. Empty stays empty. Look-ups need a column of `lookups.of`.
    """

    is_sealed = True

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def place(self, row: models.Model) -> str:
        return f"{row._meta.db_table}|{self.column}|{row.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        held = model_instance.__dict__.get(self.attname)
        if isinstance(held, _Closed):
            return held
        return sealing.seal(held, self.place(model_instance)) if held else held

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return _Closed(value) if value else value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """What the database gets. Raises `TypeError` for a text that nobody sealed, whatever way it came here."""
        if isinstance(value, _Closed):
            return value.text
        if value and value.partition(".")[0] not in keyring.field_keys():
            raise TypeError(f"{self.name} is sealed: it is written with its row.")
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact"):
            raise FieldError(f"{self.name} is sealed: look it up by its keyed hash.")
        return super().get_lookup(lookup_name)


def closed(row: models.Model, name: str, value: str) -> "_Closed":
    """`value` as an UPDATE writes it into the sealed column `name` of `row`: `update` does not seal, `save` does."""
    field = row._meta.get_field(name)
    assert isinstance(field, Sealed)
    return _Closed(sealing.seal(value, field.place(row)))


def opened(row: models.Model, name: str) -> str:
    """What stands sealed in column `name` of `row`; empty where another hand wrote it."""
    try:
        return getattr(row, name) or ""
    except sealing.Unreadable:
        return ""


def update_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Many rows of one table in few statements, their sealed columns sealed: Django's own `bulk_update` does not seal."""
    if not rows:
        return
    model = type(rows[0])
    sealed = [f for f in map(model._meta.get_field, names) if isinstance(f, Sealed)]
    held = [(row, f.attname, getattr(row, f.attname), f) for row in rows for f in sealed]
    for row, name, _, each in held:
        row.__dict__[name] = models.Value(each.pre_save(row, False), models.TextField())
    model._default_manager.bulk_update(rows, names)
    for row, name, value, _ in held:
        row.__dict__[name] = value


class _Closed:
    """A value as the database holds it, not opened yet."""

    __slots__ = ("text",)
    is_closed = True

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "<sealed>"


class _Opening(models.query_utils.DeferredAttribute):
    """Opens the value when it is first read."""

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)  # type: ignore[no-untyped-call]
        if instance is None or not isinstance(value, _Closed):
            return value
        opened = sealing.unseal(value.text, self.field.place(instance))  # type: ignore[attr-defined]
        instance.__dict__[self.field.attname] = opened
        return opened

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value
