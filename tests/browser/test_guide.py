"""The guide and one employer at a time in Chromium: axe on every state, without script, printed."""

import pytest

from clavero import clock
from clavero.core import guide, triage, workdays
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge, prefix
from tests.browser.test_browser import follow, look, newest, press
from tests.cast import by_id
from tests.rooms.guidance.test_ready import code

pytestmark = pytest.mark.browser
MARTA, JORGE = by_id("ruc_suspendido"), by_id("domestica")
STRANGER = "ana@trigo.example"
ANSWER = "/guia/respuesta/?scenario={}&deadline=contributions"


def tell(page, text: str) -> None:
    page.goto("/guia/")
    page.fill("#wording", text)
    press(page)


def test_the_two_ways_in_with_every_end_that_they_have(page):
    page.goto("/guia/")
    look(page, "guide")
    press(page)
    look(page, "nothing written")
    tell(page, "no me llega nada")
    look(page, "sure")
    page.click("#explica summary")
    look(page, "why we say so")
    tell(page, "pongo el codigo y dice que la cuenta esta bloqueada y cambio el representante")
    look(page, "one or three")
    tell(page, "hola buenas tardes " + "muchisimo" * 12)
    look(page, "cannot tell, a long word")
    for key in guide.VALUES:
        page.goto(f"/guia/preguntas/?change={key}")
        look(page, f"question {key}")
    page.goto("/guia/preguntas/?asked=key")
    look(page, "no choice")


def test_every_answer_and_its_list(page):
    for scenario in triage.SCENARIOS:
        page.goto(ANSWER.format(scenario))
        look(page, scenario)
    page.goto("/guia/respuesta/?email=yes&key=active&ruc=active")
    look(page, "nothing in the way")
    page.goto("/guia/lista/?scenario=first_key&domestic=yes&deadline=contributions")
    look(page, "list")


def test_deadlines_tables_and_questions(page):
    for path in ("plazo/", "plazo/?duty=1", "tabla/", "preguntas-frecuentes/", "avisar/", "datos/"):
        page.goto(f"/guia/{path}")
        look(page, path)
    for kind in workdays.KINDS:
        page.goto(f"/guia/plazo/?kind={kind}")
        look(page, kind)
        page.goto(f"/guia/plazo/?kind={kind}&when=1&month=2026-12&event=2026-11-20&slot=2027-01-20")
        look(page, f"{kind}, a plan that is too late")
        page.goto(f"/guia/plazo/?kind={kind}&when=1&month=x&event=x&slot=x")
        look(page, f"{kind}, odd dates")


def test_whether_everything_is_ready(page):
    page.goto("/guia/listo/")
    look(page, "ready")
    page.fill("#email", "ana@gmial.com")
    press(page)
    look(page, "a likely slip")
    page.goto("/guia/listo/")
    press(page)
    look(page, "no address")
    page.fill("#email", STRANGER)
    press(page)
    look(page, "code")
    page.fill("#code", "ZZZZZZZZ")
    press(page)
    look(page, "another code")
    page.fill("#code", code(newest(STRANGER).text))
    press(page)
    look(page, "arrived")
    page.goto("/guia/lista/correo/?scenario=first_key")
    look(page, "list by mail")
    page.fill("#email", STRANGER)
    press(page)
    look(page, "list on its way")
    for _ in range(10):
        throttle.spend(Charge("ready_asker", prefix("127.0.0.1")), now=clock.now())
    page.goto("/guia/listo/")
    page.fill("#email", "n@trigo.example")
    press(page)
    look(page, "too often")


def test_a_clock_that_is_wrong_is_said_by_the_browser_itself(page, site):
    page.goto("/guia/listo/")
    clock_line = page.locator("[data-clock]")
    assert "otra hora" in clock_line.text_content()  # the test's clock is another day's
    page.goto("/guia/listo/")
    assert page.evaluate("navigator.cookieEnabled")
    assert "Sirve si guarda cookies" in page.locator("[data-cookies]").text_content()


def test_whether_a_message_is_ours_in_every_state(page):
    from clavero.audit.models import Entry

    page.goto("/es-de-verdad/")
    press(page)
    look(page, "no record typed")
    entry = Entry.objects.order_by("-number").first()
    for seal in (bytes(entry.seal).hex()[:12], "0" * 12):
        page.fill("#entry", str(entry.number))
        page.fill("#head12", seal)
        press(page)
        look(page, f"record {seal}")


def test_one_employer_in_every_state(page):
    page.goto("/precheck/uno/")
    look(page, "one")
    press(page)
    look(page, "one, empty")
    for member in (MARTA, JORGE):
        page.goto("/precheck/uno/")
        page.fill("#identification", member.identification)
        if member.domestic:
            page.check("#domestic")
        else:
            page.fill("#ruc", member.ruc.lstrip("0"))
            page.fill("#branch", "1")
        press(page)
        look(page, f"one, {member.id}")


def test_without_script_the_guide_leads_to_its_answer_and_its_list(window):
    one = window(java_script_enabled=False, viewport={"width": 390, "height": 800})
    one.goto("/guia/")
    one.fill("#wording", "no me llega nada")
    press(one)
    assert one.locator("[data-scenario=email_not_valid]").is_visible()
    follow(one, one.get_by_role("link", name="Guardar o imprimir esta lista"))
    assert one.get_by_role("link", name="Descargar (PDF)").is_visible()
    assert not one.locator("[data-print]").is_visible()
    one.goto("/guia/preguntas/")
    while one.locator("input[type=radio]").count():
        one.locator("input[type=radio]").last.check(force=True)
        follow(one, "main button.govuk-button")
    assert one.locator("[data-route]").first.is_visible()
    one.goto("/guia/listo/")
    one.fill("#email", STRANGER)
    press(one)
    one.fill("#code", code(newest(STRANGER).text))
    press(one)
    assert "le llegan" in one.locator("h1").text_content()


@pytest.mark.parametrize(
    "path",
    [ANSWER.format("first_key"), "/guia/lista/?scenario=first_key", "/guia/tabla/",
     "/guia/plazo/?kind=contributions&when=1&month=2026-12", "/guia/preguntas-frecuentes/"],
)  # fmt: skip
def test_on_paper_stand_the_words_and_no_buttons(page, path, tmp_path):
    page.goto(path)
    page.emulate_media(media="print")
    assert not page.locator(".cl-nav, .govuk-back-link, form button").filter(visible=True).count()
    assert page.locator("h1").is_visible()
    page.pdf(path=str(tmp_path / "page.pdf"), format="A4")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
