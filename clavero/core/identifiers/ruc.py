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
from clavero.core.identifiers.reading import (
    LETTERS,
    Reading,
    Repair,
    bare,
    digits,
    shares,
    without_float,
)

LENGTH = 13
NOT_COMPUTABLE = "ruc.checksum_not_computable"
_ABROAD = "50"
"""Stands where a province would, in RUCs of those who have no cédula."""
_NATURAL = frozenset(start for start in cedula.STARTS if start[2] != "6")
_OTHERS = frozenset(two + third for two in (*cedula.PROVINCES, _ABROAD) for third in "69")
ESTABLISHMENTS = frozenset(f"{number:03}" for number in range(1, 1000))
"""The last three digits that a RUC of the SRI may have."""
_PRIVATE = (shares(4, 3, 2), shares(7, 6, 5), shares(4, 3, 2))
_PUBLIC = (shares(3, 2, 7), shares(6, 5, 4), shares(3, 2, 1))


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
    """Why thirteen digits are no RUC's; `is_right` knows only whether."""
    if not (cedula.is_province(found[:2]) or (found[:2] == _ABROAD and found[2] > "5")):
        raise Refused("ruc.province")
    if found[2] in "78":
        raise Refused("ruc.third_digit")
    if found[2] <= "5" and not cedula.is_right(found[:10]):
        raise Refused("ruc.cedula")
    if found[10:] == "000":
        raise Refused("ruc.establishment")


def is_right(text: str) -> bool:
    """Whether a text is thirteen digits of a RUC."""
    if len(text) != LENGTH or text[10:] not in ESTABLISHMENTS:
        return False
    if text[:3] in _NATURAL:
        return cedula.is_right(text[:10])
    return text[:3] in _OTHERS and text.isascii() and text.isdigit()


def notes(found: str) -> tuple[str, ...]:
    """What there is to say of thirteen right digits: whether the old modulo 11 still holds."""
    if found[2] <= "5" or has_modulo_11(found) or (found[2] == "6" and cedula.is_right(found[:10])):
        return ()
    return (NOT_COMPUTABLE,)


def has_modulo_11(found: str) -> bool:
    """The check of before October 2021: information only. It stands tenth, of public bodies ninth."""
    first, second, third = _PUBLIC if found[2] == "6" else _PRIVATE
    check = 0 if found[2] == "6" else int(found[9])
    return (first[found[:3]] + second[found[3:6]] + third[found[6:9]] + check) % 11 == 0


def read(text: str) -> Reading:
    """The same as a reading. A lost leading zero is given back only where the digits are then a RUC's."""
    if is_right(text):
        return Reading(text, "ruc", text, True, (), notes(text))
    try:
        found = parse(text)
    except Refused as refused:
        return _repaired(text, refused)
    return _offered(text, found.value, "ruc.separators_removed")


def _repaired(text: str, refused: Refused) -> Reading:
    whole = without_float(text)
    found = bare(whole or text)
    if whole and is_right(found):
        return _offered(text, found, "ruc.decimals_removed")
    if len(found) == LENGTH - 1 and found.endswith("001") and is_right("0" + found):
        return _offered(text, "0" + found, "ruc.leading_zero_restored")
    meant = found.translate(LETTERS)
    if meant != found and is_right(meant):
        repair = Repair(meant, "ruc.letter_for_digit", source=text)
        return Reading(text, "ruc", codes=(refused.code,), repairs=(repair,))
    return Reading(text, "ruc", codes=(refused.code,))


def _offered(text: str, value: str, code: str) -> Reading:
    repairs = (Repair(value, code, source=text),)
    return Reading(text, "ruc", value, True, notes=notes(value), repairs=repairs)
