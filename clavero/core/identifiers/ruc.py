"""The RUC: thirteen digits of the tax authority.

Source: DOMAIN §2. Third digit 0–5: a natural person, the first ten are a cédula and must be right.
Third digit 6 or 9: societies, public bodies, foreigners without cédula; since October 2021 there is
no algorithm for their check digit, so that a miss of modulo 11 is a note and never an error. The
third digit alone never tells the kind. Establishment 000 belongs to domestic employers of the
institution and to nobody at the SRI (`employer`).
"""

from dataclasses import dataclass

from clavero.core.errors import Refused
from clavero.core.identifiers import cedula
from clavero.core.identifiers.reading import Reading, Repair, digits, without_float

LENGTH = 13
NOT_COMPUTABLE = "ruc.checksum_not_computable"
_PRIVATE = (4, 3, 2, 7, 6, 5, 4, 3, 2)
_PUBLIC = (3, 2, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Ruc:
    """A RUC in its normal form, and what is noted of it."""

    value: str
    notes: tuple[str, ...] = ()

    @property
    def may_be(self) -> tuple[str, ...]:
        """The kinds that the digits allow; which one it is, the register knows."""
        if self.value[2] <= "5":
            return ("natural",)
        if self.value[2] == "6":
            return ("natural", "public", "company")
        return ("company", "foreign_without_cedula")


def parse(text: str) -> Ruc:
    """Raises `Refused`: ruc.empty, .too_long, .not_digits, .digits_lost, .length, .province, .third_digit, .cedula, .establishment."""
    found = digits(text, "ruc")
    if len(found) != LENGTH:
        raise Refused("ruc.length", digits=len(found))
    _refuse_structure(found)
    return Ruc(found, notes(found))


def _refuse_structure(found: str) -> None:
    if not (cedula.is_province(found[:2]) or (found[:2] == "50" and found[2] > "5")):
        raise Refused("ruc.province")
    if found[2] in "78":
        raise Refused("ruc.third_digit")
    if found[2] <= "5" and not cedula.is_right(found[:10]):
        raise Refused("ruc.cedula")
    if found[10:] == "000":
        raise Refused("ruc.establishment")


def is_right(found: str) -> bool:
    """Whether thirteen digits are a RUC's."""
    try:
        _refuse_structure(found)
    except Refused:
        return False
    return True


def notes(found: str) -> tuple[str, ...]:
    """What there is to say of thirteen right digits: whether the old modulo 11 still holds."""
    if found[2] <= "5" or has_modulo_11(found) or (found[2] == "6" and cedula.is_right(found[:10])):
        return ()
    return (NOT_COMPUTABLE,)


def has_modulo_11(found: str) -> bool:
    """The check of before October 2021: information only."""
    weights = _PUBLIC if found[2] == "6" else _PRIVATE
    total = sum(int(digit) * weight for digit, weight in zip(found, weights, strict=False))
    check = -total % 11
    return check < 10 and str(check) == found[len(weights)]


def read(text: str) -> Reading:
    """The same as a reading. A lost leading zero is given back only where the digits are then a RUC's."""
    try:
        found = parse(text)
    except Refused as refused:
        return _repaired(text, refused)
    return Reading(text, "ruc", found.value, ok=True, notes=found.notes)


def _repaired(text: str, refused: Refused) -> Reading:
    source = without_float(text) or text
    try:
        found = digits(source, "ruc")
    except Refused:
        return Reading(text, "ruc", codes=(refused.code,))
    repairs = [Repair(found, "ruc.decimals_removed", source=text)] if source != text else []
    if len(found) == LENGTH - 1 and is_right("0" + found) and found.endswith("001"):
        found = "0" + found
        repairs = [Repair(found, "ruc.leading_zero_restored", source=text)]
    if repairs and len(found) == LENGTH and is_right(found):
        return Reading(text, "ruc", found, ok=True, notes=notes(found), repairs=tuple(repairs))
    return Reading(text, "ruc", codes=(refused.code,))
