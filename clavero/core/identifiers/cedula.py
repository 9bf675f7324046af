"""The Ecuadorian cédula: ten digits, a province, a check digit.

Source: DOMAIN §2.1. Province 01–24, or 30 for those abroad; the third digit is 0–6 (6: foreign
residents); the tenth is modulo 10 over the first nine with weights 2,1,2,1…

>>> check_digit("171430710")
'3'
"""

from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Reading, Repair, digits, without_float

LENGTH = 10
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


@dataclass(frozen=True)
class Cedula:
    """A cédula in its normal form: ten digits."""

    value: str


def check_digit(nine: str) -> str:
    """The tenth digit of nine."""
    odd = sum(_DOUBLED[int(digit)] for digit in nine[0:9:2])
    even = sum(int(digit) for digit in nine[1:9:2])
    return str(-(odd + even) % 10)


def is_province(two: str) -> bool:
    return "01" <= two <= "24" or two == "30"


def is_right(ten: str) -> bool:
    """Whether ten digits are a cédula's."""
    return is_province(ten[:2]) and ten[2] <= "6" and check_digit(ten[:9]) == ten[9]


def parse(text: str) -> Cedula:
    """Raises `Refused`: cedula.empty, .too_long, .not_digits, .digits_lost, .length, .province, .third_digit, .checksum."""
    found = digits(text, "cedula")
    if len(found) != LENGTH:
        raise Refused("cedula.length", digits=len(found))
    if not is_province(found[:2]):
        raise Refused("cedula.province")
    if found[2] > "6":
        raise Refused("cedula.third_digit")
    if check_digit(found[:9]) != found[9]:
        raise Refused("cedula.checksum")
    return Cedula(found)


def read(text: str) -> Reading:
    """The same as a reading. A lost leading zero is given back where the result is right and nothing else is meant."""
    try:
        return Reading(text, "cedula", parse(text).value, ok=True)
    except Refused as refused:
        return _repaired(text, refused)


def _repaired(text: str, refused: Refused) -> Reading:
    source = without_float(text) or text
    try:
        found = digits(source, "cedula")
    except Refused:
        return Reading(text, "cedula", codes=(refused.code,))
    if source != text and len(found) == LENGTH and is_right(found):
        repair = Repair(found, "cedula.decimals_removed", source=text)
        return Reading(text, "cedula", found, ok=True, repairs=(repair,))
    if len(found) == LENGTH - 1 and is_right("0" + found):
        repair = Repair("0" + found, "cedula.leading_zero_restored", source=text)
        return Reading(text, "cedula", "0" + found, ok=True, repairs=(repair,))
    return Reading(text, "cedula", codes=(refused.code,))
