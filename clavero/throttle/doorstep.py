"""The doorstep: a network that was refused a moment ago is turned away again without a question to the database (ADR 20).

What is remembered is what the limits said: this network's bucket takes nothing until then. No try is refused here that would
have been taken there; what is spared is the work. The memory belongs to one process, lives two seconds and is never written down.
"""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Lock
from time import monotonic

from django.urls import ResolverMatch

SECONDS = 2
"""So long at most: what an operator lifts, or a proof resets, is felt that much later."""
MOST = 4096
"""So many doors and counts are remembered; beyond that the oldest are forgotten: those doors are asked anew, those counts are in the log alone."""

AT_REST, REST_SECONDS = 7, 0.1
"""So many at once give way to who is inside: all threads of a process but one (`cli.operations.THREADS`). Each so long at most after
somebody came in: who asks for something long (a list, a silent database) is not given way to for ever."""


@dataclass(frozen=True)
class Said:
    """What the limits said of a network: which of its buckets is full, and the instant (seconds since 1970) that takes one more."""

    asker: str
    bucket: str
    opens: float


@dataclass(frozen=True)
class Shut:
    """A door that stays shut from `since` until the instant `until`, and is open where the clock was set back; `match` is Django's match of its address, for the log's line."""

    said: Said
    since: float
    until: float
    match: ResolverMatch | None


_said: ContextVar[Said | None] = ContextVar("said", default=None)
_doors: dict[tuple[str, str], Shut] = {}
_away: Counter[tuple[str, str]] = Counter()
_lock = Lock()
_inside = _resting = 0
_newest = 0.0
_changed = Condition()


def begin() -> None:
    """A new request: nothing was said of it yet."""
    _said.set(None)


def hear(said: Said) -> None:
    """The limits refused this network, in the request under way."""
    _said.set(said)


def shut(asker: str, path: str, now: datetime, match: ResolverMatch | None) -> None:
    """Remember that `path` refused this network, where it was the network's own bucket that did."""
    said, at = _said.get(), now.timestamp()
    if said is None or said.asker != asker or said.opens - 1 <= at:
        return
    with _lock:
        _doors.pop((asker, path), None)
        while len(_doors) >= MOST:
            del _doors[next(iter(_doors))]
        _doors[asker, path] = Shut(said, at, min(said.opens - 1, at + SECONDS), match)


def shut_door(asker: str, path: str, now: datetime) -> Shut | None:
    """What was remembered of this network at `path`, while it holds."""
    found = _doors.get((asker, path))
    return found if found and found.since <= now.timestamp() < found.until else None


def turn_away(door: Shut, now: datetime) -> int:
    """Count one that is turned away: the bucket hears of it when it is asked again. Seconds until that takes one more."""
    key = door.said.bucket, door.said.asker
    with _lock:
        if key not in _away and len(_away) >= MOST:
            del _away[next(iter(_away))]
        _away[key] += 1
    return math.ceil(door.said.opens - now.timestamp())


@contextmanager
def inside() -> Iterator[None]:
    """A request that is answered, not turned away: who is turned away meanwhile gives way to it."""
    global _inside, _newest
    with _changed:
        _inside += 1
        _newest = monotonic()
    try:
        yield
    finally:
        with _changed:
            _inside -= 1
            if not _inside and _resting:
                _changed.notify_all()


def give_way() -> None:
    """Let whoever is inside go first, where there is a place to rest: those who are refused must not share the processor evenly
    with those who are not."""
    global _resting
    with _changed:
        if not _inside or _resting >= AT_REST or _newest + REST_SECONDS <= monotonic():
            return
        _resting += 1
        try:
            _changed.wait_for(lambda: not _inside, _newest + REST_SECONDS - monotonic())
        finally:
            _resting -= 1


def turned_away(bucket: str, asker: str) -> int:
    """How many were turned away since the bucket was last asked. They are handed over, and forgotten here."""
    if not _away:
        return 0
    with _lock:
        return _away.pop((bucket, asker), 0)


def forget() -> None:
    """Everything, as when the process starts."""
    with _lock:
        _doors.clear()
        _away.clear()
