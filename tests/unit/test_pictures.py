"""A photo keeps its picture and loses what the camera wrote into it; anything else is no photo (F05)."""

import struct
import zlib

import pytest

from clavero.core import pictures
from clavero.core.errors import Refused

PLACE = b"GPS 0.18 S 78.46 W"


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8\xff"[:2] + b"".join(segments) + segment(0xDA, b"\x01") + b"PICTURE\xff\xd9"


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*chunks: bytes, end: bytes = chunk(b"IEND")) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + end


JFIF, TABLE = segment(0xE0, b"JFIF"), segment(0xDB, b"table")
HEAD, DATA = chunk(b"IHDR", b"head"), chunk(b"IDAT", b"data")


@pytest.mark.parametrize("marker", [*range(0xE1, 0xF0), 0xFE])
def test_what_a_camera_writes_into_a_jpeg_goes(marker):
    kind, kept = pictures.stripped(jpeg(JFIF, segment(marker, PLACE), TABLE))
    assert kind == "image/jpeg" and kept == jpeg(JFIF, TABLE) and PLACE not in kept


@pytest.mark.parametrize("marker", [0xE0, 0xC0, 0xC4, 0xDB, 0xDD, 0xF0, 0xFD])
def test_what_the_picture_needs_stays(marker):
    raw = jpeg(JFIF, segment(marker, b"needed"))
    assert pictures.stripped(raw) == ("image/jpeg", raw)


def test_of_a_png_only_the_picture_stays():
    raw = png(HEAD, chunk(b"eXIf", PLACE), chunk(b"tEXt", PLACE), chunk(b"PLTE", b"p"), chunk(b"tRNS", b"t"), chunk(b"sRGB", b"s"), chunk(b"gAMA", b"g"), DATA)  # fmt: skip
    wanted = png(HEAD, chunk(b"PLTE", b"p"), chunk(b"tRNS", b"t"), chunk(b"sRGB", b"s"), chunk(b"gAMA", b"g"), DATA)  # fmt: skip
    assert pictures.stripped(raw) == ("image/png", wanted)


def test_what_comes_after_the_end_of_a_png_goes():
    assert pictures.stripped(png(HEAD, DATA) + PLACE) == ("image/png", png(HEAD, DATA))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"GIF89a", b"%PDF-1.7", b"\xff\xd8", jpeg(JFIF)[:5], b"\xff\xd8" + JFIF, b"\xff\xd8" + JFIF + b"\x00\x00",
        b"\xff\xd8\xff\xdb\x00\x01", b"\xff\xd8" + bytes([0xFF, 0xDB]) + struct.pack(">H", 900) + b"short",
        png(HEAD, DATA, end=b""), png(HEAD)[:-1], b"\x89PNG\r\n\x1a\n", png(HEAD, DATA)[:20],
    ],
)  # fmt: skip
def test_what_is_cut_off_or_something_else_is_no_photo(raw):
    with pytest.raises(Refused, match=r"^photo\.kind"):
        pictures.stripped(raw)


def test_the_shortest_segment_is_one_without_a_body():
    raw = jpeg(segment(0xDB, b""))
    assert pictures.stripped(raw) == ("image/jpeg", raw)
