"""How a centre stands now, with the clocks that run against what was promised; and shutting it at once (H11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from clavero.appointments import queries as appointments
from clavero.appointments import services as time
from clavero.appointments.models import Centre
from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.desk import queries, queue
from clavero.desk.approvals import DECIDE_WITHIN
from clavero.desk.models import Approval, Staff, Ticket

LONG_WAIT = timedelta(minutes=30)
"""Who waits longer than this is named first. Our choice: nobody has published a promise."""
SHUT = ("emergency", "power_cut", "works")


@dataclass(frozen=True)
class Clock:
    """Something that waits: `what` it is called, since when, until when it was promised, whether that is over."""

    what: str
    since: datetime
    until: datetime
    late: bool


@dataclass(frozen=True)
class Load:
    """A centre at one moment: who waits, how many counters attend, how long a newcomer would wait, in minutes."""

    waiting: int
    called: int
    counters: int
    minutes: int
    queue: list[Clock]
    decisions: list[Clock]


def load(centre: str, now: datetime) -> Load:
    """The queue and the decisions of a centre, the longest wait first."""
    day = queries.local_day(now)
    tickets = queries.queue(centre, day)
    waiting = [one for one in tickets if one.state == Ticket.WAITING]
    asked = Approval.objects.filter(decision="", asked_by__centre=centre).select_related("case")
    return Load(
        len(waiting),
        sum(one.state == Ticket.CALLED for one in tickets),
        queries.counters_open(centre, now),
        queue.next_wait(centre, now),
        [_clock(str(one), one.issued_at, LONG_WAIT, now) for one in waiting],
        [_clock(one.case.number, one.asked_at, DECIDE_WITHIN, now) for one in asked.order_by("asked_at")],
    )  # fmt: skip


def _clock(what: str, since: datetime, promised: timedelta, now: datetime) -> Clock:
    return Clock(what, since, since + promised, now > since + promised)


def shut(staff: Staff, reason: str, now: datetime) -> int:
    """Shut the own centre from this minute to the end of its day. Returns how many appointments the worker moves.

    Of two who press at once one shuts it: the centre's row is held meanwhile. Raises `Refused`: floor.reason,
    floor.shut_already, duty.no_centre.
    """
    if reason not in SHUT:
        raise Refused("floor.reason")
    with transaction.atomic():
        site = _held(staff)
        if queries.closings_now(site, now).exists():
            raise Refused("floor.shut_already")
        day = appointments.local_day(now, site.zone)
        affected = time.close(
            day, reason, now, centre=site, first=queries.local_minute(site, now), actor=staff.role, staff=staff.number
        )  # fmt: skip
    return sum(one.centre_id == site.pk and one.day == day for one in affected)


def reopen(staff: Staff, now: datetime) -> None:
    """The own centre attends again from this minute; what was moved stays moved. Raises `Refused`: floor.not_shut, duty.no_centre."""
    with transaction.atomic():
        site = _held(staff)
        if not queries.closings_now(site, now).update(last=queries.local_minute(site, now)):
            raise Refused("floor.not_shut")
        audit.record("closure_ended", actor=staff.role, data={"staff": staff.number})


def _held(staff: Staff) -> Centre:
    site = Centre.objects.select_for_update().filter(code=staff.centre).first()
    if site is None:
        raise Refused("duty.no_centre")
    return site
