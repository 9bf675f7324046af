"""The states that nobody wants to see, in real Chromium: every failure, every end, every «not here»."""

import re

import pytest

from clavero import clock
from clavero.keys import services as keys
from clavero.recovery.models import Case
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge, prefix
from tests.browser.test_browser import (
    START,
    arrive,
    follow,
    look,
    newest,
    press,
    press_named,
    to_check,
)
from tests.cast import Member, by_id
from tests.rooms.keys.test_keys import account
from tests.walk import NEW_KEY

pytestmark = pytest.mark.browser
ANA, LUIS, LUCIA, JORGE, ROSA = map(
    by_id, ("en_orden", "tres_sucursales", "clave_bloqueada", "domestica", "primera_clave")
)
ASKER = prefix("127.0.0.1")


def validate(page, time, member: Member) -> None:
    to_check(page, member)
    time.wait(60)
    press(page)


def to_key(page, time, member: Member) -> None:
    validate(page, time, member)
    page.fill("#code", newest(member.email).code)
    press(page)
    press(page)


def sign_in(page, member: Member, key: str) -> None:
    page.goto("/entrar/")
    page.fill("#identification", member.identification)
    page.fill("#ruc", member.ruc)
    page.fill("#key", key)
    press(page)


def submit(page, path: str) -> None:
    """A form of somebody's own making, sent from our page: no token, or a method that is not taken."""
    with page.expect_navigation():
        page.evaluate(
            "(to) => { const f = document.createElement('form'); f.method = 'post'; f.action = to; document.body.append(f); f.submit(); }",
            path,
        )


def test_the_pages_for_when_something_fails(page, time, monkeypatch):
    page.goto("/")
    submit(page, f"{START}identificacion/")
    look(page, "403, no token")
    page.goto("/")
    submit(page, "/ayuda/")
    look(page, "405")
    page.goto("/en/")
    submit(page, "/en/ayuda/")
    look(page, "405, English")
    page.goto(f"{START}caso/ABCDEFGH/codigo/")
    look(page, "not here")
    page.goto("/nada/")
    look(page, "404")
    monkeypatch.setattr("clavero.recovery.views.opening.handles.draft", lambda request: 1 / 0)
    page.goto(f"{START}identificacion/")
    look(page, "500")


def test_too_often(page, time, monkeypatch):
    monkeypatch.setattr("clavero.throttle.doorstep.SECONDS", 60)
    for _ in range(200):
        throttle.spend(Charge("ticket_asker", ASKER), now=clock.now())
    to_check(page, LUIS)
    look(page, "429")
    for _ in range(200):
        throttle.spend(Charge("signin_asker", ASKER), now=clock.now())
    sign_in(page, LUIS, "no es la clave suya")
    look(page, "429 at sign-in")
    sign_in(page, LUIS, "no es la clave suya")
    assert page.locator("[data-turned-away]").count() == 1
    look(page, "429 at the doorstep")


def test_the_code_in_every_state(page, time):
    validate(page, time, LUIS)
    code = newest(LUIS.email).code
    time.wait(31 * 60)
    page.reload()
    look(page, "code, past its time")
    page.fill("#code", code)
    press(page)
    look(page, "code expired")
    press_named(page, "Enviar otro mensaje")
    look(page, "another message")
    page.fill("#code", code)
    press(page)
    look(page, "code superseded")
    for _ in range(6):
        page.fill("#code", "ZZZZZZZZ")
        press(page)
    look(page, "no tries left")
    press_named(page, "Ya no tengo ese correo")
    look(page, "without that e-mail")


def test_the_link_in_every_state(window, page, time):
    validate(page, time, LUIS)
    code_page, link = page.url, newest(LUIS.email).link.removeprefix("http://localhost:8000")
    page.goto(link)
    look(page, "link at home")
    other = window()
    other.goto(link)
    look(other, "link elsewhere")
    other.fill("#identification", "2453622207")
    press(other)
    look(other, "link, another number")
    other.fill("#identification", LUIS.identification)
    press(other)
    page.goto(code_page)
    look(page, "goes on elsewhere")
    page.goto(link)
    look(page, "link gone")
    other.fill("#email", "nuevo@correo.example")
    press(other)
    page.goto(newest("nuevo@correo.example").link.removeprefix("http://localhost:8000"))
    look(page, "confirm a contact")
    press(page)
    look(page, "confirmed")


