"""How the centre stands, and shutting it at once (H11)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.desk import case_forms as forms
from clavero.desk import floor, queries
from clavero.desk.doors import desk
from clavero.desk.models import Staff
from clavero.desk.views.common import AGAIN, to

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
only_read = require_http_methods(["GET", "HEAD"])


@only_read
@desk("count.read")
def load(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Who waits, who decides, and what is late."""
    context = {
        "centre": queries.centre_name(staff.centre), "now": now, "load": floor.load(staff.centre, now),
        "shut": queries.shut_since(staff.centre, now), "may_shut": rules.may(staff.role, "centre.shut"),
    }  # fmt: skip
    return render(request, "desk/load.html", context)


@get_or_post
@desk("centre.shut")
def shut(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Shut the own centre for the rest of the day, or open it again."""
    form = forms.Shut.bind(request.POST) if request.method == "POST" else forms.Shut()
    moved = None
    try:
        if request.POST.get("open"):
            floor.reopen(staff, now)
            return to("desk_load")
        if form.is_bound and form.ok:
            moved = floor.shut(staff, form["reason"], now)
    except Refused as refused:
        form.refuse("reason", refused)
    context = {
        "centre": queries.centre_name(staff.centre), "form": form, "moved": moved,
        "shut": queries.shut_since(staff.centre, now),
    }  # fmt: skip
    return render(request, "desk/shut.html", context, status=AGAIN)
