"""The institution's register: what an import may and may not change."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction

from clavero import clock
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.employers import imports, queries, services
from clavero.employers.models import Change, Conflict, Contact, Employer, Fact, Representative

pytestmark = pytest.mark.django_db
ANA = EmployerNumber("2453622207", "2499000017001", "0001")


def record(**more):
    base = {
        "ruc": ANA.ruc, "kind": "company", "name": "Inventada S.A.", "key": "active", "as_of": "2026-10-31",
        "branches": [{"number": "0001"}], "representatives": [{"identification": ANA.identification}],
        "contacts": [{"kind": "email", "value": "ana@uno.example", "as_of": "2024-01-01"}],
    }  # fmt: skip
    return base | more


def bring(tmp_path, *records):
    path = tmp_path / "register.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in records), encoding="utf-8")
    return imports.import_file(path, clock.now())


def email(value, **more):
    return {"kind": "email", "value": value, "as_of": "2024-01-01"} | more


def test_an_employer_in_order_is_known(tmp_path):
    bring(tmp_path, record())
    found = queries.gather(ANA)
    assert (
        found.known,
        found.branch_fact,
        found.representative_fact,
        found.email_fact,
        found.key_fact,
    ) == (True, "match", "match", "valid", "active")
    assert found.contact.value == "ana@uno.example"


def test_what_an_import_changes_is_sealed_again_and_the_next_import_reads_it(tmp_path):
    """A name, an answer and a state that differ tonight: no column in clear, and tomorrow's import finds nothing to do."""
    bring(tmp_path, record(facts={"workers_last_sheet": {"value": "4", "as_of": "2026-10-31"}}))
    later = record(
        name="Otra Inventada S.A.", key="blocked",
        facts={"workers_last_sheet": {"value": "7", "as_of": "2026-11-30"}},
    )  # fmt: skip
    assert bring(tmp_path, later).employers_changed == 1
    assert Employer.objects.get().name == "Otra Inventada S.A." and Fact.objects.get().value == "7"
    stored = [*Employer.objects.values_list("name", "ruc"), *Fact.objects.values_list("value")]
    assert "Otra" not in str(stored) and "'7'" not in str(stored)
    assert bring(tmp_path, later).employers_changed == 0


def test_a_sealed_column_takes_nothing_that_nobody_sealed(tmp_path):
    """By whatever way: an UPDATE of many rows does not seal by itself."""
    bring(tmp_path, record())
    employer = Employer.objects.get()
    with pytest.raises(TypeError, match="sealed"), transaction.atomic():
        Employer.objects.update(name="En claro")
    employer.name = "En claro"
    with pytest.raises(TypeError, match="sealed"), transaction.atomic():
        Employer.objects.bulk_update([employer], ["name"])
    assert Employer.objects.get().name == "Inventada S.A."


def test_importing_twice_changes_nothing(tmp_path):
    bring(tmp_path, record())
    before = sorted(Contact.objects.values_list("pk", "state"))
    report = bring(tmp_path, record())
    assert (
        report.employers_new,
        report.employers_changed,
        report.contacts_new,
        report.conflicts,
    ) == (0, 0, 0, 0)
    assert sorted(Contact.objects.values_list("pk", "state")) == before


@pytest.mark.parametrize(
    ("more", "fact", "value"),
    [
        ({"branches": [{"number": "0002"}]}, "branch_fact", "mismatch"),
        (
            {"representatives": [{"identification": "2459640906"}]},
            "representative_fact",
            "mismatch",
        ),
        ({"representatives": []}, "representative_fact", "vacant"),
        (
            {"representatives": [{"identification": "2453622207", "state": "ended"}]},
            "representative_fact",
            "changed",
        ),
        ({"contacts": []}, "email_fact", "none"),
        ({"contacts": [email("a@b.example", state="bounced")]}, "email_fact", "bounced"),
        ({"key": "never"}, "key_fact", "never"),
    ],
)
def test_every_fact_has_its_value(tmp_path, more, fact, value):
    bring(tmp_path, record(**more))
    assert getattr(queries.gather(ANA), fact) == value


