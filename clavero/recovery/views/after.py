"""After the desk: the code that was handed over, the case secret fetched at the kiosk, and «no fui yo»."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero import clock
from clavero.core.errors import Refused
from clavero.recovery import forms, handles, objections, services, visits
from clavero.recovery.models import Case
from clavero.recovery.views.common import (
    AGAIN,
    in_case,
    on_own_device,
    onward,
    slow_down,
    to,
    token_of,
    without_token,
)
from clavero.throttle import queries as askers
from clavero.throttle.services import Charge

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
NOT_ME_COOKIE = f"{handles.PREFIX}nofuiyo"


@get_or_post
@in_case("case_finish")
@on_own_device
def finish(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The code of the desk, in the browser that holds the case by its secret. Either alone is refused."""
    form = forms.Binding.bind(request.POST) if request.method == "POST" else forms.Binding()
    if form.is_bound and form.ok:
        try:
            return onward(request, visits.type_binding(case, form["code"], now), now)
        except Refused as refused:
            form.refuse("code", refused)
    context = {"form": form, "case": case}
    return render(request, "recovery/finish.html", context, status=AGAIN)


@get_or_post
@in_case(visiting=True)
def prove_contact(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """A code to the contact on record while a visit is prepared: the same page for whoever has one or not."""
    form = forms.Code.bind(request.POST) if "code" in request.POST else forms.Code()
    if request.method == "POST" and request.POST.get("send"):
        visits.send_contact_code(case, now)
        return handles.hold(request, to("case_prove_contact", case.ref), case, now)
    if form.is_bound and form.ok:
        try:
            visits.prove_contact(case, form["code"], askers.asker(request), now)
            return onward(request, case, now)
        except Refused as refused:
            if refused.code == "throttle.wait":
                return slow_down(request, refused)
            form.refuse("code", refused)
    context = {"form": form, "case": case, "sent": bool(case.codes_sent > 1), "now": now}
    return render(request, "recovery/prove_contact.html", context, status=AGAIN)


@get_or_post
def pick_up(request: HttpRequest) -> HttpResponse:
    """The case secret of a case that was made at the counter: for the claimant alone, once."""
    form = forms.PickUp.bind(request.POST) if request.method == "POST" else forms.PickUp()
    if form.is_bound and form.ok:
        now = clock.now()
        try:
            services.spend(Charge("asker_try", askers.asker(request)), now=now)
            case, secret = visits.pick_up(form["code"], form["identification"], now)
        except Refused as refused:
            if refused.code == "throttle.wait":
                return slow_down(request, refused)
            form.refuse("code", refused)
        else:
            shown = render(request, "recovery/picked_up.html", {"case": case, "secret": secret})
            return handles.hold(request, shown, case, now)
    return render(request, "recovery/pick_up.html", {"form": form}, status=AGAIN)


@require_http_methods(["GET", "HEAD"])
def not_me_link(request: HttpRequest, token: str) -> HttpResponse:
    """The «no fui yo» of a notice. Opening it does nothing (S-022)."""
    return without_token("not_me", NOT_ME_COOKIE, token)


@get_or_post
def not_me(request: HttpRequest) -> HttpResponse:
    """A GET explains and shows a button; the POST freezes, once, and does nothing else (S-082)."""
    found = objections.read(token_of(request, NOT_ME_COOKIE))
    if found is None:
        return render(request, "recovery/link_gone.html", {}, status=410)
    case, contact = found
    if request.method != "POST":
        return render(request, "recovery/not_me.html", {"number": case.number})
    try:
        objections.freeze(case, contact, clock.now())
    except Refused as refused:
        return render(request, "recovery/not_me.html", {"number": case.number, "refused": refused})
    case.refresh_from_db()
    until = case.frozen_until or (case.account.frozen_until if case.account else None)
    return render(request, "recovery/frozen.html", {"number": case.number, "until": until})
