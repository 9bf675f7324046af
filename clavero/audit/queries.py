"""Reading the chain: is it whole, and what happened to one case or account?"""

import hmac
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from clavero.audit import services
from clavero.audit.models import Entry, Head
from clavero.core import chain


@dataclass(frozen=True)
class Report:
    """`first_break` is the first entry that does not follow; None where the chain is whole."""

    ok: bool
    entries: int
    first_break: int | None


def verify(head: tuple[int, str] | None = None) -> Report:
    """Walk the whole chain. `head` is a number and seal (hex) that were sent out earlier: they must still be there."""
    count, last, broken = 0, chain.ORIGIN, None
    seals: dict[int, bytes] = {}
    wanted = head[0] if head else 0
    for number, body, sealed in services.rows():
        count += 1
        last = chain.seal(last, body)
        if broken is None and (number != count or sealed != last):
            broken = count
        if number == wanted:
            seals[number] = sealed
    broken = broken or _missing_end(count, last)
    if head and broken is None and seals.get(wanted, b"").hex() != head[1]:
        broken = min(wanted, count + 1)
    return Report(broken is None, count, broken)


def _missing_end(count: int, last: bytes) -> int | None:
    """Entries cut off the end: the head knows more than the table."""
    head = Head.objects.get(pk=1)
    return None if (head.number, bytes(head.seal)) == (count, last) else count + 1


def sealed_at(number: int, head12: str) -> datetime | None:
    """When the entry of that number was sealed, where those are 12 characters of its seal; else None (A25)."""
    entry = Entry.objects.filter(pk=number).only("at", "seal").first()
    found = bytes(entry.seal).hex()[:12] if entry else ""
    return entry.at if entry and hmac.compare_digest(found, head12) else None


_LAST_OF = """SELECT number, seal FROM audit_entry WHERE case_id = %s AND event <> %s
ORDER BY number DESC LIMIT 1"""


def last_of(case: int, but: str = "") -> services.Entry:
    """The newest entry of a case, not counting the event `but`: its number and 12 characters of its seal."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_OF, [case, but])
        number, sealed = cursor.fetchone()
    return services.Entry(number, bytes(sealed).hex()[:12])


def history(*, case: int | None = None, subject: int | None = None) -> list[Entry]:
    """The entries of a case or of an account, oldest first."""
    found = Entry.objects.order_by("number")
    return list(found.filter(case_id=case) if case is not None else found.filter(subject=subject))


def links(case: int) -> list[dict[str, Any]]:
    """The entries of a case with the seal before each (hex), so that each can be sealed again by itself."""
    entries = history(case=case)
    before = {entry.number - 1 for entry in entries}
    seals = dict(Entry.objects.filter(number__in=before).values_list("number", "seal"))
    return [
        {
            "number": entry.number,
            "previous": bytes(seals.get(entry.number - 1, chain.ORIGIN)).hex(),
            "body": entry.body,
            "seal": bytes(entry.seal).hex(),
        }
        for entry in entries
    ]


def counted(first: int) -> dict[str, int]:
    """Event → how often it was recorded from entry `first` on. Found by number: numbers grow with time, and have an index."""
    found = Entry.objects.filter(number__gte=first).order_by()
    return dict(found.values_list("event").annotate(times=Count("number")))


def counted_apart(first: int, groups: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Group of events → of how many accounts, employers or, where none is known, cases it was recorded from entry `first` on."""
    whose = Coalesce("subject", "case_id")
    counts = {name: Count(whose, distinct=True, filter=Q(event__in=events)) for name, events in groups.items()}  # fmt: skip
    return Entry.objects.filter(number__gte=first).aggregate(**counts)


def first_since(since: datetime) -> int:
    """The number of the first entry of that moment or later, by halving."""
    low, high = 1, Head.objects.get(pk=1).number + 1
    while low < high:
        middle = (low + high) // 2
        at = Entry.objects.filter(pk=middle).values_list("at", flat=True).first()
        low, high = (middle + 1, high) if at is not None and at < since else (low, middle)
    return low


def head() -> tuple[int, str]:
    """Where the chain stands: number and seal (hex)."""
    found = Head.objects.get(pk=1)
    return found.number, bytes(found.seal).hex()


def newest(subjects: Iterable[int], events: Iterable[str], most: int) -> list[Entry]:
    """The newest entries about any of these subjects, of these events only."""
    found = Entry.objects.filter(subject__in=list(subjects), event__in=list(events))
    return list(found.order_by("-number")[:most])


def staff_of(entry: Entry) -> int:
    """The number of the member of staff who acted, 0 where nobody of staff did."""
    return int(json.loads(entry.body).get("data", {}).get("staff", 0))
