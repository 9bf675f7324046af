"""Pages that few people ever meet, reached as those few reach them, in real Chromium."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clavero import clock
from clavero.desk import limits
from clavero.institution import profile
from clavero.notices import announcing, offline
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge
from tests.browser.test_browser import follow, look, newest, press, press_named
from tests.browser.test_casework import at_counter
from tests.browser.test_desk import enter
from tests.browser.test_states import START, validate
from tests.cast import by_id
from tests.staff import next_code

pytestmark = pytest.mark.browser
JULIA, LUIS = by_id("sin_correo"), by_id("tres_sucursales")
NETWORK = "198.51.100.0/24"


@pytest.fixture(autouse=True)
def addresses(site, settings):
    """Desk and portal at one address, with the demonstration's codes."""
    settings.BASE_URL = settings.DESK_URL = site
    settings.DESK_CODES = True


def fill(charge: Charge) -> None:
    """More than this limit lets through."""
    for _ in range(charge.most + 4):
        throttle.spend(charge, now=clock.now())


def test_an_announcement_above_a_page(page):
    until = clock.now() + timedelta(hours=5)
    announcing.announce("Mañana no atendemos.", "No service tomorrow.", until, clock.now())
    for path in ("/", START, "/en/"):
        page.goto(path)
        assert page.locator("[data-announced]").is_visible()
        look(page, f"{path}, announced")


def test_the_page_where_messages_carry_a_link_alone(page, time, monkeypatch):
    held = replace(profile(), codes_in_mail=False)
    for module in ("clavero.recovery.services", "clavero.recovery.views.road"):
        monkeypatch.setattr(f"{module}.profile", lambda: held)
    validate(page, time, LUIS)
    look(page, "a message with a link alone")
    press(page)
    look(page, "a message with a link alone, nothing typed")


@pytest.mark.parametrize(
    "kind", [offline.MAINTENANCE, offline.MAINTENANCE + offline.OF_THE_DESK, *offline.ALWAYS]
)
def test_the_pages_that_stand_without_the_portal(page, kind):
    """As the proxy sends them: their own policy stands in them, and nothing else is asked for."""
    until = clock.now() + timedelta(hours=5)
    because = {"es": "Cambiamos de servidor.", "en": "We are changing the server."}
    text, asked = offline.page(kind, until, because), []
    page.route("**/closed/", lambda route: route.fulfill(body=text, content_type="text/html"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/closed/")
    assert page.locator("h1").evaluate("one => getComputedStyle(one).fontWeight") == "700"
    assert (
        page.locator("header").evaluate("one => getComputedStyle(one).backgroundColor")
        == "rgb(12, 53, 56)"
    )
    look(page, f"without the portal, {kind}")
    assert [url for url in asked if not url.endswith("/favicon.ico")] == asked[:1]


def test_a_sheet_where_no_pdf_can_be_made(window, page, time, monkeypatch):
    monkeypatch.setattr("typst.compile", lambda *args, **kwargs: 1 / 0)
    page.goto("/guia/lista.pdf?scenario=no_email")
    look(page, "no PDF")
    assert page.locator("[data-print]").is_visible()
    officer = at_counter(window, time, "veronica", "3")
    officer.goto("/mesa/papel.pdf")
    look(officer, "no PDF at the desk")
    officer.emulate_media(media="print")
    assert not officer.locator(".cl-notice", has_text="PDF").is_visible()
    assert officer.locator("article.cl-paper h1").is_visible()


def test_the_second_of_two_presses_of_a_code(page, time):
    validate(page, time, LUIS)
    code, other, before = newest(LUIS.email).code, page.context.new_page(), page.context.cookies()
    other.goto(page.url)
    for tab in (page, other):  # a double click: both leave with what the browser held before
        page.context.clear_cookies()
        page.context.add_cookies(before)
        tab.fill("#code", code)
        press(tab)
    look(other, "the second press")
    assert other.locator("h1").inner_text() == "Ese código ya se usó"
    follow(other, "main a.govuk-button")
    assert other.locator("form[data-step=contact], form[data-step=question]").count() == 1


def test_the_case_secret_that_is_fetched_at_the_kiosk(window, page, time):
    boss = at_counter(window, time, "beatriz", "1")
    boss.goto("/mesa/sin-codigo/")
    typed = {"identification": JULIA.identification, "ruc": JULIA.ruc, "branch": JULIA.branch, "reason": "Sin teléfono"}  # fmt: skip
    for name, value in typed.items():
        boss.fill(f"#{name}", value)
    press_named(boss, "Abrir el caso")
    code = boss.locator("[data-pickup]").inner_text()
    page.goto("/caso/recoger/")
    press(page)
    look(page, "fetch the case secret, empty")
    page.fill("#identification", JULIA.identification)
    page.fill("#code", code)
    press(page)
    look(page, "the case secret, once")
    assert page.locator("[data-secret]").is_visible()


def test_a_paper_form_that_was_typed_in(window, time):
    officer = at_counter(window, time, "veronica", "3")
    officer.goto("/mesa/papel/pasar/")
    typed = {"identification": JULIA.identification, "ruc": JULIA.ruc, "branch": JULIA.branch, "reason": "Corte de luz"}  # fmt: skip
    for name, value in typed.items():
        officer.fill(f"#{name}", value)
    press_named(officer, "Guardar la hoja")
    look(officer, "a paper form, typed in")
    assert "espera la segunda aprobación" in officer.locator("h1").inner_text()


def test_what_was_sent_to_a_locked_desk(page, time):
    enter(page, time, "olga")
    page.goto("/mesa/personal/1/centro/")
    page.fill("#centre", "guayaquil")
    time.wait(16 * 60)
    press(page)
    assert page.locator("h1").inner_text() == "Bloqueado"
    look(page, "locked, with something unsent")
    page.fill("#code", next_code(time, "olga"))
    press(page)
    assert page.locator("h1").inner_text() == "Falta enviar lo que escribió"
    look(page, "what was not sent")
    press(page)
    look(page, "sent")


def test_the_pages_of_the_limits(page, time):
    enter(page, time, "olga")
    page.goto("/mesa/limites/")
    look(page, "limits, none is full")
    press(page)
    look(page, "limits, no address")
    fill(Charge("signin_asker", NETWORK))
    fill(limits._charge(limits.employer(LUIS.ruc, LUIS.branch, LUIS.identification), "employer_open"))  # fmt: skip
    page.goto("/mesa/limites/")
    look(page, "limits, a network is refused")
    follow(page, "tbody a")
    look(page, "limits of a network")
    page.goto("/mesa/limites/empleador/")
    look(page, "whose limits?")
    press(page)
    look(page, "whose limits, empty")
    page.fill("#ruc", JULIA.ruc)
    press(page)
    look(page, "nothing is spent")
    page.goto("/mesa/limites/empleador/")
    for name in ("ruc", "branch", "identification"):
        page.fill(f"#{name}", getattr(LUIS, name))
    press(page)
    look(page, "limits of an employer")
    follow(page, "[data-blocks] button")
    look(page, "lift it?")
    press(page)
    look(page, "lift it, no reason")
    page.check("input[value=person_waits]", force=True)
    press(page)
    look(page, "lifted")
