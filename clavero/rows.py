"""Rows by plain SQL, for the road that everybody walks.

Building a query costs the query builder five times what the statement itself costs, and a journey has
many (docs/performance.md). Here the text of a statement is made once for each model and set of columns;
values pass through the model's fields both ways, so that dates, JSON and sealed columns are what they
are elsewhere. A tuple as a condition means "one of", None "is NULL"; `__lte` and `__gt` compare. Everything that is not on that road asks the
query builder, which can more.
"""

from collections.abc import Callable, Mapping, Sequence, Sized
from functools import cache
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.db.models.expressions import Col

Row = TypeVar("Row", bound=models.Model)
Field: TypeAlias = "models.Field[Any, Any]"


def one(model: type[Row], *, lock: bool = False, **where: Any) -> Row | None:
    """The first row that meets the conditions, or None."""
    found = some(model, lock=lock, **where)
    return found[0] if found else None


def some(model: type[Row], *, lock: bool = False, **where: Any) -> list[Row]:
    """Every row that meets the conditions; with `lock` nobody else changes them before the deed ends."""
    base = _base()
    text = _select(model, _shape(where), lock and base.vendor == "postgresql")
    return read(model, text, _conditions(model, where, base))


def read(model: type[Row], text: str, values: Sequence[Any]) -> list[Row]:
    """The rows of a statement of one's own, which selects `columns(model)`."""
    with _base().cursor() as cursor:
        cursor.execute(text, values)
        return [from_values(model, found) for found in cursor.fetchall()]


def from_values(model: type[Row], values: Sequence[Any]) -> Row:
    """The row that a SELECT of `columns(model)` gave."""
    base, opened = _base(), list(values)
    for place, convert in _converters(model, base.vendor):
        if opened[place] is not None:
            opened[place] = convert(opened[place])
    # What `from_db` comes to; on the way through `__init__` it costs three times as much.
    row = model.__new__(model)
    row.__dict__.update(zip(_names(model), opened, strict=True))
    row._state = ModelState()
    row._state.adding, row._state.db = False, base.alias
    return row


def stored_values(row: models.Model, later: tuple[str, ...] = ()) -> list[Any]:
    """What the database would get for a new row, in the order of `from_values`; without the columns of `later`."""
    base, named = _base(), _named(type(row), later)
    return [field.get_db_prep_save(field.pre_save(row, True), base) for field in named]


def insert(row: models.Model, later: tuple[str, ...] = ()) -> None:
    """Store a new row. `later` names columns that are NULL in every new one: the driver remembers a
    statement of up to 50 values, and takes every longer one apart again."""
    _store(row, later, once=False)


def insert_once(row: models.Model) -> bool:
    """Store a new row unless its unique columns are taken; whether it was stored."""
    return _store(row, (), once=True)


def _store(row: models.Model, later: tuple[str, ...], once: bool) -> bool:
    base = _base()
    with base.cursor() as cursor:
        cursor.execute(_insert(type(row), later, once), stored_values(row, later))
        stored = bool(cursor.rowcount)
    if stored:
        row._state.adding, row._state.db = False, base.alias
    return stored


def update(
    model: type[models.Model], where: Mapping[str, object], changes: Mapping[str, object]
) -> int:
    """Change the rows that meet the conditions; how many they were. A sealed column takes what
    `privacy.fields.closed` made of its row, and nothing else."""
    base, fields = _base(), _fields(model)
    for name, value in changes.items():
        if getattr(fields[name], "is_sealed", False) and not getattr(value, "is_closed", False):
            raise TypeError("a sealed column is written with its row")
    text = _update(model, tuple(changes), _shape(where))
    values = [fields[name].get_db_prep_save(_plain(it), base) for name, it in changes.items()]
    with base.cursor() as cursor:
        cursor.execute(text, values + _conditions(model, where, base))
        return int(cursor.rowcount)


def delete(model: type[models.Model], **where: Any) -> int:
    """Delete the rows that meet the conditions; how many they were. Nothing cascades."""
    base = _base()
    with base.cursor() as cursor:
        cursor.execute(_delete(model, _shape(where)), _conditions(model, where, base))
        return int(cursor.rowcount)


