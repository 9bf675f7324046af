"""Photos of decisive papers: small, checked by their first bytes, without what a camera adds, sealed."""

import base64
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.desk import queries
from clavero.desk.models import Photo, Visit

MOST_BYTES = 4 * 1024 * 1024
MOST_PHOTOS = 6
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_KEPT_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA")


def keep(visit: Visit, item: str, sent: UploadedFile | None, now: datetime) -> Photo:
    """Keep a photo of `item`. Raises `Refused`: photo.none, .too_large, .kind, .too_many, .item."""
    if sent is None:
        raise Refused("photo.none")
    if sent.size is None or sent.size > MOST_BYTES:
        raise Refused("photo.too_large")
    if item not in queries.asked(visit):
        raise Refused("photo.item")
    if visit.photos.count() >= MOST_PHOTOS:
        raise Refused("photo.too_many")
    kind, plain = stripped(sent.read())
    with transaction.atomic():
        visit.photos.filter(item=item).delete()
        audit.record(
            "photo_kept", actor="officer", case_id=visit.case_id, data={"staff": visit.staff.number}
        )  # fmt: skip
        return Photo.objects.create(
            visit=visit, item=item, kind=kind, image=base64.b64encode(plain).decode(), taken_at=now
        )


def read(photo: Photo) -> bytes:
    return base64.b64decode(photo.image)


def stripped(raw: bytes) -> tuple[str, bytes]:
    """The kind and the picture without place, time and camera (EXIF). Raises `Refused("photo.kind")`."""
    try:
        if raw.startswith(_JPEG):
            return "image/jpeg", _jpeg(raw)
        if raw.startswith(_PNG):
            return "image/png", _png(raw)
    except (IndexError, ValueError):
        pass
    raise Refused("photo.kind")


def _jpeg(raw: bytes) -> bytes:
    """Every segment up to the picture itself, without the application's and comments (APP1 to APP15, COM)."""
    kept, at = bytearray(raw[:2]), 2
    while at < len(raw):
        if raw[at] != 0xFF:
            raise ValueError("no marker")
        marker = raw[at + 1]
        if marker == 0xDA:  # the picture follows
            return bytes(kept) + raw[at:]
        size = 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
        if size < 4 or at + size > len(raw):
            raise ValueError("cut off")
        if not (0xE1 <= marker <= 0xEF or marker == 0xFE):
            kept += raw[at : at + size]
        at += size
    raise ValueError("no picture")


def _png(raw: bytes) -> bytes:
    kept, at = bytearray(_PNG), len(_PNG)
    while at < len(raw):
        size = 12 + int.from_bytes(raw[at : at + 4], "big")
        name = raw[at + 4 : at + 8]
        if at + size > len(raw):
            raise ValueError("cut off")
        if name in _KEPT_CHUNKS:
            kept += raw[at : at + size]
        if name == b"IEND":
            return bytes(kept)
        at += size
    raise ValueError("no end")
