"""A list of employers up, a report or a file back; one employer as a form. Asks only what is public (A19, A20)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from clavero import clock, words
from clavero.core.errors import Refused
from clavero.core.sheet import Cells, Row, Verdict
from clavero.institution import profile
from clavero.keys import doors
from clavero.precheck import documents, forms, kept, kept_views, report, services
from clavero.precheck.registers import State
from clavero.precheck.services import Sent
from clavero.recovery.views.common import AGAIN, language, slow_down
from clavero.throttle import queries as askers
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def upload(request: HttpRequest) -> HttpResponse:
    """The page for a list; its answer is the report, the file that was asked for, or the page of a long one."""
    if request.method != "POST":
        return _upload_page(request)
    try:
        _spend(request, "precheck_asker")
        kind = request.POST.get("result", "html")
        if kind not in (*services.KINDS, "html"):
            raise Refused("sheet.choose")
        services.refuse_cut(getattr(request, "sent_too_much", 0))
        with services.received(*map(request.FILES.get, ("file", "since"))) as sent:
            return _now(request, sent, kind) or _later(request, sent)
    except Refused as refused:
        is_wait = refused.code == "throttle.wait"
        return slow_down(request, refused) if is_wait else _upload_page(request, refused)


_TOO_LONG = ("sheet.too_many_rows", "sheet.unpacks_too_large", "sheet.needs_too_much")
"""What is too much while somebody waits; whether it is for the worker, too, is said by its own limits."""


def _now(request: HttpRequest, sent: Sent, kind: str) -> HttpResponse | None:
    """The answer of a list that is short enough to wait for, else None."""
    if sent.is_long:
        return None
    try:
        found, result = services.check_list(sent, kind, language(), clock.now())
    except Refused as refused:
        if refused.code in _TOO_LONG:
            return None
        raise
    if kind != "html":
        return _as_file(result, kind)
    body = SafeString(report.body(found, language(), after=report.others(found, language())))
    context = {"title": report.title(found, language()), "body": body}
    return render(request, "precheck/result.html", context)


def _later(request: HttpRequest, sent: Sent) -> HttpResponse:
    """A list that the worker judges: on to the page that follows it."""
    _spend(request, "precheck_long_asker")
    return kept_views.put_away(kept.keep(sent, language(), clock.now()))


def _as_file(result: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(result, content_type=services.KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="clavero.{kind}"'
    return response


def _upload_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    context: dict[str, object] = {"refused": refused, "lists": profile().lists}
    if refused is not None:
        context["sentence"] = words.say(refused.code, language(), **refused.details)
        context["at"] = "since" if refused.code == "sheet.since_file" else "file"
    return render(request, "precheck/upload.html", context, status=AGAIN)


def _spend(request: HttpRequest, bucket: str) -> None:
    """Charge the asker: who is signed in pays alone, not from what the network's others have (C12). Raises `Refused("throttle.wait")`."""
    now = clock.now()
    account = doors.owner(request, now)
    subject = f"account:{account.pk}" if account else askers.asker(request)
    decision = throttle.spend(Charge(bucket, subject), now=now)
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)


@get_or_post
def one(request: HttpRequest) -> HttpResponse:
    """Am I going to pass? Without starting anything."""
    if request.method != "POST":
        return render(request, "precheck/one.html", {"form": forms.One()})
    form = forms.One.bind(request.POST)
    if not form.ok:
        return render(request, "precheck/one.html", {"form": form}, status=AGAIN)
    try:
        _spend(request, "precheck_one_asker")
    except Refused as refused:
        return slow_down(request, refused)
    cells = Cells(
        form["identification"],
        form["ruc"],
        form["branch"],
        "si" if form["domestic"] else "no",
        form["email"],
        key=form["key"],
    )
    return render(
        request, "precheck/one_result.html", _said(*services.check_one(cells, clock.now()))
    )


def _said(row: Row, verdict: Verdict, state: State) -> dict[str, object]:
    """A verdict in words."""
    lang = language()
    today = clock.now().astimezone(words.ZONE).date()
    return {
        "verdict": verdict, "row": row, "state": state,
        "way": words.say(f"way.{verdict.route}", lang), "action": words.say(f"next.{verdict.next}", lang),
        "reasons": [documents.reason_label(code, state.value, lang) for code in verdict.reasons],
        "repairs": [(documents.label(each.code, lang), each) for each in row.repairs],
        "doubts": [words.say(f"doubt.{code}", lang) for code in verdict.doubts],
        "ready": documents.when(verdict.ready_from, verdict.ready_to, today, lang),
    }  # fmt: skip
