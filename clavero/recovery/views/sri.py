"""«Ya reactivé mi RUC»: ask the SRI online, wait without a script, read the answer, go on."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero.catastro.models import Inquiry
from clavero.core.errors import Refused
from clavero.recovery import handles, live, services
from clavero.recovery.models import Case
from clavero.recovery.views.common import in_case, onward, slow_down, to
from clavero.throttle import queries as askers

AGAIN_SECONDS = 3
PATIENCE = timedelta(minutes=1)
"""After so long without an answer the page stops asking for itself: the worker may be down."""


@require_http_methods(["GET", "HEAD", "POST"])
@in_case("case_visit", "case_booking")
def ask(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """One page in four states: not asked, asked, answered, refused."""
    if request.method != "POST":
        return page(request, case, now)
    try:
        if request.POST.get("online"):
            live.go_online(case, askers.asker(request), now)
            return onward(request, case, now)
        live.ask(case, now)
    except Refused as refused:
        if refused.code == "case.move_not_allowed":
            raise
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        case.refresh_from_db()
        return page(request, case, now, refused)
    return handles.hold(request, to("case_sri", case.ref), case, now)


def page(
    request: HttpRequest, case: Case, now: datetime, refused: Refused | None = None
) -> HttpResponse:
    facts, inquiry = services.public_facts(case), live.asked(case)
    context = {
        "case": case, "facts": facts, "inquiry": inquiry, "refused": refused,
        "standing": standing(facts.ruc, inquiry, now), "can_ask": live.can_ask(case, facts),
    }  # fmt: skip
    response = render(request, "recovery/sri.html", context)
    return refreshed(response, str(context["standing"]))


def standing(ruc: str, inquiry: Inquiry | None, now: datetime) -> str:
    """What the page says: new, waiting, silent, or what the SRI said (active, suspended, closed)."""
    if inquiry is None:
        return "active" if ruc == "active" else "new"
    if inquiry.state == Inquiry.WAITING:
        return "waiting" if now - inquiry.asked_at < PATIENCE else "silent"
    return "silent" if inquiry.status == "unknown" else inquiry.status


def refreshed(response: HttpResponse, standing: str) -> HttpResponse:
    """A page that waits asks for itself again, without a script."""
    if standing == "waiting":
        response.headers["Refresh"] = str(AGAIN_SECONDS)
    return response
