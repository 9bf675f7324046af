"""The desk in real Chromium: passkeys by a virtual authenticator, axe on every page, the keyboard, no script."""

import pytest

from clavero import clock
from clavero.desk import people
from clavero.desk.models import Enrolment
from clavero.keys import passkeys
from tests.browser.test_browser import FILLED, follow, look, press
from tests.staff import newcomer, next_code, person

pytestmark = pytest.mark.browser
KEY = {
    "protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Keys:
    """The security keys that are plugged into the browser."""

    def __init__(self, page) -> None:
        self.wire = page.context.new_cdp_session(page)
        self.wire.send("WebAuthn.enable")
        self.here = ""

    def plug_in(self, **more) -> None:
        """Another key, in place of the one before."""
        if self.here:
            self.wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.here})
        answer = self.wire.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | more})
        self.here = answer["authenticatorId"]


@pytest.fixture
def desk(site, settings):
    """The desk on the host of the test's server, without the demonstration's codes."""
    settings.BASE_URL = settings.DESK_URL = site
    settings.DESK_CODES = False
    return site


def code_for(name: str) -> str:
    settle = people.ask_enrolment(
        newcomer(name), Enrolment.FIRST, "first", person("olga"), clock.now()
    )
    return people.approve_enrolment(settle, person("hernan"), clock.now())


def enter(page, time, name: str) -> None:
    page.goto("/mesa/entrar/")
    page.fill("#name", name)
    page.fill("#code", next_code(time, name))
    press(page)
    page.locator("header button").first.wait_for()


def test_from_the_code_to_the_desk_with_two_real_passkeys(page, desk, time):
    keys, code = Keys(page), code_for("lucia")
    page.goto("/mesa/alta/")
    look(page, "enrol")
    page.fill("#name", "lucia")
    page.fill("#code", code)
    press(page)
    page.locator("text=Añada la primera").wait_for()
    look(page, "no passkey yet")
    for label in ("azul", "roja"):
        keys.plug_in()
        page.fill("#label", label)
        press(page)
        page.locator(f"dt:has-text('{label}')").wait_for()
        look(page, label)
    follow(page, "text=Ir al mostrador")
    page.fill("#counter", "3")
    press(page)
    page.locator("text=mostrador 3").wait_for()
    follow(page, "header button >> nth=0")
    page.locator("h1:has-text('Bloqueado')").wait_for()
    look(page, "locked")
    press(page)
    page.locator("text=mostrador 3").wait_for()
    follow(page, "header button >> nth=-1")
    page.locator("h1:has-text('Entrar')").wait_for()
    page.fill("#name", "lucia")
    page.keyboard.press("Enter")
    page.locator("header button").first.wait_for()
    assert passkeys.count(person("lucia").account) == 2
    page.goto("/mesa/llaves/")
    look(page, "my passkeys")
    follow(page, "main dl a")
    look(page, "lost?")
    press(page)
    page.locator("text=falta una llave").wait_for()
    assert passkeys.count(person("lucia").account) == 1


def test_a_passkey_of_somebody_else_and_a_person_who_says_no(page, desk, time):
    keys, code = Keys(page), code_for("lucia")
    page.goto("/mesa/alta/")
    page.fill("#name", "lucia")
    page.fill("#code", code)
    press(page)
    keys.plug_in(isUserVerified=False)
    page.fill("#label", "azul")
    page.locator(FILLED).click()
    page.locator("[data-passkey-status]:has-text('La llave no respondió')").wait_for()
    look(page, "the passkey did not answer")
    assert passkeys.count(person("lucia").account) == 0
    keys.plug_in()
    press(page)
    page.locator("dt:has-text('azul')").wait_for()
    page.goto("/mesa/llaves/")
    follow(page, "header button >> nth=-1")
    page.fill("#name", "nadie")
    press(page)
    page.locator(".govuk-error-summary").wait_for()
    look(page, "sign-in, no match")


def test_every_page_of_the_people_is_accessible(page, desk, time, settings):
    settings.DESK_CODES = True
    page.goto("/mesa/entrar/")
    look(page, "sign-in")
    page.fill("#name", "olga")
    page.fill("#code", "000000")
    press(page)
    look(page, "sign-in, wrong code")
    enter(page, time, "olga")
    look(page, "home")
    other = person("veronica").number
    asked = people.ask_enrolment(
        person("veronica"), Enrolment.LOST, "la perdió", person("hernan"), clock.now()
    )
    for path in ("personal/", "personal/alta/", f"personal/{other}/", f"personal/{other}/centro/", "altas/",
                 f"personal/{other}/capacitacion/", f"personal/{other}/llaves/", f"personal/{other}/salida/",
                 f"altas/{asked.pk}/", "llaves/", "nada/"):  # fmt: skip
        page.goto(f"/mesa/{path}")
        look(page, path)
        if path.endswith(("alta/", "centro/", "capacitacion/", "llaves/")) and path != "llaves/":
            press(page)
            look(page, f"{path}, empty")
    page.goto(f"/mesa/altas/{asked.pk}/")
    press(page)
    look(page, "the code")
    page.goto("/en/mesa/personal/")
    look(page, "in English")
    follow(page, "header button >> nth=-1")
    enter(page, time, "veronica")
    page.fill("#counter", "tres")
    page.goto("/mesa/personal/")
    look(page, "not yours")


def test_without_script_the_page_says_what_is_missing(window, desk, time):
    page = window(java_script_enabled=False)
    page.goto("/mesa/entrar/")
    assert "Las llaves de acceso necesitan JavaScript" in page.locator("main").inner_text()


def test_the_lock_warns_five_minutes_before_and_can_be_put_off(page, desk, time, settings):
    settings.DESK_CODES = True
    page.clock.install()
    enter(page, time, "olga")
    notice = page.locator("[data-session-seconds]")
    assert not notice.is_visible()
    page.clock.run_for(10 * 60 * 1000 + 20_000)
    assert notice.is_visible()
    look(page, "the lock warns")
    time.wait(10 * 60)
    before = page.locator(".cl-officer [data-locks-at]").inner_text()
    notice.locator("button").click()
    notice.wait_for(state="hidden")
    assert page.locator(".cl-officer [data-locks-at]").inner_text() != before
    time.wait(10 * 60)
    page.goto("/mesa/personal/")
    assert page.locator("h1").inner_text() == "Personal"
