"""«No fui yo»: what an older link still stops, what the page of the stopped key says, who lifts it and who hears of it."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from clavero import clock
from clavero.audit import queries as audit
from clavero.demo.models import Mail
from clavero.desk import casework
from clavero.desk.models import SecondLook, Visit
from clavero.employers.models import Contact
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.notices.models import Message
from clavero.recovery import objections, services, visits
from clavero.recovery.models import Case
from tests.rooms.recovery.test_after_the_desk import (
    LUIS,
    approve,
    back,
    key_set_by_mail,
    notice_link,
    refused,
)  # fmt: skip
from tests.staff import enter, person
from tests.walk import NEW_KEY, Walker, as_if, deliver, sign_in

OTHER_KEY = "otra clave larga de Luis 2"


def contact_of(case: Case) -> Contact:
    return Contact.objects.get(employer=case.employer, kind="email", state=Contact.ON_RECORD)


def said(case: Case) -> None:
    objections.freeze(case, contact_of(case), clock.now())


def online(walker: Walker, time, key: str = NEW_KEY) -> Case:
    """A case of Luis from the first page to the tested key, by mail."""
    case = key_set_by_mail(walker, key)
    walker.press({"key": key})
    case.refresh_from_db()
    assert case.state == "access_tested"
    return case


def to_the_visit(time) -> Walker:
    """Luis, who no longer has that address, prepares a visit."""
    return Walker(time).validate(LUIS).press(button="no_access").to_visit("no_email")


def at_a_centre(time, key: str = OTHER_KEY) -> tuple[Case, Walker]:
    """A later case of Luis, who was seen at a centre: the key is set, and the phone stands at its test."""
    home = to_the_visit(time)
    case, secret = (
        visits.by_continuation(home.secret("continuation"), clock.now()),
        home.secret("secret"),
    )
    with transaction.atomic():
        visits.arrive(case, staff=1, centre="ambato", now=clock.now())
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    phone = back(time, secret).press({"code": code}).press({"key": key})
    case.refresh_from_db()
    return case, phone


def opens(time, key: str) -> bool:
    return sign_in(Walker(time), LUIS, key).path == "/cuenta/"


def test_a_link_of_before_does_not_stop_a_key_set_after_a_visit(walker, time):
    """Whoever left with an old notice cannot stop the key of the person whom two of staff have seen since; the visit's own link does."""
    before = online(walker, time)
    time.wait(3600)
    after, phone = at_a_centre(time)
    phone.press({"key": OTHER_KEY})
    assert refused(said, before) == "freeze.over"
    assert not before.objections.exists() and opens(time, OTHER_KEY)
    said(Case.objects.get(pk=after.pk))
    assert not opens(time, OTHER_KEY)


def test_a_link_of_before_stops_what_the_mailbox_alone_set_later(walker, time):
    """A thief who changes the stolen key once more, by mail again, leaves the owner's link as good as it was."""
    before = online(walker, time)
    time.wait(3600)
    online(Walker(time), time, OTHER_KEY)
    said(before)
    assert not opens(time, OTHER_KEY)


def test_a_row_written_by_another_hand_saves_no_key_from_an_older_link(walker, time):
    before = online(walker, time)
    time.wait(3600)
    later = online(Walker(time), time, OTHER_KEY)
    Case.objects.filter(pk=later.pk).update(
        grant_rule="recover_key.visit_and_second", proofs=[*later.proofs, "visit"]
    )
    said(before)
    assert not opens(time, OTHER_KEY)


def test_who_was_seen_and_sent_back_and_then_came_by_mail_is_not_spared(walker, time):
    """The rule that granted the key decides, not that somebody stood at a counter once."""
    before = online(walker, time)
    time.wait(3600)
    later = online(Walker(time), time, OTHER_KEY)
    as_if(later, proofs=[*later.proofs, "visit"])
    said(before)
    assert not opens(time, OTHER_KEY)


@pytest.mark.parametrize("meanwhile", ["lifted", "said again"])
def test_a_stop_that_is_another_by_now_is_not_lifted(walker, time, meanwhile):
    """Two supervisors press at once, or somebody says it anew while one decides: what was read is what ends."""
    case = online(walker, time)
    said(case)
    read = Account.objects.get(pk=case.account_id)
    until = None if meanwhile == "lifted" else read.frozen_until + timedelta(minutes=1)
    Account.objects.filter(pk=read.pk).update(frozen_until=until)
    case.account, told = read, Message.objects.count()
    call = partial(objections.lift, case, staff=3, reason="evidence_seen", now=clock.now())
    assert refused(call) == "freeze.none" and Message.objects.count() == told
    assert Account.objects.get(pk=read.pk).frozen_until == until


def test_a_case_that_another_hand_changed_is_told_stopped_without_an_hour(walker, time):
    """ATTACKS 31: it makes no move any more, and there is no key of it; the person reads what to do, not a failure."""
    case = key_set_by_mail(walker)
    link = notice_link(LUIS.email).removeprefix("http://localhost:8000")
    Case.objects.filter(pk=case.pk).update(account=None, mac="x")
    page = Walker(time).open(link)
    answer = page.client.post("/no-fui-yo/")
    assert answer.status_code == 200 and "ya nadie crea una clave" in answer.content.decode()


