"""The appointment of a case: choose, confirm, change, give back. Works without script; times are radios."""

from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from clavero.appointments import calendar_file, queries
from clavero.appointments.models import Booking, Centre
from clavero.core.errors import Refused
from clavero.notices import sms
from clavero.recovery import booking as deeds
from clavero.recovery import forms, handles, services, slot_page
from clavero.recovery import queries as case_queries
from clavero.recovery.models import Case, CaseContact
from clavero.recovery.slot_page import Search
from clavero.recovery.views.common import AGAIN, in_case, onward, slow_down, to
from clavero.throttle import queries as askers

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
PLACES = ("case_visit", "case_booking")


def _search(request: HttpRequest) -> Search:
    when, skip = request.GET.get("hasta", ""), request.GET.get("desde", "")
    return Search(
        request.GET.get("cerca", "")[:120],
        when if when in slot_page.WHEN else "any",
        int(skip) if skip.isdecimal() and len(skip) < 5 else 0,
        _day(request.GET.get("dia", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


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
    centre = _to_choose(code)
    if centre is None or not at.isdecimal() or len(at) > 9:
        raise Refused("slot.empty")
    return centre, int(at)


def _to_choose(code: str) -> Centre | None:
    """The centre that a browser names, if people may choose it. A database refuses a text with a NUL: no code has one."""
    if not code.isprintable():
        return None
    return Centre.objects.filter(code=code, active=True, training=False).first()


def _slots_page(
    request: HttpRequest, case: Case, now: datetime, refused: Refused | None = None
) -> HttpResponse:
    search, wanted = _search(request), deeds.service_of(case)
    page = slot_page.page(search, wanted, now)
    context = {
        "case": case,
        "search": search,
        "here": _here(case, search),
        "wanted": wanted,
        "page": page,
        "times": queries.times(section.offer.centre for section in page.sections),
        "places": queries.provinces(Centre.objects.all()),
        "form": _as_form(refused),
        "hold_minutes": queries.rules().hold_minutes,
        "booking": queries.of_case(case.pk),
        "line": queries.waiting_of(case.pk),
        "now": now,
    }
    return render(request, "recovery/slots.html", context, status=AGAIN)


def _here(case: Case, search: Search) -> str:
    """The address of the page with what is looked for: other pages show it too, and its form comes back here."""
    asked = {"cerca": search.near, "hasta": search.when, "desde": search.skip or ""}
    return f"{reverse('case_slots', args=[case.ref])}?{urlencode(asked)}"


def _as_form(refused: Refused | None) -> forms.Slot:
    form = forms.Slot()
    if refused is not None:
        form.refuse("slot", refused)
    return form


@get_or_post
@in_case("case_visit")
def confirm(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The slot is kept for some minutes: where shall the code go, or will you come back with your case secret?"""
    held = queries.held_by(case.pk, now)
    if held is None and request.method != "POST":
        return to("case_slots", case.ref)
    kind, given = forms.to_reach(), case_queries.contact_data(case)
    returns = bool(request.POST.get("no_access"))
    typed = request.method == "POST" and not returns
    form = kind.bind(request.POST) if typed else kind({"email": given["email"]})
    try:
        if returns:
            deeds.book_unproven(case, now)
            return onward(request, case, now)
        if form.is_bound and form.ok and (where := forms.reach(form)):
            deeds.send_code(case, *where, askers.asker(request), now)
            return handles.hold(request, to("case_booking_code", case.ref), case, now)
    except Refused as refused:
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        form.refuse("email", refused)
    hours, near = (
        queries.rules().confirm_hours,
        held is not None and queries.confirm_by(held) <= now,
    )
    context = {"form": form, "case": case, "held": held, "hours": hours, "near": near}
    context["by_phone"] = sms.is_on()
    return render(request, "recovery/confirm_booking.html", context, status=AGAIN)


@get_or_post
@in_case(*PLACES)
def code(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The code of the message makes the slot firm. Who comes late keeps it while nobody else took it."""
    reach = CaseContact.objects.filter(case=case).first()
    if reach is None:
        return to("case_slots", case.ref)
    if reach.confirmed_at is not None:
        return onward(request, case, now)
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
@in_case(*PLACES)
def waiting(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The waiting list of a centre: what it is, and where to tell them, once for the case."""
    place = _to_choose(request.GET.get("centro", ""))
    if place is None:
        raise Http404
    reach = CaseContact.objects.filter(case=case).exclude(confirmed_at=None).first()
    kind, given = forms.to_reach(), {"email": case_queries.contact_data(case)["email"]}
    form = kind.bind(request.POST) if request.method == "POST" else kind(given)
    try:
        if request.method == "POST" and reach is not None:
            deeds.join_waiting(case, place, now)
            return onward(request, case, now)
        if form.is_bound and form.ok and (where := forms.reach(form)):
            deeds.send_code(case, *where, askers.asker(request), now)
            deeds.join_waiting(case, place, now)
            return handles.hold(request, to("case_booking_code", case.ref), case, now)
    except Refused as refused:
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        form.refuse("email", refused)
    context = {"form": form, "case": case, "centre": place, "reach": reach}
    return render(request, "recovery/waiting.html", context, status=AGAIN)


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
    standing = deeds.standing(case)
    context = {"form": form, "case": case, "standing": standing, "now": now}
    context |= _late(standing.booking, now)
    return render(request, "recovery/booking.html", context, status=AGAIN)


def _late(found: Booking, now: datetime) -> dict[str, object]:
    """The next deadline, and whether this appointment comes after it."""
    deadline = services.next_deadline(now)
    return {"deadline": deadline, "late": found.day > deadline.due_on}


@require_POST
@in_case(*PLACES)
def change(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Give the appointment back, take or refuse a time that was offered, leave the waiting list."""
    try:
        _asked(request, case, now)
    except Refused as refused:
        return _slots_page(request, case, now, refused)
    return onward(request, case, now)


def _asked(request: HttpRequest, case: Case, now: datetime) -> None:
    what = request.POST.get("do")
    if what == "unbook":
        deeds.unbook(case, now)
    elif what == "take":
        deeds.take_offer(case, now)
    elif what == "stop":
        deeds.stop_waiting(case, now)


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
