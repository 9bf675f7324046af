"""A network that was refused a moment ago costs almost nothing, and nobody is refused there who would not be anyway (ADR 20)."""

import json
from datetime import timedelta

import pytest

from clavero import clock
from clavero.audit.models import Entry
from clavero.institution import profile
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


def test_only_pages_that_ask_stand_at_the_door():
    assert all(ROUTES[name].kind == ASKS for name in AT_THE_DOOR)
