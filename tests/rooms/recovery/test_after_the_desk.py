"""After the desk: a key needs the case secret and the binding code; «no fui yo» stops, once; nobody else sets it."""

import re
from datetime import timedelta

import pytest
from django.db import transaction

from clavero import clock
from clavero.audit import queries as audit
from clavero.core.errors import Refused
from clavero.demo.models import Mail
from clavero.employers import queries as employers
from clavero.employers import services as employer_deeds
from clavero.employers.models import Contact, Representative
from clavero.keys.models import Account, SavedCode, Session
from clavero.recovery import objections, services, visits
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, deliver, sign_in

JULIA, ANA, LUIS = by_id("sin_correo"), by_id("en_orden"), by_id("tres_sucursales")


def at_the_desk(walker, member=JULIA, situation="no_email") -> tuple[Case, str]:
    """The case of `member`, open at a counter, and its secret."""
    walker.validate(member).to_visit(situation)
    secret, code = walker.secret("secret"), walker.secret("continuation")
    case = visits.by_continuation(code, clock.now())
    with transaction.atomic():
        visits.arrive(case, staff=1, centre="ambato", now=clock.now())
        visits.refresh_facts(case)
    return case, secret


def approve(case: Case) -> None:
    now = clock.now()
    with transaction.atomic():
        services.advance(case, "ask_approval", now=now, actor="officer", staff=1, gives="visit")
        services.advance(
            case, "approve", now=now, actor="approver", staff=2, gives="second_approval",
            **visits.wake_binding(case, now),
        )  # fmt: skip


def back(time, secret) -> Walker:
    """The claimant's own phone: another browser, with the case secret."""
    return Walker(time).open("/caso/").press({"secret": secret})


def refused(deed, *args, **more) -> str:
    with pytest.raises(Refused) as found:
        deed(*args, **more)
    return found.value.code


def test_with_both_secrets_a_key_is_set_and_tested(walker, time):
    case, secret = at_the_desk(walker)
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    phone = back(time, secret)
    assert phone.h1 == "Escriba el código del centro"
    phone.press({"code": f" {code[:4].lower()}-{code[4:]} "})
    assert phone.step == "key"
    phone.press({"key": "corta"})
    phone.press({"key": NEW_KEY}).press({"key": NEW_KEY})
    assert phone.h1 == "Acceso comprobado"
    assert sign_in(Walker(time), JULIA, NEW_KEY).path == "/cuenta/"
    case.refresh_from_db()
    assert case.grant_rule == "recover_key.visit_and_second"


def test_the_case_secret_alone_sets_nothing(walker, time):
    case, secret = at_the_desk(walker)
    approve(case)
    phone = back(time, secret)
    for path in ("clave", "probar"):
        phone.open(f"/empleadores/recuperar-clave/caso/{case.ref}/{path}/")
        assert phone.h1 == "Escriba el código del centro"
    case.refresh_from_db()
    assert refused(visits.set_key, case, NEW_KEY, clock.now()) == "binding.needed"
    assert Account.objects.filter(employer=case.employer).count() == 0


def test_the_binding_code_alone_opens_nothing(walker, time):
    case, _ = at_the_desk(walker)
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    stranger = Walker(time)
    page = stranger.client.post(
        f"/empleadores/recuperar-clave/caso/{case.ref}/terminar/", {"code": code}
    )
    assert page.status_code == 404
    assert stranger.open("/caso/").press({"secret": code}).errors == ["case.secret_unknown"]


def test_before_the_approval_no_code_is_handed_and_a_sleeping_one_sets_nothing(walker, time):
    case, _ = at_the_desk(walker)
    assert refused(visits.hand_binding, case, staff=1, now=clock.now()) == "case.move_not_allowed"
    with transaction.atomic():
        services.advance(
            case, "ask_approval", now=clock.now(), actor="officer", staff=1, gives="visit"
        )
    code = visits.hand_ahead(case, staff=1, now=clock.now())
    assert len(code) == 16
    assert refused(visits.type_binding, case, code, clock.now()) == "binding.asleep"
    with transaction.atomic():
        services.advance(
            case, "approve", now=clock.now(), actor="approver", staff=2, gives="second_approval",
            **visits.wake_binding(case, clock.now()),
        )  # fmt: skip
    time.wait(3600)
    visits.set_key(visits.type_binding(case, code, clock.now()), NEW_KEY, clock.now())
    assert case.state == "key_set"


def test_a_binding_code_lives_ten_minutes_and_five_tries(walker, time):
    case, _ = at_the_desk(walker)
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    time.wait(601)
    assert refused(visits.type_binding, case, code, clock.now()) == "binding.expired"
    visits.due(clock.now())
    case.refresh_from_db()
    assert case.state == "approved"
    again = visits.hand_binding(case, staff=1, now=clock.now())
    said = [refused(visits.type_binding, case, "ZZZZZZZZ", clock.now()) for _ in range(6)]
    assert said == ["binding.wrong"] * 4 + ["binding.dead"] * 2
    assert refused(visits.type_binding, case, again, clock.now()) == "binding.dead"


