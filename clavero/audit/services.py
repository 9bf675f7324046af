"""Recording, in the transaction of the deed itself: a deed without its record does not happen (ATTACKS 20)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from clavero import clock
from clavero.audit.models import Entry as Row
from clavero.audit.vocabulary import EVENTS
from clavero.core import chain

_CODE = re.compile(r"[a-z0-9_.:=\- ]{0,60}")
_LONG_NUMBER = re.compile(r"\d{9,}")


@dataclass(frozen=True)
class Entry:
    """What a notice or a page prints of a record: its number and 12 characters of the head (ATTACKS 33)."""

    number: int
    head12: str


def record(
    event: str,
    *,
    actor: str = "system",
    case_id: int | None = None,
    subject: int | None = None,
    outcome: str = "done",
    reason: str = "",
    data: dict[str, int | bool | str] | None = None,
    now: datetime | None = None,
) -> Entry:
    """Seal one event behind the last. Two statements. Raises where no transaction is open.

    `case_id` and `subject` are row ids; `reason` and `data` are codes and numbers, never what a person
    typed or is called: a value that could be an identifier is refused with ValueError.
    """
    if all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise transaction.TransactionManagementError("audit.record outside a transaction")
    _refuse_personal(event, actor, reason, data or {})
    at = now or clock.now()
    number, previous = _take_number()
    fields = {
        "number": number,
        "at": at.isoformat(timespec="microseconds"),
        "event": event,
        "actor": actor,
        "case": case_id,
        "subject": subject,
        "outcome": outcome,
        "reason": reason,
    }
    body = chain.body(fields | ({"data": data} if data else {}))
    sealed = chain.seal(previous, body)
    _store(number, at, event, actor, case_id, subject, outcome, reason, body, sealed)
    return Entry(number, sealed.hex()[:12])


def _refuse_personal(
    event: str, actor: str, reason: str, data: dict[str, int | bool | str]
) -> None:
    if event not in EVENTS:
        raise ValueError(f"{event} is not in audit.vocabulary")
    texts = [actor, reason, *(value for value in data.values() if isinstance(value, str))]
    if any(not _CODE.fullmatch(text) or _LONG_NUMBER.search(text) for text in texts):
        raise ValueError("audit records hold codes, never what somebody typed")
    if any(isinstance(value, int) and abs(value) > 10**8 for value in data.values()):
        raise ValueError("audit records hold counts, never identifiers")


def _take_number() -> tuple[int, bytes]:
    """Lock the head and read it. On SQLite the transaction is IMMEDIATE and holds the lock already."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number, seal FROM audit_head WHERE id = 1{lock}")  # noqa: S608 (no input)
        number, previous = cursor.fetchone()
    return number + 1, bytes(previous)


_COLUMNS = "number, at, event, actor, case_id, subject, outcome, reason, body, seal"
_INSERT = f"INSERT INTO audit_entry ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
_MOVE_HEAD = "UPDATE audit_head SET number = %s, seal = %s WHERE id = 1"


def _store(number: int, at: datetime, *rest: Any) -> None:
    """A plain cursor: this is on every request's path (PERFORMANCE, 3). PostgreSQL takes both in one statement."""
    row = [number, connection.ops.adapt_datetimefield_value(at), *rest]
    head = [number, rest[-1]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"WITH stored AS ({_INSERT}) {_MOVE_HEAD}", [*row, *head])
        else:
            cursor.execute(_INSERT, row)
            cursor.execute(_MOVE_HEAD, head)


def rows(first: int = 1):  # type: ignore[no-untyped-def]
    """Every entry from `first` on as (number, body, seal), streamed."""
    found = Row.objects.filter(number__gte=first).order_by("number")
    for number, body, sealed in found.values_list("number", "body", "seal").iterator(
        chunk_size=2000
    ):
        yield number, body, bytes(sealed)
