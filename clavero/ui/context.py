"""What every page's template knows. Dear pieces are drawn once for each language and kept."""

from functools import cache
from typing import Any, TypedDict
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.template import loader
from django.urls import NoReverseMatch, is_valid_path, reverse
from django.utils import translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from clavero.institution import profile
from clavero.ui.plain_html import html, language

# Pages that the frame links to, by the name of their address; what does not exist is not linked.
LINKS = {
    "home": "home",
    "signin": "account_login",
    "case": "case",
    "guide": "guide",
    "faq": "guide_faq",
    "situations": "guide_table",
    "on_a_deadline": "guide_deadline",
    "precheck": "precheck",
    "help": "help",
    "visits": "visits",
    "is_it_us": "is_it_us",
    "privacy": "privacy",
    "accessibility": "accessibility",
    "security": "security",
    "complaints": "complaints",
    "demo": "demo",
}
_OTHER = "@@other-language@@"


class Frame(TypedDict):
    """The parts of a page that are the same on all, in one language (DESIGN §4).

    A dictionary, because a template looks there first: an attribute costs it an exception.
    """

    lang: str
    html_lang: str
    service: str
    links: dict[str, str]
    head: SafeString
    before_switch: SafeString
    after_switch: SafeString
    address: SafeString
    never_ask: SafeString
    check_address: SafeString
    end: SafeString


def page(request: HttpRequest) -> dict[str, Any]:
    """Django's context processor: institution, frame, language, the same page in the other one."""
    lang = language()
    return {
        "institution": profile().institution,
        "frame": frame(lang),
        "lang": lang,
        "other_lang_url": conditional_escape(other_address(request, lang)),
        "demo": is_demonstration(),
    }


def is_demonstration() -> bool:
    """Whether this server shows made-up data: every page says so, above the header."""
    return bool(settings.DEMO)


def other_address(request: HttpRequest, lang: str) -> str:
    """This page in the other language; that language's start page where this one has no twin."""
    match, query = request.resolver_match, request.META.get("QUERY_STRING", "")
    twin = _twin(request.path, lang)
    if match is None or not _exists(match.route, twin, lang):
        return "/" if lang == "en" else "/en/"
    return f"{twin}?{query}" if query else twin


def _twin(path: str, lang: str) -> str:
    """`/caso/` and `/en/caso/`. Never two slashes first: that would be another site's address."""
    return "/" + path.removeprefix("/en").lstrip("/") if lang == "en" else "/en" + path


twins: dict[tuple[str, str], bool] = {}


def _exists(route: str, twin: str, lang: str) -> bool:
    """Whether the pages of `route` have twins; asked of Django once for each route."""
    if (route, lang) not in twins:
        twins[(route, lang)] = _resolves(twin, "es" if lang == "en" else "en")
    return twins[(route, lang)]


def _resolves(path: str, lang: str) -> bool:
    with translation.override(lang):
        return bool(is_valid_path(path))


@cache
def frame(lang: str) -> Frame:
    """The frame in `lang`: drawn on first use, then kept for the life of the process."""
    with translation.override(lang):
        context = _facts(lang)
        before, _, after = _draw("header", context).partition(_OTHER)
        return Frame(
            lang=lang,
            html_lang="en" if lang == "en" else "es-EC",
            service=context["service"],
            links=context["links"],
            head=_draw("head", context),
            before_switch=html(before),
            after_switch=html(after),
            address=_draw("address", context),
            never_ask=_draw("never_ask", context),
            check_address=_draw("check_address", context),
            end=_draw("end", context),
        )


def _draw(name: str, context: dict[str, Any]) -> SafeString:
    return html(loader.render_to_string(f"ui/frame/{name}.html", context).strip())


def _facts(lang: str) -> dict[str, Any]:
    institution = profile().institution
    return {
        "lang": lang,
        "other": _OTHER,
        "institution": institution,
        "service": institution.service.say(lang),
        "help_hours": institution.help_hours.say(lang),
        "disclaimer": institution.disclaimer.say(lang),
        "demo": is_demonstration(),
        "host": host(),
        "links": links(),
    }


def host() -> str:
    """The address of this site, as one reads it in the browser."""
    return urlsplit(settings.BASE_URL).netloc


def links() -> dict[str, str]:
    """Addresses of `LINKS` in the language in force; "" where there is no such page."""
    return {name: _address(view) for name, view in LINKS.items()}


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
