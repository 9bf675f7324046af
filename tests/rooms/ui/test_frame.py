"""The frame of every page: order, languages, what it links to, what it never contains."""

import hashlib
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf.urls.i18n import i18n_patterns
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template import engines
from django.test import Client
from django.urls import include, path

from clavero.institution import profile
from clavero.project import views
from clavero.ui import context
from clavero.ui.forms import Form, number

ROOT = Path(__file__).resolve().parents[3]
PAGE = """{% extends "ui/base.html" %}{% block title %}Un título{% endblock %}
{% block nav %}{% navigation "case" %}{% endblock %}{% block back %}{% back "/" %}{% endblock %}
{% block address_extra %}{{ frame.never_ask }}{% endblock %}
{% block content %}<h1>Hola</h1>{% if form %}{% field form "ruc" %}{% endif %}{% endblock %}"""


class Sheet(Form):
    ruc = number("RUC")


def show(request: HttpRequest, **given: str) -> HttpResponse:
    form = Sheet.bind(QueryDict()) if "wrong" in request.GET else None
    return HttpResponse(engines["django"].from_string(PAGE).render({"form": form}, request))


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("on purpose")


class Doors:
    """Addresses of these tests alone: two languages, one plain page, one that breaks."""

    urlpatterns = [
        path("plain/", show),
        path("broken/", broken),
        *i18n_patterns(
            path("", include([path("", show, name="home"), path("caso/<str:id>/", show)])),
            path("entrar/", show, name="account_login"),
            path("caso/", show, name="case"),
            prefix_default_language=False,
        ),
    ]
    handler404 = staticmethod(views.not_found)
    handler500 = staticmethod(views.server_error)


@pytest.fixture(autouse=True)
def doors(settings):
    settings.ROOT_URLCONF = Doors
    settings.DEMO = False
    settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware"]
    context.frame.cache_clear()
    context.twins.clear()
    yield
    context.frame.cache_clear()
    context.twins.clear()


def page(address: str = "/", status: int = 200) -> BeautifulSoup:
    answer = Client(raise_request_exception=False).get(address)
    assert answer.status_code == status
    return BeautifulSoup(answer.content, "html.parser")


def test_the_parts_stand_in_one_order():
    html = str(page("/caso/"))
    marks = (
        "govuk-skip-link",
        "cl-header",
        "cl-address",
        "cl-nav",
        "govuk-back-link",
        "<main",
        "cl-help",
        "cl-footer",
    )
    places = [html.index(mark) for mark in marks]
    assert places == sorted(places)


def test_the_skip_link_leads_to_main():
    soup = page()
    assert soup.select_one(soup.select_one(".govuk-skip-link")["href"]).name == "main"


def test_a_page_with_errors_says_so_in_its_title_and_first_in_main():
    soup = page("/?wrong=1")
    assert soup.title.text == "Error: Un título – Clave de empleador"
    assert soup.select_one("main .govuk-grid-column-two-thirds > *")["class"] == [
        "govuk-error-summary"
    ]
    assert page().title.text == "Un título – Clave de empleador"


def test_the_language_is_the_address_s_and_never_the_browser_s():
    answer = Client().get("/", headers={"accept-language": "en"})
    assert b'lang="es-EC"' in answer.content
    assert page("/en/").html["lang"] == "en"


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/", "/en/"),
        ("/en/", "/"),
        ("/caso/k7/?ver=si&x=%22", "/en/caso/k7/?ver=si&x=%22"),
        ("/en/caso/k7/", "/caso/k7/"),
        ("/plain/", "/en/"),
    ],
)
def test_the_other_language_is_the_same_page(here, there):
    assert page(here).select_one(".cl-lang a")["href"] == there


def test_the_switch_never_leads_to_another_site():
    soup = page("/en//evil.example/", 404)
    assert soup.select_one(".cl-lang a")["href"] == "/"
    assert context._twin("/en//evil.example/", "en") == "/evil.example/"


def test_a_lost_page_still_leads_to_the_other_language():
    soup = page("/no-hay/", 404)
    assert soup.select_one(".cl-lang a")["href"] == "/en/"
    assert soup.h1.text == "No encontramos esta página"


def test_a_failure_tells_a_number_to_name_on_the_telephone():
    soup = page("/broken/", 500)
    assert "llámenos con este número" in soup.main.text
    assert len(soup.select_one("main .cl-code").text) == 4
    assert "ValueError" not in str(soup)


