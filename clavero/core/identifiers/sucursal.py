"""The sucursal: the institution's own number of a branch, four digits.

Source: DOMAIN §2.1. `1` means `0001` where only one reading exists; `001-001`, an invoice's numbering,
is offered as its first part. `0000` is no branch.
"""

from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Reading, Repair, digits, without_float

LENGTH = 4


@dataclass(frozen=True)
class Sucursal:
    """A branch number in its normal form."""

    value: str


def parse(text: str) -> Sucursal:
    """Raises `Refused`: sucursal.empty, .too_long, .not_digits, .digits_lost, .length, .zero. `1` is padded."""
    found = digits(text, "sucursal")
    if len(found) > LENGTH:
        raise Refused("sucursal.length", digits=len(found))
    if set(found) == {"0"}:
        raise Refused("sucursal.zero")
    return Sucursal(found.zfill(LENGTH))


def read(text: str) -> Reading:
    """The same as a reading; what was completed stands in `repairs`."""
    if len(text) == LENGTH and text.isascii() and text.isdigit() and text != "0000":
        return Reading(text, "sucursal", text, True)
    source = without_float(text) or _float_of_few(text) or text
    try:
        value = parse(source).value
    except Refused as refused:
        return _invoice_form(text, refused)
    repairs = () if value == source.strip() else (Repair(value, "sucursal.padded", source=text),)
    return Reading(text, "sucursal", value, ok=True, repairs=repairs)


def _float_of_few(text: str) -> str | None:
    whole, point, zeros = text.strip().partition(".")
    return whole if point and zeros == "0" and whole.isdigit() else None


def _invoice_form(text: str, refused: Refused) -> Reading:
    first, hyphen, second = text.strip().partition("-")
    if (
        hyphen
        and len(first) == 3
        and len(second) == 3
        and (first + second).isdigit()
        and int(first)
    ):
        repair = Repair(first.zfill(LENGTH), "sucursal.establishment_taken", source=text)
        return Reading(text, "sucursal", codes=(refused.code,), repairs=(repair,))
    return Reading(text, "sucursal", codes=(refused.code,))
