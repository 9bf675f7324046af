"""The second person: what was drawn for them, everything there is to see, one decision."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero.core.errors import Refused
from clavero.desk import approvals, doors, queries, texts
from clavero.desk import case_forms as forms
from clavero.desk.doors import desk
from clavero.desk.models import Approval, Assertion, Staff
from clavero.desk.views.case import _item
from clavero.desk.views.common import AGAIN, said, to
from clavero.recovery import services as recovery
from clavero.ui.plain_html import language

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
_DEEDS = {"sent_back": approvals.send_back, "refused": approvals.refuse}


@require_http_methods(["GET", "HEAD"])
@desk("case.decide")
def inbox(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """What the system drew for this member of staff."""
    return render(request, "desk/approvals.html", {"approvals": queries.to_decide(staff)})


@get_or_post
@desk("case.decide")
def decide(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The register, the checklist, the corrections, the officer's record, the photos; then the decision, signed."""
    approval = Approval.objects.filter(pk=pk, drawn=staff, **queries.like(staff)).select_related("case", "visit", "asked_by").first()  # fmt: skip
    if approval is None:
        raise Http404
    form = forms.Decision.bind(request.POST) if request.method == "POST" else forms.Decision()
    if not form.is_bound or not form.ok:
        return _page(request, approval, staff, form, now)
    try:
        signed = doors.assertion(request, staff, approval.evidence_hash, now)
        _decided(approval, staff, form, signed, now)
    except Refused as refused:
        field = "reason" if refused.code == "desk.reason_empty" else "decision"
        form.refuse(field, refused)
        return _page(request, approval, staff, form, now)
    return said(to("desk_approvals"), form["decision"])


def _decided(
    approval: Approval, staff: Staff, form: forms.Decision, signed: Assertion, now: datetime
) -> None:
    if form["decision"] == "approved":
        approvals.approve(approval, staff, signed, now)
    else:
        _DEEDS[form["decision"]](approval, staff, form["reason"], signed, now)


def _page(
    request: HttpRequest, approval: Approval, staff: Staff, form: forms.Decision, now: datetime
) -> HttpResponse:
    lang, visit = language(), approval.visit
    marks = queries.marks(visit) if visit else {}
    case = approval.case
    context = {
        "approval": approval, "case": case, "employer_name": queries.employer_name(case), "visit": visit, "form": form,
        "facts": recovery.facts_of(case),
        "items": [_item(code, marks, lang) for code in queries.asked(visit)] if visit else [],
        "corrections": [
            (texts.correction(kind, value), value) for kind, value in queries.corrected(visit).items()
        ] if visit else [],
        "record": queries.record_of(approval.asked_by, now),
        "contacts": recovery.register_of(case).to_tell if case.employer_id else [],
        "people": queries.people(case), "photos": list(visit.photos.all()) if visit else [],
        "signing": doors.signing(request, staff, approval.evidence_hash),
    }  # fmt: skip
    queries.looked(staff, case)
    return render(request, "desk/approval.html", context, status=AGAIN)
