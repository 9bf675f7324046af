"""The desk's door: who may open a page, a session that locks, the mark in the browser, the signature of an approval.

`@desk(act)` stands before every page: it finds the member of staff, asks `core.staff` whether the act is theirs,
locks after fifteen minutes without use and ends after twelve hours (S-072). A view gets
`(request, staff, now, *parts of the address)`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from clavero import clock
from clavero.audit import services as audit
from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.core.staff import ACTS, Act
from clavero.desk import duty, people, staff_forms, staff_texts, training
from clavero.desk import signing as signatures
from clavero.desk.models import Assertion, Staff
from clavero.keys import doors as browsers
from clavero.keys import passkeys
from clavero.keys.browsers import described
from clavero.keys.models import Account
from clavero.privacy import handles
from clavero.ui.forms import Form
from clavero.ui.templatetags.clavero import clock as clock_time

SEE_OTHER, AGAIN = 303, 200
MARK_SECONDS = 60
View = Callable[..., HttpResponse]
Program = Callable[[HttpRequest], HttpResponse | None]


@dataclass(frozen=True)
class Place:
    """What every page of the desk knows of who works at it: for templates, as `request.desk`.

    `nav` are the pages that the head links to, as (address, word), by role.
    """

    staff: Staff
    role: str
    locks_at: datetime
    seconds: int
    nav: list[tuple[str, str]]
    training: bool = False


def to(name: str, *args: object) -> HttpResponse:
    """The next page, by an address of its own: Back and reload repeat nothing."""
    return HttpResponseRedirect(reverse(name, args=args), status=SEE_OTHER)


def held(request: HttpRequest) -> Staff | None:
    """Who of staff is signed in in this browser."""
    account = request.user
    if not isinstance(account, Account) or account.kind != Account.STAFF:
        return None
    return Staff.objects.filter(account=account, left_at=None).select_related("account").first()


# --- the guard --------------------------------------------------------------------------------------------


def desk(act: str, program: Program | None = None) -> Callable[[View], View]:
    """A page of the desk, for those whose role `act` is. Only an act that writes answers a POST (ATTACKS 21).

    `program` answers a program that brings what stands for a session, and nobody else: None sends them to the door.
    """
    wanted = ACTS[act]

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            answer = program(request) if program else None
            if answer is not None:
                return answer
            now = clock.now()
            staff = held(request)
            if staff is None:
                return _to_sign_in(request)
            stop = _session_over(request, staff, now) or _barred(request, staff, wanted, now)
            if stop is not None:
                return stop
            _see(request, staff, now)
            response = view(request, staff, now, *args, **kwargs)
            response.headers["Locks-At"] = clock_time(request.desk.locks_at)  # type: ignore[attr-defined]
            return response

        guarded.act = wanted  # type: ignore[attr-defined]
        return guarded

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk_sign_in')}?next={request.path}", status=SEE_OTHER)


def _session_over(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse | None:
    """After twelve hours the session ends; after fifteen minutes without use it is locked."""
    if is_over(request, now):
        signatures.record_out(staff, "twelve_hours")
        logout(request)
        return _to_sign_in(request)
    if now.timestamp() - request.session.get("seen", 0) > rules.IDLE.total_seconds():
        lock(request, staff, "idle")
    return to_locked(request, staff) if request.session.get("locked") else None


def is_over(request: HttpRequest, now: datetime) -> bool:
    """Whether twelve hours have passed since the sign-in."""
    return now.timestamp() - request.session.get("opened", 0) > rules.WHOLE.total_seconds()


def is_enrolling(request: HttpRequest, now: datetime) -> bool:
    """Whether a code of enrolment was given in this session, in the last half hour."""
    given = request.session.get("enrolling", 0)
    return now.timestamp() - given <= rules.ENROLLING.total_seconds()


def _barred(request: HttpRequest, staff: Staff, act: Act, now: datetime) -> HttpResponse | None:
    """A method, a role or a qualification that does not fit; too few passkeys lead to the page that adds them."""
    if request.method not in ("GET", "HEAD") and not (act.writes and request.method == "POST"):
        return HttpResponse(
            status=405, headers={"Allow": "GET, HEAD, POST" if act.writes else "GET, HEAD"}
        )
    if act.code != "own.keys" and not people.is_ready(staff):
        return to("desk_passkeys")
    try:
        rules.check(
            act,
            staff.account.role,
            qualified_until=_qualified(staff, act, now),
            today=people.local_day(now),
        )
    except Refused as refused:
        return _not_yours(request, staff, act, refused, now)
    return None


def _qualified(staff: Staff, act: Act, now: datetime) -> date | None:
    """Until when: for what is practised at a centre in training, today is enough."""
    practises = act.code in training.PRACTISED and training.of(staff)
    return people.local_day(now) if practises else staff.qualified_until


def _not_yours(
    request: HttpRequest, staff: Staff, act: Act, refused: Refused, now: datetime
) -> HttpResponse:
    with transaction.atomic():
        audit.record(
            "staff_barred", actor=staff.role, subject=staff.account_id, outcome="refused",
            reason=act.code, data={"staff": staff.number},
        )  # fmt: skip
    _see(request, staff, now)
    return render(request, "desk/not_yours.html", {"refused": refused.code}, status=403)


def _see(request: HttpRequest, staff: Staff, now: datetime) -> None:
    """This person is here: the lock moves on, and so does the duty."""
    request.session["seen"] = now.timestamp()
    duty.see(staff, now)
    request.desk = place(request, staff, now)  # type: ignore[attr-defined]


def place(request: HttpRequest, staff: Staff, now: datetime) -> Place:
    opened = datetime.fromtimestamp(request.session.get("opened", now.timestamp()), now.tzinfo)
    role = staff.account.role
    nav = [
        (reverse(page), str(staff_texts.NAV[page]))
        for page, act in staff_texts.ACTS.items()
        if rules.may(role, act)
    ]
    locks = min(now + rules.IDLE, opened + rules.WHOLE)
    seconds = int((locks - now).total_seconds())
    return Place(staff, str(staff_texts.ROLES[role]), locks, seconds, nav, training.of(staff))


# --- the lock ---------------------------------------------------------------------------------------------

KEPT_MOST = 400_000
"""Characters of what a locked page keeps: more than the longest form sends."""
_NOT_KEPT = frozenset("csrfmiddlewaretoken state credential code".split())


def lock(request: HttpRequest, staff: Staff, why: str) -> None:
    """Lock the desk in this browser. Once: a desk that is locked stays as it is."""
    if request.session.get("locked"):
        return
    request.session["locked"] = True
    signatures.record_lock(staff, why)


def to_locked(request: HttpRequest, staff: Staff) -> HttpResponse:
    """To the locked page; what was sent to a desk that had locked meanwhile is kept in it, codes excepted."""
    if request.method == "POST":
        return locked_page(request, staff, staff_forms.Unlock(), kept=_kept(request))
    return HttpResponseRedirect(f"{reverse('desk_locked')}?next={request.path}", status=SEE_OTHER)


def _kept(request: HttpRequest) -> str:
    fields = [
        (name, value)
        for name in request.POST
        if name not in _NOT_KEPT
        for value in request.POST.getlist(name)
    ]
    held = handles.seal({"path": request.path, "fields": fields}, "desk_kept")
    return held if len(held) <= KEPT_MOST else ""


def kept(request: HttpRequest) -> dict[str, Any] | None:
    """What `_kept` put into the page: `path` and `fields`, for twelve hours."""
    hours = int(rules.WHOLE.total_seconds())
    return handles.open(request.POST.get("kept", ""), "desk_kept", hours, most=KEPT_MOST)


def locked_page(
    request: HttpRequest, staff: Staff, form: Form, kept: str = "", status: int = AGAIN
) -> HttpResponse:
    """The locked desk: who it is, and the passkey that opens it."""
    context = {
        "form": form,
        "staff": staff,
        "kept": kept or request.POST.get("kept", ""),
        "next": next_address(request),
        "unlock_address": reverse("desk_locked"),
        "signing": {
            "ceremony": passkeys.begin(passkeys.UNLOCK, staff.pk),
            "codes": settings.DESK_CODES,
        },
    }
    return render(request, "desk/locked.html", context, status=status)


def unlock(request: HttpRequest, now: datetime) -> None:
    """The desk is open again, for fifteen minutes and no longer than the session."""
    request.session.pop("locked", None)
    request.session["seen"] = now.timestamp()


# --- a session --------------------------------------------------------------------------------------------


def enter(request: HttpRequest, staff: Staff, address: str, now: datetime) -> HttpResponse:
    """Open the session under a new id (S-088) and go to `address`, over the mark of this browser (S-078)."""
    login(request, staff.account, backend="clavero.keys.backends.KeyBackend")
    request.session["opened"] = request.session["seen"] = now.timestamp()
    request.session["browser"] = described(request.headers.get("User-Agent", ""))
    return marked(request, address)


def leave(request: HttpRequest, staff: Staff, now: datetime, why: str) -> None:
    """End the session, and the duty with it."""
    with transaction.atomic():
        duty.end(staff, now)
    signatures.record_out(staff, why)
    logout(request)


def next_address(request: HttpRequest) -> str:
    """Where somebody wanted to go before the sign-in or the lock: a page of the desk, or its home."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    here = reverse("desk_home")
    inside = wanted.startswith(here) and ".." not in wanted
    inside = inside and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if inside else here


