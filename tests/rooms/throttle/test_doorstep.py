"""A network that was refused a moment ago costs almost nothing, and nobody is refused there who would not be anyway (ADR 20)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import monotonic, sleep

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from clavero import clock
from clavero.audit.models import Entry
from clavero.cli import operations
from clavero.core.identifiers import employer
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.keys.models import Account, Device
from clavero.privacy import tokens
from clavero.project import views
from clavero.project.middleware import AT_THE_DOOR
from clavero.project.routes import ASKS, ROUTES
from clavero.throttle import blocks, doorstep, services
from clavero.throttle.services import Charge
from tests.cast import by_id
from tests.walk import Walker, sign_in

LUIS, ANA = by_id("tres_sucursales"), by_id("en_orden")
HERE = "127.0.0.0/24"
SIGN_IN = "/entrar/"
NETWORK = Charge("signin_asker", HERE)
pytestmark = pytest.mark.django_db


def fill(charge: Charge = NETWORK) -> None:
    now = clock.now()
    for _ in range(charge.most):
        services.spend(charge, now=now)


def typed(member, key: str) -> dict[str, str]:
    return {
        "identification": member.identification,
        "ruc": member.ruc,
        "branch": member.branch,
        "key": key,
    }


def number_of(member):
    return employer.parse(member.identification, member.ruc, member.branch)


def knock(walker: Walker, member=ANA, key: str = "no es esta", path: str = SIGN_IN):
    return walker.client.post(path, typed(member, key))


def refused_once(time) -> Walker:
    """The network has spent what is its own, and was told so at the sign-in."""
    fill()
    walker = Walker(time)
    answer = knock(walker)
    assert answer.status_code == 429 and b"data-turned-away" not in answer.content
    return walker


def test_who_was_refused_a_moment_ago_asks_no_database_and_gets_a_page_with_the_next_step(
    cast, time, count_sql
):
    walker = refused_once(time)
    with count_sql(0):
        answer = knock(walker)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 60
    page = answer.content.decode()
    assert "data-turned-away" in page and "/citas/" in page and "/ayuda/" in page
    assert ANA.ruc not in page and "csrfmiddlewaretoken" not in page
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store" and not answer.cookies


def test_each_language_is_answered_in_its_own(cast, time):
    walker = refused_once(time)
    knock(walker)
    knock(walker, path="/en" + SIGN_IN)
    english = knock(walker, path="/en" + SIGN_IN)
    assert (
        "data-turned-away" in english.content.decode()
        and english.headers["Content-Language"] == "en"
    )
    assert (
        "Your present key" in english.content.decode() and 'lang="en"' in english.content.decode()
    )
    assert "Su clave actual" in knock(walker).content.decode()


def test_after_two_seconds_the_limits_are_asked_again(cast, time):
    walker = refused_once(time)
    assert b"data-turned-away" in knock(walker).content
    time.wait(doorstep.SECONDS + 0.1)
    again = knock(walker)
    assert again.status_code == 429 and b"data-turned-away" not in again.content


def test_what_is_lifted_is_felt_two_seconds_later_at_most(cast, time):
    walker = refused_once(time)
    services.reset(HERE, NETWORK.bucket)
    time.wait(doorstep.SECONDS + 0.1)
    assert knock(walker, key="tampoco").status_code == 200


def test_the_door_opens_when_the_bucket_does(cast, time):
    """A wait that is nearly over is not made longer."""
    refused_once(time)
    now = clock.now()
    doorstep.forget()
    doorstep.hear(doorstep.Said(HERE, NETWORK.bucket, now.timestamp() + 1.5))
    doorstep.shut(HERE, SIGN_IN, now, None)
    door = doorstep.shut_door(HERE, SIGN_IN, now)
    assert door and doorstep.turn_away(door, now) == 2
    assert doorstep.shut_door(HERE, SIGN_IN, now + timedelta(seconds=0.5)) is None
    doorstep.forget()
    doorstep.hear(doorstep.Said(HERE, NETWORK.bucket, now.timestamp() + 1))
    doorstep.shut(HERE, SIGN_IN, now, None)
    assert doorstep.shut_door(HERE, SIGN_IN, now) is None


def test_a_browser_that_signed_in_goes_past_whoever_is_turned_away(cast, time):
    known = sign_in(Walker(time), LUIS, LUIS.key)
    known.client.post("/salir/")
    stranger = refused_once(time)
    assert b"data-turned-away" in knock(stranger).content
    assert knock(known, LUIS, LUIS.key).status_code == 303


def test_a_made_up_cookie_opens_nothing(cast, time):
    walker = refused_once(time)
    real = (
        sign_in(Walker(time, REMOTE_ADDR="203.0.113.9"), LUIS, LUIS.key)
        .client.cookies["equipo"]
        .value
    )
    text, _, mark = real.partition(".")
    for cookie in ("x" * 43, f"{'x' * 43}.{mark}", f"{text}.", f"{text}.{mark[:-2]}xx", real + "x"):
        walker.client.cookies["equipo"] = cookie
        assert b"data-turned-away" in knock(walker).content


def test_others_are_not_turned_away(cast, time):
    """Another network, another address, a GET; and what an employer's own limit refused says nothing of the network."""
    walker = refused_once(time)
    assert b"data-turned-away" in knock(walker).content
    elsewhere = Walker(time, REMOTE_ADDR="203.0.113.9")
    assert knock(elsewhere, key="tampoco").status_code == 200
    assert walker.client.get(SIGN_IN).status_code == 200
    other = walker.client.post("/caso/", {"secret": "0" * 26, "identification": ANA.identification})
    assert other.status_code == 200


def test_the_limit_of_one_employer_shuts_no_network_out(cast, time):
    walker = Walker(time)
    while knock(walker).status_code != 429:
        pass
    assert knock(walker).status_code == 429 and b"data-turned-away" not in knock(walker).content
    assert knock(walker, LUIS, LUIS.key).status_code == 303


def test_the_bucket_knows_of_everybody_who_was_turned_away(cast, time):
    walker = refused_once(time)
    for _ in range(11):
        knock(walker)
    time.wait(doorstep.SECONDS + 0.1)
    knock(walker)
    (standing,) = [one for one in blocks.of_network(HERE, clock.now()) if one.blocks]
    assert standing.refused == 13
    told = [json.loads(entry.body).get("data", {}) for entry in Entry.objects.order_by("number")]
    assert [found["times"] for found in told if "times" in found] == [1, 10]


def test_what_was_turned_away_is_counted_also_where_the_bucket_takes_again(cast, time):
    walker = refused_once(time)
    for _ in range(4):
        knock(walker)
    rest = profile().buckets[NETWORK.bucket].per_seconds / NETWORK.most
    time.wait(rest + 1)
    assert knock(walker, LUIS, "no es esta").status_code == 200
    (standing,) = [one for one in blocks.of_network(HERE, clock.now()) if one.refused]
    assert standing.refused == 5


def test_the_memory_has_an_end(monkeypatch):
    monkeypatch.setattr(doorstep, "MOST", 3)
    now = clock.now()
    for number in range(5):
        asker = f"198.51.{number}.0/24"
        doorstep.hear(doorstep.Said(asker, "signin_asker", now.timestamp() + 60))
        doorstep.shut(asker, SIGN_IN, now, None)
    kept = [bool(doorstep.shut_door(f"198.51.{number}.0/24", SIGN_IN, now)) for number in range(5)]
    assert kept == [False, False, True, True, True]


def test_what_another_request_heard_shuts_nothing():
    now = clock.now()
    doorstep.hear(doorstep.Said("198.51.100.0/24", "signin_asker", now.timestamp() + 60))
    doorstep.shut("203.0.113.0/24", SIGN_IN, now, None)
    assert not doorstep.shut_door("203.0.113.0/24", SIGN_IN, now)
    doorstep.begin()
    doorstep.shut("198.51.100.0/24", SIGN_IN, now, None)
    assert not doorstep.shut_door("198.51.100.0/24", SIGN_IN, now)


