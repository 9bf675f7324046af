"""Which column of a list is what: by name, in Spanish or English, with or without accents, in any order.

Source: INTERFACES, "Machine forms". Nothing is recognised by its content: a guess would judge people
by the wrong number. What is not recognised is carried through untouched.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from clavero.core.errors import Refused
from clavero.core.identifiers import cedula, ruc
from clavero.core.names import unaccented

SEARCHED = 20
"""In how many rows from the top the names of the columns may stand."""
MOST = 1000
"""How many columns a list may have: every row is made as wide as the widest, and a small file can ask for more than there is."""

NAMES: dict[str, tuple[str, ...]] = {
    "identification": (
        "identificacion", "identification", "cedula", "cedula representante", "cedula representante legal", "cedula identidad",
        "cedula ciudadania", "cedula empleador", "identificacion representante", "identificacion representante legal",
        "identificacion empleador", "representative id", "legal representative id", "documento", "documento identidad",
        "identity document", "identity", "national id", "ci", "c i", "id",
    ),
    "ruc": ("ruc", "r u c", "ruc empleador", "ruc empresa", "ruc patronal", "employer ruc", "tax id", "taxpayer"),
    "branch": (
        "sucursal", "branch", "sucursal iess", "sucursal empleador", "employer branch", "suc",
    ),
    "domestic": (
        "domestico", "domestica", "domestic", "empleador domestico", "empleadora domestica", "domestic employer", "servicio domestico",
        "domestic service", "trabajo hogar", "trabajo en hogar", "empleo en casa", "household",
    ),
    "email": (
        "correo", "email", "e mail", "mail", "correo electronico", "correo registrado", "correo empleador", "email address",
        "e mail address", "electronic mail",
    ),
    "representative": (
        "representante", "representante legal", "representative", "legal representative", "nombre representante",
        "nombre representante legal", "representative name", "legal representative name",
    ),
    "name": (
        "razon social", "empleador", "employer", "nombre empleador", "employer name", "empresa", "company", "nombre empresa",
        "company name", "nombre", "name", "nombres", "cliente", "client",
    ),
    "phone": ("celular", "mobile", "movil", "telefono", "phone", "telephone", "cell"),
    "key": (
        "tiene clave", "has key", "estado clave", "key state", "clave", "key", "clave patronal", "clave empleador", "employer key",
    ),
    "situation": ("situacion", "situation", "novedad"),
}  # fmt: skip
"""Field → its names, the surest first: where two columns could be one field, the surer name wins."""

_RANK = {name: (field, place) for field, names in NAMES.items() for place, name in enumerate(names)}
_FILLERS = frozenset(
    "de del la el los las numero nro no num n nr number of the codigo code".split()
)
_OWN = "clavero "


@dataclass(frozen=True)
class Header:
    """Where the names of the columns stand (`row`, from 1), and which column is what.

    `last` is the row after which data begin: a second row of names belongs to the head. `at` gives the
    place of a field's column, `other` the columns that are carried through; what an earlier precheck
    added is in neither.
    """

    row: int
    last: int
    names: tuple[str, ...]
    at: dict[str, int]
    other: tuple[int, ...]

    def name(self, field: str) -> str:
        """What the list calls this field, or the field's own name where it has no such column."""
        return self.names[self.at[field]] if field in self.at else field


def normal(name: str) -> str:
    """A column's name as it is looked up: `Nº de Cédula ` is `cedula`."""
    words = re.findall(r"[a-z0-9]+", unaccented(name.replace("º", "").replace("°", "")).casefold())
    return " ".join(word for word in words if word not in _FILLERS)


@lru_cache(maxsize=4096)
def meaning(name: str) -> tuple[str, int]:
    """(field, how sure: 0 is surest) of a column's name; ("", 0) where it has none."""
    return _RANK.get(normal(name), ("", 0))


def letter(index: int) -> str:
    """A column as spreadsheets call it: 0 is A, 26 is AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def find(rows: Sequence[Sequence[str]]) -> Header:
    """The head of a list whose first rows these are.

    Raises `Refused`: sheet.empty, sheet.no_header (row), sheet.no_columns, sheet.column_twice (column, first, second).
    """
    heads = [
        (-known(row), number)
        for number, row in enumerate(rows[:SEARCHED], start=1)
        if {"ruc", "identification"} & {meaning(name)[0] for name in row}
    ]
    if not heads:
        raise _nothing(rows)
    number = min(heads)[1]
    return _header(number, rows[number - 1], rows[number : number + 1])


def refuse_many(number: int, row: Sequence[str]) -> None:
    """Raise `Refused("sheet.too_many_columns", row, most)` for a row with more cells than a list may have."""
    if len(row) > MOST:
        raise Refused("sheet.too_many_columns", row=number, most=MOST)


def known(row: Sequence[str]) -> int:
    """How many columns of a row have a name that means something."""
    return len({meaning(name)[0] for name in row} - {""})


def _nothing(rows: Sequence[Sequence[str]]) -> Refused:
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(map(str.strip, row))]
    if not filled:
        return Refused("sheet.empty")
    number, first = filled[0]
    if any(ruc.read(cell).ok or cedula.read(cell).ok for cell in first):
        return Refused("sheet.no_header", row=number)
    return Refused("sheet.no_columns", rows=SEARCHED)


def _header(number: int, row: Sequence[str], below: Sequence[Sequence[str]]) -> Header:
    names = tuple(name.strip() for name in row)
    at: dict[str, int] = {}
    for place, name in enumerate(names):
        field, rank = meaning(name)
        if field and (field not in at or rank < meaning(names[at[field]])[1]):
            at[field] = place
    for place in at.values():
        _refuse_twice(number, names, place)
    taken = set(at.values())
    other = tuple(
        place for place, name in enumerate(names)
        if place not in taken and not normal(name).startswith(_OWN)
    )  # fmt: skip
    again = any(known(next_row) >= 2 for next_row in below)
    return Header(number, number + again, names, at, other)


def _refuse_twice(row: int, names: tuple[str, ...], place: int) -> None:
    """A field that two columns claim with equal right is nobody's to choose."""
    claimed = [at for at, name in enumerate(names) if meaning(name) == meaning(names[place])]
    if len(claimed) > 1:
        first, second = claimed[:2]
        raise Refused(
            "sheet.column_twice", row=row, column=names[first], first=letter(first), second=letter(second)
        )  # fmt: skip
