"""How a centre stands, with clocks, and shutting it at once: nobody is left waiting for nothing (H11)."""

from datetime import timedelta

import pytest

from clavero import clock
from clavero.appointments.models import Booking, Closure
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.demo.models import Mail
from clavero.desk import duty, floor, queries, queue
from clavero.recovery import booking as deeds
from clavero.recovery.models import Case
from tests import staff
from tests.cast import by_id
from tests.stories.test_booking import ADDRESS, booked
from tests.walk import Walker, deliver

ROSA = by_id("primera_clave")


@pytest.fixture
def boss(cast, time):
    """Hernán, who answers for Ambato, on a working day at ten."""
    time.wait(11 * 3600)
    return staff.person("hernan")


def test_the_longest_wait_comes_first_and_is_late_after_half_an_hour(boss, time):
    queue.issue("ambato", queue.WALK_IN, clock.now())
    time.wait(31 * 60)
    queue.issue("ambato", queue.WALK_IN, clock.now())
    found = floor.load("ambato", clock.now())
    assert (found.waiting, found.called, found.counters) == (2, 0, 0)
    assert [(one.what, one.late) for one in found.queue] == [("B01", True), ("B02", False)]
    duty.begin(boss, "7", clock.now())
    assert floor.load("ambato", clock.now()).counters == 1


def test_the_page_says_who_is_late_and_nobodys_name(boss, time):
    queue.issue("ambato", queue.WALK_IN, clock.now())
    time.wait(31 * 60)
    walker = staff.enter(time, "hernan").open("/mesa/carga/")
    assert "Lleva más de media hora" in walker.text and "B01" in walker.text
    assert walker.page.select_one("[data-waiting]").text == "1"


def test_shut_at_once_nobody_books_takes_a_number_or_comes_for_nothing(boss, time):
    booked(Walker(time))
    case = Case.objects.get()
    standing = Booking.objects.get(case_id=case.pk, state="firm")
    time.wait((standing.starts_at - clock.now()).total_seconds() - 3600)
    walker = staff.enter(time, "hernan").open("/mesa/cerrar/")
    walker.press({"reason": "emergency"})
    assert "está cerrado" in walker.h1 and walker.page.select_one("[data-moved='1']")
    kiosk = Walker(time).open("/quiosco/ambato/numero/").press({"continuation": ""})
    assert kiosk.errors == ["queue.shut"]
    assert (
        "El centro está cerrado, por una emergencia"
        in Walker(time).open("/mesa/tablero/ambato/").text
    )
    deeds.due(clock.now())
    deliver()
    moved = Booking.objects.get(case_id=case.pk, state="firm")
    assert queries.local_day(moved.starts_at) > queries.local_day(clock.now())
    told = [mail.subject for mail in Mail.objects.all() if mail.to == ADDRESS]
    assert any(subject.startswith("Su turno pasó a") for subject in told), told
    assert Entry.objects.filter(event="closure_made", reason="emergency").count() == 1


def test_a_mistake_is_undone_for_who_comes_after(boss, time):
    floor.shut(boss, "works", clock.now())
    with pytest.raises(Refused) as twice:
        floor.shut(boss, "works", clock.now())
    assert twice.value.code == "floor.shut_already"
    time.wait(120)
    staff.enter(time, "hernan").open("/mesa/cerrar/").press({"open": "1"})
    assert queries.shut_since("ambato", clock.now()) is None
    assert Closure.objects.get(reason="works").last < 24 * 60
    with pytest.raises(Refused) as open_already:
        floor.reopen(boss, clock.now())
    assert open_already.value.code == "floor.not_shut"
    assert queue.issue("ambato", queue.WALK_IN, clock.now()).number == 1


def test_only_who_answers_for_the_centre_shuts_it(boss, time):
    assert staff.enter(time, "veronica").open("/mesa/cerrar/").status in (403, 404)
    with pytest.raises(Refused) as refused:
        floor.shut(boss, "because", clock.now() + timedelta(0))
    assert refused.value.code == "floor.reason"


def test_opened_again_nothing_of_that_day_keeps_it_shut(boss, time):
    """A closing by command stands beside that of the desk: both end."""
    centre = queries.centre("ambato")
    floor.shut(boss, "works", clock.now())
    Closure.objects.create(
        centre=centre, day=queries.local_day(clock.now()), reason="works", made_at=clock.now()
    )
    floor.reopen(boss, clock.now() + timedelta(minutes=1))
    assert queries.shut_since("ambato", clock.now() + timedelta(minutes=2)) is None
