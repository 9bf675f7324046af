"""How a text was read: its normal form, what is noted, what is offered. The shape that every identifier shares."""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from clavero.core.errors import Refused

LONGEST = 320
_SKIPPED = str.maketrans(dict.fromkeys(" -.‐‑‒–—−'\"\t", ""))
_INVISIBLE = frozenset(("Cf", "Zs", "Zl", "Zp"))
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
LETTERS = str.maketrans("OoIlL", "00111")
"""Letters that people write for the digits they look like."""


@dataclass(frozen=True)
class Repair:
    """A value that is probably meant. Offered, never applied unasked. `source` is the text as given."""

    to: str
    code: str
    field: str = ""
    source: str = ""


class Reading(NamedTuple):
    """`value` is the normal form, or None where there is none; `codes` say why not, `notes` do no harm.

    A tuple by name, because lists of employers make millions: a frozen dataclass costs three times as much.
    """

    given: str
    kind: str
    value: str | None = None
    ok: bool = False
    codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()


def bare(text: str) -> str:
    """`text` without spaces, hyphens, dots, quotes and invisible characters, digits of other scripts as ASCII.

    Source: S-104. Control characters and what is left of other alphabets stay, to be refused by name.
    """
    if is_grouped(text):
        text = text.replace(",", "")
    kept = text.strip().translate(_SKIPPED)
    return kept if kept.isascii() else "".join(map(_plain, kept))


def _plain(char: str) -> str:
    """A character that is not ASCII: nothing where it is invisible, its digit where it is one, else itself."""
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return ""
    return str(unicodedata.digit(char)) if category == "Nd" else char


def digits(text: str, thing: str) -> str:
    """The digits of `text`, or `Refused`: `…empty`, `…too_long`, `…digits_lost`, `…not_digits`."""
    if len(text) > LONGEST:
        raise Refused(f"{thing}.too_long")
    found = bare(text)
    if not found:
        raise Refused(f"{thing}.empty")
    if is_scientific(text):
        raise Refused(f"{thing}.digits_lost")
    if not (found.isascii() and found.isdigit()):
        raise Refused(f"{thing}.not_digits")
    return found


def is_scientific(text: str) -> bool:
    """Whether a spreadsheet wrote a number as 9.93E+11: digits are gone and are never guessed."""
    if "E" not in text and "e" not in text:
        return False
    mantissa, _, exponent = text.strip().upper().replace(",", ".").partition("E")
    plain = mantissa.replace(".", "", 1)
    return bool(plain.isdigit() and plain.isascii() and exponent.lstrip("+").isdigit())


def is_grouped(text: str) -> bool:
    """Whether a spreadsheet wrote a number as 993,370,026,001."""
    return "," in text and bool(_GROUPED.fullmatch(text.strip()))


def without_float(text: str) -> str | None:
    """`993370026001.0` as `993370026001`: what a spreadsheet added, taken away. None where there is nothing to take."""
    whole, point, zeros = text.strip().replace(",", ".").partition(".")
    is_long = len(whole) > 5 and whole.isdigit()
    return whole if point and is_long and zeros and not zeros.strip("0") else None


THREES = tuple(f"{number:03}" for number in range(1000))


def shares(*weights: int) -> dict[str, int]:
    """What each group of three digits adds to a weighted sum: three look-ups instead of nine steps.

    Its keys are ASCII digits alone, so that a group that is none is found by not being there.
    """
    a, b, c = weights
    return {three: a * int(three[0]) + b * int(three[1]) + c * int(three[2]) for three in THREES}
