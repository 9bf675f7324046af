"""What each page of the journey asks of the database: counted, exactly, so that nobody adds a statement unseen.

BEGIN and COMMIT are not counted. A record costs one statement on PostgreSQL and three on SQLite, whose
head is read, sealed behind and moved by Python; nothing else differs.
"""

import pytest
from django.db import connection

from tests.cast import by_id
from tests.walk import NEW_KEY

LUIS = by_id("tres_sucursales")
# page → statements beside the records, records
STATEMENTS = {
    "POST validar": (9, 1), "GET codigo": (1, 0), "POST codigo": (6, 2), "GET contacto": (1, 0), "POST contacto": (3, 1),
    "GET clave": (3, 0), "POST clave": (13, 2), "GET probar": (2, 0), "POST probar": (11, 2), "GET listo": (7, 0),
}  # fmt: skip
A_RECORD = 1 if connection.vendor == "postgresql" else 3


@pytest.fixture
def asked(walker, time):
    """Statements by page of one journey, of the portal and not of the worker."""
    found, here = {}, [""]

    def count(execute, sql, params, many, context):
        if not sql.startswith(("SAVEPOINT", "RELEASE")) and here[0]:
            found.setdefault(here[0], []).append(sql)
        return execute(sql, params, many, context)

    send = walker.client.request

    def request(**environ):
        here[0] = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'].split('/')[-2]}"
        try:
            return send(**environ)
        finally:
            here[0] = ""

    walker.client.request = request
    walker.to_check(LUIS)
    time.wait(10)
    found.clear()
    with connection.execute_wrapper(count):
        walker.press()
        walker.prove(LUIS)
        walker.press().press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert walker.h1 == "Acceso comprobado"
    return found


def test_each_page_asks_what_it_must_and_no_more(asked):
    expected = {page: beside + records * A_RECORD for page, (beside, records) in STATEMENTS.items()}
    counted = {page: len(statements) for page, statements in asked.items()}
    assert counted == expected, "\n".join(
        f"{page}: {' '.join(sql.split())[:150]}"
        for page, statements in asked.items()
        if len(statements) != expected.get(page)
        for sql in statements
    )