def test_only_pages_that_exist_are_linked():
    soup = page()
    assert [a["href"] for a in soup.select(".cl-nav a")] == ["/caso/", "/entrar/"]
    assert soup.select(".cl-footer a") == []
    for link in soup.select("a[href^='/']"):
        page(link["href"])


def test_navigation_says_where_one_is():
    assert page("/caso/").select_one(".cl-nav [aria-current=page]").text == "Mi caso"


def test_help_is_the_same_on_every_page():
    assert page("/").select_one(".cl-help") == page("/caso/k7/?wrong=1").select_one(".cl-help")
    assert profile().institution.help_phone in page().select_one(".cl-help").text


def test_the_footer_says_whose_site_this_is_not():
    assert "no pertenece al IESS ni al SRI" in page().select_one(".cl-footer").text


def test_the_address_to_compare_is_the_configured_one(settings):
    settings.BASE_URL = "https://clave.instituto.example"
    context.frame.cache_clear()
    answer = Client(headers={"host": "localhost"}).get("/")
    strip = BeautifulSoup(answer.content, "html.parser").select_one(".cl-address")
    assert strip.strong.text == "clave.instituto.example"
    assert "Nunca le pedimos su clave" in strip.text


def test_a_demonstration_says_so_above_the_header(settings):
    assert page().select(".cl-demo") == []
    settings.DEMO = True
    context.frame.cache_clear()
    html = str(page())
    assert html.index("cl-demo") < html.index("cl-header")


def test_a_page_has_no_script_or_style_of_its_own():
    for soup in (page("/?wrong=1"), page("/en/"), page("/no/", 404)):
        assert soup.select("style, [style], [onclick], [onsubmit], script:not([src])") == []
        outside = [
            e for e in soup.select("[src], link[href]") if "//" in str(e.get("src") or e["href"])
        ]
        assert outside == []


def test_one_heading_and_one_main():
    soup = page("/?wrong=1")
    assert len(soup.select("h1")) == len(soup.select("main")) == 1
    ids = [element["id"] for element in soup.select("[id]")]
    assert len(ids) == len(set(ids))


def test_the_frame_is_drawn_once_for_each_language(monkeypatch):
    page("/"), page("/en/")
    monkeypatch.setattr(context, "_draw", lambda *_: pytest.fail("drawn again"))
    page("/caso/"), page("/en/caso/")


def test_the_frame_keeps_nothing_of_a_request():
    page("/caso/secreto-de-alguien/?ver=si")
    kept = str([context.frame(lang) for lang in ("es", "en")]) + str(context.twins)
    assert "secreto-de-alguien" not in kept


# --- what is served ------------------------------------------------------------------------------


def test_every_file_that_the_head_and_the_styles_name_is_there():
    soup = page()
    named = [e.get("src") or e["href"] for e in soup.select("head script, head link")]
    css = Path(finders.find("clavero/clavero.css")).read_text(encoding="utf-8")
    named += [f"/static/clavero/{name}" for name in re.findall(r'url\("?([^")]+)"?\)', css)]
    assert len(named) == 5
    for name in named:
        assert finders.find(name.removeprefix("/static/")), name


def test_the_style_sheet_is_compiled_from_the_sources_beside_it():
    sources = sorted((ROOT / "clavero/ui/scss").glob("*.scss")) + [ROOT / "package.json"]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    for sheet in ("clavero", "offline"):
        css = (ROOT / f"clavero/ui/static/clavero/{sheet}.css").read_text(encoding="utf-8")
        assert css.endswith(f"/* sources {digest} */\n"), "run make css"


def test_licences_stand_beside_what_they_cover():
    static = ROOT / "clavero/ui/static/clavero"
    assert "SIL OPEN FONT LICENSE" in (static / "fonts/OFL.txt").read_text(encoding="utf-8").upper()
    assert "MIT" in (static / "LICENCE-govuk-frontend.txt").read_text(encoding="utf-8")


def test_nothing_of_gov_uk_s_identity_is_served():
    css = (ROOT / "clavero/ui/static/clavero/clavero.css").read_text(encoding="utf-8")
    for identity in ("GDS Transport", "govuk-crest", "govuk-header", "govuk-footer", "//assets"):
        assert identity not in css


def test_the_lock_file_names_no_registry():
    for name in ("package.json", "package-lock.json", ".npmrc"):
        assert "://" not in re.sub(r'"(url|funding)": "[^"]*"', "", (ROOT / name).read_text()), name
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_english_pages_carry_the_institution_s_english():
    frame = context.frame("en")
    assert frame["service"] == profile().institution.service.en
    assert profile().institution.help_hours.en in frame["end"]