def test_a_binding_code_is_used_up_once(walker, time):
    case, _ = at_the_desk(walker)
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    other = Case.objects.get(pk=case.pk)
    visits.type_binding(case, code, clock.now())
    assert refused(visits.type_binding, other, code, clock.now()) == "binding.used"


def test_no_key_is_set_where_somebody_of_staff_has_worked(walker, time):
    from django.http import HttpResponse

    from clavero.keys import doors

    case, secret = at_the_desk(walker)
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    phone = back(time, secret)
    marked = doors.mark_staff(HttpResponse()).cookies[doors.STAFF_MARK].value
    phone.client.cookies[doors.STAFF_MARK] = marked
    phone.open(phone.path)
    assert phone.status == 403 and "quiosco" in phone.h1
    phone.client.post(phone.path, {"code": code})
    case.refresh_from_db()
    assert case.binding_typed_at is None


def test_a_duress_hold_is_forgiven_by_no_rule(walker, time):
    case, _ = at_the_desk(walker)
    with transaction.atomic():
        visits.hold(case, staff=1, now=clock.now())
    approve(case)
    code = visits.hand_binding(case, staff=1, now=clock.now())
    visits.type_binding(case, code, clock.now())
    case.refresh_from_db()
    assert refused(visits.set_key, case, NEW_KEY, clock.now()) == "evidence.not_sufficient"
    with transaction.atomic():
        visits.release_hold(case, staff=3, reason="looked_into")
    case.refresh_from_db()
    assert visits.set_key(case, NEW_KEY, clock.now()).state == "key_set"


def test_a_closed_ruc_opens_a_limited_key(walker, time):
    case, _ = at_the_desk(walker, by_id("ruc_cerrado"), "ruc_not_active")
    approve(case)
    visits.type_binding(
        case, visits.hand_binding(case, staff=1, now=clock.now()), clock.now()
    )  # fmt: skip
    visits.set_key(case, NEW_KEY, clock.now())
    account = Account.objects.get(pk=case.account_id)
    assert account.scope == "limited"
    signed = sign_in(Walker(time), by_id("ruc_cerrado"), NEW_KEY)
    assert "limitada" in signed.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "continuation.length"),
        ("K7QM3PTX", "continuation.is_letter_code"),
        ("0" * 26, "continuation.is_secret"),
        ("0" * 16, "continuation.unknown"),
        ("https://otra.example/x", "continuation.length"),
    ],
)
def test_what_is_no_continuation_code_is_told_apart(cast, typed, said):
    assert refused(visits.by_continuation, typed, clock.now()) == said


def test_the_continuation_code_opens_once_a_visit_and_expires(walker, time):
    walker.validate(JULIA).to_visit("no_email")
    code = walker.secret("continuation")
    case = visits.by_continuation(f"{code[:4]} {code[4:].lower()}", clock.now())
    with transaction.atomic():
        visits.arrive(case, staff=1, centre="ambato", now=clock.now())
    again = visits.by_continuation(code, clock.now())
    assert refused(visits.arrive, again, staff=2, centre="ambato", now=clock.now()) == (
        "continuation.open"
    )
    with transaction.atomic():
        services.advance(case, "leave", now=clock.now(), actor="officer", staff=1)
    again = visits.by_continuation(code, clock.now())
    with transaction.atomic():
        visits.arrive(again, staff=2, centre="ambato", now=clock.now())
    time.wait(31 * 86400)
    assert refused(visits.by_continuation, code, clock.now()) == "continuation.expired"


# --- «no fui yo» ------------------------------------------------------------------------------------------


def notice_link(to: str) -> str:
    deliver()
    from clavero.demo.models import Mail

    found = [mail.text for mail in Mail.objects.order_by("-sent_at") if mail.to == to]
    text = next(text for text in found if "/no-fui-yo/" in text)
    return next(word for word in text.split() if "/no-fui-yo/" in word)


def key_set_by_mail(walker, key=NEW_KEY) -> Case:
    walker.to_key(LUIS).press({"key": key})
    return Case.objects.latest("opened_at")


def test_no_fui_yo_stops_the_case_and_the_key_for_72_hours_once(walker, time):
    case = key_set_by_mail(walker)
    link = notice_link(LUIS.email).removeprefix("http://localhost:8000")
    for _ in range(3):
        scanner = Walker(time).open(link)
    case.refresh_from_db()
    assert case.state == "key_set" and "no-fui-yo" in scanner.path and len(scanner.path) < 15
    page = scanner.client.post("/no-fui-yo/")
    assert page.status_code == 200
    case.refresh_from_db()
    assert case.state == "frozen" and case.frozen_from == "key_set"
    assert sign_in(Walker(time), LUIS, NEW_KEY).errors == ["signin.no_match"]
    again = Walker(time).open(link)
    assert b"freeze.once" in again.client.post("/no-fui-yo/").content
    time.wait(72 * 3600 + 60)
    visits.due(clock.now())
    case.refresh_from_db()
    assert case.state == "visit_needed"
    assert sign_in(Walker(time), LUIS, NEW_KEY).path == "/cuenta/"


