"""The pages for when something fails, each with what to do next (DESIGN §15, line 18)."""

import secrets
import sys
import threading
import time
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.template import loader
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clavero import missing
from clavero.core import challenge
from clavero.notices import offline
from clavero.project.middleware import DESK, is_for_the_desk


def _page(
    request: HttpRequest, status: int, title: str, lead: str, number: str = ""
) -> HttpResponse:
    context = {"title": title, "lead": lead, "number": number}
    template = "desk/error.html" if request.path.startswith(DESK) else "ui/error.html"
    return HttpResponse(loader.render_to_string(template, context, request), status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title = _("No encontramos esta página")
    lead = _(
        "Revise la dirección o vuelva al inicio. Si llegó por un enlace nuestro, pida uno nuevo."
    )
    return _page(request, 404, title, lead)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title = _("Esta página no es para esta sesión")
    lead = _("Vuelva al inicio o ingrese con su clave.")
    return _page(request, 403, title, lead)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    title = _("No pudimos leer lo que llegó")
    lead = _("Vuelva al inicio y escriba los datos en la página. No se guardó nada.")
    return _page(request, 400, title, lead)


def not_allowed(request: HttpRequest) -> HttpResponse:
    title = _("Esta página se abre de otra manera")
    lead = _("Vuelva a la página anterior y use su botón. No se perdió nada.")
    return _page(request, 405, title, lead)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    title = _("Esta página estuvo abierta mucho tiempo")
    lead = _(
        "Vuelva atrás, recargue la página y envíela otra vez. Su navegador debe aceptar cookies."
    )
    return _page(request, 403, title, lead)


def server_error(request: HttpRequest) -> HttpResponse:
    """A defect of ours, with the number that stands in the log; or 503 where something is missing that comes back."""
    if missing.comes_back(sys.exc_info()[1]):
        return unavailable(request)
    number = challenge.code(secrets.token_bytes(5))[:4]
    request.failure = number  # type: ignore[attr-defined]  # the log's line of this failure carries it
    title = _("Algo falló de nuestro lado")
    lead = _(
        "Lo que ya confirmó queda guardado. Vuelva atrás y envíe otra vez la página. Si sigue igual, llámenos con este número:"
    )
    return _page(request, 500, title, lead, number)


def turned_away(path: str, seconds: int) -> HttpResponse:
    """429 for a network that was refused at this address a moment ago, with a page that is drawn once (ADR 20)."""
    lang = "en" if path.startswith("/en/") else "es"
    response = HttpResponse(_wait_page(lang, -(-seconds // 60), path), status=429)
    response.headers["Retry-After"] = str(-(-seconds // 60) * 60)
    response.headers["Content-Language"] = lang
    return response


@lru_cache(maxsize=512)
def _wait_page(lang: str, minutes: int, back: str) -> str:
    """The page without anything of whoever asks: what all get who tried at this address, which stands at the door, and wait so long."""
    nobody = HttpRequest()
    nobody.path = nobody.path_info = "/en/" if lang == "en" else "/"
    with translation.override(lang):
        context = {"seconds": minutes * 60, "back": back}
        return loader.render_to_string("recovery/turned_away.html", context, nobody)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with the page of an outage, which asks no database: it says to wait, what is kept, and the telephone (K02, K07)."""
    kind = offline.OUTAGE + (offline.OF_THE_DESK if is_for_the_desk(request) else "")
    response = HttpResponse(offline.page(kind), status=503)
    response.headers["Retry-After"] = str(int(offline.RETRY.total_seconds()))
    response.headers["Content-Security-Policy"] = offline.header()
    response.headers["Content-Language"] = "es, en"
    return response


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether this process and its database answer, for whoever starts, stops and balances servers: `ok`, or 503.

    Anybody may ask, as often as they like: the database is asked once a second (`FRESH`), and everybody told the same. Whoever comes
    while it is being asked is told what it said last, so that a database that is silent holds one thread and not all; an answer
    that is older than `HOLDS` is none.
    """
    if time.monotonic() > _health["until"] and _asking.acquire(blocking=False):
        try:
            _health.update(answers=_database_answers(), until=time.monotonic() + FRESH)
        finally:
            _asking.release()
    answers = _health["answers"] and time.monotonic() < _health["until"] + HOLDS
    said, status = ("ok\n", 200) if answers else ("no database\n", 503)
    return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")


FRESH, HOLDS = 1.0, 10.0
"""Seconds: for so long an answer is not asked for anew; for so long more it is repeated while the database is silent."""
_asking = threading.Lock()
_health: dict[str, float] = {"until": 0.0, "answers": False}


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return False
    return True


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness of this site, for people and their programs (RFC 9116, S-140)."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    lines = [f"Contact: {contact}" for contact in settings.SECURITY_CONTACT]
    lines += [
        f"Expires: {settings.SECURITY_EXPIRES}T23:59:59Z",
        "Preferred-Languages: es, en",
        f"Canonical: {settings.BASE_URL}{reverse('security_txt')}",
        f"Policy: {settings.BASE_URL}{reverse('security')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
