"""What the page of centres and times shows, worked out once: sections, deadline, what else there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clavero.appointments import queries
from clavero.appointments.queries import Offer, Place
from clavero.core.profile import Service
from clavero.core.workdays import Deadline
from clavero.recovery import services

A_PAGE = 5
"""Centres on one page; the rest follow by a link."""
WHEN = ("any", "week", "deadline")


@dataclass(frozen=True)
class Search:
    """What is looked for, from the address: nothing personal. `when` is one of `WHEN`; `start` a first day."""

    near: str = ""
    when: str = "any"
    skip: int = 0
    start: date | None = None

    @property
    def place(self) -> Place:
        province, _, canton = self.near.partition("|")
        return Place(province, canton)


@dataclass(frozen=True)
class Section:
    """A centre on the page. `in_time`: its first time is before the deadline; `full_until`: the last day that is full."""

    offer: Offer
    in_time: bool
    full_until: date | None = None


@dataclass(frozen=True)
class Page:
    """`late` is the nearest centre where it comes after the deadline, `rescue` the first that does not."""

    sections: tuple[Section, ...]
    deadline: Deadline
    more: int = 0
    late: Offer | None = None
    rescue: Offer | None = None
    walk_in: int = 0


def page(search: Search, wanted: Service, now: datetime) -> Page:
    """The centres of one page, nearest first, with what they have free."""
    ranked = queries.nearest(search.place)
    deadline = services.next_deadline(now)
    first, days = window(search, deadline.due_on, now)
    shown = ranked[search.skip : search.skip + A_PAGE]
    offers = queries.free(search.place, first, days, wanted, now, centres=shown)
    sections = tuple(_section(offer, deadline.due_on) for offer in offers)
    late, rescue = _late(sections)
    return Page(
        sections, deadline, search.skip + A_PAGE if len(ranked) > search.skip + A_PAGE else 0, late, rescue,
        max((offer.quota for offer in offers[:1]), default=0),
    )  # fmt: skip


def window(search: Search, due_on: date, now: datetime) -> tuple[date, int]:
    """The first day and how many, for the choice of dates."""
    today = queries.local_day(now, services.home_zone())
    most = queries.rules().horizon_days + 1
    start = max(today, search.start or today)
    if search.when == "deadline":
        return today, max(1, min(most, (due_on - today).days + 1))
    return start, 7 if search.when == "week" else most - (start - today).days


def _section(offer: Offer, due_on: date) -> Section:
    first = offer.first
    in_time = first is not None and first.date() <= due_on
    full = first.date() - timedelta(days=1) if first and offer.is_full else None
    return Section(offer, in_time, full)


def _late(sections: Sequence[Section]) -> tuple[Offer | None, Offer | None]:
    """The nearest centre where it is open but late, and the first of the others that is not."""
    nearest = next((one for one in sections if one.offer.site.active), None)
    if nearest is None or nearest.in_time:
        return None, None
    return nearest.offer, next((one.offer for one in sections if one.in_time), None)
