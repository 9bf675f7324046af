"""How many messages an employer and an address may get; beyond that the page says the same (S-048)."""

import pytest

from clavero import clock
from clavero.demo.models import Mail
from clavero.employers.services import contact_lookup
from clavero.institution import profile
from clavero.throttle import doorstep
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge
from tests.cast import by_id
from tests.walk import Walker, deliver

LUIS = by_id("tres_sucursales")


def test_beyond_an_employers_budget_the_page_is_the_same_and_nothing_is_sent(cast, time):
    limit = profile().buckets["employer_mail_hour"].limit
    steps = [Walker(time).validate(LUIS).step for _ in range(limit + 1)]
    deliver()
    assert steps == ["code"] * (limit + 1) and Mail.objects.count() == limit


def test_an_address_has_a_budget_of_its_own_whoever_asks(cast, time):
    address = Charge("destination_mail", contact_lookup("email", LUIS.email))
    while throttle.spend(address, now=clock.now()).allowed:
        pass
    assert Walker(time).validate(LUIS).step == "code"
    deliver()
    assert not Mail.objects.exists()
    assert Walker(time).validate(by_id("sin_modulo_11")).step == "code"
    deliver()
    assert Mail.objects.count() == 1


def test_beyond_the_budget_the_message_that_was_delivered_goes_on_working(walker, time):
    """Whoever presses «enviar otro» too often keeps what they have, and sees nothing of the budget (S-048)."""
    limit = profile().buckets["employer_mail_hour"].limit
    walker.validate(LUIS)
    for _ in range(limit):
        time.wait(1)
        walker._land(walker.client.post(walker.path.replace("codigo", "otro-mensaje"), follow=True), walker.path)  # fmt: skip
    deliver()
    assert Mail.objects.count() == limit
    within, beyond = Walker(time).validate(by_id("sin_modulo_11")), walker
    time.wait(600)
    for one in (within, beyond):
        one._land(one.client.post(one.path.replace("codigo", "otro-mensaje"), follow=True), one.path)  # fmt: skip
    said = [one.page.select_one("#code_until").text for one in (within, beyond)]
    assert said[0] == said[1], "the page says the same"
    deliver()
    assert walker.prove(LUIS).step == "contact"


def exhaust(bucket: str) -> None:
    """Nothing is left in a bucket of the network from which these tests come; the doorstep heard of none of it."""
    charge = Charge(bucket, throttle.prefix("127.0.0.1"))
    while throttle.spend(charge, now=clock.now()).allowed:
        pass
    doorstep.forget()


def said_wait(walker: Walker) -> str:
    """The page of who has to wait, and where it leads back to."""
    assert walker.status == 429 and walker.errors == ["throttle.wait"]
    back = walker.page.select_one("a[data-back]")
    assert back.text in ("Volver a la página donde estaba", "Back to the page where you were")
    return back["href"]


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_of_who_has_to_wait_leads_back_to_where_the_person_tried(cast, time, language):
    walker = Walker(time, language).validate(LUIS)
    path = walker.path
    exhaust("asker_try")
    back = said_wait(walker.press({"code": "AAAAAAAA"}))
    assert back == path and walker.open(back).step == "code"


@pytest.mark.parametrize(
    ("path", "bucket", "typed"),
    [
        ("/es-de-verdad/", "record_asker", {"entry": "7", "head12": "0123456789ab"}),
        ("/precheck/uno/", "precheck_one_asker", {"identification": LUIS.identification, "ruc": LUIS.ruc, "branch": "0001"}),
        ("/caso/", "asker_try", {"secret": "A" * 26}),
    ],
)  # fmt: skip
def test_it_does_so_at_every_door(cast, time, path, bucket, typed):
    exhaust(bucket)
    walker = Walker(time)
    walker._land(walker.client.post(path, typed, follow=True), path)
    back = said_wait(walker)
    assert back == path and walker.open(back).status == 200


def test_it_keeps_what_the_address_says_and_leads_nowhere_else(cast, time):
    """What was asked for stands in the address; a name that is not ours is no part of it."""
    exhaust("ready_asker")
    walker, path = Walker(time), "/guia/lista/correo/?scenario=first_key"
    walker._land(walker.client.post(path, {"email": LUIS.email}, follow=True), path)
    back = said_wait(walker)
    assert back == path and walker.open(back).status == 200
