"""Signing in, the account page, a new key while the old one is known, signing out."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from clavero import clock
from clavero.core.errors import Refused
from clavero.employers import queries as employers
from clavero.institution import profile
from clavero.keys import doors, forms, passkeys, second, services
from clavero.keys import history as told
from clavero.keys.models import Account, Session
from clavero.throttle import memory

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
AGAIN, TOO_MANY = 200, 429  # AGAIN: a form shown again, with what it needs


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the owner of the account alone; a forced change comes first (S-040)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now, was_in = clock.now(), request.user.is_authenticated
        account = doors.owner(request, now)
        if account is None:
            return to_sign_in(request, over=was_in)
        if account.must_change and view.__name__ != "change_key":
            return HttpResponseRedirect(reverse("account_change_key"))
        return view(request, account, now, *args, **kwargs)

    return guarded


def to_sign_in(request: HttpRequest, *, over: bool = False) -> HttpResponse:
    """To the sign-in page and back here afterwards; `over` says there that a session ended for want of use."""
    asked = {"next": request.path} | ({"vencida": "1"} if over else {})
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode(asked)}", status=303)


@get_or_post
def sign_in(request: HttpRequest) -> HttpResponse:
    """Identification, employer and key. One sentence for whatever does not match (S-055)."""
    form = forms.SignIn.bind(request.POST) if request.method == "POST" else forms.SignIn()
    number = forms.employer_number(form) if form.is_bound and form.ok else None
    if number is None or not form.ok:
        return _sign_in_page(request, form)
    now, typed = clock.now(), (str(number), form["key"])
    if memory.has(request, "signin", *typed):
        form.refuse("key", Refused("signin.same_again"))
        return _sign_in_page(request, form, tried=request.POST.get(memory.FIELD, ""))
    try:
        account = services.check(number, form["key"], doors.attempt(request), now)
    except Refused as refused:
        form.refuse("key", refused)
        if refused.code == "throttle.wait":
            return _sign_in_page(request, form, TOO_MANY)
        return _sign_in_page(request, form, tried=memory.after(request, "signin", *typed))
    wanted = safe_next(request.POST.get("next") or "")
    if second.kept(account) is not None:
        return doors.ask_second(account, wanted)
    services.let_in(account, doors.attempt(request), now)
    return doors.enter(request, account, HttpResponseRedirect(wanted, status=303), now)


def _sign_in_page(
    request: HttpRequest, form: forms.SignIn, status: int = AGAIN, tried: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "tried": tried,
        "asks_branch": profile().key_scope == "branch",
        "shown": request.GET.get("ver") == "si",
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "over": request.GET.get("vencida") == "1",
        "waits": status == TOO_MANY,
    }
    return render(request, "keys/sign_in.html", context, status=status if form.is_bound else 200)


def safe_next(wanted: str) -> str:
    """Where to go afterwards: a page of this site, or the account (N13)."""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if safe else reverse("account")


@get_or_post
def sign_out(request: HttpRequest) -> HttpResponse:
    """A GET asks, the POST ends the session and clears what the browser kept."""
    if request.method != "POST":
        return render(request, "keys/sign_out.html", {})
    logout(request)
    response = HttpResponseRedirect(reverse("home"), status=303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@get_or_post
@signed_in
def account(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """The employer, the branch in use, the last access, open sessions, what happened to the key."""
    if account.employer is None:
        raise Http404
    summary = employers.summary(account.employer)
    branches = [number for number, _name in summary.branches]
    if request.method == "POST" and request.POST.get("branch") in branches:
        request.session["branch"] = request.POST["branch"]
        return HttpResponseRedirect(reverse("account"), status=303)
    context = {
        "account": account,
        "passkeys": passkeys.count(account),
        "has_second": second.kept(account) is not None,
        "employer": summary,
        "chosen": request.session.get("branch")
        or account.branch
        or (branches[0] if len(branches) == 1 else ""),
        "can_choose": profile().key_scope == "ruc" and len(branches) > 1,
        "sessions": Session.objects.filter(account_id=account.pk, expire_date__gt=now).order_by(
            "-opened_at"
        ),
        "here": request.session.session_key,
        "history": account.history.order_by("-at")[:20],
    }
    return render(request, "keys/account.html", context)


@require_http_methods(["GET", "HEAD"])
@signed_in
def history(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """Everything that was done and looked at, staff included (J03, J04)."""
    return render(request, "keys/history.html", {"account": account, "lines": told.of(account)})


@require_POST
@signed_in
def end_sessions(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """End every other open session."""
    for session in Session.objects.filter(account_id=account.pk).exclude(
        pk=request.session.session_key
    ):
        services.end_session(account, session.session_key)
    return HttpResponseRedirect(reverse("account"), status=303)


@get_or_post
@signed_in
def change_key(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """A new key with the current one. A wrong current key counts as a failed try (S-038)."""
    form = forms.ChangeKey.bind(request.POST) if request.method == "POST" else forms.ChangeKey()
    if not form.is_bound or not form.ok:
        return _change_page(request, form, account)
    try:
        services.change(account, form["current"], form["key"], doors.attempt(request), now)
    except Refused as refused:
        form.refuse(
            "current" if refused.code in ("key.wrong_current", "throttle.wait") else "key", refused
        )
        return _change_page(request, form, account)
    logout(request)
    return HttpResponseRedirect(reverse("account_login"), status=303)


def _change_page(request: HttpRequest, form: forms.ChangeKey, account: Account) -> HttpResponse:
    context = {"form": form, "account": account, "shown": request.GET.get("ver") == "si"}
    return render(request, "keys/change_key.html", context, status=AGAIN if form.is_bound else 200)
