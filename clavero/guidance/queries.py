"""What the guide asks: how long cases took here. Asked once an hour and kept, so that a page asks nothing."""

from datetime import datetime, timedelta

from django.db import DatabaseError

from clavero.core.profile import Estimate
from clavero.recovery import queries as cases

FRESH = timedelta(hours=1)
_kept: list[tuple[datetime, tuple[Estimate, ...]]] = []


def measured(now: datetime) -> tuple[Estimate, ...]:
    """This institution's own figures, where there are enough cases; they win over reported ones (B06)."""
    if not _kept or not timedelta(0) <= now - _kept[0][0] < FRESH:
        _kept[:] = [(now, _asked(now))]
    return _kept[0][1]


def _asked(now: datetime) -> tuple[Estimate, ...]:
    """The guide goes on where the database does not answer: then with what the profile reports."""
    try:
        return cases.durations(now)
    except DatabaseError:
        return ()


def forget() -> None:
    """Ask anew."""
    _kept.clear()