def test_a_supervisor_lifts_a_freeze_with_a_reason(walker, time):
    case = key_set_by_mail(walker)
    contact = Contact.objects.get(employer=case.employer, kind="email")
    objections.freeze(case, contact, clock.now())
    objections.lift(case, staff=3, reason="evidence_seen", now=clock.now())
    assert case.state == "visit_needed"
    assert sign_in(Walker(time), LUIS, NEW_KEY).path == "/cuenta/"
    assert audit.history(case=case.pk)[-2].event == "case_lift_freeze"


def test_a_link_that_was_altered_stops_nothing(walker, time):
    case = key_set_by_mail(walker)
    assert objections.read("f1.AAAA") is None
    stranger = Walker(time).open("/no-fui-yo/f1.AAAA/")
    assert stranger.status == 410
    case.refresh_from_db()
    assert case.state == "key_set"


# --- another representative ------------------------------------------------------------------------------


def test_another_representative_ends_everything_of_the_former_one(walker, time):
    walker.to_key(ANA).finish()
    saved = walker.press(button="save_code")
    assert saved.page.select_one("[data-saved-code]")
    account = Account.objects.get(employer__isnull=False, representative__isnull=False, sessions__isnull=False)  # fmt: skip
    open_case = Walker(time).validate(ANA)
    assert open_case.step == "code"
    case, _ = at_the_desk(Walker(time), by_id("sin_correo"))
    with transaction.atomic():
        visits.change_representative(
            account.employer, "2457359574", "Persona Nueva", case=case, now=clock.now()
        )
    account.refresh_from_db()
    assert account.state == "revoked" and not Session.objects.filter(account=account).exists()
    assert not SavedCode.objects.filter(account=account, used_at=None).exists()
    theirs = Case.objects.filter(employer=account.employer).order_by("opened_at").last()
    assert theirs.state == "closed_unfinished"
    current = Representative.objects.filter(employer=account.employer, state="current")
    assert [one.identification for one in current] == ["2457359574"]
    assert sign_in(Walker(time), ANA, NEW_KEY).errors == ["signin.no_match"]
    assert Walker(time).validate(ANA).routes == {"visit", "correct_data"}


def replaced():
    """Ana's number, and the addresses that a new, confirmed one took the place of."""
    number = services.EmployerNumber(ANA.identification, ANA.ruc, ANA.branch, False)
    employer = employers.gather(number).employer
    with transaction.atomic():
        fresh, old = employer_deeds.replace_contact(
            employer, "email", "nueva@trigo.example", case_id=None, now=clock.now()
        )
        employer_deeds.confirm_contact(fresh, clock.now())
    return number, old


def test_a_replaced_address_gets_nothing_and_the_new_one_waits_72_hours(cast, time):
    number, old = replaced()
    assert [one.state for one in old] == ["replaced"]
    assert employers.gather(number).contact is None
    time.wait(timedelta(hours=72).total_seconds() + 60)
    employer_deeds.due(clock.now())
    assert employers.gather(number).contact.value == "nueva@trigo.example"


def test_an_address_that_was_replaced_is_told_nothing_of_what_comes_later(cast, time):
    """Only a case that waits tells it, for thirty days (D13): `told_of_a_wait`."""
    replaced()
    time.wait(timedelta(days=40).total_seconds())
    employer_deeds.due(clock.now())
    walker = Walker(time).validate(ANA)
    assert walker.mail("nueva@trigo.example").code
    walker.press({"code": walker.mail("nueva@trigo.example").code})
    deliver()
    assert not [mail for mail in Mail.objects.all() if mail.to == ANA.email]


# --- a contact proved while the visit is prepared ------------------------------------------------------------


def visit_page(walker, member, situation="representative_changed") -> Case:
    walker.validate(member).to_visit(situation)
    return Case.objects.get(ref=walker.path.split("/")[-3])


def test_the_contact_on_record_is_proved_from_the_visit_page(walker):
    """The bakery's RUC was suspended when the case was opened; the mail is the owner's all the same."""
    marta = by_id("ruc_suspendido")
    case = visit_page(walker, marta, "ruc_not_active")
    walker.open(walker.page.select_one("a[href*=comprobar-correo]")["href"])
    sent = walker.client.post(walker.path, {"send": "1"}, follow=True)
    walker._land(sent, walker.path)
    assert walker.press({"code": "ZZZZZZZZ"}).errors == ["code.wrong"]
    walker.press({"code": walker.mail(marta.email).code})
    case.refresh_from_db()
    assert "contact_code" in case.proofs and case.state == "visit_needed"


def test_the_page_says_the_same_where_there_is_no_contact(walker, time):
    seen = []
    for member in (by_id("ruc_suspendido"), by_id("sin_correo"), by_id("no_existe")):
        one = Walker(time)
        visit_page(one, member)
        one.open(one.page.select_one("a[href*=comprobar-correo]")["href"])
        one._land(one.client.post(one.path, {"send": "1"}, follow=True), one.path)
        seen.append(re.sub(r"\d+:\d\d", "", one.text))
    assert len(set(seen)) == 1
