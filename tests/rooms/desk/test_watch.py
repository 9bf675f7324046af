"""Attacks show in numbers, and the work of staff in questions that nobody reads about themselves (S-054, S-076)."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clavero import clock
from clavero.audit import services as audit
from clavero.audit.models import Entry
from clavero.cli.frame import Clavero
from clavero.cli.watch import command
from clavero.core import watch
from clavero.core.errors import Refused
from clavero.core.identifiers import cedula
from clavero.core.profile import SharedNetwork
from clavero.demo.models import Mail
from clavero.desk import attacks, watching
from clavero.desk.models import Answer, Visit
from clavero.institution import profile
from clavero.notices.models import Message
from clavero.recovery import practice
from clavero.recovery.models import Case
from clavero.throttle import services as throttle
from clavero.throttle.models import Bucket
from clavero.throttle.services import Charge
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


PACE = "visits_an_hour"


def of_the_pace():
    return next(one for one in watching.questions(clock.now()) if one.code == PACE)


def questions(time, name: str):
    return Desk(time, name).walker.open("/mesa/preguntas/")


def answer(time, name: str, words: str = "Fue la feria. Hablé con ella."):
    page = questions(time, name)
    page.open(page.page.select_one("main section a")["href"])
    return page.press({"answer": words})


def test_a_question_is_answered_once_by_somebody_else_and_on_record(fast, time):
    asked, ramiro = staff.person("beatriz").number, staff.person("ramiro").number
    page = answer(time, "ramiro")
    assert "la respuesta quedó registrada" in page.text and "Fue la feria" in page.text
    assert f"Respondió el personal {ramiro}" in page.text
    entry = Entry.objects.get(event="question_answered")
    body = json.loads(entry.body)
    assert body["reason"] == "visits_an_hour"
    assert body["data"] == {"staff": ramiro, "about": asked, "count": 20}
    assert "feria" not in entry.body
    assert PACE not in {one.code for one in watching.open_questions(clock.now())}
    assert of_the_pace() in watching.questions(clock.now())
    held = Answer.objects.values_list("words", flat=True).get()
    assert "feria" not in str(held), "sealed"


def test_who_is_asked_about_neither_answers_nor_reads_the_answer(fast, time):
    question = of_the_pace()
    own = Desk(time, "beatriz").walker
    path = f"/mesa/preguntas/{question.code}/{question.staff}/"
    assert own.open(path).path == "/mesa/preguntas/"
    own.client.post(path, {"answer": "Nada raro.", "count": "20"})
    assert not Answer.objects.exists()
    with pytest.raises(Refused, match=r"question\.answered"):
        watching.answer(question, staff.person("beatriz"), "Nada raro.", clock.now())
    answer(time, "ramiro")
    assert "feria" not in questions(time, "beatriz").text


def test_who_may_not_read_the_questions_may_not_answer_them(fast, time):
    question = of_the_pace()
    for name in ("veronica", "hernan", "olga"):
        walker = Desk(time, name).walker
        path = f"/mesa/preguntas/{question.code}/{question.staff}/"
        assert walker.client.post(path, {"answer": "x", "count": "20"}).status_code == 403
    assert not Answer.objects.exists()


def test_of_two_who_answer_one_does(fast, time):
    question = of_the_pace()
    ramiro = staff.person("ramiro")
    watching.answer(question, ramiro, "La feria.", clock.now())
    with pytest.raises(Refused, match=r"question\.answered"):
        watching.answer(question, ramiro, "Otra cosa.", clock.now())
    assert Answer.objects.get().words == "La feria."


def test_an_answer_without_words_or_about_another_count_is_none(fast, time):
    page = answer(time, "ramiro", "  ")
    assert page.errors == ["question.empty"]
    busy(staff.person("beatriz"), Case.objects.get(), 1)
    page.press({"answer": "La feria."})
    assert page.errors == ["question.changed"] and "21 atenciones" in page.text
    assert page.page.select_one("textarea").get_text().strip() == "La feria."
    page.press({"answer": "La feria."})
    assert "la respuesta quedó registrada" in page.text and Answer.objects.get().count == 21


def test_where_the_count_goes_up_after_an_answer_it_is_asked_again(fast, time, settings):
    answer(time, "ramiro")
    left = [one.code for one in watching.open_questions(clock.now())]
    assert left == ["same_employer"]
    done = CliRunner().invoke(command, obj=Clavero("es"), standalone_mode=False)
    assert "en una hora" not in done.output and done.return_value == 1
    busy(staff.person("beatriz"), Case.objects.get(), 1)
    (question,) = (one for one in watching.open_questions(clock.now()) if one.code == PACE)
    assert question.count == 21
    assert "21 atenciones" in questions(time, "ramiro").text


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


def spread(count: int, seats: int) -> list[str]:
    """`count` employers who take just `seats` of the 62 places.

    Which one somebody takes hangs on the key, which every run of the tests draws anew; chance would fill 30 to 39 with fifty.
    """
    named = [f"employer {one}" for one in range(2000)]
    first = {throttle.seat_of(name): name for name in named}
    kept = dict(sorted(first.items())[:seats])
    others = [one for one in named if throttle.seat_of(one) in kept and one not in kept.values()]
    return [*kept.values(), *others][:count]


def test_one_network_that_goes_through_employers_rings_and_busy_ones_do_not(db, time):
    """From outside: how many RUCs one address asked for is known of that address, and never which (S-054)."""
    now = clock.now()
    for one, employer in enumerate(spread(50, seats=34)):
        throttle.spend(Charge("asker_open", "198.51.100.0/24", about=employer), now=now)
        throttle.spend(Charge("asker_open", f"203.0.{one}.0/24", about=f"employer {one}"), now=now)
        throttle.spend(Charge("asker_open", "192.0.2.0/24", about="always the same"), now=now)
    found = attacks.numbers(clock.now())
    assert 22 <= found["employers_of_one_network"] <= 60 and found["employers_per_network"] < 20
    assert "enumeration" in {alarm.code for alarm, _ in attacks.ringing(clock.now())}
    Bucket.objects.filter(key__contains=Charge("asker_open", "198.51.100.0/24").key).delete()
    assert attacks.numbers(clock.now())["employers_of_one_network"] <= 2


def test_who_goes_through_them_as_fast_as_the_limit_allows_rings_too(db, time):
    for one in range(59):
        charge = Charge("asker_open", "198.51.100.0/24", about=f"employer {one}")
        assert throttle.spend(charge, now=clock.now()).allowed
        time.wait(60)
    assert "enumeration" in {alarm.code for alarm, _ in attacks.ringing(clock.now())}


def test_who_asks_now_and_then_is_not_added_up(db, time):
    for one in range(40):
        throttle.spend(
            Charge("asker_open", "198.51.100.0/24", about=f"employer {one}"), now=clock.now()
        )
        time.wait(400)
    assert 0 < attacks.numbers(clock.now())["employers_of_one_network"] <= 12


def test_a_network_that_many_share_is_left_out(db, time, monkeypatch):
    shared = SharedNetwork("oficina", ("198.51.100.0/24",), 10)
    changed = replace(profile(), shared_networks=(shared,))
    monkeypatch.setattr(throttle, "profile", lambda: changed)
    for one in range(200):
        throttle.spend(
            Charge("asker_open", "198.51.100.0/24", about=f"employer {one}"), now=clock.now()
        )
    assert attacks.numbers(clock.now())["employers_of_one_network"] == 0


def test_sign_in_and_validar_say_whom_they_ask_for(cast, time):
    sign_in(Walker(time), LUIS, "no es esta")
    Walker(time).validate(LUIS)
    rows = Bucket.objects.filter(key__startswith="signin_asker") | Bucket.objects.filter(
        key__startswith="asker_open"
    )
    assert sorted(bin(row.asked).count("1") for row in rows) == [1, 1]
    others = Bucket.objects.exclude(pk__in=[row.pk for row in rows])
    assert others.exists() and not any(row.asked for row in others)


def test_a_good_day_does_not_ring(cast, time):
    sign_in(Walker(time), LUIS, LUIS.key)
    found = attacks.numbers(clock.now())
    assert (found["signins"], found["accounts_tried"], found["signins_failed"]) == (1, 0, 0)


def an_hour(failed: int, wrong: int, in_by: int, right_by: int, each: int = 1) -> None:
    """What the record has of an hour: failures, and `each` good sign-ins and right codes of so many accounts and employers."""
    with transaction.atomic():
        for n in range(failed):
            audit.record("signin_failed", subject=None if n % 2 else n, outcome="refused")
        for n in range(wrong):
            audit.record("proof_failed", case_id=n, subject=n, outcome="refused")
        for n in range(in_by * each):
            audit.record("signin", subject=10_000 + n % in_by, case_id=n)
        for n in range(right_by * each):
            audit.record(attacks.RIGHT[n % 5], subject=20_000 + n % right_by, case_id=90_000 + n)


def touched(accounts: int) -> None:
    for n in range(accounts):
        throttle.spend(Charge("signin_unknown", f"account {n}"), now=clock.now())


RATIOS = {"spray", "guessing", "failures"}


@pytest.mark.parametrize("each", [1, 1000])
def test_one_account_that_gets_in_a_thousand_times_hides_no_attack(db, time, each):
    """S-054. The attacker owns an employer: its own sign-ins and right codes stand beside the others' failures."""
    an_hour(failed=501, wrong=201, in_by=1, right_by=1, each=each)
    touched(101)
    found = attacks.numbers(clock.now())
    assert (found["accounts_in"], found["employers_right"]) == (1, 1) and found["signins"] == each
    assert {alarm.code for alarm, _ in attacks.ringing(clock.now())} == RATIOS


