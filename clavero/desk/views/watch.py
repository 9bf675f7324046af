"""What is out of the ordinary: questions about the work of staff for who supervises and audits, numbers for operators."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero import clock
from clavero.core.staff import ACTS
from clavero.desk import attacks, watching
from clavero.desk.doors import desk
from clavero.desk.models import Staff
from clavero.privacy import tokens

only_read = require_http_methods(["GET", "HEAD"])
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@only_read
@desk("watch.read")
def questions(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Questions, never accusations: of every member of staff but the one who reads."""
    return render(request, "desk/watch.html", {"questions": watching.questions_for(staff, now)})


@desk("limits.lift")
def _for_operators(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    return HttpResponse(attacks.as_text(now), content_type=TEXT)


@only_read
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts of the last hour: for an operator, or for a program that brings the token of the settings (S-054)."""
    if _has_token(request):
        return HttpResponse(attacks.as_text(clock.now()), content_type=TEXT)
    return _for_operators(request)


metrics.act = ACTS["limits.lift"]  # type: ignore[attr-defined]


def _has_token(request: HttpRequest) -> bool:
    """Of 32 characters or more, from a generator: nobody tries them out, so that no try is counted."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and kind == "Bearer" and tokens.same(given, wanted)
