"""The Ecuadorian cédula: ten digits, a province, a check digit.

Source: DOMAIN §2.1. Province 01–24, or 30 for those abroad; the third digit is 0–6 (6: foreign
residents); the tenth is modulo 10 over the first nine with weights 2,1,2,1…

>>> check_digit("171430710")
'3'
"""

from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import (
    LETTERS,
    THREES,
    Reading,
    Repair,
    bare,
    digits,
    without_float,
)

LENGTH = 10
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
PROVINCES = frozenset((*(f"{number:02}" for number in range(1, 25)), "30"))
STARTS = frozenset(province + third for province in PROVINCES for third in "0123456")
"""The first three digits that a cédula may have."""


def _shares(*doubled: int) -> dict[str, int]:
    """What each group of three digits adds to the sum: a digit that is doubled, the sum of its own digits."""
    return {
        three: sum(_DOUBLED[int(d)] if at in doubled else int(d) for at, d in enumerate(three))
        for three in THREES
    }


_OUTER, _INNER = _shares(0, 2), _shares(1)
_ONES = {str(digit): digit for digit in range(10)}


@dataclass(frozen=True)
class Cedula:
    """A cédula in its normal form: ten digits."""

    value: str


def check_digit(nine: str) -> str:
    """The tenth digit of nine."""
    return str(-(_OUTER[nine[:3]] + _INNER[nine[3:6]] + _OUTER[nine[6:9]]) % 10)


def is_province(two: str) -> bool:
    return two in PROVINCES


def is_right(text: str) -> bool:
    """Whether a text is ten digits of a cédula. The sum of all ten, the last as it is, ends in zero."""
    if len(text) != LENGTH or text[:3] not in STARTS:
        return False
    try:
        return (_OUTER[text[:3]] + _INNER[text[3:6]] + _OUTER[text[6:9]] + _ONES[text[9]]) % 10 == 0
    except KeyError:
        return False


def parse(text: str) -> Cedula:
    """Raises `Refused`: cedula.empty, .too_long, .not_digits, .digits_lost, .length, .province, .third_digit, .checksum."""
    found = digits(text, "cedula")
    if len(found) != LENGTH:
        raise Refused("cedula.length", digits=len(found))
    if not is_province(found[:2]):
        raise Refused("cedula.province")
    if found[2] > "6":
        raise Refused("cedula.third_digit")
    if not is_right(found):
        raise Refused("cedula.checksum")
    return Cedula(found)


def read(text: str) -> Reading:
    """The same as a reading. A lost leading zero is given back where the result is right and nothing else is meant."""
    if is_right(text):
        return Reading(text, "cedula", text, True)
    try:
        value = parse(text).value
    except Refused as refused:
        return _repaired(text, refused)
    repair = Repair(value, "cedula.separators_removed", source=text)
    return Reading(text, "cedula", value, True, repairs=(repair,))


def _repaired(text: str, refused: Refused) -> Reading:
    whole = without_float(text)
    found = bare(whole or text)
    if whole and is_right(found):
        return _offered(text, found, "cedula.decimals_removed")
    if len(found) == LENGTH - 1 and is_right("0" + found):
        return _offered(text, "0" + found, "cedula.leading_zero_restored")
    meant = found.translate(LETTERS)
    if meant != found and is_right(meant):
        repair = Repair(meant, "cedula.letter_for_digit", source=text)
        return Reading(text, "cedula", codes=(refused.code,), repairs=(repair,))
    return Reading(text, "cedula", codes=(refused.code,))


def _offered(text: str, value: str, code: str) -> Reading:
    return Reading(text, "cedula", value, True, repairs=(Repair(value, code, source=text),))