def test_who_acts_jointly_does_not_act_alone(tmp_path):
    people = [
        {"identification": ANA.identification, "mode": "jointly"},
        {"identification": "2459640906", "mode": "jointly"},
    ]
    bring(tmp_path, record(representatives=people))
    assert queries.gather(ANA).representative_fact == "mismatch"


def test_who_is_no_longer_named_has_ended(tmp_path):
    bring(tmp_path, record())
    report = bring(tmp_path, record(representatives=[{"identification": "2459640906"}]))
    assert report.representatives_ended == 1 and Representative.objects.get(state="ended")
    assert queries.gather(ANA).representative_fact == "changed"


def test_an_address_for_more_than_three_employers_never_suffices_alone(tmp_path):
    firms = [
        record(ruc=f"2499000{n}8001", contacts=[email("todos@cuentas.example")])
        for n in range(10, 15)
    ]
    report = bring(tmp_path, *firms)
    assert report.shared_addresses == 1
    found = queries.gather(EmployerNumber(ANA.identification, firms[0]["ruc"], "0001"))
    assert found.email_fact == "shared" and found.contact is None


def test_an_address_marked_dead_is_never_opened_again(tmp_path):
    bring(tmp_path, record())
    with transaction.atomic():
        services.mark_contact(
            Contact.objects.get(), "dead", actor="system", reason="domain", now=clock.now()
        )
    report = bring(tmp_path, record(as_of="2030-01-01"))
    assert Contact.objects.get().state == "dead"
    assert report.contacts_kept_closed == 1 and Conflict.objects.count() == 1


def test_what_clavero_did_to_the_key_wins_until_the_register_is_newer(tmp_path):
    bring(tmp_path, record(key="blocked"))
    with transaction.atomic():
        services.set_key_state(Employer.objects.get(), "active", case_id=None, now=clock.now())
    assert bring(tmp_path, record(key="blocked")).conflicts == 1
    assert Employer.objects.get().key_state == "active"
    later = (clock.now() + timedelta(days=2)).date().isoformat()
    bring(tmp_path, record(key="blocked", as_of=later))
    assert Employer.objects.get().key_state == "blocked"
    assert Change.objects.get().what == "key_active"


def test_a_proposed_contact_survives_tonights_import_and_rests(tmp_path, time):
    bring(tmp_path, record())
    with transaction.atomic():
        contact = services.propose_contact(
            Employer.objects.get(), "email", "nueva@uno.example", case_id=None, now=clock.now()
        )
    bring(tmp_path, record())
    assert {c.value: c.state for c in Contact.objects.all()} == {
        "ana@uno.example": "on_record",
        "nueva@uno.example": "proposed",
    }
    with transaction.atomic():
        services.confirm_contact(contact, clock.now())
    assert services.due(clock.now()) == 0
    time.wait(73 * 3600)
    assert services.due(clock.now()) == 1
    assert queries.gather(ANA).contact.value == "nueva@uno.example"
    assert len(queries.contacts_to_tell(Employer.objects.get().pk)) == 2


def test_a_csv_says_the_same_as_json_lines(tmp_path):
    path = tmp_path / "register.csv"
    path.write_text(
        "ruc,kind,name,key,as_of,branch,identification,email,email_as_of,workers_last_sheet\n"
        f"{ANA.ruc},company,Inventada S.A.,active,2026-10-31,0001,{ANA.identification},ana@uno.example,2024-01-01,4\n"
        f"{ANA.ruc},company,Inventada S.A.,active,2026-10-31,0002,{ANA.identification},,,\n",
        encoding="utf-8-sig",
    )
    report = imports.import_file(path, clock.now())
    assert report.employers_new == 1 and queries.gather(ANA).email_fact == "valid"
    assert (
        Employer.objects.get().branches.count() == 2
        and Employer.objects.get().facts.get().value == "4"
    )


