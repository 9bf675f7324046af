"""The rows of the attack table that meet the desk: talked into it, bribed, skipped, posted by who may not."""

import re
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection

from clavero.audit import queries as audit
from clavero.audit.models import Entry
from clavero.core import counter as rules
from clavero.recovery.models import Case
from tests import staff
from tests.cast import by_id
from tests.stories.test_circle import Desk, prepare
from tests.walk import NEW_KEY, Walker

JULIA = by_id("sin_correo")


@pytest.fixture
def officer_and_second(counter):
    return counter


def no_room_for_records() -> None:
    """The record cannot be written any more: the disk is full, or somebody with the database wants it so."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION attack_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER attack_full BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION attack_full()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER attack_full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'full'); END"
            )


def test_attack_20_a_deed_at_the_desk_without_its_record_does_not_happen(officer_and_second, time):
    officer, _ = officer_and_second
    _, _, code = prepare(time, JULIA, "no_email")
    no_room_for_records()
    with pytest.raises(DatabaseError):
        officer.press("Abrir", continuation=code)
    assert Case.objects.get().state == "visit_needed"


def test_attack_21_no_post_of_the_desk_answers_a_role_that_may_not_write(cast, time):
    _, _, code = prepare(time, JULIA, "no_email")
    for name in ("ramiro", "olga"):
        walker = staff.enter(time, name)
        for path in ("abrir/", "fila/siguiente/", "sin-codigo/", "levantar/", "papel/pasar/"):
            got = walker.client.post(f"/mesa/{path}", {"continuation": code, "reason": "x"})
            assert got.status_code in (403, 405), (name, path)
    assert Case.objects.get().state == "visit_needed"


def test_attack_23_the_desk_cannot_be_talked_into_it(officer_and_second, time):
    """No evidence, no button; a POST that skips the page is refused; every contact on record hears of it."""
    marta = by_id("ruc_suspendido")
    officer, _ = officer_and_second
    _, _, code = prepare(time, marta, "ruc_not_active")
    officer.press("Abrir", continuation=code)
    assert "Pedir la segunda aprobación" not in [
        button.get_text(" ", strip=True) for button in officer.walker.page.select("button")
    ]
    here = officer.walker.path
    for path in ("decidir/", "codigo/", "terminar/"):
        officer.walker.client.post(here + path)
    case = Case.objects.get()
    assert case.state == "at_desk" and case.binding_hash == ""
    told = Walker(time).mail(marta.email).text
    assert "alguien fue al centro" in told and "/no-fui-yo/" in told


def test_attack_25_no_secret_and_nobody_elses_data_stand_in_a_page_of_the_desk(
    officer_and_second, time
):
    officer, _ = officer_and_second
    _, secret, code = prepare(time, JULIA, "no_email")
    others = [by_id(name) for name in ("en_orden", "ruc_suspendido", "tres_sucursales")]
    seen = [str(officer.walker.open("/mesa/").page)]
    officer.press("Abrir", continuation=code)
    seen.append(str(officer.walker.page))
    for page in seen:
        assert secret not in page and code not in page
        for member in others:
            assert member.name not in page and member.ruc not in page
    assert JULIA.name not in seen[0]


def test_attack_29_one_name_is_enough_for_a_person(officer_and_second, time):
    officer, second = officer_and_second
    diego = by_id("representante_cambio")
    _, _, code = prepare(time, diego, "representative_changed")
    officer.press("Abrir", continuation=code)
    officer.walker.open(officer.walker.path + "corregir/representative/")
    officer.press("Anotar la corrección", name="Mononymus")
    assert "Mononymus" in officer.text
    del second


def test_attack_36_one_bribed_officer_with_every_page_and_both_secrets_sets_no_key(cast, time):
    """The officer opened the case as the victim at home, so that the case secret is known too."""
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    _, secret, code = prepare(time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)
    officer.follow("Cambiar el correo registrado")
    officer.press("Anotar la corrección", value="ladron@malo.example")
    officer.mark_everything_seen("Perdió el correo.").press("Pedir la segunda aprobación")
    here = officer.walker.path
    officer.walker.open("/mesa/decidir/")
    assert "No hay nada para decidir" in officer.text
    officer.walker.open(here)
    officer.press("Que siga desde su casa")
    ahead = officer.walker.page.select_one("[data-binding]").get_text("").replace(" ", "")
    from clavero.desk.models import Approval

    pending = Approval.objects.get()
    got = officer.walker.client.post(
        f"/mesa/decidir/{pending.pk}/",
        {"decision": "approved", "code": staff.next_code(time, "veronica")},
    )
    assert got.status_code == 404
    home = Walker(time).open("/caso/").press({"secret": secret})
    assert home.step not in ("key", "code")
    home.client.post(
        f"/empleadores/recuperar-clave/caso/{pending.case.ref}/terminar/", {"code": ahead}
    )
    home.client.post(
        f"/empleadores/recuperar-clave/caso/{pending.case.ref}/clave/", {"key": NEW_KEY}
    )
    case = Case.objects.get()
    assert case.key_set_at is None and case.state == "in_review"
    assert audit.verify().ok


def test_attack_36_a_database_that_is_told_otherwise_still_knows_two_people(
    officer_and_second, time
):
    officer, _ = officer_and_second
    _, _, code = prepare(time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)
    officer.mark_everything_seen("Sin correo.").press("Pedir la segunda aprobación")
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE desk_approval SET decided_by_id = asked_by_id")


def test_attack_37_three_cases_of_a_stranger_do_not_keep_the_owner_out(officer_and_second, time):
    """A stranger opens cases of the same number; the owner's, decided first, closes them."""
    officer, second = officer_and_second
    for _ in range(3):
        prepare(time, JULIA, "no_email")
    _, _, code = prepare(time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)
    officer.mark_everything_seen("Sin correo.").press("Pedir la segunda aprobación")
    second.walker.open("/mesa/decidir/")
    second.follow("Decidir").press(
        "Firmar la decisión", decision="approved", code=staff.next_code(time, "beatriz")
    )
    states = sorted(Case.objects.values_list("state", flat=True))
    assert states == ["approved", "superseded", "superseded", "superseded"]


def test_every_look_of_staff_leaves_a_record_that_the_employer_reads(officer_and_second, time):
    officer, _ = officer_and_second
    marta = by_id("ruc_suspendido")
    _, _, code = prepare(time, marta, "ruc_not_active")
    officer.press("Abrir", continuation=code)
    entry = Entry.objects.filter(event="sensitive_read").last()
    assert entry is not None and audit.staff_of(entry) == 1


def test_no_page_of_the_desk_has_a_field_for_a_key():
    folder = Path(rules.__file__).parents[1] / "desk"
    for path in folder.rglob("*.html"):
        assert not re.search(r'name="key"|type="password"', path.read_text(encoding="utf-8")), path
