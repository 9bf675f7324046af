"""Retry storms: the same failing input is recognised, answered from memory and not run again (C11)."""

import re
from dataclasses import replace

import pytest

from clavero.keys import services as keys
from clavero.notices.models import Message
from clavero.recovery.models import Case
from clavero.throttle import memory
from clavero.throttle.models import Bucket
from tests.cast import by_id
from tests.walk import Walker, sign_in

LUIS = by_id("tres_sucursales")
pytestmark = pytest.mark.django_db


def test_the_same_wrong_code_costs_no_try_and_says_what_to_do_instead(walker):
    walker.validate(LUIS)
    walker.press({"code": "AAAA-AAAA"})
    assert walker.errors == ["code.wrong"] and Case.objects.get().code_tries == 1
    for again in ("AAAA-AAAA", "aaaa aaaa", "AAAA-AAAA"):
        walker.press({"code": again})
        assert walker.errors == ["code.same_again"] and Case.objects.get().code_tries == 1
    walker.press({"code": "BBBB-BBBB"})
    assert walker.errors == ["code.wrong"] and Case.objects.get().code_tries == 2
    walker.press({"code": "AAAA-AAAA"})
    assert walker.errors == ["code.same_again"]
    walker.prove(LUIS)
    assert walker.step == "contact"


def test_the_same_wrong_key_is_not_reckoned_again(cast, time, monkeypatch):
    run = []
    once = keys.matches
    monkeypatch.setattr(keys, "matches", lambda *typed: run.append(typed) or once(*typed))
    walker = sign_in(Walker(time), LUIS, "una clave que no es")
    assert walker.errors == ["signin.no_match"] and len(run) == 1
    before = sorted(Bucket.objects.values_list("key", "level"))
    typed = {"identification": LUIS.identification, "ruc": LUIS.ruc}
    for _ in range(3):
        walker.press({**typed, "key": "una clave que no es"})
        assert walker.errors == ["signin.same_again"]
    assert len(run) == 1 and sorted(Bucket.objects.values_list("key", "level")) == before
    walker.press({**typed, "key": LUIS.key})
    assert walker.path == "/cuenta/"


def test_it_is_forgotten_after_five_minutes_and_serves_nobody_else(cast, time):
    walker = sign_in(Walker(time), LUIS, "una clave que no es")
    typed = {"identification": LUIS.identification, "ruc": LUIS.ruc, "key": "una clave que no es"}
    memory = walker.form.select_one("[name=tried]")["value"]
    assert "clave" not in memory
    ana = by_id("en_orden")
    walker.press(typed | {"identification": ana.identification, "ruc": ana.ruc})
    assert walker.errors == ["signin.no_match"]
    time.wait(301)
    assert walker.press(typed | {"tried": memory}).errors == ["signin.no_match"]
    assert walker.press(typed | {"tried": "x" * 300}).errors == ["signin.no_match"]


# --- Validar --------------------------------------------------------------------------------------------

UNKNOWN = by_id("no_existe")
JULIA = by_id("sin_correo")


def buckets() -> list[tuple[str, float]]:
    return sorted(Bucket.objects.values_list("key", "level"))


@pytest.mark.parametrize(
    "member", [by_id("en_orden"), by_id("ruc_cerrado"), UNKNOWN], ids=["online", "visit", "unknown"]
)
def test_the_same_three_numbers_are_answered_from_memory_and_nothing_is_run_again(walker, member):
    walker.validate(member)
    answered, before, messages = walker.h1, buckets(), Message.objects.count()
    for _ in range(3):
        walker.open("/empleadores/recuperar-clave/identificacion/")
        walker.press({"identification": member.identification})
        walker.press({"ruc": member.ruc, "branch": member.branch})
        assert walker.errors == ["validate.same_again"] and walker.h1 == answered
    assert Case.objects.count() == 1 and buckets() == before
    assert Message.objects.count() == messages


def test_the_answer_from_memory_is_the_same_for_whoever_exists(cast, time):
    pages = []
    for member in (JULIA, replace(JULIA, identification=UNKNOWN.identification)):
        walker = Walker(time).validate(member)
        walker.open("/empleadores/recuperar-clave/identificacion/").press(
            {"identification": member.identification}
        )
        walker.press({"ruc": member.ruc, "branch": member.branch})
        assert "otro navegador no cambia la respuesta" in walker.text
        pages.append(re.sub(r"[0-9]+", "#", walker.text))
    assert pages[0] == pages[1]


def test_a_check_that_was_open_in_another_tab_is_answered_from_memory_too(walker, time):
    walker.to_check(LUIS)
    time.wait(60)
    waiting = walker.typed(walker.form)
    walker.to_check(LUIS)
    time.wait(60)
    walker.press()
    walker._land(
        walker.client.post("/empleadores/recuperar-clave/validar/", waiting, follow=True), ""
    )
    assert walker.errors == ["validate.same_again"] and Case.objects.count() == 1


def test_other_numbers_another_browser_or_five_minutes_later_are_run(walker, time):
    walker.validate(LUIS)
    walker.to_check(by_id("en_orden"))
    assert walker.step == "check"
    assert Walker(time).to_check(LUIS).step == "check"
    time.wait(301)
    assert walker.to_check(LUIS).step == "check"


def test_what_was_taken_further_is_not_kept_back(walker, time):
    walker.validate(LUIS)
    walker.prove(LUIS)
    assert walker.to_check(LUIS).step == "check"


def test_the_free_correction_is_not_used_up_by_the_same_numbers(walker):
    closed = by_id("ruc_cerrado")
    walker.validate(closed)
    walker.open(walker.page.select_one("[data-route=correct_data] a.govuk-button")["href"])
    walker.press({"identification": closed.identification})
    walker.press({"ruc": closed.ruc, "branch": closed.branch})
    assert walker.errors == ["validate.same_again"] and Case.objects.get().retry_left


def form(rf, tried: str = ""):
    return rf.post("/", {memory.FIELD: tried})


def test_the_memory_keeps_the_last_eight_for_five_minutes(rf, time):
    tried = ""
    for number in range(9):
        tried = memory.after(form(rf, tried), "code", str(number))
    kept = [memory.has(form(rf, tried), "code", str(number)) for number in range(9)]
    assert kept == [False] + [True] * 8
    assert not memory.has(form(rf, tried), "signin", "8")
    time.wait(299)
    assert memory.has(form(rf, tried), "code", "8")
    time.wait(2)
    assert not memory.has(form(rf, tried), "code", "8")
