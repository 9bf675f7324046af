"""A newer key takes over while the portal serves, and afterwards the older one is not missed (S-136)."""

import json

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from clavero import clock
from clavero.appointments.models import Booking, Counter
from clavero.audit.models import Entry
from clavero.cli import rotation as command
from clavero.cli.frame import Clavero
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.demo.services import register_lines
from clavero.desk import casework, queries
from clavero.desk.models import Interest, Staff, Visit
from clavero.employers import imports, services
from clavero.employers import queries as employers
from clavero.employers.models import Contact, Employer, Representative
from clavero.employers.services import contact_lookup
from clavero.keys import passkeys
from clavero.keys import services as keys
from clavero.keys.models import Account, SavedCode
from clavero.privacy import dictionary, lookups, rotation
from clavero.recovery import services as recovery
from clavero.recovery.models import Case, CaseContact
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.rooms.desk.test_casework import all_seen, prepare, visit_by
from tests.rooms.keys.test_passkeys import bound
from tests.walk import NEW_KEY, Walker, deliver, sign_in

ANA, LUIS, JULIA = by_id("en_orden"), by_id("tres_sucursales"), by_id("sin_correo")


def rotate() -> rotation.Report:
    return rotation.renew(list(command.renewals()), clock.now())


def waiting() -> dict[str, int]:
    return rotation.waiting(command.lapses())


def number(who) -> EmployerNumber:
    return EmployerNumber(who.identification, who.ruc, who.branch, who.domestic)


def everything_opens() -> int:
    """Read every sealed value of every table; how many there are. Raises where one does not open."""
    count = 0
    for model in apps.get_models():
        names = [f.attname for f in model._meta.concrete_fields if getattr(f, "is_sealed", False)]
        for row in model._default_manager.all() if names else ():
            count += len([name for name in names if getattr(row, name)])
    assert all(contact.is_genuine for contact in Contact.objects.all())
    assert all(keys._is_genuine(one) for one in Account.objects.exclude(key_hash=""))
    return count


def test_a_recovery_begun_before_is_finished_after_and_the_older_key_is_not_missed(walker, time, ring):  # fmt: skip
    walker.validate(ANA)
    ring.put("f1", "f2")  # everybody can open, nobody seals with it yet
    deliver()
    ring.put("f2", "f1")
    walker.prove(ANA)
    while walker.step == "question":
        walker.press({"answer": ANA.facts[walker.page.select_one("[data-fact]")["data-fact"]]})
    rotate()
    if walker.step == "contact":
        walker.press()
    walker.finish()
    assert walker.h1 == "Acceso comprobado"
    rotate()
    ring.put("f2")
    assert everything_opens() > 100
    assert sign_in(Walker(time), ANA, NEW_KEY).path == "/cuenta/"
    assert Walker(time).to_key(LUIS).finish().h1 == "Acceso comprobado"


def test_a_passkey_and_the_moment_it_was_added_are_sealed_anew_and_a_false_one_stays_false(cast, time, ring):  # fmt: skip
    """What ends the wait of a risky recovery (ADR 19) does so under the newer key too."""
    home = sign_in(Walker(time), ANA, ANA.key)
    for label in ("azul", "roja"):
        bound(home, ANA, label)
    owner = keys.account_of(number(ANA))
    row, false = passkeys.of(owner)
    false.data["since"] = "2020-01-01T00:00:00+00:00"
    false.save()
    ring.put("f2", "f1")
    rotate()
    ring.put("f2")
    assert [one.pk for one in passkeys.of(owner)] == [row.pk, false.pk]
    ids = [one.data["credential"]["rawId"] for one in (row, false)]
    assert passkeys.added_at(owner, ids[0]) == row.created_at
    assert passkeys.added_at(owner, ids[1]) is None and passkeys.added_at(owner, "x") is None


@pytest.mark.parametrize("moment", ["before", "during", "after", "without"])
def test_people_sign_in_before_during_and_after(cast, time, ring, moment):
    if moment != "before":
        ring.put("f2", "f1")
    if moment in ("after", "without"):
        rotate()
    if moment == "without":
        ring.put("f2")
    assert sign_in(Walker(time), ANA, ANA.key).path == "/cuenta/"
    assert sign_in(Walker(time), ANA, "otra-clave-que-no-es-la-suya").errors


def test_what_stood_under_the_older_key_is_found_meanwhile(cast, time, ring):
    ring.put("f2", "f1")
    assert employers.gather(number(ANA)).known
    assert not employers.gather(EmployerNumber(ANA.identification, "2499000991001", "0001")).known
    assert keys.account_of(number(ANA))
    with pytest.raises(Refused, match="employer.known"), transaction.atomic():
        services.register(number(ANA), "person", "x", case_id=None, now=clock.now())


def test_an_import_meanwhile_meets_the_same_employers(cast, time, ring, tmp_path):
    def counted():
        return [model.objects.count() for model in (Employer, Representative, Contact)]

    before, path = counted(), tmp_path / "register.jsonl"
    path.write_text("\n".join(register_lines()), encoding="utf-8")
    ring.put("f2", "f1")
    report = imports.import_file(path, clock.now())
    assert report.rows > 10 and report.employers_new == 0 and counted() == before


