"""Sign-in as requests and answers: what a try is, and opening a session through allauth."""

from datetime import datetime

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from clavero.institution import profile
from clavero.keys import services
from clavero.keys.browsers import described
from clavero.keys.models import Account
from clavero.keys.services import Try
from clavero.keys.session_store import LONGEST
from clavero.privacy import handles, tokens
from clavero.throttle import queries as askers

DEVICE = "__Host-equipo" if settings.SECURE else "equipo"
DEVICE_DAYS = 180
SECOND, SECOND_SECONDS = "__Host-segundo" if settings.SECURE else "segundo", 600
STAFF_MARK = "__Host-personal" if settings.SECURE else "personal"
STAFF_HOURS = 24  # a session of the desk lasts up to 12 hours, and 12 more count after it (S-078)
AWAKE_SECONDS = 60
"""How often a page that is used says so in the session."""


def attempt(request: HttpRequest) -> Try:
    """One attempt from this browser."""
    browser = described(request.headers.get("User-Agent", ""))
    return Try(askers.asker(request), request.COOKIES.get(DEVICE, ""), browser)


def enter(
    request: HttpRequest, account: Account, response: HttpResponse, now: datetime
) -> HttpResponse:
    """Open the session (allauth runs its stages), remember the device, and answer with `response`.

    The session's id is new at every sign-in (S-088).
    """
    account.backend = "clavero.keys.backends.KeyBackend"  # type: ignore[attr-defined]
    passed = perform_login(request, account, redirect_url=response.headers.get("Location", "/"))
    if not request.user.is_authenticated:
        return passed  # type: ignore[no-any-return]  # a further stage (second factor) comes first
    request.session["opened"] = request.session["seen"] = now.timestamp()
    _remember(request, account, response, now)
    return response


def ask_second(account: Account, wanted: str) -> HttpResponse:
    """The key was right: on to the code. Nothing is open yet; a key that changes meanwhile voids this (D11)."""
    note = {"account": account.pk, "version": account.key_version, "next": wanted}
    response = HttpResponseRedirect(reverse("account_second"), status=303)
    value = handles.seal(note, "second_step")
    response.set_cookie(
        SECOND, value, secure=settings.SECURE, httponly=True, samesite="Lax", max_age=SECOND_SECONDS
    )
    return response


def asked_second(request: HttpRequest, now: datetime) -> tuple[Account, str] | None:
    """Whose code is asked in this browser, and where to go afterwards."""
    note = handles.open(request.COOKIES.get(SECOND, ""), "second_step", SECOND_SECONDS)
    if not note:
        return None
    found = Account.objects.filter(pk=note["account"], key_version=note["version"]).first()
    if found is None or not services.is_open(found, now):
        return None
    return found, note["next"]


def owner(request: HttpRequest, now: datetime) -> Account | None:
    """The employer's account of a live session. Half an hour without use ends it, and twelve hours do (S-090)."""
    account = request.user
    if not isinstance(account, Account) or account.kind != Account.EMPLOYER:
        return None
    opened = float(request.session.get("opened", 0))
    idle = now.timestamp() - float(request.session.get("seen", opened))
    rest = profile().limits.idle_minutes * 60
    if idle > rest or now.timestamp() - opened > LONGEST.total_seconds():
        logout(request)
        return None
    if idle > AWAKE_SECONDS:
        request.session["seen"] = now.timestamp()
    return account


def _remember(
    request: HttpRequest, account: Account, response: HttpResponse, now: datetime
) -> None:
    browser = described(request.headers.get("User-Agent", ""))
    request.session["browser"] = browser
    if was_let_in(request) and services.knows_device(account, request.COOKIES[DEVICE]):
        return  # one without a mark, from before marks were made, is replaced
    token = services.remember_device(account, browser, now)
    response.set_cookie(
        DEVICE,
        token,
        max_age=DEVICE_DAYS * 86400,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def was_let_in(request: HttpRequest) -> bool:
    """Whether somebody signed in from this browser some time: it may have tries of its own (S-045). Asks no database."""
    return tokens.is_marked("device", request.COOKIES.get(DEVICE, ""))


def mark_staff(response: HttpResponse) -> HttpResponse:
    """Say in this browser that somebody of staff worked in it: until 12 hours after their session no key is set here (S-078)."""
    response.set_cookie(
        STAFF_MARK,
        handles.seal({"staff": 1}, "staff_mark"),
        max_age=STAFF_HOURS * 3600,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def held_staff_session(request: HttpRequest) -> bool:
    """Whether somebody of staff worked in this browser in the last 12 hours."""
    if getattr(request.user, "kind", "") == Account.STAFF:
        return True
    marked = request.COOKIES.get(STAFF_MARK, "")
    return bool(marked) and handles.open(marked, "staff_mark", STAFF_HOURS * 3600) is not None