def test_a_key_kept_a_key_that_fails_and_the_end(page, time):
    to_key(page, time, LUCIA)
    look(page, "keep or change")
    follow(page, "button[name=keep_key]")
    page.fill("#key", "no es la clave suya")
    press(page)
    look(page, "test, wrong")
    page.fill("#key", LUCIA.key)
    press(page)
    follow(page, "button[name=save_code]")
    page.reload()
    look(page, "done, has a saved code")
    page.goto("/cuenta/")
    look(page, "account")
    page.goto("/cuenta/clave/")
    page.fill("#current", "x")
    page.fill("#key", "corta")
    press(page)
    look(page, "change, wrong")
    time.wait(31 * 60)
    page.goto("/cuenta/")
    look(page, "session over")


def test_half_an_hour_and_how_a_case_stands(page, time):
    to_key(page, time, LUIS)
    time.wait(31 * 60)
    page.reload()
    look(page, "lapsed")
    case = Case.objects.get()
    for state in ("cancelled", "expired", "superseded", "refused", "closed_unfinished"):
        Case.objects.filter(pk=case.pk).update(state=state)
        page.goto(f"{START}caso/{case.ref}/")
        look(page, state)


def test_a_case_that_another_hand_changed(page, time):
    to_key(page, time, LUIS)
    Case.objects.update(proofs=["contact_code", "questions", "second_proof"])
    page.fill("#key", NEW_KEY)
    press(page)
    look(page, "useless")
    assert "no sirve más" in page.locator("h1").inner_text()


def test_what_is_made_ready_before_a_visit(page, time):
    page.goto("/tiempos/")
    look(page, "how long it takes")
    validate(page, time, ROSA)
    page.check("input[value=first_key]", force=True)
    press(page)
    press(page)
    here = page.url
    page.goto(here.replace("/visita/", "/hoja/correo/"))
    look(page, "the sheet by mail")
    press_named(page, "Enviar la hoja")
    look(page, "the sheet by mail, asked for")
    page.goto(here.replace("/visita/", "/papeles/"))
    look(page, "papers")
    page.check("#have_request", force=True)
    press(page)
    look(page, "papers, what is missing")
    follow(page, page.get_by_role("link", name="Enviar una foto"))
    look(page, "a photo")
    press_named(page, "Enviar la foto")
    look(page, "a photo, none")


def test_signing_in_and_the_account_of_several_branches(page, time):
    page.goto("/entrar/")
    press(page)
    look(page, "sign-in, empty")
    sign_in(page, LUIS, "no es la clave suya")
    look(page, "sign-in, no match")
    sign_in(page, LUIS, LUIS.key)
    look(page, "account, three branches")
    from django.db import transaction

    with transaction.atomic():
        keys.force_reissue(account(LUIS), actor="operator", reason="test", now=clock.now())
    sign_in(page, LUIS, LUIS.key)
    look(page, "a new key is asked for")


def test_my_case(page, time):
    page.goto("/caso/")
    press(page)
    look(page, "my case, empty")
    page.fill("#secret", "A" * 26)
    press(page)
    look(page, "my case, unknown")
    validate(page, time, ROSA)
    page.goto("/caso/")
    look(page, "my case, one open here")


@pytest.mark.parametrize("member", [LUIS, ROSA], ids=["in order", "not in order"])
def test_mode_nothing(window, time, monkeypatch, member):
    from dataclasses import replace

    from clavero.institution import profile

    quiet = replace(profile(), disclosure="nothing", show_masked_contact=False)
    for name in ("recovery.services", "recovery.views.road", "recovery.views.visit"):
        monkeypatch.setattr(f"clavero.{name}.profile", lambda: quiet)
    one = window()
    validate(one, time, member)
    look(one, "code, for everybody")
    one.fill("#code", "ZZZZZZZZ")
    press(one)
    look(one, "code, for everybody, wrong")
    follow(one, "button[name=no_access]")
    look(one, "the visit, for everybody")


FOCUS = """() => {
  const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
  const shown = s.outlineStyle !== "none" || s.boxShadow !== "none" || s.backgroundColor === "rgb(255, 201, 77)"
    || [...document.querySelectorAll("label")].some((l) => l.htmlFor === e.id && getComputedStyle(l, "::before").boxShadow !== "none");
  const inside = box.bottom > 0 && box.top < innerHeight;
  return [e.id || e.name || e.textContent.trim().slice(0, 30), shown, inside];
}"""


