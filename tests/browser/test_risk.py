"""The wait of a risky recovery and the second step, looked at in Chromium: axe, 320 px, the error states."""

import pytest

from clavero import clock
from clavero.core import totp
from tests.browser.test_browser import follow, look, newest, press
from tests.browser.test_states import sign_in, to_key
from tests.cast import by_id

pytestmark = pytest.mark.browser
TERESA, LUIS = by_id("correo_nuevo"), by_id("tres_sucursales")


def test_the_wait_and_its_cancel_link(page, time):
    to_key(page, time, TERESA)
    assert "espera por seguridad" in page.inner_text("h1")
    look(page, "the wait")
    page.fill("#code", "ABCD-EFGH-JKMN-PQRS")
    press(page)
    look(page, "the wait, a wrong saved code")
    link = next(w for w in newest(TERESA.former).text.split() if "/cancelar-pedido/" in w)
    page.goto("/" + link.split("/", 3)[3])
    look(page, "cancel?")
    follow(page, ".govuk-button--warning")
    look(page, "cancelled")


def test_the_second_step_from_setting_it_up_to_taking_it_away(page, time):
    sign_in(page, LUIS, LUIS.key)
    page.goto("/cuenta/segundo-paso/")
    look(page, "second step, new", own_colours=False)
    secret = page.inner_text("[data-totp]").replace(" ", "")
    page.fill("#code", "000000")
    page.fill("#current", LUIS.key)
    press(page)
    look(page, "second step, wrong code", own_colours=False)
    page.fill("#code", totp.code(secret, totp.step(clock.now())))
    page.fill("#current", LUIS.key)
    press(page)
    look(page, "one-time codes")
    page.goto("/cuenta/segundo-paso/")
    look(page, "second step, in place")
    page.goto("/cuenta/segundo-paso/quitar/")
    look(page, "take it away?")
    page.goto("/cuenta/")
    look(page, "account")
    page.context.clear_cookies()
    sign_in(page, LUIS, LUIS.key)
    look(page, "second step at sign-in")
    page.fill("#code", "000000")
    press(page)
    look(page, "second step at sign-in, wrong")
