"""From «no puedo entrar» to «estoy dentro», for every member of the cast whose data are in order."""

import pytest

from clavero.audit import queries as audit
from tests.cast import CAST, by_id
from tests.walk import NEW_KEY, Walker, sign_in

ONLINE = [member for member in CAST if member.ends == "online"]


@pytest.mark.parametrize("member", ONLINE, ids=lambda member: member.id)
def test_who_is_in_order_recovers_and_tests_the_key(walker, time, member):
    walker.to_key(member).finish()
    assert walker.h1 == "Acceso comprobado"
    assert audit.verify().ok
    assert sign_in(Walker(time), member, NEW_KEY).path == "/cuenta/"


@pytest.mark.parametrize("member", ONLINE, ids=lambda member: member.id)
def test_the_same_in_english(cast, time, member):
    walker = Walker(time, "en").to_key(member).finish()
    assert walker.h1 == "Access tested"


def test_the_old_key_is_dead_afterwards(walker, time):
    ana = by_id("en_orden")
    assert sign_in(Walker(time), ana, ana.key).path == "/cuenta/"
    walker.to_key(ana).finish()
    assert sign_in(Walker(time), ana, ana.key).errors == ["signin.no_match"]


def test_a_blocked_key_that_is_known_is_kept(walker, time):
    lucia = by_id("clave_bloqueada")
    assert sign_in(Walker(time), lucia, lucia.key).errors == ["signin.no_match"]
    walker.to_key(lucia).press(button="keep_key")
    walker.press({"key": lucia.key})
    assert walker.h1 == "Acceso comprobado"
    assert sign_in(Walker(time), lucia, lucia.key).path == "/cuenta/"


def test_the_link_of_the_mail_is_enough_in_the_same_browser(walker):
    luis = by_id("tres_sucursales")
    walker.validate(luis)
    walker.open(walker.mail(luis.email).link.removeprefix("http://localhost:8000"))
    assert "enlace/" in walker.path and len(walker.path) < 60
    assert walker.press().step == "contact"


def test_in_another_browser_the_link_asks_for_the_number_typed_at_the_start(walker, time):
    luis = by_id("tres_sucursales")
    walker.validate(luis)
    other = Walker(time).open(walker.mail(luis.email).link.removeprefix("http://localhost:8000"))
    assert other.press({"identification": "2453622207"}).errors == ["link.other_identification"]
    assert other.press({"identification": luis.identification}).step == "contact"
    assert "otra ventana" in walker.open(walker.path).h1
    assert other.press().press({"key": NEW_KEY}).press({"key": NEW_KEY}).h1 == "Acceso comprobado"


def test_a_saved_code_replaces_the_mail(walker, time):
    andres = by_id("sin_modulo_11")
    walker.to_key(andres).finish()
    saved = (
        walker.press(button="save_code")
        .page.select_one("[data-saved-code]")
        .get_text("")
        .replace(" ", "")
    )
    later = Walker(time).validate(andres)
    assert later.press({"code": saved.lower()}).step == "contact"
    again = Walker(time).validate(andres)
    assert "code.wrong" in again.press({"code": saved}).errors
