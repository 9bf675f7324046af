"""What an officer must see, and when one person is enough."""

from dataclasses import replace

import pytest

from clavero.core import counter
from clavero.core.counter import Mark, OnDuty
from clavero.core.errors import Refused
from clavero.core.triage import Facts

IN_ORDER = Facts(True, "match", "match", "valid", "active", "active")
ASKED = counter.items(["request"])
ALL_SEEN = {code: Mark("seen") for code in ASKED}


def stand(marks=ALL_SEEN, proofs=(), facts=IN_ORDER, purpose="recover_key"):
    return counter.standing(ASKED, marks, purpose=purpose, proofs=proofs, facts=facts)


def test_everything_must_be_seen_before_anybody_decides():
    assert stand().is_complete
    for code in ASKED:
        for state in ("", "missing", "observed"):
            found = stand({**ALL_SEEN, code: Mark(state)})
            assert found.missing == (code,) and not found.is_complete


def test_one_person_is_enough_only_with_a_contact_proved_and_nothing_corrected():
    assert stand().needs_second
    assert not stand(proofs={"contact_code"}).needs_second
    assert stand(proofs={"contact_code", "contact_replaced"}).needs_second
    assert stand(proofs={"contact_code"}, facts=replace(IN_ORDER, key="never")).needs_second
    assert stand(proofs={"contact_code"}, facts=replace(IN_ORDER, ruc="suspended")).needs_second
    assert stand(proofs={"contact_code", "held"}).needs_second
    assert stand(proofs={"second_approval"}).needs_second


def test_every_correction_leaves_a_token_that_bars_one_person_alone():
    from clavero.core.journey import CORRECTIONS

    assert set(counter.CORRECTIONS.values()) == CORRECTIONS


def test_a_third_party_brings_two_papers_more():
    assert set(counter.items([], third_party=True)) - set(counter.items([])) == set(
        counter.THIRD_PARTY
    )


def test_an_observation_says_what_to_do():
    with pytest.raises(Refused) as found:
        counter.mark("observed", "  ")
    assert found.value.code == "counter.note_needed"
    with pytest.raises(Refused):
        counter.mark("approved")


def test_the_second_person_is_elsewhere_on_duty_and_did_not_act():
    staff = [
        OnDuty(1, "ambato", True),
        OnDuty(2, "ambato", True),
        OnDuty(3, "quito", True),
        OnDuty(4, "quito", False),
        OnDuty(5, "quito", True, has_interest=True),
    ]
    draw = dict(acted={1}, centre="ambato")
    assert counter.drawable(staff, same_centre=False, **draw) == (3,)
    assert counter.drawable(staff, same_centre=True, **draw) == (2, 3)
    assert counter.drawable(staff, acted={1, 3}, centre="ambato", same_centre=False) == ()


def test_the_hash_changes_with_whatever_is_approved():
    base = counter.evidence_hash("26-1", "approve", ALL_SEEN, {"email": "a"})
    assert base == counter.evidence_hash("26-1", "approve", ALL_SEEN, {"email": "a"})
    others = [
        counter.evidence_hash("26-2", "approve", ALL_SEEN, {"email": "a"}),
        counter.evidence_hash("26-1", "refuse", ALL_SEEN, {"email": "a"}),
        counter.evidence_hash("26-1", "approve", {**ALL_SEEN, "request": Mark("observed", "x")}, {"email": "a"}),
        counter.evidence_hash("26-1", "approve", ALL_SEEN, {"email": "b"}),
    ]  # fmt: skip
    assert len({base, *others}) == 5


def test_the_wait_comes_from_what_was_measured():
    assert counter.waiting_minutes(0, 2, [], 15) == 0
    assert counter.waiting_minutes(4, 2, [], 15) == 30
    assert counter.waiting_minutes(4, 2, [5, 6, 7, 8, 30], 15) == 15
    assert counter.waiting_minutes(3, 0, [], 10) == 30


@pytest.mark.parametrize("code", sorted(counter.EXCEPTIONS))
def test_an_exception_takes_nothing_away_without_asking_for_something(code):
    """S-077."""
    exempt, asked = counter.EXCEPTIONS[code], counter.items(["request"], exception=code)
    assert exempt.asks and set(exempt.asks) <= set(asked) and not set(exempt.instead) & set(asked)
    assert len(asked) > len(counter.IDENTITY) and "id_data" in asked and "request" in asked