def test_budgets_count_the_cases_of_both_keys(walker, time, ring):
    walker.validate(ANA)
    first = Case.objects.get()
    ring.put("f2", "f1")
    other = Walker(time).validate(ANA)
    second = Case.objects.exclude(pk=first.pk).get()
    assert first.employer_key != second.employer_key
    assert first.employer_key in recovery.of_same_number(second)
    other.prove(ANA)
    first.refresh_from_db()
    assert first.state == "superseded"


def test_killed_in_the_middle_it_goes_on_with_the_rest(cast, time, ring, monkeypatch):
    ring.put("f2", "f1")
    monkeypatch.setattr(rotation, "BATCH", 5)
    whole, done = rotation._row, []

    def killed(row, anew, report):
        if len(done) == 12:
            raise KeyboardInterrupt
        done.append(row.pk)
        return whole(row, anew, report)

    monkeypatch.setattr(rotation, "_row", killed)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    half = waiting()
    assert half and everything_opens()
    monkeypatch.setattr(rotation, "_row", whole)
    report = rotate()
    assert report.renewed > 0 and not report.left and waiting() == {}
    assert rotate().renewed == 0
    ring.put("f2")
    assert everything_opens()


# Look-ups that have nothing to be made of again, and what becomes of them.
LAPSE = {
    "throttle_bucket.key": "limits begin anew under the newer key, once",
    "throttle_refusing.lookup": "days; a network that is refused again gets a row under the newer key",
    "throttle_ticket.binding": "hours",
    "throttle_ticket.asker": "hours",
    "appointments_booking.network": "how many one network holds at a time",
    "catastro_inquiry.ruc_lookup": "days, and the SRI is asked again",
}


def test_every_look_up_is_made_anew_or_lapses(cast, time, ring):
    """A new column of class lookup fails here until its room renews it or it stands in LAPSE."""
    prepare(time, JULIA, "no_email")
    held = {
        f"{t.name}.{c.name}" for t in dictionary.read().tables for c in t.columns if c.kind == "lookup"
    }  # fmt: skip
    models = {model._meta.db_table: model for model in apps.get_models()}
    known = {
        "employers_employer.ruc_lookup", "employers_representative.identification_lookup",
        "employers_contact.value_lookup", "keys_account.username", "recovery_case.employer_key",
        "recovery_casecontact.lookup", "appointments_booking.person_lookup", "appointments_booking.number_key",
        "appointments_booking.contact_lookup", "desk_staff.identification_lookup", "desk_interest.ruc_lookup",
    }  # fmt: skip
    assert held == known | set(LAPSE)
    member(0)
    Interest.objects.create(
        staff=Staff.objects.first(), ruc_lookup=lookups.of("ruc", JULIA.ruc), declared_at=clock.now()
    )  # fmt: skip
    an_appointment(Case.objects.get())
    before = {name: values(models, name) for name in known}
    assert all(before.values())
    ring.put("f2", "f1")
    rotate()
    for name in known:
        assert not (before[name] & values(models, name)) - {""}, name


def an_appointment(case: Case) -> None:
    counter, now, lookup = Counter.objects.first(), clock.now(), contact_lookup("email", "j@x.example")  # fmt: skip
    CaseContact.objects.create(case=case, kind="email", address="j@x.example", lookup=lookup)
    Booking.objects.create(
        centre_id=counter.centre_id, counter=counter, service="any", starts_at=now, ends_at=now, state=Booking.FIRM,
        case_id=case.pk, person_lookup=lookups.of("person", case.identification), number_key=case.employer_key,
        contact="j@x.example", contact_kind="email", contact_lookup=lookup, made_at=now,
    )  # fmt: skip


def values(models, name) -> set[str]:
    table, _, column = name.partition(".")
    found = models[table]._default_manager.values_list(column, flat=True)
    return {one for one in found if not one.startswith(("staff:", "demonstration"))}


def test_a_row_written_by_another_hand_gets_no_new_seal(cast, time, ring):
    contact = Contact.objects.filter(kind="email", state="on_record").first()
    Contact.objects.filter(pk=contact.pk).update(mac=contact.mac[:-4] + "AAAA", value_lookup="x" * 43)  # fmt: skip
    ring.put("f2", "f1")
    rotate()
    contact.refresh_from_db()
    assert not contact.is_genuine and contact.value_lookup == "x" * 43
    assert waiting() == {"employers_contact.mac": 1}


def test_a_saved_code_made_before_works_after_once_and_keeps_the_older_key_needed(cast, time, ring):
    account = keys.account_of(number(ANA))
    with transaction.atomic():
        code = keys.save_code(account, case_id=None, now=clock.now())
    ring.put("f2", "f1")
    rotate()
    assert waiting() == {"keys_savedcode.code_hash": 1}
    with transaction.atomic():
        used = [keys.use_saved_code(account, code, case_id=None, now=clock.now()) for _ in range(2)]
    assert used == [True, False] and waiting() == {}


