"""The desk and the kiosk in real Chromium: axe on every state at 1280 and 320 px, keyboard to the code field."""

import pytest

from clavero import clock
from clavero.core import totp
from clavero.demo.staff import by_id as clerk
from clavero.recovery.models import Case
from tests.browser import seen
from tests.browser.test_browser import TAGS
from tests.cast import by_id
from tests.stories.test_circle import prepare

pytestmark = pytest.mark.browser
JULIA = by_id("sin_correo")


@pytest.fixture
def site(site, settings):
    """Desk and portal at one address, as in the demonstration."""
    settings.BASE_URL = settings.DESK_URL = site
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    return site


def look(page, name: str) -> None:
    """No violation of WCAG 2.2 AA at either width; nothing scrolls sideways; one heading of the first level."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_timeout(300)  # a press may still be on its way to the next page
    page.wait_for_load_state("networkidle")
    seen.look_at(page.url)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        assert found.violations_count == 0, f"{name} {width}: {found.generate_report()}"
        assert page.locator("h1").count() == 1, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def code(time, name: str) -> str:
    time.wait(31)
    return totp.code(clerk(name).secret, totp.step(clock.now()))


def window(chromium, site, time, name: str, counter: str):
    page = chromium.new_context(
        viewport={"width": 1280, "height": 900}, locale="es-EC", base_url=site
    ).new_page()
    page.goto("/mesa/entrar/")
    page.fill("#name", name)
    page.fill("#code", code(time, name))
    page.get_by_role("button", name="Entrar").click()
    page.goto("/mesa/")
    page.fill("#counter", counter)
    page.get_by_role("button", name="Empezar a atender").click()
    return page


def test_every_page_of_a_case_at_the_desk_is_clean(chromium, site, time):
    officer = window(chromium, site, time, "veronica", "3")
    second = window(chromium, site, time, "beatriz", "1")
    _, _, continuation = prepare(time, JULIA, "no_email")
    look(officer, "day")
    officer.fill("#continuation", "K7QM3PTX")
    officer.get_by_role("button", name="Abrir", exact=True).click()
    look(officer, "day, no such code")
    officer.fill("#continuation", continuation)
    officer.keyboard.press("Enter")
    look(officer, "visit")
    here = officer.url
    officer.goto(here + "corregir/email/")
    look(officer, "correct")
    officer.fill("#value", "julia")
    officer.get_by_role("button", name="Anotar la corrección").click()
    look(officer, "correct, refused")
    officer.goto(here)
    for box in officer.locator(".cl-evidence input[value=observed]").all()[:1]:
        box.check(force=True)
    officer.get_by_role("button", name="Guardar y seguir").click()
    look(officer, "visit, refused")
    for box in officer.locator(".cl-evidence input[value=seen]").all():
        box.check(force=True)
    officer.fill("#reason", "Sin correo.")
    officer.get_by_role("button", name="Guardar y seguir").click()
    look(officer, "visit, ready")
    officer.get_by_role("button", name="Pedir la segunda aprobación").click()
    look(officer, "in review")
    second.goto("/mesa/decidir/")
    look(second, "to decide")
    second.get_by_role("link", name="Decidir").click()
    second.fill("#code", "000000")
    second.get_by_role("button", name="Firmar la decisión").click()
    look(second, "approval, refused")
    second.check("#decision", force=True)
    second.fill("#code", code(time, "beatriz"))
    second.get_by_role("button", name="Firmar la decisión").click()
    look(second, "nothing to decide")
    officer.goto(here)
    look(officer, "approved")
    officer.get_by_role("button", name="Entregar el código").click()
    look(officer, "binding code")
    with (
        officer.expect_download() as slip
    ):  # inside its own link: no second request, and the policy lets it
        officer.get_by_role("link", name="Descargar (PDF)").click()
    assert slip.value.suggested_filename == "codigo-del-centro.pdf"
    assert slip.value.path().read_bytes().startswith(b"%PDF-")
    officer.goto(here)
    officer.get_by_role("button", name="Terminar la atención").click()
    look(officer, "acta")
    assert Case.objects.get().state == "binding_handed"


def test_the_rest_of_the_desk_is_clean(chromium, site, time):
    boss = window(chromium, site, time, "beatriz", "1")
    for path in (
        "sin-codigo",
        "levantar",
        "papel",
        "papel/pasar",
        "dia",
        "recuento",
        "carga",
        "cerrar",
    ):
        boss.goto(f"/mesa/{path}/")
        look(boss, path)
        button = boss.locator("main form button.govuk-button").first
        if path in ("sin-codigo", "levantar", "papel/pasar", "cerrar"):
            button.click()
            look(boss, f"{path}, empty")
    boss.goto("/mesa/tablero/guayaquil/")
    look(boss, "board")
    boss.goto("/quiosco/guayaquil/")
    look(boss, "kiosk")
    boss.goto("/quiosco/guayaquil/numero/")
    boss.get_by_role("button", name="Darme un número").click()
    look(boss, "ticket")


def test_the_evidence_of_a_case_is_clean(chromium, site, time):
    _, _, _continuation = prepare(time, JULIA, "no_email")
    page = chromium.new_context(locale="es-EC", base_url=site).new_page()
    page.goto("/mesa/entrar/")
    page.fill("#name", "ramiro")
    page.fill("#code", code(time, "ramiro"))
    page.get_by_role("button", name="Entrar").click()
    page.goto("/mesa/evidencia/")
    look(page, "evidence")
    page.get_by_role("button", name="Buscar").click()
    look(page, "evidence, empty")
    page.goto(f"/mesa/evidencia/?number={Case.objects.get().number}")
    look(page, "evidence, found")
