"""Triage, evidence, challenge, key policy and the chain."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clavero.core import chain, challenge, evidence, key_policy, triage
from clavero.core.challenge import DatedFact, Question
from clavero.core.errors import Refused
from clavero.core.key_policy import KeyRules
from clavero.core.triage import Facts
from clavero.keys.services import _common, is_common

GOOD = Facts(True, "match", "match", "valid", "active", "active")
STATES = {
    "known": (True, False, None),
    "branch": ("match", "mismatch", "unknown"),
    "representative": ("match", "mismatch", "changed", "vacant", "unknown"),
    "email": ("valid", "shared", "invalid", "bounced", "none", "unknown"),
    "key": ("never", "active", "blocked", "disabled", "unknown"),
    "ruc": ("active", "suspended", "closed", "unknown", "not_applicable"),
}
DECLARED = [
    frozenset(some) for n in range(3) for some in itertools.combinations(triage.SITUATIONS[:4], n)
]


def every_state():
    for values in itertools.product(*STATES.values()):
        yield Facts(**dict(zip(STATES, values, strict=True)))


def test_every_combination_has_one_route_and_none_is_a_dead_end():
    count = 0
    for facts in every_state():
        verdict = triage.assess(facts)
        count += 1
        assert verdict.route in ("online", "visit", "unknown")
        assert verdict.next and verdict.what_would_change
        assert verdict.route != "visit" or verdict.reasons
        assert verdict.route != "unknown" or verdict.doubts
    assert count == 6750


def test_online_needs_everything_known_and_in_order():
    for facts in every_state():
        if triage.assess(facts).route == "online":
            assert (
                facts.known is not False
                and facts.email == "valid"
                and facts.representative == facts.branch == "match"
            )
            assert facts.ruc in ("active", "not_applicable") and facts.key in (
                "active",
                "blocked",
                "disabled",
            )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ruc": "suspended"}, "ruc_not_active"), ({"ruc": "closed"}, "ruc_not_active"), ({"key": "never"}, "first_key"),
        ({"email": "none"}, "email_not_valid"), ({"email": "shared"}, "email_not_valid"), ({"email": "bounced"}, "email_not_valid"),
        ({"representative": "changed"}, "representative_changed"), ({"representative": "mismatch"}, "representative_mismatch"),
        ({"branch": "mismatch"}, "branch_or_ruc_mismatch"), ({"known": False}, "branch_or_ruc_mismatch"),
    ],
)  # fmt: skip
def test_each_obstacle_alone_means_a_visit_and_is_named(change, code):
    verdict = triage.assess(Facts(**{**GOOD.__dict__, **change}))
    assert verdict.route == "visit" and [reason.code for reason in verdict.reasons] == [code]


def test_all_reasons_are_said_so_that_one_visit_is_enough():
    verdict = triage.assess(Facts(True, "match", "changed", "none", "never", "closed"))
    assert {reason.code for reason in verdict.reasons} == {
        "representative_changed",
        "email_not_valid",
        "first_key",
        "ruc_not_active",
    }


def test_no_register_is_a_doubt_and_never_a_guess():
    verdict = triage.assess(Facts(**{**GOOD.__dict__, "ruc": "unknown"}))
    assert verdict.route == "unknown" and [doubt.code for doubt in verdict.doubts] == [
        "ruc_not_active"
    ]


def test_a_blocked_key_is_no_reason_for_a_visit():
    assert triage.assess(Facts(**{**GOOD.__dict__, "key": "blocked"})).route == "online"


def test_who_employs_at_home_has_no_ruc_to_doubt():
    assert (
        triage.assess(Facts(**{**GOOD.__dict__, "ruc": "not_applicable", "domestic": True})).route
        == "online"
    )


@pytest.mark.parametrize("declared", DECLARED, ids=lambda d: "+".join(sorted(d)) or "nothing")
@pytest.mark.parametrize("ruc", STATES["ruc"])
def test_before_proof_private_states_change_nothing(declared, ruc):
    """Golden: the same declared answers and public state give the same words for every private state."""
    said = set()
    for facts in every_state():
        if facts.ruc == ruc:
            mine = Facts(**{**facts.__dict__, "declared": declared})
            said.add(repr(triage.before_proof(mine)))
    assert len(said) == 1


def test_before_proof_only_public_reasons_are_said():
    for facts in every_state():
        assert all(
            triage.visible(reason, "public") for reason in triage.before_proof(facts).reasons
        )


def test_an_undeclared_class_is_never_shown():
    strange = triage.Reason("x", "top secret", "r", "b")
    assert not any(triage.visible(strange, tier) for tier in ("public", "after_proof", "staff"))
    assert not triage.visible(triage.Reason("x", "after_proof", "r", "b"), "public")


# --- evidence --------------------------------------------------------------------------------------


@pytest.mark.parametrize("proof", ["contact_code", "contact_link", "saved_code"])
def test_possession_recovers_a_key_that_was_had(proof):
    assert evidence.sufficient("recover_key", frozenset((proof,)), GOOD).rule.endswith(proof)


@pytest.mark.parametrize(
    "proofs",
    [
        (),
        ("questions",),
        ("knowledge",),
        ("new_contact",),
        ("case_secret",),
        ("binding_code", "case_secret"),
        ("visit", "case_secret", "binding_code"),
    ],
)
def test_nothing_less_sets_a_key(proofs):
    with pytest.raises(Refused):
        evidence.sufficient("recover_key", frozenset(proofs), GOOD)


@pytest.mark.parametrize("key", ["never", "unknown"])
def test_a_first_key_needs_the_desk_and_a_second_person(key):
    first = Facts(**{**GOOD.__dict__, "key": key})
    for proof in ("contact_code", "contact_link", "saved_code"):
        with pytest.raises(Refused, match="evidence.first_key_needs_visit"):
            evidence.sufficient("recover_key", frozenset((proof,)), first)
    desk = frozenset(("visit", "case_secret", "binding_code", "second_approval"))
    assert evidence.sufficient("recover_key", desk, first).purpose == "first_key"


@pytest.mark.parametrize("first", ["contact_code", "contact_link"])
def test_a_second_proof_is_taken_beside_a_message_to_a_contact(first):
    """D12: a saved code or a passkey, each beside what came to the mailbox."""
    assert evidence.takes_second_proof([first, "case_secret"])


@pytest.mark.parametrize("held", [(), ("saved_code",), ("passkey", "case_secret"), ("questions",), ("new_contact",)])  # fmt: skip
def test_beside_anything_else_there_is_no_second_proof(held):
    assert not evidence.takes_second_proof(held)


def test_a_passkey_answers_a_risk_once_it_is_older_than_what_counts_as_lately():
    """ADR 19: more than thirty days; an unknown age is a no."""
    answers = [days for days in range(-3, 60) if evidence.passkey_answers(days)]
    assert answers == list(range(31, 60)) and not evidence.passkey_answers(None)


@pytest.mark.parametrize("purpose", ["recover_key", "unlock_key"])
def test_a_passkey_alone_makes_no_key(purpose):
    """It is a second proof, never the one."""
    held = frozenset({"passkey", "second_proof", "case_secret", "totp"})
    with pytest.raises(Refused):
        evidence.sufficient(purpose, held, GOOD)
    assert all(not rule.in_force for rule in evidence.POLICY if rule.id == f"{purpose}.passkey")


def test_a_second_proof_answers_every_risk_but_the_second_step_of_the_account():
    """S-002: where an authenticator app is bound, its code is asked, and no passkey stands for it."""
    held = frozenset({"contact_code", "second_proof"})
    for risk in evidence.RISKS:
        assert not evidence.at_risk([risk.signal], held)
    assert evidence.at_risk([evidence.SECOND_FACTOR], held) == evidence.AT_RISK
    assert evidence.signals(evidence.History(second_factor=True), held) == (evidence.SECOND_FACTOR,)


# --- codes and questions ---------------------------------------------------------------------------


@given(
    st.binary(min_size=17, max_size=17),
    st.lists(st.sampled_from(" -–\u00a0\u200b"), max_size=8),
    st.randoms(),
)
def test_a_code_is_read_through_noise(entropy, noise, chance):
    for made in (
        challenge.code(entropy),
        challenge.case_secret(entropy),
        challenge.continuation(entropy),
    ):
        typed = list(
            made.lower().replace("0", chance.choice("0oO")).replace("1", chance.choice("1iIlL"))
        )
        for char in noise:
            typed.insert(chance.randrange(len(typed) + 1), char)
        assert challenge.normal("".join(typed)) == made


def test_codes_have_the_lengths_they_promise():
    assert len(challenge.code(bytes(5))) == 8 and len(challenge.continuation(bytes(10))) == 16
    assert len(challenge.case_secret(bytes(17))) == 26 and not set("ILOU") & set(challenge.ALPHABET)
    with pytest.raises(ValueError):
        challenge.code(bytes(4))


FACTS = [
    DatedFact("workers_last_sheet", "4", "2026-10-31"),
    DatedFact("first_entry_month", "2019-03", "2026-10-31"),
]


def test_fewer_than_two_facts_ask_nothing():
    assert challenge.questions(FACTS[:1]) == () == challenge.questions([])
    assert [asked.name for asked in challenge.questions(list(reversed(FACTS)))] == [
        "workers_last_sheet",
        "first_entry_month",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        "2019-03",
        "03/2019",
        "3-2019",
        "marzo de 2019",
        "Marzo 2019",
        "MAR 2019",
        "March 2019",
        "2019 marzo",
    ],
)
def test_a_month_is_understood_in_its_many_forms(answer):
    assert challenge.right(Question("first_entry_month", "month", "2019-03", ""), answer)


@pytest.mark.parametrize(
    "answer", ["", "2019", "marzo", "04/2019", "2019-13", "marzo marzo 2019", "x" * 500]
)
def test_another_month_is_not(answer):
    assert not challenge.right(Question("first_entry_month", "month", "2019-03", ""), answer)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("4", True),
        (" 04 ", True),
        ("４", True),
        ("5", False),
        ("cuatro", False),
        ("", False),
        ("4.5", False),
    ],
)
def test_a_number_is_a_number(answer, right):
    assert challenge.right(Question("workers_last_sheet", "number", "4", ""), answer) is right


# --- the key ---------------------------------------------------------------------------------------

RULES = KeyRules()
OWN = frozenset(
    ("2453622207", "2499000017001", "Panadería Trigo Andariego Cía. Ltda.", "ana@trigo.example")
)


def judged(key):
    return [refused.code for refused in key_policy.judge(key, OWN, RULES, is_common)]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "key.empty"), ("catorce letras", "key.too_short"), ("x" * 257, "key.too_long"), ("una clave\x00 con nulo", "key.control_characters"),
        ("abcabcabcabcabcabc", "key.repeats"), ("123456789012345678", "key.sequence"), ("qwertyuiopasdfghjkl", "key.sequence"),
        ("2499000017001!!", "key.own_data"), ("Panadería Trigo Andariego Cía. Ltda.", "key.own_data"), ("claveclaveclave", "key.own_data"),
        ("iloveyouiloveyou", "key.common"), ("contrasenasegura2026", "key.common"), ("passwordpassword", "key.common"),
    ],
)  # fmt: skip
def test_a_weak_key_is_refused_with_its_reason(key, code):
    assert judged(key) == [code]


@pytest.mark.parametrize(
    "key",
    [
        "mesa azul lluvia tren",
        "7391 2846 5520 1937",
        "🔑 mi perro se llama tomate",
        "ANA come pan en casa 2499000017001",
        "ñandú·volcán·cóndor",
    ],
)
def test_length_is_enough_and_a_part_never_refuses(key):
    assert judged(key) == []


def test_lengths_are_counted_in_code_points_after_composition():
    assert judged("mariposa volá x") == [] and judged("mariposa vola\u0301 x") == []
    assert judged("mariposa volá") == ["key.too_short"]


@given(st.binary(min_size=16, max_size=16))
def test_every_offered_phrase_is_a_good_key(entropy):
    phrase = key_policy.phrase(entropy)
    assert len(phrase) >= 15 and phrase.isascii() and phrase.count("-") == 3
    assert judged(phrase) == [] or judged(phrase) == ["key.repeats"]


def test_the_list_of_common_keys_has_more_than_three_thousand_of_fifteen():
    assert len([key for key in _common() if len(key) >= 15]) > 3000


@given(st.text(max_size=300))
def test_strength_is_advice_for_any_text(text):
    assert 0 <= key_policy.strength(text) <= 4


# --- the chain -------------------------------------------------------------------------------------


def sealed(bodies):
    records, last = [], chain.ORIGIN
    for number, body in enumerate(bodies, start=1):
        last = chain.seal(last, body)
        records.append((number, body, last))
    return records


@given(st.lists(st.text(max_size=20), min_size=1, max_size=8), st.data())
def test_any_change_breaks_the_chain_where_it_was_made(bodies, data):
    records = sealed(bodies)
    assert chain.first_break(records) is None
    place = data.draw(st.integers(0, len(records) - 1))
    number, body, seal = records[place]
    assert (
        chain.first_break([*records[:place], (number, body + "x", seal), *records[place + 1 :]])
        == number
    )
    if place < len(records) - 1:
        assert chain.first_break(records[:place] + records[place + 1 :]) == number


def test_bodies_are_canonical():
    assert chain.body({"b": 1, "a": "ñ"}) == '{"a":"\\u00f1","b":1}'


def test_only_a_rule_that_asks_for_a_visit_says_that_somebody_was_seen():
    """S-002: what takes a second step away."""
    from clavero.core import evidence

    assert evidence.was_seen("recover_key.visit_and_second")
    assert evidence.was_seen("first_key.visit_and_second")
    for other in (
        "recover_key.contact_code",
        "recover_key.saved_code",
        "current_key",
        "a visit that is no rule",
        "",
    ):
        assert not evidence.was_seen(other), other


def test_a_copy_of_the_register_that_is_too_old_says_nothing():
    """S-073."""
    today = date(2026, 11, 25)
    assert triage.still_says(date(2026, 8, 25), today, 92)
    assert not triage.still_says(date(2026, 8, 24), today, 92)
    assert not triage.still_says(None, today, 92)
    assert triage.still_says(today, today, 92) and not triage.still_says(
        date(2026, 11, 26), today, 92
    )
    assert triage.still_says(None, today, 0) and triage.still_says(date(2020, 1, 1), today, 0)


def test_a_phrase_needs_all_its_entropy():
    with pytest.raises(ValueError, match="entropy"):
        key_policy.phrase(bytes(15))
    assert key_policy.phrase(bytes(16)) == "-".join([key_policy.WORDS[0]] * 4)
    assert key_policy.phrase(bytes(15) + b"\x01").startswith(key_policy.WORDS[1] + "-")


@pytest.mark.parametrize(
    ("key", "points"),
    [("", 0), ("corta7x", 0), ("aaaaaaaaaaaa", 0), ("123456789012", 0), ("mesa-luz", 0), ("mesa-luz-9", 1), ("abcabdabc-ab", 1),
     ("mesa-luz-nuev", 2), ("mesa-luz-nueve!", 3), ("mesa-luz-nueve-cerro-rio", 4)],
)  # fmt: skip
def test_strength_is_length_and_variety(key, points):
    assert key_policy.strength(key) == points


def test_what_is_common_is_found_backwards_and_without_its_tail_too():
    assert {"fedcba", "abcdef"} <= key_policy.disguises("abcdef")
    assert "verano" in key_policy.disguises("verano2026!") and "abc" not in key_policy.disguises(
        "abc"
    )


def test_own_words_are_the_parts_of_four_letters_and_what_stands_before_the_at():
    words = key_policy.own_words(["ana.trigo@correo.example", "Sol", "Panaderia Luz"])
    assert key_policy.folded("ana.trigo") in words and key_policy.folded("Panaderia Luz") in words
    assert (
        key_policy.folded("Sol") not in words and key_policy.folded("correo.example") not in words
    )