def test_hashes_of_an_earlier_version_work_until_they_lapse(cast, time, ring):
    account = keys.account_of(number(ANA))
    with transaction.atomic():
        code = keys.save_code(account, case_id=None, now=clock.now())
    row = SavedCode.objects.get(used_at=None)
    SavedCode.objects.filter(pk=row.pk).update(code_hash=row.code_hash.partition(".")[2])
    ring.put("f2", "f1")
    assert waiting()["keys_savedcode.code_hash"] == 1
    with transaction.atomic():
        assert keys.use_saved_code(account, code, case_id=None, now=clock.now())


def test_a_pepper_is_renewed_when_its_owner_signs_in(cast, time, ring):
    def pepper(who):
        return keys.account_of(number(who)).key_hash.partition(":")[0]

    assert pepper(ANA) == "p1"
    ring.season("p2", "p1")
    many = command.under_older_peppers()
    assert sign_in(Walker(time), ANA, ANA.key).path == "/cuenta/" and pepper(ANA) == "p2"
    assert command.under_older_peppers() == many - 1 and pepper(LUIS) == "p1"
    ring.season("p2")
    assert sign_in(Walker(time), ANA, ANA.key).path == "/cuenta/"
    assert sign_in(Walker(time), LUIS, LUIS.key).errors


def test_a_closed_visit_is_sealed_anew_and_changed_in_nothing_else(cast, time, ring):
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(member(0), code), reason="Perdió el correo.")
    casework.leave(visit, clock.now())
    was = Visit.objects.filter(pk=visit.pk).values("marked", "reason")[0]
    seen = queries.marked(visit)
    for change in ("reason = 'x'", f"reason = '{was['reason']}x'", "marked = ''", "outcome = 'x'"):
        with pytest.raises(DatabaseError, match="closed visit"), transaction.atomic():
            run(f"UPDATE desk_visit SET {change}")
    ring.put("f2", "f1")
    rotate()
    ring.put("f2")
    visit.refresh_from_db()
    assert visit.reason == "Perdió el correo." and queries.marked(visit) == seen


def run(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def said(capsys, ring) -> tuple[int, dict]:
    context = command.command.make_context("rotate-keys", ["--json"], obj=Clavero("es"))
    with context:
        status = command.command.invoke(context)
    return status, json.loads(capsys.readouterr().out)


def test_the_command_says_when_the_older_key_may_go(cast, time, ring, capsys, monkeypatch):
    monkeypatch.setattr("clavero.cli.database.ready", lambda **_: None)
    ring.put("f2", "f1")
    status, found = said(capsys, ring)
    assert status == 1 and found["older"] == ["f1"] and found["waiting"] == {} and found["rows"] > 0
    assert not found["removable"], "links of mails and cookies live 30 days"
    time.wait(32 * 86400)
    status, found = said(capsys, ring)
    assert status == 0 and found["removable"] and found["rows"] == 0
    entry = Entry.objects.filter(event="keys_rotated").order_by("number").first()
    assert entry.reason == "f2" and entry.subject is None


def test_the_doctor_says_that_an_older_key_stands(cast, time, ring):
    from clavero.cli import doctor

    def codes():
        return [one.code for one in doctor._rotating()]

    assert codes() == []
    ring.put("f2", "f1")
    ring.season("p2", "p1")
    assert codes() == ["keys_rotating", "pepper_rotating"]
    rotate()
    assert codes() == ["keys_removable", "pepper_rotating"]


def test_a_session_outlives_the_key_that_signed_it_while_that_one_is_named(cast, time, settings):
    walker, other = (sign_in(Walker(time), who, who.key) for who in (ANA, LUIS))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    assert walker.open("/cuenta/").path == "/cuenta/"
    settings.SECRET_KEY_FALLBACKS = []
    assert walker.open("/cuenta/").path == "/cuenta/", "signed anew when it was used"
    assert other.open("/cuenta/").path.startswith("/entrar/")


def test_an_interest_in_an_employer_that_is_gone_is_said_and_holds_no_key_back(cast, time, ring, monkeypatch, capsys):  # fmt: skip
    """Only the hash of the RUC stands there and the register no longer knows it: without this the older key stayed for ever."""
    member(0)
    Interest.objects.create(staff=Staff.objects.first(), ruc_lookup=lookups.of("ruc", "1790016919001"), declared_at=clock.now())  # fmt: skip
    ring.put("f2", "f1")
    monkeypatch.setattr(command.database, "ready", lambda **_: None)
    monkeypatch.setattr(command, "lapses", lambda: [])
    for wait in (0, 40):
        time.wait(wait * 86400)
        status = command.command.callback.__wrapped__(Clavero("es"), False)
    said = capsys.readouterr().out
    assert status == 0 and "Nada usa ya la clave anterior" in said
    assert "Intereses declarados" in said and "1" in said.split("Intereses declarados")[1]
