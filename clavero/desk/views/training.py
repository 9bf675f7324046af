"""A centre in training: put it there and back, and ask for a made-up case to practise with (H13)."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from clavero.core.errors import Refused
from clavero.desk import case_forms as forms
from clavero.desk import queries, training
from clavero.desk.doors import desk
from clavero.desk.models import Staff
from clavero.desk.views.common import AGAIN, to
from clavero.recovery import practice
from clavero.ui.plain_html import language

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
REASON = ("desk.reason_empty",)


@get_or_post
@desk("centre.change")
def centres(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Which centres are in training, and putting one there."""
    form = forms.Training.bind(request.POST) if request.method == "POST" else forms.Training({"centre": staff.centre})  # fmt: skip
    if form.is_bound and form.ok:
        try:
            training.begin(staff, form["centre"], form["reason"], now)
            return to("desk_training")
        except Refused as refused:
            form.refuse("reason" if refused.code in REASON else "centre", refused)
    return _page(request, form)


def _page(request: HttpRequest, form: forms.Training) -> HttpResponse:
    open_ones = [
        (training.open_of(code), queries.centre_name(code)) for code in sorted(training.places())
    ]
    return render(request, "desk/training.html", {"form": form, "open": open_ones}, status=AGAIN)


@require_POST
@desk("centre.change")
def end(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Back to work."""
    form = forms.Training.bind(request.POST)
    if not form.ok:
        return _page(request, form)
    try:
        training.end(staff, form["centre"], form["reason"], now)
    except Refused as refused:
        form.refuse("centre", refused)
        return _page(request, form)
    return to("desk_training")


@get_or_post
@desk("case.open")
def practise(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """A made-up case: its code to type, and what whoever plays the person says."""
    if not training.of(staff):
        raise Http404
    made_up = practice.by_code(request.POST.get("who", "")) if request.method == "POST" else None
    if made_up is None:
        return render(request, "desk/practise.html", {"everybody": practice.EVERYBODY})
    case, code = practice.open_case(made_up, staff=staff.number, language=language(), now=now)
    context = {"case": case, "code": code, "made_up": made_up}
    return render(request, "desk/practise_with.html", context)
