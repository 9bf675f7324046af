"""From the visit's sheet to a firm appointment, by the pages alone."""

from datetime import timedelta

import pytest

from clavero import clock
from clavero.appointments.models import Booking, Cell
from clavero.demo.models import Mail
from tests.cast import by_id
from tests.walk import Walker, deliver

JORGE = by_id("domestica")
ADDRESS = "jorge.turno@correo.example"


def to_slots(walker: Walker, member=JORGE, situation="no_email") -> Walker:
    """To the page of centres and times, with the case secret in `walker.kept`."""
    walker.validate(member)
    if walker.step == "code":
        walker.press(button="no_access")
    walker.to_visit(situation)
    walker.kept = walker.secret("secret")
    return walker.open(walker.page.select_one("a[href$='/turno/']")["href"])


def times(walker: Walker, centre: str = "") -> list[str]:
    """The values of the radios, in the order of the page."""
    found = [radio["value"] for radio in walker.page.select("input[name=slot]")]
    return [value for value in found if value.startswith(centre)]


def code_to(address: str) -> str:
    deliver()
    found = [mail for mail in Mail.objects.order_by("-sent_at") if mail.to == address]
    return found[0].code


def test_the_page_of_times_costs_the_same_statements_however_many_centres(walker):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from clavero.appointments.models import Centre, Counter

    to_slots(walker)
    with CaptureQueriesContext(connection) as few:
        walker.open(walker.path)
    like = Centre.objects.get(code="ambato")
    for n in range(30):
        fresh = Centre.objects.create(
            code=f"c{n:02}", name=f"Zona {n:02}", province="Loja", canton="Loja", zone=like.zone, hours=like.hours
        )  # fmt: skip
        Counter.objects.create(centre=fresh, number=1)
    with CaptureQueriesContext(connection) as many:
        walker.open(walker.path)
    assert len(walker.page.select("[data-centre]")) == 5
    assert len(many) == len(few) <= 25


def booked(walker: Walker, address: str = ADDRESS) -> Walker:
    """A firm appointment at the first free time."""
    to_slots(walker).press({"slot": times(walker)[0]})
    walker.press({"email": address})
    return walker.press({"code": code_to(address)})


def test_a_time_is_chosen_confirmed_by_mail_and_firm(walker):
    to_slots(walker)
    assert walker.step == "book" and walker.h1 == "Elija centro y hora"
    walker.press({"slot": times(walker)[0]})
    assert walker.h1 == "Confirme su turno" and "Guardado hasta las" in walker.text
    walker.press({"email": ADDRESS})
    assert walker.step == "code" and ADDRESS in walker.text
    walker.press({"code": code_to(ADDRESS)})
    assert walker.page.select_one("[data-booking=firm]")
    booking = Booking.objects.get(case_id=_case().pk, state="firm")
    assert Cell.objects.filter(booking=booking).count() == 6
    assert _case().state == "booked"
    deliver()
    newest = Mail.objects.order_by("-sent_at").first()
    assert newest.to == ADDRESS and newest.subject.startswith("Turno:")


def _case():
    from clavero.recovery.models import Case

    return Case.objects.get()


def test_without_mail_one_books_and_comes_back_with_the_case_secret(walker, time):
    to_slots(walker)
    far = [value for value in times(walker, "ambato")][-1]
    walker.press({"slot": far})
    walker.press(button="no_access")
    if walker.errors:
        pytest.fail(f"{walker.errors} {walker.text[:500]}")
    assert walker.page.select_one("[data-booking=booked]")
    phone = Walker(time).open("/caso/").press({"secret": walker.kept})
    assert phone.h1 == "Su turno está por confirmar"
    assert phone.press({"secret": "0" * 26}).errors == ["case.secret_unknown"]
    assert phone.press({"secret": walker.kept}).page.select_one("[data-booking=firm]")


def test_without_mail_a_time_that_is_too_near_says_so_and_leads_to_another_day(walker, time):
    to_slots(walker)
    walker.press({"slot": times(walker, "ambato")[0]})
    assert "más de 48 horas, y esta hora está más cerca" in walker.text
    assert not walker.page.select("button[name=no_access]")
    assert walker.press({"email": ""}).errors == ["email.needed"]
    answer = walker.client.post(walker.path, {"no_access": "1"}, follow=True)
    walker._land(answer, walker.path)
    assert walker.errors == ["booking.too_near"]


def test_a_time_given_back_is_not_offered_at_once(walker, time):
    booked(walker)
    taken = Booking.objects.get(case_id=_case().pk, state="firm")
    walker.client.post(walker.path.replace("mio", "cambiar"), {"do": "unbook"}, follow=True)
    taken.refresh_from_db()
    assert taken.state == "cancelled" and taken.contact == ""
    assert taken.cells_until > clock.now() + timedelta(minutes=59)
    assert _case().state == "visit_needed"
    walker.open(f"/empleadores/recuperar-clave/caso/{_case().ref}/turno/")
    minute = int(taken.starts_at.timestamp() // 60)
    free = {value for value in times(walker)}
    assert f"{taken.centre.code}:{minute}" not in free or taken.centre.counters.count() > 1


def test_the_calendar_file_names_the_centre_and_nothing_of_the_employer(walker):
    booked(walker)
    answer = walker.client.get(walker.page.select_one("a[href$='.ics']")["href"])
    text = answer.content.decode()
    assert "BEGIN:VEVENT" in text and "Centro" in text
    assert JORGE.identification not in text and "Alero" not in text
