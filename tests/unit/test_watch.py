"""What is out of the ordinary: each rule fires on what was sown for it, and on nothing that is usual (S-054, S-076)."""

from datetime import UTC, datetime, timedelta

import pytest

from clavero import words
from clavero.core import slots, watch
from clavero.core.profile import Watch
from clavero.core.slots import Site
from clavero.core.watch import ALARMS, ASKED, DECIDED, METRICS, RULES, VISIT, Deed
from clavero.core.workdays import Calendar

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)
USUAL = Watch()
QUIET = dict.fromkeys(METRICS, 0)


def days_ago(n: float) -> datetime:
    return NOW - timedelta(days=n)


def usual_work() -> list[Deed]:
    """Two officers and two who decide, four weeks long: eight visits a day at different employers, a tenth sent back."""
    found = []
    for day in range(1, 29):
        for n in range(8):
            for staff in (101, 102):
                at, employer = days_ago(day) + timedelta(minutes=25 * n), f"{staff}-{day}-{n}"
                outcome = "sent_back" if n == 0 and day % 2 else watch.APPROVED
                found += [
                    Deed(VISIT, staff, at, employer),
                    Deed(ASKED, staff, at, outcome=outcome),
                    Deed(DECIDED, staff + 100, at, outcome=outcome),
                ]
    return found


SOWN = {
    "visits_an_hour": [Deed(VISIT, 7, days_ago(2) + timedelta(minutes=4 * n), f"e{n}") for n in range(13)],
    "out_of_hours": [Deed(VISIT, 7, days_ago(n), f"e{n}", open=False) for n in (1, 2, 3)],
    "same_employer": [Deed(VISIT, 7, days_ago(5 * n), "the same") for n in range(1, 5)],
    "not_approved_percent": [Deed(ASKED, 7, days_ago(n), outcome="refused" if n % 2 else watch.APPROVED) for n in range(1, 13)],
    "approved_percent": [Deed(DECIDED, 7, days_ago(n / 2), outcome=watch.APPROVED) for n in range(1, 51)],
}  # fmt: skip


def test_an_answer_settles_its_count_for_its_days_and_no_more():
    now = datetime(2026, 11, 25, 15, tzinfo=UTC)
    question = watch.Question("out_of_hours", 7, 12, 5, 30)
    day = timedelta(days=1)
    for answered, settles in (
        (watch.Answered("out_of_hours", 7, 12, now - 29 * day), True),
        (watch.Answered("out_of_hours", 7, 20, now), True),
        (watch.Answered("out_of_hours", 7, 11, now), False),
        (watch.Answered("out_of_hours", 8, 12, now), False),
        (watch.Answered("same_employer", 7, 12, now), False),
        (watch.Answered("out_of_hours", 7, 12, now - 31 * day), False),
    ):
        assert watch.is_answered(question, [answered], now) is settles, answered


def test_usual_work_asks_nothing():
    assert watch.questions(usual_work(), USUAL, NOW) == []


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_each_rule_fires_on_what_was_sown_for_it_and_on_nobody_else(code):
    found = watch.questions(usual_work() + SOWN[code], USUAL, NOW)
    assert [(one.code, one.staff) for one in found] == [(code, 7)]
    assert found[0].count > found[0].limit == getattr(USUAL, code)


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_one_less_is_usual_and_old_deeds_pass(code):
    assert watch.questions(SOWN[code], USUAL, NOW + timedelta(days=60)) == []
    fewer = [deed for deed in SOWN[code][1:] if deed.outcome != "refused"]
    assert watch.questions(fewer, USUAL, NOW) == []


def test_a_question_says_what_was_counted_and_asks_in_both_languages():
    assert set(SOWN) == {rule.code for rule in RULES}
    for deeds in SOWN.values():
        (one,) = watch.questions(deeds, USUAL, NOW)
        said = [words.say(one.said, lang, count=one.count, limit=one.limit, days=one.days) for lang in ("es", "en")]  # fmt: skip
        assert str(one.count) in said[0] and said[0] != said[1]
        assert words.say(one.asks).startswith("¿") and words.say(one.asks, "en").endswith("?")


def test_a_centre_is_open_by_its_own_clock_and_calendar_with_an_hours_grace():
    week = {day: [["08:00", "16:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    site = Site("America/Guayaquil", slots.parse_hours(week))
    wednesday = datetime(2026, 11, 25, tzinfo=UTC)
    plain, feast = Calendar(), Calendar({wednesday.date(): "feast"})

    def open_at(hour: float, calendar: Calendar = plain, days: int = 0) -> bool:
        return watch.in_hours(site, wednesday + timedelta(days=days, hours=hour + 5), calendar)

    assert open_at(8) and open_at(7.2) and open_at(17.4)
    assert not open_at(6.5) and not open_at(18) and not open_at(10, days=3)
    assert not open_at(10, feast)
    nobody_wrote = Site("America/Guayaquil", slots.parse_hours({}))
    assert watch.in_hours(nobody_wrote, wednesday, plain)


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.code)
def test_each_alarm_rings_above_its_limit_and_not_at_it(alarm):
    assert not alarm.fires(QUIET | {alarm.counts: alarm.limit})
    numbers = QUIET | {alarm.counts: alarm.limit + 1}
    assert watch.ringing(numbers) == [alarm]
    if alarm.beside:
        assert not alarm.fires(numbers | {alarm.beside: 100 * (alarm.limit + 1)}), (
            "a busy day is no attack"
        )
    assert words.say(alarm.said, count=1) != words.say(alarm.said, "en", count=1)
