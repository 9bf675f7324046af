"""The papers of a case: each as a page to print and as PDF."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clavero.appointments import queries as appointments
from clavero.core import papers
from clavero.recovery import handles, mailing, queries, sheets, visits
from clavero.recovery.models import Case
from clavero.recovery.views.common import in_case, to
from clavero.ui.paper import Sheet, as_pdf

only_read = require_http_methods(["GET", "HEAD"])


@only_read
@in_case(visiting=True)
def visit_sheet(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The sheet to take along, on a page that prints well."""
    sheet = _visit_sheet(request, case)
    return _page(request, case, sheet, "case_sheet_pdf") if sheet else to("case_visit", case.ref)


@only_read
@in_case(visiting=True)
def visit_pdf(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The same sheet as PDF."""
    sheet = _visit_sheet(request, case)
    return as_pdf(request, sheet) if sheet else to("case_visit", case.ref)


def _visit_sheet(request: HttpRequest, case: Case) -> Sheet | None:
    """None where this browser may no longer be shown the code: another one is asked for first."""
    shown = handles.shown(request, case)
    if shown is None:
        return None
    booked = appointments.of_case(case.pk)
    return sheets.visit_sheet(case, shown["continuation"], sheets.papers_of(case), booked)


@require_http_methods(["GET", "HEAD", "POST"])
@in_case(visiting=True)
def mail_sheet(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The sheet by mail: the same page for whoever has an address on record or not (B09)."""
    if request.method == "POST":
        mailing.mail_sheet(case, now)
        answer = to("case_sheet_mail", case.ref)
        answer.headers["Location"] += "?pedida=1"
        return handles.hold(request, answer, case, now)
    context = {
        "case": case,
        "asked": "pedida" in request.GET,
        "own": bool(queries.confirmed_email(case)),
    }
    return render(request, "recovery/sheet_mail.html", context)


@only_read
@in_case(visiting=True)
def to_sign(request: HttpRequest, case: Case, now: datetime, paper: str) -> HttpResponse:
    """A paper to sign, filled in, on a page that prints well."""
    code = _code_of(case, paper)
    if code is None:
        return to("case_visit", case.ref)
    note = _("Mírela antes de firmar. Lo que está en blanco se escribe a mano.")
    return _page(
        request, case, sheets.to_sign(code, case), "case_paper_pdf", paper, note=note,
        change=_change(case) if code == "request" else "",
    )  # fmt: skip


@only_read
@in_case(visiting=True)
def to_sign_pdf(request: HttpRequest, case: Case, now: datetime, paper: str) -> HttpResponse:
    """The same as PDF."""
    code = _code_of(case, paper)
    return as_pdf(request, sheets.to_sign(code, case)) if code else to("case_visit", case.ref)


def _code_of(case: Case, name: str) -> str | None:
    """The sheet of an address, where this case needs it."""
    asked = papers.to_sign(sheets.papers_of(case))
    return next((code for code in asked if sheets.ADDRESSES[code] == name), None)


def _change(case: Case) -> str:
    """Where the data of a sheet are changed, until the desk has them."""
    before = case.state in visits.BEFORE_THE_DESK
    return reverse("case_contact_data", args=[case.ref]) if before else ""


def _page(
    request: HttpRequest, case: Case, sheet: Sheet, name: str, *args: object, **more: object
) -> HttpResponse:
    context = {"case": case, "sheet": sheet, "pdf": reverse(name, args=[case.ref, *args]), **more}
    return render(request, "recovery/sheet.html", context)
