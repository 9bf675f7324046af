"""Rows by the million, made by the server itself: of the same columns and lengths as real ones, of nobody.

What a person may ask for goes through the importers; these rows stand around it, before and after, so that
tables and indexes have the size that the plan and the caches must live with.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Model

from clavero import rows


def _models() -> Iterator[tuple[type[Model], dict[str, str], int]]:
    """Each table of the road, what its rows have of their own, and how many employers one row stands for."""
    from clavero.audit.models import Entry
    from clavero.catastro.models import Ruc
    from clavero.employers.models import Branch, Contact, Employer, Representative
    from clavero.keys.models import Account
    from clavero.notices.models import Message
    from clavero.recovery.models import Case
    from clavero.throttle.models import Bucket

    own, text = {"id": _id("{kind}"), "employer_id": _id("e")}, _text("{kind}")
    yield Employer, {"id": _id("e"), "ruc_lookup": text}, 1
    yield Branch, own, 1
    yield Representative, own | {"identification_lookup": text}, 1
    yield Contact, own | {"value_lookup": text}, 1
    yield Ruc, {"ruc": "1000000000000 + g"}, 1
    yield Account, own | {"username": text, "representative_id": _id("Representative")}, 10
    yield Case, own | {"ref": "lpad(upper(to_hex(g)), 8, '0')", "employer_key": text, "link_hash": text, "secret_hash": text,
                       "continuation_hash": text, "pickup_hash": text, "opened_with": text, "account_id": "NULL"}, 10  # fmt: skip
    yield Message, own | {"key": text, "case_id": _id("Case"), "state": "'sent'"}, 10
    yield Bucket, {"key": text}, 10
    yield Entry, {"number": "-g", "case_id": _id("Case"), "subject": _id("e")}, 10


def _id(kind: str) -> str:
    """A number like those of `privacy.models.new_id`, always the same for the same `g`."""
    return f"('x' || substr(md5('{kind}' || g), 1, 15))::bit(60)::bigint"


def _text(kind: str) -> str:
    """Like a keyed hash: 43 characters that say nothing."""
    return f"substr(md5('a{kind}' || g) || md5('b{kind}' || g), 1, 43)"


def fill(first: int, last: int) -> None:
    """Rows for the employers `first` to `last`, after the pattern of one row of each table that is there already."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for model, own, share in _models():
            cursor.execute(_statement(model, own), [first // share, last // share - 1])
        cursor.execute("SET session_replication_role = DEFAULT")


def without_indexes() -> None:
    """From now on no index of these tables is kept up: filling them row by row would take minutes."""
    with connection.cursor() as cursor:
        for model, _, _ in _models():
            cursor.execute(_READY.format("false"), [model._meta.db_table])
    connection.close()


_READY = "UPDATE pg_index SET indisready = {} WHERE indrelid = %s::regclass"


def with_indexes() -> None:
    """Every index built anew, the planner told how large everything is, and all of it on the disk."""
    with connection.cursor() as cursor:
        for model, _, _ in _models():
            cursor.execute(_READY.format("true"), [model._meta.db_table])
    connection.close()
    with connection.cursor() as cursor:
        for model, _, _ in _models():
            cursor.execute(f"REINDEX TABLE {model._meta.db_table}")
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")
        cursor.execute("CHECKPOINT")


def _statement(model: type[Model], own: dict[str, str]) -> str:
    table = model._meta.db_table
    chosen = [_chosen(field, own, model.__name__) for field in model._meta.concrete_fields]
    return (
        f"INSERT INTO {table} ({rows.columns(model)}) SELECT {', '.join(chosen)}"
        f" FROM generate_series(%s::bigint, %s::bigint) AS g, (SELECT * FROM {table}{_pattern(model)} LIMIT 1) AS t"
    )


def _pattern(model: type[Model]) -> str:
    """Accounts of staff belong to nobody: they are no pattern for those of employers."""
    return " WHERE employer_id IS NOT NULL" if model.__name__ == "Account" else ""


def _chosen(field: Any, own: dict[str, str], kind: str) -> str:
    return own.get(field.column, f't."{field.column}"').replace("{kind}", kind)


def analyze() -> None:
    """The planner learns how large everything is."""
    with connection.cursor() as cursor:
        for model, _, _ in _models():
            cursor.execute(f"ANALYZE {model._meta.db_table}")
