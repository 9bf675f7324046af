"""What officers note beside a paper is sealed, and an upgrade seals what earlier versions wrote in clear (S-134)."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from clavero import clock
from clavero.core.counter import Mark
from clavero.desk import casework, queries
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.rooms.desk.test_casework import prepare, visit_by

JULIA, NOTE = by_id("sin_correo"), "Falta la firma de Eulalia Inventada"


def raw(text: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def visit(cast, time):
    """A closed one, with a note."""
    _, code = prepare(time, JULIA, "no_email")
    found = visit_by(member(0), code)
    casework.mark(found, {"request": Mark("observed", NOTE)}, "motivo", False, clock.now())
    casework.leave(found, clock.now())
    return found


def test_a_note_stands_sealed_in_its_row(visit):
    (marked,) = raw("SELECT marked FROM desk_visit")[0]
    assert marked.startswith("f1.") and "Eulalia" not in marked
    assert queries.marks(visit)["request"].note == NOTE


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_seals_what_stood_in_clear_and_loses_nothing(visit):
    call_command("migrate", "desk", "0005", verbosity=0)
    assert NOTE in str(raw("SELECT marks FROM desk_visit"))
    call_command("migrate", verbosity=0)
    assert "Eulalia" not in str(raw("SELECT * FROM desk_visit"))
    visit.refresh_from_db()
    assert queries.marks(visit)["request"].note == NOTE
    with pytest.raises(DatabaseError, match="closed visit"), transaction.atomic():
        raw("UPDATE desk_visit SET outcome = 'x'")
