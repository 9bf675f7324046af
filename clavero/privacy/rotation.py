"""A newer key takes over while the portal serves: what older ones sealed is made anew, in small pieces (S-136).

Sealed columns are found by themselves. What else is made of a row's own values, each room says in its `renewing.py`:
look-ups, seals of rows. Secrets that only their holder has cannot be made anew; `Lapse` names them, so that it can be
said when nothing needs the older key any more. What is done is done: after a kill the next run goes on with the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from clavero.audit import services as audit
from clavero.audit.models import Entry
from clavero.privacy import fields, keyring
from clavero.privacy.sealing import Unreadable

BATCH, PASSES = 100, 5
Anew = Callable[[Any], Mapping[str, object]]


@dataclass(frozen=True)
class Renewal:
    """Columns of `model` that are made of its row: `anew` gives them as they are under the newest key."""

    model: type[models.Model]
    anew: Anew


@dataclass(frozen=True)
class Lapse:
    """A column of hashes that stay under their own key; `live` are the rows that somebody may still use."""

    model: type[models.Model]
    column: str
    live: models.Q = field(default_factory=models.Q)

    @property
    def name(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"


@dataclass
class Report:
    """How many rows were made anew, how many could not be: opened by no key, or in the way of another."""

    renewed: int = 0
    left: Counter[str] = field(default_factory=Counter)


def renew(
    renewals: Iterable[Renewal], now: datetime, tick: Callable[[int, int], None] | None = None
) -> Report:
    """Go through every table until a whole pass finds nothing to do. Recorded in counts.

    `tick` is told after each piece how many rows were made anew, twice: nobody knows of how many.
    """
    report, made = Report(), {each.model: each.anew for each in renewals}
    for _ in range(PASSES):
        report.left.clear()
        found = sum(_table(model, made.get(model), report, tick) for model in _models(made))
        if not found:
            break
    with transaction.atomic():
        audit.record(
            "keys_rotated", reason=keyring.newest(), now=now,
            data={"rows": report.renewed, "left": report.left.total()},
        )  # fmt: skip
    return report


def _models(made: Mapping[type[models.Model], Anew]) -> list[type[models.Model]]:
    """Those of `renewals` first and in their order, then every other with a sealed column."""
    sealed = [model for model in apps.get_models() if _sealed(model) and model not in made]
    return [*made, *sealed]


def _sealed(model: type[models.Model]) -> list[fields.Sealed]:
    return [each for each in model._meta.concrete_fields if isinstance(each, fields.Sealed)]


def _table(
    model: type[models.Model],
    anew: Anew | None,
    report: Report,
    tick: Callable[[int, int], None] | None,
) -> int:
    """One pass over a table by its key; how many rows changed or were busy."""
    last, found = None, 0
    while (piece := _piece(model, anew, last, report)) is not None:
        last, changed = piece
        found += changed
        if tick:
            tick(report.renewed, report.renewed)
    return found


def _piece(
    model: type[models.Model], anew: Anew | None, last: Any, report: Report
) -> tuple[Any, int] | None:
    """The next rows after `last`: the last key and how many changed. Nobody waits for a row of another's deed."""
    rows = model._default_manager.order_by("pk")
    keys = list((rows.filter(pk__gt=last) if last is not None else rows).values_list("pk", flat=True)[:BATCH])  # fmt: skip
    if not keys:
        return None
    with transaction.atomic():
        free = rows.filter(pk__in=keys).select_for_update(of=("self",), skip_locked=True)
        here = list(free)
        changed = sum(_row(row, anew, report) for row in here)
    report.renewed += changed
    return keys[-1], changed + len(keys) - len(here)


def _row(row: models.Model, anew: Anew | None, report: Report) -> int:
    """Whether the row was changed. Called with the row locked."""
    try:
        changes = _changes(row, anew)
        if not changes:
            return 0
        with transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(**changes)
    except (Unreadable, IntegrityError):
        report.left[row._meta.db_table] += 1
        return 0
    return 1


def _changes(row: models.Model, anew: Anew | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in _sealed(type(row)):
        held = row.__dict__[each.attname]
        if held and not held.text.startswith(_mark()):
            found[each.name] = fields.closed(row, each.name, getattr(row, each.attname))
    for name, value in (anew(row) if anew else {}).items():
        if getattr(row, name) != value:
            found[name] = value
    return found


def _mark() -> str:
    """How everything begins that is under the newest key."""
    return f"{keyring.newest()}."


# --- what still needs an older key --------------------------------------------------------------------------

OUTSIDE = timedelta(days=31)
"""What browsers and mails carry sealed lives 30 days at most (a «no fui yo», the list of a browser's cases)."""


def keep_until(now: datetime) -> datetime:
    """Until when an older key must stay for what is not in the database: counted from the first run under the newest."""
    first = Entry.objects.filter(event="keys_rotated", reason=keyring.newest()).order_by("number")
    return (first.values_list("at", flat=True).first() or now) + OUTSIDE


def waiting(lapses: Iterable[Lapse]) -> dict[str, int]:
    """Column → how many values stand under an older key and are still needed; empty with one key."""
    if not keyring.older():
        return {}
    found = dict([*_unsealed(), *((each.name, _lapsing(each)) for each in lapses)])
    return {name: count for name, count in found.items() if count}


def _unsealed() -> Iterator[tuple[str, int]]:
    for model in apps.get_models():
        for each in _sealed(model):
            table, column = model._meta.db_table, each.column
            text = (
                f'SELECT count(*) FROM "{table}" WHERE "{column}" <> %s AND "{column}" NOT LIKE %s'  # noqa: S608 (names of our own models)
            )
            with connection.cursor() as cursor:
                cursor.execute(text, ["", f"{_mark()}%"])
                yield f"{table}.{column}", cursor.fetchone()[0]


def _lapsing(each: Lapse) -> int:
    rows = each.model._default_manager.filter(each.live).exclude(**{each.column: ""})
    return rows.exclude(**{f"{each.column}__startswith": _mark()}).count()
