"""The rows of the attack table that are about appointments."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.test import Client

from clavero import clock
from clavero.appointments import queries
from clavero.appointments.models import Booking, Cell
from clavero.demo.models import Mail, Text
from clavero.institution import profile
from clavero.recovery import booking as deeds
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.stories.test_booking import code_to, times, to_slots
from tests.walk import Walker, deliver

JULIA, LUIS, JORGE = by_id("sin_correo"), by_id("tres_sucursales"), by_id("domestica")


def firm(time, member, address: str, pick: int = 0) -> Walker:
    """Somebody's browser with a firm appointment."""
    walker = to_slots(Walker(time), member)
    walker.press({"slot": times(walker, "ambato")[pick]}).press({"email": address})
    return walker.press({"code": code_to(address)})


def state() -> list[tuple]:
    """Everything about appointments that could change."""
    return [
        sorted(Booking.objects.values_list("pk", "state", "starts_at", "changes")),
        sorted(Case.objects.values_list("pk", "state", "handle_version")),
        Cell.objects.count(),
    ]


def scan(text: str) -> None:
    """What a mail scanner with scripts does: opens every link, presses every button of every form it finds."""
    browser = Client()
    for link in set(re.findall(r"http://localhost:8000[^\s\"<)]*", text)):
        path = link.removeprefix("http://localhost:8000") or "/"
        browser.head(path, follow=True)
        page = browser.get(path, follow=True)
        for form in BeautifulSoup(page.content, "html.parser").select("form"):
            fields = {
                field["name"]: field.get("value") or ""
                for field in form.select("input[name], button[name], select[name]")
            }
            where = form.get("action") or page.request["PATH_INFO"]
            send = browser.post if form.get("method") == "post" else browser.get
            send(where, fields, follow=True)


def test_attack_15_scanners_cannot_cancel_change_or_confirm_an_appointment(cast, time):
    walker = firm(time, JULIA, "julia@correo.example")
    booking = queries.of_case(Case.objects.get().pk)
    time.wait(max(1, (booking.starts_at - clock.now()).total_seconds() - 47 * 3600))
    deeds.due(clock.now())
    deliver()
    before = state()
    mails = [mail for mail in Mail.objects.all() if mail.to == "julia@correo.example"]
    assert len(mails) >= 3
    for mail in mails:
        scan(mail.text)
        scan(mail.html)
    assert state() == before
    assert walker.open(walker.path).page.select_one("[data-booking=firm]")


def test_attack_15_looking_at_the_pages_of_an_appointment_changes_nothing(cast, time):
    walker = firm(time, JULIA, "julia@correo.example")
    before = state()
    for page in (
        "mio/",
        "confirmar/",
        "codigo/",
        "espera/?centro=ambato",
        "turno.ics",
        "cambiar/",
        "",
    ):
        walker.client.get(walker.path.replace("mio/", page))
        walker.client.head(walker.path.replace("mio/", page))
    after = state()
    assert after[0] == before[0] and after[2] == before[2]


def test_attack_17_a_double_click_books_confirms_changes_and_gives_back_once(cast, time):
    walker = to_slots(Walker(time), JULIA)
    page, slot = walker.path, times(walker, "ambato")[0]
    assert walker.press({"slot": slot}).h1 == "Confirme su turno"
    assert walker.open(page).press({"slot": slot}).h1 == "Confirme su turno"
    assert Booking.objects.filter(state=Booking.HELD).count() == 1
    walker.press({"email": "julia@correo.example"})
    code, code_page = code_to("julia@correo.example"), walker.path
    walker.press({"code": code})
    again = walker.client.post(code_page, {"code": code}, follow=True)
    assert b'data-booking="firm"' in again.content
    give_back = walker.path.replace("mio", "cambiar")
    for _ in range(2):
        assert walker.client.post(give_back, {"do": "unbook"}, follow=True).status_code == 200
    assert list(Booking.objects.exclude(number_key="demonstration").values_list("state", flat=True)) == ["cancelled"]  # fmt: skip
    deliver()
    subjects = [mail.subject for mail in Mail.objects.all() if mail.to == "julia@correo.example"]
    assert len(subjects) == 3