@pytest.mark.parametrize("name", sorted(AT_THE_DOOR - {"number"}))
@pytest.mark.parametrize("root", ["", "/en"])
def test_the_page_leads_back_to_where_the_person_tried(cast, time, name, root):
    path = root + reverse(name)
    page = BeautifulSoup(views.turned_away(path, 90).content, "html.parser")
    back = page.select_one("a[data-back]")["href"]
    assert back == path and Walker(time).open(back).status == 200


def test_only_pages_that_ask_stand_at_the_door():
    assert all(ROUTES[name].kind == ASKS for name in AT_THE_DOOR)


SPENDS = {
    "account_login": "signin_asker", "account_passkey": "signin_asker", "number": "ticket_asker", "case": "asker_try",
    "pick_up": "asker_try", "is_it_us": "record_asker",
}  # fmt: skip
"""The bucket of a network that each address at the doorstep spends."""


def press(walker: Walker, name: str, right: bool):
    """A try at one of these addresses, by somebody who comes for the first time."""
    path = reverse(name)
    number = {"identification": LUIS.identification, "ruc": LUIS.ruc, "branch": LUIS.branch}
    fields = {
        "account_login": number | {"key": LUIS.key if right else "no es esta"},
        "account_passkey": {"state": "x", "credential": "{}"},
        "number": {"ruc": LUIS.ruc, "branch": LUIS.branch},
        "case": {"secret": "A" * 26},
        "pick_up": {"code": "AAAA-AAAA", "identification": LUIS.identification},
        "is_it_us": {"entry": "1", "head12": "0" * 12},
    }[name]
    if name == "number":
        walker.client.post(reverse("who"), {"identification": LUIS.identification})
    return walker.client.post(path, fields)


@pytest.mark.parametrize("bucket", sorted(set(SPENDS.values()) | {"asker_open"}))
@pytest.mark.parametrize("name", sorted(AT_THE_DOOR))
def test_a_bucket_that_is_full_shuts_no_door_at_which_another_is_spent(cast, time, name, bucket):
    """A neighbour is refused as often as they like: whoever is let through without the doorstep is let through with it."""
    fill(Charge(bucket, HERE))
    neighbour = Walker(time)
    refused = [press(neighbour, other, right=False).status_code for other in sorted(AT_THE_DOOR)]
    assert 429 in refused or bucket == "asker_open"
    with_it = press(Walker(time), name, right=True)
    doorstep.forget()
    without = press(Walker(time), name, right=True)
    assert with_it.status_code == without.status_code
    assert (with_it.status_code == 429) == (SPENDS[name] == bucket)
    assert (b"data-turned-away" in with_it.content) == (SPENDS[name] == bucket)


def test_whoever_has_a_ticket_or_the_corrected_retry_is_let_through_beside_refused_neighbours(
    cast, time
):
    """*Validar* spends another bucket than the ticket did, and the retry none: it stands at no doorstep."""
    mine = Walker(time).to_check(LUIS)
    time.wait(5)
    fill(Charge("ticket_asker", HERE))
    neighbour = Walker(time)
    for _ in range(3):
        neighbour.client.post(reverse("who"), {"identification": ANA.identification})
        neighbour.client.post(reverse("number"), {"ruc": ANA.ruc, "branch": ANA.branch})
        neighbour.client.post(reverse("check"), {})
    assert mine.press().step == "code"


def test_counts_have_an_end_too(monkeypatch):
    monkeypatch.setattr(doorstep, "MOST", 3)
    now = clock.now()
    for number in range(9):
        asker = f"198.51.{number}.0/24"
        doorstep.hear(doorstep.Said(asker, "signin_asker", now.timestamp() + 60))
        doorstep.shut(asker, SIGN_IN, now, None)
        doorstep.turn_away(doorstep.shut_door(asker, SIGN_IN, now), now)
    assert len(doorstep._away) == 3
    assert doorstep.turned_away("signin_asker", "198.51.8.0/24") == 1
    assert doorstep.turned_away("signin_asker", "198.51.8.0/24") == 0


