"""The appointment of a case: choose, confirm, change, give back. Works without script; times are radios."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from clavero.appointments import calendar_file, queries
from clavero.appointments.models import Centre
from clavero.appointments.queries import Place
from clavero.core.errors import Refused
from clavero.recovery import booking as deeds
from clavero.recovery import forms, handles, services
from clavero.recovery.models import Case, CaseContact
from clavero.recovery.views.common import AGAIN, in_case, onward, slow_down, to
from clavero.throttle import queries as askers

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
PLACES = ("case_visit", "case_booking")
A_PAGE = 5
"""Centres on one page; the rest follow by a link."""


@dataclass(frozen=True)
class Search:
    """What is looked for, from the address: nothing personal. `when` is deadline, week or any."""

    near: str = ""
    when: str = "any"
    skip: int = 0

    @property
    def place(self) -> Place:
        province, _, canton = self.near.partition("|")
        return Place(province, canton)


def _search(request: HttpRequest) -> Search:
    when = request.GET.get("hasta", "")
    skip = request.GET.get("desde", "")
    return Search(
        request.GET.get("cerca", "")[:120],
        when if when in ("deadline", "week") else "any",
        int(skip) if skip.isdecimal() and len(skip) < 5 else 0,
    )


@get_or_post
@in_case(*PLACES)
def choose(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Centres, nearest first, with their free times; a full one says until when and what else there is."""
    if request.method != "POST":
        return _slots_page(request, case, now)
    try:
        centre, at = _chosen(request.POST.get("slot", ""))
        done = deeds.choose(case, centre, at, askers.asker(request), now)
    except Refused as refused:
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        return _slots_page(request, case, now, refused)
    page = "case_confirm" if done == deeds.HELD else "case_booking"
    return handles.hold(request, to(page, case.ref), case, now)


def _chosen(text: str) -> tuple[Centre, int]:
    """`centre:minute` as the radios have it. Raises `Refused("slot.empty")`."""
    code, _, at = text.partition(":")
    centre = Centre.objects.filter(code=code, active=True).first()
    if centre is None or not at.isdecimal() or len(at) > 9:
        raise Refused("slot.empty")
    return centre, int(at)


def _slots_page(
    request: HttpRequest, case: Case, now: datetime, refused: Refused | None = None
) -> HttpResponse:
    search, wanted = _search(request), deeds.service_of(case)
    ranked = queries.nearest(search.place)
    deadline = services.next_deadline(now)
    first, days = _window(search, deadline.due_on, now)
    shown = ranked[search.skip : search.skip + A_PAGE]
    offers = queries.free(search.place, first, days, wanted, now, centres=shown)
    context = {
        "case": case,
        "search": search,
        "wanted": wanted,
        "offers": offers,
        "places": queries.provinces(centre for _, centre, _ in ranked),
        "more": search.skip + A_PAGE if len(ranked) > search.skip + A_PAGE else 0,
        "deadline": deadline,
        "refused": refused,
        "form": _as_form(refused),
        "hold_minutes": queries.rules().hold_minutes,
        "booking": queries.of_case(case.pk),
        "now": now,
    }
    return render(request, "recovery/slots.html", context, status=AGAIN)


def _as_form(refused: Refused | None) -> forms.Slot:
    form = forms.Slot()
    if refused is not None:
        form.refuse("slot", refused)
    return form


def _window(search: Search, due_on: date, now: datetime) -> tuple[date, int]:
    """The first day and how many, for the choice of dates."""
    today = queries.local_day(now, services.home_zone())
    most = queries.rules().horizon_days + 1
    if search.when == "deadline":
        return today, max(1, min(most, (due_on - today).days + 1))
    return today, 7 if search.when == "week" else most


@get_or_post
@in_case("case_visit")
def confirm(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The slot is kept for some minutes: where shall the code go, or will you come back with your case secret?"""
    held = queries.held_by(case.pk, now)
    if held is None and request.method != "POST":
        return to("case_slots", case.ref)
    form = forms.Reach.bind(request.POST) if request.method == "POST" else forms.Reach()
    try:
        if request.POST.get("no_access"):
            deeds.book_unproven(case, now)
            return onward(request, case, now)
        if form.is_bound and form.ok and (where := forms.reach(form)):
            deeds.send_code(case, *where, askers.asker(request), now)
            return handles.hold(request, to("case_booking_code", case.ref), case, now)
    except Refused as refused:
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        form.refuse("email", refused)
    hours = queries.rules().confirm_hours
    context = {"form": form, "case": case, "held": held, "now": now, "hours": hours}
    return render(request, "recovery/confirm_booking.html", context, status=AGAIN)


@get_or_post
@in_case("case_visit")
def code(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The code of the message makes the slot firm. Who comes late keeps it while nobody else took it."""
    reach = CaseContact.objects.filter(case=case).first()
    if reach is None:
        return to("case_slots", case.ref)
    form = forms.Code.bind(request.POST) if request.method == "POST" else forms.Code()
    if form.is_bound and form.ok:
        try:
            deeds.confirm_by_code(case, form["code"], askers.asker(request), now)
            return onward(request, case, now)
        except Refused as refused:
            if refused.code == "throttle.wait":
                return slow_down(request, refused)
            if refused.code.startswith(("slot.", "booking.")):
                return _slots_page(request, case, now, refused)
            form.refuse("code", refused)
    context = {"form": form, "case": case, "reach": reach, "held": queries.held_by(case.pk, now)}
    return render(request, "recovery/booking_code.html", context | {"now": now}, status=AGAIN)


@get_or_post
@in_case("case_booking")
def booking(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The appointment: where and when, until when to confirm it, how to change it or give it back."""
    form = forms.Secret.bind(request.POST) if request.method == "POST" else forms.Secret()
    if form.is_bound and form.ok:
        try:
            case = services.resume(form["secret"], askers.asker(request), now, only=case)
            deeds.confirm_by_return(case, now)
            return onward(request, case, now)
        except Refused as refused:
            if refused.code == "throttle.wait":
                return slow_down(request, refused)
            form.refuse("secret", refused)
    context = {"form": form, "case": case, "standing": deeds.standing(case), "now": now}
    context["deadline"] = services.next_deadline(now)
    return render(request, "recovery/booking.html", context, status=AGAIN)


@require_POST
@in_case("case_booking")
def change(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Give the appointment back, take or refuse an earlier time, join or leave the waiting list."""
    try:
        _asked(request, case, now)
    except Refused as refused:
        return handles.hold(request, to_with(case, refused), case, now)
    return onward(request, case, now)


def to_with(case: Case, refused: Refused) -> HttpResponse:
    """Back to the appointment, which says what was refused."""
    response = to("case_booking", case.ref)
    response.headers["Location"] += f"?no={refused.code}"
    return response


def _asked(request: HttpRequest, case: Case, now: datetime) -> None:
    what = request.POST.get("do")
    if what == "unbook":
        deeds.unbook(case, now)
    elif what == "take":
        deeds.take_offer(case, now)
    elif what == "stop":
        deeds.stop_waiting(case, now)
    elif what == "wait":
        deeds.join_waiting(case, deeds.booking_of(case).centre, now)


@require_http_methods(["GET", "HEAD"])
@in_case("case_booking")
def calendar(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The appointment as a calendar file."""
    found = deeds.booking_of(case)
    response = HttpResponse(
        calendar_file.text(found, case.language), content_type="text/calendar; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="turno.ics"'
    return response