def tab_to(page, wanted: str) -> None:
    """Tab until `wanted` (an id, or the words of a button) has the focus; at every stop it shows and is in view."""
    for _ in range(60):
        page.keyboard.press("Tab")
        name, shown, inside = page.evaluate(FOCUS)
        assert shown and inside, f"the focus does not show at {name!r}"
        if re.fullmatch(wanted, name):
            return
    raise AssertionError(f"{wanted} cannot be reached")


def test_the_whole_road_by_keyboard_alone(page, time):
    page.goto(START)
    tab_to(page, "Empezar.*|Comenzar.*|Recuperar.*")
    page.keyboard.press("Enter")
    arrive(page, "#identification")
    tab_to(page, "identification")
    page.keyboard.type(JORGE.identification)
    tab_to(page, "domestic")
    page.keyboard.press("Space")
    tab_to(page, "Continuar")
    page.keyboard.press("Enter")
    arrive(page, "form[data-step=check]")
    time.wait(60)
    tab_to(page, "Validar")
    page.keyboard.press("Enter")
    arrive(page, "#code")
    tab_to(page, "code")
    page.keyboard.type(newest(JORGE.email).code)
    page.keyboard.press("Enter")
    arrive(page, "#email")
    tab_to(page, "Continuar")
    page.keyboard.press("Enter")
    arrive(page, "form[data-step=key]")
    tab_to(page, "key")
    page.keyboard.type(NEW_KEY)
    page.keyboard.press("Enter")
    arrive(page, "form[data-step=test]")
    tab_to(page, "key")
    page.keyboard.type(NEW_KEY)
    page.keyboard.press("Enter")
    arrive(page, ".cl-done")
    tab_to(page, "Ir a mi cuenta")


def test_forced_colours_leave_every_control_its_edge(window, time):
    one = window(forced_colors="active", viewport={"width": 390, "height": 800})
    one.goto(f"{START}identificacion/")
    press(one)
    look(one, "forced colours, error", own_colours=False)
    validate(one, time, ROSA)
    bare = one.evaluate(
        """() => [...document.querySelectorAll("main button:not(.govuk-visually-hidden), main .govuk-input, main .govuk-radios__label")]
        .filter((e) => e.checkVisibility() && getComputedStyle(e).borderTopStyle === "none"
          && getComputedStyle(e, "::before").borderTopStyle === "none").map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert bare == []
    one.check("input[value=no_email]")
    mark = "getComputedStyle(document.querySelector('input:checked + label'), '::after').borderTopWidth"
    assert one.evaluate(mark) != "0px"


def test_the_strength_is_said_while_a_key_is_typed_and_stops_nobody(page, time):
    """E02; the same reckoning as the core's, whose answers stand here beside what the page says."""
    from clavero.core import key_policy

    to_key(page, time, LUIS)
    words = ("muy débil", "débil", "regular", "buena", "muy buena")
    for key in (
        "corta",
        "aaaaaaaaaaaaaaaa",
        "qwertyuiopasdfghjkl",
        "doce1234letr",
        "quince letras x",
        "tortuga-vapor-cinta-lunes",
        "ñandú árbol éxito único",
    ):
        page.fill("#key", key)
        said = page.locator("[data-strength] [role=status]")
        said.filter(has_text=f"{len(key)} caracteres: {words[key_policy.strength(key)]}").wait_for()
    look(page, "key, with its strength")
    page.fill("#key", "")
    page.locator("[data-strength]").wait_for(state="hidden")


@pytest.mark.parametrize("kind_lang", ["es", "en"])
def test_every_mail_is_accessible_and_readable_without_pictures(page, time, kind_lang):
    from axe_playwright_python.sync_playwright import Axe

    from clavero.notices import letters, mail
    from clavero.notices.models import Message
    from tests.browser.test_browser import TAGS
    from tests.rooms.notices.test_outbox import PAYLOAD, put

    for n, kind in enumerate(sorted(letters.KINDS)):
        put(kind, key=f"m{n}")
        message = Message.objects.get(key=f"m{n}")
        message.language = kind_lang
        html = mail.finish(message).html
        assert (
            "<img" not in html and "http://" not in html.replace("http://localhost", "") and PAYLOAD
        )
        page.set_content(html)
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS[:-1]}})
        assert found.violations_count == 0, f"{kind}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind
