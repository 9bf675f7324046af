"""Attacks show in numbers, and the work of staff in questions that nobody reads about themselves (S-054, S-076)."""

import pytest

from clavero import clock
from clavero.core import watch
from clavero.core.identifiers import cedula
from clavero.demo.models import Mail
from clavero.desk import attacks, watching
from clavero.desk.models import Visit
from clavero.notices.models import Message
from clavero.recovery import practice
from clavero.recovery.models import Case
from tests import staff
from tests.cast import by_id
from tests.rooms.cli.test_doctor import said
from tests.rooms.desk.test_casework import prepare
from tests.stories.test_circle import Desk
from tests.walk import Walker, deliver, sign_in

MARTA, LUIS = by_id("ruc_suspendido"), by_id("tres_sucursales")
TOKEN = "t" * 16 + "0123456789abcdef"


@pytest.fixture(autouse=True)
def _first_round(monkeypatch):
    monkeypatch.setattr("clavero.desk.watching._done_on", {})


def spray(time, tries: int, **headers: str) -> Walker:
    """Somebody at one address tries one key on many employers, by the page of sign-in."""
    walker = Walker(time, **headers)
    for n in range(tries):
        nine = f"245{n:06d}"
        ruc = f"{nine}{cedula.check_digit(nine)}001"
        walker.open("/entrar/").press({"identification": LUIS.identification, "ruc": ruc, "key": "verano verano verano"})  # fmt: skip
    return walker


def busy(one, case: Case, visits: int) -> None:
    """So many visits of one case within the hour."""
    for _ in range(visits):
        Visit.objects.create(case=case, staff=one, centre="", counter="1", opened_at=clock.now(), closed_at=clock.now(), outcome="left")  # fmt: skip


@pytest.fixture
def fast(cast, time):
    """Beatriz, who supervises, opened twenty visits in an hour."""
    prepare(time, MARTA, "ruc_not_active")
    busy(staff.person("beatriz"), Case.objects.get(), 20)


def test_a_quiet_server_says_nothing(cast, settings):
    settings.OPERATORS_MAIL = ["una@instituto.example"]
    assert attacks.ringing(clock.now()) == [] and watching.questions(clock.now()) == []
    assert watching.due(clock.now()) == 0 and not Message.objects.filter(kind="watch")
    assert set(attacks.numbers(clock.now())) == set(watch.METRICS)
    assert said("attacks") == {"attacks": True}


def test_who_is_watched_does_not_read_it_and_the_others_do(fast, time):
    own, other = Desk(time, "beatriz"), Desk(time, "ramiro")
    own.walker.open("/mesa/preguntas/")
    assert "Nada fuera de lo común" in own.text
    other.walker.open("/mesa/preguntas/")
    number = staff.person("beatriz").number
    assert f"Personal {number}" in other.text and "20 atenciones en una hora" in other.text
    assert "no una acusación" in other.text and "Beatriz" not in other.text


def test_practice_is_no_work(fast):
    practised, _ = practice.open_case(practice.by_code("lost_email"), staff=1, language="es", now=clock.now())  # fmt: skip
    before = watching.questions(clock.now())
    busy(staff.person("veronica"), practised, 40)
    assert watching.questions(clock.now()) == before


def test_the_operators_are_told_once_a_day_and_of_nobody(fast, settings, time):
    settings.OPERATORS_MAIL = ["una@instituto.example", "otro@instituto.example"]
    for _ in range(3):
        watching._done_on.clear()
        watching.due(clock.now())
    deliver()
    mails = Mail.objects.filter(text__contains="preguntas sobre el trabajo")
    assert sorted(mail.to for mail in mails) == ["otro@instituto.example", "una@instituto.example"]
    beatriz = staff.person("beatriz")
    assert not any(str(beatriz.number) in mail.text or "Beatriz" in mail.text for mail in mails)


def test_a_spray_from_one_address_rings(cast, time, settings):
    """From outside, by the page: one key, many employers, one address, until it is refused."""
    settings.OPERATORS_MAIL = ["una@instituto.example"]
    spray(time, 125)
    found = attacks.numbers(clock.now())
    assert found["accounts_tried"] > 100 and found["networks_refused_without_signin"] == 1
    assert found["signins"] == 0 and found["signins_failed"] > 100
    assert {alarm.code for alarm, _ in attacks.ringing(clock.now())} == {"spray", "network"}
    assert said("attacks") == {"attacks_show": False}
    watching.due(clock.now())
    watching.due(clock.now())
    deliver()
    (mail,) = Mail.objects.filter(text__contains="parecen los de un ataque")
    assert (
        mail.to == "una@instituto.example"
        and "Alguien prueba claves en muchas cuentas" in mail.text
    )
    olga = Desk(time, "olga")
    olga.walker.open("/mesa/limites/")
    assert "Alguien prueba claves en muchas cuentas" in olga.text
    time.wait(2 * 3600)
    assert attacks.ringing(clock.now()) == []


def test_a_good_day_does_not_ring(cast, time):
    sign_in(Walker(time), LUIS, LUIS.key)
    found = attacks.numbers(clock.now())
    assert (found["signins"], found["accounts_tried"], found["signins_failed"]) == (1, 0, 0)


def test_the_record_is_counted_by_the_hour(cast, time):
    sign_in(Walker(time), LUIS, LUIS.key)
    time.wait(3700)
    assert attacks.numbers(clock.now())["signins"] == 0


def test_the_numbers_are_for_operators_and_for_who_brings_the_token(cast, time, settings):
    stranger = Walker(time).open("/mesa/metrics")
    assert stranger.path.startswith("/mesa/entrar/")
    assert Desk(time, "ramiro").walker.open("/mesa/metrics").status == 403
    olga = Desk(time, "olga").walker
    assert "clavero_signins 0" in olga.client.get("/mesa/metrics").content.decode()
    program = Walker(time).client
    given = {"Authorization": f"Bearer {TOKEN}"}
    assert program.get("/mesa/metrics", headers=given).status_code == 303, "no token is set"
    settings.METRICS_TOKEN = TOKEN
    answer = program.get("/mesa/metrics", headers=given)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.content.decode().splitlines()
    assert "# TYPE clavero_requests gauge" in lines and 'clavero_alarm{rule="spray"} 0' in lines
    for wrong in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", "Bearer ñ"):
        assert program.get("/mesa/metrics", headers={"Authorization": wrong}).status_code == 303
    assert program.post("/mesa/metrics", headers=given).status_code == 405
