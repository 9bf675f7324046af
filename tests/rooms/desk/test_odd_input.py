"""What nobody types, sent all the same: each is answered with a sentence, on both databases, and nothing is done."""

import pytest
from bs4 import BeautifulSoup
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from clavero.desk.models import Staff
from clavero.project.content_type import readable
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.staff import enter, person
from tests.walk import Walker

NOTE = {"kind": "access", "who": "Eva Noboa", "identification": "2458264187", "ruc": "", "what": "Una copia", "reach": "Vuelve", "proof": "document"}  # fmt: skip
NEW = {"name": "Eva Noboa", "identification": "2458264187", "sign_in_name": "eva", "role": "officer", "examined_on": ""}  # fmt: skip
ODD = ("no-hay", "x" * 301, "a\x00b", "９９")


def errors(who, time, path: str, data: dict) -> set[str]:
    """The codes of what the page refuses."""
    answer = enter(time, who).client.post(path, data)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.content, "html.parser")
    return {found["data-error"] for found in page.select("[data-error]")}


@pytest.mark.parametrize("centre", ODD)
def test_nobody_is_moved_or_admitted_to_a_centre_that_there_is_not(cast, time, centre):
    wanted = {"field.control_characters" if "\x00" in centre else "centre.unknown"}
    number = person("veronica").number
    assert errors("olga", time, f"/mesa/personal/{number}/centro/", {"centre": centre}) == wanted
    assert errors("olga", time, "/mesa/personal/alta/", {**NEW, "centre": centre}) == wanted
    assert person("veronica").centre == "ambato"
    assert not Staff.objects.filter(account__username="staff:eva").exists()


@pytest.mark.parametrize("centre", ODD)
def test_a_practice_is_ended_at_a_centre_that_there_is(cast, time, centre):
    found = errors("olga", time, "/mesa/practica/terminar/", {"centre": centre, "reason": "Listo"})
    assert found == {"field.control_characters" if "\x00" in centre else "centre.unknown"}


@pytest.mark.parametrize("ruc", ["123", "17901", "١٢٣", "179001152500"])
def test_a_number_that_is_too_short_is_said_with_how_many_digits_it_has(cast, time, ruc):
    assert errors("veronica", time, "/mesa/datos/anotar/", {**NOTE, "ruc": ruc}) == {"ruc.length"}


def test_an_address_with_what_no_number_has_shows_the_empty_form(cast, time):
    page = enter(time, "veronica").client.get("/mesa/datos/anotar/", {"hecho": "a\x00b"})
    assert page.status_code == 200


@pytest.mark.parametrize("centre", ["a\x00b", "no-hay", "x" * 3000])
def test_a_time_at_a_centre_that_there_is_not_is_no_time(cast, time, centre):
    walker = Walker(time).validate(by_id("sin_correo")).to_visit("no_email")
    here = f"/empleadores/recuperar-clave/caso/{Case.objects.get().ref}/turno/"
    page = walker.client.post(here, {"slot": f"{centre}:600"})
    assert page.status_code == 200 and 'data-error="slot.empty"' in page.content.decode()
    assert walker.client.get(f"{here}espera/", {"centro": centre}).status_code == 404


@pytest.mark.parametrize(
    "kind", ["text/plain; charset*=x''y", "multipart/form-data; boundary*=no''x"]
)
def test_a_content_type_that_cannot_be_read_meets_a_page(db, kind):
    """Django raises while it makes the request, before every middleware: the server in front would answer with a bare 500."""
    told = []
    environ = RequestFactory().post("/entrar/").environ | {"CONTENT_TYPE": kind}
    answer = readable(WSGIHandler())(environ, lambda status, headers: told.append(status))
    assert told == ["403 Forbidden"] and "estuvo abierta mucho tiempo" in b"".join(answer).decode()