def test_attack_26_no_cell_is_taken_twice(cast, time):
    firm(time, JULIA, "julia@correo.example")
    cell = Cell.objects.order_by("-pk")[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Cell.objects.create(counter=cell.counter, at=cell.at, booking=cell.booking)


def test_attack_27_a_time_given_back_cannot_be_taken_by_whoever_waits_for_it(cast, time):
    seller = firm(time, JULIA, "julia@correo.example", pick=-1)
    booking = queries.of_case(Case.objects.get().pk)
    value = f"{booking.centre.code}:{int(booking.starts_at.timestamp() // 60)}"
    others = booking.centre.counters.exclude(pk=booking.counter_id)
    others.update(active=False)
    buyer = to_slots(Walker(time), LUIS)
    seller.client.post(seller.path.replace("mio", "cambiar"), {"do": "unbook"})
    assert buyer.press({"slot": value}).errors == ["slot.gone"]
    time.wait(59 * 60)
    deeds.due(clock.now())
    assert value not in times(buyer.open(buyer.path))


def test_attack_27_one_network_holds_only_so_many(cast, time):
    limit = profile().buckets["hold_case"].limit
    walker = to_slots(Walker(time), JULIA)
    page = walker.path
    for turn in range(limit):
        walker.open(page).press({"slot": times(walker)[turn]})
        assert walker.status == 200
    walker.open(page).press({"slot": times(walker)[0]})
    assert walker.status == 429 and "throttle.wait" in walker.errors
    assert Booking.objects.filter(state=Booking.HELD).count() == 1


def test_attack_27_one_address_has_one_appointment(cast, time):
    firm(time, JULIA, "uno@correo.example")
    other = to_slots(Walker(time), LUIS)
    other.press({"slot": times(other, "ambato")[3]}).press({"email": "UNO@correo.example"})
    assert other.press({"code": code_to("UNO@correo.example")}).errors == [
        "booking.contact_has_one"
    ]


def test_attack_37_three_strangers_cases_do_not_block_the_owner_who_proves(cast, time):
    strangers = [firm(time, LUIS, f"extrano{n}@correo.example", n) for n in range(3)]
    held = list(Booking.objects.exclude(number_key="demonstration").filter(state="firm"))
    assert len(held) == 3 and {booking.proven for booking in held} == {False}
    time.wait(3601)  # the message budget of this number, which the strangers spent
    owner = Walker(time).validate(LUIS)
    owner.prove(LUIS)
    assert owner.step == "contact"
    for booking in held:
        booking.refresh_from_db()
        assert booking.state == Booking.RELEASED
    deliver()
    for n, stranger in enumerate(strangers):
        told = [mail for mail in Mail.objects.all() if mail.to == f"extrano{n}@correo.example"]
        assert any("se cerró" in mail.text for mail in told)
        assert "otro caso" in stranger.open(stranger.path).text


def test_attack_37_a_fourth_unproven_appointment_waits_and_walk_ins_stay_open(cast, time):
    for n in range(3):
        firm(time, JULIA, f"extrano{n}@correo.example", n)
    fourth = to_slots(Walker(time), JULIA)
    fourth.press({"slot": times(fourth, "ambato")[4]}).press({"email": "cuarta@correo.example"})
    assert fourth.press({"code": code_to("cuarta@correo.example")}).errors == [
        "booking.number_full"
    ]
    assert Case.objects.filter(state="booked").count() == 3
    assert (
        queries.load("ambato", clock.now().date() + timedelta(days=7), clock.now()).walk_in_quota
        >= 0
    )


def test_attack_37_the_limit_is_the_same_for_an_employer_who_does_not_exist(cast, time):
    nobody = by_id("no_existe")
    for n in range(3):
        firm(time, nobody, f"extrano{n}@correo.example", n)
    fourth = to_slots(Walker(time), nobody)
    fourth.press({"slot": times(fourth, "ambato")[4]}).press({"email": "cuarta@correo.example"})
    assert fourth.press({"code": code_to("cuarta@correo.example")}).errors == [
        "booking.number_full"
    ]


def statements(time, member, n: int) -> tuple[list[str], int]:
    """The pages and statements of a booking, to compare two employers."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        walker = firm(time, member, f"persona{n}@correo.example", 2 * n)
    verbs = [
        re.sub(r"\d+|'[^']*'", "?", query["sql"])[:60]
        for query in caught
        if "appointments_" in query["sql"]
    ]
    return verbs, len(walker.text)


def test_attack_13_booking_says_and_does_the_same_whoever_exists(cast, time):
    known, unknown = by_id("sin_correo"), by_id("no_existe")
    first, second = statements(time, known, 0), statements(time, unknown, 1)
    assert [verb.split()[0] for verb in first[0]] == [verb.split()[0] for verb in second[0]]


def test_a_trader_cannot_hand_an_appointment_to_another_person(cast, time):
    walker = firm(time, JULIA, "julia@correo.example")
    case = Case.objects.get()
    booking = queries.of_case(case.pk)
    from clavero.privacy import lookups

    assert booking.person_lookup == lookups.of("person", JULIA.identification)
    stranger = Walker(time)
    for page in ("mio/", "", "turno.ics"):
        assert stranger.open(walker.path.replace("mio/", page)).status == 404


def by_mobile(time, member, number: str, pick: int = 0) -> Walker:
    walker = to_slots(Walker(time), member)
    return walker.press({"slot": times(walker, "ambato")[pick]}).press({"email": number})


def mobile_code() -> str:
    deliver()
    return Text.objects.order_by("-sent_at")[0].code


def test_attack_27_one_mobile_has_one_appointment_however_it_is_written(cast, time):
    by_mobile(time, JULIA, "0991234567").press({"code": mobile_code()})
    other = by_mobile(time, LUIS, "+593 99 123 4567", 3)
    assert other.press({"code": mobile_code()}).errors == ["booking.contact_has_one"]


def test_codes_to_one_mobile_are_few_whoever_asks_and_however_it_is_written(cast, time):
    spellings = ["0991234567", "+593991234567", "099-123-4567", "593 99 123 4567"]
    limit = profile().buckets["booking_mail"].limit
    answers = [
        by_mobile(time, [JULIA, LUIS][n % 2], spelt, n).status
        for n, spelt in enumerate(spellings[: limit + 1])
    ]
    assert answers == [200] * limit + [429]
    deliver()
    assert Text.objects.count() == limit


def test_strangers_cannot_make_the_institution_pay_without_end(cast, time, monkeypatch):
    from dataclasses import replace

    from clavero.core.profile import Bucket

    few = replace(profile(), buckets={**profile().buckets, "sms_day": Bucket(2, 86400)})
    monkeypatch.setattr("clavero.throttle.services.profile", lambda: few)
    answers = [by_mobile(time, JULIA, f"099123456{n}", n).status for n in range(3)]
    assert answers == [200, 200, 429]
    walker = to_slots(Walker(time), JULIA)
    walker.press({"slot": times(walker, "ambato")[3]}).press({"email": "sigue@correo.example"})
    assert walker.press({"code": code_to("sigue@correo.example")}).page.select_one(
        "[data-booking=firm]"
    )


def test_attack_13_the_message_to_a_mobile_is_the_same_whoever_exists(cast, time):
    for n, member in enumerate((JULIA, by_id("no_existe"))):
        by_mobile(time, member, f"099123456{n}", 2 * n).press({"code": mobile_code()})
    deliver()
    said = [
        re.sub(r"[A-Z0-9]{4} [A-Z0-9]{4}|\d+", "?", one.text)
        for one in Text.objects.order_by("sent_at")
    ]
    assert len(said) == 4 and said[0] == said[2] and said[1] == said[3]
    assert not [
        one for one in Text.objects.all() if JULIA.ruc in one.text or JULIA.name in one.text
    ]


def test_attack_37_the_owner_without_any_proof_still_has_the_door_and_the_owner_with_one_has_the_calendar(
    cast, time
):
    """Three cases of strangers, by mobile: the owner proves, theirs close, and the owner books."""
    for n in range(3):
        by_mobile(time, LUIS, f"099123456{n}", n).press({"code": mobile_code()})
    assert Booking.objects.exclude(number_key="demonstration").filter(state="firm").count() == 3
    time.wait(3601)
    owner = Walker(time).validate(LUIS)
    owner.prove(LUIS)
    assert not Booking.objects.exclude(number_key="demonstration").filter(state="firm").exists()
    deliver()
    told = [one.text for one in Text.objects.all() if "Sin efecto" in one.text]
    assert len(told) == 3 and owner.step == "contact"


def test_attack_37_an_owner_whom_the_calendar_refuses_comes_without_an_appointment_and_the_others_close(
    cast, time
):
    """Without an e-mail nothing can be proved online: the visit proves it, and closes the strangers' three cases."""
    from tests.rooms.desk.people import member
    from tests.rooms.desk.test_papers import approved

    for n in range(3):
        firm(time, JULIA, f"extrano{n}@correo.example", n)
    held = list(Booking.objects.exclude(number_key="demonstration").filter(state="firm"))
    time.wait(3601)
    owner = approved(time, member(0)).case
    assert [Booking.objects.get(pk=one.pk).state for one in held] == [Booking.RELEASED] * 3
    others = Case.objects.exclude(pk=owner.pk)
    assert set(others.values_list("state", flat=True)) == {"superseded"}
    deliver()
    for n in range(3):
        mails = [mail for mail in Mail.objects.all() if mail.to == f"extrano{n}@correo.example"]
        assert any("Sin efecto" in mail.subject for mail in mails)
