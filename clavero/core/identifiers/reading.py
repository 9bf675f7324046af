"""How a text was read: its normal form, what is noted, what is offered. The shape that every identifier shares."""

import unicodedata
from dataclasses import dataclass

from clavero.core.errors import Refused

LONGEST = 320
_SKIPPED = frozenset(" -.‐‑‒–—−'\"\t")
_INVISIBLE = frozenset(("Cf", "Zs", "Zl", "Zp"))


@dataclass(frozen=True)
class Repair:
    """A value that is probably meant. Offered, never applied unasked. `source` is the text as given."""

    to: str
    code: str
    field: str = ""
    source: str = ""


@dataclass(frozen=True)
class Reading:
    """`value` is the normal form, or None where there is none; `codes` say why not, `notes` do no harm."""

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
    kept = []
    for char in text.strip():
        if char in _SKIPPED or unicodedata.category(char) in _INVISIBLE:
            continue
        digit = unicodedata.digit(char, None) if not char.isascii() else None
        decimal = unicodedata.category(char) == "Nd"
        kept.append(str(digit) if digit is not None and decimal else char)
    return "".join(kept)


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
    mantissa, _, exponent = text.strip().upper().replace(",", ".").partition("E")
    plain = mantissa.replace(".", "", 1)
    return bool(plain.isdigit() and plain.isascii() and exponent.lstrip("+").isdigit())


def without_float(text: str) -> str | None:
    """`993370026001.0` as `993370026001`: what a spreadsheet added, taken away. None where there is nothing to take."""
    whole, point, zeros = text.strip().partition(".")
    return (
        whole
        if point and zeros and set(zeros) == {"0"} and whole.isdigit() and len(whole) > 5
        else None
    )
