"""Small decisions on the way in and at home: who is staff in this browser, when guesses are told, what the first page says."""

import json

import pytest
from django.db import transaction
from django.test import RequestFactory

from clavero import clock
from clavero.audit.models import Entry
from clavero.keys import doors
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.notices.models import Message
from clavero.privacy import handles
from clavero.throttle import services as throttle
from clavero.throttle.models import Bucket
from clavero.throttle.services import Charge
from tests.rooms.keys.test_keys import ANA, LUIS, account, number
from tests.rooms.keys.test_second_step import PAGE, set_up
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
