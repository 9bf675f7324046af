"""H13: a centre in training works on made-up cases, and with a training identity nothing real changes."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import get_resolver

from clavero import clock
from clavero.appointments import queries as times
from clavero.appointments.models import Booking, Centre
from clavero.audit import queries as audit
from clavero.core import journey
from clavero.core.errors import Refused
from clavero.desk import approvals, casework, queries, queue, training
from clavero.desk.models import Approval, Staff, Ticket, Training, Visit
from clavero.employers.models import Contact, Employer, Representative
from clavero.keys.models import Account
from clavero.notices.models import Message
from clavero.recovery import practice, services, visits
from clavero.recovery.models import Case
from tests import staff as people
from tests.cast import by_id
from tests.rooms.desk.people import member, on_duty
from tests.rooms.desk.test_casework import all_seen, prepare, refused, signed, visit_by
from tests.stories.test_circle import Desk
from tests.walk import Walker, as_if

JULIA, ROSA = by_id("sin_correo"), by_id("primera_clave")
REAL = (Employer, Contact, Representative, Message, Booking)


@pytest.fixture
def classroom(cast, time):
    """Puyo has no appointments and is put into training; two people work there, unqualified, and one elsewhere."""
    Centre.objects.create(code="puyo", name="Centro Puyo", province="Pastaza", canton="Puyo", zone="America/Guayaquil")  # fmt: skip
    boss = member(5, "operator", "")
    training.begin(boss, "puyo", "Personal nuevo", clock.now())
    trainees = member(0, centre="puyo"), member(1, "supervisor", "puyo")
    Staff.objects.filter(pk__in=[one.pk for one in trainees]).update(qualified_until=None)
    return trainees


def made_up(staff, who="lost_email") -> tuple[Case, str]:
    return practice.open_case(practice.by_code(who), staff=staff.number, language="es", now=clock.now())  # fmt: skip


def snapshot() -> dict[str, object]:
    """Everything that is real, without duty and sessions of staff."""
    real = {model.__name__: model.objects.all() for model in REAL}
    real |= {
        "accounts": Account.objects.exclude(kind=Account.STAFF),
        "cases": Case.objects.filter(training=False),
        "visits": Visit.objects.filter(case__training=False),
        "approvals": Approval.objects.filter(case__training=False),
        "tickets": Ticket.objects.filter(training=False),
    }
    return {name: [_stored(row) for row in rows.order_by("pk").values()] for name, rows in real.items()}  # fmt: skip


def _stored(row: dict) -> dict:
    """A row as the database holds it: sealed columns by their sealed text."""
    return {name: getattr(value, "text", value) for name, value in row.items()}


def test_a_made_up_case_is_practised_from_code_to_code_and_nothing_real_changes(classroom):
    ana, eva = classroom
    before = snapshot()
    case, code = made_up(ana)
    visit = visit_by(ana, code)
    casework.correct(visit, "email", {"value": "nadie@nadie.example"}, clock.now())
    approval = approvals.ask(all_seen(visit), clock.now())
    assert approval.drawn == eva, "the second person is of the classroom, and unqualified"
    approvals.approve(approval, eva, signed(eva), clock.now())
    visit.refresh_from_db()
    assert casework.hand_code(visit, clock.now())
    casework.finish(visit, clock.now())
    assert visit.outcome == "handed_over" and snapshot() == before and audit.verify().ok


@pytest.mark.parametrize("who", [one.code for one in practice.EVERYBODY])
def test_every_made_up_case_can_be_attended(classroom, who):
    ana, eva = classroom
    _, code = made_up(ana, who)
    visit = visit_by(ana, code)
    for kind in casework.standing(visit).missing:
        if kind == "representative":
            casework.correct(visit, kind, {"name": "Nadie"}, clock.now())
    approval = approvals.ask(all_seen(visit), clock.now())
    before = snapshot()
    approvals.approve(approval, eva, signed(eva), clock.now())
    assert snapshot() == before and Case.objects.get(training=True).state == "approved"


def test_nobody_alone_is_practised_too(classroom):
    ana, _ = classroom
    _, code = made_up(ana)
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    assert refused(approvals.approve, approval, ana, signed(ana), clock.now()) == "approval.same_person"  # fmt: skip


def test_a_real_code_opens_nothing_at_a_centre_in_training_and_a_made_up_one_nothing_elsewhere(classroom, time):  # fmt: skip
    ana, _ = classroom
    outside = member(2)
    _, real = prepare(time, JULIA, "no_email")
    _, code = made_up(ana)
    assert refused(visit_by, ana, real) == "training.real_case"
    assert refused(visit_by, outside, code) == "training.practice_case"
    assert not Visit.objects.exists()


def test_real_approvals_are_never_drawn_in_the_classroom_nor_made_up_ones_outside(classroom, time):
    ana, eva = classroom
    outside = member(2)
    _, real = prepare(time, JULIA, "no_email")
    approval = approvals.ask(all_seen(visit_by(outside, real)), clock.now())
    assert approval.drawn is None, "nobody but trainees is on duty elsewhere"
    Approval.objects.filter(pk=approval.pk).update(drawn=eva)
    approval.refresh_from_db()
    assert refused(approvals.approve, approval, eva, signed(eva), clock.now()) == "training.real_case"  # fmt: skip
    _, code = made_up(ana)
    mine = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    assert mine.drawn == eva and queries.to_decide(eva) == [mine]


def test_what_a_supervisor_undoes_stays_real_only(classroom, time):
    _, eva = classroom
    outside = member(2)
    _, real = prepare(time, JULIA, "no_email")
    visit = visit_by(outside, real)
    casework.flag(visit, clock.now())
    assert queries.held(eva) == [] and queries.held(outside) == [visit.case]
    number = services.number_of(visit.case)
    for deed, more in (
        (casework.release_hold, (visit.case.number, "motivo")),
        (casework.lift_freeze, (visit.case, "motivo", clock.now())),
        (casework.open_counter, (number, "puyo", "1", "motivo", "es", clock.now())),
        (approvals.type_paper, (number, "motivo", "es", clock.now())),
    ):
        assert refused(deed, eva, *more) == "training.real_case", deed


def test_the_flag_of_a_case_never_changes(classroom, time):
    ana, _ = classroom
    prepare(time, JULIA, "no_email")
    case, _ = made_up(ana)
    for training_ in (True, False):
        with pytest.raises(DatabaseError), transaction.atomic():
            Case.objects.filter(training=not training_).update(training=training_)
    case.training = False
    with pytest.raises(Refused, match="move_not_allowed"), transaction.atomic():
        services.advance(case, "arrive", now=clock.now(), actor="officer")


def test_nothing_real_can_hang_on_a_made_up_case(classroom):
    ana, _ = classroom
    case, _ = made_up(ana)
    account = Account.objects.exclude(kind=Account.STAFF).first()
    changes = (
        {"employer": Employer.objects.first()}, {"contact": Contact.objects.first()}, {"account": account},
        {"representative": Representative.objects.first()}, {"key_set_at": clock.now(), "proved_at": clock.now()},
        {"secret_hash": "x"}, {"code_hash": "x"},
    )  # fmt: skip
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**change)


def test_no_move_of_practice_leads_to_a_key_or_the_online_road():
    reached = {journey.MOVES[name].target for name in journey.PRACTICE}
    assert not reached & {"key_set", "access_tested", "code_sent", *journey.ONLINE_PROVED, "booked"}
    assert not any("grant" in journey.MOVES[name].needs for name in journey.PRACTICE)


@pytest.mark.parametrize("move", sorted(set(journey.MOVES) - journey.PRACTICE))
def test_every_other_move_is_refused(classroom, move):
    case, _ = made_up(classroom[0])
    sources = journey.MOVES[move].sources - {journey.START}
    as_if(case, state=min(sources, default="at_desk"))
    with pytest.raises(Refused, match=r"training\.not_here"), transaction.atomic():
        services.advance(case, move, now=clock.now())


def test_no_address_of_the_desk_changes_anything_real_for_who_practises(classroom, time):
    """Every address there is, with the numbers of what is real, sent by a trainee supervisor who holds a session."""
    outside, other = member(2), member(3, centre="quito")
    _, real = prepare(time, JULIA, "no_email")
    visit = visit_by(outside, real)
    approval = approvals.ask(all_seen(visit), clock.now())
    ticket = queue.issue("ambato", queue.WALK_IN, clock.now())
    secret, second = prepare(time, ROSA, "first_key")
    assert approval.drawn == other
    beatriz = people.person("beatriz")
    Staff.objects.filter(pk=beatriz.pk).update(centre="puyo")
    Visit.objects.filter(pk=visit.pk).update(staff=beatriz)
    Approval.objects.filter(pk=approval.pk).update(drawn=beatriz)
    walker = people.enter(time, "beatriz")
    walker.client.post("/mesa/atencion/", {"counter": "9"})
    numbers = {"pk": [visit.pk, approval.pk, ticket.pk], "number": [outside.number, other.number],
               "kind": ["email", "register", "representative"], "act": ["call", "hold", "served", "left"],
               "item": ["id_original"], "centre": ["ambato", "puyo"], "ref": [visit.case.ref]}  # fmt: skip
    sent = {"continuation": second, "reason": "motivo", "number": visit.case.number, "value": "x@y.example",
            "name": "Nadie", "decision": "approved", "identification": ROSA.identification, "ruc": ROSA.ruc,
            "branch": "0001", "m_id_original": "seen", "centre": "puyo", "kind": "company", "day": "2026-11-25"}  # fmt: skip
    before, tried = snapshot(), 0
    for path in _addresses(numbers):
        if "/salir/" in path or "/bloquear/" in path or "/personal/" in path:
            continue
        code = people.next_code(time, "beatriz") if "/decidir/" in path else ""
        answer = walker.client.post(path, sent | {"code": code})
        assert answer.status_code < 500, path
        walker.client.get(path)
        tried += 1
        assert snapshot() == before, path
    assert tried > 40 and secret


def _addresses(numbers) -> list[str]:
    """Every address under /mesa/, with each number that its parts may have."""
    found = []
    for name, entries in get_resolver().reverse_dict.lists():
        if not (isinstance(name, str) and name.startswith("desk_")):
            continue
        for possibilities, *_ in entries:
            for shape, parts in possibilities:
                found += _filled(shape, [(part, numbers.get(part, ["1"])) for part in parts])
    return sorted({f"/{path}" for path in found})


def _filled(shape, parts) -> list[str]:
    paths = [{}]
    for name, values in parts:
        paths = [path | {name: value} for path in paths for value in values]
    return [shape % path for path in paths]


def test_nothing_counts(classroom, time):
    ana, eva = classroom
    queue.issue("puyo", queue.WALK_IN, clock.now())
    _, code = made_up(ana)
    approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    day = queries.local_day(clock.now())
    assert queries.day_count("puyo", day) == {"tickets": 0, "visits": 0}
    assert set(queries.record_of(ana, clock.now()).values()) == {0}


def test_the_public_is_offered_nothing_there_and_its_kiosk_is_off(classroom, time):
    centre = Centre.objects.get(code="puyo")
    assert not centre.site.active
    assert Walker(time).open("/quiosco/puyo/").status == 404
    home = Walker(time).validate(JULIA).to_visit("no_email")
    ref = Case.objects.get().ref
    home.open(f"/empleadores/recuperar-clave/caso/{ref}/turno/espera/?centro=puyo")
    assert home.status == 404
    assert times.of_case(Case.objects.get().pk) is None


def test_a_centre_that_expects_people_is_not_put_into_training(cast, time):
    boss = member(5, "operator", "")
    assert refused(training.begin, boss, "guayaquil", "x", clock.now()) == "training.busy"
    assert not Centre.objects.get(code="guayaquil").training and not Training.objects.exists()
    queue.issue("puerto-ayora", queue.WALK_IN, clock.now())
    assert refused(training.begin, boss, "puerto-ayora", "x", clock.now()) == "training.busy"
    assert refused(training.begin, boss, "ambato", " ", clock.now()) == "desk.reason_empty"
    assert refused(training.begin, boss, "nada", "x", clock.now()) == "centre.unknown"


def test_a_manager_puts_the_own_centre_there_and_no_other(cast, time):
    manager = member(4, "manager", "puerto-ayora")
    assert refused(training.begin, manager, "ambato", "x", clock.now()) == "training.not_yours"
    made = training.begin(manager, "puerto-ayora", "Personal nuevo", clock.now())
    assert refused(training.begin, manager, "puerto-ayora", "x", clock.now()) == "training.on"
    assert (made.reason, made.begun_by) == ("Personal nuevo", manager)
    training.end(manager, "puerto-ayora", "Abrimos", clock.now())
    assert refused(training.end, manager, "puerto-ayora", "x", clock.now()) == "training.off"
    events = [entry.event for entry in audit.history(subject=made.pk)]
    assert sorted(events) == ["training_begun", "training_ended"]


def test_the_end_of_a_training_leaves_nothing_open(classroom, time):
    ana, eva = classroom
    queue.issue("puyo", queue.WALK_IN, clock.now())
    _, code = made_up(ana)
    visit = visit_by(ana, code)
    approval = approvals.ask(all_seen(visit), clock.now())
    training.end(member(4, "operator", ""), "puyo", "Terminó", clock.now())
    visit.refresh_from_db()
    approval.refresh_from_db()
    assert (visit.outcome, approval.decision) == ("practice", "over")
    assert Case.objects.get().state == "closed_unfinished" and not Ticket.objects.exists()
    on_duty(ana)
    _, another = made_up(ana)
    assert refused(visit_by, ana, another) == "training.practice_case"
    assert queries.open_visits(ana) == [] and queries.to_decide(eva) == []


def test_a_made_up_case_cannot_be_resumed_picked_up_or_followed(classroom):
    ana, _ = classroom
    case, code = made_up(ana)
    assert refused(visits.make_pickup, case, clock.now()) == "case.move_not_allowed"
    for typed in (code, case.number, case.ref):
        assert refused(services.resume, typed, "1.2.3.0/24", clock.now()) == "case.secret_unknown"


def test_from_the_page_of_the_operator_to_the_code_of_a_made_up_case(cast, time):
    """Only what the pages say; the banner stands on every page, and the paper says that it is worth nothing."""
    olga = Desk(time, "olga")
    olga.follow("Práctica") if olga.walker.page.select("main a") else None
    olga.walker.open("/mesa/practica/")
    olga.press("Poner en práctica", centre="puerto-ayora", reason="Personal nuevo")
    assert "Centro Puerto Ayora" in olga.text
    Staff.objects.filter(pk__in=[people.person("veronica").pk, people.person("beatriz").pk]).update(centre="puerto-ayora", qualified_until=None)  # fmt: skip
    officer, second = Desk(time, "veronica"), Desk(time, "beatriz")
    officer.press("Empezar a atender", counter="3")
    second.press("Empezar a atender", counter="1")
    before, messages = snapshot(), Message.objects.count()
    officer.follow("Pedir un caso inventado").press("Practicar", who="lost_email")
    officer.press("Abrir el caso")
    assert "Casa de Nadie" in officer.text and officer.walker.page.select(".cl-practice")
    officer.mark_everything_seen("Práctica.").press("Pedir la segunda aprobación")
    second.walker.open("/mesa/decidir/")
    second.follow("Decidir")
    assert second.walker.page.select(".cl-practice")
    second.press("Firmar la decisión", decision="approved", code=people.next_code(time, "beatriz"))
    officer.follow("Ver si ya decidió").press("Entregar el código")
    assert "PRÁCTICA" in officer.text
    officer.walker.open("/mesa/")
    assert officer.walker.page.select(".cl-practice")
    assert snapshot() == before and Message.objects.count() == messages
    olga.walker.open("/mesa/practica/")
    olga.press("Terminar la práctica", reason="Abrimos")
    assert "Ningún centro está en práctica" in olga.text
    officer.walker.open("/mesa/")
    assert not officer.walker.page.select(".cl-practice")


def test_who_does_not_practise_finds_no_made_up_case(cast, time):
    officer = Desk(time, "veronica")
    officer.walker.open("/mesa/practicar/")
    assert officer.walker.status == 404
    assert connection.vendor and replace


def test_the_trigger_that_keeps_practice_apart_is_there_after_every_migration(db):
    """A table that SQLite rebuilds loses its triggers without a word."""
    if connection.vendor == "postgresql":
        text = "SELECT count(*) FROM pg_trigger WHERE tgname = 'recovery_case_practice'"
    else:
        text = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = 'recovery_case_practice'"
    with connection.cursor() as cursor:
        cursor.execute(text)
        assert cursor.fetchone() == (1,)
