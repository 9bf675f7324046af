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
