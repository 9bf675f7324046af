"""What people may ask about their own data, in real Chromium: every page and its error, at the account and at the desk."""

import pytest

from clavero.rights.models import Request
from tests.browser.test_browser import follow, look, press
from tests.browser.test_desk import enter
from tests.browser.test_states import sign_in
from tests.cast import by_id

pytestmark = pytest.mark.browser
ANA = by_id("en_orden")


def test_the_pages_of_your_data(page, time):
    sign_in(page, ANA, ANA.key)
    follow(page, "text=Sus datos: qué guardamos")
    page.locator("h1:has-text('Sus datos')").wait_for()
    look(page, "your data")
    page.locator("details").first.locator("summary").click()
    look(page, "your data, opened")
    page.goto("/cuenta/datos/pedir/")
    look(page, "ask")
    press(page)
    look(page, "ask, nothing said")
    page.check("input[value=correction]")
    page.fill("#what", "El nombre está mal escrito.")
    press(page)
    page.locator("[role=status]").wait_for()
    look(page, "your data, asked")
    page.goto("/cuenta/datos/copia/")
    look(page, "copy")
    page.check("input[value=json]")
    page.fill("#current", "no-es-esta-la-clave")
    press(page)
    page.locator("[data-error]").first.wait_for()
    look(page, "copy, wrong key")


def test_the_pages_of_the_desk(page, site, settings, time):
    settings.BASE_URL = settings.DESK_URL = site
    settings.DESK_CODES = True
    enter(page, time, "olga")
    for path, name in (("/mesa/datos/", "no requests"), ("/mesa/cartas/", "letters"), ("/mesa/datos/anotar/", "note")):  # fmt: skip
        page.goto(path)
        look(page, name)
    press(page)
    look(page, "note, empty")
    page.check("input[name=kind][value=access]")
    page.check("input[name=proof][value=document]")
    for name, value in (("who", "Ana Trigo"), ("identification", ANA.identification), ("ruc", ANA.ruc), ("what", "Una copia"), ("reach", "Vuelve")):  # fmt: skip
        page.fill(f"#{name}", value)
    press(page)
    page.locator("[role=status]").nth(0).wait_for(state="attached")
    look(page, "noted")
    page.goto("/mesa/datos/")
    look(page, "requests")
    page.goto(f"/mesa/datos/{Request.objects.get().pk}/")
    look(page, "request")
    page.check("input[value=refused]")
    page.fill("#words", "No se puede.")
    press(page)
    look(page, "request, no reason")
