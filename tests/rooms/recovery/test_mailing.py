"""The sheet of a visit by mail: to whom, what it says, what it never says (B09)."""

import pytest

from clavero.audit.models import Entry
from clavero.demo.models import Mail
from clavero.notices.models import Message
from clavero.recovery.models import Case, CaseContact
from tests.cast import by_id
from tests.walk import Walker, deliver

MARTA, NOBODY = by_id("ruc_suspendido"), by_id("no_existe")
TYPED = {"email": "otra@casa.example"}


def ask(walker: Walker) -> Walker:
    """Follow the page of the visit to the sheet by mail and press its button."""
    walker.open(walker.page.select_one("a[href$='/hoja/correo/']")["href"])
    form = walker.page.select_one("main form")
    return walker._land(
        walker.client.post(walker.path, walker.typed(form), follow=True), walker.path
    )


def sheets() -> list[Mail]:
    deliver()
    return [mail for mail in Mail.objects.order_by("-sent_at") if "hoja de" in mail.text.lower()]


def test_it_goes_to_the_contact_on_record_with_what_to_bring_and_without_the_secrets(walker):
    walker.validate(MARTA).to_visit("first_key", **TYPED)
    secret, continuation = walker.secret("secret"), walker.secret("continuation")
    assert ask(walker).h1 == "Anotamos su pedido"
    (mail,) = sheets()
    assert mail.to == MARTA.email and not mail.code
    text, packed = " ".join(mail.text.split()), (mail.text + mail.html).replace(" ", "")
    for part in ("Su cédula", "La solicitud, firmada a mano", "Aún no tiene turno", "no viaja por correo", "No fui yo",
                 "The sheet for your visit", "Your original cédula"):  # fmt: skip
        assert part in text, part
    for hidden in (secret, continuation, MARTA.identification, MARTA.ruc, TYPED["email"]):
        assert hidden not in packed, hidden
    assert Entry.objects.filter(event="sheet_asked").count() == 1


def test_never_to_an_address_that_was_only_typed(walker):
    walker.validate(NOBODY).to_visit("first_key", **TYPED)
    assert ask(walker).h1 == "Anotamos su pedido"
    assert sheets() == [] and Message.objects.filter(kind="void").exists()
    assert TYPED["email"] not in [mail.to for mail in Mail.objects.all()]


def test_once_a_day_however_often_it_is_asked_for(walker, time):
    walker.validate(MARTA).to_visit("first_key")
    here = walker.path
    for _ in range(4):
        ask(walker)
        walker.open(here)
    assert len(sheets()) == 1
    assert Entry.objects.filter(event="sheet_asked").count() == 1


def test_to_the_address_that_confirmed_the_appointment_with_the_calendar_file(walker):
    from tests.stories.test_booking import times, to_slots

    to_slots(walker).press({"slot": times(walker, "ambato")[-1]})
    walker.press({"email": "mia@casa.example"})
    walker.press({"code": walker.mail("mia@casa.example").code})
    assert CaseContact.objects.get().confirmed_at
    walker.open(walker.path.partition("/turno/")[0] + "/visita/")
    assert "con el que confirmó su turno" in ask(walker).text
    mail = sheets()[0]
    assert mail.to == "mia@casa.example" and "Turno:" in mail.text and "Ambato" in mail.text
    assert "No fui yo" not in mail.text


def test_a_stranger_cannot_ask_for_it(walker, time):
    walker.validate(MARTA).to_visit("first_key")
    path = walker.path.replace("/visita/", "/hoja/correo/")
    assert Walker(time).client.post(path).status_code == 404
    assert not Entry.objects.filter(event="sheet_asked").exists()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_its_page_speaks_one_language(cast, time, lang):
    from tests.house.test_languages import check

    walker = Walker(time, lang).validate(MARTA).to_visit("first_key")
    walker.open(walker.page.select_one("a[href$='/hoja/correo/']")["href"])
    check(walker.page, lang, "ask")
    check(walker.open(f"{walker.path}?pedida=1").page, lang, "asked")
    assert Case.objects.count() == 1
