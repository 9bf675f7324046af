"""From the visit's sheet to a firm appointment, by the pages alone."""

from datetime import timedelta

import pytest

from clavero import clock
from clavero.appointments.models import Booking, Cell
from clavero.demo.models import Mail, Text
from clavero.recovery import booking as deeds
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
    assert walker.press({"email": ""}).errors == ["reach.empty"]
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


# --- by mobile ---------------------------------------------------------------------------------------------

NUMBER = "099 123 4567"


def sms_code() -> str:
    deliver()
    return Text.objects.order_by("-sent_at")[0].code


def test_a_time_is_confirmed_by_a_code_to_a_mobile_and_everything_is_told_there(walker):
    to_slots(walker).press({"slot": times(walker)[0]})
    assert "Correo o celular" in walker.text and "¿No tiene correo ni celular?" in walker.text
    walker.press({"email": NUMBER})
    assert "0991234567" in walker.text
    walker.press({"code": sms_code()})
    booking = Booking.objects.exclude(number_key="demonstration").get()
    assert (booking.state, booking.contact_kind, booking.contact) == (
        Booking.FIRM,
        "mobile",
        "0991234567",
    )
    deliver()
    said = [one.text for one in Text.objects.order_by("sent_at")]
    assert len(said) == 2 and "Turno:" in said[1] and booking.centre.name in said[1]
    assert {one.to for one in Text.objects.all()} == {"+593991234567"}
    assert not [mail for mail in Mail.objects.all() if "Turno:" in mail.subject]


def test_a_mobile_is_told_of_its_reminder_and_of_what_became_of_it(walker, time):
    to_slots(walker).press({"slot": times(walker)[-1]}).press({"email": NUMBER})
    walker.press({"code": sms_code()})
    booking = Booking.objects.exclude(number_key="demonstration").get()
    time.wait(max(1, (booking.starts_at - clock.now()).total_seconds() - 47 * 3600))
    deeds.due(clock.now())
    walker.client.post(walker.path.replace("mio", "cambiar"), {"do": "unbook"})
    deliver()
    said = [one.text for one in Text.objects.order_by("sent_at")]
    assert (
        len(said) == 4 and "qué llevar" in said[2].replace("que", "qué") and "Sin efecto" in said[3]
    )


@pytest.mark.parametrize(
    ("typed", "code"),
    [("022345678", "reach.landline"), ("0991", "email.shape"), ("099123456x", "phone.not_digits"), ("", "reach.empty"),
     ("+57 300 123 4567", "reach.country")],
)  # fmt: skip
def test_what_is_no_mobile_is_said_at_the_field_and_the_time_stays_held(walker, typed, code):
    to_slots(walker).press({"slot": times(walker)[0]}).press({"email": typed})
    assert walker.errors == [code]
    assert (
        Booking.objects.filter(state=Booking.HELD).exclude(number_key="demonstration").count() == 1
    )


def test_where_nothing_is_sent_to_mobiles_no_page_offers_it(walker, settings):
    settings.SMS_TRANSPORT = ""
    to_slots(walker).press({"slot": times(walker)[0]})
    assert "celular" not in walker.text and "¿No tiene correo?" in walker.text
    assert walker.press({"email": "0991234567"}).errors == ["email.shape"]


def test_who_does_not_come_back_in_time_loses_the_hour_and_can_choose_another(walker, time):
    to_slots(walker).press({"slot": times(walker)[-1]}).press(button="no_access")
    booking = Booking.objects.exclude(number_key="demonstration").get()
    assert booking.state == Booking.BOOKED
    time.wait(max(1, (booking.confirm_by - clock.now()).total_seconds() - 60))
    deeds.due(clock.now())
    booking.refresh_from_db()
    assert booking.state == Booking.BOOKED
    time.wait(120)
    deeds.due(clock.now())
    booking.refresh_from_db()
    assert booking.state == Booking.RELEASED and booking.cells_until is not None
    assert to_slots_again(walker).page.select("input[name=slot]")


def to_slots_again(walker: Walker) -> Walker:
    return walker.open(walker.path.replace("mio/", ""))
