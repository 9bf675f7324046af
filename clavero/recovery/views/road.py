"""In a case, online: code or link, questions, contact data, key, the test, done."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from clavero import clock
from clavero.audit import queries as audit
from clavero.core import challenge, key_policy
from clavero.core.errors import Refused
from clavero.employers import queries as employers
from clavero.institution import profile
from clavero.keys import doors
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.keys.views import to_sign_in
from clavero.recovery import forms, handles, objections, queries, services, visits
from clavero.recovery.models import Case
from clavero.recovery.views.common import (
    AGAIN,
    FINISHING,
    OF_THE_CASE,
    in_case,
    on_own_device,
    onward,
    slow_down,
    to,
    token_of,
    without_token,
)
from clavero.throttle import memory
from clavero.throttle import queries as askers
from clavero.ui.forms import Form

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _again(
    request: HttpRequest, template: str, context: dict[str, Any], refused: bool = True
) -> HttpResponse:
    rest = timedelta(minutes=profile().limits.idle_minutes)
    context = context | {"awake_until": clock.now() + rest}
    return render(request, template, context, status=AGAIN if refused else 200)


# --- the code -----------------------------------------------------------------------------------------


@get_or_post
@in_case("case_code")
def code(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The code from the mail. In mode `nothing` this is the one page that everybody sees."""
    if request.method == "POST" and request.POST.get("no_access"):
        return _give_up(request, case, now)
    kind = forms.Code if profile().codes_in_mail else forms.SavedCode
    form = kind.bind(request.POST) if request.method == "POST" else kind()
    if not form.is_bound or not form.ok:
        return _code_page(request, case, form)
    typed = (case.ref, challenge.normal(form["code"]))
    if memory.has(request, "code", *typed):
        form.refuse("code", Refused("code.same_again"))
        return _code_page(request, case, form, request.POST.get(memory.FIELD, ""))
    try:
        services.prove_by_code(case, form["code"], askers.asker(request), now)
    except Refused as refused:
        if refused.code in OF_THE_CASE:
            raise
        if refused.code == "throttle.wait":
            return slow_down(request, refused)
        form.refuse("code", refused)
        tried = memory.after(request, "code", *typed) if refused.code == "code.wrong" else ""
        return _code_page(request, case, form, tried)
    return onward(request, case, now)


def _code_page(request: HttpRequest, case: Case, form: Form, tried: str = "") -> HttpResponse:
    shows_mask = profile().show_masked_contact and profile().disclosure == "route"
    # The same page beyond the budget of messages, where the code that was delivered before lives on.
    sent_at = (case.moved_at if case.code_hash else case.code_sent_at) or case.moved_at
    expires = sent_at + timedelta(minutes=profile().limits.code_minutes)
    context: dict[str, Any] = {
        "form": form,
        "tried": tried,
        "case": case,
        "mask": case.mask if shows_mask else "",
        "for_everybody": profile().disclosure == "nothing",
        "link_alone": not profile().codes_in_mail,
        "sent_at": sent_at,
        "expires": expires,
        "mails": _mails(),
        "now": clock.now(),
    }
    return _again(request, "recovery/code.html", context, not form.ok)


