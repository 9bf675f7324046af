"""An employer's passkey in real Chromium: bound by who knows the key, enough to sign in, a second proof at a wait (S-008, D12)."""

from datetime import timedelta

import pytest

from clavero import clock
from clavero.employers.models import Contact
from tests.browser.test_browser import follow, look, press
from tests.browser.test_desk import Keys
from tests.browser.test_states import sign_in, to_key
from tests.cast import by_id
from tests.rooms.keys.test_keys import account
from tests.walk import NEW_KEY

pytestmark = pytest.mark.browser
ANA, TERESA = by_id("en_orden"), by_id("correo_nuevo")


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


def bind(page, member, label: str = "mi teléfono") -> None:
    """A passkey of the browser's own, by the pages of the account."""
    sign_in(page, member, member.key)
    page.goto("/cuenta/llaves/")
    page.fill("#label", label)
    page.fill("#current", member.key)
    press(page)
    page.locator(f"dt:has-text('{label}')").wait_for()


def grown(time, member, days: int) -> None:
    """So many days later; this employer's contact changed three days ago."""
    time.wait(days * 86400)
    on = clock.now().date() - timedelta(days=3)
    Contact.objects.filter(employer_id=account(member).employer_id).update(changed_on=on)


def test_a_passkey_ends_the_wait_of_a_risky_recovery(page, time):
    """D12: beside the code of the mail, more than thirty days after it was added; late first, as who left the page open."""
    Keys(page).plug_in()
    bind(page, TERESA)
    grown(time, TERESA, 40)
    page.context.clear_cookies()
    to_key(page, time, TERESA)
    assert "espera por seguridad" in page.inner_text("h1")
    assert page.locator("#passkey").is_visible()
    look(page, "the wait, with a passkey")
    time.wait(6 * 60)
    follow(page, "#passkey")
    assert page.locator("[data-error='passkey.late']").is_visible()
    assert page.locator(".govuk-error-summary a[href='#passkey']").is_visible()
    look(page, "the wait, a passkey too late")
    follow(page, "#passkey")
    assert page.locator("#key").is_visible()
    page.fill("#key", NEW_KEY)
    press(page)
    page.fill("#key", NEW_KEY)
    press(page)
    assert page.inner_text("h1") == "Acceso comprobado"


def test_a_young_passkey_and_one_that_says_no(page, time):
    keys = Keys(page)
    keys.plug_in()
    bind(page, TERESA)
    grown(time, TERESA, 5)
    page.context.clear_cookies()
    to_key(page, time, TERESA)
    follow(page, "#passkey")
    assert page.locator("[data-error='passkey.too_new']").is_visible()
    look(page, "the wait, a passkey too new")
    keys.plug_in(isUserVerified=False)
    page.locator("#passkey").click()
    page.locator("[data-passkey-status]:has-text('La llave no respondió')").wait_for()
    look(page, "the wait, a passkey that does not answer")


COUNT = """() => {
  window.sent = 0;
  document.addEventListener("submit", (event) => { window.sent += 1; event.preventDefault(); });
}"""


def test_an_impatient_hand_sends_one_answer(page, time):
    """One ceremony, one answer, as if the network were slow: the later of two would find the wait over."""
    Keys(page).plug_in()
    bind(page, TERESA)
    grown(time, TERESA, 40)
    page.context.clear_cookies()
    to_key(page, time, TERESA)
    page.evaluate(COUNT)
    press_it = "document.querySelector('#passkey').click()"
    page.evaluate(f"{press_it}; {press_it}")
    page.wait_for_function("window.sent === 1")
    page.evaluate(press_it)
    page.wait_for_timeout(500)
    assert page.evaluate("window.sent") == 1 and page.inner_text("[data-passkey-status]") == ""


def test_where_there_are_no_passkeys_the_wait_shows_the_other_ways(page, window, time):
    """Without script, and in a browser that has none: no button that does nothing."""
    to_key(page, time, TERESA)
    secret = page.inner_text("[data-secret]")
    bare = window(java_script_enabled=False)
    old = window()
    old.add_init_script("delete window.PublicKeyCredential")
    for one in (bare, old):
        one.goto("/caso/")
        one.fill("#secret", secret)
        press(one)
        assert "espera por seguridad" in one.inner_text("h1")
        assert not one.locator("#passkey").is_visible()
        assert "llave de acceso" not in one.inner_text("main")
        assert one.locator("#code").is_visible()
        assert one.locator("button[name=prefer_visit]").is_visible()
    look(old, "the wait, without passkeys")
