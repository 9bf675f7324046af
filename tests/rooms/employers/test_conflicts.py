"""What an import may not undo: closed addresses, later changes; and files of nothing, of one, of very many."""

import json
import tracemalloc
from datetime import timedelta

import pytest
from django.db import transaction

from clavero import clock
from clavero.core.errors import Refused
from clavero.employers import imports, queries, services
from clavero.employers.models import Conflict, Contact, Employer
from tests.rooms.employers.test_import import ANA, bring, email, record

pytestmark = pytest.mark.django_db


def today(days: int = 0) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize("state", Contact.GONE)
def test_no_import_opens_again_what_was_closed_here(tmp_path, state):
    bring(tmp_path, record())
    with transaction.atomic():
        services.mark_contact(
            Contact.objects.get(), state, actor="system", reason="test", now=clock.now()
        )
    for as_of in ("2024-01-01", today(), today(400)):
        report = bring(
            tmp_path, record(as_of=as_of, contacts=[email("ana@uno.example", as_of=as_of)])
        )
        assert Contact.objects.get().state == state and report.contacts_kept_closed == 1
    assert queries.gather(ANA).contact is None


def test_an_address_the_register_calls_dead_is_closed_and_stays_so(tmp_path):
    bring(tmp_path, record())
    bring(tmp_path, record(contacts=[email("ana@uno.example", state="dead")]))
    assert Contact.objects.get().state == "dead"
    bring(tmp_path, record())
    assert Contact.objects.get().state == "dead"


def settled(tmp_path, time):
    """An address that a person proposed here, confirmed, and that has rested."""
    bring(tmp_path, record())
    with transaction.atomic():
        contact = services.propose_contact(
            Employer.objects.get(), "email", "nueva@uno.example", case_id=None, now=clock.now()
        )
        services.confirm_contact(contact, clock.now())
    time.wait(73 * 3600)
    assert services.due(clock.now()) == 1


def test_what_was_put_on_record_here_survives_an_older_register_and_is_listed(tmp_path, time):
    settled(tmp_path, time)
    report = bring(tmp_path, record(as_of="2026-01-01"))
    assert report.conflicts == 1 and Conflict.objects.get().what == "contact_missing"
    assert queries.gather(ANA).contact.value == "nueva@uno.example"


def test_the_register_may_say_the_same_and_then_there_is_no_conflict(tmp_path, time):
    settled(tmp_path, time)
    both = [email("ana@uno.example"), email("nueva@uno.example")]
    assert bring(tmp_path, record(as_of="2026-01-01", contacts=both)).conflicts == 0


def test_a_later_register_wins(tmp_path, time):
    settled(tmp_path, time)
    report = bring(tmp_path, record(as_of=today(10)))
    assert report.conflicts == 0 and queries.gather(ANA).contact.value == "ana@uno.example"


def test_an_address_that_stands_for_three_suffices_and_for_four_does_not(tmp_path):
    shared = [email("todos@cuentas.example")]
    firms = [record(ruc=f"2499000{n}8001", contacts=shared) for n in range(10, 13)]
    assert bring(tmp_path, *firms).shared_addresses == 0
    assert (
        queries.gather(type(ANA)(ANA.identification, firms[0]["ruc"], "0001")).email_fact == "valid"
    )
    assert (
        bring(
            tmp_path, *firms, record(ruc="249900013 8001".replace(" ", ""), contacts=shared)
        ).shared_addresses
        == 1
    )
    assert (
        queries.gather(type(ANA)(ANA.identification, firms[0]["ruc"], "0001")).email_fact
        == "shared"
    )


def test_an_own_address_beside_the_shared_one_suffices(tmp_path):
    firms = [
        record(
            ruc=f"2499000{n}8001",
            contacts=[email("todos@cuentas.example"), email(f"uno{n}@propio.example")],
        )
        for n in range(10, 15)
    ]
    bring(tmp_path, *firms)
    found = queries.gather(type(ANA)(ANA.identification, firms[0]["ruc"], "0001"))
    assert found.email_fact == "valid" and found.contact.value == "uno10@propio.example"


def test_the_flag_goes_when_the_address_stands_for_fewer_again(tmp_path):
    firms = [
        record(ruc=f"2499000{n}8001", contacts=[email("todos@cuentas.example")])
        for n in range(10, 15)
    ]
    bring(tmp_path, *firms)
    own = [
        record(ruc=firm["ruc"], contacts=[email(f"own{n}@propio.example")])
        for n, firm in enumerate(firms[:3])
    ]
    bring(tmp_path, *own, *firms[3:])
    assert not Contact.objects.filter(shared=True, state="on_record").exists()


def test_a_register_of_one_employer_is_imported_and_one_of_none_is_refused(tmp_path):
    assert bring(tmp_path, record()).employers_new == 1
    path = tmp_path / "blank.jsonl"
    path.write_text("\n\n\n", encoding="utf-8")
    with pytest.raises(Refused):
        imports.import_file(path, clock.now())


def test_memory_does_not_grow_with_the_register(tmp_path):
    """Four times the employers: the peak grows by what remembers each number once, not by the records."""
    from scripts.made_employers import write_register

    peaks = {}
    for count in (2_000, 8_000):
        path = tmp_path / f"{count}.jsonl"
        write_register(path, count)
        tracemalloc.start()
        with transaction.atomic():
            imports.import_file(path, clock.now())
            transaction.set_rollback(True)
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[8_000] < peaks[2_000] + 6_000 * 400, peaks


@pytest.mark.parametrize(
    "text",
    ["Uno\r\nBcc: eve@evil.example", "=cmd|' /C calc'!A0", "<b>x</b>", "{{7*7}}", "\u202etxt"],
)
def test_a_name_is_a_name_whatever_it_looks_like(tmp_path, text):
    """S-107: it goes nowhere as markup, header or formula."""
    bring(tmp_path, record(name=text))
    assert Employer.objects.get().name == text.strip()


@pytest.mark.parametrize("raw", ['{"ruc": "2499000017001", "name": "a\\u0000b"}', '{"ruc": "2499000017001", "name": {"es": 1}}', '{"ruc": 2499000017001}',
                                 '{"ruc": null}', "[]", '"x"', "1e999", '{"ruc": "2499000017001", "contacts": {"kind": "email"}}'])  # fmt: skip
def test_odd_json_is_a_finding_or_an_employer_and_never_a_fall(tmp_path, raw):
    path = tmp_path / "odd.jsonl"
    path.write_text(json.dumps(record(ruc="2499000025001")) + "\n" + raw + "\n", encoding="utf-8")
    report = imports.import_file(path, clock.now())
    assert report.employers_new >= 1 and Employer.objects.count() == report.employers_new
