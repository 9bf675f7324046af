"""What the pages of the desk share: going on, the home page, the duty."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clavero.core import staff as roles
from clavero.desk import duty as duties
from clavero.desk import queries, queue, staff_forms, texts
from clavero.desk.doors import AGAIN, SEE_OTHER, to
from clavero.desk.models import Staff
from clavero.desk.views import own
from clavero.ui.forms import Form
from clavero.ui.paper import Sheet, as_pdf

__all__ = ["AGAIN", "SEE_OTHER", "home_with", "paper_page", "said", "to"]


def said(response: HttpResponse, what: str) -> HttpResponse:
    """Say on the next page what was done."""
    response.headers["Location"] += f"?hecho={what}"
    return response


def paper_page(request: HttpRequest, sheet: Sheet, pdf: str, **more: object) -> HttpResponse:
    """A paper on a page that prints well, with the address of its PDF. `more`: back, onward, script, note."""
    context = {"sheet": sheet, "pdf": pdf, **more}
    return render(request, "desk/paper.html", context)


def paper_file(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """The same as PDF; where none can be made, as a page of the desk."""
    return as_pdf(request, sheet, "desk/no_pdf.html")


def home_with(request: HttpRequest, staff: Staff, now: datetime, form: Form) -> HttpResponse:
    """The day: agenda, queue, what is open, what was drawn; `form` is the one field on top."""
    day, duty = queries.local_day(now), duties.of(staff)
    if duty is None:
        refused = form.errors.get("continuation")
        begin = staff_forms.Duty()
        if refused:
            begin.refuse("counter", refused)
        return own.home_page(request, staff, begin)
    waiting = queries.queue(duty.centre, day)
    context = {
        "form": form, "staff": staff, "duty": duty, "day": day,
        "agenda": texts.turns(queries.agenda(duty.centre, day)),
        "queue": waiting, "visits": queries.open_visits(staff),
        "to_decide": queries.to_decide(staff),
        "minutes": queue.next_wait(duty.centre, now),
        "times": queries.times(duty.centre),
        "done": request.GET.get("hecho", ""),
        "may": {name.replace(".", "_") for name, act in roles.ACTS.items() if staff.role in act.roles},
    }  # fmt: skip
    return render(request, "desk/day.html", context, status=AGAIN)
