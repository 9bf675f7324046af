"""Names of people and firms, normalised before they are compared (FEATURES A06). Never evidence of anything.

Accents, case, punctuation and order do not matter; `S. A.` is `SA`; who has one name has one name.

>>> same("PÁRAMO LINDERO MARTA", "Marta Lindero Páramo")
True
>>> same("Comercial Luz Cía. Ltda.", "COMERCIAL LUZ CIA LTDA")
True
>>> same("Sukarno", "Sukarno")
True
>>> same("Panadería Trigo S.A.", "Ferretería Tuerca S.A.")
False
"""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[A-Z0-9&]+")
_FORMS = {
    "SOCIEDAD ANONIMA": "SA", "COMPANIA LIMITADA": "CIA LTDA", "COMPANIA LTDA": "CIA LTDA", "CIA LIMITADA": "CIA LTDA",
    "SOCIEDAD POR ACCIONES SIMPLIFICADA": "SAS",
}  # fmt: skip
_ACCENTS = str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN")
_SMALL = frozenset("DE DEL LA LAS LOS EL Y E SA SAS CIA LTDA CLTDA EN LIQUIDACION".split())
"""Words that do not tell one name from another."""


def unaccented(text: str) -> str:
    """`text` without accents: ñ as n, ü as u."""
    if text.isascii() or (text := text.translate(_ACCENTS)).isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(char for char in apart if not unicodedata.combining(char))


@lru_cache(maxsize=8192)
def words(name: str) -> frozenset[str]:
    """The words by which a name is known; all of them where only small ones are left."""
    plain = unaccented(name).upper()
    for form, short in _FORMS.items():
        plain = plain.replace(form, short)
    found = _WORD.findall(_initials_joined(plain))
    return frozenset(word for word in found if word not in _SMALL) or frozenset(found)


def _initials_joined(plain: str) -> str:
    """`S. A. S.` as `SAS`."""
    return re.sub(r"\b([A-Z])[. ]+(?=[A-Z]\b)", r"\1", plain)


def same(a: str, b: str) -> bool:
    """Whether two names may be one: the words of the shorter are all in the longer, or all but one of four or more."""
    if a == b:
        return True
    shorter, longer = sorted((words(a), words(b)), key=len)
    missing = len(shorter - longer)
    return bool(shorter) and (missing == 0 or (missing == 1 and len(shorter) >= 4))