def test_a_key_set_while_it_is_stopped_says_until_when_and_nothing_is_tried(walker, time):
    """Neither «no coincide» nor a try spent: the page says until when, and what to do before (I03)."""
    said(online(walker, time))
    time.wait(3600)
    case, phone = at_a_centre(time)
    until = Account.objects.get(pk=case.account_id).frozen_until
    assert phone.page.select_one("[data-stopped]") and "centro con su cédula" in phone.text
    assert "Desde esa hora ingrese con ella" in phone.text
    assert until is not None
    entries = len(audit.history(case=case.pk))
    answer = phone.client.post(phone.path, {"key": OTHER_KEY}).content.decode()
    assert "data-stopped" in answer and "data-error" not in answer
    assert len(audit.history(case=case.pk)) == entries
    time.wait(72 * 3600)
    back_again = phone.open(phone.path)
    assert not back_again.page.select_one("[data-stopped]")
    assert back_again.press({"key": OTHER_KEY}).h1 == "Acceso comprobado"


def stopped_and_back(walker: Walker, time) -> tuple[Case, str]:
    """The key of a case that is over is stopped; its owner stands at a centre with the code of a new one."""
    before = online(walker, time)
    said(before)
    return before, to_the_visit(time).secret("continuation")


def test_a_supervisor_lifts_it_with_the_code_of_a_later_case(walker, time):
    before, code = stopped_and_back(walker, time)
    desk = enter(time, "beatriz").client
    sent = {"continuation": code, "reason": "Vi cédula y cara."}
    assert desk.post("/mesa/levantar/", sent).status_code == 303 and opens(time, NEW_KEY)
    deliver()
    told = [mail for mail in Mail.objects.all() if mail.subject == "Se levantó un «no fui yo»"]
    assert [mail.to for mail in told] == [LUIS.email]
    entry = next(e for e in audit.history(subject=before.account_id) if e.event == "key_thawed")
    assert (entry.actor, json.loads(entry.body)["data"]["staff"]) == (
        "supervisor",
        person("beatriz").number,
    )
    assert 'data-error="freeze.none"' in desk.post("/mesa/levantar/", sent).content.decode()


def test_nobody_lifts_what_was_said_of_their_own_work(walker, time):
    """Neither with the code of that case nor with one of a later case (ATTACKS 36)."""
    before, code = stopped_and_back(walker, time)
    staff = person("beatriz")
    Visit.objects.create(case=before, staff=staff, centre="guayaquil", opened_at=clock.now(), closed_at=clock.now())  # fmt: skip
    case = visits.by_continuation(code, clock.now())
    assert refused(casework.lift_freeze, staff, case, "x", clock.now()) == "desk.lift_same_person"
    assert not opens(time, NEW_KEY)


@pytest.mark.parametrize("also", [False, True])
def test_what_a_second_look_stopped_no_supervisor_lifts(walker, time, also):
    """Not even where somebody said «no fui yo» besides."""
    before = online(walker, time)
    now, staff = clock.now(), person("beatriz")
    SecondLook.objects.create(
        case=before, drawn_at=now, looked_at=now, outcome=SecondLook.DOUBTFUL, looked_by=person("ramiro"),
    )  # fmt: skip
    account = Account.objects.get(pk=before.account_id)
    with transaction.atomic():
        keys.freeze(account, now + timedelta(hours=72), case_id=before.pk, now=now, actor="auditor")
    if also:
        said(before)
    code = to_the_visit(time).secret("continuation")
    case = visits.by_continuation(code, clock.now())
    assert refused(casework.lift_freeze, staff, case, "x", clock.now()) == "freeze.looked_again"
    account.refresh_from_db()
    assert objections.shown(account, clock.now())["by_contact"] is also
    assert not opens(time, NEW_KEY)


def test_what_a_second_look_stopped_is_called_no_objection(walker, time):
    """The page of the person, and the counter, name who can help: not a supervisor, who would lift nothing."""
    account, now = Account.objects.get(pk=online(walker, time).account_id), clock.now()
    with transaction.atomic():
        keys.freeze(account, now + objections.FREEZE, case_id=None, now=now, actor="auditor")
    _, phone = at_a_centre(time)
    time.wait(72 * 3600 + 60)
    assert opens(time, OTHER_KEY), "as the page said: from any browser, without the case"
    with transaction.atomic():
        keys.freeze(account, clock.now() + objections.FREEZE, case_id=None, now=clock.now(), actor="auditor")  # fmt: skip
    assert "por seguridad está detenida" in phone.text and "no fui yo" not in phone.text
    code = to_the_visit(time).secret("continuation")
    desk = enter(time, "veronica").open("/mesa/").press({"counter": "1"})
    desk.press({"continuation": code})
    assert "segunda mirada" in desk.page.select_one("[data-stopped]").get_text()


def test_everybody_on_record_hears_that_somebody_said_it(walker, time):
    """Who asked must know what stopped them, and where it is lifted."""
    said(online(walker, time))
    deliver()
    mail = Mail.objects.get(subject="Un «no fui yo» detuvo un caso")
    assert mail.to == LUIS.email and "centro con su cédula" in mail.text


def test_the_counter_reads_that_the_key_is_stopped(walker, time):
    _, code = stopped_and_back(walker, time)
    desk = enter(time, "veronica").open("/mesa/").press({"counter": "1"})
    desk.press({"continuation": code})
    assert "levante el «no fui yo»" in desk.page.select_one("[data-stopped]").get_text()


def test_a_case_that_ended_without_a_key_is_stopped_by_nothing(walker, time):
    case = walker.validate(LUIS) and Case.objects.get()
    with transaction.atomic():
        services.advance(case, "cancel", now=clock.now())
    assert refused(said, case) == "freeze.over" and not case.objections.exists()
