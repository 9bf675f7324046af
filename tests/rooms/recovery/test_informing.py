"""Who is asked for data is told what LOPDP art. 12 wants told, and can read it from the page that asks (S-129)."""

import importlib
import re
from contextlib import suppress
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from clavero.institution import profile
from clavero.recovery import informing
from clavero.ui import draw
from clavero.ui.forms import Form
from tests.cast import by_id
from tests.rooms.desk.test_guard import _patterns
from tests.walk import Walker, sign_in

LUIS = by_id("tres_sucursales")
HOUSE = {"address": "Calle Uno 1", "email": "a@b.example", "data_officer": "d@b.example"}
FORMS = ("guidance", "keys", "precheck", "recovery", "rights")
OURS = ("clavero.desk.", "clavero.demo.", "clavero.rights.desk_views")
BY_MACHINE = ("search", "hidden", "submit", "button")


def page(path: str = "/datos-personales/"):
    return BeautifulSoup(Client().get(path).content, "html.parser")


@pytest.mark.parametrize("path", ["/datos-personales/", "/en/datos-personales/"])
@pytest.mark.parametrize("house", [{}, HOUSE], ids=["as shipped", "filled in"])
def test_every_numeral_of_article_12_is_told(cast, monkeypatch, path, house):
    here = profile()
    filled = replace(here, institution=replace(here.institution, **house))
    monkeypatch.setattr(informing, "profile", lambda: filled)
    told = {}
    for each in page(path).select("[data-art12]"):
        told.setdefault(int(each["data-art12"]), []).append(each.get_text(" ", strip=True))
    assert sorted(told) == sorted(informing.ART_12) == list(range(1, 18))
    assert all(len(text) > 30 for texts in told.values() for text in texts)
    everything = " ".join(text for texts in told.values() for text in texts)
    assert here.institution.help_phone in everything and here.institution.name in everything
    assert all(value in everything for value in house.values()) and "%(" not in everything
    assert str(here.retention_days["unproven_cases"]) in " ".join(told[4])


def addresses() -> set[str]:
    """Pages for the public that need no more than their address."""
    found = set()
    for pattern in _patterns(get_resolver().url_patterns):
        if pattern.name and not pattern.lookup_str.startswith(OURS):
            with suppress(NoReverseMatch):  # it needs more than its address
                found.add(reverse(pattern.name))
    return {path for path in found if path.endswith("/")}


def asks(soup) -> bool:
    """Whether something can be typed or chosen on this page."""
    fields = soup.select("main input, main select, main textarea")
    return any(field.get("type", "text") not in BY_MACHINE for field in fields)


def leads_to_notice(soup) -> bool:
    return bool(soup.select("footer a[href$='/datos-personales/']"))


def test_every_page_that_asks_leads_to_what_art_12_wants_told(cast, time):
    """The pages that an address opens, the account's own, and the road's."""
    asked = set()
    home, walker = sign_in(Walker(time), LUIS, LUIS.key), Walker(time)
    for path in sorted(addresses()):
        for client in (walker.client, home.client):
            answer = client.get(path)
            if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
                continue
            soup = BeautifulSoup(answer.content, "html.parser")
            if asks(soup):
                asked.add(path)
                assert leads_to_notice(soup), path
    assert {"/entrar/", "/cuenta/clave/", "/precheck/uno/", "/guia/listo/"} <= asked and len(asked) > 12  # fmt: skip
    road = Walker(time).to_check(LUIS)
    for go_on in (lambda: road, lambda: road.validate(LUIS), lambda: road.prove(LUIS), road.press):
        assert asks(go_on().page) or road.step == "check"
        assert leads_to_notice(road.page), road.step
    assert road.step == "key"


def test_every_field_that_may_stay_empty_says_so_and_no_other():
    """The page says that what is not «opcional» is needed; a tick may always stay as it is."""
    seen = 0
    for room in FORMS:
        importlib.import_module(f"clavero.{room}.forms")
    for cls in (each for each in Form.__subclasses__() if each.__module__.partition(".")[2].partition(".")[0] in FORMS):  # fmt: skip
        for name, spec in cls.fields.items():
            if spec.kind in ("tick", "choice"):
                continue
            seen += 1
            said = re.search(r"\((opcional|optional)\)", draw._label(name, spec)) is not None
            assert said == spec.optional, f"{cls.__name__}.{name}"
    assert seen > 20
