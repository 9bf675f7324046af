"""An employer's passkey in real Chromium: bound by who knows the key, then enough by itself (S-008)."""

import pytest

from tests.browser.test_browser import follow, look, press
from tests.browser.test_desk import Keys
from tests.cast import by_id

pytestmark = pytest.mark.browser
ANA = by_id("en_orden")


@pytest.fixture(autouse=True)
def addresses(site, settings):
    settings.BASE_URL = settings.DESK_URL = site


def test_a_passkey_is_bound_and_signs_in_by_itself(page, time):
    """S-008."""
    keys = Keys(page)
    keys.plug_in()
    page.goto("/entrar/")
    page.fill("#identification", ANA.identification)
    page.fill("#ruc", ANA.ruc)
    page.fill("#key", ANA.key)
    press(page)
    page.goto("/cuenta/")
    look(page, "account")
    follow(page, "a[href='/cuenta/llaves/']")
    look(page, "my passkeys, none")
    page.fill("#label", "mi teléfono")
    page.fill("#current", "no es la clave")
    press(page)
    page.locator(".govuk-error-summary").wait_for()
    look(page, "the key is another")
    keys.plug_in()
    page.fill("#label", "mi teléfono")
    page.fill("#current", ANA.key)
    press(page)
    page.locator("dt:has-text('mi teléfono')").wait_for()
    look(page, "my passkeys, one")
    page.goto("/salir/")
    follow(page, "main form button")
    page.goto("/entrar/llave/")
    look(page, "sign in with a passkey")
    press(page)
    page.locator(f"h1:has-text('{ANA.name}')").wait_for()
    page.goto("/cuenta/llaves/")
    follow(page, "main dl a")
    look(page, "remove it?")
    press(page)
    page.locator("text=Añada la primera").wait_for()
    page.goto("/salir/")
    follow(page, "main form button")
    page.goto("/entrar/llave/")
    press(page)
    page.locator("[data-error='passkey.no_match']").wait_for()
    look(page, "no account")
