"""A case and its appointment: each follows the other, and everybody concerned is told, once."""

from datetime import timedelta

import pytest
from django.db import transaction

from clavero import clock
from clavero.appointments import queries
from clavero.appointments.models import Booking, Cell, Centre, Waiting
from clavero.audit import queries as audit
from clavero.core import slots
from clavero.core.errors import Refused
from clavero.demo.models import Mail
from clavero.recovery import booking as deeds
from clavero.recovery import services, visits
from clavero.recovery.models import Case, CaseContact
from tests.cast import by_id
from tests.stories.test_booking import code_to, times, to_slots
from tests.walk import Walker, deliver

JULIA, LUIS = by_id("sin_correo"), by_id("tres_sucursales")
HERE = "turno@correo.example"


def case_of(walker) -> Case:
    return Case.objects.get(ref=walker.path.split("/caso/")[1].split("/")[0])


def mails(kind_of_subject: str = "") -> list[Mail]:
    deliver()
    found = [mail for mail in Mail.objects.order_by("-sent_at") if mail.to == HERE]
    return [mail for mail in found if kind_of_subject in mail.subject]


@pytest.fixture
def firm(walker):
    """A walker with a firm appointment in Ambato."""
    to_slots(walker).press({"slot": times(walker, "ambato")[0]})
    walker.press({"email": HERE})
    walker.press({"code": code_to(HERE)})
    return walker


def live(walker) -> Booking:
    return queries.of_case(case_of(walker).pk)


# --- the case moves, the time follows ---------------------------------------------------------------------


def test_at_the_counter_the_appointment_has_arrived_and_afterwards_it_is_done(firm):
    booking, case = live(firm), case_of(firm)
    with transaction.atomic():
        visits.arrive(case, staff=1, centre="ambato", now=clock.now())
    booking.refresh_from_db()
    assert booking.state == Booking.ARRIVED
    with transaction.atomic():
        services.advance(case, "leave", now=clock.now(), actor="officer", staff=1)
    booking.refresh_from_db()
    assert (booking.state, booking.contact) == (Booking.DONE, "")


@pytest.mark.parametrize("move", ["cancel", "expire", "close_unfinished", "supersede", "freeze"])
def test_a_case_that_ends_gives_its_time_back_and_says_so(firm, move):
    booking, case = live(firm), case_of(firm)
    more = {"frozen_from": "booked"} if move == "freeze" else {}
    with transaction.atomic():
        services.advance(case, move, now=clock.now(), actor="system", **more)
    booking.refresh_from_db()
    assert booking.state == Booking.RELEASED and booking.cells_until is not None
    assert len(mails("Sin efecto")) == 1


def test_after_giving_it_back_the_page_offers_another_and_the_code_is_not_asked_again(firm):
    firm.client.post(firm.path.replace("mio", "cambiar"), {"do": "unbook"})
    firm.open(f"/empleadores/recuperar-clave/caso/{case_of(firm).ref}/turno/")
    firm.press({"slot": times(firm, "puerto-ayora")[0]})
    assert firm.page.select_one("[data-booking=firm]") and "hora de Galápagos" in firm.text


def test_a_change_of_date_counts_and_the_third_is_refused(firm):
    for left in (1, 0):
        firm.open(firm.path.replace("mio/", ""))
        firm.press({"slot": times(firm, "ambato")[left + 1]})
        assert ("Ya no puede cambiar" in firm.text) == (left == 0)
    firm.open(firm.path.replace("mio/", ""))
    assert firm.press({"slot": times(firm, "ambato")[5]}).errors == ["booking.changes_used"]


# --- confirming ------------------------------------------------------------------------------------------------


def test_five_wrong_codes_are_the_end_of_that_code_and_cost_nothing_else(walker):
    to_slots(walker).press({"slot": times(walker, "ambato")[0]})
    walker.press({"email": HERE})
    right = code_to(HERE)
    said = [walker.press({"code": "ZZZZZZZZ"}).errors[0] for _ in range(6)]
    assert said == ["code.wrong"] * 4 + ["code.no_tries_left"] * 2
    assert walker.press({"code": right}).errors == ["code.no_tries_left"]
    assert CaseContact.objects.get().confirmed_at is None


