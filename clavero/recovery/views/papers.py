"""The papers of a case: each as a page to print and as PDF."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clavero.recovery import handles, sheets
from clavero.recovery.models import Case
from clavero.recovery.views.common import in_case, to
from clavero.ui import paper
from clavero.ui.paper import Sheet

only_read = require_http_methods(["GET", "HEAD"])


@only_read
@in_case(visiting=True)
def visit_sheet(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The sheet to take along, on a page that prints well."""
    sheet = _visit_sheet(request, case, now)
    return _page(request, case, sheet, "case_sheet_pdf") if sheet else to("case_visit", case.ref)


@only_read
@in_case(visiting=True)
def visit_pdf(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The same sheet as PDF."""
    sheet = _visit_sheet(request, case, now)
    return as_pdf(sheet) if sheet else to("case_visit", case.ref)


def _visit_sheet(request: HttpRequest, case: Case, now: datetime) -> Sheet | None:
    """None where this browser may no longer be shown the code: another one is asked for first."""
    shown = handles.shown(request, case)
    if shown is None:
        return None
    return sheets.visit_sheet(case, shown["continuation"], sheets.papers_of(case, now))


def _page(request: HttpRequest, case: Case, sheet: Sheet, name: str, *args: object) -> HttpResponse:
    context = {"case": case, "sheet": sheet, "pdf": reverse(name, args=[case.ref, *args])}
    return render(request, "recovery/sheet.html", context)


def as_pdf(sheet: Sheet) -> HttpResponse:
    """A sheet as a file to keep."""
    response = HttpResponse(paper.pdf(sheet), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{sheet.file}.pdf"'
    return response
