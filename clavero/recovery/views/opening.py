"""Before there is a case: who you are, which employer, the human check, *Validar*."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clavero import clock
from clavero.core.errors import Refused
from clavero.core.identifiers import employer
from clavero.core.identifiers.employer import (
    DOMESTIC_BRANCH,
    DOMESTIC_SUFFIX,
    EmployerNumber,
    Refusals,
)
from clavero.keys import doors
from clavero.keys import services as keys
from clavero.keys.browsers import described
from clavero.recovery import forms, handles, queries, services
from clavero.recovery.handles import Draft
from clavero.recovery.models import Case
from clavero.recovery.services import Opening
from clavero.recovery.views.common import AGAIN, SAME, language, onward, slow_down, to
from clavero.throttle import memory, work
from clavero.throttle import queries as askers
from clavero.throttle import services as throttle

LOOP = 3
"""So many tickets in a row that were not taken are a loop: advice once, and then the human road (C04).

An address that changes from page to page makes one; a press that comes too early does not.
"""
UNANSWERED = ("code_sent", "visit_needed")
"""Where a case stands whose Validar has been answered and that nobody has taken further."""
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def who(request: HttpRequest) -> HttpResponse:
    """Cédula or foreigner's code; one tick for who employs somebody at home."""
    draft = handles.draft(request)
    foreign = request.GET.get("extranjero") == "1" or (request.method == "GET" and draft.foreign)
    kind = forms.Foreigner if foreign else forms.Who
    if request.method != "POST":
        form = kind(
            {"identification": draft.identification, "domestic": "1" if draft.domestic else ""}
        )
        return render(request, "recovery/who.html", {"form": form, "foreign": foreign})
    form = kind.bind(request.POST)
    person = forms.person(form)
    if not form.ok or person is None:
        return render(
            request, "recovery/who.html", {"form": form, "foreign": foreign}, status=AGAIN
        )
    return _after_who(request, form, person, draft)


def _after_who(request: HttpRequest, form: forms.Who, person: str, draft: Draft) -> HttpResponse:
    domestic = bool(form["domestic"])
    kept = replace(
        draft, identification=person, foreign=forms.is_foreign(person) or isinstance(form, forms.Foreigner),
        domestic=domestic, ticket="",
    )  # fmt: skip
    if not domestic:
        if draft.domestic:
            kept = replace(kept, ruc="", branch="")
        return handles.keep_draft(to("number"), kept)
    kept = replace(kept, ruc=person + DOMESTIC_SUFFIX, branch=DOMESTIC_BRANCH)
    return _to_check(request, kept)


@get_or_post
def number(request: HttpRequest) -> HttpResponse:
    """RUC and sucursal; what was probably meant is offered."""
    draft = handles.draft(request)
    if not draft.identification:
        return to("who")
    if request.method != "POST":
        form = forms.Number({"ruc": draft.ruc, "branch": draft.branch})
        return render(request, "recovery/number.html", {"form": form, "draft": draft.sealed()})
    form = forms.Number.bind(request.POST)
    found = _employer(form, draft)
    if found is None:
        context = {"form": form, "draft": draft.sealed()}
        return render(request, "recovery/number.html", context, status=AGAIN)
    return _to_check(
        request, replace(draft, domestic=found.domestic, ruc=found.ruc, branch=found.branch)
    )


def _employer(form: forms.Number, draft: Draft) -> EmployerNumber | None:
    if any(code.code not in ("ruc.empty", "sucursal.empty") for code in form.errors.values()):
        return None
    try:
        return employer.parse(
            draft.identification, form["ruc"], form["branch"], foreign=draft.foreign
        )
    except Refusals as refused:
        form.errors.clear()
        form.refuse_all(refused.fields, refused.repairs)
        return None


