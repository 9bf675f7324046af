"""The pages of an employer's passkeys: sign in with one, see them, add one, remove one."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from clavero import clock
from clavero.core.errors import Refused
from clavero.keys import bindings, doors, forms, passkeys, second
from clavero.keys.models import Account
from clavero.keys.views import AGAIN, TOO_MANY, get_or_post, signed_in
from clavero.ui.forms import Form


def _sent(request: HttpRequest) -> tuple[str, str]:
    return request.POST.get("state", ""), request.POST.get("credential", "")


@get_or_post
def sign_in(request: HttpRequest) -> HttpResponse:
    """One button: the passkey says whose it is."""
    form, now = Form(), clock.now()
    if request.method == "POST":
        try:
            account = bindings.sign_in(*_sent(request), doors.attempt(request), now)
        except Refused as refused:
            form.refuse("passkey", refused)
        else:
            home = HttpResponseRedirect(reverse("account"), status=303)
            return doors.enter(request, account, home, now)
    ceremony = passkeys.begin(passkeys.SIGN_IN, kind=passkeys.EMPLOYER)
    context = {"form": form, "signing": {"ceremony": ceremony}}
    waits = any(no.code == "throttle.wait" for no in form.errors.values())
    return render(request, "keys/by_passkey.html", context, status=TOO_MANY if waits else AGAIN)


@get_or_post
@signed_in
def mine(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """What one may sign in with besides the key. Adding asks for the key."""
    asks_code = second.kept(account) is not None
    kind = forms.PasskeyBesideSecond if asks_code else forms.Passkey
    form = kind.bind(request.POST) if request.method == "POST" else kind()
    if form.is_bound and form.ok:
        try:
            attempt = doors.attempt(request)
            proof = bindings.Proof(form["current"], form["code"] if asks_code else "")
            bindings.add(account, form["label"], proof, *_sent(request), attempt, now)
            return HttpResponseRedirect(reverse("account_passkeys"), status=303)
        except Refused as refused:
            form.refuse(_field_of(refused), refused)
    return _page(request, account, form)


def _field_of(refused: Refused) -> str:
    """Where a refusal stands: at the code, at the key, or at the passkey's name."""
    if refused.code.startswith("second."):
        return "code"
    return "current" if refused.code in ("key.wrong_current", "throttle.wait") else "label"


def _page(request: HttpRequest, account: Account, form: Form) -> HttpResponse:
    name = account.employer.name if account.employer else ""
    context: dict[str, Any] = {
        "form": form,
        "kept": passkeys.of(account),
        "signing": {"kind": "create", "ceremony": passkeys.begin_adding(account, name)},
        "shown": request.GET.get("ver") == "si",
    }
    return render(request, "keys/own_passkeys.html", context, status=AGAIN)


@get_or_post
@signed_in
def remove(request: HttpRequest, account: Account, now: datetime, number: int) -> HttpResponse:
    """A passkey opens nothing any more."""
    kept = next((one for one in passkeys.of(account) if one.pk == number), None)
    if request.method == "POST":
        bindings.remove(account, number, doors.attempt(request), now)
    if request.method == "POST" or kept is None:
        return HttpResponseRedirect(reverse("account_passkeys"), status=303)
    return render(request, "keys/passkey_gone.html", {"kept": kept})
