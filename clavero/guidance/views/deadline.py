"""I am on a deadline (B07): which duty, when it falls due and why, and a plan from that day back to today."""

from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clavero import clock, dates, duties
from clavero.core import guide, triage, workdays
from clavero.core.errors import Refused
from clavero.core.workdays import Deadline
from clavero.guidance import asked as asking
from clavero.guidance import forms, pages
from clavero.guidance.asked import Asked
from clavero.guidance.queries import measured
from clavero.institution import profile
from clavero.recovery import timeline as times
from clavero.recovery.queries import local_day
from clavero.recovery.views.common import AGAIN
from clavero.ui.forms import Form
from clavero.ui.plain_html import language

MONTHS = 6  # months to choose from, this one first


@require_safe
def deadline(request: HttpRequest) -> HttpResponse:
    """Which duty; then of when; then the plan. All of it in the address, by GET."""
    asked, kind = asking.read(request.GET), request.GET.get("kind", "")
    if kind not in workdays.KINDS:
        duty = forms.Duty.bind(request.GET) if "duty" in request.GET else forms.Duty()
        return _page(request, "guidance/duty.html", duty, asked)
    today, is_sent = local_day(clock.now()), "when" in request.GET
    asks = forms.Month if kind == workdays.CONTRIBUTIONS else forms.Event
    form: Form = asks.bind(request.GET) if is_sent else asks({"event": today.isoformat()})
    found = _due(form, kind, today) if is_sent else None
    if found is None:
        more = {"kind": kind, "months": _months(today), "provinces": _provinces()}
        return _page(request, "guidance/duty_when.html", form, asked, **more)
    return render(request, "guidance/plan.html", _plan(found, form, asked, today))


def _page(
    request: HttpRequest, template: str, form: Form, asked: Asked, **more: object
) -> HttpResponse:
    context = {"form": form, "hidden": asking.pairs(asked), "up": asking.address("guide", Asked())}
    return render(request, template, context | more, status=AGAIN)


def _due(form: Form, kind: str, today: date) -> Deadline | None:
    """The day it is due, or None and what is to be corrected noted at the field."""
    slot = form.parse("slot", forms.day)
    if kind == workdays.CONTRIBUTIONS:
        found = form.parse("month", lambda month: _contributions(month, form["province"]))
    else:
        found = form.parse("event", lambda day: workdays.notice(kind, forms.day(day), profile().calendar))  # fmt: skip
    if slot is not None and slot < today:
        form.refuse("slot", Refused("date.past"))
    return found if form.ok else None


def _contributions(month: str, province: str) -> Deadline:
    rules = profile()
    return workdays.contributions(
        month, rules.calendar, rules.deadline_overrides, province.casefold()
    )


def _months(today: date) -> list[tuple[str, str, str]]:
    """This month and the next ones: as the address says them, in words, and the month that is paid for."""
    first = today.year * 12 + today.month - 1
    days = [date(n // 12, n % 12 + 1, 1) for n in range(first - 1, first + MONTHS)]
    said = [dates.month_year(day, language()) for day in days]
    return [(f"{day:%Y-%m}", said[n], said[n - 1].split()[0]) for n, day in enumerate(days) if n]


def _provinces() -> list[str]:
    """Those that ever had a day of their own."""
    return sorted({each.province for each in profile().deadline_overrides if each.province})


def _plan(found: Deadline, form: Form, asked: Asked, today: date) -> dict[str, object]:
    slot = date.fromisoformat(form["slot"]) if form["slot"] else None
    told = replace(asked, answers=asked.answers | {"deadline": found.due_on.isoformat()})
    known = asked.scenario != guide.NONE or bool(asked.answers)
    routes = [_route(told, today)] if known else [triage.ONLINE, triage.VISIT]
    action = pages.action(asking.advise(told, today).next, told) if known else None
    return {
        "found": found, "why": duties.why(found, language()), "today": today, "passed": found.due_on < today,
        "roads": [_road(route, asked, found.due_on, today, slot) for route in routes], "slot": slot,
        "action": action, "answer": asking.address("guide_answer", told) if known else "",
        "again": asking.address("guide_deadline", asked),
    }  # fmt: skip


def _route(asked: Asked, today: date) -> str:
    return asking.advise(asked, today).route


def _road(
    route: str, asked: Asked, due_on: date, today: date, slot: date | None
) -> dict[str, object]:
    """A way with its time, its days and whether it arrives in time. A slot only moves a visit."""
    at = slot if route == triage.VISIT else None
    known = (*measured(clock.now()), *profile().estimates)
    time = guide.estimate(asked.scenario, route, known)
    plan = guide.plan(today, time, route, due_on, profile().calendar, at)
    return {
        "route": route, "time": time, "span": pages.span(time) if time else "", "basis": times.source(time) if time else "",
        "days": pages.days(plan.steps),
        "late": plan.late, "alternatives": plan.alternatives,
    }  # fmt: skip
