"""The human check in real Chromium: a worker reckons instead of waiting; where it fails, the wait goes on as ever."""

import pytest

from clavero import clock
from clavero.throttle import services as throttle
from tests.browser.test_browser import look, to_check
from tests.cast import by_id

pytestmark = pytest.mark.browser
LUIS = by_id("tres_sucursales")
HERE = "127.0.0.0/24"


def make_busy(spent: int) -> None:
    """This network has asked often of late: the wait without script grows."""
    for _ in range(spent):
        throttle.mint_ticket("somebody else", HERE, clock.now())


def press_at_once(page) -> None:
    page.locator("form[data-step=check] button.govuk-button").click()


def test_where_script_runs_nobody_waits_and_the_press_is_kept(page):
    make_busy(100)
    to_check(page, LUIS)
    assert int(page.locator("[data-wait]").get_attribute("data-wait")) > 20, (
        "a shared address waits"
    )
    with page.expect_request(lambda sent: "altcha=" in (sent.post_data or "")):
        press_at_once(page)
    page.locator("#code").wait_for()


def test_how_far_it_is_is_said_in_words_and_the_page_is_clean(page):
    to_check(page, LUIS)
    page.locator("[data-busy]").wait_for(state="detached")
    assert page.locator("[data-work] p").first.inner_text() == "Listo. Pulse Validar."
    assert page.locator("[data-work] [role=status]").inner_text() == "Listo. Pulse Validar."
    look(page, "check, ready")


def test_where_the_worker_fails_the_wait_goes_on_and_the_press_is_kept(page):
    make_busy(30)  # a wait that outlasts the way to this page on a slow machine
    page.route("**/recovery/work.js", lambda route: route.fulfill(status=500, body=""))
    to_check(page, LUIS)
    assert "Espere hasta las" in page.locator("[data-work] p").first.inner_text()
    press_at_once(page)
    page.locator("#code").wait_for()


def test_where_the_worker_is_slow_the_wait_goes_on_all_the_same(page):
    page.route(
        "**/recovery/work.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    to_check(page, LUIS)
    press_at_once(page)
    page.locator("#code").wait_for()


def test_the_button_stays_where_it_was_when_the_sentence_above_it_changes(page):
    def top() -> float:
        page.evaluate("document.fonts.ready")
        return page.locator("form[data-step=check] button.govuk-button").bounding_box()["y"]

    page.route("**/recovery/check.js", lambda route: route.fulfill(status=500, body=""))
    to_check(page, LUIS)
    before = top()
    page.unroute("**/recovery/check.js")
    to_check(page, LUIS)
    page.locator("[data-work] p", has_text="Listo.").first.wait_for()
    assert top() == pytest.approx(before, abs=1), "who presses meanwhile would miss it"