def _base() -> BaseDatabaseWrapper:
    """The connection itself: what stands for it in `django.db` costs more than a column does."""
    return connections[DEFAULT_DB_ALIAS]


# --- the texts of statements, each made once; no value ever stands in one ------------------------------

Shape = tuple[tuple[str, int], ...]


def _shape(where: Mapping[str, object]) -> Shape:
    """What a text depends on: the columns, and how many values each may have."""
    return tuple((name, _size(value)) for name, value in where.items())


_IS_NULL, _EXACTLY_ONE = -1, 0


def _size(value: object) -> int:
    if value is None:
        return _IS_NULL
    if value == ():
        raise ValueError("one of nothing")
    return len(value) if isinstance(value, tuple) else _EXACTLY_ONE


def _where(model: type[models.Model], shape: Shape) -> str:
    return " AND ".join(_condition(model, name, size) for name, size in shape)


_COMPARED = {"": "=", "lte": "<=", "gt": ">"}


def _condition(model: type[models.Model], name: str, size: int) -> str:
    name, _, how = name.partition("__")
    column = f'"{_fields(model)[name].column}"'
    if size == _IS_NULL:
        return f"{column} IS NULL"
    return f"{column} IN ({marks(range(size))})" if size else f"{column} {_COMPARED[how]} %s"


def marks(values: Sized) -> str:
    """The placeholders of so many values, for a statement of one's own."""
    return ", ".join(["%s"] * len(values))


@cache
def columns(model: type[models.Model], table: str = "") -> str:
    """The columns of a model in the order of `from_values`, for a statement of one's own."""
    return ", ".join(f'{table}"{field.column}"' for field in model._meta.concrete_fields)


@cache
def _select(model: type[models.Model], shape: Shape, lock: bool) -> str:
    text = f'SELECT {columns(model)} FROM "{model._meta.db_table}" WHERE {_where(model, shape)}'  # noqa: S608 (names of the model)
    return f"{text} FOR UPDATE" if lock else text


@cache
def _named(model: type[models.Model], later: tuple[str, ...]) -> tuple[Field, ...]:
    return tuple(field for field in model._meta.concrete_fields if field.attname not in later)


@cache
def _insert(model: type[models.Model], later: tuple[str, ...], once: bool) -> str:
    named = _named(model, later)
    names = ", ".join(f'"{field.column}"' for field in named)
    text = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks(named)})'  # noqa: S608
    return f"{text} ON CONFLICT DO NOTHING" if once else text


@cache
def _update(model: type[models.Model], names: tuple[str, ...], shape: Shape) -> str:
    fields = [_fields(model)[name] for name in names]
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    return f'UPDATE "{model._meta.db_table}" SET {changes} WHERE {_where(model, shape)}'  # noqa: S608


@cache
def _delete(model: type[models.Model], shape: Shape) -> str:
    return f'DELETE FROM "{model._meta.db_table}" WHERE {_where(model, shape)}'  # noqa: S608


# --- values, both ways ---------------------------------------------------------------------------------


@cache
def _fields(model: type[models.Model]) -> dict[str, Field]:
    by_column = {field.attname: field for field in model._meta.concrete_fields}
    return {field.name: field for field in model._meta.concrete_fields} | by_column


@cache
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def _plain(value: object) -> object:
    """The id that stands for a row."""
    return value.pk if isinstance(value, models.Model) else value


def _conditions(
    model: type[models.Model], where: Mapping[str, object], base: BaseDatabaseWrapper
) -> list[Any]:
    fields, found = _fields(model), []
    for name, value in where.items():
        if value is None:
            continue
        field = fields[name.partition("__")[0]]
        values = value if isinstance(value, tuple) else (value,)
        found += [field.get_db_prep_value(_plain(each), base) for each in values]
    return found


@cache
def _converters(
    model: type[models.Model], vendor: str
) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """What the query builder would do to the values of this database."""
    base, found = _base(), []
    for place, field in enumerate(model._meta.concrete_fields):
        column = Col(model._meta.db_table, field)
        for convert in base.ops.get_db_converters(column) + column.get_db_converters(base):
            found.append((place, _bound(convert, column)))
    return tuple(found)


def _bound(convert: Callable[..., Any], column: Col) -> Callable[[Any], Any]:
    return lambda value: convert(value, column, _base())
