"""K07: what comes back by itself is 503 with a page that asks no database; what is a defect stays 500 with its number."""

from contextlib import suppress

import pytest
from argon2.exceptions import VerificationError
from django.db import (
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.db.utils import ConnectionHandler
from django.test import Client

from tests.cast import by_id
from tests.walk import Walker, sign_in

LUIS = by_id("tres_sucursales")


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError, InternalError, MemoryError])
@pytest.mark.parametrize("path", ["/ayuda/", "/en/ayuda/"])
def test_what_is_missing_for_a_while_is_a_page_that_says_to_wait(
    db, monkeypatch, kind, path, django_assert_num_queries
):
    def falls(*args, **kwargs):
        raise kind("ana@trigo.example")

    monkeypatch.setattr("clavero.recovery.views.plain.render", falls)
    with django_assert_num_queries(0):
        answer = Client(raise_request_exception=False).get(path)
    text = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (
        503,
        "120",
        "no-store",
    )
    assert "Es un problema nuestro, no suyo" in text
    assert "It is our problem, not yours" in text
    assert "ana@trigo" not in text
    assert answer["Content-Language"] == "es, en"


def test_a_database_whose_name_is_not_found_is_missing_and_no_mistake(db, monkeypatch):
    """A real look-up of a name that nobody has (RFC 6761 §6.4)."""
    there = {"ENGINE": "django.db.backends.postgresql", "HOST": "base.invalid", "NAME": "clavero"}

    def falls(*args, **kwargs):
        ConnectionHandler({"default": there})["default"].ensure_connection()

    monkeypatch.setattr("clavero.recovery.views.plain.render", falls)
    answer = Client(raise_request_exception=False).get("/ayuda/")
    assert answer.status_code == 503
    assert "base.invalid" not in answer.content.decode()


def wrong_statement():
    """What this database itself says of a column that is not there: SQLite calls it operational."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing_like_it FROM audit_entry")


def aborted():
    """A statement after one that failed in the same transaction: on PostgreSQL an internal error."""
    with suppress(ProgrammingError, OperationalError):
        wrong_statement()
    wrong_statement()


def misused():
    raise ProgrammingError("column")


@pytest.mark.parametrize("mistake", [wrong_statement, aborted, misused])
def test_a_mistake_of_ours_stays_a_failure_with_its_number(db, monkeypatch, mistake):
    def falls(*args, **kwargs):
        with transaction.atomic():
            mistake()

    monkeypatch.setattr("clavero.recovery.views.plain.render", falls)
    answer = Client(raise_request_exception=False).get("/ayuda/")
    assert answer.status_code == 500
    assert "llámenos con este número" in answer.content.decode()


def test_no_memory_for_the_hash_is_nobodys_wrong_key(walker, time, monkeypatch):
    """The right key in a moment without memory: it is not said to be wrong, and no message goes out about a guess."""
    from clavero.keys import services
    from clavero.notices.models import Message

    class Hungry:
        def verify(self, *_):
            raise VerificationError("Memory allocation error")

    services.matches(None, "una clave")
    monkeypatch.setattr(services, "_hasher", Hungry)
    before = Message.objects.count()
    other = Walker(time)
    other.client.raise_request_exception = False
    sign_in(other, LUIS, LUIS.key)
    assert other.response.status_code == 503
    assert "Es un problema nuestro" in other.response.content.decode()
    assert Message.objects.count() == before
