"""The shape of an Ecuadorian telephone number: mobile 09 and eight digits, landline 02–07 and seven.

`+593` and `00593` stand for the leading zero. Whether it rings is for `employers` to find out.
"""

from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Reading, bare

LONGEST = 40


@dataclass(frozen=True)
class Phone:
    """A national number, ten digits (mobile) or nine (landline)."""

    value: str
    is_mobile: bool


def parse(text: str) -> Phone:
    """Raises `Refused`: phone.empty, .too_long, .not_digits, .shape."""
    if len(text) > LONGEST:
        raise Refused("phone.too_long")
    found = _national(bare(text).replace("(", "").replace(")", ""))
    if not found:
        raise Refused("phone.empty")
    if not (found.isascii() and found.isdigit()):
        raise Refused("phone.not_digits")
    if len(found) == 10 and found.startswith("09"):
        return Phone(found, is_mobile=True)
    if len(found) == 9 and "02" <= found[:2] <= "07":
        return Phone(found, is_mobile=False)
    raise Refused("phone.shape")


def parse_mobile(text: str) -> Phone:
    """The same, and `phone.not_mobile` for a landline."""
    found = parse(text)
    if not found.is_mobile:
        raise Refused("phone.not_mobile")
    return found


def parse_landline(text: str) -> Phone:
    """The same, and `phone.not_landline` for a mobile."""
    found = parse(text)
    if found.is_mobile:
        raise Refused("phone.not_landline")
    return found


def _national(found: str) -> str:
    for prefix in ("+593", "00593", "593"):
        if found.startswith(prefix) and len(found) - len(prefix) in (8, 9):
            return "0" + found[len(prefix) :]
    return found


def read(text: str) -> Reading:
    """The same as a reading."""
    try:
        return Reading(text, "phone", parse(text).value, ok=True)
    except Refused as refused:
        return Reading(text, "phone", codes=(refused.code,))
