"""The calendar and the days on which duties fall due."""

import csv
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clavero.core import workdays
from clavero.core.errors import Refused
from clavero.institution import load

CALENDAR = load("iess").calendar
days = st.dates(date(2024, 1, 1), date(2028, 11, 30))


@pytest.mark.shared
def test_the_table_of_non_working_days_is_reproduced(shared_data):
    with (shared_data / "ec_nonworking_days_2024_2027.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rest = {row["date"] for row in rows if row["status"] != "moved_original_day"}
    assert {day.isoformat() for day in CALENDAR.days if day.year < 2028} == rest


@pytest.mark.shared
def test_the_table_of_deadlines_is_reproduced(shared_data):
    with (shared_data / "iess_payment_deadlines_2025_2027.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 36
    for row in rows:
        found = workdays.contributions(row["month_due"], CALENDAR)
        assert found.due_on.isoformat() == row["effective_next_business_day_DERIVED"]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2025-05-01", True),
        ("2025-10-09", True),
        ("2026-01-02", False),
        ("2025-05-02", False),
        ("2027-08-10", True),
        ("2027-08-09", False),
    ],
)
def test_the_original_day_of_a_moved_holiday_works(day, works):
    assert workdays.is_workday(date.fromisoformat(day), CALENDAR) is works


@pytest.mark.parametrize(
    ("weekday", "moved"),
    [
        ("2024-10-08", "2024-10-07"),
        ("2024-05-01", "2024-05-03"),
        ("2025-05-01", "2025-05-02"),
        ("2025-05-24", "2025-05-23"),
        ("2026-05-24", "2026-05-25"),
        ("2026-10-09", "2026-10-09"),
    ],
)
def test_holidays_move_as_the_law_says(weekday, moved):
    assert workdays.moved(date.fromisoformat(weekday)) == date.fromisoformat(moved)


def test_new_year_and_christmas_stay_within_the_week():
    assert workdays.moved(date(2026, 1, 1), stays=True) == date(2026, 1, 1)
    assert workdays.moved(date(2027, 12, 25), stays=True) == date(2027, 12, 24)


def test_february_2026_waits_for_carnival():
    found = workdays.contributions("2026-02", CALENDAR)
    assert found.due_on == date(2026, 2, 18)
    assert found.because == ("sunday", "holiday:carnival", "holiday:carnival")


def test_a_province_may_have_another_day():
    overrides = load("iess").deadline_overrides
    assert workdays.contributions("2025-10", CALENDAR, overrides, "imbabura").due_on == date(
        2025, 12, 10
    )
    assert workdays.contributions("2025-10", CALENDAR, overrides, "loja").due_on == date(
        2025, 10, 15
    )


def test_notices_count_fifteen_days_or_three_working_days():
    assert workdays.notice("entry_notice", date(2026, 11, 2), CALENDAR).due_on == date(2026, 11, 17)
    assert workdays.notice("exit_notice", date(2026, 11, 20), CALENDAR).due_on == date(2026, 11, 25)
    with pytest.raises(Refused):
        workdays.notice("wedding", date(2026, 1, 1), CALENDAR)


@pytest.mark.parametrize("year", [1, 1899, 2202, 9999])
def test_a_year_from_which_nothing_can_be_reckoned_is_no_day(year):
    for typed in (f"{year:04}-01-01", f"{year:04}-12-31"):
        with pytest.raises(Refused, match=r"^date\.far"):
            workdays.day_of(typed)
        with pytest.raises(Refused, match=r"^date\.far"):
            workdays.contributions(typed[:7], CALENDAR)


@pytest.mark.parametrize("typed", ["1900-01-01", "2200-12-31"])
def test_the_first_and_the_last_day_can_be_reckoned_with(typed):
    day = workdays.day_of(typed)
    assert day.isoformat() == typed and workdays.notice("exit_notice", day, CALENDAR).due_on > day
    assert workdays.next_contributions(day, CALENDAR).due_on >= day


def test_a_year_without_rows_is_a_doubt():
    assert workdays.contributions("2040-05", CALENDAR).doubts == ("calendar.not_known",)


def test_a_cantons_own_holiday_counts_there_alone():
    here = workdays.Calendar(
        CALENDAR.days, {"latacunga": {date(2026, 11, 11): "latacunga"}}, CALENDAR.years
    )
    assert workdays.why_not(date(2026, 11, 11), here, "latacunga") == "local:latacunga"
    assert workdays.is_workday(date(2026, 11, 11), here, "quito")


@given(days)
def test_the_next_workday_works_and_nothing_between_does(day):
    found = workdays.next_workday(day, CALENDAR)
    assert workdays.is_workday(found, CALENDAR) and found >= day
    assert not any(
        workdays.is_workday(each, CALENDAR)
        for each in workdays.span(day, found - timedelta(days=1))
    )


@given(days, st.integers(1, 20))
def test_counting_there_and_back_comes_home(day, count):
    start = workdays.next_workday(day, CALENDAR)
    end = workdays.add_workdays(start, count, CALENDAR)
    assert workdays.between(start, end, CALENDAR) == count
    assert workdays.add_workdays(end, -count, CALENDAR) == start
