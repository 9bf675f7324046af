"""How long waiting and being served took, from the numbers of every centre's queue (G12). Tickets hold no person."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from clavero.appointments import queries as calendar
from clavero.appointments import services as appointments
from clavero.appointments.models import Measured
from clavero.core import slots
from clavero.desk import queries, queue
from clavero.desk.models import Ticket
from clavero.recovery.models import Case

Took = tuple[tuple[str, str, str], float]
WAITS = {queue.BOOKED: Measured.BOOKED_WAIT, queue.WALK_IN: Measured.WALK_IN_WAIT}


def due(now: datetime) -> int:
    """Measure once a day. Called by the worker, before the numbers that were measured are forgotten."""
    today = queries.local_day(now)
    return measure(today) if calendar.measured_on() != today else 0


def measure(today: date) -> int:
    """What the numbers of the last weeks say, as ranges; how many there are."""
    took: dict[tuple[str, str, str], list[float]] = {}
    for key, minutes in _spans(today - timedelta(days=calendar.rules().measured_days)):
        took.setdefault(key, []).append(minutes)
    return appointments.measure(took, today)


def _spans(since: date) -> Iterator[Took]:
    """Every span of every number that was served: the wait, the visit by its service, and by none."""
    served = Ticket.objects.filter(state=Ticket.SERVED, day__gte=since, called_at__isnull=False)
    services = _services(served)
    columns = ("centre", "line", "case_id", "issued_at", "called_at", "ended_at")
    for centre, line, case_id, issued_at, called_at, ended_at in served.values_list(*columns):
        yield (centre, WAITS[line], ""), (called_at - issued_at).total_seconds() / 60
        for service in {"", services.get(case_id, "")} if ended_at else ():
            yield (centre, Measured.VISIT, service), (ended_at - called_at).total_seconds() / 60


def _services(served: QuerySet[Ticket]) -> dict[int, str]:
    """What each case came for; one that is forgotten counts among all."""
    found = Case.objects.filter(pk__in=served.values("case_id")).values_list("pk", "declared")
    known = calendar.rules().services
    return {pk: slots.service_for(declared, known).code for pk, declared in found}
