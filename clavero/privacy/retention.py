"""Forgetting what is past its period, in small pieces (S-128, J06).

Each room says in its `retention.py` which rows are over; how many days they are kept is the profile's, and
`dictionary.toml` names both. The worker asks every room each minute.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from clavero.audit import services as audit
from clavero.institution import profile

BATCH, AT_ONCE = 500, 10
"""Rows that one transaction deletes; how many of those a round makes, so that mail does not wait."""


class Unexpected(RuntimeError):
    """A rule would take rows of a table that it does not name: nothing was deleted."""


@dataclass(frozen=True)
class Rule:
    """Rows of one kind that are forgotten.

    `period` is a name of the profile's `retention_days`. `takes` names every table that loses rows, the rule's own
    first. `over` gives the rows that ended before a moment, found by an index.
    """

    period: str
    takes: tuple[str, ...]
    over: Callable[[datetime], QuerySet[Any]]


def before(period: str, now: datetime) -> datetime:
    """What ended before this moment has been kept for its days: a midnight (UTC), so that the record gets a few
    lines a day and not one a minute."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=profile().retention_days[period])


def forget(rules: Iterable[Rule], now: datetime) -> int:
    """Delete what is over by these rules, in their order; each piece is a deed on record, in counts."""
    return sum(_forget(rule, rule.over(before(rule.period, now))) for rule in rules)


def sweep(over: QuerySet[Any]) -> int:
    """Delete what lapses by itself within minutes or hours, in the same pieces. Nothing is recorded."""
    return _pieces(lambda: _delete(over)[0])


def _forget(rule: Rule, over: QuerySet[Any]) -> int:
    return _pieces(lambda: _on_record(rule, over))


def _pieces(one: Callable[[], int]) -> int:
    """As many pieces as there are, and no more than a round may make; how many rows went."""
    done = 0
    for _ in range(AT_ONCE):
        gone = one()
        done += gone
        if gone < BATCH:
            break
    return done


def _on_record(rule: Rule, over: QuerySet[Any]) -> int:
    with transaction.atomic():
        gone, tables = _delete(over)
        if not set(tables) <= set(rule.takes):
            raise Unexpected(", ".join(sorted(set(tables) - set(rule.takes))))
        if gone:
            audit.record("retention_run", reason=rule.period, data=dict(tables))
    return gone


def _delete(over: QuerySet[Any]) -> tuple[int, dict[str, int]]:
    """One piece: how many rows of its own went, and how many of each table. Two workers never take the same."""
    with transaction.atomic():
        free = over.only("pk").select_for_update(of=("self",), skip_locked=True)
        keys = [row.pk for row in free[:BATCH]]
        if not keys:
            return 0, {}
        _, counts = over.model._default_manager.filter(pk__in=keys).delete()
    tables = {apps.get_model(label)._meta.db_table: n for label, n in counts.items() if n}
    return len(keys), tables
