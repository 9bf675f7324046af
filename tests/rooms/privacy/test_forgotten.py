"""When every period is over nothing is left that the dictionary says is gone: all tables, all states, by the worker itself (S-128)."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps

from clavero import clock
from clavero.appointments.models import Booking, Cell, Counter, Waiting
from clavero.catastro.models import Inquiry
from clavero.cli import send
from clavero.core import rights
from clavero.desk import retention as desk
from clavero.desk.models import Duty, Interest, Staff
from clavero.employers.models import Contact
from clavero.institution import profile
from clavero.keys.models import Account, FactorCode, SavedCode, SpentChallenge
from clavero.notices import services as notices
from clavero.notices.models import Heartbeat
from clavero.privacy import dictionary
from clavero.recovery import booking, practice
from clavero.recovery.models import Case, ContactProof, Objection
from clavero.rights import services as rights_deeds
from clavero.rights import subject
from clavero.rights.models import Breach, Request
from clavero.throttle.models import Ticket
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.rooms.privacy.test_retention import CASES
from tests.rooms.rights import test_erasure as erasure
from tests.rooms.rights.test_erasure import Planted, dump
from tests.walk import Walker, as_if

ANA, CARLOS = by_id("en_orden"), by_id("correo_rebota")
DAYS = profile().retention_days
FOR_GOOD = {"register", "own", "always", "overwritten", "unused", "demo", "account", "copy"}
"""Periods that no day of the calendar ends: the register is the institution's, and the rest is public, of staff, or nobody's."""
NOT_FILLED = {"catastro_breaker", "appointments_measured"}
"""Tables of nobody that this test leaves empty."""


def kept() -> dict[str, str]:
    return {table.name: table.keeps for table in dictionary.read().tables}


def counts() -> dict[str, int]:
    return {m._meta.db_table: m._default_manager.count() for m in apps.get_models(include_auto_created=True)}  # fmt: skip


def work(now) -> None:
    """All chores of the worker until nothing moves any more. One that fails fails here."""
    before: dict[str, int] = {}
    for _ in range(30):
        after = counts()
        moved = {name for name, n in after.items() if n != before.get(name)}
        if not moved:
            return
        before = after
        for _name, module, verb in (*send.OFTEN, *send.SELDOM):
            if module != "clavero.audit.publishing":
                send.chore(module, verb)(now)
    raise AssertionError(f"the worker never comes to rest: {moved}")


@pytest.fixture
def full(cast, time) -> Planted:
    """A row in every table that can hold one, and cases, contacts, messages, requests in every state."""
    plant, now = Planted(), clock.now()
    who = subject.find(CARLOS.ruc, CARLOS.identification)
    member(1), member(2)
    for _, _, make in CASES:
        make(now)
    walked(time, now)
    held = erasure.contacts(who.employer, plant, now)
    erasure.cases(who, plant, now)
    erasure.outbox(who.employer, held, plant, now)
    erasure.the_rest(who, plant, now)
    hanging(held, now)
    return plant


def walked(time, now) -> None:
    """A whole journey, one that stops half-way, and one to practise."""
    Walker(time).to_key(ANA).finish().press(button="save_code")
    Walker(time).validate(ANA)
    practice.open_case(practice.by_code("lost_email"), staff=1, language="es", now=now)


def hanging(held: dict[str, Contact], now) -> None:
    """What hangs on others, and what lapses within the hour."""
    case, account = Case.objects.filter(training=False).first(), Account.objects.first()
    ContactProof.objects.create(contact=held["proposed"], case=case, token_hash="t", expires_at=now)
    Objection.objects.create(case=case, contact=held["on_record"], at=now)
    Cell.objects.create(
        counter=Counter.objects.first(),
        at=1,
        booking=Booking.objects.filter(state=Booking.FIRM).first(),
    )
    Waiting.objects.create(case_id=Case.objects.last().pk + 1, centre=Counter.objects.first().centre, service="any", made_at=now, state=Waiting.NEW)  # fmt: skip
    Inquiry.objects.create(ruc_lookup="y", case_id=1, asked_at=now, state=Inquiry.ANSWERED, answered_at=now)  # fmt: skip
    SavedCode.objects.create(account=account, code_hash="h", made_at=now)
    FactorCode.objects.create(account=account, code_hash="h", made_at=now)
    SpentChallenge.objects.create(token_hash="h", spent_at=now)
    Authenticator.objects.get_or_create(user_id=account.pk, type="totp", defaults={"data": {}})
    Ticket.objects.create(token_hash="h", binding="b", asker="a", not_before=now, expires_at=now)
    Interest.objects.create(staff=Staff.objects.first(), ruc_lookup="r", declared_at=now)
    Breach.objects.create(number=1, known_at=now, began_at=now, ended_at=now, made_at=now, closed_at=now, what="w", measures="m")  # fmt: skip
    Heartbeat.objects.update_or_create(owner="one", defaults={"at": now})


def years(time) -> None:
    """Longer than every period after another: what ends a case comes first, what forgets it after."""
    longest = max(DAYS.values())
    for _ in notices.BACK_OFF:  # what cannot be sent is given up after so many tries
        time.wait(timedelta(hours=5).total_seconds())
        notices.deliver_due(clock.now())
    for days in (1, 4, 40, 100, 400, longest + 30):
        time.wait(timedelta(days=days).total_seconds())
        work(clock.now())


def test_every_table_that_may_hold_somebody_has_rows_before(full):
    """S-128"""
    here = counts()
    bare = {name for name, keeps in kept().items() if not here[name] and keeps not in ("unused", "demo", "always", "own")}  # fmt: skip
    assert bare - NOT_FILLED == set(), "put a row there"


def test_after_all_periods_nothing_is_left_but_the_register_and_what_waits_for_an_answer(
    full, time
):
    """S-128"""
    years(time)
    waits = {"rights_request"}
    left = {name for name, n in counts().items() if n and kept()[name] not in FOR_GOOD}
    assert left == waits and set(Request.objects.values_list("state", flat=True)) == {rights.RECEIVED}  # fmt: skip
    rows = [(place, text) for place, text in dump() if kept()[place.partition(".")[0]] != "demo"]
    tables = {place.partition(".")[0] for place, text in rows if any(canary in text for canary in full.all)}  # fmt: skip
    assert {name for name in tables if kept()[name] != "register"} == waits
    assert {name for name in tables if not name.startswith("employers_")} == waits
    for one in Request.objects.all():
        rights_deeds.decide(one, rights.ANSWERED, "", "Listo.", member(3), clock.now())
    time.wait(timedelta(days=DAYS["requests"] + 1).total_seconds())
    work(clock.now())
    assert not Request.objects.exists()


def test_a_duty_that_nobody_ended_is_forgotten_when_nobody_was_seen_at_it(cast, time):
    now, days = clock.now(), DAYS["duties"]
    open_one = Duty.objects.create(staff=member(0, duty=False), centre="x", since=now, seen_at=now)
    desk.due(now + timedelta(days=days, seconds=-1))
    assert Duty.objects.filter(pk=open_one.pk).exists()
    desk.due(now + timedelta(days=days + 1))
    assert not Duty.objects.filter(pk=open_one.pk).exists()


def test_who_never_confirmed_where_to_be_told_waits_no_more_when_the_case_is_over(walker, time):
    walker.validate(ANA)
    now, case = clock.now(), Case.objects.get()
    place = Waiting.objects.create(case_id=case.pk, centre=Counter.objects.first().centre, service="any", made_at=now, state=Waiting.NEW)  # fmt: skip
    for state, then in (("visit_needed", Waiting.NEW), ("expired", Waiting.GONE)):
        as_if(case, state=state)
        booking.due(now)
        place.refresh_from_db()
        assert place.state == then
