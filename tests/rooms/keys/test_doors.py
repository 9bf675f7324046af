"""Small decisions on the way in and at home: who is staff in this browser, when guesses are told, what the first page says."""

import json

import pytest
from django.db import transaction
from django.test import RequestFactory

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.keys import doors, passkeys, second
from clavero.keys import services as keys
from clavero.keys.models import Account, Session
from clavero.notices.models import Message
from clavero.privacy import handles
from clavero.throttle import services as throttle
from clavero.throttle.models import Bucket
from clavero.throttle.services import Charge
from tests.rooms.keys.test_keys import ANA, LUIS, account, number
from tests.rooms.keys.test_second_step import PAGE, code_of, set_up, shown_secret
from tests.walk import Walker, sign_in


def asked_by(kind: str, **cookies: str):
    request = RequestFactory().get("/")
    request.user = Account(kind=kind)
    request.COOKIES.update(cookies)
    return request


def test_staff_is_known_by_the_session_and_afterwards_by_the_mark(cast):
    """S-078: either is enough to set no key here; a note that was sealed for something else is none."""
    marked = handles.seal({"staff": 1}, "staff_mark")
    assert doors.held_staff_session(asked_by(Account.STAFF)) is True
    assert doors.held_staff_session(asked_by(Account.EMPLOYER, personal=marked)) is True
    assert doors.held_staff_session(asked_by(Account.EMPLOYER)) is False
    other = handles.seal({"staff": 1}, "second_step")
    assert doors.held_staff_session(asked_by(Account.EMPLOYER, personal=other)) is False


@pytest.mark.parametrize(("failed", "told"), [(9.4, 0), (9.6, 1)])
def test_the_first_sign_in_after_ten_failures_is_told_and_after_nine_not(cast, time, failed, told):
    """S-084: what stands in the bucket leaks, so the tenth counts from half a try below it."""
    charge = Charge("signin_unknown", keys.username(number(LUIS)))
    throttle.spend(charge, now=clock.now())
    Bucket.objects.filter(key=charge.key).update(level=failed, taken_at=None)
    assert sign_in(Walker(time), LUIS, LUIS.key).path == "/cuenta/"
    assert Entry.objects.filter(event=keys.AFTER_FAILURES).count() == told


def test_a_notice_names_the_last_four_digits_of_the_ruc_and_a_freeze_its_entry(cast):
    one, now = account(ANA), clock.now()
    with transaction.atomic():
        entry = keys.freeze(one, now, case_id=None, now=now)
        keys.tell_contacts(one, keys.AFTER_FAILURES, entry, now)
    assert Entry.objects.get(number=entry.number).event == "key_frozen"
    payload = Message.objects.order_by("-pk").first().payload
    said = payload if isinstance(payload, dict) else json.loads(payload)
    assert said["ruc_ending"] == ANA.ruc[-4:] and said["entry_number"] == entry.number


def test_who_has_one_branch_finds_it_chosen_and_who_has_three_chooses(cast, time):
    def branch(walker: Walker) -> str:
        row = walker.page.find("dt", string="Sucursal").find_next("dd")
        return row.get_text(strip=True)

    assert branch(sign_in(Walker(time), ANA, ANA.key)) == ANA.branch
    assert branch(sign_in(Walker(time), LUIS, LUIS.key)) == "–"


@pytest.mark.parametrize("page", ["codigos/", "quitar/"])
def test_what_belongs_to_a_second_step_leads_to_where_one_is_set_up(cast, time, page):
    assert sign_in(Walker(time), ANA, ANA.key).open(f"{PAGE}{page}").path == PAGE


def test_new_codes_are_shown_once_and_their_cookie_is_gone(cast, time):
    home, _, _ = set_up(time)
    held = {name: one for name, one in home.client.cookies.items() if "codigos" in name}
    assert list(held) == ["codigos"], "a name with __Host- needs TLS, which these tests have not"
    assert held["codigos"].value == "" and held["codigos"]["max-age"] == 0


def test_a_key_that_is_kept_stands_in_the_employers_history(cast):
    one, now = account(ANA), clock.now()
    with transaction.atomic():
        entry = keys.keep(one, case_id=None, now=now)
    assert Entry.objects.get(number=entry.number).event == "key_unlocked"
    assert one.history.filter(event="key_unlocked", at=now).count() == 1


def test_of_two_who_set_up_a_second_step_at_once_the_first_has_it(cast, time):
    attempt = keys.Try("127.0.0.0/24")
    for n, secret in enumerate((second.new_secret(), second.new_secret())):
        try:
            second.begin(
                account(ANA), secret, code_of(secret), ANA.key, attempt, clock.now(), here=""
            )
        except Refused as refused:
            assert n == 1 and refused.code == "second.there"
        else:
            assert n == 0
    assert second.codes_left(account(ANA)) == second.CODES


def test_a_first_code_that_is_wrong_sets_up_nothing(cast):
    secret, now = second.new_secret(), clock.now()
    with pytest.raises(Refused, match="second.app_wrong"):
        second.begin(account(ANA), secret, "000000", ANA.key, keys.Try("a"), now, here="")
    assert second.kept(account(ANA)) is None


def test_new_codes_ride_sealed_for_ten_minutes(cast, time):
    home = sign_in(Walker(time), ANA, ANA.key).open(PAGE)
    secret = shown_secret(home)
    answer = home.client.post(
        PAGE, home.typed(home.form) | {"code": code_of(secret), "current": ANA.key}
    )
    held = answer.cookies["codigos"]
    assert held["max-age"] == 600
    shown = home.open(answer.headers["Location"]).page.select("[data-factor-codes] code")
    assert len(shown) == second.CODES
    assert not any(one.get_text() in held.value for one in shown)


def test_use_is_noted_once_a_minute_and_the_moment_of_signing_in_stays(cast, time):
    home, began = sign_in(Walker(time), ANA, ANA.key), clock.now()

    def seen() -> float:
        return home.client.session["seen"]

    first = seen()
    time.wait(59)
    home.open("/cuenta/")
    assert seen() == first
    time.wait(1.5)
    home.open("/cuenta/")
    assert seen() == pytest.approx(first + 60.5, abs=0.4)
    opened = Session.objects.get(account_id=account(ANA).pk).opened_at
    assert abs((opened - began).total_seconds()) < 1


def test_a_browser_is_known_by_its_own_token_alone(cast):
    token = keys.remember_device(account(ANA), "Firefox", clock.now())
    assert keys.knows_browser(number(ANA), token) is True
    assert keys.knows_browser(number(LUIS), token) is False
    assert keys.knows_browser(number(ANA), "") is False


def test_who_has_one_branch_is_not_asked_for_it(cast, time):
    def offered(member) -> list[str]:
        page = sign_in(Walker(time), member, member.key).page
        return [each["value"] for each in page.select("button[name=branch]")]

    assert offered(ANA) == [] and len(offered(LUIS)) == 3


def test_each_kind_of_account_has_passkeys_for_its_own_host(settings):
    settings.DESK_URL, settings.BASE_URL = "https://mesa.example", "https://portal.example"
    assert passkeys._server(passkeys.STAFF).rp.id == "mesa.example"
    assert passkeys._server(passkeys.CASE).rp.id == "portal.example"
