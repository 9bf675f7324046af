"""The pages of a list that is kept: how far it is, its report, its files. Only for who holds its link (C17).

The token stands in the link alone: at the first look it leaves the address for a sealed cookie (S-022, S-023).
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from clavero import clock, words
from clavero.institution import profile
from clavero.precheck import kept, pieces, report, services
from clavero.precheck.models import SentList
from clavero.recovery.views.common import language, to, token_of, without_token

COOKIE = "__Host-precheck" if settings.SECURE else "precheck"
ASK_AGAIN = 4
"""Seconds after which the page of a list under way looks again."""
GONE = 404
View = Callable[[HttpRequest, SentList, datetime], HttpResponseBase]
only_get = require_http_methods(["GET", "HEAD"])
only_post = require_http_methods(["POST"])


@only_get
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link that the asker keeps; it checks nothing and consumes nothing."""
    return put_away(token)


def put_away(token: str) -> HttpResponse:
    """To the list's page, with the token in a cookie for as long as the list is kept."""
    return without_token("precheck_list", COOKIE, token, profile().lists.minutes)


def _token(request: HttpRequest) -> str:
    return token_of(request, COOKIE, profile().lists.minutes)


def of_a_list(view: View) -> Callable[[HttpRequest], HttpResponseBase]:
    """A page of the list whose token this browser holds, else one sentence: never had, deleted or past its hour."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        now = clock.now()
        found = kept.find(_token(request), now)
        if found is None:
            return render(request, "precheck/gone.html", {"lists": profile().lists}, status=GONE)
        return view(request, found, now)

    return guarded


@only_get
@of_a_list
def follow(request: HttpRequest, sent: SentList, now: datetime) -> HttpResponse:
    """How far it is; when it is there, the report; when it cannot be, why."""
    if sent.state == SentList.READY:
        return _report(request, sent)
    if sent.state == SentList.FAILED:
        sentence = words.say(sent.code, language(), **json.loads(sent.details or "{}"))
        return render(request, "precheck/failed.html", {"sent": sent, "sentence": sentence})
    is_still = "quieta" in request.GET
    response = render(request, "precheck/under_way.html", _progress(request, sent, is_still))
    if not is_still:
        response.headers["Refresh"] = str(ASK_AGAIN)
    return response


def _progress(request: HttpRequest, sent: SentList, is_still: bool) -> dict[str, object]:
    return {
        "sent": sent, "before": kept.before(sent), "still": is_still, "seconds": ASK_AGAIN,
        "writing": sent.rows_total and sent.rows_done >= sent.rows_total, "link": _link(request),
    }  # fmt: skip


def _link(request: HttpRequest) -> str:
    """The whole address by which this list is found again, on any device."""
    return settings.BASE_URL.rstrip("/") + reverse("precheck_list_link", args=[_token(request)])


def _report(request: HttpRequest, sent: SentList) -> HttpResponse:
    found, lang = json.loads(sent.facts), language()
    there = pieces.kinds(sent)
    files = [kind for kind in services.KINDS if kind in there]
    downloads = render_to_string("precheck/downloads.html", {"files": files, "sent": sent, "link": _link(request)}, request)  # fmt: skip
    body = report.body(found, lang, downloads=downloads, after=report.others(found, lang))
    context = {"title": report.title(found, lang), "body": SafeString(body), "kept": sent}
    return render(request, "precheck/result.html", context)


@only_get
@of_a_list
def report_file(request: HttpRequest, sent: SentList, now: datetime) -> HttpResponse:
    """The report as a file that needs nothing beside it."""
    if sent.state != SentList.READY:
        return to("precheck_list")
    page = report.page(json.loads(sent.facts), language(), profile().institution)
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="clavero.html"'
    return response


@only_post
@of_a_list
def result_file(request: HttpRequest, sent: SentList, now: datetime) -> HttpResponseBase:
    """A result, once: it is deleted when it was fetched whole, and stays where the line broke."""
    kind = request.POST.get("result", "")
    if sent.state != SentList.READY or kind not in services.KINDS or kind not in pieces.kinds(sent):
        return to("precheck_list")
    response = StreamingHttpResponse(_flow(sent, kind), content_type=services.KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="clavero.{kind}"'
    return response


def _flow(sent: SentList, kind: str) -> Iterator[bytes]:
    yield from pieces.read(sent, kind)
    kept.fetched(sent, kind)


@only_post
@of_a_list
def forget(request: HttpRequest, sent: SentList, now: datetime) -> HttpResponse:
    """Delete all of it now."""
    kept.forget(sent)
    response = render(request, "precheck/forgotten.html")
    response.delete_cookie(COOKIE)
    return response
