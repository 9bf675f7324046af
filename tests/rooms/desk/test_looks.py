"""Some of what was approved is looked at again: drawn by chance, by somebody else, with a way on (S-076)."""

import math

import pytest
from django.db import transaction

from clavero import clock
from clavero.audit.models import Entry
from clavero.core import profile as rules
from clavero.demo.models import Mail
from clavero.desk import approvals, casework, looks
from clavero.desk.models import Interest, SecondLook
from clavero.institution import load, profile
from clavero.keys.models import Account
from clavero.privacy import lookups
from clavero.recovery import visits
from clavero.recovery.models import Case
from tests import staff
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.rooms.desk.test_casework import (
    MARTA,
    all_seen,
    prepare,
    refused,
    signed,
    visit_by,
)
from tests.stories.test_circle import JORGE, Desk
from tests.walk import NEW_KEY, Walker, as_if, deliver

ENOUGH = 20_000
FALLS = looks._falls


@pytest.fixture
def drawn(monkeypatch):
    """Chance falls on every case."""
    monkeypatch.setattr("clavero.desk.looks._falls", lambda: True)


def approved(time, who=MARTA, situation="ruc_not_active"):
    """A case that one attended and another approved: both of them, and the case."""
    _, code = prepare(time, who, situation)
    ana, eva = member(0), member(1, centre="puyo")
    visit = visit_by(ana, code)
    approval = approvals.ask(all_seen(visit), clock.now())
    eva = approval.drawn or eva
    approvals.approve(approval, eva, signed(eva), clock.now())
    return ana, eva, Case.objects.get(pk=visit.case_id)


def test_chance_draws_one_in_twenty():
    """Within four and a half standard deviations: a rate of four or of six in a hundred fails."""
    rate = sum(FALLS() for _ in range(ENOUGH)) / ENOUGH
    share = profile().desk.second_look_percent / 100
    assert share == 0.05
    assert abs(rate - share) < 4.5 * math.sqrt(share * (1 - share) / ENOUGH) < 0.01


def test_no_profile_draws_less_than_the_standard_asks():
    spec = next(f for f in rules.fields(rules.DeskRules) if f.name == "second_look_percent")
    assert spec.metadata["range"][0] == 5
    assert all(load(name).desk.second_look_percent >= 5 for name in ("iess", "example"))


def test_the_draw_is_part_of_the_approval_and_on_record(cast, time, drawn):
    ana, eva, case = approved(time)
    look = SecondLook.objects.get()
    assert (look.case_id, look.outcome, look.looked_by) == (case.pk, "", None)
    entry = Entry.objects.get(event="second_look_drawn")
    assert (entry.case_id, entry.actor) == (case.pk, "system")