def test_a_code_of_a_case_is_no_code_of_an_appointment(walker, time):
    walker.validate(LUIS)
    road = walker.mail(LUIS.email).code
    walker.press(button="no_access").to_visit("no_email")
    walker.open(walker.page.select_one("a[href$='/turno/']")["href"])
    walker.press({"slot": times(walker, "ambato")[0]})
    walker.press({"email": HERE})
    assert walker.press({"code": road}).errors == ["code.wrong"]


def test_late_with_the_code_the_same_time_is_still_mine(walker, time):
    to_slots(walker).press({"slot": times(walker, "ambato")[0]})
    chosen = Booking.objects.get(state=Booking.HELD).starts_at
    walker.press({"email": HERE})
    code = code_to(HERE)
    time.wait(900)
    deeds.due(clock.now())
    assert not Cell.objects.filter(booking__case_id=case_of(walker).pk).exists()
    walker.press({"code": code})
    assert live(walker).starts_at == chosen


def test_late_and_taken_the_nearest_is_offered_and_nothing_is_typed_again(walker, time):
    Centre.objects.get(code="ambato").counters.exclude(number=1).update(active=False)
    to_slots(walker).press({"slot": times(walker, "ambato")[0]})
    walker.press({"email": HERE})
    code = code_to(HERE)
    time.wait(900)
    other = to_slots(Walker(time), JULIA)
    other.press({"slot": times(other, "ambato")[0]})
    walker.press({"code": code})
    assert walker.errors == ["slot.gone"] and walker.step == "book"
    walker.press({"slot": times(walker, "ambato")[0]})
    assert walker.page.select_one("[data-booking=firm]")


def test_the_code_expires_and_the_page_says_so(walker, time):
    to_slots(walker).press({"slot": times(walker, "ambato")[0]})
    walker.press({"email": HERE})
    code = code_to(HERE)
    time.wait(31 * 60)
    assert walker.press({"code": code}).errors == ["code.expired"]


def test_messages_to_a_typed_address_are_limited(walker, time):
    to_slots(walker).press({"slot": times(walker, "ambato")[0]})
    page = walker.path
    for _ in range(3):
        walker.open(page).press({"email": HERE})
    walker.open(page).press({"email": HERE})
    assert walker.status == 429
    deliver()
    assert len([mail for mail in Mail.objects.all() if mail.to == HERE]) == 3


# --- what time ends ----------------------------------------------------------------------------------------------


def test_the_reminder_goes_out_once(firm, time):
    start = live(firm).starts_at
    deeds.due(clock.now())
    ahead = (start - clock.now()).total_seconds() - 40 * 3600
    time.wait(max(ahead, 1))
    for _ in range(3):
        deeds.due(clock.now())
    found = mails("su turno y qué llevar")
    assert len(found) == 1 and "su turno y qué llevar" in found[0].subject
    case = case_of(firm)
    assert [entry.event for entry in audit.history(case=case.pk)].count("booking_reminded") == 1


def test_who_does_not_come_is_told_and_may_choose_again(firm, time):
    booking = live(firm)
    time.wait((booking.ends_at - clock.now()).total_seconds() + 13 * 3600)
    deeds.due(clock.now())
    booking.refresh_from_db()
    assert booking.state == Booking.MISSED and case_of(firm).state == "visit_needed"
    assert len(mails("No le vimos")) == 1
    assert queries.load("ambato", booking.day, clock.now()).missed == 1


def test_who_does_not_come_back_with_the_case_secret_loses_the_time(walker, time):
    to_slots(walker).press({"slot": times(walker, "ambato")[-1]})
    walker.press(button="no_access")
    booking = live(walker)
    time.wait((booking.confirm_by - clock.now()).total_seconds() + 1)
    deeds.due(clock.now())
    booking.refresh_from_db()
    assert booking.state == Booking.RELEASED and case_of(walker).state == "visit_needed"


