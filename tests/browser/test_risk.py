"""The wait of a risky recovery and the second step, looked at in Chromium: axe, 320 px, the error states."""

import pytest
from django.db import transaction

from clavero import clock
from clavero.core import totp
from clavero.keys import passkeys
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.recovery import objections
from clavero.recovery.models import Case, Objection
from tests.authenticator import Authenticator
from tests.browser.test_browser import follow, look, newest, press
from tests.browser.test_states import sign_in, to_key
from tests.cast import by_id
from tests.rooms.keys.test_keys import account
from tests.staff import ORIGIN
from tests.walk import NEW_KEY

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
    page.goto("/cuenta/llaves/")
    look(page, "my passkeys, beside a second step")
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


def stopped(member) -> None:
    """Somebody doubts, at a second look."""
    now = clock.now()
    with transaction.atomic():
        keys.freeze(account(member), now + objections.FREEZE, case_id=None, now=now)


def said(member) -> None:
    """And then, on record, somebody said «no fui yo»."""
    stopped(member)
    now = Account.objects.get(pk=account(member).pk).frozen_until - objections.FREEZE
    case = Case.objects.get(account=account(member))
    Objection.objects.create(case=case, contact=case.contact, at=now)


def test_a_key_that_is_stopped(page, time):
    """I03: the page that tests it says until when."""
    to_key(page, time, LUIS)
    page.fill("#key", NEW_KEY)
    press(page)
    stopped(LUIS)
    page.reload()
    assert page.locator("[data-stopped]").is_visible()
    look(page, "test, stopped")
    said(LUIS)
    page.reload()
    assert "no fui yo" in page.inner_text("[data-stopped]")
    look(page, "test, stopped by a contact")


def test_passkeys_beside_a_second_step(page, time):
    """Before it is set up, and where it stands."""
    asked = passkeys.begin_adding(account(LUIS), "x")
    passkeys.add(account(LUIS), "mi teléfono", asked.state, Authenticator(ORIGIN).make(asked.options), clock.now())  # fmt: skip
    sign_in(page, LUIS, LUIS.key)
    page.goto("/cuenta/segundo-paso/")
    assert page.locator("[data-passkeys]").is_visible()
    look(page, "second step, new, with a passkey", own_colours=False)
