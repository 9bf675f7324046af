"""A photo keeps its picture and loses what the camera wrote into it; anything else is no photo (F05)."""

import struct
import time
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


JFIF, TABLE = segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0"), segment(0xDB, b"table")
HEAD, DATA = chunk(b"IHDR", b"head"), chunk(b"IDAT", b"data")


@pytest.mark.parametrize("marker", [*range(0xE1, 0xF0), 0xFE])
def test_what_a_camera_writes_into_a_jpeg_goes(marker):
    kind, kept = pictures.stripped(jpeg(JFIF, segment(marker, PLACE), TABLE))
    assert kind == "image/jpeg" and kept == jpeg(JFIF, TABLE) and PLACE not in kept


BEHIND = {
    "a second picture": jpeg(segment(0xE1, PLACE)),
    "an archive": b"PK\x03\x04" + PLACE,
    "filling and a second end": b"\xff\xff" + PLACE + b"\xff\xd9",
}


@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_what_stands_behind_the_end_of_a_jpeg_goes(behind):
    """Phones put a second picture there (MPF), with the place in it; others an archive."""
    raw = jpeg(JFIF, segment(0xE2, b"MPF\0"), TABLE)
    assert pictures.stripped(raw + behind) == ("image/jpeg", jpeg(JFIF, TABLE))


def test_the_end_is_the_pictures_own():
    """Neither an escaped byte, nor a mark between the parts of a scan, nor what a table happens to hold."""
    scan = segment(0xDA, b"\x01") + b"A\xff\x00\xd9\xff\xd0B\xff\xd7\xd9"
    raw = (
        b"\xff\xd8"
        + segment(0xDB, b"\xff\xd9")
        + scan
        + segment(0xC4, b"\xff\xd9")
        + scan
        + b"\xff\xd9"
    )
    assert pictures.stripped(raw + PLACE) == ("image/jpeg", raw)


def test_between_the_scans_of_one_picture_nothing_is_added_either():
    first, second = (segment(0xDA, part) + part for part in (b"one", b"two"))
    raw = b"\xff\xd8" + first + segment(0xE1, PLACE) + b"\xff" + segment(0xFE, PLACE) + second
    assert pictures.stripped(raw + b"\xff\xd9")[1] == b"\xff\xd8" + first + second + b"\xff\xd9"


@pytest.mark.parametrize("body", [b"JFXX\0\x10" + jpeg(TABLE), b"JFIF\0\1\2\0\0\1\0\1\1\1RGB"])
def test_a_small_picture_beside_the_picture_goes(body):
    """It may show what was cut away from the large one."""
    assert pictures.stripped(jpeg(segment(0xE0, body), TABLE)) == ("image/jpeg", jpeg(TABLE))


@pytest.mark.parametrize("raw", [b"\xff" * 3_000_000, b"\xff\x00" * 1_500_000])
def test_a_picture_without_an_end_is_refused_at_once(raw):
    began = time.process_time()
    with pytest.raises(Refused):
        pictures.stripped(jpeg(JFIF)[:-2] + raw)
    assert time.process_time() - began < 2


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
        b"\xff\xd8\xff\xd9", b"\xff\xd8" + JFIF + b"\xff\xd9", jpeg(JFIF)[:-2], b"\xff\xd8\xff\xdb\x00\x01", b"\xff\xd8" + bytes([0xFF, 0xDB]) + struct.pack(">H", 900) + b"short",
        png(HEAD, DATA, end=b""), png(HEAD)[:-1], b"\x89PNG\r\n\x1a\n", png(HEAD, DATA)[:20],
    ],
)  # fmt: skip
def test_what_is_cut_off_or_something_else_is_no_photo(raw):
    with pytest.raises(Refused, match=r"^photo\.kind"):
        pictures.stripped(raw)


def test_the_shortest_segment_is_one_without_a_body():
    raw = jpeg(segment(0xDB, b""))
    assert pictures.stripped(raw) == ("image/jpeg", raw)
