"""Who may still decide, and who goes on with a case whose officer is gone: asked at the deed, not when the page was opened."""

from functools import partial

import pytest
from django.db import transaction

from clavero import clock
from clavero.core.counter import Mark
from clavero.desk import approvals, casework, duty, people, queries
from clavero.desk.models import Approval, Interest, Staff, Visit
from clavero.privacy import lookups
from clavero.recovery import objections, services
from clavero.recovery.models import Case
from tests.rooms.desk.people import member, on_duty
from tests.rooms.desk.test_behind_the_counter import contact_of
from tests.rooms.desk.test_casework import (  # fmt: skip
    DIEGO,
    JULIA,
    all_seen,
    ana,
    eva,
    prepare,
    refused,
    signed,
    visit_by,
)
from tests.staff import enter, person
from tests.walk import NEW_KEY, Walker

__all__ = ["ana", "eva"]
BESIDE = "ambato"


def asked(time, who) -> Approval:
    _, code = prepare(time, JULIA, "no_email")
    return approvals.ask(all_seen(visit_by(who, code)), clock.now())


def interest_of(who: Staff) -> None:
    Interest.objects.create(staff=who, ruc_lookup=lookups.of("ruc", JULIA.ruc), declared_at=clock.now())  # fmt: skip


def goes_home(eva: Staff) -> None:
    duty.leave(eva, clock.now())


def stays_away(eva: Staff) -> None:
    queries.Duty.objects.filter(staff=eva).update(seen_at=clock.now() - 2 * queries.ON_DUTY)


def comes_to_the_same_centre(eva: Staff) -> None:
    people.move(eva, BESIDE, person("olga"), clock.now())
    eva.refresh_from_db()
    on_duty(eva)


@pytest.mark.parametrize("what", [goes_home, stays_away, comes_to_the_same_centre])
@pytest.mark.parametrize("deed", ["approve", "send_back", "refuse"])
def test_whoever_was_drawn_decides_only_where_they_could_be_drawn_now(time, ana, eva, what, deed):
    approval = asked(time, ana)
    what(eva)
    words = () if deed == "approve" else ("Falta algo.",)
    decide = getattr(approvals, deed)
    assert refused(decide, approval, eva, *words, signed(eva), clock.now()) == "approval.not_on_duty"  # fmt: skip
    assert Case.objects.get().state == "in_review"
    eva.centre = "puyo"
    eva.save()
    on_duty(eva)
    decide(approval, eva, *words, signed(eva), clock.now())


def test_another_one_is_drawn_as_soon_as_the_drawn_one_goes_off_duty(time, ana, eva):
    approval = asked(time, ana)
    third = member(2, "supervisor", "quito")
    goes_home(eva)
    approvals.redraw_late(clock.now())
    approval.refresh_from_db()
    assert approval.drawn == third


@pytest.mark.parametrize("deed", [approvals.ask, casework.attest, casework.ready])
def test_an_interest_that_is_declared_during_a_visit_counts_at_the_decision(time, ana, eva, deed):
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    interest_of(ana)
    assert (
        refused(deed, visit, *(() if deed == casework.ready else (clock.now(),))) == "desk.interest"
    )
    assert Case.objects.get().state == "at_desk" and not Approval.objects.exists()


@pytest.mark.parametrize("ahead", [True, False])
def test_and_where_the_code_is_handed_over(time, ana, eva, ahead):
    approval = asked(time, ana)
    if not ahead:
        approvals.approve(approval, eva, signed(eva), clock.now())
    interest_of(ana)
    visit = Visit.objects.get()
    deed = casework.hand_ahead if ahead else casework.hand_code
    assert refused(deed, visit, clock.now()) == "desk.interest"
    assert not Case.objects.get().binding_hash


def test_what_is_taken_back_to_be_completed_asks_nobody_any_more_and_is_asked_anew(time, ana, eva):
    """The officer sees what is missing after asking: the former request ends, and the next one is possible."""
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    first = approvals.ask(visit, clock.now())
    casework.mark(visit, {"id_face": Mark("missing")}, "motivo", False, clock.now())
    casework.observe(visit, clock.now())
    first.refresh_from_db()
    assert first.decision == "over" and not queries.to_decide(eva)
    again = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    approvals.approve(again, eva, signed(eva), clock.now())


def test_a_request_in_a_case_that_ended_waits_in_nobodys_list(time, ana, eva):
    asked(time, ana)
    with transaction.atomic():
        services.advance(Case.objects.get(), "cancel", now=clock.now())
    approvals.redraw_late(clock.now())
    assert Approval.objects.get().decision == "over"


