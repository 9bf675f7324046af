"""A risky recovery waits a day, contacts told and able to cancel, or takes a second proof (D12, D13)."""

from datetime import timedelta

import pytest
from django.db import transaction

from clavero import clock
from clavero.core import evidence, pacing
from clavero.core.errors import Refused
from clavero.employers.models import Contact
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.keys.models import Account, KeyEvent
from clavero.recovery import objections, risk, waits
from clavero.recovery.models import Case
from tests.cast import CAST, by_id
from tests.walk import NEW_KEY, Walker, deliver, sign_in

TERESA, ANA, LUIS = by_id("correo_nuevo"), by_id("en_orden"), by_id("tres_sucursales")
HOURS = profile().limits.risk_wait_hours


def waiting(walker) -> str:
    """Teresa's case waits; its secret."""
    walker.to_key(TERESA)
    assert walker.h1 == "Su pedido espera por seguridad"
    return walker.secret("secret")


def later(time, hours: float = HOURS + 0.1) -> None:
    time.wait(hours * 3600)
    waits.due(clock.now())


def with_saved_code(member) -> str:
    account = Account.objects.get(username=keys.username(number_of(member)))
    with transaction.atomic():
        return keys.save_code(account, case_id=None, now=clock.now())


def number_of(member):
    from clavero.core.identifiers.employer import EmployerNumber

    return EmployerNumber(member.identification, member.ruc, member.branch, member.domestic)


def signals_of(walker, member) -> tuple[str, ...]:
    walker.validate(member).prove(member)
    return risk.signals(Case.objects.latest("opened_at"), clock.now())


# --- each row of the table ---------------------------------------------------------------------------


@pytest.mark.parametrize("member", [m for m in CAST if m.ends == "online"], ids=lambda m: m.id)
def test_the_ordinary_cast_waits_for_nothing(walker, member):
    walker.to_key(member)
    assert walker.step == "key" and Case.objects.get().risks == []


def test_a_contact_that_changed_lately_is_a_signal(walker):
    assert signals_of(walker, TERESA) == ("contact_changed",)


def test_a_contact_that_was_replaced_lately_is_a_signal_too(walker):
    row = Contact(
        employer=next(c for c in Contact.objects.all() if c.value == LUIS.email).employer,
        kind="email", value="luis.antes@tuercas.example", value_lookup="x" * 43, state="replaced",
        usable_from=clock.now(), changed_on=clock.now().date() - timedelta(days=29),
    )  # fmt: skip
    row.seal()
    row.save(force_insert=True)
    assert signals_of(walker, LUIS) == ("contact_changed",)


def test_after_thirty_days_a_change_is_no_signal_any_more(walker, time):
    time.wait(20 * 86400)
    assert signals_of(walker, TERESA) == ()


def test_an_address_that_stands_for_more_than_three_employers_is_a_signal(walker):
    """What the import flags goes to a visit; here the others came after it."""
    mine = next(c for c in Contact.objects.all() if c.value == LUIS.email)
    others = Contact.objects.exclude(employer=mine.employer).order_by("employer_id")
    owners = {row.employer_id: row.employer for row in others}
    for number, employer in enumerate(list(owners.values())[:3]):
        assert number < 2 or signals_of(Walker(walker.time), LUIS) == ()
        row = Contact(
            employer=employer, kind="email", value=mine.value, value_lookup=mine.value_lookup,
            usable_from=clock.now(),
        )  # fmt: skip
        row.seal()
        row.save(force_insert=True)
    assert signals_of(walker, LUIS) == ("shared_address",)


def test_twelve_months_without_a_sign_in_are_a_signal(walker, time):
    time.wait(364 * 86400)
    assert "long_silence" not in signals_of(walker, LUIS)
    time.wait(2 * 86400)
    assert "long_silence" in signals_of(Walker(time), LUIS)


