"""What one may read before anything: the decision table, the questions people ask, whom to warn."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clavero import clock
from clavero.core import guide
from clavero.guidance import calendar_file, pages
from clavero.guidance.asked import Asked, address
from clavero.guidance.queries import measured
from clavero.institution import profile
from clavero.ui.plain_html import language


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """What is seen → what it is → how → what to do → how long (B01, B03, B04, B05)."""
    rows = [
        (row, pages.span(row.time) if row.time else "", address("guide_answer", Asked({}, row.scenario)))
        for row in guide.table(profile(), measured(clock.now()))
    ]  # fmt: skip
    return render(request, "guidance/table.html", {"rows": rows})


@require_safe
def faq(request: HttpRequest) -> HttpResponse:
    """Each answer ends in its one next action (B16)."""
    found = [(code, pages.action(next_)) for code, next_ in guide.FAQ.items()]
    return render(request, "guidance/faq.html", {"found": found})


DATA = ("identification", "domestic", "ruc", "branch", "email", "phone", "address", "key")


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Each datum: why it is asked for, what happens where it is wrong, where it is found (A10)."""
    return render(request, "guidance/data.html", {"data": DATA})


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Somebody acts in your name: what to do today, in order."""
    return render(request, "guidance/report.html", {})


@require_safe
def reminder(request: HttpRequest) -> HttpResponse:
    """In an hour, as a calendar file: for when a page does not work now."""
    return calendar_file.answer(calendar_file.reminder(clock.now(), language()), "recordatorio")
