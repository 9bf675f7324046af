"""The guide: every scenario and every answer ends in one next action, with reasons, dates and what would change it."""

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clavero import words
from clavero.core import guide, triage, wording, workdays
from clavero.core.errors import Refused
from clavero.core.profile import Estimate
from clavero.core.triage import NONE, SCENARIOS
from clavero.institution import load

IESS = load("iess")
ON = date(2026, 12, 9)
ANSWERS = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from((*values, guide.UNKNOWN)) for key, values in guide.VALUES.items()}
)  # fmt: skip
ANY_SCENARIO = st.sampled_from((*SCENARIOS, NONE))


@given(ANSWERS, ANY_SCENARIO)
def test_every_scenario_and_answer_has_exactly_one_next_action(answers, scenario):
    found = guide.advise(answers, scenario, ON, IESS)
    assert found.next in guide.ACTIONS and found.route in guide._ESTIMATE_OF_ROUTE
    for code in (
        f"next.{found.next}",
        f"button.{found.next}",
        f"title.{found.scenario}",
        f"solved.{found.scenario}",
    ):
        assert words.say(f"guide.{code}") and words.say(f"guide.{code}", "en")
    assert found.what_would_change and found.time is not None
    assert found.dates.from_ <= found.dates.to
    assert (found.scenario == NONE) == (not found.reasons)
    assert not found.reasons or found.reasons[0].code == found.scenario


@given(ANSWERS, ANY_SCENARIO)
def test_the_route_is_the_most_demanding_and_papers_are_for_visits(answers, scenario):
    found = guide.advise(answers, scenario, ON, IESS)
    routes = [triage.ROUTES[reason.code] for reason in found.reasons]
    if routes:
        assert found.route == max(routes, key=triage.demand) == triage.ROUTES[found.scenario]
    assert bool(found.bring) == (found.route == "visit")
    assert all(reason.cls == "public" for reason in found.reasons)


@given(ANSWERS, ANY_SCENARIO)
def test_what_would_change_does(answers, scenario):
    found = guide.advise(answers, scenario, ON, IESS)
    for change in found.what_would_change:
        key, sign, value = change.if_.partition("=")
        if sign:
            assert (
                guide.advise({**answers, key: value}, scenario, ON, IESS).route
                == change.then
                != found.route
            )


@given(ANSWERS, ANY_SCENARIO)
def test_at_most_six_questions_and_none_twice(answers, scenario):
    asked = dict(list(answers.items())[:2])
    before = len(asked)
    while key := guide.next_question(asked, scenario):
        assert key not in asked and words.say(f"guide.question.{key}")
        asked[key] = guide.UNKNOWN
    assert len(asked) <= max(before, guide.MOST_QUESTIONS)


def test_every_scenario_has_a_row_with_sentences_in_both_languages():
    assert set(guide.TABLE) == {*SCENARIOS, NONE} and set(triage.ROUTES) == set(SCENARIOS)
    for scenario, entry in guide.TABLE.items():
        codes = [
            f"title.{scenario}",
            f"seen.{scenario}",
            f"solved.{scenario}",
            f"next.{entry.next}",
            f"button.{entry.next}",
        ]
        codes += [f"not_helpful.{code}" for code in entry.not_helpful]
        assert all(words.say(f"guide.{code}", lang) for code in codes for lang in ("es", "en"))
        assert scenario == NONE or entry.not_helpful
        assert set(entry.bases) <= {basis.code for basis in IESS.bases}
        assert set(entry.asks) <= set(guide.VALUES)
    for key, values in guide.VALUES.items():
        assert all(
            words.say(f"guide.question.{code}")
            for code in (key, *(f"{key}.{value}" for value in values))
        )
    for code, action in guide.FAQ.items():
        assert (
            action in guide.ACTIONS
            and words.say(f"guide.faq.{code}")
            and words.say(f"guide.faq.{code}.answer", "en")
        )


