"""Retry storms: the same failing input is recognised, answered from memory and not run again (C11)."""

import pytest

from clavero.keys import services as keys
from clavero.recovery.models import Case
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
