"""Until when a breach of personal data is told to whom.

Source: LOPDP arts. 43 and 46 as DOMAIN §5 and S-132 have them (read in a mirror of the law and a transcription): the
authority and ARCOTEL within a *término* of 5 days, persons within 3 where their rights are at risk, and who treats data for
somebody else tells that one within 2. A *término* counts working days, after the day on which it was known. Counsel has to
confirm this reading, and what the law of 22 May 2026 (R.O. 290) adds to art. 43 (the sector's regulator and the CSIRT).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from clavero.core.workdays import Calendar, add_workdays, between

AUTHORITY, ARCOTEL, SUBJECTS, CONTROLLER = RECIPIENTS = (
    "authority", "arcotel", "subjects", "controller",
)  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """One duty to tell: whom, in how many working days, by which article, counted from what is known.

    `of` is controller or processor: whose duty it is. `knows` is `breach`, or `risk` for the rights of persons.
    """

    to: str
    days: int
    article: str
    of: str = "controller"
    knows: str = "breach"


CLOCKS = (
    Clock(CONTROLLER, 2, "LOPDP art. 43", of="processor"),
    Clock(SUBJECTS, 3, "LOPDP art. 46", knows="risk"),
    Clock(AUTHORITY, 5, "LOPDP art. 43"),
    Clock(ARCOTEL, 5, "LOPDP art. 43"),
)


@dataclass(frozen=True)
class Due:
    """A duty with its last day; `left` working days remain (negative once lapsed), None where it was told.

    `sure` is False where the calendar has no rows for that year.
    """

    to: str
    due_on: date
    article: str
    left: int | None
    told_on: date | None = None
    sure: bool = True


def duties(
    known_on: date, risk_on: date | None, *, processor: bool, calendar: Calendar,
    told: Mapping[str, date], today: date,
) -> list[Due]:  # fmt: skip
    """What is to be told, the nearest first. Persons only from the day on which a risk for them was known."""
    starts = {"breach": known_on, "risk": risk_on}
    role = "processor" if processor else "controller"
    found = [
        _due(clock, start, calendar, told.get(clock.to), today)
        for clock in CLOCKS
        if clock.of == role and (start := starts[clock.knows]) is not None
    ]
    return sorted(found, key=lambda due: (due.told_on is not None, due.due_on))


def _due(clock: Clock, start: date, calendar: Calendar, told: date | None, today: date) -> Due:
    last = add_workdays(start, clock.days, calendar)
    left = between(today, last, calendar) if today <= last else -between(last, today, calendar)
    lapsed = min(left, -1) if today > last else left
    return Due(clock.to, last, clock.article, None if told else lapsed, told, calendar.covers(last))


REMIND_AT = 1
"""Working days left at which the operators are reminded of a term: a working day before its last, once."""


def is_near(due: Due) -> bool:
    """Whether the operators should have been reminded of a term: it waits, and a working day or less is left."""
    return due.left is not None and due.left <= REMIND_AT


def is_late(due: Due) -> bool:
    """Whether it lapsed untold, or was told after its day: then the reasons go with it (art. 43)."""
    return (due.left or 0) < 0 if due.told_on is None else due.told_on > due.due_on
