"""What is out of the ordinary: questions about the work of staff for who supervises and audits, numbers for operators."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero import clock
from clavero.core.errors import Refused
from clavero.desk import attacks, watching
from clavero.desk import case_forms as forms
from clavero.desk.doors import desk
from clavero.desk.models import Staff
from clavero.desk.views.common import AGAIN, said, to
from clavero.privacy import tokens

only_read = require_http_methods(["GET", "HEAD"])
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@only_read
@desk("watch.read")
def questions(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Questions, never accusations: of every member of staff but the one who reads."""
    context = {
        "questions": watching.questions_for(staff, now),
        "answers": watching.answers_for(staff),
        "done": request.GET.get("hecho", ""),
    }
    return render(request, "desk/watch.html", context)


@get_or_post
@desk("watch.answer")
def one(request: HttpRequest, staff: Staff, now: datetime, code: str, number: int) -> HttpResponse:
    """One question, and what was found out about it. It is answered once."""
    asked = {(each.code, each.staff): each for each in watching.questions_for(staff, now)}
    question = asked.get((code, number))
    if question is None:
        return to("desk_watch")
    form = forms.Answer.bind(request.POST) if request.method == "POST" else forms.Answer()
    if form.is_bound and form.ok:
        try:
            if request.POST.get("count") != str(question.count):
                raise Refused("question.changed")
            watching.answer(question, staff, form["answer"], now)
            return said(to("desk_watch"), "answered")
        except Refused as refused:
            form.refuse("answer", refused)
    return render(request, "desk/question.html", {"form": form, "one": question}, status=AGAIN)


def _for_a_program(request: HttpRequest) -> HttpResponse | None:
    """The token of the settings, of 32 characters or more, from a generator: nobody tries them out, so that no try is counted."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    brought = bool(wanted) and kind == "Bearer" and tokens.same(given, wanted)
    return HttpResponse(attacks.as_text(clock.now()), content_type=TEXT) if brought else None


@only_read
@desk("limits.lift", program=_for_a_program)
def metrics(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Counts of the last hour: for an operator, or for a program that brings the token of the settings (S-054)."""
    return HttpResponse(attacks.as_text(now), content_type=TEXT)
