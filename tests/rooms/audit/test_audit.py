"""The chain: in the deed's transaction, without personal data, whole or found broken."""

import json

import pytest
from django.db import connection, transaction

from clavero import clock
from clavero.audit import publishing, queries, services
from clavero.audit.models import Entry

pytestmark = pytest.mark.django_db


def fill(count=5):
    with transaction.atomic():
        return [services.record("signin", subject=n, reason="a_code") for n in range(count)]


def change(statement, *values):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        else:
            for name in ("no_update", "no_delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS audit_entry_{name}")
        cursor.execute(statement, values)


def test_a_whole_chain_is_whole():
    entries = fill()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert queries.verify() == queries.Report(True, 5, None)


@pytest.mark.parametrize(
    ("statement", "first_break"),
    [
        ("UPDATE audit_entry SET body = '{}' WHERE number = 3", 3),
        ("DELETE FROM audit_entry WHERE number = 2", 2),
        ("DELETE FROM audit_entry WHERE number = 5", 5),
        ("UPDATE audit_entry SET number = 9 WHERE number = 4", 4),
    ],
)
def test_whatever_is_changed_is_found(statement, first_break):
    fill()
    change(statement)
    assert queries.verify().first_break == first_break


def test_a_record_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError):
        services.record("signin")


def test_a_deed_that_rolls_back_leaves_no_entry_and_no_gap():
    fill(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        services.record("signin")
        raise RuntimeError
    assert fill(1)[0].number == 2 and queries.verify().ok


@pytest.mark.parametrize(
    "more", [{"reason": "2453622207"}, {"reason": "ana@trigo.example"}, {"reason": "Panadería"}, {"actor": "Ana López"},
             {"data": {"ruc": "2499000017001"}}, {"data": {"n": 2499000017001}}]
)  # fmt: skip
def test_nothing_personal_gets_in(more):
    with pytest.raises(ValueError), transaction.atomic():
        services.record("signin", **more)


def test_an_event_outside_the_vocabulary_is_refused():
    with pytest.raises(ValueError), transaction.atomic():
        services.record("something_else")


def test_recording_is_one_statement_on_postgresql_and_three_on_sqlite(count_sql):
    """Locking the head, sealing and storing: PostgreSQL does all of it in one."""
    with transaction.atomic(), count_sql(1 if connection.vendor == "postgresql" else 3):
        services.record("signin")


def test_the_head_is_signed_sent_out_and_published_hourly(tmp_path, monkeypatch, time):
    monkeypatch.setenv("CLAVERO_AUDIT_SINK", f"file:{tmp_path / 'heads'}")
    assert publishing.due(clock.now()) == 0
    fill()
    assert publishing.due(clock.now()) == 1
    assert publishing.due(clock.now()) == 0
    fill()
    time.wait(3601)
    assert publishing.due(clock.now()) == 1
    heads = [json.loads(line) for line in (tmp_path / "heads").read_text().splitlines()]
    assert [head["number"] for head in heads] == [5, 11] and all(map(publishing.is_genuine, heads))
    assert queries.verify((heads[0]["number"], heads[0]["seal"])).ok
    heads[0]["number"] = 4
    assert not publishing.is_genuine(heads[0])
    assert not queries.verify((99, heads[1]["seal"])).ok


def test_history_is_of_one_case_or_one_account():
    with transaction.atomic():
        services.record("case_prove", case_id=7, subject=1)
        services.record("signin", subject=1)
    assert [e.event for e in queries.history(case=7)] == ["case_prove"]
    assert [e.event for e in queries.history(subject=1)] == ["case_prove", "signin"]
    assert Entry.objects.count() == 2
