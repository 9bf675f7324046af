"""The web process opens no connection except to its database (the issue; S-134). Every socket of Python is blocked."""

import socket

import pytest
from django.test import Client

from tests.cast import by_id
from tests.conftest import Blocked
from tests.walk import NEW_KEY, Walker, sign_in

ANA, LUIS, ROSA = by_id("en_orden"), by_id("tres_sucursales"), by_id("primera_clave")


def test_the_block_blocks(no_sockets):
    with pytest.raises(Blocked), socket.socket() as one:
        one.connect(("127.0.0.1", 9))


def test_no_page_of_the_whole_product_road_talks_to_anybody(no_sockets, time):
    walker = Walker(time).to_key(ANA)
    walker.finish().press(button="save_code")
    for path in (
        "/cuenta/",
        "/cuenta/clave/",
        "/salir/",
        "/",
        "/en/",
        "/ayuda/",
        "/caso/",
        "/nada/",
    ):
        walker.open(path)
    contact = Walker(time).validate(LUIS).prove(LUIS)
    contact.press({"email": "nuevo@correo-que-no-existe.example", "mobile": "0991234567"})
    visit = Walker(time).validate(ROSA).press({"situation": "first_key"})
    assert visit.status == 200
    wrong = sign_in(Walker(time), LUIS, "no es la clave suya")
    assert wrong.errors == ["signin.no_match"] and NEW_KEY
    assert Client().get("/.well-known/change-password").status_code == 302
