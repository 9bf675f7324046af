"""A profile that leaves codes out of messages (N17): no page asks for one, the link is enough, a saved code still works."""

from dataclasses import replace

import pytest

from clavero.institution import profile
from tests.cast import by_id

LUIS, ANA = by_id("tres_sucursales"), by_id("domestica")


@pytest.fixture(autouse=True)
def link_alone(monkeypatch):
    held = replace(profile(), codes_in_mail=False)
    for module in ("clavero.recovery.services", "clavero.recovery.views.road"):
        monkeypatch.setattr(f"{module}.profile", lambda: held)


def test_a_message_without_a_code_and_a_page_that_asks_for_none(walker):
    walker.validate(LUIS)
    assert "No hay ningún código que copiar" in walker.text
    assert "código que trae" not in walker.text
    assert "8 letras" not in walker.text
    assert "respaldo" in walker.page.select_one("label[for=code]").text
    mail = walker.mail(LUIS.email)
    assert mail.code == ""
    assert "código" not in mail.text.lower()
    walker.open(mail.link.removeprefix("http://localhost:8000"))
    walker.press()
    assert walker.step in ("question", "contact", "key")


def test_a_code_that_was_made_all_the_same_is_told_to_nobody(walker):
    """What the message does not carry stands nowhere else: whatever is typed is a wrong saved code."""
    walker.validate(LUIS)
    assert walker.press({"code": "ABCD-EFGH"}).errors == ["code.wrong"]


def test_the_english_half_of_a_message_has_no_spanish_in_it(walker):
    walker.validate(LUIS)
    spanish, _, english = walker.mail(LUIS.email).text.partition("----------")
    assert "desde este mismo equipo" in " ".join(spanish.split())
    assert "from this same device" in " ".join(english.split())
