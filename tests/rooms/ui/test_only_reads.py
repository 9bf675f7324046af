"""K07: a database that only reads, under everybody who is signed in: a page serves, or it is the one that says to wait."""

import re

import pytest
from django.db import connection

from clavero.project.routes import ROUTES
from tests.cast import by_id
from tests.house.test_routes import ENDING, browser, path_of
from tests.walk import Walker

LUIS = by_id("tres_sucursales")
PERSONS = ("anonymous", "employer", "holder", "officer", "supervisor", "operator", "auditor")
SERVES = {
    "anonymous": ("/", "/ayuda/", "/entrar/", "/guia/", "/citas/"),
    "employer": ("/cuenta/", "/cuenta/historia/", "/cuenta/datos/"),
}
"""What goes on, at least. The desk notes each use of its session and every look: without that it opens nothing."""


@pytest.fixture
def only_reads(transactional_db):
    """`only_reads()`: from here on this database takes no statement that writes."""
    sqlite = connection.vendor == "sqlite"
    on, off = (
        f"PRAGMA query_only = {word}" if sqlite else f"SET default_transaction_read_only = {word}"
        for word in ("on", "off")
    )

    def say(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield lambda: say(on)
    say(off)


@pytest.mark.parametrize("person", PERSONS)
def test_a_database_that_only_reads_fails_nobody_with_a_number(only_reads, cast, time, person):
    holder = Walker(time).validate(LUIS)
    number = re.search(r"/caso/([^/]+)/", holder.path)[1]
    walker = browser(person, holder, time)
    walker.client.raise_request_exception = False
    only_reads()
    statuses = set()
    for name in sorted(set(ROUTES) - set(ENDING)):
        for method in ("get", "post"):
            answer = getattr(walker.client, method)(path_of(name, number))
            statuses.add(answer.status_code)
            assert answer.status_code != 500, (name, method)
            if answer.status_code == 503 and name != "health":
                text = answer.content.decode()
                assert "El portal no responde por ahora" in text, name
                assert ("hoja de atención en papel" in text) == ("/mesa/" in path_of(name, "")), (
                    name
                )
    assert 200 in statuses
    for path in SERVES.get(person, ()):
        assert walker.client.get(path).status_code == 200, path
