"""Pictures that people send: JPEG and PNG by their first bytes, without what a camera adds. Pure."""

from clavero.core.errors import Refused

MOST_BYTES = 4 * 1024 * 1024
"""The largest that is taken, anywhere."""
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
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
