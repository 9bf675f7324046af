"""A text of unknown kind, read as cédula, RUC, domestic employer number or sucursal."""

from clavero.core.identifiers import cedula, foreign_id, ruc, sucursal
from clavero.core.identifiers.employer import DOMESTIC_SUFFIX, read_domestic
from clavero.core.identifiers.reading import Reading, bare, without_float


def read(text: str, domestic: bool = False) -> Reading:
    """The reading whose kind fits best. `domestic` says that the person employs somebody at home."""
    found = bare(without_float(text) or text)
    if domestic:
        return read_domestic(text)
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
        return read_domestic(text)
    if len(found) <= 4:
        return sucursal.read(text)
    if len(found) in (9, 10):
        return cedula.read(text)
    if len(found) in (12, 13):
        return ruc.read(text)
    return Reading(text, "unknown", codes=("identifier.length",))