def test_without_its_draw_there_is_no_approval(cast, time, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr("clavero.desk.looks._falls", fail)
    with pytest.raises(RuntimeError):
        approved(time)
    assert Case.objects.get().state == "in_review"
    assert not Entry.objects.filter(event="case_approve")


def test_one_officers_own_decision_is_drawn_too(cast, time, drawn):
    """Elena found the address on record again and proved it: one person was enough."""
    elena = by_id("ya_no_tengo")
    walker = Walker(time).validate(elena).press(button="no_access")
    walker.to_visit()
    code, case = walker.secret("continuation"), Case.objects.get()
    visits.send_contact_code(case, clock.now())
    visits.prove_contact(case, walker.mail(elena.email).code, "asker", clock.now())
    as_if(Case.objects.get(pk=case.pk), declared=[])
    casework.attest(all_seen(visit_by(member(0), code)), clock.now())
    assert SecondLook.objects.get().case_id == case.pk


def test_practice_is_not_drawn(cast, drawn):
    with transaction.atomic():
        looks.draw(Case(training=True), clock.now())
    assert not SecondLook.objects.exists()


def test_who_had_a_hand_in_it_neither_sees_nor_does_it(cast, time, drawn):
    ana, eva, case = approved(time)
    look = SecondLook.objects.get()
    boss = member(2, "supervisor", "quito")
    for one in (ana, eva):
        assert looks.waiting(one) == []
        assert refused(looks.decide, look, one, "fine", "yo", clock.now()) == "look.own"
    assert looks.waiting(boss) == [look]
    Interest.objects.create(
        staff=boss, ruc_lookup=lookups.of("ruc", MARTA.ruc), declared_at=clock.now()
    )
    assert looks.waiting(boss) == []
    assert refused(looks.decide, look, boss, "fine", "x", clock.now()) == "look.own"


def test_it_is_answered_once_with_a_reason(cast, time, drawn):
    _, _, case = approved(time)
    look, boss = SecondLook.objects.get(), member(2, "auditor")
    assert refused(looks.decide, look, boss, "fine", "  ", clock.now()) == "look.reason_empty"
    assert looks.decide(look, boss, "fine", "Todo se explica.", clock.now()) == looks.NOTHING
    other = member(3, "supervisor", "quito")
    assert refused(looks.decide, look, other, "doubtful", "x", clock.now()) == "look.done"
    assert not Case.objects.get(pk=case.pk).held
    entry = Entry.objects.get(event="second_look_done")
    assert (entry.actor, entry.reason) == ("auditor", "fine")


def test_a_doubt_before_there_is_a_key_waits_for_another_supervisor(cast, time, drawn):
    _, _, case = approved(time)
    boss, other = member(2, "supervisor", "quito"), member(3, "supervisor", "quito")
    look = SecondLook.objects.get()
    assert (
        looks.decide(look, boss, "doubtful", "La visita duró un minuto.", clock.now()) == looks.HELD
    )
    case = Case.objects.get(pk=case.pk)
    assert case.held and case.is_genuine
    held = Entry.objects.get(event="case_held")
    assert held.actor == "supervisor"
    assert (
        refused(casework.end_hold, boss, case.number, "yo misma", clock.now())
        == "approval.same_person"
    )
    casework.end_hold(other, case.number, "No fue el empleador.", clock.now())
    assert Case.objects.get(pk=case.pk).state == "refused"


def test_a_doubt_about_a_key_that_was_made_stops_the_key_and_tells_everybody(counter, time, drawn):
    from tests.stories.test_circle import handed
    from tests.stories.test_circle import prepare as prepared

    officer, second = counter
    _, secret, code = prepared(time, JORGE, "no_email")
    binding = handed(officer, second, time, code)
    phone = Walker(time).open("/caso/").press({"secret": secret}).press({"code": binding})
    phone.press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert phone.h1 == "Acceso comprobado"
    deliver()
    Mail.objects.all().delete()

    auditor = Desk(time, "ramiro")
    auditor.walker.open("/mesa/segunda-mirada/")
    auditor.follow("Mirar")
    assert "Perdió el correo." in auditor.text and JORGE.identification not in auditor.text
    auditor.press("Guardar", outcome="doubtful", reason="La visita duró un minuto.")
    assert "La clave está detenida 72 horas" in auditor.text
    account = Account.objects.get(pk=Case.objects.get().account_id)
    assert (account.frozen_until - clock.now()).total_seconds() > 71 * 3600
    deliver()
    told = Mail.objects.filter(text__contains="esa clave no sirve durante 72 horas")
    assert JORGE.email in {mail.to for mail in told}


def test_the_case_is_read_there_and_the_look_is_recorded(counter, time, drawn):
    ana, eva, case = approved(time)
    ramiro = Desk(time, "ramiro")
    ramiro.walker.open("/mesa/segunda-mirada/")
    assert case.number in ramiro.text
    ramiro.follow("Mirar")
    assert "¿se explica lo que se aprobó?" in ramiro.walker.h1
    assert (
        Entry.objects.filter(event="sensitive_read", case_id=case.pk, actor="auditor").count() == 1
    )
    ramiro.press("Guardar", outcome="fine", reason="")
    assert ramiro.walker.errors == ["look.reason_empty"]
    ramiro.press("Guardar", outcome="fine", reason="Todo se explica.")
    assert "No hay casos por mirar." in ramiro.text


def test_a_supervisor_who_approved_finds_nothing_at_its_address(counter, time, drawn):
    _, eva, case = approved(time)
    beatriz = staff.person("beatriz")
    case.approvals.update(decided_by=beatriz)
    desk = Desk(time, "beatriz")
    desk.walker.open("/mesa/segunda-mirada/")
    assert case.number not in desk.text
    desk.walker.open(f"/mesa/segunda-mirada/{SecondLook.objects.get().pk}/")
    assert desk.walker.status == 404