def test_a_key_that_was_guessed_from_an_unknown_browser_is_a_signal_and_told(walker, time):
    """S-084: success after many failures."""
    quick = profile().buckets["signin_unknown"].quick
    for failures in range(1, 11):
        assert sign_in(Walker(time), LUIS, "no-es-esta-la-clave").errors == ["signin.no_match"]
        time.wait(pacing.gap(failures, quick) + 1)
    sign_in(Walker(time), LUIS, LUIS.key)
    assert "tras muchos intentos" in walker.mail(LUIS.email).subject
    assert signals_of(walker, LUIS) == ("guessed_key",)


def test_nine_failures_or_a_known_browser_are_no_signal(walker, time):
    """Whoever only fails makes nobody wait (ATTACKS 18)."""
    home = sign_in(Walker(time), LUIS, LUIS.key)
    for _ in range(12):
        sign_in(Walker(time), LUIS, "no-es-esta-la-clave")
    sign_in(home, LUIS, LUIS.key)
    assert not KeyEvent.objects.filter(event=keys.AFTER_FAILURES).exists()
    quick = profile().buckets["signin_unknown"].quick
    time.wait(30 * 24 * 3600)
    for failures in range(1, 10):
        assert sign_in(Walker(time), LUIS, "no-es-esta-la-clave").errors == ["signin.no_match"]
        time.wait(pacing.gap(failures, quick) + 1)
    assert sign_in(Walker(time), LUIS, LUIS.key).path == "/cuenta/"
    assert not KeyEvent.objects.filter(event=keys.AFTER_FAILURES).exists()
    assert signals_of(walker, LUIS) == ()


def test_the_only_contact_is_a_signal_where_the_profile_says_so_and_no_questions_were_answered():
    """ADR 14: the wait would be told to that same address only; a profile decides."""
    alone = evidence.History(told=1)
    code = frozenset({"contact_code"})
    assert evidence.signals(alone, code) == ("only_contact",)
    assert evidence.signals(alone, code | {"questions"}) == ()
    assert evidence.signals(evidence.History(told=2), code) == ()
    assert evidence.signals(evidence.History(told=1, by_contact=False), frozenset()) == ()
    assert evidence.signals(evidence.History(told=1, waits_for_only_contact=False), code) == ()


def test_questions_answer_no_other_risk_than_that():
    changed = evidence.History(contact_changed_days=3)
    held = frozenset({"contact_code", "questions"})
    assert evidence.signals(changed, held) == ("contact_changed",)
    for answer in evidence.ANSWERS:
        assert evidence.signals(changed, held | {answer}) == ()


def test_with_a_risk_that_nothing_answers_no_online_rule_grants_a_key():
    """The table itself refuses, whatever the pages do."""
    from clavero.core.triage import Facts

    facts = Facts(True, "match", "match", "valid", "active", "active")
    for proof in ("contact_code", "contact_link", "saved_code"):
        held = frozenset({proof})
        with pytest.raises(Refused):
            evidence.sufficient("recover_key", held | evidence.at_risk(["x"], held), facts)
        waited = held | {"waited"}
        assert evidence.sufficient("recover_key", waited | evidence.at_risk(["x"], waited), facts)


# --- the wait ----------------------------------------------------------------------------------------


def test_the_page_says_until_when_and_the_current_key_works(walker, time):
    waiting(walker)
    until = Case.objects.get().wait_until
    assert until - clock.now() <= timedelta(hours=HOURS)
    assert "Su clave actual sigue valiendo" in walker.text and "Avisamos a 2 correos" in walker.text
    assert sign_in(Walker(time), TERESA, TERESA.key).path == "/cuenta/"


def test_after_the_hours_the_person_proves_once_more_and_sets_the_key(walker, time):
    """Resumed with the case secret, in another browser, when the worker has been."""
    secret = waiting(walker)
    later(time, HOURS - 0.1)
    assert (
        Walker(time).open("/caso/").press({"secret": secret}).h1 == "Su pedido espera por seguridad"
    )
    later(time, 0.2)
    assert "ya puede seguir" in walker.mail(TERESA.former).subject.lower()
    phone = Walker(time).open("/caso/").press({"secret": secret})
    assert phone.step == "code"
    phone._land(
        phone.client.post(phone.path.replace("codigo", "otro-mensaje"), follow=True), phone.path
    )
    phone.prove(TERESA)
    phone.press()
    assert phone.step == "key"
    phone.finish()
    assert phone.h1 == "Acceso comprobado"
    assert sign_in(Walker(time), TERESA, NEW_KEY).path == "/cuenta/"


