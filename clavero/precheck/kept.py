"""Lists that are kept until they are judged and fetched: in, taken by one worker at a time, out, gone.

The list itself is deleted when its result is there, a result when it is fetched, everything after an hour.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F

from clavero import clock
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.precheck import files, pieces, services
from clavero.precheck.models import Piece, SentList
from clavero.precheck.services import KINDS, Sent
from clavero.privacy import retention, tokens

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3


class Lost(Exception):
    """The list is no longer this worker's: its hour is over, it was deleted, or another one took it."""


def keep(sent: Sent, lang: str, now: datetime) -> str:
    """Leave a list for the worker; the token that follows it. Raises `Refused`: sheet.busy, or why it is no list."""
    files.look(sent.path, services.limits())
    services.earlier(sent.since)
    token, most = tokens.new_token(), profile().lists
    with transaction.atomic():
        if SentList.objects.filter(state__in=_OPEN).count() >= most.waiting:
            raise Refused("sheet.busy")
        kept = SentList.objects.create(
            token_hash=tokens.hash("precheck", token), name=sent.name, language=lang,
            made_at=now, expires_at=now + timedelta(minutes=most.minutes),
        )  # fmt: skip
        pieces.keep(kept, Piece.SENT, sent.path)
        if sent.since:
            pieces.keep(kept, Piece.SINCE, sent.since)
    return token


_OPEN = (SentList.QUEUED, SentList.WORKING)


def find(token: str, now: datetime) -> SentList | None:
    """The list that a token follows, while its hour lasts."""
    if not token:
        return None
    found = SentList.objects.filter(
        token_hash__in=tokens.hashes("precheck", token), expires_at__gt=now
    )
    return found.first()


def before(kept: SentList) -> int:
    """How many lists are judged before this one."""
    return SentList.objects.filter(state__in=_OPEN, made_at__lt=kept.made_at).count()


# --- for the worker -------------------------------------------------------------------------------


def take(now: datetime) -> SentList | None:
    """The next list that nobody judges, or that a dead worker left: a conditional UPDATE."""
    free = models.Q(state=SentList.QUEUED) | models.Q(state=SentList.WORKING, lease_until__lt=now)
    for kept in SentList.objects.filter(free, expires_at__gt=now).order_by("made_at")[:5]:
        held = SentList.objects.filter(free, pk=kept.pk, attempts=kept.attempts)
        if kept.attempts >= MOST_ATTEMPTS:
            _fail(held, kept, "sheet.interrupted", {})
        elif held.update(
            state=SentList.WORKING, lease_until=now + LEASE, attempts=F("attempts") + 1, rows_done=0
        ):
            kept.attempts += 1
            return kept
    return None


def mine(pk: int, attempt: int) -> SentList:
    """The list that this worker took. Raises `Lost`."""
    found = SentList.objects.filter(pk=pk, state=SentList.WORKING, attempts=attempt).first()
    if found is None:
        raise Lost
    return found


def _held(kept: SentList) -> models.QuerySet[SentList]:
    return SentList.objects.filter(pk=kept.pk, state=SentList.WORKING, attempts=kept.attempts)


def go_on(kept: SentList, done: int, total: int) -> None:
    """Say how far it is, and keep it for longer. Raises `Lost`."""
    until = clock.now() + LEASE
    if not _held(kept).update(rows_done=done, rows_total=total, lease_until=until):
        raise Lost


def finish(kept: SentList, facts: Mapping[str, Any]) -> None:
    """The report is there: what was sent is deleted with the same deed. Raises `Lost`."""
    with transaction.atomic():
        found = _held(kept).select_for_update().first()
        if found is None:
            raise Lost
        found.state, found.facts, found.lease_until = SentList.READY, json.dumps(facts), None
        found.save(update_fields=["state", "facts", "lease_until"])
        pieces.drop(found, Piece.SENT, Piece.SINCE)


def fail(kept: SentList, refused: Refused) -> None:
    """It cannot be judged, and why: one sentence. Nothing of the list stays."""
    _fail(_held(kept), kept, refused.code, refused.details)


def _fail(
    held: models.QuerySet[SentList], kept: SentList, code: str, details: Mapping[str, Any]
) -> None:
    with transaction.atomic():
        found = held.select_for_update().first()
        if found is None:
            return
        found.state, found.code, found.lease_until = SentList.FAILED, code, None
        found.details = json.dumps(details)
        found.save(update_fields=["state", "code", "details", "lease_until"])
        pieces.drop(found, Piece.SENT, Piece.SINCE, *KINDS)


def give_back(kept: SentList, *, counts: bool) -> None:
    """Somebody else may take it at once. `counts` where the try ended by itself, not because the worker was stopped."""
    back = {} if counts else {"attempts": F("attempts") - 1}
    _held(kept).update(state=SentList.QUEUED, lease_until=None, rows_done=0, **back)


# --- out ------------------------------------------------------------------------------------------


def fetched(kept: SentList, kind: str) -> None:
    """A result was fetched whole: it is deleted."""
    with transaction.atomic():
        pieces.drop(kept, kind)


def forget(kept: SentList) -> None:
    """Delete everything of a list."""
    SentList.objects.filter(pk=kept.pk).delete()


def due(now: datetime) -> int:
    """Delete what is past its hour. Called by the worker."""
    return retention.sweep(SentList.objects.filter(expires_at__lte=now))
