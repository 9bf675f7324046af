"""What is past its days goes, in pieces, on record; what is not past them, and what lives, stays (S-128, J06)."""

import json
from datetime import timedelta
from importlib import import_module

import pytest

from clavero import clock
from clavero.appointments.models import Booking, Counter, Waiting
from clavero.audit import queries as audit
from clavero.audit.models import Entry
from clavero.cli.send import FORGETFUL
from clavero.desk.models import (
    Answer,
    Approval,
    Assertion,
    Correction,
    Duty,
    Enrolment,
    SecondLook,
    Staff,
    Ticket,
    Training,
    Visit,
)
from clavero.employers.models import Change, Conflict, Employer
from clavero.institution import profile
from clavero.keys.models import Account, Device, KeyEvent, Session
from clavero.notices.models import Delivery, Message, PostLetter
from clavero.privacy import retention
from clavero.privacy.retention import Rule
from clavero.recovery import services as recovery
from clavero.recovery.models import Case, CaseContact, ContactProof, Objection
from clavero.throttle.models import Bucket, Refusing
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.rooms.desk.test_casework import all_seen, prepare, signed, visit_by

ANA, JULIA = by_id("en_orden"), by_id("sin_correo")
DAYS = profile().retention_days


def forget(now) -> int:
    """What the worker does, in its order."""
    return sum(import_module(f"clavero.{room}.retention").due(now) for room in FORGETFUL)


def a_bucket(at):
    Bucket.objects.create(key="asker_open:x", level=1, at=at.timestamp(), most=1, rate=1, allowed=True)  # fmt: skip


def a_message(at):
    one = Message.objects.create(kind="void", state=Message.SENT, key="k", made_at=at, due_at=at)
    Delivery.objects.create(message=one, at=at, outcome="later")


def a_letter(at):
    PostLetter.objects.create(kind="key_changed", key="k", payload="{}", employer_id=1, made_at=at)


def a_booking(at):
    counter = Counter.objects.select_related("centre").first()
    Booking.objects.create(
        centre=counter.centre, counter=counter, service="any", starts_at=at, ends_at=at, state=Booking.DONE,
        case_id=1, person_lookup="p", number_key="n", made_at=at,
    )  # fmt: skip


def a_place_in_line(at):
    centre = Counter.objects.first().centre
    Waiting.objects.create(case_id=1, centre=centre, service="any", state=Waiting.GONE, made_at=at)


def an_event(at):
    KeyEvent.objects.create(account=Account.objects.first(), at=at, event="signin")


def a_device(at):
    Device.objects.create(
        account=Account.objects.first(), token_hash="t", first_seen_at=at, last_seen_at=at
    )


def a_duty(at):
    Duty.objects.create(staff=Staff.objects.first(), centre="x", since=at, seen_at=at, until=at)


def an_enrolment(at):
    Enrolment.objects.create(staff=Staff.objects.first(), asked_at=at)


def a_training(at):
    Training.objects.create(centre="x", reason="r", begun_by=Staff.objects.first(), begun_at=at, ended_at=at)  # fmt: skip


def an_answer(at):
    one = Staff.objects.first()
    Answer.objects.create(code="x", about=one, count=1, answered_by=one, answered_at=at, words="w")


def a_number(at):
    Ticket.objects.create(centre="x", day=at.date(), line="B", number=1, issued_at=at)


def an_assertion(at):
    Assertion.objects.create(staff=Staff.objects.first(), at=at, kind="code", message_hash="h")


ROWS = {
    "throttle": [
        (Bucket, a_bucket),
        (Refusing, lambda at: Refusing.objects.create(lookup="x", network="x", at=at)),
    ],
    "messages": [(Message, a_message), (PostLetter, a_letter)],
    "appointments": [(Booking, a_booking), (Waiting, a_place_in_line)],
    "changes": [
        (Change, lambda at: Change.objects.create(employer=Employer.objects.first(), on=at, what="x")),
        (Conflict, lambda at: Conflict.objects.create(employer=Employer.objects.first(), at=at, what="x", line=1)),
    ],
    "sessions": [(Session, lambda at: Session.objects.create(session_key="s", expire_date=at, opened_at=at))],
    "devices": [(Device, a_device)],
    "key_history": [(KeyEvent, an_event)],
    "duties": [(Duty, a_duty), (Enrolment, an_enrolment), (Training, a_training), (Answer, an_answer)],
    "tickets": [(Ticket, a_number)],
    "finished_cases": [(Assertion, an_assertion)],
}  # fmt: skip
CASES = [(period, model, make) for period, rows in ROWS.items() for model, make in rows]


@pytest.mark.parametrize(("period", "model", "make"), CASES)
def test_it_goes_after_its_days_and_not_a_day_before(cast, time, period, model, make):
    model._default_manager.all().delete()
    made_at, days = clock.now(), DAYS[period]
    make(made_at)
    forget(made_at + timedelta(days=days, seconds=-1))
    assert model._default_manager.count() == 1
    forget(made_at + timedelta(days=days + 1))
    assert model._default_manager.count() == 0


def test_every_rule_has_a_row_here():
    ours = {model._meta.db_table for _, model, _ in CASES}
    ours |= {"rights_request", "rights_breach"}  # tests/rooms/rights
    ours |= {
        "recovery_case",
        "desk_visit",
        "desk_correction",
        "desk_approval",
        "desk_secondlook",
    }  # below, by a whole journey
    rules = [r for room in FORGETFUL for r in import_module(f"clavero.{room}.retention").RULES]
    assert {rule.takes[0] for rule in rules} == ours


