"""States that only a long way leads to: the walker goes it, and real Chromium, with its cookies, looks at where it stands."""

import pytest

from clavero import clock
from clavero.demo import sri
from clavero.demo.models import Text
from clavero.desk.models import Staff
from clavero.keys import doors
from clavero.recovery import live, visits
from clavero.recovery.models import Case
from tests import staff
from tests.browser.test_browser import look
from tests.cast import by_id
from tests.rooms.desk.test_looks import approved
from tests.rooms.desk.test_watch import busy
from tests.rooms.keys.test_second_step import set_up
from tests.rooms.recovery.test_after_the_desk import (
    approve,
    at_the_desk,
    back,
    key_set_by_mail,
    notice_link,
)
from tests.stories.test_circle import Desk, prepare
from tests.walk import Walker, sign_in

pytestmark = pytest.mark.browser
MARTA, PEDRO, JULIA, LUIS = map(
    by_id, ("ruc_suspendido", "ruc_cerrado", "sin_correo", "tres_sucursales")
)


@pytest.fixture
def site(site, settings):
    """Desk and portal at one address, as in the demonstration."""
    settings.BASE_URL = settings.DESK_URL = site
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    return site


def _still(route) -> None:
    """A page that asks for itself again stands still while axe looks at it."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=headers)


@pytest.fixture
def see(window, site):
    """`see(walker, "what it is")`: the page on which the walker stands, or another `path` of theirs."""

    def seen(walker: Walker, name: str, path: str = "") -> None:
        page = window()
        kept = [
            {"name": one.key, "value": one.value, "url": site}
            for one in walker.client.cookies.values()
        ]
        page.context.add_cookies(kept)
        page.route("**/*", _still)
        page.goto(path or walker.path)
        look(page, name)

    return seen


@pytest.fixture
def shown(window, site):
    """`shown(walker, "what it is")`: the answer that the walker's last press got, which no address shows again."""

    def look_at_it(walker: Walker, name: str) -> None:
        page, body = window(), walker.response.content.decode()
        page.route(
            f"{site}{walker.path}",
            lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"),
        )
        page.goto(walker.path)
        look(page, name)

    return look_at_it


def test_asking_the_sri_in_every_state(see, time, settings):
    settings.SRI_TRANSPORT = "clavero.demo.sri.fetch"
    for member_, state in (
        (PEDRO, ""),
        (PEDRO, "PASIVO"),
        (MARTA, "SUSPENDIDO"),
        (MARTA, "ACTIVO"),
    ):
        walker = Walker(time).validate(member_).to_visit("ruc_not_active")
        link = next(
            a["href"] for a in walker.page.select("main a") if "Consultar al SRI" in a.get_text()
        )
        see(walker.open(link), f"{state}: before asking")
        walker.press(button="ask")
        see(walker, f"{state}: asked")
        sri.say(member_.ruc, state)
        live.due(clock.now())
        see(walker, f"{state}: answered")


def test_asking_the_sri_at_the_desk_in_every_state(see, time, settings):
    settings.SRI_TRANSPORT = "clavero.demo.sri.fetch"
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    for state in ("", "SUSPENDIDO", "ACTIVO"):
        _, _, code = prepare(time, MARTA, "ruc_not_active")
        officer.walker.open("/mesa/")
        officer.press("Abrir", continuation=code)
        see(officer.walker, f"{state}: the case")
        officer.press("Consultar al SRI ahora")
        see(officer.walker, f"{state}: asked at the desk")
        sri.say(MARTA.ruc, state)
        live.due(clock.now())
        see(officer.walker, f"{state}: answered at the desk")
        officer.walker.open(officer.walker.path)
        officer.follow("Volver al caso")
        officer.press("La persona se fue")


def test_after_the_desk(see, time, site):
    from django.http import HttpResponse

    case, secret = at_the_desk(Walker(time))
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    phone = back(time, secret)
    see(phone, "the code of the centre")
    marked = back(time, secret)
    marked.client.cookies[doors.STAFF_MARK] = (
        doors.mark_staff(HttpResponse()).cookies[doors.STAFF_MARK].value
    )
    see(marked, "where staff has worked")
    see(phone.press({"code": code}), "the key, after a visit")
    see(Walker(time).open("/caso/recoger/"), "fetching the case secret")


def test_what_is_made_ready_beside_a_visit(see, time):
    walker = Walker(time).validate(MARTA).to_visit("ruc_not_active")
    here = walker.path
    for part in ("comprobar-correo", "quien-va", "hoja", "sus-datos", "papeles", "papel/request"):
        see(walker, part, here.replace("/visita/", f"/{part}/"))
    walker.client.post(here.replace("/visita/", "/comprobar-correo/"), {"send": "1"})
    see(
        walker,
        "the contact on record, a code was sent",
        here.replace("/visita/", "/comprobar-correo/"),
    )


