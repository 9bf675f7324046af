"""A text of unknown kind, read as cédula, RUC, domestic employer number or sucursal."""

from dataclasses import replace

from clavero.core.identifiers import cedula, foreign_id, ruc, sucursal
from clavero.core.identifiers.employer import DOMESTIC_SUFFIX
from clavero.core.identifiers.reading import Reading, Repair, bare, without_float


def read(text: str, domestic: bool = False) -> Reading:
    """The reading whose kind fits best. `domestic` says that the person employs somebody at home."""
    found = bare(without_float(text) or text)
    if domestic:
        return _domestic(text, found)
    if found.isascii() and found.isdigit():
        return _number(text, found)
    for reader in (ruc, cedula):
        refused = reader.read(text)
        if any(code.endswith("digits_lost") for code in refused.codes):
            return refused
    as_code = foreign_id.read(text)
    if as_code.ok and any(char.isdigit() for char in as_code.value or ""):
        return as_code
    return Reading(text, "unknown", codes=("identifier.unknown",))


def _number(text: str, found: str) -> Reading:
    if len(found) == 13 and found.endswith(DOMESTIC_SUFFIX):
        return _domestic(text, found)
    if len(found) <= 4:
        return sucursal.read(text)
    if len(found) in (9, 10):
        return cedula.read(text)
    if len(found) in (12, 13):
        return ruc.read(text)
    return Reading(text, "unknown", codes=("identifier.length",))


def _domestic(text: str, found: str) -> Reading:
    """`cédula + 000`. From a plain cédula or `cédula + 001`, the form is offered; a foreigner's code stays opaque."""
    person = found[:10]
    if (
        cedula.is_right(person)
        if person.isascii() and person.isdigit() and len(person) == 10
        else False
    ):
        value = person + DOMESTIC_SUFFIX
        repairs = () if found == value else (Repair(value, "domestic.suffix", source=text),)
        if found in (value, person, person + "001"):
            return Reading(text, "domestic", value, ok=True, repairs=repairs)
    code = found.upper().removesuffix(DOMESTIC_SUFFIX)
    if not found.isdigit() and found.upper().endswith(DOMESTIC_SUFFIX) and foreign_id.read(code).ok:
        return Reading(text, "domestic", code + DOMESTIC_SUFFIX, ok=True)
    refused = cedula.read(person)
    return replace(refused, given=text, kind="domestic", value=None, ok=False,
                   codes=refused.codes or ("domestic.suffix_other",), repairs=())  # fmt: skip
