"""Requests at a desk: noted by who attends, answered by the operators, with the days that remain."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clavero.core import rights
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import DOMESTIC_SUFFIX
from clavero.desk.doors import AGAIN, desk, to
from clavero.desk.models import Staff
from clavero.desk.views.common import said
from clavero.rights import forms, services, subject
from clavero.rights.models import Request
from clavero.rights.services import Asked
from clavero.rights.subject import Subject
from clavero.rights.views import copy, described, stays
from clavero.ui.forms import Form

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
CLOSED_SHOWN = 20


@get_or_post
@desk("rights.note")
def note(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Note what somebody asks: who, what, which documents were seen. The clock runs from now."""
    form = forms.Note.bind(request.POST) if request.method == "POST" else forms.Note()
    if form.is_bound and form.ok:
        try:
            made = services.receive(_asked(form, request.LANGUAGE_CODE), _about(form), staff, now)
            return said(to("desk_right_note"), made.number)
        except Refused as refused:
            form.refuse(_field(refused.code), refused)
    noted = request.GET.get("hecho", "-")  # a database refuses a text with a NUL: no number has one
    done = Request.objects.filter(number=noted).first() if noted.isprintable() else None
    return render(request, "rights/note.html", {"form": form, "made": done}, status=AGAIN)


def _field(code: str) -> str:
    """Where on the form a refusal is said."""
    return {"ruc": "ruc", "training": "what"}.get(code.partition(".")[0], "identification")


def _asked(form: Form, lang: str) -> Asked:
    return Asked(form["kind"], form["what"], form["who"], form["reach"], form["proof"], lang)


def _about(form: Form) -> Subject | None:
    """Whom it is about, where the register knows this person for this employer; nothing is said either way."""
    ruc = form["ruc"] or form["identification"] + DOMESTIC_SUFFIX
    try:
        return subject.find(ruc, form["identification"])
    except Refused as refused:
        if refused.code == "rights.not_held":
            return None
        raise


@require_safe
@desk("rights.answer")
def everything(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The open requests by their day, and the last that were closed."""
    waiting = Request.objects.filter(state=rights.RECEIVED).order_by("due_on", "received_at")
    closed = Request.objects.exclude(state=rights.RECEIVED).order_by("-answered_at")[:CLOSED_SHOWN]
    context = {
        "waiting": [described(one, now) for one in waiting],
        "closed": [described(one, now) for one in closed],
    }
    return render(request, "rights/requests.html", context)


@get_or_post
@desk("rights.answer")
def one(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """One request: what is asked and proved, a copy to hand over, and the answer."""
    asked = Request.objects.filter(pk=pk).first()
    if asked is None:
        return to("desk_rights")
    form = forms.Decide.bind(request.POST) if request.method == "POST" else forms.Decide()
    if form.is_bound and form.ok:
        try:
            services.decide(asked, form["decision"], form["reason"], form["words"], staff, now)
            return to("desk_right", pk)
        except Refused as refused:
            form.refuse("reason" if refused.code == "rights.reason" else "decision", refused)
    context = {
        "form": form, "asked": described(asked, now), "stays": stays(),
        "open": asked.state == rights.RECEIVED, "has_copy": _copied(asked, staff) is not None,
    }  # fmt: skip
    return render(request, "rights/request.html", context, status=AGAIN)


def _copied(asked: Request, staff: Staff) -> Subject | None:
    """Whose data this person may copy for the request: a copy that somebody else noted, of a person who was seen.

    Who asked from the account takes the copy there, with the key.
    """
    noted_by_another = asked.noted_by not in (0, staff.number)
    may = asked.kind == rights.ACCESS and noted_by_another and asked.proof != rights.NOTHING
    return None if not may else subject.of_request(asked)


@require_POST
@desk("rights.answer")
def copied(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The copy that answers a request, as a file."""
    asked = Request.objects.filter(pk=pk, state=rights.RECEIVED).first()
    who = _copied(asked, staff) if asked else None
    if who is None:
        return to("desk_rights")
    return copy(request, who, request.POST.get("format", "pdf"), now, staff)