def _to_check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Mint the waiting ticket for what was typed, and show it; what was answered moments ago is answered again at once."""
    now = clock.now()
    again = _same_again(request, draft, now)
    if again is not None:
        return handles.drop_draft(onward(request, again, now, SAME))
    try:
        asker = _asker(request, draft, _knows(request, draft))
        minted = throttle.mint_ticket(_binding(draft), asker, now)
    except Refused as refused:
        return slow_down(request, refused)
    return handles.keep_draft(to("check"), _with_ticket(draft, minted))


def _with_ticket(draft: Draft, minted: throttle.Minted) -> Draft:
    not_before = minted.not_before.isoformat()
    return replace(draft, ticket=minted.token, not_before=not_before, factor=minted.factor)


def _number(draft: Draft) -> EmployerNumber:
    return EmployerNumber(draft.identification, draft.ruc, draft.branch, draft.domestic)


def _knows(request: HttpRequest, draft: Draft) -> bool:
    """Whether this browser has signed in with these very numbers."""
    return keys.knows_browser(_number(draft), request.COOKIES.get(doors.DEVICE, ""))


def _asker(request: HttpRequest, draft: Draft, known: bool) -> str:
    """Who asks: the network, or the account of a browser that has signed in with these numbers, whatever strangers in its
    network do (C13). One asker for an account, however many branches are typed."""
    return f"known|{keys.username(_number(draft))}" if known else askers.asker(request)


def _binding(draft: Draft) -> str:
    return f"{draft.identification}|{draft.ruc}|{draft.branch}"


@get_or_post
def check(request: HttpRequest) -> HttpResponse:
    """What was typed, to look at once more; the human check; *Validar*."""
    draft = handles.draft(request)
    if not draft.identification:
        return to("who")
    if not draft.ruc:
        return to("number")
    now = clock.now()
    if request.method != "POST":
        return _check_page(request, draft, now)
    again = _same_again(request, draft, now)
    if again is not None:
        return handles.drop_draft(onward(request, again, now, SAME))
    try:
        case = _validate(request, draft, now)
    except Refused as refused:
        return _not_yet(request, draft, refused, now)
    return handles.drop_draft(onward(request, case, now))


def _same_again(request: HttpRequest, draft: Draft, now: datetime) -> Case | None:
    """The case that exactly these numbers opened from this browser moments ago, and nothing came of it (C11).

    Validar is then answered from memory: no other case, no message, nothing counted. The memory is the browser's own handle:
    whether the numbers are known, and which of them disagrees, plays no part.
    """
    typed = (draft.identification, draft.ruc, draft.branch)
    for case in handles.cases(request, now):
        recent = (now - case.opened_at).total_seconds() <= memory.SECONDS
        same = typed == (case.identification, case.ruc, case.branch)
        if recent and same and case.proved_at is None and case.state in UNANSWERED:
            return case
    return None


def _check_page(
    request: HttpRequest, draft: Draft, now: datetime, refused: Refused | None = None
) -> HttpResponse:
    not_before = datetime.fromisoformat(draft.not_before) if draft.not_before else now
    wait = max(0, -int(-(not_before - now).total_seconds() // 1))
    context = {
        "draft": draft,
        "sealed": draft.sealed(),
        "not_before": not_before,
        "wait": wait,
        "refused": refused,
        "loop": draft.loops >= LOOP,
        "advised": draft.loops > LOOP,
        "work": work.challenge(draft.ticket, draft.factor) if wait else "",
    }
    response = render(request, "recovery/check.html", context, status=AGAIN if refused else 200)
    return handles.keep_draft(response, draft) if refused else response


def _validate(request: HttpRequest, draft: Draft, now: datetime) -> Case:
    """Spend the ticket, then open the case. A second press finds the case that the first one opened."""
    known = _knows(request, draft)
    asker = _asker(request, draft, known)
    if askers.is_bot(request):
        raise Refused("human_check.spent")
    try:
        done = work.is_done(request.POST.get("altcha", ""), draft.ticket)
        throttle.spend_ticket(draft.ticket, _binding(draft), asker, now, done)
    except Refused as refused:
        opened = (
            queries.just_opened(draft.ticket, now) if refused.code == "human_check.spent" else None
        )
        if opened is None:
            raise
        return opened
    return services.open_case(_opening(request, draft, asker, now, known), now)


def _opening(request: HttpRequest, draft: Draft, asker: str, now: datetime, known: bool) -> Opening:
    held = handles.held(request, draft.retry_of, now) if draft.retry_of else None
    return Opening(
        number=_number(draft),
        asker=asker,
        browser=described(request.headers.get("User-Agent", "")),
        province=askers.province(request),
        language=language(),
        ticket=draft.ticket,
        retry_of=held.case if held and held.case.retry_left else None,
        known=known,
    )


def _not_yet(request: HttpRequest, draft: Draft, refused: Refused, now: datetime) -> HttpResponse:
    if refused.code == "throttle.wait":
        return slow_down(request, refused)
    if refused.code in ("human_check.spent", "human_check.expired"):
        try:
            asker = _asker(request, draft, _knows(request, draft))
            minted = throttle.mint_ticket(_binding(draft), asker, now)
        except Refused as full:
            return slow_down(request, full)
        draft = replace(_with_ticket(draft, minted), loops=draft.loops + 1)
    return _check_page(request, draft, now, refused)
