"""The deeds of a case: all or nothing, once however often they are pressed, and never on stale ground."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from clavero import clock
from clavero.audit import queries as audit
from clavero.audit import services as recording
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.employers import services as employer_deeds
from clavero.employers.models import Contact, Employer, Representative
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.keys.models import SavedCode
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.recovery import services
from clavero.recovery.models import Case, ContactProof
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, deliver, sign_in

ANA, LUIS, LUCIA, JORGE = map(
    by_id, ("en_orden", "tres_sucursales", "clave_bloqueada", "domestica")
)
IDLE = profile().limits.idle_minutes * 60
TABLES = ("keys_account", "keys_session", "keys_device", "keys_keyevent", "keys_savedcode", "employers_employer",
          "employers_contact", "employers_change", "notices_message", "audit_entry", "audit_head", "recovery_case",
          "recovery_contactproof")  # fmt: skip


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a deed may touch."""
    held = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            held[table] = sorted(map(repr, cursor.fetchall()))
    return held


class Failed(Exception):
    """The lights went out."""


def fails_after(monkeypatch, module, name, times: int = 1) -> None:
    """The next calls of `module.name` do their work, and then everything ends."""
    real, calls = getattr(module, name), []

    def broken(*args, **kwargs):
        answer = real(*args, **kwargs)
        calls.append(name)
        if len(calls) == times:
            raise Failed
        return answer

    monkeypatch.setattr(module, name, broken)


