"""A list of employers up, a report or a file back; one employer as a form. Asks only what is public (A19, A20)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from clavero import clock, words
from clavero.core.errors import Refused
from clavero.core.sheet import Cells, Row, Verdict
from clavero.precheck import documents, forms, report, services
from clavero.precheck.registers import State
from clavero.recovery.views.common import AGAIN, language, slow_down
from clavero.throttle import queries as askers
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def upload(request: HttpRequest) -> HttpResponse:
    """The page for a list; its answer is the report, or the file that was asked for."""
    if request.method != "POST":
        return _upload_page(request)
    now, kind = clock.now(), request.POST.get("result", "html")
    try:
        _spend(request, "precheck_asker")
        sent = request.FILES.get("file")
        if sent is None or kind not in (*services.KINDS, "html"):
            raise Refused("sheet.choose")
        found, result = services.check_list(sent.name or "", sent.chunks(), kind, language(), now)
    except Refused as refused:
        return (
            slow_down(request, refused)
            if refused.code == "throttle.wait"
            else _upload_page(request, refused)
        )
    if kind == "html":
        body = SafeString(report.body(found, language(), after=report.others(found, language())))
        return render(
            request,
            "precheck/result.html",
            {"title": report.title(found, language()), "body": body},
        )
    return _as_file(result, kind)


def _as_file(result: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(result, content_type=services.KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="clavero.{kind}"'
    return response


def _upload_page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    context: dict[str, object] = {"refused": refused, "limits": services.ON_THE_PAGE}
    if refused is not None:
        context["sentence"] = words.say(refused.code, language(), **refused.details)
    return render(request, "precheck/upload.html", context, status=AGAIN)


def _spend(request: HttpRequest, bucket: str) -> None:
    """Charge the asker. Raises `Refused("throttle.wait")`."""
    decision = throttle.spend(Charge(bucket, askers.asker(request)), now=clock.now())
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