# --- the officer left ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("goes", [people.end, partial(people.move, centre="puyo")])
def test_the_visits_of_who_leaves_or_moves_are_free_at_once(time, ana, eva, goes):
    _, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    goes(ana, by=person("olga"), now=clock.now())
    visit.refresh_from_db()
    assert (visit.outcome, Case.objects.get().state) == ("left", "visit_needed")
    assert visit_by(member(2), code).case.state == "at_desk"


@pytest.mark.parametrize("decided", ["before", "after"])
def test_who_comes_after_goes_on_where_a_second_person_decides(time, ana, eva, decided):
    secret, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    if decided == "before":
        approvals.approve(approval, eva, signed(eva), clock.now())
    people.end(ana, person("olga"), clock.now())
    visit = visit_by(member(2), code)
    if decided == "after":
        approval = Approval.objects.get()
        approvals.approve(approval, eva, signed(eva), clock.now())
        visit.refresh_from_db()
    phone = Walker(time).open("/caso/").press({"secret": secret})
    phone.press({"code": casework.hand_code(Visit.objects.get(pk=visit.pk), clock.now())})
    phone.press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert phone.h1 == "Acceso comprobado"


def test_while_somebody_attends_it_nobody_else_opens_it(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    assert refused(visit_by, member(2), code) == "continuation.open"
    approvals.approve(approval, eva, signed(eva), clock.now())
    assert refused(visit_by, member(3), code) == "continuation.open"


def test_nor_does_the_one_who_approved_hand_the_code_over(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    approvals.approve(approval, eva, signed(eva), clock.now())
    casework.finish(Visit.objects.get(), clock.now())
    assert refused(visit_by, eva, code) == "desk.decided_it"
    assert Visit.objects.filter(closed_at=None).count() == 0


def test_who_takes_over_is_no_second_person_any_more(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    people.end(ana, person("olga"), clock.now())
    visit_by(eva, code)
    approval.refresh_from_db()
    assert refused(approvals.approve, approval, eva, signed(eva), clock.now()) == "approval.same_person"  # fmt: skip


@pytest.mark.parametrize("deed", [approvals.send_back, approvals.refuse])
def test_a_no_closes_the_visit_of_who_took_over_too(time, ana, eva, deed):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    people.end(ana, person("olga"), clock.now())
    visit_by(member(2), code)
    deed(approval, eva, "Falta algo.", signed(eva), clock.now())
    assert not Visit.objects.filter(closed_at=None).exists()


def test_after_a_freeze_that_outlived_the_day_the_case_opens_again(time, ana, eva):
    _, code = prepare(time, DIEGO, "representative_changed")
    case = visit_by(ana, code).case
    objections.freeze(case, contact_of(case), clock.now())
    time.wait(13 * 3600)
    casework.due(clock.now())
    assert not Visit.objects.filter(closed_at=None).exists()
    objections.lift(Case.objects.get(), staff=9, reason="evidence_seen", now=clock.now())
    assert Case.objects.get().state == "at_desk"
    assert visit_by(member(2), code).case.state == "at_desk"


# --- one's own place ----------------------------------------------------------------------------------------


def test_a_passkey_that_is_gone_meanwhile_leads_to_the_list(cast, time, monkeypatch):
    monkeypatch.setattr("clavero.keys.passkeys.forget", lambda *_: False)
    monkeypatch.setattr(
        "clavero.keys.passkeys.of", lambda account: [type("Kept", (), {"pk": 7, "data": {}})()]
    )
    answer = enter(time, "veronica").client.post("/mesa/llaves/7/perdida/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mesa/llaves/")


STRANGER, OFFICE = {"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": "198.51.100.7"}


def enrolling(time, code: str, **where: str) -> Walker:
    return Walker(time, **where).open("/mesa/alta/").press({"name": "eva", "code": code})


@pytest.fixture
def handed(cast, time):
    """The code of an enrolment, in the hand of the newcomer."""
    new = people.admit(
        people.Newcomer("eva", "Eva Noboa", "2458264187", "officer", "ambato"), None, clock.now()
    )
    asked_for = people.ask_enrolment(new, "first", "first", person("hernan"), clock.now())
    return people.approve_enrolment(asked_for, person("olga"), clock.now())


def test_a_strangers_tries_take_no_try_from_who_enrols(handed, time):
    for _ in range(40):
        wrong = enrolling(time, "AAAA-AAAA-AAAA-AAAA", **STRANGER)
    assert wrong.errors == ["throttle.wait"]
    assert enrolling(time, handed, **OFFICE).path.endswith("/mesa/llaves/")


def test_and_a_right_code_is_counted_before_it_is_compared(handed, time):
    for _ in range(40):
        enrolling(time, "AAAA-AAAA-AAAA-AAAA", **STRANGER)
    assert enrolling(time, handed, **STRANGER).errors == ["throttle.wait"]