@pytest.mark.parametrize(
    ("said", "scenario", "route"),
    [
        ({"email": "no"}, "email_not_valid", "visit"), ({"message": "never"}, "email_not_valid", "visit"), ({"message": "late"}, "code_expired", "online"),
        ({"first_key": "yes"}, "first_key", "visit"), ({"ruc_state": "closed"}, "ruc_not_active", "visit"), ({"representative": "changed"}, "representative_changed", "visit"),
        ({"representative": "mismatch"}, "representative_mismatch", "correct_data"), ({"branch": "not_found"}, "branch_or_ruc_mismatch", "correct_data"),
        ({"branch": "not_found", "domestic": "yes"}, "domestic_format", "correct_data"), ({"robot": "loops"}, "captcha_loop", "online"),
        ({"robot": "page_down"}, "portal_down", "wait"), ({"key": "blocked"}, "key_blocked", "online"), ({"key": "forgotten"}, "key_forgotten", "online"),
        ({"key": "other_kind"}, "wrong_key_kind", "elsewhere"), ({"message": "not_asked"}, "suspected_fraud", "report"), ({}, NONE, "unknown"),
        ({"key": "forgotten", "email": "no"}, "email_not_valid", "visit"), ({"message": "not_asked", "email": "no"}, "suspected_fraud", "report"),
    ],
)  # fmt: skip
def test_answers_lead_to_their_scenario(said, scenario, route):
    found = guide.advise(said, NONE, ON, IESS)
    assert (found.scenario, found.route) == (scenario, route)


def test_each_answer_rule_has_an_id_a_version_a_first_day_and_a_source():
    rules = (*guide.RULES, *triage.RULES)
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(rule.version >= 1 and rule.valid_from <= ON and rule.source for rule in rules)


def test_before_a_rule_is_valid_it_says_nothing():
    assert guide.declared({"email": "no"}, date(2023, 12, 31)) == {}
    assert guide.declared({"email": "no"}, ON) == {"email_not_valid": "email=no"}


def test_an_answer_rules_out_what_the_wording_suggested():
    found = wording.match("no me llega ningún mensaje al correo, llevo dos días esperando")
    assert guide.settle(found.scenarios, {}) == "email_not_valid"
    assert guide.settle(found.scenarios, {"email": "yes"}) != "email_not_valid"
    assert guide.settle(wording.match("hola").scenarios, {}) == NONE
    advice = guide.advise({"email": "yes"}, "email_not_valid", ON, IESS)
    assert advice.scenario == NONE and advice.route == "unknown"


def test_all_reasons_are_named_and_one_visit_is_enough():
    found = guide.advise({"email": "no", "first_key": "yes", "domestic": "yes"}, NONE, ON, IESS)
    assert {reason.code for reason in found.reasons} == {"email_not_valid", "first_key"}
    assert {"agreement", "utility_bill", "id_card"} <= {paper.code for paper in found.bring}


def test_everything_in_order_goes_online():
    said = {
        "email": "yes",
        "first_key": "no",
        "ruc_state": "active",
        "representative": "same",
        "branch": "found",
    }
    found = guide.advise(said, NONE, ON, IESS)
    assert (found.route, found.next, found.doubts) == ("online", "recover_online", ())


def test_unknown_is_a_doubt_and_never_a_guess():
    found = guide.advise({"key": "forgotten", "ruc_state": "unknown"}, NONE, ON, IESS)
    assert found.route == "online" and "ruc_not_active" in {doubt.code for doubt in found.doubts}


@pytest.mark.parametrize(
    ("given", "canonical"),
    [(("email", "sí"), "yes"), (("email", "none"), "no"), (("EMAIL", " Valid "), "yes"), (("key", "locked"), "blocked"), (("ruc_state", "PASIVO"), "closed"),
     (("message", ""), "unknown"), (("robot", "no sé"), "unknown"), (("deadline", "2026-12-15"), "2026-12-15"), (("deadline", "yes"), "contributions")],
)  # fmt: skip
def test_answers_are_understood_as_people_give_them(given, canonical):
    assert list(guide.parse_answers([given]).values()) == [canonical]


@pytest.mark.parametrize(("key", "value", "code"), [("nada", "x", "answer.key"), ("email", "quizás", "answer.value"), ("deadline", "2026-13-01", "answer.value")])  # fmt: skip
def test_other_answers_are_refused_with_the_choices(key, value, code):
    with pytest.raises(Refused) as refused:
        guide.parse_answer(key, value)
    assert refused.value.code == code and words.say(code, **refused.value.details)


def test_every_key_takes_unknown():
    assert all(guide.parse_answer(key, "unknown") == "unknown" for key in guide.VALUES)


# --- time and plan ---------------------------------------------------------------------------------


