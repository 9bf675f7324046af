"""One's own place at the desk: coming in, locking, passkeys, being on duty, going."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clavero import clock
from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.desk import approvals, doors, duty, people, signing, staff_forms
from clavero.desk.doors import AGAIN, SEE_OTHER, desk, to
from clavero.desk.models import Staff
from clavero.keys import doors as browsers
from clavero.keys import passkeys
from clavero.throttle import queries as askers
from clavero.ui.forms import Form

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
TOO_MANY = 429


def home_page(request: HttpRequest, staff: Staff, form: Form) -> HttpResponse:
    """The desk of who is not on duty: where to begin."""
    context = {
        "form": form,
        "staff": staff,
        "duty": duty.of(staff),
        "may_serve": rules.may(staff.account.role, "duty.change"),
    }
    return render(request, "desk/home.html", context, status=AGAIN)


# --- coming in ------------------------------------------------------------------------------------------


@get_or_post
def sign_in(request: HttpRequest) -> HttpResponse:
    """A name and a passkey; there is no password (S-072). One sentence for whatever does not match."""
    now = clock.now()
    if request.method != "POST":
        if doors.held(request) is not None:
            return HttpResponseRedirect(doors.next_address(request), status=SEE_OTHER)
        return _sign_in_page(request, staff_forms.SignIn())
    form = staff_forms.SignIn.bind(request.POST)
    staff = _who(request, form, now) if form.ok else None
    if staff is None:
        return _sign_in_page(request, form)
    return doors.enter(request, staff, doors.next_address(request), now)


def _who(request: HttpRequest, form: Form, now: datetime) -> Staff | None:
    state, answer = request.POST.get("state", ""), request.POST.get("credential", "")
    asker = askers.asker(request)
    try:
        if answer:
            return signing.by_passkey(form["name"], state, answer, asker, now)
        return signing.by_code(form["name"], form["code"], asker, now)
    except Refused as refused:
        form.refuse("name", refused)
        return None


def _sign_in_page(request: HttpRequest, form: Form) -> HttpResponse:
    context = {
        "form": form,
        "signing": {"ceremony": passkeys.begin(passkeys.SIGN_IN), "codes": settings.DESK_CODES},
        "next": doors.next_address(request),
    }
    response = render(request, "desk/sign_in.html", context, status=_status(form))
    return doors.may_go_to_mark(response)


def _status(form: Form) -> int:
    refused = any(refused.code == "throttle.wait" for refused in form.errors.values())
    return TOO_MANY if refused else AGAIN


@require_safe
def mark(request: HttpRequest, token: str) -> HttpResponse:
    """On the public host: this browser is one of staff for the hours to come; then back to the desk (S-078)."""
    address = doors.way_back(token)
    if address is None:
        raise Http404
    return browsers.mark_staff(HttpResponseRedirect(address, status=SEE_OTHER))


@get_or_post
def sign_out(request: HttpRequest) -> HttpResponse:
    """The session and the duty end; the browser forgets what it kept."""
    if request.method != "POST":
        return to("desk_home")
    staff = doors.held(request)
    if staff is not None:
        doors.leave(request, staff, clock.now(), "by_hand")
    response = to("desk_sign_in")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- the lock -------------------------------------------------------------------------------------------


@get_or_post
def lock(request: HttpRequest) -> HttpResponse:
    """*Bloquear*."""
    staff = doors.held(request)
    if staff is None or request.method != "POST":
        return to("desk_home")
    doors.lock(request, staff, "by_hand")
    return to("desk_locked")


@get_or_post
def locked(request: HttpRequest) -> HttpResponse:
    """The locked desk. The same person opens it; what was sent meanwhile is offered again."""
    now, staff = clock.now(), doors.held(request)
    if staff is None or doors.is_over(request, now):
        return to("desk_sign_in")
    if not request.session.get("locked"):
        return HttpResponseRedirect(doors.next_address(request), status=SEE_OTHER)
    form = (
        staff_forms.Unlock.bind(request.POST) if request.method == "POST" else staff_forms.Unlock()
    )
    if request.method != "POST" or not _unlocks(request, staff, form, now):
        return doors.locked_page(request, staff, form, status=_status(form))
    doors.unlock(request, now)
    kept = doors.kept(request)
    if kept is None:
        return HttpResponseRedirect(doors.next_address(request), status=SEE_OTHER)
    return render(request, "desk/unlocked.html", {"kept": kept, "staff": staff})


def _unlocks(request: HttpRequest, staff: Staff, form: Form, now: datetime) -> bool:
    state, answer = request.POST.get("state", ""), request.POST.get("credential", "")
    try:
        signing.unlock(staff, state, answer, form["code"], now)
    except Refused as refused:
        form.refuse("code" if settings.DESK_CODES else "unlock", refused)
        return False
    return True


# --- enrolling ------------------------------------------------------------------------------------------


@get_or_post
def enrol(request: HttpRequest) -> HttpResponse:
    """Name and the code from the hand of another member of staff; then two passkeys, here and now."""
    form = staff_forms.Enrol.bind(request.POST) if request.method == "POST" else staff_forms.Enrol()
    staff = _redeemed(request, form) if form.is_bound and form.ok else None
    if staff is None:
        response = render(request, "desk/enrol.html", {"form": form}, status=_status(form))
        return doors.may_go_to_mark(response)
    answer = doors.enter(request, staff, reverse("desk_passkeys"), clock.now())
    request.session["enrolling"] = clock.now().timestamp()
    return answer


def _redeemed(request: HttpRequest, form: Form) -> Staff | None:
    now = clock.now()
    try:
        signing.count_enrolment(form["name"], askers.asker(request), now)
        return people.redeem(form["name"], form["code"], now)
    except Refused as refused:
        form.refuse("code", refused)
        return None


@get_or_post
@desk("own.keys")
def own_passkeys(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """What one signs in with. Adding needs a code of enrolment in the last half hour."""
    form = (
        staff_forms.Passkey.bind(request.POST)
        if request.method == "POST"
        else staff_forms.Passkey()
    )
    if form.is_bound and form.ok and _added(request, staff, form, now):
        return to("desk_passkeys")
    return _passkeys_page(request, staff, form, now)


def _added(request: HttpRequest, staff: Staff, form: Form, now: datetime) -> bool:
    try:
        if not doors.is_enrolling(request, now):
            raise Refused("enrolment.needed")
        signing.add_passkey(
            staff, form["label"], request.POST.get("state", ""), request.POST.get("credential", ""), now
        )  # fmt: skip
    except Refused as refused:
        form.refuse("label", refused)
        return False
    return True


def _passkeys_page(request: HttpRequest, staff: Staff, form: Form, now: datetime) -> HttpResponse:
    kept = passkeys.of(staff.account)
    enrolling = doors.is_enrolling(request, now)
    context: dict[str, Any] = {
        "form": form,
        "staff": staff,
        "kept": kept,
        "missing": max(0, rules.PASSKEYS - len(kept)),
        "ready": people.is_ready(staff),
        "enrolling": enrolling,
        "signing": _adding(staff) if enrolling else None,
    }
    return render(request, "desk/passkeys.html", context, status=AGAIN)


def _adding(staff: Staff) -> dict[str, Any]:
    return {"kind": "create", "ceremony": passkeys.begin_adding(staff.account, staff.sign_in_name)}


@get_or_post
@desk("own.keys")
def lost_passkey(request: HttpRequest, staff: Staff, now: datetime, number: int) -> HttpResponse:
    """A passkey is lost: it opens nothing any more. A new one needs two others."""
    kept = next((one for one in passkeys.of(staff.account) if one.pk == number), None)
    if kept is None:
        return to("desk_passkeys")
    if request.method == "POST":
        with suppress(Refused):  # it went meanwhile, from another window: the list says so
            people.lose_passkey(staff, number, request.session.session_key or "")
        return to("desk_passkeys")
    return render(request, "desk/lost.html", {"kept": kept, "staff": staff})


# --- duty -----------------------------------------------------------------------------------------------


@get_or_post
@desk("duty.change")
def begin_duty(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """On duty at a counter."""
    if request.method != "POST":
        return to("desk_home")
    form = staff_forms.Duty.bind(request.POST)
    if form.ok:
        try:
            duty.begin(staff, form["counter"], now)
            approvals.redraw_late(now)
            return to("desk_home")
        except Refused as refused:
            form.refuse("counter", refused)
    return home_page(request, staff, form)


@get_or_post
@desk("duty.change")
def end_duty(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Off duty; the session stays."""
    if request.method == "POST":
        duty.leave(staff, now)
    return to("desk_home")
