"""The second look: what chance drew, and one case to read, with what somebody found in it (S-076)."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from clavero.core.errors import Refused
from clavero.desk import case_forms as forms
from clavero.desk import looks, queries, texts
from clavero.desk.doors import desk
from clavero.desk.models import Approval, SecondLook, Staff, Visit
from clavero.desk.views.case import _item
from clavero.desk.views.common import AGAIN, said, to
from clavero.recovery.models import Case
from clavero.ui.plain_html import language

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
only_read = require_http_methods(["GET", "HEAD"])


@only_read
@desk("case.look")
def waiting(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The cases that were drawn, without those in which this person had a hand."""
    context = {"looks": looks.waiting(staff), "done": request.GET.get("hecho", "")}
    return render(request, "desk/looks.html", context)


@get_or_post
@desk("case.look")
def one(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """Who did what and saw what, to read; then one of two answers, with its reason. The look is recorded."""
    look = get_object_or_404(SecondLook.objects.select_related("case"), pk=pk, outcome="")
    form = forms.Look.bind(request.POST) if request.method == "POST" else forms.Look()
    if not looks.may_look(staff, look.case):
        raise Http404  # not even that it was drawn
    if form.is_bound and form.ok:
        try:
            done = looks.decide(look, staff, form["outcome"], form["reason"], now)
            return said(to("desk_looks"), done if form["outcome"] == "doubtful" else "fine")
        except Refused as refused:
            form.refuse("outcome", refused)
    queries.looked(staff, look.case)
    shown = {"form": form, "look": look} | _case(look.case)
    return render(request, "desk/look.html", shown, status=AGAIN)


def _case(case: Case) -> dict[str, Any]:
    """The case as it was decided: visits with what was seen, second decisions, who said «no fui yo». To read."""
    decided = Approval.objects.filter(case=case).select_related("asked_by", "decided_by")
    return {
        "case": case,
        "employer_name": queries.employer_name(case),
        "state": texts.STATES.get(case.state, ""),
        "visits": [_visit(each) for each in case.visits.select_related("staff").order_by("pk")],
        "decisions": [(each, texts.DECISIONS.get(each.decision, "")) for each in decided.order_by("pk")],
        "objections": case.objections.count(),
    }  # fmt: skip


def _visit(visit: Visit) -> dict[str, Any]:
    marks, lang = queries.marks(visit), language()
    asked = queries.corrected(visit).items()
    return {
        "visit": visit,
        "centre": queries.centre_name(visit.centre),
        "items": [_item(code, marks, lang) for code in marks],
        "corrections": [(texts.correction(kind, value), value) for kind, value in asked],
    }