def test_a_busy_day_of_many_accounts_rings_nothing(db, time):
    """S-054. Half as many tries fail as accounts get in: beyond every limit, and nothing out of the ordinary."""
    an_hour(failed=510, wrong=210, in_by=1000, right_by=420)
    touched(110)
    found = attacks.numbers(clock.now())
    assert (found["accounts_in"], found["employers_right"]) == (1000, 420)
    assert attacks.ringing(clock.now()) == []


def test_a_code_of_an_employer_that_nobody_knows_yet_counts_by_its_case(db, time):
    with transaction.atomic():
        for case in (1, 2, 2):
            audit.record("case_prove", case_id=case)
    found = attacks.numbers(clock.now())
    assert (found["employers_right"], found["codes_right"]) == (2, 3)


def test_what_goes_to_nobody_hides_no_mail_that_fails(db, time):
    """S-054. Strangers make as many messages to nobody as they like."""
    now = clock.now()
    for n in range(1000):
        dead = n < 51
        Message.objects.create(kind="code" if dead else "void", state=Message.DEAD if dead else Message.DROPPED, key=str(n), made_at=now, due_at=now)  # fmt: skip
    assert {alarm.code for alarm, _ in attacks.ringing(clock.now())} == {"undelivered"}


def test_the_numbers_of_the_record_cost_two_counts(db, time):
    """Beyond finding where the hour begins, which halves."""
    an_hour(failed=3, wrong=3, in_by=5, right_by=5)
    with CaptureQueriesContext(connection) as asked:
        attacks._recorded(clock.now() - watch.HOUR)
    counts = [each["sql"] for each in asked if "COUNT(" in each["sql"]]
    assert len(counts) == 2 and len(asked) < 12


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
