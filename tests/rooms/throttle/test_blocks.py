"""Operators see which budget is full and since when, and lift it with a reason (C14); many behind one address have room (C12)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.core.profile import BUCKETS, SharedNetwork
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.throttle import blocks, retention, services
from clavero.throttle.models import Refusing, Ticket
from clavero.throttle.services import OF_A_NETWORK, Charge
from tests.cast import by_id
from tests.walk import Walker, sign_in

pytestmark = pytest.mark.django_db
NETWORK = "198.51.100.0/24"
OPEN = Charge("asker_open", NETWORK)
LIMIT = profile().buckets["asker_open"].limit


def fill(charge: Charge = OPEN, more: int = 5):
    """Spend all of a bucket, and be refused `more` times."""
    now = clock.now()
    for _ in range(charge.most + more):
        services.spend(charge, now=now)
    return now


def shared(monkeypatch, *listed: SharedNetwork) -> None:
    changed = replace(profile(), shared_networks=listed)
    monkeypatch.setattr(services, "profile", lambda: changed)


def test_a_full_bucket_says_since_when_how_often_and_until_when(time):
    began = fill()
    time.wait(30)
    services.spend(OPEN, now=clock.now())
    (found,) = blocks.of_network(NETWORK, clock.now())
    assert found.blocks and (found.spent, found.most) == (LIMIT, LIMIT)
    assert abs(found.since - began) < timedelta(seconds=1)
    assert found.refused == 6
    assert clock.now() < found.next_at < clock.now() + timedelta(seconds=61)
    assert found.next_at < found.empty_at


def test_what_has_leaked_to_its_half_blocks_no_more_and_counts_anew(time):
    fill()
    time.wait(profile().buckets["asker_open"].per_seconds * 0.55)
    (found,) = blocks.of_network(NETWORK, clock.now())
    assert not found.blocks and found.since is None and found.refused == 0
    services.spend(OPEN, now=clock.now())
    fill()
    (again,) = blocks.of_network(NETWORK, clock.now())
    assert again.blocks and again.since > found.next_at - timedelta(minutes=1)


def test_only_networks_that_are_refused_are_listed_the_most_refused_first(time):
    fill(more=3)
    fill(Charge("asker_open", "203.0.113.0/24"), more=9)
    services.spend(Charge("asker_open", "192.0.2.0/24"), now=clock.now())
    fill(Charge("employer_open", "2499000017001|0001"))
    found = blocks.refusing(clock.now())
    assert [each.name for each in found] == ["203.0.113.0/24", NETWORK]
    assert [each.refused for each in found] == [9, 3]
    assert NETWORK not in repr(list(Refusing.objects.values_list()))


def test_being_refused_ten_thousand_times_writes_one_row(count_sql):
    fill(more=1)
    with count_sql(1):
        services.spend(OPEN, now=clock.now())
    assert Refusing.objects.count() == 1


def test_lifting_gives_half_back_with_a_reason_and_is_recorded():
    now = fill()
    before = blocks.lift(OPEN, "shared_address", by=7, subject=None, now=now)
    assert before.gives == LIMIT / 2
    passed = [services.spend(OPEN, now=now).allowed for _ in range(LIMIT)]
    assert passed.count(True) == LIMIT / 2
    entry = Entry.objects.get(event="block_lifted")
    assert (entry.actor, entry.reason) == ("operator", "shared_address")
    assert '"bucket":"asker_open"' in entry.body and NETWORK not in entry.body


def test_after_lifting_refusals_are_counted_from_none():
    now = fill(more=5)
    blocks.lift(OPEN, "shared_address", by=7, subject=None, now=now)
    for _ in range(int(LIMIT / 2) + 2):
        services.spend(OPEN, now=now)
    (found,) = blocks.of_network(NETWORK, now)
    assert found.blocks and found.refused == 2 and found.since >= now - timedelta(seconds=1)


@pytest.mark.parametrize("reason", ["", "because", "attack_over "])
def test_without_a_reason_of_the_list_nothing_is_lifted(reason):
    now = fill()
    with pytest.raises(Refused, match="block.reason"):
        blocks.lift(OPEN, reason, by=7, subject=None, now=now)
    assert not services.spend(OPEN, now=now).allowed


def test_what_does_not_block_is_not_lifted():
    now = clock.now()
    services.spend(OPEN, now=now)
    for charge in (OPEN, Charge("asker_open", "203.0.113.0/24")):
        with pytest.raises(Refused, match="block.none"):
            blocks.lift(charge, "own_test", by=7, subject=None, now=now)


def test_one_bucket_is_lifted_three_times_a_day_whoever_does_it(time):
    for by in range(3):
        blocks.lift(OPEN, "attack_over", by=by, subject=None, now=fill())
    with pytest.raises(Refused, match="block.too_often"):
        blocks.lift(OPEN, "attack_over", by=9, subject=None, now=fill())
    time.wait(86400)
    blocks.lift(OPEN, "attack_over", by=9, subject=None, now=fill())


def test_one_operator_lifts_thirty_a_day():
    most = profile().buckets["clear_staff"].limit
    charges = [Charge("employer_mail_hour", f"e{n}") for n in range(most + 1)]
    for charge in charges[:-1]:
        blocks.lift(charge, "own_test", by=7, subject=None, now=fill(charge))
    with pytest.raises(Refused, match="block.too_often"):
        blocks.lift(charges[-1], "own_test", by=7, subject=None, now=fill(charges[-1]))


def test_after_lifting_a_key_that_was_guessed_is_still_told_as_one(cast, time):
    """Lifting must not hide from the owner that many failed before (S-084)."""
    luis = by_id("tres_sucursales")
    charge = Charge("signin_unknown", keys.username(_number(luis)))
    for _ in range(13):
        while not (decision := services.spend(charge, now=clock.now())).allowed:
            time.wait(decision.wait_seconds)
    assert not services.spend(charge, now=clock.now()).allowed
    assert sign_in(Walker(time), luis, luis.key).status == 429, "the wait is an hour by now"
    given = blocks.lift(charge, "person_waits", by=7, subject=None, now=clock.now())
    assert given.gives == 1
    walker = sign_in(Walker(time), luis, luis.key)
    assert walker.path == "/cuenta/"
    assert Entry.objects.filter(event=keys.AFTER_FAILURES).count() == 1


def _number(member):
    from clavero.core.identifiers import employer

    return employer.parse(member.identification, member.ruc, member.branch)


def test_a_refused_network_says_from_how_many_employers_good_sign_ins_came(cast, time):
    fill(Charge("signin_asker", "127.0.0.0/24"))
    for account in range(40):
        services.saw_employer("127.0.0.0/24", account)
        services.saw_employer("127.0.0.0/24", account)
    (found,) = blocks.refusing(clock.now())
    assert 22 <= found.employers <= 70, "outside of this once in 100,000"
    assert blocks.about(0) == 0 and blocks.about(2**62 - 1) > 200


def test_each_seat_is_as_likely_as_any_other():
    even = sum(services.seat_of(employer) % 2 == 0 for employer in range(10_000))
    assert 4700 < even < 5300, "six standard deviations"
    assert {services.seat_of(employer) for employer in range(10_000)} == set(range(services.SEATS))


def test_a_sign_in_is_noted_where_the_network_was_refused(cast, time):
    luis = by_id("tres_sucursales")
    owner = sign_in(Walker(time), luis, luis.key)
    owner.client.post("/salir/")
    fill(Charge("asker_open", "127.0.0.0/24"))
    assert sign_in(owner, luis, luis.key).path == "/cuenta/"
    assert blocks.refusing(clock.now())[0].employers == 1


def test_the_worker_forgets_networks_that_were_refused_long_ago():
    now = fill()
    later = now + timedelta(days=profile().retention_days["throttle"] + 1)
    retention.due(later)
    assert not Refusing.objects.exists()


def test_every_bucket_of_a_network_is_known_as_one():
    others = {"kiosk_try", "staff_try"}  # of a kiosk; of a name, or of a name from a network
    said = {name for name, says in BUCKETS.items() if "network" in says and name not in others}
    said |= {"booking_asker", "signin_asker"}
    assert said == OF_A_NETWORK


# --- addresses that many people share -----------------------------------------------------------------

OFFICE = SharedNetwork("Oficina", ("203.0.113.8/29",), 4)
PROVIDER = SharedNetwork("Operadora", ("100.64.0.0/12", "2001:db8::/32"), 10)


def test_a_shared_network_has_so_many_times_the_budget_and_its_neighbours_have_theirs(monkeypatch):
    shared(monkeypatch, OFFICE, PROVIDER)
    office, house = services.prefix("203.0.113.9"), services.prefix("203.0.113.99")
    assert (office, house) == ("203.0.113.8/29", "203.0.113.0/24")
    assert Charge("asker_open", office).most == 4 * LIMIT
    assert Charge("asker_open", house).most == LIMIT
    assert Charge("asker_open", services.prefix("100.70.1.1")).most == 10 * LIMIT
    assert Charge("asker_open", services.prefix("2001:db8:1::1")).most == 10 * LIMIT
    fill(Charge("asker_open", office))
    assert services.spend(Charge("asker_open", house), now=clock.now()).allowed


def test_only_budgets_of_networks_grow_never_those_of_an_employer_or_of_everybody(monkeypatch):
    shared(monkeypatch, OFFICE)
    office = services.prefix("203.0.113.9")
    for bucket in set(BUCKETS) - OF_A_NETWORK:
        assert Charge(bucket, office).most == profile().buckets[bucket].limit


def test_a_wide_network_may_hold_more_waiting_tickets_and_waits_as_one_household_does(monkeypatch):
    shared(monkeypatch, OFFICE)
    now, office = clock.now(), services.prefix("203.0.113.9")
    most = profile().limits.live_tickets
    for _ in range(4 * most if most < 60 else most + 5):
        services.mint_ticket("b", office, now)
    assert Ticket.objects.count() > most
    few = [services.mint_ticket("b", services.prefix("192.0.2.1"), now).factor for _ in range(30)]
    many = [services.mint_ticket("b", office, now).factor for _ in range(1)]
    assert many[0] <= max(few) + 10
