"""Pictures of every page into docs/pictures/: phone, some wide, an error, paper. Starts its own demonstration.

Look at them before a release: ugly or puzzling is a defect.
"""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from clavero.core import totp

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "pictures"
PORT = os.environ.get("CLAVERO_PORT", "8139")
BASE = f"http://localhost:{PORT}"
KEY = "tortuga-vapor-cinta-lunes"
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


def server(folder: str) -> subprocess.Popen[bytes]:
    env = os.environ | {"CLAVERO_PORT": PORT, "CLAVERO_DEMO_DIR": folder}
    started = subprocess.Popen(
        [sys.executable, "-m", "clavero.demo"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
    )
    for _ in range(100):
        try:
            urllib.request.urlopen(BASE, timeout=1)
            return started
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the demonstration did not start")


def mail(to: str) -> dict[str, str]:
    for _ in range(50):
        with urllib.request.urlopen(f"{BASE}/demo/correo.json") as answer:
            found = [one for one in json.load(answer) if one["to"] == to]
        if found:
            return found[0]
        time.sleep(0.2)
    raise SystemExit(f"no mail to {to}")


def shot(page: Page, name: str) -> None:
    page.wait_for_load_state()
    page.screenshot(path=OUT / f"{name}.png", full_page=True)


def send(page: Page, name: str = "") -> None:
    page.locator("form[data-step] button.govuk-button:not(.govuk-button--secondary)").first.click()
    if name:
        shot(page, name)


def to_check(page: Page, identification: str, ruc: str = "", branch: str = "0001") -> None:
    page.goto(f"{BASE}/empleadores/recuperar-clave/identificacion/")
    page.fill("#identification", identification)
    if not ruc:
        page.check("#domestic")
    send(page)
    if ruc:
        page.fill("#ruc", ruc)
        page.fill("#branch", branch)
        send(page)


def validate(page: Page) -> None:
    time.sleep(int(page.locator("[data-wait]").get_attribute("data-wait") or 0) + 1)
    send(page)


def online(page: Page, cast: dict[str, dict]) -> None:
    ana = cast["en_orden"]
    page.goto(f"{BASE}/")
    shot(page, "01-inicio")
    page.goto(f"{BASE}/empleadores/recuperar-clave/")
    shot(page, "02-tramite")
    page.goto(f"{BASE}/empleadores/recuperar-clave/identificacion/")
    shot(page, "03-identificacion")
    page.fill("#identification", "245362220")
    send(page, "04-identificacion-error")
    page.fill("#identification", ana["identification"])
    send(page, "05-numero")
    page.fill("#ruc", "993370026001")
    page.fill("#branch", "")
    send(page, "06-numero-error")
    page.fill("#ruc", ana["ruc"])
    page.fill("#branch", ana["branch"])
    send(page, "07-validar")
    validate(page)
    shot(page, "09-codigo")
    page.fill("#code", "AAAA BBBB")
    send(page, "10-codigo-error")
    message = mail(ana["email"])
    page.fill("#code", message["code"])
    send(page, "11-pregunta")
    for name in ("workers_last_sheet", "first_entry_month"):
        page.fill("#answer", ana["facts"][name])
        send(page)
    shot(page, "12-contacto")
    send(page, "13-clave")
    page.fill("#key", "corta")
    send(page, "14-clave-error")
    page.fill("#key", KEY)
    send(page, "15-probar")
    page.fill("#key", KEY)
    send(page, "16-listo")
    page.emulate_media(media="print")
    shot(page, "17-listo-papel")
    page.emulate_media(media="screen")
    page.click("button[name=save_code]")
    shot(page, "18-codigo-de-respaldo")
    page.goto(f"{BASE}/cuenta/")
    shot(page, "19-cuenta")
    page.goto(f"{BASE}/cuenta/clave/")
    shot(page, "20-cambiar-clave")


def visit(page: Page, cast: dict[str, dict]) -> None:
    marta = cast["ruc_suspendido"]
    to_check(page, marta["identification"], marta["ruc"])
    validate(page)
    shot(page, "30-dos-mitades")
    page.check("input[value=no_email]")
    send(page)
    if page.locator("form[data-step=contact]").count():
        send(page)
    shot(page, "31-visita")
    page.emulate_media(media="print")
    shot(page, "32-visita-papel")
    page.emulate_media(media="screen")
    page.goto(f"{BASE}/caso/")
    shot(page, "33-mi-caso")
    page.goto(f"{BASE}/nada/")
    shot(page, "34-no-existe")
    for number, path in enumerate(
        ("entrar/", "ayuda/", "es-de-verdad/", "tramites/", "demo/", "demo/correo/"), start=35
    ):
        page.goto(f"{BASE}/{path}")
        shot(page, f"{number}-{path.strip('/').replace('/', '-')}")
    page.goto(f"{BASE}/demo/correo/")
    page.locator("article a.govuk-link").last.click()
    shot(page, "41-correo")


def wide(page: Page, cast: dict[str, dict]) -> None:
    page.goto(f"{BASE}/empleadores/recuperar-clave/")
    shot(page, "50-tramite-ancho")
    luis = cast["tres_sucursales"]
    to_check(page, luis["identification"], luis["ruc"], "0002")
    shot(page, "51-validar-ancho")
    validate(page)
    shot(page, "52-codigo-ancho")
    page.goto(f"{BASE}/en/empleadores/recuperar-clave/")
    shot(page, "53-start-wide-english")


def six(name: str) -> str:
    """The six figures that open the desk as one of the demonstration's staff, now (clavero/demo/staff.py)."""
    secret = hashlib.sha256(f"clavero demonstration {name}".encode()).digest()[:20]
    return totp.code(base64.b32encode(secret).decode(), totp.step(datetime.now(UTC)))


def at_the_desk(browser: Browser, name: str, counter: str, picture: str = "") -> Page:
    """A window in which `name` attends at `counter`."""
    page = browser.new_context(viewport=WIDE, locale="es-EC").new_page()
    page.goto(f"{BASE}/mesa/entrar/")
    if picture:
        shot(page, picture)
    page.fill("#name", name)
    page.fill("#code", six(name))
    page.get_by_role("button", name="Entrar").click()
    page.goto(f"{BASE}/mesa/")
    if page.locator("#counter").count():  # not on duty yet
        page.fill("#counter", counter)
        page.get_by_role("button", name="Empezar a atender").click()
    return page


def circle(browser: Browser, cast: dict[str, dict]) -> None:
    """Online, desk, online: the claimant's phone, the officer's window, the second person's."""
    phone = browser.new_context(viewport=PHONE, locale="es-EC").new_page()
    julia = cast["sin_correo"]
    to_check(phone, julia["identification"], julia["ruc"])
    validate(phone)
    phone.check("input[value=no_email]")
    send(phone)
    if phone.locator("form[data-step=contact]").count():
        send(phone)
    secret = phone.locator("[data-secret]").inner_text().replace(" ", "")
    continuation = phone.locator("[data-continuation]").inner_text().replace(" ", "")
    shot(phone, "60-visita")
    book(phone)
    officer = at_the_desk(browser, "veronica", "3", "70-mostrador-entrar")
    phone.goto(f"{BASE}/quiosco/ambato/")
    shot(phone, "61-quiosco")
    phone.goto(f"{BASE}/quiosco/ambato/numero/")
    phone.get_by_role("button", name="Darme un número").click()
    shot(phone, "62-numero")
    second = at_the_desk(browser, "beatriz", "1")
    officer.goto(f"{BASE}/mesa/")
    officer.fill("#continuation", "K7QM3PTX")
    officer.get_by_role("button", name="Abrir", exact=True).click()
    shot(officer, "71-mostrador-error")
    officer.fill("#continuation", continuation)
    officer.get_by_role("button", name="Abrir", exact=True).click()
    shot(officer, "72-caso")
    here = officer.url
    officer.goto(f"{here}corregir/email/")
    officer.fill("#value", "julia@faro.example")
    shot(officer, "73-correccion")
    officer.get_by_role("button", name="Anotar la corrección").click()
    for box in officer.locator(".cl-evidence input[value=seen]").all():
        box.check(force=True)
    officer.fill("#reason", "Perdió el correo.")
    officer.get_by_role("button", name="Guardar y seguir").click()
    shot(officer, "74-completo")
    officer.get_by_role("button", name="Pedir la segunda aprobación").click()
    shot(officer, "75-espera")
    second.goto(f"{BASE}/mesa/decidir/")
    second.get_by_role("link", name="Decidir").click()
    shot(second, "76-segunda-persona")
    second.check("#decision")
    time.sleep(31 - time.time() % 30)  # a code works once: the next one
    second.fill("#code", six("beatriz"))
    second.get_by_role("button", name="Firmar la decisión").click()
    officer.goto(here)
    officer.get_by_role("button", name="Entregar el código").click()
    shot(officer, "77-codigo")
    binding = officer.locator("[data-binding]").inner_text().replace(" ", "")
    phone.goto(f"{BASE}/caso/")
    phone.fill("#secret", secret)
    send(phone, "63-terminar")
    phone.fill("#code", binding)
    send(phone)
    phone.fill("#key", KEY)
    send(phone)
    phone.fill("#key", KEY)
    send(phone)
    officer.goto(here)
    officer.get_by_role("button", name="Terminar la atención").click()
    shot(officer, "78-acta")
    second.goto(f"{BASE}/mesa/tablero/ambato/")
    shot(second, "79-tablero")


def book(phone: Page) -> None:
    """The times of the centres, one chosen without confirming it, and a centre's own page."""
    here = phone.url
    phone.locator("main a[href$='/turno/']").first.click()
    shot(phone, "64-turnos")
    send(phone, "65-turnos-error")
    phone.locator("input[name=slot]").first.check()
    send(phone, "66-turno-confirmar")
    phone.goto(f"{BASE}/citas/")
    shot(phone, "67-centros")
    phone.goto(f"{BASE}/citas/ambato/")
    shot(phone, "68-centro")
    phone.goto(here)


LISTED = """cedula,ruc,sucursal
2453622207,,
245362220,,
2459640906,2499000025001,0001
"""


def know(page: Page, cast: dict[str, dict]) -> None:
    """Before one tries: words, questions, dates, a list of one's clients."""
    page.goto(f"{BASE}/guia/")
    shot(page, "80-guia")
    send(page, "81-guia-error")
    page.fill("#wording", "me dice que el correo no es valido y no puedo entrar")
    send(page, "82-guia-respuesta")
    page.goto(f"{BASE}/guia/plazo/")
    shot(page, "83-guia-plazo")
    page.goto(f"{BASE}/guia/preguntas/")
    shot(page, "84-guia-preguntas")
    page.goto(f"{BASE}/tiempos/")
    shot(page, "85-tiempos")
    page.goto(f"{BASE}/precheck/")
    shot(page, "86-precheck")
    send(page, "87-precheck-error")
    file = {"name": "clientes.csv", "mimeType": "text/csv", "buffer": LISTED.encode()}
    page.set_input_files("#file", file)
    send(page, "88-precheck-informe")


def people(browser: Browser) -> None:
    """Those who admit others, the code that another hands over, the locked desk; an employer's own passkeys."""
    page = browser.new_context(viewport=WIDE, locale="es-EC").new_page()
    page.goto(f"{BASE}/mesa/entrar/")
    page.fill("#name", "olga")
    page.fill("#code", six("olga"))
    page.get_by_role("button", name="Entrar").click()
    for number, path in enumerate(("personal/", "personal/alta/", "personal/1/", "altas/", "llaves/"), start=90):  # fmt: skip
        page.goto(f"{BASE}/mesa/{path}")
        shot(page, f"{number}-{path.strip('/').replace('/', '-')}")
    page.locator("header button").first.click()
    shot(page, "95-bloqueado")
    page.goto(f"{BASE}/mesa/alta/")
    shot(page, "96-alta")
    page.goto(f"{BASE}/entrar/llave/")
    shot(page, "97-entrar-con-llave")


def centre(browser: Browser) -> None:
    """What those who answer for a centre see: the day, how it stands, the count, the papers, shutting it; the auditor."""
    boss = at_the_desk(browser, "hernan", "4")
    shot(boss, "100-dia-responsable")
    for number, path in enumerate(("carga", "recuento", "dia", "papel", "cerrar"), start=101):  # fmt: skip
        boss.goto(f"{BASE}/mesa/{path}/")
        shot(boss, f"{number}-{path}")
    boss.check("input[value=power_cut]", force=True)
    boss.get_by_role("button", name="Cerrar ahora").click()
    shot(boss, "106-cerrado")
    time.sleep(31 - time.time() % 30)
    second = at_the_desk(browser, "beatriz", "2")
    for number, path in enumerate(("sin-codigo", "levantar", "revisiones"), start=107):
        second.goto(f"{BASE}/mesa/{path}/")
        shot(second, f"{number}-{path}")
    auditor = browser.new_context(viewport=WIDE, locale="es-EC").new_page()
    auditor.goto(f"{BASE}/mesa/entrar/")
    auditor.fill("#name", "ramiro")
    auditor.fill("#code", six("ramiro"))
    auditor.get_by_role("button", name="Entrar").click()
    auditor.goto(f"{BASE}/mesa/evidencia/")
    shot(auditor, "110-evidencia")


STEPS = (
    ("03-identificacion", "1 · Quién es", "Who you are"),
    ("07-validar", "2 · Validar", "Check"),
    ("09-codigo", "3 · El mensaje", "The message"),
    ("13-clave", "4 · Clave nueva", "A new key"),
    ("16-listo", "5 · Acceso comprobado", "Access tested"),
)
STRIP = """<!doctype html><style>
body { display: flex; gap: 20px; margin: 0; padding: 20px; background: #f1f4f3; font: 20px sans-serif; color: #17211f }
figure { margin: 0; flex: 1 } figcaption { padding-bottom: 10px } small { display: block; color: #4b5754 }
div { height: 660px; overflow: hidden; border: 1px solid #b9c4c1; border-radius: 10px; background: #fff }
img { width: 100%; display: block }</style>"""


def strip(page: Page, folder: str) -> None:
    """The road in one picture, for the README: the top of five pages side by side."""
    figure = "<figure><figcaption><b>{1}</b><small>{2}</small></figcaption><div><img src='{0}'></div></figure>"
    body = "".join(figure.format((OUT / f"{name}.png").as_uri(), es, en) for name, es, en in STEPS)
    file = Path(folder) / "strip.html"
    file.write_text(STRIP + body, encoding="utf-8")
    page.goto(file.as_uri())
    shot(page, "00-viaje")


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp()
    running = server(folder)
    try:
        with urllib.request.urlopen(f"{BASE}/demo/cast.json") as answer:
            cast = {member["id"]: member for member in json.load(answer)}
        with sync_playwright() as tools:
            path = shutil.which("chromium") or os.environ.get("CHROMIUM")
            browser = tools.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for part, size in ((know, PHONE), (online, PHONE), (visit, PHONE), (wide, WIDE)):
                context = browser.new_context(viewport=size, locale="es-EC", device_scale_factor=1)
                part(context.new_page(), cast)
                context.close()
            circle(browser, cast)
            people(browser)
            centre(browser)
            strip(browser.new_page(viewport={"width": 1600, "height": 760}), folder)
            browser.close()
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