def test_a_clock_that_is_set_back_leaves_no_door_shut():
    now = clock.now()
    doorstep.hear(doorstep.Said(HERE, NETWORK.bucket, now.timestamp() + 60))
    doorstep.shut(HERE, SIGN_IN, now, None)
    assert doorstep.shut_door(HERE, SIGN_IN, now)
    assert doorstep.shut_door(HERE, SIGN_IN, now - timedelta(hours=1)) is None


def test_a_browser_from_before_marks_were_made_gets_one_when_it_signs_in(cast, time):
    walker = Walker(time)
    plain = tokens.new_token(32)
    account = Account.objects.get(username=keys.username(number_of(LUIS)))
    Device.objects.create(
        account=account,
        token_hash=tokens.hash("device", plain),
        browser="x",
        first_seen_at=clock.now(),
        last_seen_at=clock.now(),
    )
    walker.client.cookies["equipo"] = plain
    sign_in(walker, LUIS, LUIS.key)
    new = walker.client.cookies["equipo"].value
    assert new != plain and tokens.is_marked("device", new) and keys.knows_device(account, new)
    walker.client.post("/salir/")
    sign_in(walker, LUIS, LUIS.key)
    assert walker.client.cookies["equipo"].value == new


# --- who is refused gives way to who is not --------------------------------------------------------------


@pytest.fixture
def room():
    """Somebody is inside until `leave` is set."""
    came, leave = Event(), Event()

    def stay():
        with doorstep.inside():
            came.set()
            leave.wait(10)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(stay)
        came.wait(10)
        yield leave
        leave.set()
        done.result(10)


def rested() -> float:
    began = monotonic()
    doorstep.give_way()
    return monotonic() - began


def until(happens, seconds: float = 5) -> bool:
    ends = monotonic() + seconds
    while not happens() and monotonic() < ends:
        sleep(0.001)
    return happens()


def test_nobody_gives_way_where_nobody_is_inside():
    assert rested() < 0.05


def test_who_is_turned_away_waits_until_who_is_inside_is_served(room, monkeypatch):
    monkeypatch.setattr(doorstep, "REST_SECONDS", 30)
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(rested)
        assert until(lambda: doorstep._resting == 1) and not waits.done()
        room.set()
        assert waits.result(5) < 25
    assert doorstep._resting == 0 and until(lambda: doorstep._inside == 0)


def test_and_no_longer_than_a_moment_after_somebody_came_in(room, monkeypatch):
    """Neither a list that takes minutes nor a silent database holds those who are refused."""
    assert rested() <= doorstep.REST_SECONDS + 0.5
    sleep(doorstep.REST_SECONDS)
    monkeypatch.setattr(doorstep._changed, "wait_for", None)
    assert rested() < 0.5


def test_one_thread_of_a_process_never_rests(room, monkeypatch):
    """Eight are turned away at once, and whoever comes meanwhile finds a thread."""
    assert doorstep.AT_REST == operations.THREADS - 1
    monkeypatch.setattr(doorstep, "REST_SECONDS", 30)
    with ThreadPoolExecutor(operations.THREADS) as pool:
        waiting = [pool.submit(rested) for _ in range(doorstep.AT_REST)]
        assert until(lambda: doorstep._resting == doorstep.AT_REST)
        assert pool.submit(rested).result(5) < 5
        room.set()
        assert all(each.result(5) < 25 for each in waiting)


def test_a_request_is_inside_while_it_is_answered_and_not_when_it_is_turned_away(
    cast, time, monkeypatch
):
    seen, gave = [], []
    monkeypatch.setattr(doorstep, "give_way", lambda: gave.append(doorstep._inside))
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: (seen.append(doorstep._inside), real())[1])
    walker = refused_once(time)
    assert max(seen) == 1 and doorstep._inside == 0 and not gave
    assert b"data-turned-away" in knock(walker).content
    assert gave == [0] and doorstep._inside == 0


def test_who_is_inside_is_out_also_where_the_answer_breaks():
    with pytest.raises(ZeroDivisionError), doorstep.inside():
        _ = 1 / 0
    assert doorstep._inside == 0
