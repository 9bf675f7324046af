"""What the pages of a case share: finding the case, going to where it stands, saying no."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from clavero import clock
from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.keys import doors
from clavero.privacy import handles as sealed
from clavero.recovery import handles, queries, services, visits
from clavero.recovery.handles import Held
from clavero.recovery.models import Case

PAGE_OF = {
    "code_sent": "case_code",
    "proved": "case_question",
    "questioned": "case_contact",
    "contact_settled": "case_key",
    "waiting": "case_pause",
    "key_set": "case_test",
    "access_tested": "case_done",
    "visit_needed": "case_situation",
    "booked": "case_booking",
}
"""Where a case in each state is found; every other state has the page that says how it stands."""

FINISHING = frozenset({"approved", "binding_handed"})
"""After the desk: what is left is the claimant's, with case secret and binding code."""

VISITING = frozenset(
    {"visit_needed", "booked", "at_desk", "observed", "in_review", "frozen", *FINISHING}
)
"""Where a case stands while its visit is prepared or under way: its papers can be printed."""

SEE_OTHER, AGAIN, GONE, TOO_MANY = 303, 200, 410, 429
"""AGAIN: a form shown again, with what it needs; browsers and scripts keep it like any page."""
OF_THE_CASE = frozenset({"case.move_not_allowed", "case.tampered"})
"""Refusals that are no fault of a field: `in_case` answers them for every page."""

View = Callable[..., HttpResponse]


def language() -> str:
    return "en" if get_language() == "en" else "es"


def to(name: str, *args: object, part: str = "") -> HttpResponse:
    """The next page, by an address of its own: Back and reload repeat nothing. `part` is shown first."""
    place = reverse(name, args=args) + (f"#{part}" if part else "")
    return HttpResponseRedirect(place, status=SEE_OTHER)


def prepares_a_visit(case: Case) -> bool:
    """Whether the claimant holds the secret of a visit; the one of a wait came without a continuation code."""
    return bool(case.secret_hash and (case.continuation_hash or not case.wait_until))


def place_of(case: Case) -> str:
    """The page on which a case is found now."""
    if case.state == "visit_needed" and prepares_a_visit(case):
        return "case_visit" if case.contact_data else "case_contact_data"
    if case.state in FINISHING:
        return "case_key" if visits.has_binding(case, clock.now()) else "case_finish"
    if case.state == "contact_settled" and services.asks_factor(case):
        return "case_factor"
    return PAGE_OF.get(case.state, "case_status")


SAME = "?misma=si"
"""Said of a page that answers from memory: these very numbers were validated moments ago (C11)."""


def onward(request: HttpRequest, case: Case, now: datetime, said: str = "") -> HttpResponse:
    """To where the case stands, with its newest handle. `said` is the end of the address."""
    response = to(place_of(case), case.ref)
    response.headers["Location"] += said
    return handles.hold(request, response, case, now)


def in_case(*places: str, visiting: bool = False) -> Callable[[View], View]:
    """A page of a case: only for the browser that holds it, and only where the case stands (N05).

    `places` are the pages it may be open at; with `visiting`, any place of a visit that was declared.
    After half an hour without use a proof lapses. Of two presses that arrive together, the second is led
    to where the first one went (ATTACKS 17).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, ref: str, **more: str) -> HttpResponse:
            now = clock.now()
            held = handles.held(request, ref, now)
            if held is None:
                return not_here(request, ref, now)
            try:
                return _answered(partial(view, **more), places, visiting, request, held, now)
            except Refused as refused:
                if refused.code == "case.move_not_allowed":
                    return overtaken(request, ref, now)
                if refused.code == "case.tampered":
                    return useless(request, held.case)
                raise

        return guarded

    return decorate


def _answered(
    view: View,
    places: tuple[str, ...],
    visiting: bool,
    request: HttpRequest,
    held: Held,
    now: datetime,
) -> HttpResponse:
    case = held.case
    if not held.fresh and case.state in services.LAPSING:
        services.lapse(case, now)
        return handles.hold(request, to("case_expired", case.ref), case, now)
    if not held.fresh and case.state in FINISHING:
        return to("case")
    is_visiting = visiting and case.state in VISITING and prepares_a_visit(case)
    if not is_visiting and place_of(case) not in places:
        return out_of_order(request, case, now)
    return handles.keep_awake(request, view(request, case, now), held, now)


def out_of_order(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """A step that is not the case's next: recorded where somebody tried to make it, and led back."""
    if request.method == "POST":
        with transaction.atomic():
            audit.record(
                "sequence_fail",
                actor="claimant",
                case_id=case.pk,
                outcome="refused",
                reason=case.state,
            )
    return onward(request, case, now)


def overtaken(request: HttpRequest, ref: str, now: datetime) -> HttpResponse:
    """The case moved while this request was under way: on with it, if this browser still holds it."""
    held = handles.held(request, ref, now)
    return onward(request, held.case, now) if held else not_here(request, ref, now)


def useless(request: HttpRequest, case: Case) -> HttpResponse:
    """Another hand wrote in the case: it goes on nowhere, and that is recorded."""
    with transaction.atomic():
        services.record_useless(case)
    return render(request, "recovery/useless.html", {"number": case.number}, status=GONE)


def not_here(request: HttpRequest, ref: str, now: datetime) -> HttpResponse:
    """This browser does not hold the case, or no longer: it went on in another one."""
    case = _second_press(request, ref, now)
    if case is not None:
        response = render(
            request,
            "recovery/code_used.html",
            {"case": case, "next": reverse(place_of(case), args=[ref])},
        )
        return handles.hold(request, response, case, now)
    elsewhere = handles.held_before(request, ref)
    return render(
        request,
        "recovery/not_here.html",
        {"elsewhere": elsewhere},
        status=200 if elsewhere else 404,
    )


def _second_press(request: HttpRequest, ref: str, now: datetime) -> Case | None:
    """The case whose code was sent twice by a double click: the second press proves nothing and loses nothing."""
    if (
        request.method != "POST"
        or not handles.held_before(request, ref)
        or "code" not in request.POST
    ):
        return None
    case = queries.by_ref(ref)
    return case if case and services.is_replay(case, request.POST["code"], now) else None


def slow_down(request: HttpRequest, refused: Refused) -> HttpResponse:
    """Too often: a rounded wait, the way back to where the person tried, and the one that needs no waiting."""
    context = {**refused.details, "back": request.get_full_path()}
    response = render(request, "recovery/wait.html", context, status=TOO_MANY)
    response.headers["Retry-After"] = str(-(-int(str(refused.details["seconds"])) // 60) * 60)
    return response


# --- links of messages ------------------------------------------------------------------------------------

LINK_MINUTES = 15


def without_token(name: str, cookie: str, token: str, minutes: int = LINK_MINUTES) -> HttpResponse:
    """The token leaves the address at once, for a sealed cookie; nothing is consumed (S-022, S-023)."""
    response = to(name)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.set_cookie(
        cookie,
        sealed.seal({"token": token}, "link"),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
        max_age=minutes * 60,
    )
    return response


def token_of(request: HttpRequest, cookie: str, minutes: int = LINK_MINUTES) -> str:
    """The token that `without_token` put away, for so many minutes."""
    held = sealed.open(request.COOKIES.get(cookie, ""), "link", minutes * 60)
    return held["token"] if held else ""


def on_own_device(view: View) -> View:
    """Never where somebody of staff has worked in the last 12 hours (S-078)."""

    @wraps(view)
    def guarded(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
        if doors.held_staff_session(request):
            return render(request, "recovery/staff_browser.html", {"case": case}, status=403)
        return view(request, case, now)

    return guarded
