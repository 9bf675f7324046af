"""Who may become whom: a code of enrolment needs two people, nobody is two, the first operator comes from the command."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from clavero import clock
from clavero.audit.models import Entry
from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.desk import duty, people
from clavero.desk.models import Duty, Enrolment, Staff
from clavero.desk.people import Newcomer
from clavero.keys import passkeys
from tests.staff import enrol, enter, enter_with, newcomer, person, with_passkeys
from tests.walk import Walker

CODE = {
    "name": "Lucía Mena", "identification": "2458264187", "sign_in_name": "lucia", "role": "officer",
    "centre": "ambato", "examined_on": "2026-01-15",
}  # fmt: skip


def refusal(call, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        call(*args, **more)
    return refused.value.code


def asked_for(one: Staff, by: str = "olga") -> Enrolment:
    return people.ask_enrolment(one, Enrolment.FIRST, "first", person(by), clock.now())


# --- the rules ------------------------------------------------------------------------------------------


@given(*[st.integers(1, 4)] * 3, *[st.sets(st.integers(1, 4))] * 2)
def test_nobody_hands_a_code_to_themselves_or_to_whom_they_asked_for(
    staff, asked, approver, able, left
):
    """With anybody else who ever could approve, one identity never makes another (S-066, ATTACKS 36)."""
    try:
        rules.second_person(staff, asked, approver, able=able, ever=able | left)
    except Refused:
        return
    assert approver != staff
    assert approver != asked or not ((able | left) - {asked})


def test_a_qualification_holds_twelve_months():
    from datetime import date

    assert rules.qualified_from(date(2026, 11, 23)) == date(2027, 11, 23)
    assert rules.qualified_from(date(2028, 2, 29)) == date(2029, 2, 28)


def test_who_admits_whom():
    for by, whom, same in (
        ("manager", "officer", True),
        ("manager", "supervisor", True),
        ("operator", "manager", False),
    ):
        rules.may_admit(by, whom, same_centre=same)
    for by, whom, same in (
        ("manager", "officer", False), ("manager", "manager", True), ("manager", "operator", True),
        ("supervisor", "officer", True), ("officer", "officer", True), ("auditor", "officer", True),
    ):  # fmt: skip
        assert refusal(rules.may_admit, by, whom, same_centre=same) == "staff.may_not_admit"


# --- enrolling ------------------------------------------------------------------------------------------


def test_admitting_by_the_pages_takes_two_people(cast, time, settings):
    """The manager asks, a supervisor hands over, the newcomer enrols and works."""
    manager = enter(time, "hernan").open("/mesa/personal/alta/").press(CODE)
    assert manager.h1 == "Lucía Mena" and "código por entregar" in manager.text
    asked = Enrolment.objects.get()
    manager.open(f"/mesa/altas/{asked.pk}/").press()
    assert manager.errors == ["enrolment.same_person"] and not manager.page.select(
        "[data-enrolment]"
    )
    other = enter(time, "beatriz").open("/mesa/altas/")
    assert "Lucía Mena" in other.text and "Hernán Paredes" in other.text
    other.open(other.page.select_one("main a.govuk-link")["href"]).press()
    code = other.secret("enrolment")
    assert len(code) == 16 and code not in str(Enrolment.objects.values())
    settings.DESK_CODES = False
    walker = Walker(time)
    key, _ = enrol(walker, "lucia", code.lower())
    assert walker.open("/mesa/").h1 == "Mostrador"
    assert enter_with(time, "lucia", key).press({"counter": "4"}).text.count("mostrador 4") == 1


def test_the_code_is_shown_once(cast, time):
    asked = asked_for(newcomer("lucia"))
    walker = enter(time, "beatriz").open(f"/mesa/altas/{asked.pk}/").press()
    code = walker.secret("enrolment")
    for path in (
        "/mesa/altas/",
        f"/mesa/altas/{asked.pk}/",
        f"/mesa/personal/{asked.staff.number}/",
    ):
        assert code not in walker.open(path).response.content.decode()
    assert (
        refusal(people.approve_enrolment, asked, person("hernan"), clock.now()) == "enrolment.over"
    )


def test_one_identity_never_enrols_another(cast, time, settings):
    """Whoever asks cannot hand over, whoever it is for cannot either, and the database says so too."""
    settings.DESK_CODES = True
    olga, hernan = person("olga"), person("hernan")
    asked = asked_for(newcomer("lucia"))
    assert refusal(people.approve_enrolment, asked, olga, clock.now()) == "enrolment.same_person"
    assert (
        refusal(people.ask_enrolment, olga, Enrolment.LOST, "x", olga, clock.now())
        == "enrolment.own"
    )
    own = people.ask_enrolment(hernan, Enrolment.LOST, "cayó al río", olga, clock.now())
    assert refusal(people.approve_enrolment, own, hernan, clock.now()) == "enrolment.own"
    for changes in (
        {"approved_by": olga},
        {"approved_by": hernan, "staff": hernan},
        {"code_hash": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Enrolment.objects.filter(pk=asked.pk).update(**changes)


def test_alone_only_while_nobody_else_could(db, time, settings):
    """The first operator admits the second alone, and it is recorded; afterwards never again (S-138)."""
    settings.DESK_CODES = False
    code = people.bootstrap("olga", "Olga Mina", "2450927005", clock.now())
    olga = people.redeem("olga", code, clock.now())
    with_passkeys(olga)
    second = newcomer("pia", "manager")
    asked = people.ask_enrolment(second, Enrolment.FIRST, "first", olga, clock.now())
    people.redeem("pia", people.approve_enrolment(asked, olga, clock.now()), clock.now())
    asked.refresh_from_db()
    assert asked.alone
    with_passkeys(second)
    third = newcomer("mario", identification="2457080170")
    asked = people.ask_enrolment(third, Enrolment.FIRST, "first", olga, clock.now())
    assert refusal(people.approve_enrolment, asked, olga, clock.now()) == "enrolment.same_person"
    people.approve_enrolment(asked, second, clock.now())


@pytest.mark.parametrize("kind", ["ended", "lost their passkeys"])
def test_nobody_makes_themselves_the_only_one(cast, time, kind):
    """An operator ends everybody else who approves, or waits until they lose a key: they stay one person (ATTACKS 36)."""
    olga, others = person("olga"), [person("beatriz"), person("hernan")]
    for other in others:
        if kind == "ended":
            people.end(other, olga, clock.now())
        else:
            passkeys.forget_all(other.account)
    shadow = newcomer("sombra", "operator", "")
    for one in [shadow] if kind == "ended" else [shadow, *others]:
        asked = people.ask_enrolment(one, Enrolment.LOST, "x", olga, clock.now())
        for _ in range(2):
            refused = refusal(people.approve_enrolment, asked, olga, clock.now())
            assert refused == "enrolment.nobody_else"
        assert not Enrolment.objects.get(pk=asked.pk).code_hash


def test_the_command_stands_in_where_one_is_left_and_ends_there(cast, time, settings):
    """Who administers the server makes the second person; then the pages go on, and the command says no again."""
    olga = person("olga")
    assert refusal(people.bootstrap, "pia", "", "", clock.now()) == "staff.bootstrapped"
    for other in (person("beatriz"), person("hernan")):
        people.end(other, olga, clock.now())
    walker = enter(time, "olga")
    asked = asked_for(newcomer("mario", identification="2457080170"))
    walker.open(f"/mesa/altas/{asked.pk}/").press()
    assert walker.errors == ["enrolment.nobody_else"] and "clavero operator create" in walker.text
    assert refusal(people.bootstrap, "olga", "", "", clock.now()) == "staff.name_taken"
    settings.DESK_CODES = False
    with_passkeys(olga)
    enrol(Walker(time), "pia", people.bootstrap("pia", "Pía Lara", "2458264187", clock.now()))
    assert person("pia").ready_at
    assert refusal(people.bootstrap, "otra", "", "", clock.now()) == "staff.bootstrapped"
    people.approve_enrolment(asked, person("pia"), clock.now())


def test_a_code_is_for_one_name_once_and_for_48_hours(cast, time):
    lucia, mario = newcomer("lucia"), newcomer("mario", identification="2457080170")
    code = people.approve_enrolment(asked_for(lucia), person("hernan"), clock.now())
    for name, typed in (
        ("mario", code),
        ("lucia", code[:-1] + ("Y" if code.endswith("Z") else "Z")),
        ("nadie", code),
        ("lucia", ""),
    ):
        assert refusal(people.redeem, name, typed, clock.now()) == "enrolment.no_match"
    assert people.redeem("lucia", code, clock.now()) == lucia
    assert refusal(people.redeem, "lucia", code, clock.now()) == "enrolment.no_match"
    late = people.approve_enrolment(asked_for(mario), person("hernan"), clock.now())
    time.wait(48 * 3600 + 1)
    assert refusal(people.redeem, "mario", late, clock.now()) == "enrolment.no_match"


def test_a_newer_code_ends_the_older(cast, time):
    lucia = newcomer("lucia")
    first = people.approve_enrolment(asked_for(lucia), person("hernan"), clock.now())
    second = people.approve_enrolment(asked_for(lucia), person("hernan"), clock.now())
    assert refusal(people.redeem, "lucia", first, clock.now()) == "enrolment.no_match"
    assert people.redeem("lucia", second, clock.now()) == lucia


def test_tries_at_a_code_are_counted(cast, time):
    walker = Walker(time)
    said = set()
    for _ in range(25):
        walker.open("/mesa/alta/").press({"name": "lucia", "code": "AAAA AAAA AAAA AAAA"})
        said |= set(walker.errors)
    assert said == {"enrolment.no_match", "throttle.wait"} and walker.status == 429
    assert Entry.objects.filter(event="enrolment_failed", outcome="refused").count() == 20


def test_enrolling_lasts_half_an_hour(cast, time):
    lucia = newcomer("lucia")
    code = people.approve_enrolment(asked_for(lucia), person("hernan"), clock.now())
    walker = Walker(time).open("/mesa/alta/").press({"name": "lucia", "code": code})
    assert walker.step == "passkey"
    for _ in range(3):
        time.wait(14 * 60)
        walker.open("/mesa/llaves/")
    assert walker.step == "" and "código de alta" in walker.text


# --- losing ---------------------------------------------------------------------------------------------


def test_a_lost_passkey_bars_the_work_until_two_others_help(cast, time, settings):
    settings.DESK_CODES = False
    lucia, olga, hernan = newcomer("lucia"), person("olga"), person("hernan")
    key, spare = with_passkeys(lucia)
    here, there = enter_with(time, "lucia", spare), enter_with(time, "lucia", key)
    here.open("/mesa/llaves/")
    here.open(here.page.select_one("main dl a.govuk-link")["href"]).press()
    assert "falta una llave" in here.text and here.open("/mesa/").h1 == "Mis llaves de acceso"
    assert there.open("/mesa/").step == "signin"
    assert enter_with(time, "lucia", key).errors == ["staff.no_match"]
    asked = people.ask_enrolment(lucia, Enrolment.LOST, "se la robaron", olga, clock.now())
    code = people.approve_enrolment(asked, hernan, clock.now())
    fresh, _ = enrol(Walker(time), "lucia", code)
    assert here.open("/mesa/").step == "signin"
    assert enter_with(time, "lucia", spare).errors == ["staff.no_match"]
    assert enter_with(time, "lucia", fresh).h1 == "Mostrador"


def test_adding_a_passkey_needs_a_code(cast, time, settings):
    """Whoever finds an open desk does not add a key of their own."""
    settings.DESK_CODES = False
    lucia = newcomer("lucia")
    key, _ = with_passkeys(lucia)
    walker = enter_with(time, "lucia", key).open("/mesa/llaves/")
    assert walker.step == ""
    from tests.authenticator import Authenticator
    from tests.staff import ORIGIN

    asked = passkeys.begin_adding(lucia.account, "x")
    sent = {
        "label": "mía",
        "state": asked.state,
        "credential": Authenticator(ORIGIN).make(asked.options),
    }
    walker.client.post("/mesa/llaves/", sent)
    assert passkeys.count(lucia.account) == 2


# --- changes --------------------------------------------------------------------------------------------


def test_nobody_is_two_people(cast, time):
    """The same person has one post at a time, in the pages and in the database (S-066)."""
    again = Newcomer("v2", "Verónica Salazar", "2454239274", "supervisor", "ambato")
    assert refusal(people.admit, again, person("olga"), clock.now()) == "staff.already_here"
    walker = enter(time, "olga").open("/mesa/personal/alta/")
    walker.press({**CODE, "identification": "2454239274"})
    assert walker.errors and "staff.already_here" in walker.errors
    with pytest.raises(IntegrityError), transaction.atomic():
        Staff.objects.filter(number=2).update(
            identification_lookup=person("veronica").identification_lookup
        )
    people.end(person("veronica"), person("olga"), clock.now())
    assert people.admit(again, person("olga"), clock.now()).role == "supervisor"


def test_a_manager_answers_for_the_own_centre(cast, time):
    walker = enter(time, "hernan").open("/mesa/personal/")
    assert "Verónica" in walker.text and "Tomás" not in walker.text
    other = person("tomas").number
    for path in ("", "centro/", "capacitacion/", "llaves/", "salida/"):
        assert walker.client.get(f"/mesa/personal/{other}/{path}").status_code == 404
    walker.open("/mesa/personal/alta/").press({**CODE, "centre": "guayaquil"})
    assert "staff.may_not_admit" in walker.errors


def test_moving_prolonging_ending_by_the_pages(cast, time):
    olga, number = enter(time, "olga"), person("veronica").number
    enter(time, "veronica").press({"counter": "3"})
    olga.open(f"/mesa/personal/{number}/centro/").press({"centre": "Guayaquil"})
    assert person("veronica").centre == "guayaquil" and duty.of(person("veronica")) is None
    olga.open(f"/mesa/personal/{number}/capacitacion/").press({"examined_on": "2026-03-01"})
    assert str(person("veronica").qualified_until) == "2027-03-01"
    for wrong, code in (("2099-01-01", "staff.not_yet"), ("1/3/26", "staff.day_shape")):
        olga.open(f"/mesa/personal/{number}/capacitacion/").press({"examined_on": wrong})
        assert code in olga.errors
    olga.open(f"/mesa/personal/{number}/salida/").press()
    assert people.by_sign_in_name("veronica") is None and "Verónica" not in olga.text
    events = {"staff_moved", "staff_qualified", "staff_ended", "key_revoked"}
    assert set(Entry.objects.filter(event__in=events).values_list("event", flat=True)) == events


def test_nobody_changes_themselves(cast, time):
    walker, number = enter(time, "olga"), person("olga").number
    assert not walker.open(f"/mesa/personal/{number}/").page.select("main a[href*=salida]")
    for path, sent in (
        ("centro", {"centre": "ambato"}),
        ("capacitacion", {"examined_on": "2026-03-01"}),
        ("llaves", {"reason": "x"}),
        ("salida", {}),
    ):
        walker.open(f"/mesa/personal/{number}/{path}/").press(sent)
        assert walker.errors == ["enrolment.own"], path
    assert person("olga").centre == ""


def test_a_name_is_never_used_again(cast, time):
    people.end(person("veronica"), person("olga"), clock.now())
    again = Newcomer("veronica", "Otra Persona", "2458264187", "officer", "ambato")
    assert refusal(people.admit, again, person("olga"), clock.now()) == "staff.name_taken"


@pytest.mark.parametrize("name", ["", "María", "a b", "1a", "a" * 41, "a/b", "a'b", "ａ"])
def test_what_is_no_name(cast, name):
    new = Newcomer(name, "Otra Persona", "2458264187", "officer", "ambato")
    assert refusal(people.admit, new, person("olga"), clock.now()) == "staff.name_shape"


def test_numbers_of_staff_are_never_used_again(cast):
    last = max(Staff.objects.values_list("number", flat=True))
    people.end(newcomer("lucia"), person("olga"), clock.now())
    assert newcomer("mario", identification="2457080170").number == last + 2


def test_names_and_numbers_of_staff_are_sealed(cast):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, identification, identification_lookup FROM desk_staff")
        text = str(cursor.fetchall())
    assert "Salazar" not in text and "2454239274" not in text


# --- duty -----------------------------------------------------------------------------------------------


def test_one_person_a_counter_and_one_counter_a_person(cast, time):
    now = clock.now()
    veronica, pia = person("veronica"), newcomer("pia")
    duty.begin(veronica, "3", now)
    assert refusal(duty.begin, pia, "3", now) == "duty.counter_taken"
    duty.begin(veronica, "4", now)
    duty.begin(pia, "3", now)
    assert Duty.objects.filter(until=None).count() == 2
    for text in ("", "-", "12345", "a b", "ñ"):
        assert refusal(duty.begin, pia, text, now) == "duty.counter_shape"
    assert refusal(duty.begin, person("olga"), "1", now) == "duty.no_centre"


def test_a_counter_that_was_left_is_free(cast, time):
    enter(time, "veronica").press({"counter": "3"})
    pia = newcomer("pia")
    assert refusal(duty.begin, pia, "3", clock.now()) == "duty.counter_taken"
    time.wait(15 * 60 + 1)
    duty.begin(pia, "3", clock.now())


def test_signing_out_ends_the_duty(cast, time):
    walker = enter(time, "veronica").press({"counter": "3"})
    walker.client.post("/mesa/salir/")
    assert duty.of(person("veronica")) is None
    walker = enter(time, "veronica").press({"counter": "3"})
    walker.client.post("/mesa/atencion/terminar/")
    assert duty.of(person("veronica")) is None and walker.open("/mesa/").step == "duty"