# --- the mark ---------------------------------------------------------------------------------------------


def marked(request: HttpRequest, address: str) -> HttpResponse:
    """To `address`, with the mark of staff in this browser at the public host: over there and back, or here at once."""
    if request.get_host() == urlsplit(settings.BASE_URL).netloc:
        return browsers.mark_staff(HttpResponseRedirect(address, status=SEE_OTHER))
    token = handles.seal({"back": address}, "staff_mark_way")
    return HttpResponseRedirect(
        settings.BASE_URL + reverse("desk_mark", args=[token]), status=SEE_OTHER
    )


def way_back(token: str) -> str | None:
    """The page of the desk that a marking browser goes back to, while its token lives (a minute)."""
    found = handles.open(token, "staff_mark_way", MARK_SECONDS)
    return settings.DESK_URL + found["back"] if found else None


def may_go_to_mark(response: HttpResponse) -> HttpResponse:
    """A form whose answer leads over the public host: the policy of this page lets it."""
    response.form_action = settings.BASE_URL  # type: ignore[attr-defined]
    return response


# --- the signature of an approval -------------------------------------------------------------------------


def signing(request: HttpRequest, staff: Staff, message_hash: str) -> dict[str, Any]:
    """What a page that asks for a signature hands to `desk/signature.html` as `signing`."""
    return {
        "ceremony": passkeys.begin(passkeys.APPROVE, staff.pk, message_hash),
        "codes": settings.DESK_CODES,
    }


def assertion(request: HttpRequest, staff: Staff, message_hash: str, now: datetime) -> Assertion:
    """The signature that came with this POST: checked, kept, and returned. Before the transaction of what it approves.

    `message_hash` is SHA-256 (hex) of case, action and evidence as they stand now: where they changed since the
    page was shown, no signature fits. Raises `Refused` as `signing.sign`.
    """
    state, answer = request.POST.get("state", ""), request.POST.get("credential", "")
    return signatures.sign(staff, message_hash, state, answer, request.POST.get("code", ""), now)
