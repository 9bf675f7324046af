"""The work that spares the wait: how much is asked, and what is no answer (C01, C02)."""

import base64
import json
from dataclasses import replace

import altcha
import pytest

from clavero.institution import profile
from clavero.throttle import work

TICKET = "t" * 43
FEW = 12


@pytest.fixture(autouse=True)
def little(monkeypatch):
    """A challenge of a dozen tries, so that hundreds can be looked at."""
    small = replace(profile(), limits=replace(profile().limits, work_tries=FEW, work_rounds=10))
    monkeypatch.setattr(work, "profile", lambda: small)


def tries(factor: int = 1) -> int:
    """How many tries a challenge takes from zero to its answer."""
    asked = altcha.Challenge.from_dict(json.loads(work.challenge(TICKET, factor)))
    found = altcha.solve_challenge(asked)
    assert found is not None
    return found.counter


def answer(factor: int = 1, ticket: str = TICKET) -> str:
    asked = altcha.Challenge.from_dict(json.loads(work.challenge(ticket, factor)))
    return altcha.Payload(asked, altcha.solve_challenge(asked)).to_base64()


def test_at_least_half_of_the_work_is_asked_and_never_all_of_it_or_more():
    found = {tries() for _ in range(200)}
    assert found == set(range(FEW // 2, FEW)), "each of the six numbers comes up in 200 draws"


def test_suspicion_asks_for_as_many_times_more():
    found = {tries(3) for _ in range(60)}
    assert min(found) >= 3 * FEW // 2 and max(found) < 3 * FEW and max(found) >= 2 * FEW


def test_the_answer_is_for_its_ticket_alone():
    made = answer()
    assert work.is_done(made, TICKET) and not work.is_done(made, "u" * 43)


def test_what_is_longer_than_any_answer_is_not_read(monkeypatch):
    made = answer()
    read = []
    once = altcha.Payload.from_base64
    monkeypatch.setattr(altcha.Payload, "from_base64", lambda text: read.append(text) or once(text))
    monkeypatch.setattr(work, "LONGEST", len(made))
    assert work.is_done(made, TICKET) and len(read) == 1
    monkeypatch.setattr(work, "LONGEST", len(made) - 1)
    assert not work.is_done(made, TICKET) and not work.is_done("", TICKET) and len(read) == 1


def test_an_answer_of_ours_is_far_shorter_than_what_is_read():
    assert len(answer(20)) < work.LONGEST // 2


def test_a_challenge_that_somebody_else_signed_is_none_of_ours():
    made = json.loads(base64.b64decode(answer()))
    made["challenge"]["parameters"]["cost"] = 1
    changed = base64.b64encode(json.dumps(made).encode()).decode()
    assert not work.is_done(changed, TICKET)
