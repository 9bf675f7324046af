"""Working days, moved holidays, and the day a duty falls due.

Source: DOMAIN §4. Non-working days are dated rows in the profile; the original day of a moved
holiday works. Contributions are due on the 15th, rolled to the next working day; notices count 15
calendar days or 3 working days (LSS art. 73).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from clavero.core.errors import Refused

CONTRIBUTIONS, ENTRY, EXIT, SALARY = "contributions", "entry_notice", "exit_notice", "salary_notice"
KINDS = (CONTRIBUTIONS, ENTRY, EXIT, SALARY)
DUE_DAY, ENTRY_DAYS, NOTICE_WORKDAYS = 15, 15, 3
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Whoever types another year mistyped it, and near the ends of the calendar nothing can be reckoned."""
_WEEKEND = {5: "saturday", 6: "sunday"}


@dataclass(frozen=True)
class Calendar:
    """`days`: date → code of the holiday. `local`: canton → the same. `years`: those that the rows cover."""

    days: Mapping[date, str] = field(default_factory=dict)
    local: Mapping[str, Mapping[date, str]] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def covers(self, day: date) -> bool:
        """Whether the rows say anything about this day's year. Outside, an answer carries a doubt."""
        return day.year in self.years


def why_not(day: date, calendar: Calendar, canton: str = "") -> str:
    """Why `day` is no working day: saturday, sunday, holiday:CODE, local:CODE; "" where it works."""
    if day in calendar.days:
        return _WEEKEND.get(day.weekday()) or f"holiday:{calendar.days[day]}"
    if day in calendar.local.get(canton, {}):
        return f"local:{calendar.local[canton][day]}"
    return _WEEKEND.get(day.weekday(), "")


def is_workday(day: date, calendar: Calendar, canton: str = "") -> bool:
    return not why_not(day, calendar, canton)


def next_workday(day: date, calendar: Calendar, canton: str = "") -> date:
    """`day` itself where it works, else the first that does."""
    while not is_workday(day, calendar, canton):
        day += timedelta(days=1)
    return day


def add_workdays(day: date, count: int, calendar: Calendar, canton: str = "") -> date:
    """The working day `count` working days after `day` (before it, where negative); 0: the next that works."""
    step = timedelta(days=1 if count >= 0 else -1)
    if count == 0:
        return next_workday(day, calendar, canton)
    for _ in range(abs(count)):
        day += step
        while not is_workday(day, calendar, canton):
            day += step
    return day


def between(first: date, last: date, calendar: Calendar, canton: str = "") -> int:
    """How many working days lie after `first` up to and including `last`."""
    span = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(is_workday(day, calendar, canton) for day in span)


def moved(day: date, *, stays: bool = False) -> date:
    """Where the law of December 2016 puts a holiday: Tue → Mon, Wed and Thu → Fri, Sat → Fri, Sun → Mon.

    `stays`: 1 January, 25 December and Carnival are not moved within the week.
    """
    shift = {1: -1, 2: 2, 3: 1, 5: -1, 6: 1}.get(day.weekday(), 0)
    if stays and day.weekday() in (1, 2, 3):
        shift = 0
    return day + timedelta(days=shift)


@dataclass(frozen=True)
class Override:
    """A due day that an authority moved: for one month, perhaps one province."""

    kind: str
    """`contributions`."""
    due_month: str
    """The month in which the 15th falls, `YYYY-MM`."""
    due_on: date
    """The day instead."""
    province: str = ""
    """Where, in small letters; empty for the whole country."""
    source: str = ""
    """Who moved it."""


@dataclass(frozen=True)
class Deadline:
    """`because`: what moved it, day by day. `doubts`: "calendar.not_known" where no rows cover the year."""

    kind: str
    nominal_on: date
    due_on: date
    because: tuple[str, ...] = ()
    contribution_month: str = ""
    due_month: str = ""
    doubts: tuple[str, ...] = ()


def contributions(
    month: str, calendar: Calendar, overrides: tuple[Override, ...] = (), province: str = ""
) -> Deadline:
    """The day on which last month's contributions are due. `month` (`YYYY-MM`) is the one in which the 15th falls."""
    nominal = month_start(month).replace(day=DUE_DAY)
    due_on, because = _rolled(nominal, calendar)
    for override in overrides:
        if (override.kind, override.due_month) == (CONTRIBUTIONS, month) and override.province in (
            "",
            province,
        ):
            due_on, because = override.due_on, ("override:" + (override.province or "national"),)
    before = month_start(month) - timedelta(days=1)
    return Deadline(
        CONTRIBUTIONS, nominal, due_on, because, f"{before:%Y-%m}", month, _doubts(due_on, calendar)
    )


def next_contributions(
    day: date, calendar: Calendar, overrides: tuple[Override, ...] = (), province: str = ""
) -> Deadline:
    """The next day, from `day` on, on which contributions are due."""
    found = contributions(f"{day:%Y-%m}", calendar, overrides, province)
    if found.due_on >= day:
        return found
    month = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return contributions(f"{month:%Y-%m}", calendar, overrides, province)


def notice(kind: str, day: date, calendar: Calendar) -> Deadline:
    """The last day for a notice of what happened on `day`. Raises `Refused("deadline.kind")`."""
    if kind == ENTRY:
        nominal = day + timedelta(days=ENTRY_DAYS)
    elif kind in (EXIT, SALARY):
        nominal = add_workdays(day, NOTICE_WORKDAYS, calendar)
    else:
        raise Refused("deadline.kind")
    due_on, because = _rolled(nominal, calendar)
    return Deadline(kind, nominal, due_on, because, doubts=_doubts(due_on, calendar))


def month_start(month: str) -> date:
    """The first of `YYYY-MM`. Raises `Refused`: deadline.month, date.far."""
    return _parsed(f"{month}-01", "deadline.month", LAST_YEAR + 1)  # a day's next month is one, too


def day_of(text: str) -> date:
    """A day as it is typed, `YYYY-MM-DD`, from which one can reckon. Raises `Refused`: date.shape, date.far (first, last)."""
    return _parsed(text, "date.shape")


def _parsed(text: str, code: str, last: int = LAST_YEAR) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(code) from None
    if not FIRST_YEAR <= day.year <= last:
        raise Refused("date.far", first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _rolled(day: date, calendar: Calendar) -> tuple[date, tuple[str, ...]]:
    because = []
    while reason := why_not(day, calendar):
        because.append(reason)
        day += timedelta(days=1)
    return day, tuple(because)


def _doubts(day: date, calendar: Calendar) -> tuple[str, ...]:
    return () if calendar.covers(day) else ("calendar.not_known",)


def span(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
