"""How many messages an employer and an address may get; beyond that the page says the same (S-048)."""

from clavero import clock
from clavero.demo.models import Mail
from clavero.employers.services import contact_lookup
from clavero.institution import profile
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
