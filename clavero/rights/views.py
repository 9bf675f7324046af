"""«Sus datos» in the account: what is stored, a copy to take along, a request. See `desk_views` for the counter."""

import json
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clavero.core import rights
from clavero.core.errors import Refused
from clavero.desk.models import Staff
from clavero.keys import doors
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.keys.views import AGAIN, TOO_MANY, signed_in
from clavero.rights import forms, pages, services, subject, texts
from clavero.rights.models import Request
from clavero.rights.services import Asked
from clavero.rights.subject import Subject
from clavero.ui import paper

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@signed_in
def mine(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """What is stored about the employer and who signed in, with what for, how long, and what they asked."""
    who = subject.of_account(account)
    context = {
        "groups": pages.groups(who),
        "asked": [described(one, now) for one in services.of(who)],
        "stays": stays(),
        "days": rights.DAYS,
        "done": request.GET.get("hecho", ""),
    }
    return render(request, "rights/mine.html", context)


def described(one: Request, now: datetime) -> dict[str, object]:
    """A request as a page shows it."""
    return {
        "row": one,
        "kind": texts.KINDS[one.kind],
        "state": texts.STATES[one.state],
        "proof": texts.PROOFS[one.proof],
        "reason": texts.REASONS.get(one.reason, ""),
        "article": rights.REASONS.get(one.reason, ""),
        "left": rights.days_left(one.due_on, services.local_day(now)),
    }


def stays() -> list[tuple[object, object, str]]:
    """What is not erased, why, and the article."""
    return [(texts.STAYS[one.what], texts.REASONS[one.why], rights.REASONS[one.why]) for one in rights.STAYS]  # fmt: skip


@get_or_post
@signed_in
def ask(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """Ask for something: it is answered within fifteen days."""
    form = forms.Ask.bind(request.POST) if request.method == "POST" else forms.Ask()
    if form.is_bound and form.ok:
        asked = Asked(form["kind"], form["what"], language=request.LANGUAGE_CODE)
        try:
            services.receive(asked, subject.of_account(account), None, now)
            return HttpResponseRedirect(reverse("account_data") + "?hecho=pedido", status=303)
        except Refused as refused:
            form.refuse("what", refused)
    context = {"form": form, "days": rights.DAYS}
    return render(request, "rights/ask.html", context, status=AGAIN)


@get_or_post
@signed_in
def download(request: HttpRequest, account: Account, now: datetime) -> HttpResponse:
    """The whole copy, for who knows the key: an open session alone does not take addresses along."""
    form = forms.Download.bind(request.POST) if request.method == "POST" else forms.Download()
    if form.is_bound and form.ok:
        try:
            keys.check_current(account, form["current"], doors.attempt(request), now)
            return copy(request, subject.of_account(account), form["format"], now)
        except Refused as refused:
            form.refuse("current", refused)
    waits = any(no.code == "throttle.wait" for no in form.errors.values())
    context = {"form": form, "shown": request.GET.get("ver") == "si"}
    return render(request, "rights/download.html", context, status=TOO_MANY if waits else AGAIN)


def copy(
    request: HttpRequest, who: Subject, format: str, now: datetime, staff: Staff | None = None
) -> HttpResponse:
    """A copy as a file; on record before it leaves, so that it stands in it."""
    services.note_copy(who, staff, now, "desk" if staff else "account")
    if format == "pdf":
        instead = "desk/no_pdf.html" if staff else "ui/no_pdf.html"
        return paper.as_pdf(request, pages.sheet(who, now), instead)
    written = json.dumps(subject.document(who, now), ensure_ascii=False, indent=1) + "\n"
    response = HttpResponse(written, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_("sus-datos")}.json"'
    return response
