"""What the pages of the desk share: going on, the home page, the duty."""

from datetime import datetime

from clavero.desk.models import Duty, Staff
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from clavero.core import staff as roles
from clavero.desk import queries, queue
from clavero.ui.forms import Form

SEE_OTHER, AGAIN = 303, 200


def to(name: str, *args: object) -> HttpResponse:
    """The next page, by an address of its own: Back and reload repeat nothing."""
    return HttpResponseRedirect(reverse(name, args=args), status=SEE_OTHER)


def said(response: HttpResponse, what: str) -> HttpResponse:
    """Say on the next page what was done."""
    response.headers["Location"] += f"?hecho={what}"
    return response


def duty_of(staff: Staff) -> Duty | None:
    """Where this member of staff is on duty now."""
    return Duty.objects.filter(staff=staff, until=None).first()


def home_with(request: HttpRequest, staff: Staff, now: datetime, form: Form) -> HttpResponse:
    """The day: agenda, queue, what is open, what was drawn; `form` is the one field on top."""
    day, duty = queries.local_day(now), duty_of(staff)
    waiting = queries.queue(duty.centre, day) if duty else []
    context = {
        "form": form, "staff": staff, "duty": duty, "day": day,
        "agenda": queries.agenda(duty.centre, day) if duty else [],
        "queue": waiting, "visits": queries.open_visits(staff),
        "to_decide": queries.to_decide(staff),
        "minutes": queue.next_wait(duty.centre, now) if duty else 0,
        "done": request.GET.get("hecho", ""),
        "may": {name.replace(".", "_") for name, act in roles.ACTS.items() if staff.role in act.roles},
    }  # fmt: skip
    return render(request, "desk/day.html", context, status=AGAIN)
