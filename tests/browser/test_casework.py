"""The desk and the kiosk in real Chromium: axe on every state at 1280 and 320 px, keyboard to the code field."""

import pytest

from clavero import clock
from clavero.core import totp
from clavero.demo.staff import by_id as clerk
from clavero.recovery.models import Case
from tests.browser.test_browser import follow, look, press_named
from tests.browser.test_risk import stopped
from tests.cast import by_id
from tests.stories.test_circle import prepare

pytestmark = pytest.mark.browser
JULIA, TERESA = by_id("sin_correo"), by_id("correo_nuevo")


@pytest.fixture
def site(site, settings):
    """Desk and portal at one address, as in the demonstration."""
    settings.BASE_URL = settings.DESK_URL = site
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    return site


def code(time, name: str) -> str:
    time.wait(31)
    return totp.code(clerk(name).secret, totp.step(clock.now()))


def entered(window, time, name: str):
    """The desk's computer, with this person signed in."""
    page = window(viewport={"width": 1280, "height": 900})
    page.goto("/mesa/entrar/")
    page.fill("#name", name)
    page.fill("#code", code(time, name))
    press_named(page, "Entrar")
    return page


def at_counter(window, time, name: str, counter: str):
    page = entered(window, time, name)
    page.goto("/mesa/")
    page.fill("#counter", counter)
    press_named(page, "Empezar a atender")
    return page


def test_every_page_of_a_case_at_the_desk_is_clean(window, site, time):
    officer = at_counter(window, time, "veronica", "3")
    second = at_counter(window, time, "beatriz", "1")
    _, _, continuation = prepare(time, JULIA, "no_email")
    look(officer, "day")
    officer.fill("#continuation", "K7QM3PTX")
    press_named(officer, "Abrir")
    look(officer, "day, no such code")
    officer.fill("#continuation", continuation)
    with officer.expect_navigation():
        officer.keyboard.press("Enter")
    look(officer, "visit")
    here = officer.url
    officer.goto(here + "corregir/email/")
    look(officer, "correct")
    officer.fill("#value", "julia")
    press_named(officer, "Anotar la corrección")
    look(officer, "correct, refused")
    officer.goto(here)
    for box in officer.locator(".cl-evidence input[value=observed]").all()[:1]:
        box.check(force=True)
    press_named(officer, "Guardar y seguir")
    look(officer, "visit, refused")
    for box in officer.locator(".cl-evidence input[value=seen]").all():
        box.check(force=True)
    officer.fill("#reason", "Sin correo.")
    press_named(officer, "Guardar y seguir")
    look(officer, "visit, ready")
    press_named(officer, "Pedir la segunda aprobación")
    look(officer, "in review")
    second.goto("/mesa/decidir/")
    look(second, "to decide")
    follow(second, second.get_by_role("link", name="Decidir"))
    second.fill("#code", "000000")
    press_named(second, "Firmar la decisión")
    look(second, "approval, refused")
    second.check("#decision", force=True)
    second.fill("#code", code(time, "beatriz"))
    press_named(second, "Firmar la decisión")
    look(second, "nothing to decide")
    officer.goto(here)
    look(officer, "approved")
    press_named(officer, "Entregar el código")
    look(officer, "binding code")
    with (
        officer.expect_download() as slip
    ):  # inside its own link: no second request, and the policy lets it
        officer.get_by_role("link", name="Descargar (PDF)").click()
    assert slip.value.suggested_filename == "codigo-del-centro.pdf"
    assert slip.value.path().read_bytes().startswith(b"%PDF-")
    officer.goto(here)
    press_named(officer, "Terminar la atención")
    look(officer, "acta")
    assert Case.objects.get().state == "binding_handed"


def test_the_rest_of_the_desk_is_clean(window, site, time):
    boss = at_counter(window, time, "beatriz", "1")
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
            follow(boss, button)
            look(boss, f"{path}, empty")
    boss.goto("/mesa/tablero/guayaquil/")
    look(boss, "board")
    boss.goto("/quiosco/guayaquil/")
    look(boss, "kiosk")
    boss.goto("/quiosco/guayaquil/numero/")
    press_named(boss, "Darme un número")
    look(boss, "ticket")


def test_the_evidence_of_a_case_is_clean(window, site, time):
    _, _, _continuation = prepare(time, JULIA, "no_email")
    page = entered(window, time, "ramiro")
    page.goto("/mesa/evidencia/")
    look(page, "evidence")
    press_named(page, "Buscar")
    look(page, "evidence, empty")
    page.goto(f"/mesa/evidencia/?number={Case.objects.get().number}")
    look(page, "evidence, found")


def test_the_counter_of_a_key_that_is_stopped(window, time):
    """I03: the officer reads until when, and who lifts it."""
    officer = at_counter(window, time, "veronica", "3")
    stopped(TERESA)
    _, _, continuation = prepare(time, TERESA, "no_email")
    officer.fill("#continuation", continuation)
    press_named(officer, "Abrir")
    assert officer.locator("[data-stopped]").is_visible()
    look(officer, "visit, the key is stopped")
