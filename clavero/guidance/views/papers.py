"""The checklist of an answer: a page that prints well, a PDF, the days as a calendar file (B08, B09)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clavero import clock
from clavero.core import guide
from clavero.core.guide import Advice
from clavero.guidance import asked as asking
from clavero.guidance import calendar_file, sheets
from clavero.guidance.asked import Asked
from clavero.guidance.queries import measured
from clavero.recovery.queries import local_day
from clavero.ui.paper import as_pdf
from clavero.ui.plain_html import language


def asked_advice(request: HttpRequest) -> tuple[Asked, Advice]:
    """What the address asks, and the advice on it."""
    asked = asking.read(request.GET)
    return asked, asking.advise(asked, local_day(clock.now()), measured(clock.now()))


@require_safe
def checklist(request: HttpRequest) -> HttpResponse:
    """What to do, what to prepare and by when, to tick off."""
    asked, advice = asked_advice(request)
    if not asked.answers and asked.scenario == guide.NONE:
        return HttpResponseRedirect(asking.address("guide", asked))
    context = {
        "sheet": sheets.checklist(advice, local_day(clock.now())), "up": asking.address("guide_answer", asked),
        "pdf": asking.address("guide_list_pdf", asked), "ics": asking.address("guide_list_ics", asked),
        "mail": asking.address("guide_list_mail", asked),
    }  # fmt: skip
    return render(request, "guidance/checklist.html", context)


@require_safe
def checklist_pdf(request: HttpRequest) -> HttpResponse:
    """The same as PDF."""
    return as_pdf(request, sheets.checklist(asked_advice(request)[1], local_day(clock.now())))


@require_safe
def checklist_calendar(request: HttpRequest) -> HttpResponse:
    """Its days, each a whole day with an alarm the morning before."""
    now = clock.now()
    return calendar_file.answer(
        calendar_file.plan(asked_advice(request)[1], now, language()), "plan"
    )
