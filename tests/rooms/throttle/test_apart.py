"""Who has a budget of their own: the kiosk of a centre, who is signed in, a browser that signed in before (C12, C13)."""

from dataclasses import replace

import pytest

from clavero import clock
from clavero.core.identifiers.employer import EmployerNumber
from clavero.keys import services as keys
from clavero.recovery.models import Case
from clavero.throttle import services
from clavero.throttle.models import Bucket, Refusing
from clavero.throttle.services import Charge
from tests.cast import by_id
from tests.walk import Walker, sign_in

LUIS, ANA = by_id("tres_sucursales"), by_id("en_orden")
HERE = "127.0.0.0/24"
pytestmark = pytest.mark.django_db


def fill(bucket: str, subject: str = HERE) -> None:
    charge = Charge(bucket, subject)
    for _ in range(charge.most):
        services.spend(charge, now=clock.now())


def device(walker: Walker) -> str:
    return walker.client.cookies["equipo"].value


def test_strangers_do_not_spend_what_a_kiosk_has(cast, time):
    for bucket in ("asker_try", "asker_open", "ticket_asker"):
        fill(bucket)
    kiosk = Walker(time).open("/quiosco/ambato/numero/").press({"continuation": ""})
    assert "B01" in kiosk.text


def test_a_stranger_elsewhere_does_not_spend_what_the_kiosk_of_a_centre_has(cast, time):
    fill("kiosk_try", "ambato|198.51.100.0/24")
    assert Walker(time).open("/quiosco/ambato/numero/").press({"continuation": ""}).errors == []
    fill("kiosk_try", f"ambato|{HERE}")
    full = Walker(time).open("/quiosco/ambato/numero/").press({"continuation": ""})
    assert full.errors == ["throttle.wait"]


def test_who_is_signed_in_has_lists_of_their_own(cast, time):
    accountant = sign_in(Walker(time), LUIS, LUIS.key)
    fill("precheck_one_asker")
    typed = {"identification": LUIS.identification, "ruc": LUIS.ruc, "branch": LUIS.branch}
    assert Walker(time).client.post("/precheck/uno/", typed).status_code == 429
    assert accountant.client.post("/precheck/uno/", typed).status_code == 200


def test_a_browser_is_known_for_the_numbers_that_it_signed_in_with_and_for_no_others(cast, time):
    from clavero.core.identifiers import employer

    walker = sign_in(Walker(time), LUIS, LUIS.key)
    luis = employer.parse(LUIS.identification, LUIS.ruc, LUIS.branch)
    ana = employer.parse(ANA.identification, ANA.ruc, ANA.branch)
    assert keys.knows_browser(luis, device(walker))
    assert not keys.knows_browser(ana, device(walker)) and not keys.knows_browser(luis, "x" * 43)
    walker.client.post("/salir/")
    walker.validate(LUIS)
    Walker(time).validate(LUIS)
    assert sorted(Case.objects.values_list("known_browser", flat=True), key=str) == [None, True]


def test_whether_a_browser_is_known_costs_the_same_whoever_exists(cast, time, count_sql):
    from clavero.core.identifiers import employer

    for member in (LUIS, by_id("no_existe")):
        number = employer.parse(member.identification, member.ruc, member.branch)
        with count_sql(1):
            keys.knows_browser(number, "x" * 43)
        with count_sql(0):
            keys.knows_browser(number, "")


def test_after_a_recovery_the_old_browsers_are_strangers_again(cast, time):
    from clavero.core.identifiers import employer

    owner = sign_in(Walker(time), ANA, ANA.key)
    luis = employer.parse(ANA.identification, ANA.ruc, ANA.branch)
    Walker(time).to_key(ANA).finish()
    assert not keys.knows_browser(luis, device(owner))


def test_a_known_browser_has_its_own_limit_all_the_same(cast, time):
    owner = sign_in(Walker(time), LUIS, LUIS.key)
    owner.client.post("/salir/")
    limit = services.profile().buckets["employer_open"].limit
    for _ in range(limit):
        owner.validate(LUIS)
        time.wait(301)
        Bucket.objects.exclude(key__startswith="employer_open").delete()
    levels = dict(Bucket.objects.values_list("key", "level"))
    assert max(levels.values()) <= limit
    number = EmployerNumber(LUIS.identification, LUIS.ruc, LUIS.branch, LUIS.domestic)
    fill("employer_open", f"{keys.username(number)}|known")
    assert owner.validate(LUIS).status == 429


def test_a_known_browser_is_one_asker_whatever_branches_it_types(cast, time):
    """One account cannot use up what everybody has, a branch number after the other."""
    owner = sign_in(Walker(time), LUIS, LUIS.key)
    owner.client.post("/salir/")
    for branch in ("0001", "0002", "0777"):
        owner.validate(replace(LUIS, branch=branch))
    openings = Bucket.objects.filter(key__startswith="employer_open")
    assert openings.count() == 1 and openings.get().level > 2
    assert Bucket.objects.filter(key__startswith="asker_open").count() == 1


def test_who_is_counted_apart_stands_on_no_list_of_networks(cast, time):
    fill("asker_open", "known|somebody")
    services.spend(Charge("asker_open", "known|somebody"), now=clock.now())
    fill("asker_open", "198.51.100.0/24")
    services.spend(Charge("asker_open", "198.51.100.0/24"), now=clock.now())
    assert [row.network for row in Refusing.objects.all()] == ["198.51.100.0/24"]
