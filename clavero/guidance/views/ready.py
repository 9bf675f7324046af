"""Is everything ready before one begins (B10): browser, connection, clock, and whether our message arrives."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clavero import clock
from clavero.core import guide
from clavero.core.errors import Refused
from clavero.core.identifiers import email
from clavero.guidance import asked as asking
from clavero.guidance import forms, services
from clavero.guidance.asked import Asked
from clavero.guidance.services import Asker, Trial
from clavero.guidance.views.papers import asked_advice
from clavero.keys.browsers import described
from clavero.recovery.views.common import AGAIN, language, slow_down
from clavero.throttle import queries as askers
from clavero.ui.forms import Form

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def ready(request: HttpRequest) -> HttpResponse:
    """The four checks; its form sends the trial message."""
    form, address = _address(request)
    now = clock.now()
    if not address:
        context = {
            "form": form,
            "browser": described(request.headers.get("user-agent", "")),
            "now": now,
        }
        return render(request, "guidance/ready.html", context, status=AGAIN)  # fmt: skip
    try:
        trial = services.send_trial(address, _asker(request), now)
    except Refused as refused:
        return slow_down(request, refused)
    return _code_page(request, trial, forms.Arrived())


def _address(request: HttpRequest) -> tuple[Form, str]:
    """The form, and the address where one was typed that can be sent to. A likely slip is offered once."""
    if request.method != "POST":
        return forms.Reach(), ""
    form = forms.Reach.bind(request.POST)
    found = form.parse("email", email.parse)
    reading = email.read(form["email"])
    if found and reading.repairs and request.POST.get("sure") != found.value:
        form.refuse("email", Refused("ready.likely_slip"), *reading.repairs)
    return form, found.value if found and form.ok and not askers.is_bot(request) else ""


def _asker(request: HttpRequest) -> Asker:
    browser = described(request.headers.get("user-agent", ""))
    return Asker(askers.asker(request), browser, askers.province(request), language())


def _code_page(request: HttpRequest, trial: Trial, form: Form) -> HttpResponse:
    sent_at = datetime.fromisoformat(trial.sent_at)
    context = {
        "form": form,
        "trial": trial,
        "sealed": trial.sealed(),
        "sent_at": sent_at,
        "no_email": _no_email(),
    }
    return render(request, "guidance/ready_code.html", context, status=AGAIN)


def _no_email() -> str:
    """The answer for who cannot open the address on record."""
    return asking.address("guide_answer", Asked({}, "email_not_valid"))


@get_or_post
def arrived(request: HttpRequest) -> HttpResponse:
    """The code of the trial message: it arrived, and how long it took. Without one, the test begins anew."""
    trial = services.opened(request.POST.get("sent", ""))
    if trial is None:
        return HttpResponseRedirect(reverse("guide_ready"), status=303)
    form, now = forms.Arrived.bind(request.POST), clock.now()
    try:
        if form.ok:
            services.try_code(trial, form["code"], now)
    except Refused as refused:
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        form.refuse("code", refused)
    if not form.ok:
        return _code_page(request, trial, form)
    seconds = int((now - datetime.fromisoformat(trial.sent_at)).total_seconds())
    context = {
        "trial": trial,
        "minutes": seconds // 60,
        "is_slow": seconds > services.SLOW,
        "no_email": _no_email(),
    }
    return render(request, "guidance/ready_arrived.html", context)


@get_or_post
def mail_list(request: HttpRequest) -> HttpResponse:
    """The list of an answer to an address that is typed (B09)."""
    asked, advice = asked_advice(request)
    if not asked.answers and asked.scenario == guide.NONE:
        return HttpResponseRedirect(asking.address("guide", asked))
    form, address = _address(request)
    context = {"form": form, "up": asking.address("guide_list", asked), "address": address}
    if address:
        try:
            services.mail_list(address, asked, advice, _asker(request), clock.now())
        except Refused as refused:
            return slow_down(request, refused)
    return render(request, "guidance/list_mail.html", context, status=AGAIN)