def test_no_fui_yo_in_every_state(see, shown, time, site):
    key_set_by_mail(Walker(time))
    link = notice_link(LUIS.email).removeprefix(site).removeprefix("http://localhost:8000")
    walker = Walker(time).open(link)
    see(walker, "not me?", "/no-fui-yo/")
    walker._land(walker.client.post("/no-fui-yo/", follow=True), "/no-fui-yo/")
    shown(walker, "stopped")
    see(walker, "a link that has stopped once", "/no-fui-yo/")
    see(Walker(time).open("/no-fui-yo/f1.AAAA/"), "a link of nothing")


def test_the_account_with_its_history_and_the_way_out(see, time):
    walker = sign_in(Walker(time), LUIS, LUIS.key)
    see(walker, "everything that happened", "/cuenta/historia/")
    see(walker, "leaving", "/salir/")
    see(walker, "a new key", "/cuenta/clave/")


def test_the_second_step_of_a_recovery(see, time):
    _, _, _ = set_up(time)
    thief = Walker(time).to_key(LUIS)
    see(thief, "the code of the app")
    see(sign_in(Walker(time), LUIS, LUIS.key), "the code at sign-in", "/entrar/codigo/")
    home = sign_in(Walker(time), LUIS, LUIS.key)
    assert home.h1 == "Escriba el código de su aplicación"


def test_practice(see, shown, time, site):
    olga = Desk(time, "olga")
    see(olga.walker, "who practises", "/mesa/practica/")
    olga.walker.open("/mesa/practica/")
    olga.press("Poner en práctica", centre="puerto-ayora", reason="Personal nuevo")
    see(olga.walker, "a centre that practises")
    Staff.objects.filter(pk=staff.person("veronica").pk).update(centre="puerto-ayora")
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    see(officer.walker, "the desk in practice")
    see(officer.follow("Pedir un caso inventado").walker, "made-up cases")
    shown(officer.press("Practicar", who="lost_email").walker, "a made-up case")
    see(officer.press("Abrir el caso").walker, "a made-up case, open")


def test_the_rest_of_the_desk(see, shown, time, site):
    boss = Desk(time, "beatriz")
    boss.press("Empezar a atender", counter="1")
    see(boss.walker, "cases on hold", "/mesa/revisiones/")
    boss.walker.open("/mesa/sin-codigo/")
    typed = {
        "identification": JULIA.identification,
        "ruc": JULIA.ruc,
        "branch": JULIA.branch,
        "reason": "Sin teléfono",
    }
    boss.press("Abrir el caso", **typed)
    shown(boss.walker, "a case without a code")
    see(Walker(time), "a number of the kiosk", "/quiosco/guayaquil/numero/")
    Text.objects.create(to="0991234567", text="Su código es K7QM 3PTX.", sent_at=clock.now())
    see(Walker(time), "mobiles of the demonstration", "/demo/celular/")


def test_the_second_look(see, shown, time, site, monkeypatch):
    monkeypatch.setattr("clavero.desk.looks._falls", lambda: True)
    ramiro = Desk(time, "ramiro")
    see(ramiro.walker, "nothing was drawn", "/mesa/segunda-mirada/")
    approved(time)
    ramiro.walker.open("/mesa/segunda-mirada/")
    see(ramiro.walker, "what was drawn")
    ramiro.follow("Mirar")
    see(ramiro.walker, "a case that was drawn")
    shown(ramiro.press("Guardar", reason="").walker, "a look without an answer")
    see(ramiro.press("Guardar", outcome="doubtful", reason="Duró un minuto.").walker, "a doubt")


def test_questions_about_the_work(see, shown, time, site):
    ramiro = Desk(time, "ramiro")
    see(ramiro.walker, "no questions", "/mesa/preguntas/")
    home = Walker(time).validate(MARTA).to_visit("ruc_not_active")
    busy(staff.person("beatriz"), Case.objects.get(ref=home.path.split("/")[-3]), 20)
    see(ramiro.walker, "a question", "/mesa/preguntas/")
    ramiro.walker.open("/mesa/preguntas/")
    ramiro.follow("Responder")
    see(ramiro.walker, "a question to answer")
    shown(ramiro.press("Guardar la respuesta", answer="").walker, "an answer without words")
    see(ramiro.press("Guardar la respuesta", answer="Fue la feria.").walker, "an answer")