def test_bad_rows_are_counted_and_left_out(tmp_path):
    good = record()
    bad = [record(ruc="12"), record(ruc="2499000025001", key="magic"), record(ruc="2499000033001", contacts=[email("no")]),
           record(ruc="2499000041001", as_of="31/10/2026"), record(), ["a list"]]  # fmt: skip
    report = bring(tmp_path, good, *bad)
    assert report.employers_new == 1
    assert report.findings == {
        "ruc.length": 1,
        "employers.key": 1,
        "email.shape": 1,
        "employers.date": 1,
        "employers.twice": 1,
        "employers.not_an_object": 1,
    }
    assert report.lines["ruc.length"] == [2]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "file.empty"),
        (b"\xff\xfe\x00", "file.encoding"),
        (b'{"ruc": ', "file.not_json"),
        (b"a,b\n1,2\n", "employers.columns"),
        (b"{}\x00\n", "file.binary"),
    ],
)
def test_a_broken_file_changes_nothing(tmp_path, raw, code):
    bring(tmp_path, record())
    path = tmp_path / "broken"
    path.write_bytes(
        json.dumps(record(ruc="2499000025001")).encode() + b"\n" + raw
        if code == "file.not_json"
        else raw
    )
    with pytest.raises(Refused, match=code):
        imports.import_file(path, clock.now())
    assert Employer.objects.count() == 1


def test_a_missing_file_is_one_refusal(tmp_path):
    with pytest.raises(Refused, match="file.unreadable"):
        imports.import_file(tmp_path / "none", clock.now())


def test_the_same_statements_for_who_exists_and_who_does_not(tmp_path, count_sql):
    bring(tmp_path, record())
    for number in (ANA, EmployerNumber("2458107733", "2499000991001", "0001")):
        with count_sql(3):
            queries.gather(number)


@pytest.mark.parametrize("stands", ["first", "last"])
def test_who_is_unknown_is_read_as_another_is_and_learns_nothing_of_them(
    stands, tmp_path, monkeypatch
):
    """Whoever stands next in the register is read and weighed in their place, from any place of it (S-056)."""
    bring(tmp_path, record())
    Employer.objects.update(ruc_lookup="0" if stands == "first" else "zzzz")
    weighed, real = [], queries._dossier
    monkeypatch.setattr(queries, "_dossier", lambda *of: weighed.append(real(*of)) or weighed[-1])
    for number in (ANA, EmployerNumber("2458107733", "2499000991001", "0002")):
        assert queries.gather(number) == queries.Dossier()
    assert [(one.known, len(one.contacts)) for one in weighed] == [(True, 1)] * 2
    assert all(one.contact and one.representative_fact == "match" for one in weighed)


def test_a_fact_that_another_hand_wrote_is_none_for_its_employer_and_for_whoever_is_read_beside(
    tmp_path,
):
    """Written past Clavero it does not open: Validar goes on without it, for the unknown too, who are read as their neighbour."""
    facts = {"workers_last_sheet": {"value": "4"}, "last_payment_month": {"value": "2026-10"}}
    bring(tmp_path, record(facts=facts))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE employers_fact SET value = 'f1.not.ours' WHERE name = 'workers_last_sheet'"
        )
    assert [fact.name for fact in queries.gather(ANA).facts] == ["last_payment_month"]
    other = EmployerNumber("2458107733", "2499000991001", "0001")
    assert queries.gather(other) == queries.Dossier()


def test_in_an_empty_register_everybody_is_unknown():
    assert queries.gather(ANA) == queries.Dossier()


def test_twenty_thousand_employers_stream_in(tmp_path):
    from scripts.made_employers import write_register

    path = tmp_path / "big.jsonl"
    write_register(path, 20_000)
    report = imports.import_file(path, clock.now())
    assert report.employers_new == report.rows == 20_000 and not report.findings


def test_nothing_personal_stands_in_the_tables_in_clear(tmp_path):
    from django.db import connection

    bring(tmp_path, record(facts={"workers_last_sheet": {"value": "7341"}}))
    with connection.cursor() as cursor:
        for table in ("employer", "representative", "contact", "fact", "branch"):
            cursor.execute(f"SELECT * FROM employers_{table}")
            dumped = str(cursor.fetchall())
            for secret in (ANA.ruc, ANA.identification, "ana@uno.example", "Inventada", "7341"):
                assert secret not in dumped