def test_with_the_wrong_secret_nothing_is_confirmed(walker, time):
    to_slots(walker).press({"slot": times(walker, "ambato")[-1]})
    walker.press(button="no_access")
    stranger = to_slots(Walker(time), JULIA).kept
    assert walker.press({"secret": stranger}).errors == ["case.secret_unknown"]
    assert live(walker).state == Booking.BOOKED


# --- bad days --------------------------------------------------------------------------------------------------------


def test_a_decree_the_evening_before_moves_and_tells_everybody(firm, time):
    booking = live(firm)
    moved, cancelled = deeds.close(booking.day, "decree", clock.now())
    assert moved >= 1
    fresh = live(firm)
    assert fresh.starts_at > booking.starts_at and case_of(firm).state == "booked"
    found = mails("Su turno pasó a")
    assert len(found) == 1 and "no cuenta como cambio" in found[0].text
    deeds.due(clock.now())
    assert len(mails("Su turno pasó a")) == 1
    assert firm.open(firm.path).page.select_one("[data-booking=firm]")
    assert fresh.changes == 0


def test_a_centre_that_shuts_cancels_what_it_cannot_move_and_offers_another_choice(firm):
    Centre.objects.filter(code="ambato").update(active=False)
    deeds.due(clock.now())
    case = case_of(firm)
    assert case.state == "visit_needed" and queries.of_case(case.pk) is None
    assert len(mails("Sin efecto")) == 1
    firm.open(f"/empleadores/recuperar-clave/caso/{case.ref}/turno/")
    assert firm.page.select_one("[data-centre=ambato]")["data-why"] == "inactive"
    firm.press({"slot": times(firm, "puerto-ayora")[0]})
    assert firm.page.select_one("[data-booking=firm]")


def test_a_sweep_that_dies_halfway_is_finished_by_the_next(firm, monkeypatch):
    from clavero.appointments import services as time_deeds

    booking = live(firm)

    def dies(*_args):
        raise RuntimeError("the power went")

    monkeypatch.setattr(time_deeds, "move", dies)
    with pytest.raises(RuntimeError):
        deeds.close(booking.day, "decree", clock.now())
    monkeypatch.undo()
    assert live(firm).pk == booking.pk
    deeds.due(clock.now())
    assert live(firm).starts_at > booking.starts_at and len(mails("Su turno pasó a")) == 1


# --- the waiting list ------------------------------------------------------------------------------------------------


def test_from_a_full_centre_onto_the_waiting_list_and_into_a_freed_time(walker, time):
    to_slots(walker)
    full = walker.page.select_one("[data-centre=guayaquil]")
    assert full["data-why"] == "full" and "Lleno hasta el" in full.get_text()
    walker.open(full.select_one("a[href*=espera]")["href"])
    walker.press({"email": HERE})
    walker.press({"code": code_to(HERE)})
    assert walker.page.select_one("[data-waiting]")
    assert Waiting.objects.get().state == Waiting.WAITING
    soon = clock.now() + timedelta(days=3)
    taken = Booking.objects.filter(centre__code="guayaquil", starts_at__gt=soon)
    day = taken.select_related("centre").order_by("starts_at")[0].day
    start, end = queries.bounds(Centre.objects.get(code="guayaquil"), day)
    Cell.objects.filter(booking__in=taken.filter(starts_at__lt=end)).delete()
    deeds.due(clock.now())
    assert len(mails("Se liberó una hora")) == 1
    walker.open(walker.path)
    assert walker.page.select_one("[data-offer]")
    walker.client.post(f"/empleadores/recuperar-clave/caso/{case_of(walker).ref}/turno/cambiar/", {"do": "take"})  # fmt: skip
    booking = live(walker)
    assert (booking.state, booking.day, booking.starts_at >= start) == (Booking.FIRM, day, True)
    assert Waiting.objects.get().state == Waiting.TAKEN


