"""Photos of decisive papers: small, checked by their first bytes, without what a camera adds, sealed."""

import base64
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from clavero.audit import services as audit
from clavero.core import pictures
from clavero.core.errors import Refused
from clavero.desk import casework, queries
from clavero.desk.models import Photo, Visit

MOST_PHOTOS = 6


def keep(visit: Visit, item: str, sent: UploadedFile | None, now: datetime) -> Photo:
    """Keep a photo of `item`. Raises `Refused`: photo.none, .too_large, .kind, .too_many, .item; desk.visit_closed, .with_second, .decided."""
    if sent is None:
        raise Refused("photo.none")
    if sent.size is None or sent.size > pictures.MOST_BYTES:
        raise Refused("photo.too_large")
    if item not in queries.asked(visit):
        raise Refused("photo.item")
    if visit.photos.count() >= MOST_PHOTOS:
        raise Refused("photo.too_many")
    kind, plain = pictures.stripped(sent.read())
    with transaction.atomic():
        casework.undecided(visit, nor_looked_at=True)
        visit.photos.filter(item=item).delete()
        audit.record(
            "photo_kept", actor="officer", case_id=visit.case_id, data={"staff": visit.staff.number}
        )  # fmt: skip
        return Photo.objects.create(
            visit=visit, item=item, kind=kind, image=base64.b64encode(plain).decode(), taken_at=now
        )


def read(photo: Photo) -> bytes:
    return base64.b64decode(photo.image)
