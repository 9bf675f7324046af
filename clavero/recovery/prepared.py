"""Papers made ready before a visit (F05): which of them the person has, and a photo where they want to send one.

A photo is small, checked by its first bytes, without what a camera adds, and sealed. It shows the officer what
to expect and proves nothing: the original is looked at. Documents of identity are never photographed. Gone at the
decision, when the case ends, or with the sheet's own thirty days.
"""

import base64
from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from clavero.audit import services as audit
from clavero.core import papers, pictures
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.privacy import retention
from clavero.recovery import services, sheets, visits
from clavero.recovery.models import Case, ReadyPaper
from clavero.throttle.services import Charge

MOST_PHOTOS = 6
OPEN = frozenset((*visits.BEFORE_THE_DESK, "observed"))
"""Where a case may be while its papers are made ready."""


def of(case: Case) -> dict[str, ReadyPaper]:
    """Item → what the person says of it. The pictures stay closed."""
    return {one.item: one for one in case.ready.defer("image")}


def tick(case: Case, have: Collection[str], now: datetime) -> None:
    """These papers the person has, and no others; the photo of one that is not ticked goes. Raises `Refused("photo.late")`."""
    _may(case)
    asked = [paper.code for paper in sheets.papers_of(case)]
    kept = [code for code in asked if code in have]
    with transaction.atomic():
        case.ready.exclude(item__in=kept).delete()
        for code in kept:
            ReadyPaper.objects.get_or_create(case=case, item=code)
        _record("papers_ticked", case, have=len(kept), asked=len(asked))


def keep(case: Case, item: str, sent: UploadedFile | None, asker: str, now: datetime) -> None:
    """A photo of `item`. Raises `Refused`: throttle.wait, photo.none, .too_large, .kind, .too_many, .item, .late."""
    services.spend(Charge("photo_asker", asker), now=now)
    _may(case)
    if item not in may_send(case):
        raise Refused("photo.item")
    if sent is None:
        raise Refused("photo.none")
    if sent.size is None or sent.size > pictures.MOST_BYTES:
        raise Refused("photo.too_large")
    kind, plain = pictures.stripped(sent.read())
    found = {"kind": kind, "image": base64.b64encode(plain).decode(), "sent_at": now}
    with transaction.atomic():
        others = case.ready.exclude(item=item).exclude(sent_at=None)
        if others.count() >= MOST_PHOTOS:
            raise Refused("photo.too_many")
        ReadyPaper.objects.update_or_create(case=case, item=item, defaults=found)
        _record("paper_sent", case)


def drop(case: Case, item: str, now: datetime) -> None:
    """The photo of `item` goes; that the person has it stays."""
    with transaction.atomic():
        row = case.ready.filter(item=item).exclude(sent_at=None)
        if row.update(kind="", image="", sent_at=None):
            _record("paper_dropped", case)


def may_send(case: Case) -> tuple[str, ...]:
    """The papers of this case of which a photo may be sent."""
    return papers.to_send(sheets.papers_of(case))


def read(one: ReadyPaper) -> bytes:
    """The picture itself."""
    return base64.b64decode(str(one.image))


def forget(case: Case) -> None:
    """It was decided, or the case is over."""
    case.ready.all().delete()


def due(now: datetime) -> int:
    """Photos of cases that are over, and those older than a sheet lives. Called by the worker."""
    oldest = now - timedelta(days=profile().limits.continuation_days)
    over = ReadyPaper.objects.exclude(case__closed_at=None)
    late = ReadyPaper.objects.filter(sent_at__lt=oldest)
    return retention.sweep(over) + retention.sweep(late)


def _may(case: Case) -> None:
    if case.state not in OPEN:
        raise Refused("photo.late")


def _record(event: str, case: Case, **counts: int) -> None:
    audit.record(
        event, actor="claimant", case_id=case.pk, subject=case.employer_id, data=dict(counts) or None
    )  # fmt: skip
