"""The pages of an employer's second step: set it up, its one-time codes, take it away; and the step itself at sign-in (D11)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from clavero import clock
from clavero.core.errors import Refused
from clavero.keys import doors, forms, passkeys, second, services
from clavero.keys.models import Account
from clavero.keys.views import AGAIN, TOO_MANY, get_or_post, safe_next, signed_in
from clavero.privacy import handles
from clavero.ui.forms import Form
from clavero.ui.paper import Code

SHOWN = "__Host-codigos" if settings.SECURE else "codigos"
SHOWN_SECONDS = 600


def _to(name: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(name), status=303)


# --- at sign-in -------------------------------------------------------------------------------------------


@never_cache
@get_or_post
def step(request: HttpRequest) -> HttpResponse:
    """The code of the app, after the key."""
    now = clock.now()
    asked = doors.asked_second(request, now)
    if asked is None:
        return _to("account_login")
    account, wanted = asked
    form = forms.SecondCode.bind(request.POST) if request.method == "POST" else forms.SecondCode()
    if form.is_bound and form.ok:
        attempt = doors.attempt(request)
        try:
            second.check(account, form["code"], attempt, now)
        except Refused as refused:
            form.refuse("code", refused)
        else:
            services.let_in(account, attempt, now)
            home = HttpResponseRedirect(safe_next(wanted), status=303)
            home.delete_cookie(doors.SECOND)
            return doors.enter(request, account, home, now)
    waits = any(no.code == "throttle.wait" for no in form.errors.values())
    return render(
        request, "keys/second_step.html", {"form": form}, status=TOO_MANY if waits else AGAIN
    )


# --- in the account ---------------------------------------------------------------------------------------


@get_or_post
@signed_in
def mine(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """Set up the second step, or see that it is in place."""
    held = second.kept(account)
    if held is not None:
        context = {
            "kept": held,
            "left": second.codes_left(account),
            "passkeys": passkeys.count(account),
        }
        return render(request, "keys/own_second.html", context)
    form = forms.NewSecond.bind(request.POST) if request.method == "POST" else forms.NewSecond()
    secret = _secret_of(request, account)
    if form.is_bound and form.ok:
        given = form["code"], form["current"], doors.attempt(request), now
        try:
            return _show(
                account,
                second.begin(account, secret, *given, here=str(request.session.session_key)),
            )
        except Refused as refused:
            _refuse(form, refused)
    context = {
        "form": form, "secret": secret, "qr": Code("", second.address(account, secret)).qr,
        "state": handles.seal({"account": account.pk, "secret": secret}, "new_second"),
        "shown": request.GET.get("ver") == "si", "passkeys": passkeys.count(account),
    }  # fmt: skip
    return render(request, "keys/own_second.html", context, status=AGAIN)


def _secret_of(request: HttpRequest, account: Account) -> str:
    """The secret that this page showed, for half an hour; else a new one."""
    note = handles.open(request.POST.get("state", ""), "new_second", 1800)
    if note and note["account"] == account.pk:
        return str(note["secret"])
    return second.new_secret()


def _refuse(form: Form, refused: Refused) -> None:
    form.refuse("current" if refused.code == "key.wrong_current" else "code", refused)


def _show(account: Account, codes: list[str]) -> HttpResponse:
    response = _to("account_second_codes")
    response.set_cookie(
        SHOWN, handles.seal({"account": account.pk, "codes": codes}, "codes"), secure=settings.SECURE, httponly=True,
        samesite="Lax", max_age=SHOWN_SECONDS,
    )  # fmt: skip
    return response


@never_cache
@get_or_post
@signed_in
def codes(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """The one-time codes, once; asked for with key and code, new ones."""
    held = handles.open(request.COOKIES.get(SHOWN, ""), "codes", SHOWN_SECONDS)
    if held and held["account"] == account.pk and request.method != "POST":
        response = render(request, "keys/second_codes.html", {"codes": held["codes"]})
        response.delete_cookie(SHOWN)
        return response
    return _with_proof(request, account, now, "codes")


@get_or_post
@signed_in
def remove(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """Take the second step away, with the key and a code."""
    return _with_proof(request, account, now, "remove")


def _with_proof(request: HttpRequest, account: Account, now: datetime, what: str) -> HttpResponse:
    if second.kept(account) is None:
        return _to("account_own_second")
    form = forms.Proof.bind(request.POST) if request.method == "POST" else forms.Proof()
    if form.is_bound and form.ok:
        given = form["code"], form["current"], doors.attempt(request), now
        try:
            if what == "codes":
                return _show(account, second.renew_codes(account, *given))
            second.remove(account, *given)
            return _to("account_own_second")
        except Refused as refused:
            _refuse(form, refused)
    context: dict[str, Any] = {"form": form, "what": what, "shown": request.GET.get("ver") == "si"}
    return render(request, "keys/second_proof.html", context, status=AGAIN)
