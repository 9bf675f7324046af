"""The código de identificación that the institution gives to foreigners without a cédula.

Its format was not found (DOMAIN §2.1): opaque letters and digits, judged by the register alone.
"""

import re
from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import LONGEST, Reading, bare

SHORTEST, LONGEST_CODE = 4, 20
_SHAPE = re.compile(r"[0-9A-Z]+")


@dataclass(frozen=True)
class ForeignId:
    """A code in its normal form: capitals and digits."""

    value: str


def parse(text: str) -> ForeignId:
    """Raises `Refused`: foreign_id.empty, .too_long, .characters, .length."""
    if len(text) > LONGEST:
        raise Refused("foreign_id.too_long")
    found = bare(text).upper()
    if not found:
        raise Refused("foreign_id.empty")
    if not _SHAPE.fullmatch(found):
        raise Refused("foreign_id.characters")
    if not SHORTEST <= len(found) <= LONGEST_CODE:
        raise Refused("foreign_id.length")
    return ForeignId(found)


def read(text: str) -> Reading:
    """The same as a reading."""
    try:
        return Reading(text, "foreign_id", parse(text).value, ok=True)
    except Refused as refused:
        return Reading(text, "foreign_id", codes=(refused.code,))
