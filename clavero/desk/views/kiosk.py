"""The kiosk of a centre: a number for the queue, a case opened alone, a key created away from every officer (M07)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from clavero import clock
from clavero.core.errors import Refused
from clavero.desk import case_forms as forms
from clavero.desk import papers, queries, queue, training
from clavero.desk.models import Ticket
from clavero.desk.views.common import AGAIN, to
from clavero.recovery import handles, services, visits
from clavero.throttle import queries as askers
from clavero.throttle.services import Charge

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_http_methods(["GET", "HEAD"])
def kiosk(request: HttpRequest, centre: str) -> HttpResponse:
    """What one may do here without anybody's help."""
    return render(request, "desk/kiosk.html", {"centre": _named(centre), "code": centre})


def _named(centre: str) -> str:
    name = queries.known_centre(centre)
    if name is None or training.is_on(centre):
        raise Http404
    return name


@get_or_post
def number(request: HttpRequest, centre: str) -> HttpResponse:
    """A number for the queue: A for who has an appointment here today, B for everybody else."""
    name, now = _named(centre), clock.now()
    form = forms.KioskNumber.bind(request.POST) if request.method == "POST" else forms.KioskNumber()
    if not form.is_bound or not form.ok:
        return render(request, "desk/kiosk_number.html", {"form": form, "centre": name, "code": centre}, status=AGAIN)  # fmt: skip
    try:
        given = _given(request, centre, form["continuation"])
    except Refused as refused:
        form.refuse("continuation", refused)
        return render(request, "desk/kiosk_number.html", {"form": form, "centre": name, "code": centre}, status=AGAIN)  # fmt: skip
    sheet = papers.ticket(given, queue.wait_minutes(given, now), name)
    return render(request, "desk/kiosk_ticket.html", {"sheet": sheet, "code": centre})


def _given(request: HttpRequest, centre: str, typed: str) -> Ticket:
    now = clock.now()
    services.spend(Charge("kiosk_try", f"{centre}|{askers.asker(request)}"), now=now)
    if queries.shut_since(centre, now):
        raise Refused("queue.shut")
    if not typed:
        return queue.issue(centre, queue.WALK_IN, now)
    case = visits.by_continuation(typed, now)
    booked = queries.has_turn_today(case, centre, now)
    return queue.issue(centre, queue.BOOKED if booked else queue.WALK_IN, now, case_id=case.pk)


@require_POST
def clear(request: HttpRequest, centre: str) -> HttpResponse:
    """«Salir»: the next person finds nothing of the last one."""
    response = to("kiosk", centre)
    for name in (handles.CASES, handles.DRAFT, handles.SHOWN):
        response.delete_cookie(name)
    request.session.flush()
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
