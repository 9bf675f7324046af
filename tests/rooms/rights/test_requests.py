"""A request from the account or from a desk: told, on record, reminded, answered once (S-130)."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from clavero import clock
from clavero.audit.models import Entry
from clavero.cli import subject as command
from clavero.cli.frame import Clavero
from clavero.core.errors import Refused
from clavero.demo import services as demo
from clavero.demo.models import Mail
from clavero.employers import imports
from clavero.employers import services as employer_deeds
from clavero.employers.models import Contact, Employer, Representative
from clavero.employers.services import contact_lookup
from clavero.institution import profile
from clavero.recovery.models import Case
from clavero.rights import retention, services, subject
from clavero.rights.models import Request
from tests.cast import by_id
from tests.staff import enter, person
from tests.walk import Walker, as_if, deliver, sign_in

ANA, CARLOS = by_id("en_orden"), by_id("correo_rebota")


def ask(walker, kind="correction", what="Mi nombre está mal"):
    sign_in(walker, ANA, ANA.key).open("/cuenta/datos/pedir/")
    return walker.press({"kind": kind, "what": what})


def note(time, name="veronica", **more):
    typed = {
        "kind": "access", "who": "Ana Trigo", "identification": ANA.identification, "ruc": ANA.ruc,
        "what": "Quiero mis datos", "reach": "Vuelve al centro", "proof": "document",
    }  # fmt: skip
    return enter(time, name).open("/mesa/datos/anotar/").press(typed | more)


def test_a_request_from_the_account_is_told_shown_and_on_record(walker):
    page = ask(walker)
    assert page.path == "/cuenta/datos/?hecho=pedido" and page.text.count("recibido") == 1
    made = Request.objects.get()
    assert made.number in page.text and made.proof == "account" and made.noted_by == 0
    assert made.number in walker.mail(ANA.email).text
    assert "Se recibió un pedido" in walker.open("/cuenta/historia/").text


def test_somebody_at_a_counter_is_noted_with_what_was_seen_and_the_operators_see_the_days(
    cast, time
):
    page = note(time)
    made = Request.objects.get()
    assert made.number in page.text and made.proof == "document" and made.noted_by > 0
    shown = enter(time, "olga").open("/mesa/datos/")
    assert made.number in shown.text and "15 días" in shown.text
    time.wait(14 * 86400)
    assert "1 día" in enter(time, "olga").open("/mesa/datos/").text


def test_noting_says_the_same_of_an_employer_who_exists_and_one_who_does_not(cast, time):
    nobody = by_id("no_existe")
    known, unknown = note(time), note(time, ruc=nobody.ruc, identification=nobody.identification)
    numbers = {made.number: made for made in Request.objects.all()}
    pages = [page.text for page in (known, unknown)]
    for number in numbers:
        pages = [page.replace(number, "N") for page in pages]
    assert pages[0].split("Se bloquea")[0] == pages[1].split("Se bloquea")[0]
    assert {made.employer_id is None for made in numbers.values()} == {True, False}


def test_without_a_proof_no_copy_goes_out_and_only_a_refusal_is_possible(cast, time):
    note(time, proof="none")
    made = Request.objects.get()
    olga = enter(time, "olga").open(f"/mesa/datos/{made.pk}/")
    assert "copia/" not in str(olga.page)
    answer = olga.client.post(f"/mesa/datos/{made.pk}/copia/", {"format": "json"})
    assert answer.status_code == 303
    olga.press({"decision": "answered", "words": "Listo"})
    assert olga.errors == ["rights.not_proved"]
    olga.press({"decision": "refused", "reason": "not_proved", "words": "Traiga su cédula."})
    made.refresh_from_db()
    assert (made.state, made.reason, made.answer) == ("refused", "not_proved", "Traiga su cédula.")


def test_an_operator_takes_the_copy_and_the_employer_sees_it(walker, time):
    note(time)
    made = Request.objects.get()
    olga = enter(time, "olga").open(f"/mesa/datos/{made.pk}/")
    copy = olga.client.post(f"/mesa/datos/{made.pk}/copia/", {"format": "json"})
    assert ANA.email in copy.content.decode()
    olga.press({"decision": "answered", "words": "Se le entregó."})
    walker = sign_in(walker, ANA, ANA.key)
    page = walker.open("/cuenta/historia/")
    assert "Se entregó una copia" in page.text and "Se respondió un pedido" in page.text
    assert "Se le entregó." in walker.open("/cuenta/datos/").text
    assert ANA.email not in str([entry.body for entry in Entry.objects.all()])


def test_who_noted_a_request_hands_nothing_over_and_may_only_refuse_it(cast, time):
    olga = note(time, "olga")
    made = Request.objects.get()
    answer = olga.client.post(f"/mesa/datos/{made.pk}/copia/", {"format": "json"})
    assert answer.status_code == 303 and "Content-Disposition" not in answer.headers
    olga.open(f"/mesa/datos/{made.pk}/")
    assert "copia/" not in str(olga.page)
    olga.press({"decision": "answered", "words": "Se le entregó."})
    assert olga.errors == ["rights.same_person"]
    olga.press({"decision": "refused", "reason": "others", "words": "Son de otra persona."})
    assert Request.objects.get().state == "refused"


def test_who_asked_from_the_account_takes_the_copy_there_and_no_operator_does(walker, time):
    for kind in ("access", "correction"):
        ask(walker, kind)
        made = Request.objects.latest("received_at")
        olga = enter(time, "olga")
        answer = olga.client.post(f"/mesa/datos/{made.pk}/copia/", {"format": "json"})
        assert answer.status_code == 303 and "Content-Disposition" not in answer.headers


def test_a_correction_that_was_noted_gives_nobody_a_copy(cast, time):
    note(time, kind="correction")
    made = Request.objects.get()
    answer = enter(time, "olga").client.post(f"/mesa/datos/{made.pk}/copia/", {"format": "json"})
    assert answer.status_code == 303 and "Content-Disposition" not in answer.headers


def test_an_answer_is_given_once(walker):
    ask(walker)
    made, olga = Request.objects.get(), person("olga")
    services.decide(made, "answered", "", "Hecho.", olga, clock.now())
    with pytest.raises(Refused, match="rights.answered"):
        services.decide(Request.objects.get(), "refused", "duty", "No.", olga, clock.now())
    stale = Request.objects.get()
    stale.state = "received"
    with pytest.raises(Refused, match="rights.answered"):
        services.decide(stale, "refused", "duty", "No.", olga, clock.now())


def test_the_operators_are_reminded_three_times_and_no_more(walker, time, settings):
    """S-130"""
    settings.OPERATORS_MAIL = ["una@instituto.example", "otro@instituto.example"]
    ask(walker)
    for day in range(20):
        services.due(clock.now())
        services.due(clock.now())
        time.wait(86400)
        assert Request.objects.get().reminded == sum(day >= at for at in (10, 14, 16))
    deliver()
    to = [mail.to for mail in Mail.objects.filter(subject__contains="hasta el")]
    assert sorted(to) == ["otro@instituto.example"] * 3 + ["una@instituto.example"] * 3
    assert Entry.objects.filter(event="data_reminded", outcome="late").count() == 1


def test_an_answered_request_is_forgotten_after_its_period_and_one_that_waits_is_not(walker, time):
    ask(walker)
    time.wait(86400 * (profile().retention_days["requests"] + 30))
    retention.due(clock.now())
    services.decide(Request.objects.get(), "answered", "", "Hecho.", person("olga"), clock.now())
    retention.due(clock.now())
    assert Request.objects.count() == 1
    time.wait(86400 * (profile().retention_days["requests"] + 2))
    retention.due(clock.now())
    assert not Request.objects.exists()


def test_an_account_has_five_open_requests_and_no_more(walker):
    for _ in range(5):
        ask(walker)
    assert ask(walker).errors == ["rights.too_many"]
    assert Request.objects.count() == 5


# --- erasing and correcting ---------------------------------------------------------------------------------


def test_an_erasure_takes_what_is_not_on_record_and_no_import_opens_it_again(cast, time):
    who = subject.find(CARLOS.ruc, CARLOS.identification)
    Walker(time).validate(CARLOS)
    done = services.erase(who, None, clock.now())
    assert (done.contacts, done.cases) == (1, 1)
    gone = Contact.objects.get(employer=who.employer)
    assert gone.value == "" and gone.state == "bounced" and gone.is_genuine
    assert gone.value_lookup == contact_lookup("email", CARLOS.email)
    assert not Case.objects.filter(employer=who.employer).exists()
    assert Entry.objects.filter(event="data_erased", subject=who.employer.pk).count() == 1


def test_an_erasure_leaves_the_address_on_record_and_a_proved_case(walker):
    walker.to_key(ANA).finish()
    who = subject.find(ANA.ruc, ANA.identification)
    services.erase(who, None, clock.now())
    assert Contact.objects.get(employer=who.employer, state="on_record").value == ANA.email
    assert Case.objects.get().proved_at


def test_a_proposed_address_that_was_erased_never_comes_on_record_and_may_be_proposed_again(cast):
    who, now = subject.find(ANA.ruc, ANA.identification), clock.now()
    with transaction.atomic():
        fresh = employer_deeds.propose_contact(who.employer, "email", "nuevo@trigo.example", case_id=None, now=now)  # fmt: skip
        employer_deeds.confirm_contact(fresh, now)
    assert services.erase(who, None, now).contacts == 1
    assert employer_deeds.due(now + timedelta(days=9)) == 0
    with pytest.raises(ObjectDoesNotExist):
        fresh.refresh_from_db()
    with transaction.atomic():
        again = employer_deeds.propose_contact(who.employer, "email", "nuevo@trigo.example", case_id=None, now=now)  # fmt: skip
    assert again.state == "proposed"


@pytest.mark.parametrize("value", ["nuevo@trigo.example", "0991234567", "+593 99 123 4567"])
def test_a_contact_is_not_corrected_by_the_command(cast, monkeypatch, value):
    monkeypatch.setattr(command.database, "ready", lambda **_: None)
    before = list(Contact.objects.values_list("pk", "mac").order_by("pk"))
    done = CliRunner().invoke(
        command.command, ["correct", ANA.ruc, value], obj=Clavero("es"), standalone_mode=False
    )
    assert isinstance(done.exception, Refused) and done.exception.code == "rights.is_contact"
    assert list(Contact.objects.values_list("pk", "mac").order_by("pk")) == before


def test_a_name_that_was_corrected_is_not_undone_by_tonight_s_import(cast, tmp_path):
    who = subject.find(ANA.ruc, ANA.identification)
    services.rename(who.employer, "Panadería Trigo Andariego S.A.S.", clock.now())
    register = tmp_path / "register.jsonl"
    register.write_text("\n".join(demo.register_lines()) + "\n", encoding="utf-8")
    imports.import_file(register, clock.now())
    assert Employer.objects.get(pk=who.employer.pk).name == "Panadería Trigo Andariego S.A.S."


def test_an_erasure_for_a_former_representative_takes_nothing_of_the_others(cast, time):
    now = clock.now()
    who = subject.find(CARLOS.ruc, CARLOS.identification)
    Walker(time).validate(CARLOS)
    Representative.objects.filter(pk=who.person.pk).update(state=Representative.ENDED)
    former = subject.find(CARLOS.ruc, CARLOS.identification)
    Case.objects.update(representative=None)
    done = services.erase(former, None, now)
    assert (done.contacts, done.cases) == (0, 0) and Case.objects.count() == 1


def test_an_erasure_leaves_a_case_that_is_held(cast, time):
    Walker(time).validate(CARLOS)
    as_if(Case.objects.get(), held=True)
    assert services.erase(subject.find(CARLOS.ruc), None, clock.now()).cases == 0
    assert Case.objects.get().state != "expired"


def test_what_was_not_chosen_is_named(cast, time):
    desk = note(time, kind="", proof="")
    assert {"rights.kind_empty", "rights.proof_empty"} <= set(desk.errors)
    assert "Elija qué pide la persona." in desk.text and not Request.objects.exists()
