"""The pages of appointments in real Chromium: axe on every state, 320 px, no script, one filled button."""

import pytest

from tests.browser.test_browser import follow, look, newest, press, to_check
from tests.cast import by_id

pytestmark = pytest.mark.browser
MARTA = by_id("ruc_suspendido")
ADDRESS = "marta.turno@correo.example"


def to_slots(page, time) -> None:
    to_check(page, MARTA)
    time.wait(10)
    press(page)
    page.check("input[value=no_email]")
    press(page)
    press(page)
    follow(page, "main a[href$='/turno/']")


def test_every_state_of_an_appointment_is_accessible(page, time):
    for path in (
        "/citas/",
        "/citas/ambato/",
        "/citas/puerto-ayora/",
        "/citas/simulacion/",
        "/en/citas/",
    ):
        page.goto(path)
        look(page, path)
    to_slots(page, time)
    look(page, "slots")
    press(page)
    look(page, "slots, nothing chosen")
    page.locator("input[value^=ambato]").first.check()
    press(page)
    look(page, "confirm")
    press(page)
    look(page, "confirm, empty")
    page.fill("#email", ADDRESS)
    press(page)
    look(page, "code")
    page.fill("#code", "AAAAAAAA")
    press(page)
    look(page, "code, wrong")
    page.fill("#code", newest(ADDRESS).code)
    press(page)
    look(page, "firm")
    follow(page, "a[href*=espera]")
    look(page, "waiting list")
    press(page)
    look(page, "waiting")
    follow(page, "a[href$='/turno/']")
    look(page, "another time")


def test_an_appointment_is_booked_without_script(window, time):
    page = window(java_script_enabled=False, viewport={"width": 390, "height": 800})
    to_slots(page, time)
    page.locator("input[value^=puerto-ayora]").first.check()
    press(page)
    assert "Guardado hasta las" in page.locator("[data-held-until]").inner_text()
    page.fill("#email", ADDRESS)
    press(page)
    page.fill("#code", newest(ADDRESS).code)
    press(page)
    assert "hora de Galápagos" in page.locator("[data-booking=firm]").inner_text()
