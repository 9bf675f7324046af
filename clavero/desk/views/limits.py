"""Which limits are full and why somebody cannot go on; lifting one, with a reason (C14)."""

from dataclasses import asdict
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clavero.core.errors import Refused
from clavero.desk import attacks, limits, staff_forms
from clavero.desk.doors import AGAIN, desk, to
from clavero.desk.limits import Whose
from clavero.desk.models import Staff
from clavero.desk.views.common import said
from clavero.institution import profile
from clavero.privacy import handles
from clavero.throttle import blocks

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
FOUND, SECONDS = "limits_found", 900


@get_or_post
@desk("limits.lift")
def overview(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The networks that are refused now, the limits of everybody, and looking an address up."""
    form = staff_forms.Network.bind(request.POST) if request.method == "POST" else staff_forms.Network()  # fmt: skip
    whose = form.parse("address", limits.network) if form.is_bound else None
    if whose is not None and form.ok:
        return _found(request, whose, now)
    context = {
        "form": form,
        "networks": blocks.refusing(now),
        "everybody": blocks.of_everybody(now),
        "alarms": attacks.ringing(now),
        "done": request.GET.get("hecho", ""),
    }
    return render(request, "desk/limits.html", context, status=AGAIN)


@get_or_post
@desk("limits.lift")
def employer(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The limits of one employer number, as the person types it."""
    form = staff_forms.Numbers.bind(request.POST) if request.method == "POST" else staff_forms.Numbers()  # fmt: skip
    if form.is_bound and form.ok:
        try:
            whose = limits.employer(form["ruc"], form["branch"], form["identification"])
            return _found(request, whose, now)
        except Refused as refused:
            form.refuse(_field(refused), refused)
    return render(request, "desk/limits_employer.html", {"form": form}, status=AGAIN)


def _field(refused: Refused) -> str:
    places = {"ruc": "ruc", "sucursal": "branch", "cedula": "identification", "foreign_id": "identification"}  # fmt: skip
    return places.get(refused.code.partition(".")[0], "ruc")


@require_safe
@desk("limits.lift")
def network(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """One of the networks that are refused."""
    name = blocks.refusing_one(pk)
    if name is None:
        raise Http404
    return _found(request, Whose(network=name), now)


def _found(request: HttpRequest, whose: Whose, now: datetime) -> HttpResponse:
    """How their limits stand. What was typed rides sealed in the page and stands in no address."""
    rows = [{"one": each, "held": _seal(whose, each.name)} for each in limits.standing(whose, now)]
    return render(request, "desk/limits_found.html", {"whose": whose, "rows": rows}, status=AGAIN)


def _seal(whose: Whose, bucket: str) -> str:
    return handles.seal(asdict(whose) | {"bucket": bucket}, FOUND)


@require_POST
@desk("limits.lift")
def lift(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """What lifting gives, then the reason, then the deed."""
    found = handles.open(request.POST.get("held", ""), FOUND, SECONDS)
    if found is None:
        return to("desk_limits")
    bucket, whose = found.pop("bucket"), Whose(**found)
    form = staff_forms.Lift.bind(request.POST) if "reason" in request.POST or "sure" in request.POST else staff_forms.Lift()  # fmt: skip
    if form.is_bound and form.ok:
        try:
            limits.lift(whose, bucket, form["reason"], by=staff.number, now=now)
            return said(to("desk_limits"), "lifted")
        except Refused as refused:
            form.refuse("reason", refused)
    one = next((each for each in limits.standing(whose, now) if each.name == bucket), None)
    context = {"form": form, "one": one, "whose": whose, "held": request.POST["held"], "most": profile().buckets["clear_block"].limit}  # fmt: skip
    return render(request, "desk/limits_lift.html", context, status=AGAIN)
