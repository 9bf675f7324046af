"""How long it takes is measured from the numbers of the queue, and said where one chooses and where one waits (G12)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clavero import clock
from clavero.appointments import queries as calendar
from clavero.appointments import texts
from clavero.appointments.models import Centre, Measured
from clavero.core.measures import Spread
from clavero.desk import measuring, papers, queries, retention
from clavero.desk.models import Ticket
from clavero.institution import profile
from clavero.recovery.models import Case
from clavero.ui.paper import pdf
from tests.cast import by_id
from tests.rooms.desk.test_papers import words
from tests.stories.test_booking import to_slots
from tests.walk import Walker

JULIA = by_id("sin_correo")


def served(
    n: int,
    *,
    wait: float,
    visit: float,
    line: str = "B",
    days_ago: int = 3,
    case_id=None,
    centre="ambato",
):
    """So many numbers that were called after `wait` minutes and ended `visit` minutes later."""
    came = clock.now() - timedelta(days=days_ago)
    called = came + timedelta(minutes=wait)
    first = Ticket.objects.count() + 1
    for number in range(first, first + n):
        Ticket.objects.create(
            centre=centre, day=queries.local_day(came), line=line, number=number, state=Ticket.SERVED,
            issued_at=came, called_at=called, ended_at=called + timedelta(minutes=visit), case_id=case_id,
        )  # fmt: skip


def times(code: str = "ambato") -> calendar.Times:
    return calendar.times([Centre.objects.get(code=code)]).get(code, calendar.Times())


def test_waits_and_visits_are_measured_by_centre_and_line(cast, time):
    served(20, wait=32, visit=18)
    served(20, wait=4, visit=18, line="A")
    measuring.due(clock.now())
    found = times()
    assert (found.walk_in_wait, found.booked_wait) == (Spread(20, 30, 35), Spread(20, 0, 5))
    assert found.visit("visit") == Spread(40, 15, 20)
    assert times("guayaquil") == calendar.Times()


def test_a_visit_is_measured_by_what_the_case_came_for(cast, time):
    case = to_slots(Walker(time), JULIA, situation="first_key") and Case.objects.get()
    served(20, wait=5, visit=40, case_id=case.pk)
    served(30, wait=5, visit=15)
    measuring.due(clock.now())
    assert times().visit("first_key") == Spread(20, 40, 45)
    assert times().visit("visit") == times().visit("") == Spread(50, 15, 40)


def test_below_the_least_nobody_is_told_anything(cast, time):
    least = profile().appointments.measured_least
    served(least - 1, wait=32, visit=18)
    measuring.due(clock.now())
    assert not Measured.objects.exists()
    assert not Walker(time).open("/citas/").page.select("[data-took]")
    served(1, wait=32, visit=18)
    measuring.due(clock.now())
    assert Walker(time).open("/citas/").page.select("[data-took=ambato]")


def test_what_has_become_too_little_is_forgotten(cast, time):
    served(20, wait=32, visit=18, days_ago=59)
    measuring.due(clock.now())
    assert times().walk_in_wait
    time.wait(3 * 24 * 3600)
    measuring.due(clock.now())
    assert not Measured.objects.exists()


def test_it_is_measured_once_a_day(cast, time):
    served(20, wait=32, visit=18)
    measuring.due(clock.now())
    served(20, wait=100, visit=18)
    measuring.due(clock.now())
    assert times().walk_in_wait.n == 20
    time.wait(24 * 3600)
    measuring.due(clock.now())
    assert times().walk_in_wait == Spread(40, 30, 100)


def test_old_numbers_are_forgotten_and_their_range_stays_a_day(cast, time):
    kept = profile().retention_days["tickets"]
    served(3, wait=5, visit=5, days_ago=kept + 1)
    served(2, wait=5, visit=5, days_ago=kept - 1)
    retention.due(clock.now())
    assert Ticket.objects.count() == 2


def test_a_range_holds_no_row_of_anybody():
    held = {field.name for field in Measured._meta.get_fields()}
    assert held == {"id", "centre", "what", "service", "n", "low", "high", "as_of"}


def test_it_is_said_where_one_chooses_a_centre_and_where_one_waits(cast, time):
    served(84, wait=32, visit=18)
    measuring.due(clock.now())
    page = to_slots(Walker(time), JULIA).page
    said = page.select_one("[data-took=ambato]").get_text(" ", strip=True)
    assert "La visita suele durar entre 15 y 20 minutos (84 visitas)." in said
    assert "Sin turno se espera entre 30 y 35 minutos (84 visitas)." in said
    assert not page.select("[data-took=guayaquil]")
    assert "entre 15 y 20 minutos" in Walker(time).open("/citas/ambato/").text
    slip = Ticket(
        centre="ambato", day=clock.now().date(), line="B", number=1, issued_at=clock.now()
    )
    assert "Aquí se suele esperar entre 30 y 35 minutos (84 visitas)." in words(
        pdf(papers.ticket(slip, 15, "Ambato"))
    )


def test_a_short_wait_is_said_as_up_to():
    assert texts.span(Spread(20, 0, 10)) == "hasta 10 minutos"
    assert texts.span(Spread(20, 10, 25)) == "entre 10 y 25 minutos"


def test_a_number_without_a_service_of_its_own_counts_among_all(cast, time):
    served(20, wait=1, visit=10, case_id=10**9)
    measuring.due(clock.now())
    assert set(times().visits) == {""}


def test_the_profile_keeps_the_numbers_as_long_as_it_measures():
    from clavero.core.profile import BadProfile, _refuse_contradictions

    days = profile().retention_days | {"tickets": 10}
    with pytest.raises(BadProfile, match="tickets"):
        _refuse_contradictions(replace(profile(), retention_days=days), "mine.toml")


def test_staff_see_it_on_the_day_and_in_the_count(counter, time):
    officer, _ = counter
    at = officer.walker.open("/mesa/")
    assert not at.page.select("[data-took]")
    officer.press("Dar un número")
    where = Ticket.objects.get().centre
    served(24, wait=32, visit=18, centre=where)
    measuring.due(clock.now())
    assert "Sin turno se espera entre 30 y 35 minutos (24 visitas)." in at.open("/mesa/").text
