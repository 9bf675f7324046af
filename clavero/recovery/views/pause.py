"""A case that waits because of a risk: until when, what works meanwhile, a second proof; the cancel link (D13)."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero import clock
from clavero.core.errors import Refused
from clavero.keys import doors, passkeys
from clavero.keys.forms import SecondCode
from clavero.recovery import forms, handles, queries, services, waits
from clavero.recovery.models import Case
from clavero.recovery.views.common import (
    AGAIN,
    OF_THE_CASE,
    in_case,
    onward,
    slow_down,
    token_of,
    without_token,
)
from clavero.throttle import queries as askers
from clavero.ui.forms import Form

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
STOP_COOKIE = f"{handles.PREFIX}cancelar"


@get_or_post
@in_case("case_pause")
def pause(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Until when the case waits. A saved code or a passkey ends the wait at once; a visit is open all the time."""
    if request.method == "POST" and request.POST.get("prefer_visit"):
        return onward(request, services.prefer_visit(case, now), now)
    if request.method == "POST" and "credential" in request.POST:
        return _by_passkey(request, case, now)
    form = forms.SavedCode.bind(request.POST) if request.method == "POST" else forms.SavedCode()
    if form.is_bound and form.ok:
        asker = askers.asker(request)
        done = _tried(request, form, lambda: waits.prove_again(case, form["code"], asker, now), now)
        if done:
            return done
    return _page(request, case, form, now)


def _by_passkey(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """What the browser's passkey answered: a form of its own, beside that of the code."""
    form, asker = forms.SavedCode(), askers.asker(request)
    sent = request.POST.get("state", ""), request.POST["credential"]
    done = _tried(
        request, form, lambda: waits.prove_by_passkey(case, *sent, asker, now), now, at="passkey"
    )
    return done or _page(request, case, form, now)


def _tried(
    request: HttpRequest, form: Form, prove: Callable[[], Case], now: datetime, at: str = "code"
) -> HttpResponse | None:
    """Onward where what was typed or signed proves; None with what was wrong at its field."""
    try:
        return onward(request, prove(), now)
    except Refused as refused:
        if refused.code in OF_THE_CASE:
            raise
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        form.refuse(at, refused)
        return None


def _page(request: HttpRequest, case: Case, form: Form, now: datetime) -> HttpResponse:
    context = {
        "form": form, "case": case, "shown": handles.shown(request, case),
        "told": len(queries.told_of_a_wait(case, now)), "takes_proof": waits.takes_second_proof(case),
        "signing": {"ceremony": passkeys.begin(passkeys.CASE, case.pk, kind=passkeys.EMPLOYER)},
        "is_over": bool(case.wait_until and case.wait_until <= now),
    }  # fmt: skip
    return render(request, "recovery/pause.html", context, status=AGAIN)


@get_or_post
@in_case("case_factor")
def factor(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The second step of the account, before a new key: without telephone and codes, a visit (S-002)."""
    if request.method == "POST" and request.POST.get("prefer_visit"):
        return onward(request, services.prefer_visit(case, now), now)
    form = SecondCode.bind(request.POST) if request.method == "POST" else SecondCode()
    if form.is_bound and form.ok:
        by = doors.attempt(request)
        done = _tried(request, form, lambda: waits.prove_factor(case, form["code"], by, now), now)
        if done:
            return done
    return render(request, "recovery/factor.html", {"form": form, "case": case}, status=AGAIN)


@require_http_methods(["GET", "HEAD"])
def stop_link(request: HttpRequest, token: str) -> HttpResponse:
    """The cancel link of a notice. Scanners may open it as often as they like (S-022)."""
    return without_token("stop", STOP_COOKIE, token)


@get_or_post
def stop(request: HttpRequest) -> HttpResponse:
    """A GET explains and shows a button; the POST cancels the case, once, and does nothing else."""
    found = waits.read_cancel(token_of(request, STOP_COOKIE))
    if found is None:
        return render(request, "recovery/link_gone.html", {}, status=410)
    case, _ = found
    context = {"number": case.number, "until": case.wait_until}
    if case.state != "waiting":
        return render(request, "recovery/stop.html", context | {"refused": Refused("stop.over")})
    if request.method != "POST":
        return render(request, "recovery/stop.html", context)
    try:
        waits.stop(case, clock.now())
    except Refused as refused:
        return render(request, "recovery/stop.html", context | {"refused": refused})
    return render(request, "recovery/stopped.html", context)
