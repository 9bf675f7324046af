"""Is everything ready: a trial message that opens nothing, limited, and the same for every address (B09, B10)."""

import pytest

from clavero import clock
from clavero.audit.models import Entry
from clavero.demo.models import Mail
from clavero.guidance.asked import Asked, address
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge
from tests.cast import by_id
from tests.house.test_languages import check
from tests.walk import Walker

LUIS = by_id("tres_sucursales")
STRANGER = "ana@trigo.example"


def newest(to: str) -> Mail:
    notices.deliver_due(clock.now())
    return [mail for mail in Mail.objects.order_by("-sent_at") if mail.to == to][0]


def code(text: str) -> str:
    """The code of a trial message: the line of eight."""
    lines = (line.replace(" ", "") for line in text.splitlines())
    return next(line for line in lines if len(line) == 8 and line.isalnum() and line.isupper())


@pytest.fixture
def walker(cast, time):
    return Walker(time).open("/guia/listo/")


def test_a_trial_message_arrives_and_the_page_says_how_long_it_took(walker, time):
    walker.press({"email": STRANGER})
    assert walker.step == "trial_code" and STRANGER in walker.text
    time.wait(150)
    walker.press({"code": code(newest(STRANGER).text)})
    assert "le llegan nuestros mensajes" in walker.h1 and "pasaron 2 minutos" in walker.text
    assert len(walker.page.select(".govuk-button")) == 1


def test_the_page_and_the_message_are_the_same_for_an_address_on_record(walker, time):
    said = []
    for to in (LUIS.email, STRANGER):
        walker.open("/guia/listo/").press({"email": to})
        said.append((walker.text.replace(to, ""), len(newest(to).text.split())))
    assert said[0] == said[1]
    assert Entry.objects.filter(event="trial_sent").count() == 2


def test_another_code_is_said_at_the_field_and_may_be_typed_again(walker, time):
    walker.press({"email": STRANGER}).press({"code": "ZZZZZZZZ"})
    assert walker.errors == ["ready.code_other"]
    walker.press({"code": ""})
    assert walker.errors == ["code.empty"]
    walker.press({"code": code(newest(STRANGER).text).lower()})
    assert "le llegan" in walker.h1


def test_codes_are_counted_before_they_are_looked_at(walker):
    walker.press({"email": STRANGER})
    right = code(newest(STRANGER).text)
    form = walker.typed(walker.form)
    for _ in range(10):
        walker.client.post("/guia/listo/llego/", form | {"code": "ZZZZZZZZ"})
    assert walker.client.post("/guia/listo/llego/", form | {"code": right}).status_code == 429


def test_after_half_an_hour_or_without_a_trial_the_test_begins_anew(walker, time):
    walker.press({"email": STRANGER})
    time.wait(31 * 60)
    walker.press({"code": code(newest(STRANGER).text)})
    assert walker.path == "/guia/listo/"
    assert walker.open("/guia/listo/llego/").path == "/guia/listo/"


def test_three_messages_a_day_to_one_address_and_not_one_of_a_recovery_is_spent(walker):
    for _ in range(3):
        walker.open("/guia/listo/").press({"email": LUIS.email})
    walker.open("/guia/listo/").press({"email": LUIS.email.upper()})
    assert walker.status == 429 and Message.objects.count() == 3
    now = clock.now()
    assert throttle.spend(Charge("destination_mail", LUIS.email), now=now).level < 0.1
    walker.open("/guia/listo/").press({"email": STRANGER})
    assert walker.step == "trial_code"


def test_one_network_cannot_write_to_everybody(walker):
    for n in range(10):
        walker.open("/guia/listo/").press({"email": f"n{n}@trigo.example"})
    walker.open("/guia/listo/").press({"email": "n11@trigo.example"})
    assert walker.status == 429 and Message.objects.count() == 10


@pytest.mark.parametrize(
    ("typed", "no"),
    [("", "ready.email_empty"), ("nadie", "email.shape"), ("a" * 300 + "@b.example", "email.too_long")],
)  # fmt: skip
def test_what_is_no_address_is_said_and_nothing_leaves(walker, typed, no):
    assert walker.press({"email": typed}).errors == [no] and not Message.objects.exists()


def test_a_likely_slip_is_offered_once(walker):
    walker.press({"email": "nadie@gmial.com"})
    assert walker.errors == ["ready.likely_slip"] and "nadie@gmail.com" in str(walker.page)
    assert not Message.objects.exists()
    walker.press({"email": "nadie@gmial.com"})
    assert walker.step == "trial_code"


def test_whoever_fills_the_hidden_field_sends_nothing(walker):
    walker.press({"email": STRANGER, "website": "x"})
    assert not Message.objects.exists()


def test_address_and_code_stand_in_no_address_and_not_in_clear(walker):
    walker.press({"email": STRANGER})
    assert "@" not in walker.path and STRANGER not in walker.typed(walker.form)["sent"]
    assert code(newest(STRANGER).text) not in str(walker.page).replace(" ", "")


def test_a_list_comes_by_mail_with_what_to_bring_and_the_days(walker):
    asked = Asked({"domestic": "yes", "deadline": "contributions"}, "first_key")
    walker.open(address("guide_list", asked))
    walker.open(next(a["href"] for a in walker.page.select("a") if "correo" in a["href"]))
    walker.press({"email": STRANGER})
    assert "va en camino" in walker.h1
    mail = newest(STRANGER)
    assert "cédula original" in mail.text and "Vence" in mail.text and "/guia/lista/" in mail.text
    assert Entry.objects.filter(event="list_mailed").count() == 1


def test_a_list_about_nothing_begins_at_the_guide(walker):
    assert walker.open("/guia/lista/correo/").path == "/guia/"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_page_of_it_speaks_one_language(cast, time, lang):
    walker = Walker(time, lang)
    check(walker.open(f"{walker.prefix}/guia/listo/").page, lang, "ready")
    check(walker.press({"email": ""}).page, lang, "no address")
    check(walker.press({"email": STRANGER}).page, lang, "code")
    check(walker.press({"code": "ZZZZZZZZ"}).page, lang, "another code")
    check(walker.press({"code": code(newest(STRANGER).text)}).page, lang, "arrived")
    path = walker.prefix + address("guide_list_mail", Asked({}, "first_key")).removeprefix("/en")
    check(walker.open(path).page, lang, "list by mail")
    check(walker.press({"email": STRANGER}).page, lang, "on its way")
