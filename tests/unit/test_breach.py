"""Until when whom to tell: working days after the day it was known (S-132)."""

from datetime import date

from clavero.core import breach
from clavero.core.workdays import Calendar
from clavero.institution import load

IESS = load("iess").calendar
FRIDAY, MONDAY = (
    date(2026, 2, 13),
    date(2026, 2, 16),
)  # carnival: Monday 16 and Tuesday 17 do not work


def dues(known=FRIDAY, risk=None, processor=False, told=None, today=FRIDAY, calendar=IESS):
    return breach.duties(known, risk, processor=processor, calendar=calendar, told=told or {}, today=today)  # fmt: skip


def test_five_working_days_for_authority_and_arcotel_over_carnival():
    """S-132"""
    assert {due.to: due.due_on for due in dues()} == {
        "authority": date(2026, 2, 24),
        "arcotel": date(2026, 2, 24),
    }


def test_three_for_persons_from_the_day_a_risk_was_known_and_only_then():
    """S-132"""
    found = {due.to: due.due_on for due in dues(risk=date(2026, 2, 18))}
    assert found["subjects"] == date(2026, 2, 23)
    assert "subjects" not in {due.to for due in dues()}


def test_two_for_who_treats_data_for_somebody_else_and_no_other_duty():
    """S-132"""
    (only,) = dues(processor=True, risk=FRIDAY)
    assert (only.to, only.due_on) == ("controller", date(2026, 2, 19))


def test_what_is_left_counts_working_days_and_lapses_the_day_after():
    left = {day: dues(today=day)[0].left for day in (FRIDAY, date(2026, 2, 23), date(2026, 2, 24), date(2026, 2, 25), date(2026, 3, 2))}  # fmt: skip
    assert list(left.values()) == [5, 1, 0, -1, -4]


def test_lapsed_on_a_weekend_is_lapsed():
    known = date(2026, 3, 6)  # a Friday: five working days end on the next one
    saturday = dues(known=known, today=date(2026, 3, 14))[0]
    assert saturday.due_on == date(2026, 3, 13) and saturday.left == -1 and breach.is_late(saturday)


def test_told_in_time_is_not_late_and_told_after_is_and_the_open_ones_come_first():
    told = {"authority": date(2026, 2, 20), "arcotel": date(2026, 2, 26)}
    found = {due.to: breach.is_late(due) for due in dues(told=told, today=date(2026, 3, 1))}
    assert found == {"authority": False, "arcotel": True}
    assert dues(told={"authority": FRIDAY})[0].to == "arcotel"


def test_a_year_that_the_calendar_does_not_cover_is_said():
    assert all(due.sure for due in dues())
    assert not any(due.sure for due in dues(calendar=Calendar()))


def test_every_clock_has_its_article():
    assert {clock.to for clock in breach.CLOCKS} == set(breach.RECIPIENTS)
    assert {(c.to, c.days) for c in breach.CLOCKS} == {("controller", 2), ("subjects", 3), ("authority", 5), ("arcotel", 5)}  # fmt: skip
    assert all(clock.article.startswith("LOPDP art. 4") for clock in breach.CLOCKS)