def _mails() -> dict[str, int]:
    """How many messages leave, and after how many hours another one does, however many strangers asked (C09)."""
    hour, day, address = (
        profile().buckets[name]
        for name in ("employer_mail_hour", "employer_mail_day", "destination_mail")
    )
    longest = max(each.per_seconds / each.limit for each in (hour, day, address))
    return {"hour": hour.limit, "day": day.limit, "hours": -int(-longest // 3600)}


def _give_up(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """«Ya no tengo ese correo»: to the visit, with what was typed. In mode `nothing` it may be for any reason."""
    leave = services.prefer_visit if profile().disclosure == "nothing" else services.give_up_contact
    return handles.hold(request, to("case_situation", case.ref), leave(case, now), now)


@require_POST
@in_case("case_code")
def resend(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Another message. Beyond the budget none is sent and the page is the same."""
    services.resend(case, now)
    return handles.hold(request, to("case_code", case.ref), case, now)


@require_http_methods(["GET", "HEAD"])
def expired(request: HttpRequest, ref: str) -> HttpResponse:
    """After half an hour without use: what stays, and how to go on."""
    now = clock.now()
    held = handles.held(request, ref, now)
    if held is None:
        return to("start")
    return handles.hold(
        request, render(request, "recovery/expired.html", {"case": held.case}), held.case, now
    )


# --- the link -----------------------------------------------------------------------------------------

LINK_COOKIE = f"{handles.PREFIX}enlace"
CONTACT_COOKIE = f"{handles.PREFIX}confirmar"


@require_http_methods(["GET", "HEAD"])
def mail_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail. Scanners may open it as often as they like."""
    return without_token("link", LINK_COOKIE, token)


@get_or_post
def link(request: HttpRequest) -> HttpResponse:
    """One button in the browser that asked; elsewhere the number typed at the start is asked (ATTACKS 15)."""
    now = clock.now()
    token = token_of(request, LINK_COOKIE)
    case = queries.by_link(token) if token else None
    if case is None:
        return render(request, "recovery/link_gone.html", {}, status=410)
    at_home = handles.held(request, case.ref, now) is not None
    form = forms.Link.bind(request.POST) if request.method == "POST" else forms.Link()
    if request.method == "POST" and (at_home or form.ok):
        return _open_link(request, case, form, at_home, now)
    return _link_page(request, case, form, at_home)


def _link_page(request: HttpRequest, case: Case, form: Form, at_home: bool) -> HttpResponse:
    context = {
        "form": None if at_home else form,
        "at_home": at_home,
        "expires": case.code_expires_at,
        "case": case,
    }
    return _again(request, "recovery/link.html", context, form.is_bound and not form.ok)


def _open_link(
    request: HttpRequest, case: Case, form: Form, at_home: bool, now: datetime
) -> HttpResponse:
    try:
        services.prove_by_link(
            case, None if at_home else challenge.normal_id(form["identification"]), now
        )
    except Refused as refused:
        if refused.code in ("link.dead", "link.expired", "code.void", "case.move_not_allowed"):
            return render(request, "recovery/link_gone.html", {"refused": refused}, status=410)
        form.refuse("identification", refused)
        return _link_page(request, case, form, at_home)
    response = onward(request, case, now)
    response.delete_cookie(LINK_COOKIE)
    return response


# --- questions and contact data -------------------------------------------------------------------------


@get_or_post
@in_case("case_question")
def question(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """One question about the institution's own dated facts; *Prefiero ir* beside it."""
    if request.method == "POST" and request.POST.get("prefer_visit"):
        return onward(request, services.prefer_visit(case, now), now)
    name = case.questions[case.answered]
    kind = forms.answer_form(name)
    form = kind.bind(request.POST) if request.method == "POST" else kind()
    if form.is_bound and form.ok:
        return onward(request, services.answer(case, form["answer"], now), now)
    context = {"form": form, "case": case, "name": name, "as_of": _as_of(case, name),
               "number": case.answered + 1, "count": len(case.questions)}  # fmt: skip
    return _again(request, "recovery/question.html", context, form.is_bound)


def _as_of(case: Case, name: str) -> date | None:
    """The day of the institution's fact that is asked about."""
    days = {fact.name: fact.as_of for fact in employers.dated_facts(case.employer_id)}
    return date.fromisoformat(days[name]) if days.get(name) else None


@get_or_post
@in_case("case_contact")
def contact(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """Contact data, proposed. Leaving it empty is fine."""
    form = forms.ContactData.bind(request.POST) if request.method == "POST" else forms.ContactData()
    found = forms.proposed(form) if form.is_bound else {}
    if not form.is_bound or not form.ok:
        return _again(
            request,
            "recovery/contact.html",
            {"form": form, "case": case, "hours": profile().limits.contact_rest_hours},
            form.is_bound,
        )
    secret = services.settle_contact(case, found, now)
    response = onward(request, case, now)
    return handles.show_again(response, case, {"secret": secret}) if secret else response


@require_http_methods(["GET", "HEAD"])
def contact_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link that a proposed address received."""
    return without_token("confirm_contact", CONTACT_COOKIE, token)


@get_or_post
def confirm_contact(request: HttpRequest) -> HttpResponse:
    """Confirming a proposed address: a GET shows a button, the POST counts."""
    token, now = token_of(request, CONTACT_COOKIE), clock.now()
    proof = queries.contact_proof(token, now) if token else None
    if proof is None:
        return render(request, "recovery/link_gone.html", {}, status=410)
    context = {"usable": proof.contact.usable_from}
    if request.method != "POST":
        return render(request, "recovery/confirm_contact.html", context)
    try:
        services.confirm_contact(proof, now)
    except Refused as refused:
        return render(request, "recovery/link_gone.html", {"refused": refused}, status=410)
    return render(request, "recovery/contact_confirmed.html", context)


# --- the key ------------------------------------------------------------------------------------------


@get_or_post
@in_case("case_key")
@on_own_device
def key(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """The new key, with a phrase offered; or the key one knows, where it is only blocked."""
    if request.method != "POST":
        phrase = key_policy.phrase(secrets.token_bytes(16))
        return _key_page(
            request, case, forms.NewKey(), phrase, shown=request.GET.get("ver") == "si"
        )
    if request.POST.get("keep_key"):
        return _keep(request, case, now)
    if request.POST.get("other"):
        return to("case_key", case.ref)
    return _set(request, case, now)


def _key_page(
    request: HttpRequest, case: Case, form: Form, phrase: str, shown: bool = False
) -> HttpResponse:
    context = {
        "form": form, "case": case, "phrase": phrase, "shown": shown, "can_keep": services.can_keep(case),
        "employer": services.owner(case), "branch": case.branch,
    }  # fmt: skip
    return _again(request, "recovery/key.html", context, form.is_bound)


def _set(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    sent = request.POST.copy()
    if sent.get("use") and len(sent.getlist("use")) == 1:
        sent["key"] = str(sent["use"])
    form = forms.NewKey.bind(sent)
    if form.ok:
        try:
            (visits if case.state in FINISHING else services).set_key(case, form["key"], now)
            return onward(request, case, now)
        except Refused as refused:
            _unless_overtaken(refused)
            form.refuse("key", refused)
    return _key_page(request, case, form, key_policy.phrase(secrets.token_bytes(16)))


def _unless_overtaken(refused: Refused) -> None:
    """What is no fault of this field goes up: the case went on without this request."""
    if refused.code in ("key.changed_meanwhile", "binding.needed"):
        raise Refused("case.move_not_allowed")
    if refused.code in OF_THE_CASE:
        raise refused


def _keep(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    try:
        (visits if case.state in FINISHING else services).keep_key(case, now)
    except Refused as refused:
        _unless_overtaken(refused)
        form = forms.NewKey()
        form.refuse("key", refused)
        return _key_page(request, case, form, key_policy.phrase(secrets.token_bytes(16)))
    return onward(request, case, now)


@get_or_post
@in_case("case_test")
def test(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """A real sign-in, now, while help is near (B21)."""
    form = forms.TestKey.bind(request.POST) if request.method == "POST" else forms.TestKey()
    if request.method == "POST" and request.POST.get("change_key"):
        return onward(request, services.change_key(case, now), now)
    if form.is_bound and form.ok:
        try:
            return _enter(request, case, form["key"], now)
        except Refused as refused:
            _unless_overtaken(refused)
            if refused.code == "throttle.wait":
                return slow_down(request, refused)
            if refused.code != "key.stopped":  # the page itself says so, and asks for no key
                form.refuse("key", refused)
    context = {
        "form": form,
        "case": case,
        "shown": request.GET.get("ver") == "si",
        "kept": case.state == "key_set",
        **objections.shown(case.account, now),
    }
    return _again(request, "recovery/test.html", context, form.is_bound)


def _enter(request: HttpRequest, case: Case, key: str, now: datetime) -> HttpResponse:
    access = services.prove_access(case, key, doors.attempt(request), now)
    response = to("case_done", case.ref)
    if access.asks_code:
        response = doors.ask_second(access.account, response.headers["Location"])
    handles.hold(request, response, case, now)
    handles.show_saved_code(response, case, access.saved_code)
    return response if access.asks_code else doors.enter(request, access.account, response, now)


@get_or_post
@in_case("case_done")
def done(request: HttpRequest, case: Case, now: datetime) -> HttpResponse:
    """What to keep, how not to be blocked again, the printable record; a saved code for those who want one.

    Only while the person is signed in: after signing out, Back shows nothing (S-094).
    """
    account = doors.owner(request, now)
    if account is None or account.pk != case.account_id:
        return to_sign_in(request)
    if request.method == "POST" and request.POST.get("save_code"):
        response = to("case_done", case.ref, part="respaldo")
        return handles.show_saved_code(response, case, services.save_code(case, now))
    return _done_page(request, case, account, now)


def _done_page(request: HttpRequest, case: Case, account: Account, now: datetime) -> HttpResponse:
    saved = handles.saved_code(request, case)
    register = services.register_of(case)
    last = audit.last_of(case.pk)
    context = {
        "case": case, "employer": register.employer, "entry": last,
        "told": len(register.to_tell), "saved": saved, "has_saved": keys.has_saved_code(account),
        "deadline": services.next_deadline(now),
    }  # fmt: skip
    response = render(request, "recovery/done.html", context)
    return handles.forget_saved_code(response) if saved else response
