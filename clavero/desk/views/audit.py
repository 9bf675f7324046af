"""Looking back: the evidence of one case, for whoever audits (J05)."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero.core.errors import Refused
from clavero.desk import case_forms as forms
from clavero.desk import dossier, queries
from clavero.desk.doors import desk
from clavero.desk.models import Staff
from clavero.recovery.models import Case
from clavero.ui.paper import UNAVAILABLE

only_read = require_http_methods(["GET", "HEAD"])


@only_read
@desk("audit.read")
def evidence(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """One case by its number: never by a name, a RUC or an identification."""
    form = forms.CaseNumber.bind(request.GET) if "number" in request.GET else forms.CaseNumber()
    case = None
    if form.is_bound and form.ok:
        case = Case.objects.filter(number=form["number"].strip()).first()
        if case is None:
            form.refuse("number", Refused("desk.no_such_case"))
    return render(request, "desk/evidence_of.html", {"form": form, "case": case})


@only_read
@desk("audit.read")
def evidence_file(request: HttpRequest, staff: Staff, now: datetime, ref: str) -> HttpResponse:
    """JSON, PDF and sums of one moment in one file. The look is recorded first, and so stands in it."""
    case = Case.objects.filter(ref=ref.upper()).first()
    if case is None:
        raise Http404
    queries.looked(staff, case)
    try:
        made = dossier.packed(dossier.files(case, now), now)
    except Refused as refused:
        form = forms.CaseNumber()
        form.refuse("number", refused)
        context = {"form": form, "case": case}
        return render(request, "desk/evidence_of.html", context, status=UNAVAILABLE)
    response = HttpResponse(made, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{case.number}.zip"'
    return response
