"""At the counter: seen, corrected, decided by two, handed over; nobody alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from clavero import clock
from clavero.audit import queries as audit
from clavero.audit.models import Entry
from clavero.core.counter import Mark
from clavero.core.errors import Refused
from clavero.demo.models import Mail
from clavero.desk import approvals, casework, queries
from clavero.desk.models import Approval, Assertion, Interest, Photo, Visit
from clavero.employers import queries as employers
from clavero.employers.models import Contact, Employer, Representative
from clavero.institution import profile
from clavero.keys.models import Account
from clavero.notices.models import Message
from clavero.privacy import lookups
from clavero.recovery import services, visits
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.rooms.desk.people import member, on_duty
from tests.walk import NEW_KEY, Walker, as_if, deliver, sign_in

JULIA, ROSA, DIEGO, MARTA = map(
    by_id, ("sin_correo", "primera_clave", "representante_cambio", "ruc_suspendido")
)


@pytest.fixture
def ana(cast):
    return member(0)


@pytest.fixture
def eva(cast):
    return member(1, centre="puyo")


def signed(staff) -> Assertion:
    return Assertion.objects.create(
        staff=staff, at=clock.now(), kind=Assertion.CODE, message_hash="0" * 64
    )


def prepare(time, who, situation="unknown") -> tuple[str, str]:
    """Case secret and continuation code of somebody who prepared a visit."""
    walker = Walker(time).validate(who).to_visit(situation)
    return walker.secret("secret"), walker.secret("continuation")


def visit_by(staff, code) -> Visit:
    return casework.open_visit(staff, staff.centre, "1", code, clock.now())


def all_seen(visit: Visit, reason="Perdió el correo.") -> Visit:
    marks = {code: Mark("seen") for code in queries.asked(visit)}
    casework.mark(visit, marks, reason, False, clock.now())
    return visit


def refused(deed, *args, **more) -> str:
    with pytest.raises(Refused) as found:
        deed(*args, **more)
    return found.value.code


def test_the_whole_circle_with_two_people(time, ana, eva):
    secret, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    casework.correct(visit, "email", {"value": "julia@faro.example"}, clock.now())
    all_seen(visit)
    approval = approvals.ask(visit, clock.now())
    assert approval.drawn == eva
    approvals.approve(approval, eva, signed(eva), clock.now())
    visit.refresh_from_db()
    phone = Walker(time).open("/caso/").press({"secret": secret})
    phone.press({"code": casework.hand_code(visit, clock.now())})
    phone.press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert phone.h1 == "Acceso comprobado"
    casework.finish(visit, clock.now())
    assert visit.outcome == "key_set" and audit.verify().ok
    assert sign_in(Walker(time), JULIA, NEW_KEY).path == "/cuenta/"


def test_nothing_can_be_decided_before_everything_was_seen(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    assert refused(approvals.ask, visit, clock.now()) == "desk.incomplete"
    all_seen(visit, reason="")
    assert refused(approvals.ask, visit, clock.now()) == "desk.reason_empty"
    marks = {one: Mark("seen") for one in queries.asked(visit)} | {"id_face": Mark("missing")}
    casework.mark(visit, marks, "motivo", False, clock.now())
    assert refused(approvals.ask, visit, clock.now()) == "desk.incomplete"


def test_the_person_who_attended_cannot_approve(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    assert refused(approvals.approve, approval, ana, signed(ana), clock.now()) == (
        "approval.same_person"
    )
    Approval.objects.filter(pk=approval.pk).update(drawn=ana)
    approval.refresh_from_db()
    assert refused(approvals.approve, approval, ana, signed(ana), clock.now()) == (
        "approval.same_person"
    )


def test_whoever_was_not_drawn_cannot_approve(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    other = member(2, "supervisor", "quito")
    assert refused(approvals.approve, approval, other, signed(other), clock.now()) == (
        "approval.not_drawn"
    )


def test_the_database_refuses_that_one_person_asks_and_decides(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(decided_by=ana, decision="approved")


def test_an_approval_of_something_that_changed_is_refused(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    approval = approvals.ask(visit, clock.now())
    casework.mark(visit, {"id_face": Mark("observed", "otra")}, "otro", False, clock.now())
    approval.refresh_from_db()
    assert refused(approvals.approve, approval, eva, signed(eva), clock.now()) == "approval.changed"


def test_nobody_of_the_same_centre_is_drawn_and_whoever_comes_later_is(time, ana):
    same = member(2)
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    assert approval.drawn is None and same.centre == ana.centre
    eva = member(1, centre="puyo")
    approvals.redraw_late(clock.now())
    approval.refresh_from_db()
    assert approval.drawn == eva


def draws(outcome: str) -> int:
    return Entry.objects.filter(event="approval_drawn", outcome=outcome).count()


def test_a_night_with_nobody_to_draw_is_one_line_of_the_record(time, ana):
    """The worker asks every minute, and the sealed record is never shortened."""
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    for _ in range(30):
        time.wait(60)
        approvals.due(clock.now())
    assert (draws("nobody"), draws("done")) == (1, 0)
    member(1, centre="puyo")
    approvals.due(clock.now())
    approval.refresh_from_db()
    assert approval.drawn is not None and (draws("nobody"), draws("done")) == (1, 1)


def test_for_a_case_that_is_over_nobody_is_drawn_any_more(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    services.advance_each([approval.case], "expire", clock.now())
    before = draws("done") + draws("nobody")
    for _ in range(3):
        time.wait(9 * 60)
        approvals.due(clock.now())
    assert draws("done") + draws("nobody") == before


def test_who_does_not_decide_is_replaced_by_another_draw(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    time.wait(8 * 60)
    third = member(3, "supervisor", "quito")
    on_duty(eva)
    approvals.redraw_late(clock.now())
    approval.refresh_from_db()
    assert approval.drawn == third


def test_nobody_acts_on_an_employer_of_their_own(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    Interest.objects.create(
        staff=ana, ruc_lookup=lookups.of("ruc", JULIA.ruc), declared_at=clock.now()
    )
    assert refused(visit_by, ana, code) == "desk.interest"
    assert Case.objects.get().state == "visit_needed"
    Interest.objects.create(
        staff=eva, ruc_lookup=lookups.of("ruc", JULIA.ruc), declared_at=clock.now()
    )
    other = member(2, centre="quito")
    approval = approvals.ask(all_seen(visit_by(other, code)), clock.now())
    assert approval.drawn is None


def test_after_a_quarter_of_an_hour_the_case_goes_on_from_home(time, ana, eva):
    secret, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    approval = approvals.ask(visit, clock.now())
    ahead = casework.hand_ahead(visit, clock.now())
    casework.finish(visit, clock.now())
    time.wait(3600)
    on_duty(eva)
    approval.refresh_from_db()
    approvals.approve(approval, eva, signed(eva), clock.now())
    home = Walker(time).open("/caso/").press({"secret": secret})
    home.press({"code": ahead}).press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert home.h1 == "Acceso comprobado"


def test_an_observation_keeps_the_place_and_what_was_seen(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    marks = {one: Mark("seen") for one in queries.asked(visit)}
    marks["request"] = Mark("observed", "Falta la firma en la página 1.")
    casework.mark(visit, marks, "motivo", False, clock.now())
    until = casework.observe(visit, clock.now())
    assert until > clock.now().date() and visit.closed_at
    again = visit_by(member(2), code)
    assert again.case.state == "at_desk"
    assert not {"request", "id_face"} & queries.marked(again).keys()


def test_a_closed_visit_is_never_changed_again(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    casework.leave(visit, clock.now())
    assert refused(casework.mark, visit, {}, "x", False, clock.now()) == "desk.visit_closed"
    for change in ("UPDATE desk_visit SET outcome = 'x'", "DELETE FROM desk_visit"):
        with (
            pytest.raises(DatabaseError, match="closed visit"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_a_new_employer_is_registered_only_with_the_second_person(time, ana, eva):
    stranger = replace(by_id("no_existe"), name="")
    secret, code = prepare(time, stranger, "first_key")
    visit = all_seen(visit_by(ana, code))
    assert "register" in casework.standing(visit).missing
    casework.correct(
        visit, "register", {"name": "Taller Nuevo S.A.S.", "kind": "company"}, clock.now()
    )
    assert not Employer.objects.filter(source="clavero").exists()
    approval = approvals.ask(visit, clock.now())
    approvals.approve(approval, eva, signed(eva), clock.now())
    visit.refresh_from_db()
    phone = Walker(time).open("/caso/").press({"secret": secret})
    phone.press({"code": casework.hand_code(visit, clock.now())})
    phone.press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert phone.h1 == "Acceso comprobado"
    case = Case.objects.get(pk=visit.case_id)
    assert case.grant_rule == "first_key.visit_and_second"
    assert case.employer.name == "Taller Nuevo S.A.S."


def test_a_new_representative_ends_the_former_one_only_when_approved(time, ana, eva):
    _, code = prepare(time, DIEGO, "representative_changed")
    visit = all_seen(visit_by(ana, code))
    assert casework.standing(visit).missing == ("representative",)
    casework.correct(visit, "representative", {"name": "Diego Nuevo"}, clock.now())
    before = Representative.objects.get(employer=visit.case.employer)
    assert before.state == "current"
    approval = approvals.ask(visit, clock.now())
    approvals.approve(approval, eva, signed(eva), clock.now())
    before.refresh_from_db()
    assert before.state == "ended"
    deliver()
    told = [mail.text for mail in Mail.objects.all() if mail.to == DIEGO.email]
    assert any("/no-fui-yo/" in text for text in told)


def test_a_proved_contact_and_nothing_to_correct_is_enough_with_one_person(time, ana, eva):
    """Elena said that she no longer has the address, found it again, and proved it before the visit."""
    elena = by_id("ya_no_tengo")
    walker = Walker(time).validate(elena).press(button="no_access")
    walker.to_visit()
    code, secret = walker.secret("continuation"), walker.secret("secret")
    case = Case.objects.get()
    visits.send_contact_code(case, clock.now())
    visits.prove_contact(case, walker.mail(elena.email).code, "asker", clock.now())
    as_if(Case.objects.get(pk=case.pk), declared=[])
    visit = all_seen(visit_by(ana, code))
    assert not casework.standing(visit).needs_second
    casework.attest(visit, clock.now())
    phone = Walker(time).open("/caso/").press({"secret": secret})
    phone.press({"code": casework.hand_code(visit, clock.now())})
    phone.press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert phone.h1 == "Acceso comprobado"


def test_the_first_case_that_is_decided_closes_the_unproved_others(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    approvals.approve(approval, eva, signed(eva), clock.now())
    assert sorted(Case.objects.values_list("state", flat=True)) == ["approved", "superseded"]


def test_photos_go_with_the_decision_and_after_a_day(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    Photo.objects.create(
        visit=visit, item="request", kind="image/png", image="AAAA", taken_at=clock.now()
    )
    approval = approvals.ask(visit, clock.now())
    approvals.approve(approval, eva, signed(eva), clock.now())
    assert not Photo.objects.exists()
    Photo.objects.create(
        visit=visit, item="request", kind="image/png", image="AAAA", taken_at=clock.now()
    )
    approvals.forget_photos(clock.now() + timedelta(hours=25))
    assert not Photo.objects.exists()


def test_a_refused_case_tells_and_ends(time, ana, eva):
    _, code = prepare(time, MARTA, "ruc_not_active")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    assert refused(approvals.refuse, approval, eva, " ", signed(eva), clock.now()) == (
        "desk.reason_empty"
    )
    approvals.refuse(approval, eva, "El documento no es suyo.", signed(eva), clock.now())
    assert Case.objects.get().state == "refused"
    deliver()
    assert any("No se aprobó" in mail.text for mail in Mail.objects.all() if mail.to == MARTA.email)


def test_the_paper_form_waits_for_the_second_person_and_yields_no_key_by_itself(time, ana, eva):
    number = services.EmployerNumber(JULIA.identification, JULIA.ruc, JULIA.branch, False)
    case = approvals.type_paper(ana, number, "Corte de luz", "es", clock.now())
    assert case.state == "in_review"
    assert refused(visits.hand_binding, case, staff=1, now=clock.now()) == "case.move_not_allowed"
    approval = Approval.objects.get()
    assert approval.drawn == eva
    approvals.approve(approval, eva, signed(eva), clock.now())
    case.refresh_from_db()
    code = visits.make_pickup(case, clock.now())
    case, _ = visits.pick_up(code, JULIA.identification, clock.now())
    visits.type_binding(case, visits.hand_binding(case, staff=1, now=clock.now()), clock.now())
    visits.set_key(case, NEW_KEY, clock.now())
    assert case.state == "key_set"


def test_a_case_made_at_the_counter_needs_the_secret_that_only_the_claimant_fetched(time, ana, eva):
    boss = member(4, "supervisor")
    number = services.EmployerNumber(JULIA.identification, JULIA.ruc, JULIA.branch, False)
    visit, code = casework.open_counter(
        boss, number, "ambato", "1", "Sin teléfono", "es", clock.now()
    )
    approval = approvals.ask(all_seen(visit), clock.now())
    approvals.approve(approval, eva, signed(eva), clock.now())
    visit.refresh_from_db()
    binding = casework.hand_code(visit, clock.now())
    case = Case.objects.get(pk=visit.case_id)
    visits.type_binding(case, binding, clock.now())
    assert refused(visits.set_key, case, NEW_KEY, clock.now()) == "evidence.not_sufficient"
    kiosk = Walker(time).open("/caso/recoger/")
    kiosk.press({"identification": JULIA.identification, "code": code})
    assert len(kiosk.secret("secret")) == 26
    case.refresh_from_db()
    visits.set_key(case, NEW_KEY, clock.now())
    assert case.state == "key_set"


def test_everything_that_staff_looks_at_is_on_record(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    events = [entry.event for entry in audit.history(case=visit.case_id)]
    assert "sensitive_read" in events and "case_arrive" in events


def test_with_one_member_of_staff_alone_no_key_is_ever_set(time, ana):
    """A bribed supervisor, alone on duty everywhere, tries every deed there is (ATTACKS 36)."""
    boss = member(4, "supervisor", "quito")
    secret, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(boss, code))
    casework.correct(visit, "email", {"value": "ladron@malo.example"}, clock.now())
    approval = approvals.ask(visit, clock.now())
    ana.duties.update(until=clock.now())
    approvals.redraw_late(clock.now())
    approval.refresh_from_db()
    tries = [
        lambda: approvals.approve(approval, boss, signed(boss), clock.now()),
        lambda: casework.attest(visit, clock.now()),
        lambda: casework.hand_code(visit, clock.now()),
        lambda: casework.hand_ahead(visit, clock.now()),
        lambda: visits.set_key(Case.objects.get(pk=visit.case_id), NEW_KEY, clock.now()),
        lambda: visits.type_binding(
            Case.objects.get(pk=visit.case_id), casework.hand_ahead(visit, clock.now()), clock.now()
        ),
        lambda: services.set_key(Case.objects.get(pk=visit.case_id), NEW_KEY, clock.now()),
    ]
    for one in tries:
        try:
            one()
        except Refused:
            continue
    phone = Walker(time).open("/caso/").press({"secret": secret})
    assert phone.step not in ("key", "code")
    assert Case.objects.get().key_set_at is None
    assert not Account.objects.filter(employer=visit.case.employer).exclude(key_hash="").exists()
    number = services.EmployerNumber(JULIA.identification, JULIA.ruc, JULIA.branch, False)
    assert employers.gather(number).contact is None
    assert not Contact.objects.filter(state="proposed").exists()
    assert profile().desk.approver_same_centre is False


def test_an_appointment_is_kept_by_coming_and_over_with_the_visit(time, ana, eva):
    from clavero.appointments import queries as appointments
    from clavero.core import slots
    from clavero.recovery import booking

    secret, code = prepare(time, JULIA, "no_email")
    case = Case.objects.get()
    centre = appointments.Centre.objects.get(code="ambato")
    wanted = booking.service_of(case)
    days = (clock.now().date() + timedelta(days=ahead) for ahead in range(10, 20))
    slot = next(
        found for day in days for found in appointments.free_day(centre, day, wanted, clock.now())
    )
    booking.choose(case, centre, slot.at, "asker", clock.now())
    booking.book_unproven(case, clock.now())
    assert appointments.of_case(case.pk).state == "booked"
    time.wait((slots.instant(slot.at) - clock.now()).total_seconds())
    on_duty(ana)
    on_duty(eva)
    visit = visit_by(ana, code)
    assert appointments.of_case(case.pk).state == "arrived"
    assert [one.state for one in queries.agenda("ambato", visit.opened_at.date())] == ["arrived"]
    approval = approvals.ask(all_seen(visit), clock.now())
    approvals.approve(approval, eva, signed(eva), clock.now())
    casework.hand_code(Visit.objects.get(pk=visit.pk), clock.now())
    casework.finish(visit, clock.now())
    assert appointments.of_case(case.pk) is None


def test_a_flagged_case_goes_on_only_when_another_supervisor_looked_into_it(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    casework.flag(visit, clock.now())
    number = visit.case.number
    assert refused(casework.release_hold, ana, number, "yo misma") == "approval.same_person"
    boss = member(4, "supervisor", "quito")
    assert refused(casework.release_hold, boss, "26-999999", "x") == "desk.not_held"
    assert refused(casework.release_hold, boss, number, " ") == "desk.reason_empty"
    casework.release_hold(boss, number, "Se habló con la persona.")
    assert not Case.objects.get().held


def test_a_flagged_case_that_was_not_the_employers_ends_and_every_contact_is_told(time, ana, eva):
    _, code = prepare(time, MARTA, "ruc_not_active")
    on_duty(ana)
    on_duty(eva)
    visit = visit_by(ana, code)
    approval = approvals.ask(all_seen(visit), clock.now())
    casework.flag(visit, clock.now())
    number, before = visit.case.number, Message.objects.count()
    assert (
        refused(casework.end_hold, ana, number, "yo misma", clock.now()) == "approval.same_person"
    )
    boss = member(4, "supervisor", "quito")
    assert refused(casework.end_hold, boss, number, " ", clock.now()) == "desk.reason_empty"
    casework.end_hold(boss, number, "La firma es otra.", clock.now())
    case = Case.objects.get()
    assert (case.state, bool(case.closed_at)) == ("refused", True)
    assert not Visit.objects.filter(closed_at=None) and not Photo.objects.exists()
    assert refused(approvals.approve, approval, eva, signed(eva), clock.now()) is not None
    assert Case.objects.get().state == "refused" and Message.objects.count() > before
    assert refused(casework.end_hold, boss, number, "otra vez", clock.now()) == "desk.not_held"


def test_a_flagged_case_that_has_a_key_is_not_ended_but_sent_to_who_stops_keys(time, ana):
    _, code = prepare(time, JULIA, "no_email")
    visit = visit_by(ana, code)
    casework.flag(visit, clock.now())
    as_if(visit.case, state="key_set")
    boss = member(4, "supervisor", "quito")
    number = visit.case.number
    assert refused(casework.end_hold, boss, number, "x", clock.now()) == "desk.held_has_key"


def test_a_ruc_that_is_active_again_opens_the_online_road(time, ana, monkeypatch):
    from clavero.catastro import queries as catastro

    walker = Walker(time).validate(MARTA).to_visit("ruc_not_active")
    secret, code = walker.secret("secret"), walker.secret("continuation")
    visit = visit_by(ana, code)
    assert refused(casework.reopen_online, visit, clock.now()) == "desk.not_in_order"
    known = catastro.status
    monkeypatch.setattr(catastro, "status", lambda ruc: replace(known(ruc), status="active"))
    casework.reopen_online(visit, clock.now())
    home = Walker(time).open("/caso/").press({"secret": secret})
    assert home.step == "code"
    deliver()
    codes = [one.code for one in Mail.objects.order_by("sent_at") if one.to == MARTA.email]
    home.press({"code": [each for each in codes if each][-1]})
    while home.step == "contact":
        home.press()
    home.press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert home.h1 == "Acceso comprobado"


def test_an_exception_is_one_of_the_list_and_asks_for_what_corroborates_it(time, ana, eva):
    """S-077: what cannot be shown is replaced, never forgiven; and a second person decides."""
    _, code = prepare(time, JULIA, "no_email")
    on_duty(ana)
    on_duty(eva)
    visit = visit_by(ana, code)
    unknown = {"exception": "a_friend", "why": "Lo conozco."}
    assert (
        refused(casework.correct, visit, "exception", unknown, clock.now()) == "counter.exception"
    )
    lost = {"exception": "document_lost", "why": "Mostró la denuncia y la licencia."}
    casework.correct(visit, "exception", lost, clock.now())
    asked = queries.asked(visit)
    assert {"x_report", "x_other_id"} <= set(asked) and "id_original" not in asked
    casework.mark(
        visit,
        {one: Mark("seen") for one in asked if one != "x_other_id"},
        "Robo.",
        False,
        clock.now(),
    )
    assert casework.standing(visit).missing == ("x_other_id",)
    all_seen(visit)
    assert casework.standing(visit).is_complete and casework.standing(visit).needs_second
    casework.drop_correction(visit, "exception")
    assert "id_original" in casework.standing(visit).missing


def test_a_code_beyond_the_budget_is_not_sent_and_the_delivered_one_goes_on_working(time, ana):
    elena = by_id("ya_no_tengo")
    walker = Walker(time).validate(elena).press(button="no_access")
    walker.to_visit()
    case = Case.objects.get()
    visits.send_contact_code(case, clock.now())
    delivered = walker.mail(elena.email).code
    for _ in range(4):
        visits.send_contact_code(case, clock.now())
        deliver()
        newest = walker.mail(elena.email).code
        if newest == delivered:
            break
        delivered = newest
    else:
        pytest.fail("the budget never ended")
    visits.prove_contact(case, delivered, "asker", clock.now())
    assert "contact_code" in Case.objects.get().proofs
