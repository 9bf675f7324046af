"""Buckets and waiting tickets."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import altcha
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from clavero import clock, words
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.throttle import queries, retention, services, work
from clavero.throttle.models import Bucket, Ticket
from clavero.throttle.services import Charge

pytestmark = pytest.mark.django_db
MAIL = profile().buckets["employer_mail_hour"]


def test_a_bucket_takes_its_limit_and_no_more():
    now = clock.now()
    found = [services.spend(Charge("employer_mail_hour", "x"), now=now).allowed for _ in range(10)]
    assert found == [True] * MAIL.limit + [False] * (10 - MAIL.limit)


def test_a_wait_is_told_in_whole_seconds_rounded_up():
    now, charge = clock.now(), Charge("employer_mail_hour", "x")
    for _ in range(MAIL.limit):
        services.spend(charge, now=now)
    rest = MAIL.per_seconds / MAIL.limit
    for gone, told in ((0, rest), (rest - 10, 10), (rest - 1.5, 2), (rest - 0.5, 1)):
        decision = services.spend(charge, now=now + timedelta(seconds=gone))
        assert not decision.allowed and decision.wait_seconds == told, gone


def test_it_leaks_evenly_and_hammering_does_not_keep_the_owner_out():
    now = clock.now()
    for _ in range(200):
        decision = services.spend(Charge("employer_mail_hour", "x"), now=now)
    assert 0 < decision.wait_seconds <= MAIL.per_seconds / MAIL.limit + 1
    later = now + timedelta(seconds=decision.wait_seconds)
    assert services.spend(Charge("employer_mail_hour", "x"), now=later).allowed


def test_subjects_and_purposes_stand_apart():
    now = clock.now()
    for _ in range(10):
        services.spend(Charge("employer_mail_hour", "x"), now=now)
    assert services.spend(Charge("employer_mail_hour", "y"), now=now).allowed
    assert services.spend(Charge("employer_open", "x"), now=now).allowed


def test_several_charges_are_one_statement(count_sql):
    with count_sql(1):
        services.spend(
            Charge("asker_open", "a"),
            Charge("employer_open", "b"),
            Charge("global_open", "all"),
            now=clock.now(),
        )


def test_a_try_inside_a_deed_would_come_back_with_a_rollback_and_is_refused():
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        services.spend(Charge("asker_open", "a"), now=clock.now())


def test_who_was_counted_cannot_be_read():
    services.spend(Charge("employer_open", "2499000017001|0001"), now=clock.now())
    assert "2499000017001" not in Bucket.objects.get().key


@pytest.mark.parametrize(
    ("seconds", "es", "en"),
    [
        (1, "1 minuto", "1 minute"), (61, "5 minutos", "5 minutes"), (301, "10 minutos", "10 minutes"),
        (700, "15 minutos", "15 minutes"), (1000, "30 minutos", "30 minutes"), (3000, "1 hora", "1 hour"),
        (3601, "2 horas", "2 hours"), (7300, "3 horas", "3 hours"),
    ],
)  # fmt: skip
def test_waits_are_told_rounded_and_never_too_short(seconds, es, en):
    assert words.wait(seconds) == es and words.wait(seconds, "en") == en
    assert es in words.say("throttle.wait", seconds=seconds)


def ticket(now, binding="b", asker="a"):
    return services.mint_ticket(binding, asker, now).token


def test_a_ticket_is_taken_once_and_not_before_its_time():
    now = clock.now()
    token = ticket(now)
    with pytest.raises(Refused, match="human_check.too_early") as early:
        services.spend_ticket(token, "b", "a", now)
    later = now + timedelta(seconds=int(early.value.details["seconds"]))
    services.spend_ticket(token, "b", "a", later)
    with pytest.raises(Refused, match="human_check.spent"):
        services.spend_ticket(token, "b", "a", later)


def test_a_ticket_that_comes_a_moment_too_early_waits_a_second():
    now = clock.now()
    token, wait = ticket(now), profile().limits.wait_seconds
    with pytest.raises(Refused, match="human_check.too_early") as early:
        services.spend_ticket(token, "b", "a", now + timedelta(seconds=wait - 0.4))
    assert early.value.details["seconds"] == 1


def test_a_bucket_marks_whom_it_was_spent_for_and_nobody_where_none_is_named():
    """One of 62 bits for each employer that is asked for (S-054)."""
    now = clock.now()
    for about in ("one", "other", "one"):
        services.spend(Charge("asker_open", "x", about=about), now=now)
    services.spend(Charge("asker_open", "y"), now=now)
    marks = {1 << services.seat_of(about) for about in ("one", "other")}
    found = [Bucket.objects.get(key=Charge("asker_open", each).key).asked for each in ("x", "y")]
    assert found == [sum(marks), 0]


@pytest.mark.parametrize(("binding", "asker"), [("other", "a"), ("b", "other")])
def test_a_ticket_is_for_these_numbers_and_this_asker(binding, asker):
    now = clock.now()
    token = ticket(now)
    with pytest.raises(Refused, match="human_check.spent"):
        services.spend_ticket(token, binding, asker, now + timedelta(minutes=1))


def test_an_old_ticket_says_so():
    now = clock.now()
    token = ticket(now)
    with pytest.raises(Refused, match="human_check.expired"):
        services.spend_ticket(
            token, "b", "a", now + timedelta(minutes=profile().limits.ticket_minutes + 1)
        )


def test_a_ticket_has_its_minutes_and_not_an_instant_more():
    now = clock.now()
    ends = now + timedelta(minutes=profile().limits.ticket_minutes)
    token = ticket(now)
    with pytest.raises(Refused, match="human_check.expired"):
        services.spend_ticket(token, "b", "a", ends)
    services.spend_ticket(token, "b", "a", ends - timedelta(microseconds=1))


def test_an_address_lies_in_the_province_that_the_profile_says(rf, monkeypatch):
    (lan, *_rest) = profile().networks
    known = replace(profile(), networks=(replace(lan, cidr="198.51.100.0/24", province="Loja"),))
    monkeypatch.setattr(queries, "profile", lambda: known)
    assert queries.province(rf.get("/", REMOTE_ADDR="198.51.100.7")) == "Loja"
    assert queries.province(rf.get("/", REMOTE_ADDR="203.0.113.7")) == ""


def test_the_wait_grows_with_what_the_asker_spent():
    now = clock.now()
    waits = [services.mint_ticket("b", "a", now).not_before - now for _ in range(60)]
    assert waits[-1] > waits[0]


def test_minting_spends_what_using_spends():
    now = clock.now()
    with pytest.raises(Refused, match="throttle.wait"):
        for _ in range(profile().buckets["ticket_asker"].limit + 1):
            ticket(now)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.0/24"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.0/24"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.0/24"),
        ("10.0.0.1", "garbage", "0.0.0.0/24"),
        ("10.0.0.1", "", "10.0.0.0/24"),
        ("2001:db8:1:2ff::9", "", "2001:db8:1:200::/56"),
    ],
)
def test_the_address_is_taken_through_trusted_proxies_only(rf, settings, peer, forwarded, expected):
    from clavero.throttle import queries

    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    queries._trusted.cache_clear()
    extra = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    try:
        assert queries.asker(rf.get("/", REMOTE_ADDR=peer, **extra)) == expected
    finally:
        queries._trusted.cache_clear()


def test_the_worker_forgets_what_is_old():
    now = clock.now()
    services.spend(Charge("asker_open", "a"), now=now)
    ticket(now)
    assert retention.due(now) == 0
    assert retention.due(now + timedelta(days=9)) == 4


# --- the human check by work -------------------------------------------------------------------------------


def answered(asked: str) -> str:
    """What a browser makes of a challenge."""
    challenge = altcha.Challenge.from_dict(json.loads(asked))
    return altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()


def test_the_work_spares_the_wait_and_its_ticket_is_taken_once():
    """C02: the ticket is the nonce that is stored until it is spent; ALTCHA alone would take an answer twice."""
    now = clock.now()
    token = ticket(now)
    answer = answered(work.challenge(token, 1))
    assert work.is_done(answer, token) and work.is_done(answer, token)
    services.spend_ticket(token, "b", "a", now, work.is_done(answer, token))
    with pytest.raises(Refused, match="human_check.spent"):
        services.spend_ticket(token, "b", "a", now, work.is_done(answer, token))


def test_work_for_one_ticket_is_none_for_another():
    now = clock.now()
    token, other = ticket(now), ticket(now)
    assert not work.is_done(answered(work.challenge(token, 1)), other)
    done = work.is_done(answered(work.challenge(token, 1)), token)
    for binding, asker in (("c", "a"), ("b", "x")):
        with pytest.raises(Refused, match="human_check.spent"):
            services.spend_ticket(token, binding, asker, now, done)


@given(
    st.one_of(
        st.text(max_size=60), st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode())
    )
)
def test_whatever_else_arrives_is_no_work(text):
    assert not work.is_done(text, "ticket")


@pytest.mark.parametrize("made", ['[]', '{}', '{"challenge": 1, "solution": 2}', '{"challenge": {"parameters": {}}, "solution": {}}',
    '{"challenge": {"parameters": {"algorithm": "SHA-256", "nonce": "00", "salt": "00", "cost": 1, "keyPrefix": ""}, "signature": "00"}, "solution": {"counter": 1, "derivedKey": "00"}}'])  # fmt: skip
def test_no_challenge_but_ours_counts(made):
    assert not work.is_done(base64.b64encode(made.encode()).decode(), "ticket")
    assert not work.is_done("A" * 5000, "ticket")


def test_an_easier_challenge_made_of_ours_is_none():
    asked = json.loads(work.challenge("ticket", 1))
    asked["parameters"]["keyPrefix"] = ""
    challenge = altcha.Challenge.from_dict(asked)
    solution = altcha.Solution(counter=0, derived_key="00" * 32, time=0)
    assert not work.is_done(altcha.Payload(challenge, solution).to_base64(), "ticket")


def test_the_work_grows_with_what_the_asker_spent_and_with_the_load():
    now = clock.now()
    first = services.mint_ticket("b", "a", now).factor
    spent = [services.mint_ticket("b", "a", now).factor for _ in range(60)]
    assert first == 1 and spent[-1] > 4 and services.mint_ticket("b", "x", now).factor == 1
    most = profile().buckets["global_ticket"].limit
    Bucket.objects.filter(key__startswith="global_ticket").update(level=most)
    assert services.mint_ticket("b", "y", now).factor == 11, "under load: longer, never refused"
    assert (
        json.loads(work.challenge("t", 4))["parameters"]["data"]["most"]
        == 4 * profile().limits.work_tries
    )


def test_nobody_lays_in_a_store_of_tickets():
    now, live = clock.now(), profile().limits.live_tickets
    first = ticket(now)
    for n in range(live):
        ticket(now + timedelta(seconds=n + 1))
    assert Ticket.objects.count() == live
    with pytest.raises(Refused, match="human_check.spent"):
        services.spend_ticket(first, "b", "a", now + timedelta(minutes=5))


def test_of_the_refusals_in_a_row_the_first_the_tenth_and_the_hundredth_stand_out():
    now = clock.now()
    charge = Charge("employer_open", "2499000017001|0001")
    free = profile().buckets["employer_open"].limit
    told = [services.spend(charge, now=now).stands_out for _ in range(free + 120)]
    assert [n + 1 - free for n, times in enumerate(told) if times] == [1, 10, 100]
    assert [times for times in told if times] == [1, 10, 100]
