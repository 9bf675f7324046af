"""What every answer carries: the policy headers, and no store for pages that are about somebody.

One middleware instead of several: each is paid on each of ten requests (PERFORMANCE, 1).
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation

from clavero import clock
from clavero.keys import doors
from clavero.notices import offline
from clavero.throttle import doorstep
from clavero.throttle import queries as askers

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
NOT_ALLOWED, TOO_MANY, UNAVAILABLE = 405, 429, 503
DESK = ("/mesa/", "/en/mesa/")
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
Answer = Callable[[HttpRequest], HttpResponse]


def _more(response: HttpResponse) -> str:
    """One more origin that a form of this page may lead over: the policy's last word is `form-action`."""
    return f" {origin}" if (origin := getattr(response, "form_action", "")) else ""


# A promise for the browser that does not hang on what the proxy says of this request (S-093).
ONLY_HTTPS = f"max-age={2 * 365 * 24 * 3600}; includeSubDomains; preload"


def Frame(answer: Answer) -> Answer:
    """Sets S-093's headers and S-094's `no-store` on every answer that does not set its own, files too.

    An answer without a page (a method that an address does not take) gets one: nobody is left with a white screen.
    """

    def framed(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if response.status_code == NOT_ALLOWED and not response.content:
            response = _with_page(request, response)
        headers = response.headers
        if settings.SECURE:
            headers["Strict-Transport-Security"] = ONLY_HTTPS
        headers.setdefault("Content-Security-Policy", POLICY + _more(response))
        headers["Permissions-Policy"] = PERMISSIONS
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        return response

    return framed


def _with_page(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    from clavero.project import views

    response = views.not_allowed(request)
    for name, value in bare.items():
        if not name.startswith("Content-"):
            response.headers.setdefault(name, value)
    return response


def is_for_the_desk(request: HttpRequest) -> bool:
    """Whether this asks for the desk: by its address, or by its own host. A page of words hangs on it, and nothing else."""
    if request.path_info.startswith(DESK):
        return True
    desk, public = urlsplit(settings.DESK_URL).netloc, urlsplit(settings.BASE_URL).netloc
    with suppress(DisallowedHost):
        return desk != public and request.get_host() == desk
    return False


def Offline(answer: Answer) -> Answer:
    """While `clavero maintenance` stands, every address answers its page; `health` says the truth all the same (K02)."""
    if not settings.OFFLINE:
        raise MiddlewareNotUsed
    folder, health = Path(settings.OFFLINE), reverse("health")

    def open_or_closed(request: HttpRequest) -> HttpResponse:
        shut = offline.closed(folder, desk=is_for_the_desk(request))
        if shut is None or request.path_info == health:
            return answer(request)
        response = HttpResponse(shut.page, status=UNAVAILABLE)
        response.headers["Retry-After"] = str(shut.retry_after(clock.now()))
        response.headers["Content-Security-Policy"] = offline.header()
        response.headers["Content-Language"] = "es, en"
        return response

    return open_or_closed


AT_THE_DOOR = frozenset("account_login account_passkey number case pick_up is_it_us".split())
"""Addresses whose every try spends the same bucket of the network, unless the browser signed in before: there the doorstep remembers.

*Validar* is none: the ticket's bucket may be full where that of the cases is not, and the one corrected retry spends neither.
"""


def Doorstep(answer: Answer) -> Answer:
    """A network that an address refused a moment ago is turned away at once, with a page that is kept (ADR 20).

    A browser from which somebody signed in goes on: it may have tries of its own.
    """

    def kept(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            with doorstep.inside():
                return answer(request)
        now, asker, path = clock.now(), askers.asker(request), request.path_info
        door = doorstep.shut_door(asker, path, now)
        if door and not doors.was_let_in(request):
            from clavero.project import views

            request.resolver_match = door.match
            doorstep.give_way()
            return views.turned_away(path, doorstep.turn_away(door, now))
        doorstep.begin()
        with doorstep.inside():
            response = answer(request)
        match = request.resolver_match
        if response.status_code == TOO_MANY and match and match.url_name in AT_THE_DOOR:
            doorstep.shut(asker, path, now, match)
        return response

    return kept


def Language(answer: Answer) -> Answer:
    """Spanish, or English under /en/: by the address, never by the browser. What Django's own would ask besides, it need not."""

    def spoken(request: HttpRequest) -> HttpResponse:
        english = request.path_info == "/en" or request.path_info.startswith("/en/")
        request.LANGUAGE_CODE = "en" if english else "es"
        translation.activate(request.LANGUAGE_CODE)
        response = answer(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return spoken


def Hosts(answer: Answer) -> Answer:
    """The desk answers on its own host and nothing else does there (S-072, S-138). In the demonstration both answer."""
    desk, public = urlsplit(settings.DESK_URL).netloc, urlsplit(settings.BASE_URL).netloc
    if settings.DEMO or desk == public:
        raise MiddlewareNotUsed

    def separated(request: HttpRequest) -> HttpResponse:
        from clavero.project import views

        at_desk = request.get_host() == desk
        if at_desk and request.path in ("/", "/en/"):
            return HttpResponseRedirect(request.path + "mesa/")
        if at_desk != request.path.startswith(DESK):
            return views.not_found(request)
        return answer(request)

    return separated
