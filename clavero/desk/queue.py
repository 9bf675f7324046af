"""The queue of a centre: a ticket with a number, called to a counter (G11, G12)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from clavero.core import counter
from clavero.core.errors import Refused
from clavero.desk import queries, training
from clavero.desk.models import Duty, Staff, Ticket

BOOKED, WALK_IN = "A", "B"
USUAL_MINUTES = 15.0
TRIES = 20


def issue(centre: str, line: str, now: datetime, case_id: int | None = None) -> Ticket:
    """The next number of the day: A with an appointment, B without. The same case gets the same ticket again."""
    day = queries.local_day(now)
    if case_id is not None:
        held = Ticket.objects.filter(centre=centre, day=day, case_id=case_id).exclude(
            state=Ticket.LEFT
        )
        if found := held.first():
            return found
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _next(centre, day, line, now, case_id)
        except IntegrityError:
            continue
    raise Refused("queue.busy")


def _next(centre, day, line, now, case_id) -> Ticket:  # type: ignore[no-untyped-def]
    today = Ticket.objects.filter(centre=centre, day=day, line=line)
    last = today.aggregate(last=Max("number"))["last"] or 0
    return Ticket.objects.create(
        centre=centre,
        day=day,
        line=line,
        number=last + 1,
        issued_at=now,
        case_id=case_id,
        training=training.is_on(centre),
    )


def call_next(staff: Staff, duty: Duty, now: datetime) -> Ticket:
    """Call whoever waits longest to this counter. Two officers never call the same. Raises `Refused("queue.empty")`."""
    waiting = Ticket.objects.filter(
        centre=duty.centre, day=queries.local_day(now), state=Ticket.WAITING
    )
    for ticket in waiting.order_by("issued_at", "line")[:20]:
        if _take(ticket, Ticket.WAITING, staff, duty, now):
            return ticket
    raise Refused("queue.empty")


def call(ticket: Ticket, staff: Staff, duty: Duty, now: datetime) -> None:
    """Call one that waits or was put on hold. Raises `Refused("queue.taken")`."""
    if not _take(ticket, ticket.state, staff, duty, now):
        raise Refused("queue.taken")


def _take(ticket: Ticket, state: str, staff: Staff, duty: Duty, now: datetime) -> bool:
    row = Ticket.objects.filter(pk=ticket.pk, state=state).exclude(
        state__in=[Ticket.SERVED, Ticket.LEFT]
    )
    changes = {"state": Ticket.CALLED, "called_at": now, "counter": duty.counter, "staff": staff}
    if not row.update(**changes):
        return False
    ticket.refresh_from_db()
    return True


def put(ticket: Ticket, state: str, now: datetime) -> None:
    """Hold, served or left. Raises `Refused("queue.taken")` where it is over."""
    over = [Ticket.SERVED, Ticket.LEFT]
    row = Ticket.objects.filter(pk=ticket.pk).exclude(state__in=over)
    ended = {"ended_at": now} if state in over else {}
    if not row.update(state=state, **ended):
        raise Refused("queue.taken")
    ticket.state = state


def wait_minutes(ticket: Ticket, now: datetime) -> int:
    """How long this ticket waits still, from what was measured today."""
    ahead = [
        one
        for one in queries.queue(ticket.centre, ticket.day)
        if one.state == Ticket.WAITING and one.issued_at < ticket.issued_at
    ]
    return counter.waiting_minutes(
        len(ahead),
        queries.counters_open(ticket.centre, now),
        queries.service_minutes(ticket.centre, ticket.day)[-20:],
        USUAL_MINUTES,
    )


def has_waiting(centre: str, now: datetime) -> int:
    """How many wait here now."""
    return Ticket.objects.filter(
        centre=centre, day=queries.local_day(now), state=Ticket.WAITING
    ).count()


def next_wait(centre: str, now: datetime) -> int:
    """How long somebody who comes now would wait."""
    day = queries.local_day(now)
    return counter.waiting_minutes(
        has_waiting(centre, now),
        queries.counters_open(centre, now),
        queries.service_minutes(centre, day)[-20:],
        USUAL_MINUTES,
    )
