"""What only a real server shows: many at once."""

import threading

import pytest
from django.db import connection, connections, transaction

from clavero import clock
from clavero.audit import queries as audit
from clavero.audit import services as recording
from clavero.audit.models import Head
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.recovery import services
from clavero.recovery.models import Case
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge
from tests.cast import by_id
from tests.walk import Walker

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
LUIS = by_id("tres_sucursales")


def at_once(count, work):
    """Run `work(n)` in `count` threads, each with a connection of its own; what each answered or refused with."""
    gate, answers = threading.Barrier(count), [None] * count

    def run(n):
        try:
            gate.wait()
            answers[n] = work(n)
        except Refused as refused:
            answers[n] = refused.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.fixture
def members(transactional_db, time):
    from tests import brought
    from tests.conftest import BEGIN

    Head.objects.get_or_create(pk=1)
    brought.bring(BEGIN)


def generous(monkeypatch):
    """Budgets out of the way, where the race itself is the question."""
    from dataclasses import replace

    from clavero.core.profile import Bucket

    wide = replace(
        profile(),
        buckets={name: Bucket(10_000, 1) for name in profile().buckets},
        limits=replace(profile().limits, code_tries=1000),
    )
    monkeypatch.setattr("clavero.recovery.services.profile", lambda: wide)
    monkeypatch.setattr("clavero.throttle.services.profile", lambda: wide)


def test_fifty_submissions_of_one_code_are_one_success(members, time, monkeypatch):
    walker = Walker(time).validate(LUIS)
    code = walker.mail(LUIS.email).code
    generous(monkeypatch)
    ref = Case.objects.get().ref

    def submit(_n):
        services.prove_by_code(Case.objects.get(ref=ref), code, "asker", clock.now())
        return "proved"

    answers = at_once(50, submit)
    assert answers.count("proved") == 1, answers
    case = Case.objects.get()
    assert case.handle_version == 2
    assert [entry.event for entry in audit.history(case=case.pk)].count("case_prove") == 1


def test_two_hundred_guesses_in_parallel_flows_stay_within_the_budget(members, time):
    refs = [Walker(time).validate(LUIS).response.wsgi_request.path.split("/")[-3] for _ in range(8)]
    limit = profile().buckets["employer_try"].limit

    def guess(n):
        services.prove_by_code(
            Case.objects.get(ref=refs[n % 8]), "ZZZZZZZZ", f"asker{n}", clock.now()
        )

    answers = []
    for _ in range(4):
        answers += at_once(50, guess)
    looked_at = [answer for answer in answers if answer in ("code.wrong", "code.no_tries_left")]
    assert len(answers) == 200 and len(looked_at) <= limit + 1
    assert answers.count("code.wrong") <= 8 * profile().limits.code_tries


def test_the_chain_holds_under_eight_writers(transactional_db):
    Head.objects.get_or_create(pk=1)

    def write(_n):
        for _ in range(25):
            with transaction.atomic():
                recording.record("signin")
        return "done"

    assert at_once(8, write) == ["done"] * 8
    report = audit.verify()
    assert report.ok and report.entries == 200


def test_a_bucket_never_gives_more_than_it_holds(transactional_db):
    now = clock.now()
    limit = profile().buckets["employer_mail_hour"].limit
    answers = at_once(
        40,
        lambda n: (
            throttle.spend(
                Charge("employer_mail_hour", "x"), Charge("asker_open", str(n % 3)), now=now
            ).allowed
        ),
    )
    assert answers.count(True) == limit


def test_of_forty_keys_at_once_only_those_are_looked_at_that_need_no_wait(transactional_db):
    now = clock.now()
    answers = at_once(40, lambda _n: throttle.spend(Charge("signin_unknown", "x"), now=now).allowed)
    assert answers.count(True) == profile().buckets["signin_unknown"].quick


def test_one_ticket_opens_one_case(transactional_db, time):
    now = clock.now()
    token = throttle.mint_ticket("b", "a", now).token
    time.wait(60)

    def spend(_n):
        throttle.spend_ticket(token, "b", "a", clock.now())
        return "taken"

    assert at_once(20, spend).count("taken") == 1


def test_two_keys_set_at_once_are_one_key(members, time):
    Walker(time).to_key(LUIS)
    ref = Case.objects.get().ref

    def set_key(n):
        services.set_key(Case.objects.get(ref=ref), f"tortuga-vapor-cinta-{n}xyz", clock.now())
        return "set"

    answers = at_once(8, set_key)
    assert answers.count("set") == 1, answers
    assert connection.vendor == "postgresql"


def test_one_answer_of_a_passkey_sent_twenty_times_at_once_ends_one_wait(
    members, time, monkeypatch
):
    """The challenge is spent and the case goes on together: once, told once."""
    from clavero.audit.models import Entry
    from clavero.keys.models import SpentChallenge
    from clavero.recovery import waits
    from tests.rooms.recovery.test_wait_by_passkey import TERESA, has_passkey, state_of, waiting
    from tests.staff import options

    key, walker = has_passkey(time), Walker(time)
    case, before = waiting(walker, TERESA), SpentChallenge.objects.count()
    state, answer = state_of(walker), key.sign(options(walker))
    generous(monkeypatch)

    def send(_n):
        waits.prove_by_passkey(Case.objects.get(pk=case.pk), state, answer, "asker", clock.now())
        return "proved"

    answers = at_once(20, send)
    assert answers.count("proved") == 1 and answers.count("case.move_not_allowed") == 19, answers
    assert SpentChallenge.objects.count() == before + 1
    assert Entry.objects.filter(event="case_prove_by_passkey").count() == 1
    assert Entry.objects.filter(event="proof_failed").count() == 0


