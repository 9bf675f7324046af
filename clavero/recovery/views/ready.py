"""Which papers the person has, what is missing, and a photo of one before the visit (F05)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero import words
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.recovery import handles, prepared, sheets
from clavero.recovery.models import Case
from clavero.recovery.views.common import AGAIN, in_case, slow_down, to
from clavero.throttle import queries as askers
from clavero.ui.plain_html import language

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@in_case(visiting=True)
def papers_ready(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Tick what is there; see what is missing."""
    if request.method == "POST":
        if case.state in prepared.OPEN:
            prepared.tick(case, request.POST.getlist("have"), now)
        answer = to("case_ready", case.ref)
        answer.headers["Location"] += "?guardado=1"
        return handles.hold(request, answer, case, now)
    have, may = prepared.of(case), prepared.may_send(case)
    rows = [
        {"paper": paper, "has": paper.code in have, "may": paper.code in may, "sent": have.get(paper.code)}
        for paper in sheets.papers_of(case)
    ]  # fmt: skip
    context = {
        "case": case, "rows": rows, "saved": "guardado" in request.GET, "open": case.state in prepared.OPEN,
        "missing": [row["paper"] for row in rows if not row["has"]],
        "to_send": [row for row in rows if row["has"] and row["may"]],
    }  # fmt: skip
    return render(request, "recovery/ready.html", context)


@get_or_post
@in_case(visiting=True)
def photo(request: HttpRequest, case: Case, now: datetime, paper: str) -> HttpResponse:
    """A photo of one paper: send it, or take it back."""
    known = {one.code: one for one in sheets.papers_of(case) if one.code in prepared.may_send(case)}
    if paper not in known or case.state not in prepared.OPEN:
        return to("case_ready", case.ref)
    refused = _sent(request, case, paper, now) if request.method == "POST" else None
    if refused is None and request.method == "POST":
        return handles.hold(request, to("case_ready", case.ref), case, now)
    if refused is not None and refused.code == "throttle.wait":
        return slow_down(request, refused)
    context = {"case": case, "paper": known[paper], "sent": prepared.of(case).get(paper), "refused": refused,
               "days": profile().limits.continuation_days}  # fmt: skip
    if refused is not None:
        context["sentence"] = words.say(refused.code, language(), **refused.details)
    return render(request, "recovery/ready_photo.html", context, status=AGAIN)


def _sent(request: HttpRequest, case: Case, paper: str, now: datetime) -> Refused | None:
    """Keep or drop the photo; what was refused, or None."""
    if request.POST.get("drop"):
        prepared.drop(case, paper, now)
        return None
    try:
        if getattr(request, "sent_too_much", 0):
            raise Refused("photo.too_large")
        prepared.keep(case, paper, request.FILES.get("photo"), askers.asker(request), now)  # type: ignore[arg-type]
    except Refused as refused:
        return refused
    return None
