"""In real Chromium: axe on every state, 320 px, no script, keyboard only, two browsers."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from clavero import clock
from clavero.demo.models import Mail
from clavero.notices import services as notices
from clavero.throttle import services as throttle
from tests.browser import seen
from tests.cast import by_id
from tests.walk import NEW_KEY

pytestmark = pytest.mark.browser
ANA, LUIS, MARTA = by_id("en_orden"), by_id("tres_sucursales"), by_id("ruc_suspendido")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
START = "/empleadores/recuperar-clave/"


WIDTHS = (1280, 390, 320)


def look(page, name: str, *, own_colours: bool = True) -> None:
    """At each width: no violation of WCAG 2.2 AA, one heading, nothing scrolls sideways; with wide text nothing is cut.

    Where the colours are the reader's (`own_colours` false), their contrast is not ours to judge.
    """
    page.wait_for_load_state()
    seen.look_at(page.url)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        rules = {"color-contrast": {"enabled": own_colours}}
        found = Axe().run(
            page, options={"runOnly": {"type": "tag", "values": TAGS}, "rules": rules}
        )
        assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    assert page.locator("h1").count() == 1, name
    assert page.evaluate(WIDE_TEXT) == [], f"{name}: cut with wide text"


# WCAG 1.4.12: line height 1.5, paragraphs 2 em apart, letters .12 em, words .16 em. Set through the object
# model, which a strict policy allows; what is cut or scrolls sideways is named (the text of a
# field of one line moves by itself); then all is as before.
WIDE_TEXT = """() => {
  const set = { "line-height": "1.5", "letter-spacing": ".12em", "word-spacing": ".16em" };
  const all = [...document.querySelectorAll("body *")];
  const before = all.map((e) => e.style.cssText);
  for (const e of all) {
    for (const [name, value] of Object.entries(set)) e.style.setProperty(name, value, "important");
    if (e.matches("p")) e.style.setProperty("margin-bottom", "2em", "important");
  }
  const cut = all.filter((e) => {
    const style = getComputedStyle(e);
    const hides = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
    const seen = e.checkVisibility() && !e.closest(".govuk-visually-hidden, svg, [hidden], input") && e.clientWidth > 2;
    return hides && seen && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2);
  }).map((e) => e.outerHTML.slice(0, 120));
  const sideways = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
  all.forEach((e, n) => { e.style.cssText = before[n]; });
  return [...cut, ...sideways];
}"""


FILLED = "form[data-step] button.govuk-button:not(.govuk-button--secondary)"


def follow(page, what) -> None:
    """Press or follow `what` (a selector, or a locator), and stand on the page that it leads to, wholly there.

    A click by itself comes back while the old page still stands: who looks then, looks at a page that is being left.
    """
    page.wait_for_load_state()
    with page.expect_navigation():
        (page.locator(what) if isinstance(what, str) else what).first.click()


def press(page) -> None:
    """The filled button, and the page that it leads to.

    Where script does the human check, it is over first: a press before that is kept, and the page goes on by itself.
    """
    page.wait_for_load_state()
    page.locator("[data-busy]").wait_for(state="detached")
    follow(page, FILLED)


def press_named(page, name: str) -> None:
    """The button with these words, and the page that it leads to."""
    follow(page, page.get_by_role("button", name=name, exact=True))


def arrive(page, what: str) -> None:
    """Until `what` is there, on a page that is wholly there: after a key of the keyboard, which nothing else waits for."""
    page.locator(what).wait_for()
    page.wait_for_load_state()


def to_check(page, member) -> None:
    page.goto(f"{START}identificacion/")
    page.fill("#identification", member.identification)
    if member.domestic:
        page.check("#domestic")
    press(page)
    if not member.domestic:
        page.fill("#ruc", member.ruc)
        page.fill("#branch", member.branch)
        press(page)


def newest(to: str) -> Mail:
    while notices.deliver_due(clock.now()):
        pass
    return [mail for mail in Mail.objects.order_by("-sent_at") if mail.to == to][0]


def test_every_state_of_the_online_road_is_accessible(page, time):
    for path in ("/", "/tramites/", "/tramites/empleadores/", START, "/ayuda/", "/es-de-verdad/", "/entrar/", "/caso/",
                 "/datos-personales/", "/accesibilidad/", "/seguridad/", "/reclamos/", "/demo/", "/demo/correo/", "/nada/",
                 "/en/", "/en/empleadores/recuperar-clave/"):  # fmt: skip
        page.goto(path)
        look(page, path)
    page.goto(f"{START}identificacion/")
    look(page, "who")
    press(page)
    look(page, "who, empty")
    page.goto(f"{START}identificacion/?extranjero=1")
    look(page, "who, foreign")
    page.route("**/recovery/check.js", lambda route: route.abort())  # as where script does not run
    for _ in range(
        100
    ):  # a network that asked often: what follows is quicker than its wait on any machine
        throttle.mint_ticket("somebody else", "127.0.0.0/24", clock.now())
    to_check(page, ANA)
    look(page, "check")
    press(page)
    assert page.locator("[data-error='human_check.too_early']").is_visible()
    look(page, "check, too early")
    page.unroute("**/recovery/check.js")
    page.goto(f"{START}numero/")
    page.fill("#ruc", "993370026001")
    press(page)
    look(page, "number, with a repair")
    to_check(page, ANA)
    time.wait(60)
    press(page)
    look(page, "code")
    page.fill("#code", "AAAAAAAA")
    press(page)
    look(page, "code, wrong")
    page.fill("#code", newest(ANA.email).code)
    press(page)
    look(page, "question")
    press(page)
    look(page, "question, empty")
    for name in ("workers_last_sheet", "first_entry_month"):
        page.fill("#answer", ANA.facts[name])
        press(page)
    look(page, "contact")
    page.fill("#email", "no es un correo")
    press(page)
    look(page, "contact, wrong")
    page.fill("#email", "")
    press(page)
    look(page, "key")
    page.fill("#key", "corta")
    press(page)
    look(page, "key, short")
    page.fill("#key", NEW_KEY)
    press(page)
    look(page, "test")
    page.fill("#key", NEW_KEY)
    press(page)
    look(page, "done")
    follow(page, "button[name=save_code]")
    look(page, "saved code")
    for path in ("/cuenta/", "/cuenta/clave/", "/salir/"):
        page.goto(path)
        look(page, path)


def test_every_state_of_the_visit_is_accessible(page, time):
    to_check(page, MARTA)
    time.wait(10)
    press(page)
    look(page, "two halves")
    press(page)
    look(page, "two halves, nothing chosen")
    page.check("input[value=no_email]")
    press(page)
    look(page, "contact data of the visit")
    press(page)
    look(page, "visit")
    secret = page.locator("[data-secret]").inner_text()
    page.emulate_media(media="print")
    assert (
        not page.locator("[data-secret]").is_visible()
        and page.locator("[data-continuation]").is_visible()
    )
    page.emulate_media(media="screen")
    page.reload()
    assert page.locator("[data-secret]").inner_text() == secret
    page.goto(f"{START}caso/ABCDEFGH/codigo/")
    look(page, "not here")


def test_the_mail_is_accessible(page, time):
    to_check(page, LUIS)
    time.wait(10)
    press(page)
    newest(LUIS.email)
    page.goto("/demo/correo/")
    look(page, "mailbox")
    follow(page, "article a.govuk-link")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS[:-1]}})
    assert found.violations_count == 0, found.generate_report()


def test_the_whole_road_without_script(window, time):
    page = window(java_script_enabled=False, viewport={"width": 390, "height": 800})
    jorge = by_id("domestica")
    to_check(page, jorge)
    time.wait(10)
    press(page)
    page.fill("#code", newest(jorge.email).code)
    press(page)
    press(page)
    follow(page, "a.govuk-password-input__toggle")
    assert page.locator("#key").get_attribute("type") == "text"
    follow(page, "button[name=use]")
    page.go_back()
    page.go_forward()
    assert page.locator("h1").inner_text() == "Pruebe su acceso ahora"


def test_the_keyboard_is_enough_and_the_focus_shows(page, time):
    page.goto(START)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "govuk-skip-link"
    page.goto(f"{START}identificacion/")
    page.focus("#identification")
    page.keyboard.type(LUIS.identification)
    page.keyboard.press("Enter")
    arrive(page, "#ruc")
    page.focus("#ruc")
    page.keyboard.type(LUIS.ruc)
    page.keyboard.press("Tab")
    page.keyboard.type(LUIS.branch)
    page.keyboard.press("Enter")
    arrive(page, "form[data-step=check]")
    page.focus("form[data-step=check] button.govuk-button")
    time.wait(10)
    assert (
        page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow"
        )
        != "nonenone"
    )
    page.keyboard.press("Enter")
    page.locator("#code").wait_for()


def test_after_an_error_the_focus_is_in_the_summary_and_leads_to_the_field(page):
    page.goto(f"{START}identificacion/")
    press(page)
    page.locator(".govuk-error-summary").wait_for()
    assert "govuk-error-summary" in page.evaluate("document.activeElement.className")
    page.locator(".govuk-error-summary a").click()
    assert page.evaluate("document.activeElement.id") == "identification"


def test_targets_are_large_enough_to_touch(page):
    page.goto(f"{START}identificacion/")
    small = page.evaluate(
        """() => [...document.querySelectorAll('main button:not(.govuk-visually-hidden), main input:not([type=hidden])')]
        .filter(e => e.offsetParent && (e.getBoundingClientRect().height < 24 || e.getBoundingClientRect().width < 24))
        .map(e => e.outerHTML)"""
    )
    assert small == []


def test_a_key_can_be_pasted_and_shown(page, time):
    to_check(page, LUIS)
    time.wait(10)
    press(page)
    page.fill("#code", newest(LUIS.email).code)
    press(page)
    press(page)
    field = page.locator("#key")
    assert (field.get_attribute("autocomplete"), field.get_attribute("maxlength")) == (
        "new-password",
        None,
    )
    page.click("[data-toggle], .govuk-password-input__toggle")
    assert field.get_attribute("type") == "text"


def test_two_tabs_with_two_employers_do_not_mix(window, time):
    one = window()
    two = one.context.new_page()
    one.goto(f"{START}identificacion/")
    one.fill("#identification", ANA.identification)
    press(one)
    to_check(two, LUIS)
    one.fill("#ruc", ANA.ruc)
    one.fill("#branch", ANA.branch)
    press(one)
    time.wait(20)
    press(one)
    one.fill("#code", newest(ANA.email).code)
    press(one)
    assert one.locator("#answer").is_visible()
