"""Pictures that people send: JPEG and PNG by their first bytes, without what a camera adds. Pure."""

import re

from clavero.core.errors import Refused

MOST_BYTES = 4 * 1024 * 1024
"""The largest that is taken, anywhere."""
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_SCAN, _END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_JFIF = 18
"""The bytes of an APP0 that says how dense the picture is and no more."""
_KEPT_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA")


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
    """Every segment and scan up to the end of the picture, without the application's and comments (APPn, COM) and without
    what stands behind the end: a second picture with a place of its own, an archive."""
    kept, at, has_scan = bytearray(raw[:2]), 2, False
    while raw[at] == 0xFF:
        marker = raw[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == _END:
            if not has_scan:
                break
            return bytes(kept) + raw[at : at + 2]
        size = 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
        if size < 4 or at + size > len(raw):
            raise ValueError("cut off")
        end = at + size
        if marker == _SCAN:
            has_scan, end = True, _after_scan(raw, end)
        if not _is_added(marker, size):
            kept += raw[at:end]
        at = end
    raise ValueError("no picture")


def _after_scan(raw: bytes, at: int) -> int:
    """Where the data of a scan end: at the first marker that is none of its own (RST) and no escaped byte (FF 00)."""
    found = _MARKER.search(raw, at)
    if found is None:
        raise ValueError("cut off")
    return found.start()


def _is_added(marker: int, size: int) -> bool:
    """Whether a segment is an application's or a comment; APP0 is one where it holds a small picture beside the picture."""
    return marker == 0xFE or 0xE1 <= marker <= 0xEF or (marker == 0xE0 and size > _JFIF)


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