def test_the_institutions_own_figures_win_over_reported_ones():
    measured = Estimate("first_key", 2, 4, "working_days", "medido aquí", "measured")
    assert guide.advise({}, "first_key", ON, IESS).time.quality == "reported, unverified"
    assert guide.advise({}, "first_key", ON, IESS, measured=[measured]).time == measured


def test_minutes_over_a_day_of_eight_hours_are_days():
    reported = next(each for each in IESS.estimates if each.scenario == "representative_mismatch")
    assert guide.days_of(reported) == (0, 2)


def test_dates_and_slack_count_working_days():
    found = guide.advise({}, "ruc_not_active", ON, IESS, due_on=date(2026, 12, 15))
    assert (found.dates.from_, found.dates.to) == (date(2026, 12, 14), date(2026, 12, 23))
    assert found.dates.slack_days == -6 and found.plan.late
    assert {"other_centre", "waiting_list"} <= set(found.plan.alternatives)


def test_the_plan_goes_from_the_due_day_back_to_today():
    steps = {
        step.code: step.on
        for step in guide.advise(
            {}, "email_not_valid", ON, IESS, due_on=date(2026, 12, 15)
        ).plan.steps
    }
    assert (
        steps["triage"] == ON
        and steps["fix"] == date(2026, 12, 10)
        and steps["due"] == date(2026, 12, 15)
    )
    assert steps["latest_start"] == date(2026, 12, 10)


def test_what_takes_minutes_is_done_today_where_tomorrow_is_too_late():
    found = guide.estimate("none", "online", IESS.estimates)
    for due_on, fix in ((ON, ON), (date(2026, 12, 10), date(2026, 12, 10))):
        plan = guide.plan(ON, found, "online", due_on, IESS.calendar)
        assert next(step.on for step in plan.steps if step.code == "fix") == fix and not plan.late


def test_a_slot_that_comes_too_late_is_said_so():
    found = guide.estimate("email_not_valid", "visit", IESS.estimates)
    plan = guide.plan(
        ON, found, "visit", date(2026, 12, 15), IESS.calendar, slot_on=date(2026, 12, 28)
    )
    assert plan.late and plan.alternatives and plan.steps[-1].on > date(2026, 12, 28)


@pytest.mark.parametrize(
    ("kind", "on", "due"),
    [("contributions", date(2026, 2, 10), date(2026, 2, 18)), ("contributions", date(2026, 12, 20), date(2027, 1, 15)), ("entry_notice", ON, date(2026, 12, 24)),
     ("exit_notice", ON, date(2026, 12, 14))],
)  # fmt: skip
def test_the_next_due_day_of_each_duty(kind, on, due):
    assert guide.deadline(kind, on, IESS).due_on == due
    assert guide.due_from({"deadline": kind}, on, IESS) == due


def test_no_due_day_where_none_is_named():
    for said in ({}, {"deadline": "none"}, {"deadline": "unknown"}):
        assert guide.due_from(said, ON, IESS) is None


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 30))
def test_slack_is_negative_exactly_when_it_is_too_late(ready, days):
    due = ready + (date(2026, 1, 1 + days) - date(2026, 1, 1)) if days else ready
    assert guide.slack(ready, due, IESS.calendar) >= 0
    assert days == 0 or guide.slack(due, ready, IESS.calendar) < 0


def test_standings_are_never_fewer_than_three():
    for said, text in itertools.product(
        ({}, {"email": "no"}, {"robot": "loops", "key": "blocked"}),
        (None, "hola", "clave bloqueada"),
    ):
        match = wording.match(text) if text else None
        lead = guide.settle(match.scenarios, said) if match else NONE
        advice = guide.advise(said, lead, ON, IESS, because=guide.WORDING)
        found = guide.standings(advice, match, said)
        assert len(found) >= 3 and len({each.scenario for each in found}) == len(found)
        assert advice.scenario in (NONE, found[0].scenario)


def test_the_whole_table_has_times_and_exactly_one_action_each():
    rows = guide.table(IESS)
    assert {row.scenario for row in rows} == set(SCENARIOS) and len(rows) == len(SCENARIOS)
    assert all(row.time is not None and row.next in guide.ACTIONS for row in rows)


def test_an_unknown_scenario_is_refused():
    with pytest.raises(Refused, match="scenario.unknown"):
        guide.advise({}, "nada", ON, IESS)


def test_kinds_of_duty_are_those_of_the_calendar():
    assert set(guide.VALUES["deadline"]) == {"none", *workdays.KINDS}
