"""Reading cases."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models.expressions import Col

from clavero.core import challenge
from clavero.core.identifiers.employer import EmployerNumber
from clavero.employers import queries as employers
from clavero.employers.models import Contact
from clavero.keys import services as keys
from clavero.privacy import tokens
from clavero.recovery.models import Case, ContactProof

UNPROVED = ("code_sent", "visit_needed", "booked")


_NAMES = [field.attname for field in Case._meta.concrete_fields]
_BY_REF = f"SELECT {', '.join(str(field.column) for field in Case._meta.concrete_fields)} FROM recovery_case WHERE ref = %s"  # noqa: S608 (columns of the model)
_CONVERTERS: list[tuple[int, Any]] = []


def by_ref(ref: str) -> Case | None:
    """The case of an address. The caller checks the handle.

    Every page of the road asks this. A plain cursor costs a quarter of the query builder here
    (benchmarks/journey_bench.py), so that this one place has one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_REF, [ref])
        row = cursor.fetchone()
    return Case.from_db(connection.alias, _NAMES, _converted(row)) if row else None


def _converted(row: tuple[Any, ...]) -> list[Any]:
    """What the query builder would do to the values of this database: dates, JSON, sealed text."""
    if not _CONVERTERS:
        expressions = [
            (n, Col("recovery_case", field)) for n, field in enumerate(Case._meta.concrete_fields)
        ]
        for n, expression in expressions:
            found = connection.ops.get_db_converters(expression) + expression.get_db_converters(
                connection
            )
            _CONVERTERS.extend((n, partial(_convert, convert, expression)) for convert in found)
    values = list(row)
    for n, convert in _CONVERTERS:
        values[n] = convert(values[n])
    return values


def _convert(convert: Any, expression: Any, value: Any) -> Any:
    return convert(value, expression, connection)


_BOUND = """SELECT c.* FROM employers_contact c LEFT JOIN keys_account a ON a.username = %s
WHERE c.id = %s AND (a.key_set_at IS NULL OR a.key_set_at <= %s)"""


def bound_contact(case: Case) -> Contact | None:
    """The address that this case's message went to, while it may receive one and the key is still that one (N07)."""
    number = EmployerNumber(case.identification, case.ruc, case.branch, case.domestic)
    sent_at = connection.ops.adapt_datetimefield_value(case.code_sent_at)
    given = [keys.username(number), case.contact_id or 0, sent_at]
    return employers.usable_email(Contact.objects.raw(_BOUND, given))


def by_link(token: str) -> Case | None:
    """The case whose message carried this link, while the link lives."""
    return Case.objects.filter(link_hash=tokens.hash("case_link", token)).first()


def by_secret(text: str) -> Case | None:
    """The case of a case secret, typed with spaces, hyphens or lower case."""
    return Case.objects.filter(
        secret_hash=tokens.hash("case_secret", challenge.normal(text))
    ).first()


def just_opened(ticket: str, now: datetime) -> Case | None:
    """The case that this waiting ticket opened a moment ago, while nothing has been proved in it."""
    opened_with = tokens.hash("opened_with", ticket)
    recently = now - timedelta(minutes=10)
    return Case.objects.filter(
        opened_with=opened_with, opened_at__gte=recently, proved_at=None
    ).first()


def contact_proof(token: str, now: datetime) -> ContactProof | None:
    """What a link to a proposed address confirms, while it lives."""
    hashed = tokens.hash("contact_proof", token)
    live = ContactProof.objects.filter(token_hash=hashed, used_at=None, expires_at__gt=now)
    return live.select_related("contact").first()


def local_day(now: datetime) -> date:
    """The day it is at the institution."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