def test_two_who_answer_a_question_at_once_are_one_answer(members, time):
    from clavero.desk import watching
    from clavero.desk.models import Answer
    from tests import staff
    from tests.rooms.desk.test_casework import MARTA, prepare
    from tests.rooms.desk.test_watch import busy

    prepare(time, MARTA, "ruc_not_active")
    busy(staff.person("beatriz"), Case.objects.get(), 20)
    question = watching.questions(clock.now())[0]
    ramiro = staff.person("ramiro")
    answers = at_once(
        6, lambda n: watching.answer(question, ramiro, f"Era {n}.", clock.now()) and ""
    )
    assert sorted(answers) == ["", *["question.answered"] * 5]
    assert Answer.objects.count() == 1


def test_two_workers_send_each_message_once(members, time):
    from clavero.notices import services as notices
    from clavero.notices.models import Message

    for name in ("en_orden", "tres_sucursales", "domestica", "publica"):
        Walker(time).validate(by_id(name))
    sent = []

    class Kept:
        def send(self, address, finished):
            sent.append(finished.message_id)

    at_once(6, lambda _n: notices.deliver_due(clock.now(), Kept()))
    assert len(sent) == len(set(sent)) == 4 == Message.objects.filter(state="sent").count()


def test_attack_26_of_a_hundred_at_once_one_has_the_last_slot(transactional_db, time):
    from clavero.appointments import queries
    from clavero.appointments import services as appointments
    from clavero.appointments.models import Booking, Cell, Centre, Counter
    from clavero.appointments.services import Holder, Reach
    from clavero.core import slots

    Head.objects.get_or_create(pk=1)
    week = {day: [["00:00", "23:30"]] for day in slots.WEEKDAYS}
    centre = Centre.objects.create(
        code="ultimo", name="Último", province="Guayas", canton="Guayaquil", zone="America/Guayaquil", hours=week
    )  # fmt: skip
    Counter.objects.create(centre=centre, number=1)
    wanted = queries.rules().services[0]
    at = slots.minute(queries.first_free(centre, wanted, clock.now()))

    def want(n):
        holder = Holder(n + 1, f"person {n}", f"number {n}")
        held = appointments.hold(holder, centre, at, wanted, clock.now())
        with transaction.atomic():
            appointments.book(held, clock.now(), Reach("email", f"{n}@a.example", f"lookup {n}"))
        return "booked"

    answers = at_once(50, want) + at_once(50, want)
    assert answers.count("booked") == 1, answers
    assert set(answers) <= {"booked", "slot.gone", "slot.taken"}, set(answers)
    assert Booking.objects.filter(state="firm").count() == 1 and Cell.objects.count() == 6


def test_overlapping_times_never_wait_for_each_other_in_a_ring(transactional_db, time):
    """Cells are stored in one order, so that many overlapping bookings end, and none shares a cell."""
    from clavero.appointments import queries
    from clavero.appointments import services as appointments
    from clavero.appointments.models import Booking, Cell, Centre, Counter
    from clavero.appointments.services import Holder
    from clavero.core import slots

    Head.objects.get_or_create(pk=1)
    week = {day: [["00:00", "23:30"]] for day in slots.WEEKDAYS}
    centre = Centre.objects.create(
        code="anillo", name="Anillo", province="Guayas", canton="Guayaquil", zone="America/Guayaquil", hours=week
    )  # fmt: skip
    row = Counter.objects.create(centre=centre, number=1)
    wanted = queries.rules().services[0]
    start = slots.minute(queries.first_free(centre, wanted, clock.now()))

    def take(n):
        at = start + n % 10 * 5
        booking = appointments._new(Holder(n + 1, "", ""), centre, at, wanted, clock.now())
        with transaction.atomic():
            appointments._occupy(booking, [row.pk], at, wanted, clock.now())
        return "taken"

    answers = at_once(40, take)
    taken = answers.count("taken")
    assert taken >= 1 and set(answers) <= {"taken", "slot.taken"}
    assert Cell.objects.count() == 6 * taken == 6 * Booking.objects.count()


def test_of_twenty_who_shut_a_centre_at_once_one_does(members, time):
    from clavero.appointments.models import Closure
    from clavero.desk import floor
    from tests.staff import person

    boss = person("hernan")
    time.wait(11 * 3600)
    answers = at_once(20, lambda _n: floor.shut(boss, "works", clock.now()))
    assert answers.count("floor.shut_already") == 19
    assert Closure.objects.filter(reason="works", centre__code="ambato").count() == 1


def test_of_twenty_announcements_at_once_everybody_reads_one(members, time):
    from datetime import timedelta

    from clavero.notices import announcing

    until = clock.now() + timedelta(hours=1)
    at_once(20, lambda n: announcing.announce(f"Aviso {n}.", f"Notice {n}.", until, clock.now()))
    announcing.withdraw(clock.now())
    assert announcing.standing(clock.now()) is None, "one of them outlived its end"