def test_nothing_is_offered_to_a_case_that_is_over(walker, time):
    to_slots(walker)
    walker.open(walker.page.select_one("[data-centre=guayaquil] a[href*=espera]")["href"])
    walker.press({"email": HERE})
    walker.press({"code": code_to(HERE)})
    services.cancel(case_of(walker), clock.now())
    deeds.due(clock.now())
    assert Waiting.objects.get().state == Waiting.GONE and not mails("Se liberó")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_first_key_takes_longer_than_a_lost_mail(walker, time):
    to_slots(walker, by_id("primera_clave"), "first_key")
    assert "unos 45 minutos" in walker.text
    other = to_slots(Walker(time), JULIA)
    assert "unos 30 minutos" in other.text


def test_nothing_chosen_is_said_at_the_times(walker):
    assert to_slots(walker).press({}).errors == ["slot.empty"]
    for slot in ("", "ambato:", "ambato:1", "nada:29000000", "ambato:99999999999", "ambato:-5"):
        assert walker.press({"slot": slot}).errors in (["slot.empty"], ["slot.gone"])


def test_near_a_canton_its_centre_comes_first(walker):
    to_slots(walker).open(walker.path + "?cerca=galapagos|santa+cruz")
    shown = [section["data-centre"] for section in walker.page.select("[data-centre]")]
    assert shown[0] == "puerto-ayora" and "En su cantón" in walker.text
    walker.open(walker.path.split("?")[0] + "?cerca=cotopaxi|")
    assert [s["data-centre"] for s in walker.page.select("[data-centre]")][0] == "ambato"
    assert "Provincia vecina" in walker.text


def test_a_strange_address_bar_breaks_nothing(walker):
    to_slots(walker)
    page = walker.path
    for query in (
        "?desde=99999",
        "?desde=-1",
        "?dia=ayer",
        "?hasta=siempre",
        "?cerca=%00|%27",
        "?dia=2500-01-01",
    ):
        assert walker.open(page + query).status == 200


def test_if_it_comes_after_the_deadline_the_page_says_what_comes_before_it(walker, time):
    due_on = services.next_deadline(clock.now()).due_on
    today = queries.local_day(clock.now(), "America/Guayaquil")
    time.wait(max(0, (due_on - today).days - 2) * 86400)
    to_slots(walker)
    walker.open(walker.path + "?cerca=guayas|guayaquil")
    late = walker.page.select_one("[data-late]")
    if late is not None:
        assert "ir sin turno" in late.get_text()


def test_slots_say_the_time_as_the_clock_of_the_centre_shows_it(walker):
    to_slots(walker)
    radio = walker.page.select_one("input[value^=puerto-ayora]")
    minute = int(radio["value"].split(":")[1])
    there = slots.local(minute, "Pacific/Galapagos")
    assert radio.parent.get_text().strip() == f"{there.hour}:{there.minute:02d}"
    legend = radio.find_parent("fieldset").legend.get_text()
    assert "(hora de Galápagos)" in legend


def test_refusals_are_no_tracebacks(firm):
    with pytest.raises(Refused):
        deeds.take_offer(case_of(firm), clock.now())
    page = firm.client.post(firm.path.replace("mio", "cambiar"), {"do": "take"})
    assert page.status_code == 200 and 'data-error="offer.gone"' in page.content.decode()


def test_the_mail_of_a_firm_appointment_carries_it_as_a_calendar_file(firm):
    from clavero.notices import mail
    from clavero.notices.models import Message

    message = Message.objects.filter(kind="booking_firm").order_by("-made_at")[0]
    envelope = mail.envelope(HERE, mail.finish(message))
    (attached,) = list(envelope.iter_attachments())
    assert attached.get_content_type() == "text/calendar" and attached.get_filename() == "turno.ics"
    assert "BEGIN:VEVENT" in attached.get_content() and "Centro Ambato" in attached.get_content()