def test_the_case_secret_alone_sets_no_key_after_the_wait(walker, time):
    secret = waiting(walker)
    later(time)
    thief = Walker(time).open("/caso/").press({"secret": secret})
    ref = Case.objects.get().ref
    thief.open(f"/empleadores/recuperar-clave/caso/{ref}/clave/")
    assert thief.step == "code"


def test_while_it_waits_the_key_page_is_closed(walker):
    waiting(walker)
    case = Case.objects.get()
    walker.client.post(f"/empleadores/recuperar-clave/caso/{case.ref}/clave/", {"key": NEW_KEY})
    case.refresh_from_db()
    assert case.state == "waiting" and case.key_set_at is None


def test_a_saved_code_is_the_second_proof_and_is_replaced(walker):
    saved = with_saved_code(TERESA)
    waiting(walker)
    walker.press({"code": "ABCD-EFGH-JKMN-PQRS"})
    assert walker.errors == ["saved_code.wrong"]
    walker.press({"code": saved.lower()})
    assert walker.step == "key"
    walker.finish()
    assert walker.h1 == "Acceso comprobado" and walker.page.select_one("[data-saved-code]")
    assert Case.objects.get().proofs.count("second_proof") == 1


def test_who_cannot_wait_goes_to_a_centre(walker):
    waiting(walker)
    walker.press(button="prefer_visit")
    assert walker.step == "situation"


# --- the cancel link ---------------------------------------------------------------------------------


def cancel_link(walker, address: str) -> str:
    text = walker.mail(address).text
    return next(word for word in text.split() if "/cancelar-pedido/" in word)


def test_every_contact_is_told_and_the_link_cancels_once(walker, time):
    secret = waiting(walker)
    link = cancel_link(walker, TERESA.former)
    assert cancel_link(walker, TERESA.email) != link
    owner = Walker(time).open(link)
    assert owner.h1 == "¿Cancelar el pedido de clave?" and Case.objects.get().state == "waiting"
    form = owner.page.select_one("form[action$='/cancelar-pedido/']")
    owner._land(owner.client.post(form["action"], {}, follow=True), form["action"])
    assert owner.h1 == "El pedido está cancelado" and Case.objects.get().state == "cancelled"
    assert "se canceló" in walker.mail(TERESA.email).subject
    again = Walker(time).open(link)
    assert again.errors == ["stop.over"]
    assert "Usted lo canceló" in Walker(time).open("/caso/").press({"secret": secret}).text
    assert sign_in(Walker(time), TERESA, TERESA.key).path == "/cuenta/"


def test_scanners_that_open_the_link_cancel_nothing(walker, time):
    waiting(walker)
    link = cancel_link(walker, TERESA.former)
    for _ in range(5):
        scanner = Walker(time)
        scanner.client.head(link, follow=True)
        scanner.open(link)
    assert Case.objects.get().state == "waiting"


def test_after_the_wait_the_link_says_that_it_is_over(walker, time):
    waiting(walker)
    link = cancel_link(walker, TERESA.former)
    later(time)
    assert Walker(time).open(link).errors == ["stop.over"]
    assert Case.objects.get().state == "code_sent"


def test_the_worker_releases_once_and_tells_once(walker, time):
    waiting(walker)
    later(time)
    assert waits.due(clock.now()) == 0
    deliver()
    from clavero.demo.models import Mail

    assert Mail.objects.filter(subject="Su caso ya puede seguir").count() == 2


def test_no_fui_yo_stops_a_waiting_case_and_it_waits_again_afterwards(walker, time):
    from clavero.recovery import visits

    waiting(walker)
    case = Case.objects.get()
    old = next(c for c in Contact.objects.all() if c.value == TERESA.former)
    objections.freeze(case, old, clock.now())
    later(time)
    case.refresh_from_db()
    assert case.state == "frozen"
    time.wait(73 * 3600)
    visits.due(clock.now())
    case.refresh_from_db()
    assert case.state == "waiting"
