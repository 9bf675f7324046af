"""When a visit is needed: the two halves, the sheet with both secrets, following a case."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero import clock
from clavero.appointments import queries as appointments
from clavero.core import triage
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.recovery import forms, handles, live, queries, services, sheets, visits
from clavero.recovery.handles import Draft
from clavero.recovery.models import Case
from clavero.recovery.views.common import AGAIN, in_case, onward, slow_down, to
from clavero.throttle import queries as askers
from clavero.ui.paper import Code

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@in_case("case_situation", "case_visit", "case_contact_data", "case_booking")
def situation(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Not online with these data: first what was typed, then the visit (A05). The same for whoever exists or not."""
    form = forms.Situation.bind(request.POST) if request.method == "POST" else forms.Situation()
    if form.is_bound and form.ok:
        return _to_visit(request, case, form["situation"], now)
    gave_up = "no_email" in case.declared
    context = {
        "form": form,
        "case": case,
        "facts": services.public_facts(case),
        "gave_up": gave_up,
        "for_everybody": profile().disclosure == "nothing",
    }
    return render(
        request, "recovery/situation.html", context, status=AGAIN if form.is_bound else 200
    )


def _to_visit(request: HttpRequest, case: Case, said: str, now: datetime) -> HttpResponse:
    both = services.open_visit(case, [said] if said != "unknown" else [], now)
    shown = {"secret": both.case_secret, "continuation": both.continuation}
    return handles.show_again(onward(request, case, now), case, shown)


@get_or_post
@in_case("case_contact_data", visiting=True)
def contact_data(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Where to reach the person: asked once, kept in the case, changed by «Cambiar» (S-113, S-116)."""
    kept = queries.contact_data(case)
    kind = forms.VisitContact
    form = kind.bind(request.POST) if request.method == "POST" else kind(kept)
    given = forms.given(form) if form.is_bound else {}
    if form.is_bound and form.ok:
        return onward(request, visits.give_contact(case, given, now), now)
    return render(request, "recovery/contact_data.html", {"form": form, "case": case}, status=AGAIN)


@get_or_post
@in_case("case_visit", "case_booking")
def who_goes(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Somebody else goes, a liquidator or an heir: other papers."""
    form = forms.WhoGoes.bind(request.POST) if request.method == "POST" else forms.WhoGoes()
    if form.is_bound and form.ok:
        return onward(request, visits.say_who_goes(case, form["situation"], now), now)
    return render(request, "recovery/who_goes.html", {"form": form, "case": case}, status=AGAIN)


@require_http_methods(["GET", "HEAD"])
@in_case("case_situation", "case_code")
def correct(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Back to the form with what was typed; the corrected try is free, once."""
    draft = Draft(
        identification=case.identification, domestic=case.domestic, ruc="" if case.domestic else case.ruc,
        branch="" if case.domestic else case.branch, foreign=forms.is_foreign(case.identification),
        retry_of=case.ref if case.retry_left else "",
    )  # fmt: skip
    where = request.GET.get("dato")
    return handles.keep_draft(
        to("number" if where == "ruc" and not case.domestic else "who"), draft
    )


@require_http_methods(["GET", "HEAD"])
@in_case("case_visit", "case_booking")
def visit(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The sheet to keep: why, what to bring, the two secrets and which is which."""
    facts = services.public_facts(case)
    verdict = triage.before_proof(facts)
    shown = handles.shown(request, case)
    context = {
        "case": case, "verdict": verdict, "facts": facts, "papers": sheets.papers_of(case), "shown": shown,
        "qr": Code("", shown["continuation"]).qr if shown else "", "deadline": services.next_deadline(now),
        "can_ask": live.can_ask(case, facts), "booking": appointments.of_case(case.pk), "line": appointments.waiting_of(case.pk), "now": now,
    }  # fmt: skip
    return render(request, "recovery/visit.html", context)


@require_http_methods(["GET", "HEAD"])
@in_case("case_status")
def status(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """How a case stands that has no page of its own."""
    return render(request, "recovery/status.html", {"case": case})


@get_or_post
def find(request: HttpRequest) -> HttpResponse:
    """`/caso/`: resume, follow or cancel with the case secret, or go on with the case of this browser."""
    now = clock.now()
    form = forms.Secret.bind(request.POST) if request.method == "POST" else forms.Secret()
    if form.is_bound and form.ok:
        try:
            here = {one.pk for one in handles.cases(request, now)}
            case = services.resume(form["secret"], askers.asker(request), now, here=here)
        except Refused as refused:
            if refused.code == "throttle.wait":
                return slow_down(request, refused)
            form.refuse("secret", refused)
        else:
            return _found(request, case, now)
    context = {"form": form, "cases": handles.cases(request, now)}
    return render(request, "recovery/find.html", context, status=AGAIN if form.is_bound else 200)


def _found(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Cancelled where that was asked and can still be; in any case on to how the case stands."""
    if request.POST.get("cancel"):
        try:
            services.cancel(case, now)
        except Refused:
            case.refresh_from_db()
    return onward(request, case, now)
