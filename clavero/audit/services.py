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
    """Seal one event behind the last. Raises where no transaction is open.

    `case_id` and `subject` are row ids; `reason` and `data` are codes and numbers, never what a person
    typed or is called: a value that could be an identifier is refused with ValueError.
    """
    if all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise transaction.TransactionManagementError("audit.record outside a transaction")
    _refuse_personal(event, actor, reason, data or {})
    at = now or clock.now()
    fields: dict[str, object] = {
        "at": at.isoformat(timespec="microseconds"),
        "event": event,
        "actor": actor,
        "case": case_id,
        "subject": subject,
        "outcome": outcome,
        "reason": reason,
    }
    if data:
        fields["data"] = data
    row = [connection.ops.adapt_datetimefield_value(at), event, actor, case_id, subject, outcome, reason]  # fmt: skip
    append = _append_in_one if connection.vendor == "postgresql" else _append
    number, sealed = append(fields, row)
    return Entry(number, bytes(sealed).hex()[:12])


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


_COLUMNS = "at, event, actor, case_id, subject, outcome, reason, number, body, seal"
_READ_HEAD = "SELECT number, seal FROM audit_head WHERE id = 1"
_INSERT = f"INSERT INTO audit_entry ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608
_MOVE_HEAD = "UPDATE audit_head SET number = %s, seal = %s WHERE id = 1"


def _append(fields: dict[str, object], row: list[Any]) -> tuple[int, bytes]:
    """Read the head, seal behind it, move it. SQLite's transaction is IMMEDIATE: the head is locked already."""
    with connection.cursor() as cursor:
        cursor.execute(_READ_HEAD)
        last, previous = cursor.fetchone()
        number, body = last + 1, chain.body(fields | {"number": last + 1})
        sealed = chain.seal(bytes(previous), body)
        cursor.execute(_INSERT, [*row, number, body, sealed])
        cursor.execute(_MOVE_HEAD, [number, sealed])
    return number, sealed


_BODY = "%(before)s::text || {number} || %(after)s::text"
_IN_ONE = f"""WITH head AS (
    UPDATE audit_head SET number = number + 1, seal = sha256(
        seal || int8send(octet_length({_BODY})) || convert_to({_BODY}, 'UTF8'))
    WHERE id = 1 RETURNING number, seal
)
INSERT INTO audit_entry ({_COLUMNS})
SELECT %(at)s, %(event)s, %(actor)s, %(case)s, %(subject)s, %(outcome)s, %(reason)s, number, {_BODY.format(number="number")}, seal
FROM head RETURNING number, seal""".replace("{number}", "(number + 1)")  # noqa: S608 (no input in the text)


def _append_in_one(fields: dict[str, object], row: list[Any]) -> tuple[int, bytes]:
    """The same in one statement: PostgreSQL locks the head, counts and seals (core.chain says how)."""
    before, after = chain.body_around(fields)
    values = dict(
        zip(("at", "event", "actor", "case", "subject", "outcome", "reason"), row, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(_IN_ONE, values | {"before": before, "after": after})
        return cursor.fetchone()  # type: ignore[no-any-return]


def rows(first: int = 1):  # type: ignore[no-untyped-def]
    """Every entry from `first` on as (number, body, seal), streamed."""
    found = Row.objects.filter(number__gte=first).order_by("number")
    for number, body, sealed in found.values_list("number", "body", "seal").iterator(
        chunk_size=2000
    ):
        yield number, body, bytes(sealed)