STEPS = {
    "the move": (services, "advance", 1),
    "the key": (keys, "issue", 1),
    "the sessions": (keys, "_end_all", 1),
    "the state of the key": (employer_deeds, "set_key_state", 1),
    "the first record": (recording, "record", 1),
    "the second record": (recording, "record", 2),
    "the notices": (notices, "enqueue", 1),
    "the end": (services, "tell_all", 1),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("member", [LUCIA, JORGE], ids=["a key before", "no account before"])
def test_a_key_is_set_whole_or_not_at_all(walker, time, monkeypatch, step, member):
    """S-011: the exception comes after each step; then everything is as before, and the proof still counts."""
    if member.key:
        sign_in(Walker(time), ANA, ANA.key)
    walker.to_key(member)
    case, before = Case.objects.get(), everything()
    module, name, times = STEPS[step]
    with monkeypatch.context() as patched:
        fails_after(patched, module, name, times)
        with pytest.raises(Failed):
            services.set_key(case, NEW_KEY, clock.now())
    assert everything() == before
    assert walker.finish().h1 == "Acceso comprobado" and audit.verify().ok


def test_a_proof_is_taken_whole_or_not_at_all(walker, monkeypatch):
    walker.validate(LUIS)
    code, case = walker.mail(LUIS.email).code, Case.objects.get()
    with monkeypatch.context() as patched:
        fails_after(patched, services, "supersede_others")
        with pytest.raises(Failed):
            services.prove_by_code(case, code, "a", clock.now())
    case.refresh_from_db()
    assert (case.state, case.proofs, case.handle_version) == ("code_sent", [], 1)
    assert walker.press({"code": code}).step == "contact"


def test_a_case_is_opened_whole_or_not_at_all(walker, time, monkeypatch):
    walker.to_check(LUIS)
    time.wait(10)
    with monkeypatch.context() as patched:
        fails_after(patched, services, "_first_message")
        with pytest.raises(Failed):
            walker.press()
    assert not Case.objects.exists() and not Message.objects.exists()
    assert not Entry.objects.filter(event__startswith="case_").exists()


def test_a_saved_code_that_could_not_prove_is_not_used_up(walker, time, monkeypatch):
    walker.to_key(LUIS).finish().press(button="save_code")
    code = walker.page.select_one("[data-saved-code]").get_text("").replace(" ", "")
    later = Walker(time).validate(LUIS)
    case = Case.objects.get(state="code_sent")
    with monkeypatch.context() as patched:
        fails_after(patched, services, "supersede_others")
        with pytest.raises(Failed):
            services.prove_by_code(case, code, "a", clock.now())
    assert SavedCode.objects.filter(used_at=None).count() == 1
    assert later.press({"code": code}).step == "contact"


# --- pressed twice --------------------------------------------------------------------------------------


def twice(monkeypatch, name: str) -> None:
    """The deed of the first press is done just before the second press reaches it: both held the same row."""
    real = getattr(services, name)

    def raced(case, *args, **kwargs):
        real(Case.objects.get(pk=case.pk), *args, **kwargs)
        return real(case, *args, **kwargs)

    monkeypatch.setattr(services, name, raced)


def at_code(walker):
    return walker.validate(LUIS)


def at_question(walker):
    return walker.validate(ANA).prove(ANA)


def at_contact(walker):
    return walker.validate(LUIS).prove(LUIS)


def at_key(walker):
    return walker.to_key(LUIS)


def at_blocked_key(walker):
    return walker.to_key(LUCIA)


def at_test(walker):
    return walker.to_key(LUIS).press({"key": NEW_KEY})


def at_visit(walker):
    return walker.validate(by_id("primera_clave"))


PRESSES = {
    "give_up_contact": (at_code, {}, "no_access", {"situation"}),
    "prefer_visit": (at_question, {}, "prefer_visit", {"situation"}),
    "answer": (at_question, {"answer": "4"}, None, {"question"}),
    "settle_contact": (at_contact, {"email": "otro@correo.example"}, None, {"key"}),
    "set_key": (at_key, {"key": NEW_KEY}, None, {"test"}),
    "keep_key": (at_blocked_key, {}, "keep_key", {"test"}),
    "change_key": (at_test, {}, "change_key", {"key"}),
    "prove_access": (at_test, {"key": NEW_KEY}, None, {"done"}),
}


@pytest.mark.parametrize("deed", PRESSES)
def test_the_second_of_two_presses_lands_where_the_first_one_went(walker, monkeypatch, deed):
    place, fields, button, step = PRESSES[deed]
    place(walker)
    with monkeypatch.context() as patched:
        twice(patched, deed)
        walker.press(fields, button)
    assert walker.status == 200 and walker.step in step, (walker.path, walker.text[:300])
    assert Case.objects.count() == 1 and audit.verify().ok


def test_two_presses_for_another_message_send_what_the_budget_allows(walker, monkeypatch):
    walker.validate(LUIS)
    path = walker.path.replace("codigo", "otro-mensaje")
    for _ in range(6):
        assert walker.client.post(path, follow=True).status_code == 200
    deliver()
    assert Message.objects.filter(kind="code", state="sent").count() == 3
    assert walker.open(walker.path).step == "code"


def test_two_presses_of_one_code_in_the_same_moment_prove_once(walker, monkeypatch):
    """The second was counted after the first one proved: it is recognised, not told that tries ran out."""
    walker.validate(LUIS)
    code = walker.mail(LUIS.email).code
    with monkeypatch.context() as patched:
        twice(patched, "prove_by_code")
        walker.press({"code": code})
    assert walker.errors == ["code.used"] or walker.step == "contact", walker.text[:200]
    assert walker.open(walker.path).step == "contact"


def test_who_loses_the_race_with_a_wrong_code_is_not_let_in(walker, time, monkeypatch):
    """An older handle and a wrong code, in the moment in which the owner proves: nothing is handed over."""
    walker.validate(LUIS)
    code, path = walker.mail(LUIS.email).code, walker.path
    real = services.prove_by_code

    def raced(case, typed, *args):
        real(Case.objects.get(pk=case.pk), code, *args)
        return real(case, typed, *args)

    with monkeypatch.context() as patched:
        patched.setattr(services, "prove_by_code", raced)
        walker.press({"code": "ZZZZZZZZ"})
    assert "otra ventana" in walker.h1
    assert walker.open(path.replace("codigo", "clave")).h1 == "Este caso sigue en otra ventana"


def test_a_second_press_of_preparing_the_visit_shows_codes_that_work(walker, time, monkeypatch):
    walker.validate(by_id("primera_clave"))
    twice(monkeypatch, "open_visit")
    walker.to_visit("first_key")
    assert Walker(time).open("/caso/").press({"secret": walker.secret("secret")}).status == 200


def test_cancelling_twice_is_cancelled(walker, time):
    walker.validate(by_id("primera_clave")).to_visit("first_key")
    secret = walker.secret("secret")
    for _ in range(2):
        other = Walker(time).open("/caso/").press({"secret": secret}, button="cancel")
        assert other.status == 200 and "Usted lo canceló" in other.text
    assert Case.objects.get().state == "cancelled"


# --- back, reload, two tabs -------------------------------------------------------------------------------


def test_back_after_each_step_leads_to_where_the_case_stands(walker):
    walker.validate(LUIS)
    seen = [walker.path]
    for fields in ({"code": walker.mail(LUIS.email).code}, {}, {"key": NEW_KEY}, {"key": NEW_KEY}):
        walker.press(fields)
        for path in seen:
            assert Walker.open(walker, path).path == walker.path and walker.status == 200
        seen.append(walker.path)
    assert walker.h1 == "Acceso comprobado"


def test_two_tabs_hold_two_cases_and_each_goes_its_own_way(walker):
    first = walker.validate(LUIS).path
    second = walker.validate(JORGE).path
    walker.open(first).press({"code": walker.mail(LUIS.email).code})
    assert walker.step == "contact"
    walker.open(second).press({"code": walker.mail(JORGE.email).code})
    assert walker.step == "contact" and Case.objects.filter(state="questioned").count() == 2


def test_the_same_case_in_two_tabs_goes_on_in_both(walker):
    walker.validate(LUIS).prove(LUIS)
    contact = walker.path
    walker.press()
    assert walker.step == "key" and walker.open(contact).step == "key"


# --- half an hour without use ------------------------------------------------------------------------------


def test_without_use_a_proof_lapses_and_another_message_leads_back(walker, time):
    walker.to_key(LUIS)
    path = walker.path
    time.wait(IDLE + 1)
    assert walker.open(path).errors == ["session.expired"]
    case = Case.objects.get()
    assert (case.state, case.proofs) == ("code_sent", [])
    response = walker.client.post(
        walker.page.select_one("form[action*=otro-mensaje]")["action"], follow=True
    )
    assert response.status_code == 200
    walker.open(path).prove(LUIS)
    walker.press()
    assert walker.finish().h1 == "Acceso comprobado"


def test_a_page_that_is_used_does_not_lapse(walker, time):
    walker.to_key(LUIS)
    for _ in range(4):
        time.wait(IDLE - 61)
        assert walker.press({"key": "corta"}).errors == ["key.too_short"]
    assert walker.finish().h1 == "Acceso comprobado"


def test_the_pages_after_a_proof_warn_before_they_lapse(walker):
    walker.validate(ANA).prove(ANA)
    assert walker.page.select_one("[data-session-seconds]")["data-session-seconds"] == str(IDLE)
    assert walker.page.select_one("[data-session-seconds]").has_attr("hidden")


def test_a_head_request_keeps_the_page_awake(walker, time):
    """What the button «Seguir aquí» sends."""
    walker.to_key(LUIS)
    for _ in range(3):
        time.wait(IDLE - 61)
        assert walker.client.head(walker.path).status_code == 200
    assert walker.open(walker.path).step == "key"


def test_the_done_page_belongs_to_who_is_signed_in(walker, time):
    walker.to_key(LUIS).finish()
    path = walker.path
    time.wait(IDLE + 61)
    assert walker.open(path).path.startswith("/entrar/") and LUIS.name not in walker.text


def test_a_draft_lasts_a_day_and_no_longer(walker, time):
    walker.open("/empleadores/recuperar-clave/identificacion/").press(
        {"identification": LUIS.identification}
    )
    time.wait(23 * 3600)
    assert walker.open("/empleadores/recuperar-clave/numero/").step == "number"
    time.wait(2 * 3600)
    assert walker.open("/empleadores/recuperar-clave/numero/").step == "who"


def test_what_was_typed_is_there_again_when_one_goes_back(walker):
    walker.to_check(LUIS)
    walker.open("/empleadores/recuperar-clave/numero/")
    assert walker.typed(walker.form)["ruc"] == LUIS.ruc
    walker.open("/empleadores/recuperar-clave/identificacion/")
    assert walker.typed(walker.form)["identification"] == LUIS.identification


# --- stale ground -------------------------------------------------------------------------------------------


def luis_contact() -> Contact:
    return Contact.objects.get(employer=Case.objects.get().employer)


@pytest.mark.parametrize("state", Contact.GONE)
def test_a_message_to_an_address_that_was_closed_since_opens_nothing(walker, time, state):
    """N07: the code and the link are bound to the address."""
    walker.validate(LUIS)
    mail = walker.mail(LUIS.email)
    with transaction.atomic():
        employer_deeds.mark_contact(
            luis_contact(), state, actor="system", reason="test", now=clock.now()
        )
    assert walker.press({"code": mail.code}).errors == ["code.void"]
    walker.open(mail.link.removeprefix("http://localhost:8000")).press()
    assert walker.status == 410 and Case.objects.get().state == "code_sent"


def test_a_closed_address_is_sent_no_second_message(walker):
    walker.validate(LUIS)
    deliver()
    with transaction.atomic():
        employer_deeds.mark_contact(
            luis_contact(), "frozen", actor="system", reason="test", now=clock.now()
        )
    walker.client.post(walker.path.replace("codigo", "otro-mensaje"))
    deliver()
    assert (
        Message.objects.filter(state="sent").count() == 1
        and Message.objects.filter(kind="void").count() == 1
    )


def test_a_row_changed_by_hand_is_sent_no_second_message(walker):
    """ATTACKS 32, at every use: the administrator re-opens an address in the table."""
    walker.validate(LUIS)
    deliver()
    Contact.objects.filter(pk=luis_contact().pk).update(mac="f1.forged")
    walker.client.post(walker.path.replace("codigo", "otro-mensaje"))
    deliver()
    assert Message.objects.filter(state="sent").count() == 1


def test_a_message_sent_before_the_key_changed_opens_nothing(walker, time):
    walker.validate(LUIS)
    code = walker.mail(LUIS.email).code
    time.wait(60)
    owner = sign_in(Walker(time), LUIS, LUIS.key).open("/cuenta/clave/")
    owner.press({"current": LUIS.key, "key": NEW_KEY})
    assert walker.press({"code": code}).errors == ["code.void"]


def test_a_representative_who_ended_meanwhile_is_sent_to_a_centre(walker, time):
    """The facts of yesterday do not open a key today."""
    walker.validate(LUIS)
    Representative.objects.filter(employer=Case.objects.get().employer).update(state="ended")
    time.wait(24 * 3600)
    walker.open(walker.path)
    walker.client.post(walker.path.replace("codigo", "otro-mensaje"))
    walker.open(walker.path).prove(LUIS)
    assert walker.routes == {"visit", "correct_data"} and Case.objects.get().state == "visit_needed"


# --- other cases of the same number ------------------------------------------------------------------------


def test_the_first_case_that_is_proved_closes_the_unproved_others(walker, time):
    other = Walker(time).validate(LUIS)
    walker.validate(LUIS).prove(LUIS)
    assert sorted(Case.objects.values_list("state", flat=True)) == ["questioned", "superseded"]
    assert "otro caso de este empleador" in other.open(other.path).text


def test_a_strangers_case_does_not_void_the_owners_message(walker, time):
    walker.validate(LUIS)
    mail = walker.mail(LUIS.email)
    for _ in range(3):
        Walker(time).validate(LUIS)
    assert walker.press({"code": mail.code}).step == "contact"


# --- contact data --------------------------------------------------------------------------------------------


def propose(walker, **typed) -> Walker:
    walker.validate(LUIS).prove(LUIS)
    return walker.press({"email": "nuevo@tuercas.example"} | typed)


def confirm(walker, time) -> Walker:
    link = walker.mail("nuevo@tuercas.example").link.removeprefix("http://localhost:8000")
    return Walker(time).open(link).press()


def test_what_is_typed_replaces_nothing_and_receives_no_code(walker, time):
    """A22, S-080: the old address is told; the new one waits for its own link and for 72 hours."""
    propose(walker)
    told = {one.address for one in Message.objects.filter(kind="contact_proposed")}
    assert told == {LUIS.email}
    confirm(walker, time)
    employer_deeds.due(clock.now())
    again = Walker(time).validate(LUIS)
    deliver()
    assert again.step == "code" and "l•••@t•••" in again.text
    assert {m.state for m in Contact.objects.filter(employer=Case.objects.first().employer)} == {
        "on_record",
        "proposed",
    }


def test_every_contact_on_record_is_told_at_once(walker):
    """S-081: two addresses on record, two notices; one of them was proved in this very case."""
    employer = Employer.objects.get(pk=Contact.objects.get(value_lookup=employer_deeds.contact_lookup("email", LUIS.email)).employer_id)  # fmt: skip
    second = Contact(employer=employer, kind="email", value="socia@tuercas.example", usable_from=clock.now() - timedelta(days=9),
                     value_lookup=employer_deeds.contact_lookup("email", "socia@tuercas.example"))  # fmt: skip
    second.seal()
    second.save(force_insert=True)
    walker.validate(LUIS)
    address = "socia@tuercas.example" if "s•••@t" in walker.text else LUIS.email
    walker.press({"code": walker.mail(address).code}).press({"email": "nuevo@tuercas.example"})
    walker.finish()
    for kind in ("contact_proposed", "key_changed"):
        assert Message.objects.filter(kind=kind).count() == 2, kind


def test_the_confirming_link_is_pure_on_get_and_counts_once(walker, time):
    propose(walker)
    link = walker.mail("nuevo@tuercas.example").link.removeprefix("http://localhost:8000")
    for _ in range(3):
        Walker(time).open(link)
    assert ContactProof.objects.get().used_at is None
    assert "Correo confirmado" in Walker(time).open(link).press().h1
    assert Walker(time).open(link).status == 410


def test_72_hours_later_it_stands_beside_the_old_one(walker, time):
    propose(walker)
    confirm(walker, time)
    time.wait(72 * 3600 + 1)
    assert employer_deeds.due(clock.now()) == 1
    states = Contact.objects.filter(employer=Case.objects.get().employer).values_list(
        "state", flat=True
    )
    assert list(states) == ["on_record"] * 2


def test_unconfirmed_it_never_counts_and_its_link_ends(walker, time):
    propose(walker)
    link = walker.mail("nuevo@tuercas.example").link.removeprefix("http://localhost:8000")
    time.wait(72 * 3600 + 1)
    assert employer_deeds.due(clock.now()) == 0 and Walker(time).open(link).status == 410


def test_an_address_that_is_on_record_already_is_written_to_no_more(walker):
    walker.validate(LUIS).prove(LUIS).press({"email": LUIS.email.upper()})
    assert walker.step == "key"
    assert not Message.objects.filter(kind__in=("confirm_contact", "contact_proposed")).exists()


def test_an_address_that_was_closed_is_not_opened_by_typing_it(walker, time):
    walker.validate(LUIS)
    old = luis_contact()
    dead = Contact(employer=old.employer, kind="email", value="muerto@tuercas.example", state="dead", usable_from=clock.now(),
                   value_lookup=employer_deeds.contact_lookup("email", "muerto@tuercas.example"))  # fmt: skip
    dead.seal()
    dead.save(force_insert=True)
    walker.prove(LUIS).press({"email": "muerto@tuercas.example"})
    dead.refresh_from_db()
    assert walker.step == "key" and dead.state == "dead" and not ContactProof.objects.exists()


# --- the end of a case ---------------------------------------------------------------------------------------


def test_a_case_that_nobody_came_back_to_expires_and_says_so(walker, time):
    walker.validate(LUIS)
    time.wait((profile().limits.case_days + 1) * 86400)
    assert services.due(clock.now()) == 1 and services.due(clock.now()) == 0
    assert Case.objects.get().state == "expired"
    with pytest.raises(Refused, match="case.move_not_allowed"):
        services.resend(Case.objects.get(), clock.now())


def test_a_key_that_was_set_and_never_tested_is_not_said_to_be_unchanged(walker, time):
    walker.to_key(LUIS).press({"key": NEW_KEY})
    time.wait(29 * 86400)
    walker.open(walker.path)
    time.wait(2 * 86400)
    services.due(clock.now())
    assert Case.objects.get().state == "closed_unfinished"
    assert "sigue valiendo" in walker.open(walker.path).text


def test_one_case_that_cannot_be_closed_does_not_stop_the_others(walker, time, monkeypatch):
    for member in (LUIS, ANA, JORGE):
        Walker(time).validate(member)
    time.wait((profile().limits.case_days + 1) * 86400)
    stubborn, real = Case.objects.order_by("moved_at").first().pk, services.advance

    def advance(case, *args, **kwargs):
        if case.pk == stubborn:
            raise Refused("case.move_not_allowed")
        return real(case, *args, **kwargs)

    monkeypatch.setattr(services, "advance", advance)
    assert services.due(clock.now()) == 2


# --- the evidence ---------------------------------------------------------------------------------------------


def test_each_grant_names_the_rule_that_fired(walker):
    walker.to_key(LUIS).finish()
    assert Case.objects.get().grant_rule == "recover_key.contact_code"
    events = [entry.event for entry in audit.history(case=Case.objects.get().pk)]
    assert events == ["case_open_online", "case_prove", "case_skip_questions", "case_settle_contact", "case_set_key",
                      "key_set", "signin", "case_test_access"]  # fmt: skip


def test_nothing_of_the_account_changes_before_a_proof(walker, time):
    """S-010: a stranger may press whatever they like."""
    held = sign_in(Walker(time), ANA, ANA.key)
    names = (
        "keys_account",
        "keys_session",
        "keys_device",
        "employers_contact",
        "employers_employer",
    )
    before = everything()
    stranger = Walker(time).validate(ANA)
    for _ in range(7):
        stranger.press({"code": "ZZZZZZZZ"})
    stranger.client.post(stranger.path.replace("codigo", "otro-mensaje"))
    stranger.open(stranger.path).press(button="no_access").press({"situation": "first_key"})
    after = everything()
    assert [before[name] for name in names] == [after[name] for name in names]
    assert held.open("/cuenta/").path == "/cuenta/"


def test_every_right_answer_and_no_channel_is_no_proof(walker):
    """S-003: the questions come after possession, never instead of it."""
    walker.validate(ANA)
    base = walker.path.removesuffix("codigo/")
    for name in ("workers_last_sheet", "first_entry_month"):
        walker.client.post(base + "preguntas/", {"answer": ANA.facts[name]})
    walker.client.post(base + "clave/", {"key": NEW_KEY})
    assert Case.objects.get().state == "code_sent" and not Case.objects.get().proofs


def test_a_wrong_answer_leads_to_a_visit_and_locks_nothing(walker, time):
    walker.validate(ANA).prove(ANA)
    walker.press({"answer": "99"}).press({"answer": "marzo de 2019"})
    assert walker.routes == {"visit", "correct_data"}
    assert sign_in(Walker(time), ANA, ANA.key).path == "/cuenta/"
    again = Walker(time).validate(ANA)
    assert again.prove(ANA).step == "question"
