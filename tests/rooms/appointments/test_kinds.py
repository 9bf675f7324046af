"""A centre by video or telephone is data (G16): said everywhere, booked only for what it names, and no visit begins there."""

import pytest

from clavero import clock
from clavero.appointments import queries
from clavero.appointments.models import Booking, Centre, Counter
from clavero.core import slots
from clavero.core.errors import Refused
from clavero.demo.models import Mail
from clavero.desk import casework
from clavero.desk.models import Visit
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.stories.test_booking import code_to, times, to_slots
from tests.stories.test_circle import prepare
from tests.walk import Walker, deliver

JULIA = by_id("sin_correo")
WEEK = {day: [["08:00", "16:30"]] for day in slots.WEEKDAYS[:5]}


def centre(kind: str = "video", *services: str) -> Centre:
    made = Centre.objects.create(
        code=kind, name="Atención a distancia", kind=kind, province="Pichincha", canton="Quito",
        zone="America/Guayaquil", hours=WEEK,
    )  # fmt: skip
    Counter.objects.create(centre=made, number=1, services=list(services))
    return made


def offer(made: Centre):
    today = queries.local_day(clock.now(), made.zone)
    here = [(0, made, made.site)]
    wanted = queries.rules().services[0]
    return queries.free(queries.Place(), today, 20, wanted, clock.now(), centres=here)[0]


def test_a_counter_by_video_gives_only_what_it_names(cast, time):
    made = centre()
    assert not offer(made).days
    made.counters.update(services=["visit"])
    assert offer(made).days and offer(made).quota == 0


def test_it_is_near_for_everybody(cast, time):
    centre("video", "visit")
    ranked = [one.code for _, one, _ in queries.nearest(queries.Place("galapagos", "santa cruz"))]
    assert set(ranked[:2]) == {"puerto-ayora", "video"}


@pytest.mark.parametrize(
    ("kind", "said"), [("video", "Por videollamada"), ("phone", "Por teléfono")]
)
def test_pages_and_messages_say_how_one_is_served(cast, time, kind, said):
    centre(kind, "visit")
    assert f"{said}." in Walker(time).open("/citas/").text
    assert "documentos originales" in Walker(time).open(f"/citas/{kind}/").text
    walker = to_slots(Walker(time), JULIA)
    assert f"{said}." in walker.text
    walker.press({"slot": times(walker, kind)[0]}).press({"email": "julia@correo.example"})
    walker.press({"code": code_to("julia@correo.example")})
    assert f"{said}." in walker.text
    deliver()
    mail = next(one for one in Mail.objects.all() if "Turno:" in one.subject)
    assert f"{said[0].lower()}{said[1:]}; no tiene que ir a ningún lado" in " ".join(
        mail.text.split()
    )


def test_no_visit_begins_where_nobody_sees_an_original(cast, time):
    centre("video", "visit")
    officer = member(0, centre="video")
    _, _, code = prepare(time, JULIA, "no_email")
    with pytest.raises(Refused, match="desk.remote"):
        casework.open_visit(officer, "video", "1", code, clock.now())
    assert not Visit.objects.exists()
    assert casework.open_visit(member(1), "ambato", "1", code, clock.now()).case.state == "at_desk"


# --- any centre, the same code (F07) -----------------------------------------------------------------------


def test_the_same_code_opens_the_case_at_a_centre_that_was_not_booked(cast, time):
    walker, _, code = prepare(time, JULIA, "no_email")
    walker.open(walker.page.select_one("a[href$='/turno/']")["href"])
    walker.press({"slot": times(walker, "guayaquil")[0]}).press({"email": "julia@correo.example"})
    walker.press({"code": code_to("julia@correo.example")})
    visit = casework.open_visit(member(0, centre="ambato"), "ambato", "1", code, clock.now())
    booking = Booking.objects.exclude(number_key="demonstration").get()
    assert (visit.centre, visit.case.state, booking.state) == ("ambato", "at_desk", Booking.ARRIVED)


def test_an_appointment_moves_to_another_centre_and_the_code_stays_the_same(cast, time):
    walker, _, code = prepare(time, JULIA, "no_email")
    page = walker.page.select_one("a[href$='/turno/']")["href"]
    walker.open(page).press({"slot": times(walker, "guayaquil")[0]})
    walker.press({"email": "julia@correo.example"}).press({"code": code_to("julia@correo.example")})
    walker.open(page).press({"slot": times(walker, "puerto-ayora")[0]})
    booking = queries.of_case(Booking.objects.exclude(number_key="demonstration").first().case_id)
    assert booking.centre.code == "puerto-ayora"
    visit = casework.open_visit(
        member(0, centre="puerto-ayora"), "puerto-ayora", "1", code, clock.now()
    )
    assert visit.case.pk == booking.case_id