def test_a_message_that_waits_and_an_appointment_that_is_to_come_stay(cast, time):
    now = clock.now()
    Booking.objects.all().delete()
    a_message(now)
    Message.objects.update(state=Message.QUEUED)
    a_booking(now)
    Booking.objects.update(state=Booking.FIRM)
    forget(now + timedelta(days=1000))
    assert Message.objects.count() == 1 and Booking.objects.count() == 1


def test_a_case_in_which_nothing_was_proved_goes_after_its_days(walker, time):
    walker.validate(ANA)
    case = Case.objects.get()
    forget(clock.now() + timedelta(days=1000))
    assert Case.objects.exists(), "a live case is never touched"
    recovery.due(clock.now() + timedelta(days=profile().limits.case_days + 1))
    case.refresh_from_db()
    forget(case.closed_at + timedelta(days=DAYS["unproven_cases"], seconds=-1))
    assert Case.objects.exists()
    forget(case.closed_at + timedelta(days=DAYS["unproven_cases"] + 1))
    assert not Case.objects.exists()
    assert audit.history(case=case.pk) and audit.verify().ok


def test_a_case_that_was_proved_stays_as_long_as_finished_ones(walker, time):
    walker.to_key(ANA).finish()
    case = Case.objects.get()
    forget(case.closed_at + timedelta(days=DAYS["unproven_cases"] + 1))
    assert Case.objects.exists()
    forget(case.closed_at + timedelta(days=DAYS["finished_cases"] + 1))
    assert not Case.objects.exists() and Account.objects.filter(employer=case.employer_id).exists()


HANGING = (Visit, Correction, Approval, SecondLook, Assertion, CaseContact, ContactProof, Objection)


def test_visit_decision_and_signature_go_with_their_case(cast, time):
    ana, eva = member(0), member(1, centre="puyo")
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    decide(visit, eva)
    case = Case.objects.get(pk=visit.case_id)
    SecondLook.objects.create(case=case, drawn_at=clock.now())
    forget(clock.now() + timedelta(days=1000))
    assert SecondLook.objects.exists() and Visit.objects.exists() and Approval.objects.exists(), (
        "the case lives"
    )
    recovery.advance_each([case], "expire", clock.now())
    case.refresh_from_db()
    forget(case.closed_at + timedelta(days=DAYS["finished_cases"], seconds=-1))
    assert Visit.objects.exists() and Approval.objects.exists() and Case.objects.exists()
    forget(case.closed_at + timedelta(days=DAYS["finished_cases"] + 2))
    assert not Case.objects.exists()
    assert not [model.__name__ for model in HANGING if model._default_manager.exists()]


def test_a_made_up_case_goes_with_its_visit_like_an_unproven_one(cast, time):
    now, ana = clock.now(), member(0)
    case = Case.objects.create(
        ref="X", number="26-1", state="cancelled", opened_at=now, moved_at=now, closed_at=now, employer_key="k",
        identification="1", ruc="1", branch="0001", route="visit", training=True, proved_at=now,
    )  # fmt: skip
    visit = Visit.objects.create(case=case, staff=ana, centre="x", counter="1", opened_at=now, closed_at=now)  # fmt: skip
    Correction.objects.create(visit=visit, kind="email", value="x", made_at=now)
    Approval.objects.create(case=case, visit=visit, asked_by=ana, asked_at=now, evidence_hash="h")
    forget(now + timedelta(days=DAYS["unproven_cases"], seconds=-1))
    assert Visit.objects.exists()
    forget(now + timedelta(days=DAYS["unproven_cases"] + 1))
    assert not [model.__name__ for model in (Case, *HANGING) if model._default_manager.exists()]


def decide(visit, eva):
    from clavero.desk import approvals, casework

    now = clock.now()
    casework.correct(visit, "email", {"value": "nueva@trigo.example"}, now)
    approvals.approve(approvals.ask(visit, now), eva, signed(eva), now)


def test_the_record_says_how_many_of_which_table_and_nothing_else(cast, time):
    Conflict.objects.all().delete()
    Conflict.objects.create(employer=Employer.objects.first(), at=clock.now(), what="x", line=1)
    before = Entry.objects.count()
    forget(clock.now() + timedelta(days=DAYS["changes"] + 1))
    said = [e for e in Entry.objects.filter(number__gt=before) if e.reason == "changes"]
    assert [json.loads(entry.body)["data"] for entry in said if "conflict" in entry.body] == [
        {"employers_conflict": 1}
    ]
    assert all(e.event == "retention_run" and e.subject is None and e.case_id is None for e in said)


def test_it_goes_in_pieces_and_the_rest_in_the_next_round(cast, time, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 10)
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    now = clock.now()
    Bucket.objects.bulk_create(
        [Bucket(key=f"b:{n}", level=0, at=now.timestamp(), most=1, rate=1, allowed=True) for n in range(25)]
    )  # fmt: skip
    later = now + timedelta(days=DAYS["throttle"] + 1)
    assert [forget_throttle(later) for _ in range(3)] == [20, 5, 0]


def forget_throttle(now):
    from clavero.throttle import retention as throttle

    return throttle.due(now)


def test_a_rule_that_would_take_more_than_it_names_takes_nothing(cast, time):
    a_message(clock.now())
    rule = Rule("messages", ("notices_message",), lambda before: Message.objects.all())
    with pytest.raises(retention.Unexpected, match="notices_delivery"):
        retention.forget([rule], clock.now())
    assert Message.objects.exists() and Delivery.objects.exists()
