"""The rows of the attack table about counters that others fill, race or empty, and about a domain that ran out."""

import json
import threading

import pytest
from django.db import connections
from django.test import Client

from clavero import clock
from clavero.demo import services as demo
from clavero.demo.models import Mail
from clavero.employers import imports
from tests.cast import by_id
from tests.walk import Walker, deliver, sign_in

LUIS = by_id("tres_sucursales")
WRONG = "ZZZZZZZZ"


def guess(time, network: int) -> Walker:
    """One wrong code in a case of its own, from a network of its own."""
    walker = Walker(time, REMOTE_ADDR=f"198.51.{network}.7").validate(LUIS)
    return walker.press({"code": WRONG}) if walker.step == "code" else walker


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_attack_08_two_hundred_guesses_at_once_are_five(time):
    """Twenty browsers that hold one case, ten guesses each, in the same moment: five are looked at."""
    from clavero.audit.models import Head

    Head.objects.get_or_create(pk=1)
    demo.bring_cast()
    walker = Walker(time).validate(LUIS)
    answers: list[bytes] = []
    gate = threading.Barrier(20)

    def attack() -> None:
        browser = Client(headers={"user-agent": "Mozilla/5.0 Firefox/140.0"})
        browser.cookies = walker.client.cookies.copy()
        gate.wait()
        try:
            for _ in range(10):
                answers.append(browser.post(walker.path, {"code": WRONG}).content)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attack) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(answers) == 200
    looked_at = [page for page in answers if b'data-error="code.wrong"' in page]
    assert len(looked_at) <= 5


def test_attack_19_an_unrelated_success_gives_no_guess_back(cast, time):
    """The employer's budget of guesses is spent; the owner signs in with the key: it is still spent."""
    walker, network = Walker(time), 0
    while walker.status != 429:
        network += 1
        walker = guess(time, network)
        for _ in range(3):
            if walker.step == "code":
                walker.press({"code": WRONG})
        assert network < 40
    assert sign_in(Walker(time), LUIS, LUIS.key).path == "/cuenta/"
    assert guess(time, network + 1).status == 429


def test_attack_22_an_address_whose_domain_ran_out_gets_no_code_ever_again(cast, time, tmp_path):
    """The institution marks it dead; whoever buys the domain, and a later import that knows nothing of it, change nothing."""
    line = next(json.loads(text) for text in demo.register_lines() if LUIS.ruc in text)
    for state, as_of in (("dead", "2026-11-01"), ("on_record", "2026-11-20")):
        line["contacts"][0] |= {"state": state, "as_of": as_of}
        line["as_of"] = as_of
        register = tmp_path / f"{state}.jsonl"
        register.write_text(json.dumps(line) + "\n", encoding="utf-8")
        imports.import_file(register, clock.now())
        walker = Walker(time).validate(LUIS)
        assert walker.routes == {"visit", "correct_data"}
    deliver()
    assert not Mail.objects.exists()
