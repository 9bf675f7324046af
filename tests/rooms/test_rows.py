"""Rows by plain SQL are what the query builder makes of them, on both databases."""

from datetime import timedelta

import pytest
from django.db import connection
from django.forms.models import model_to_dict

from clavero import clock, rows
from clavero.employers.models import Contact
from clavero.notices.models import Message
from clavero.recovery.models import Case
from clavero.throttle.models import Ticket

pytestmark = pytest.mark.django_db


def message(key="1:code", **more):
    now = clock.now()
    given = {
        "kind": "void",
        "key": key,
        "address": "ana@trigo.example",
        "payload": '{"a": 1}',
        "made_at": now,
        "due_at": now,
    }
    return Message(**given | more)


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_what_is_stored_and_read_is_what_the_query_builder_stores_and_reads():
    mine, theirs = message("1"), message("2")
    rows.insert(mine)
    theirs.save(force_insert=True)
    for stored in (mine, theirs):
        read, built = rows.one(Message, id=stored.pk), Message.objects.get(pk=stored.pk)
        assert values(read) == values(built) == values(stored)
        assert read.address == "ana@trigo.example" and not read._state.adding


def test_every_kind_of_column_of_a_case_comes_back(walker):
    """Dates, JSON, booleans, sealed texts and NULL."""
    from tests.cast import by_id

    walker.validate(by_id("en_orden"))
    built = Case.objects.get()
    read = rows.one(Case, ref=built.ref)
    assert values(read) == values(built) and isinstance(read.facts, dict)
    assert model_to_dict(read) == model_to_dict(built) and read.ruc == by_id("en_orden").ruc


def test_a_change_is_made_once_and_only_where_the_conditions_hold():
    row = message()
    rows.insert(row)
    where = {"id": row.pk, "state": Message.QUEUED}
    changes = {"state": Message.LEASED, "lease_until": clock.now() + timedelta(minutes=2)}
    assert rows.update(Message, where, changes) == 1
    assert rows.update(Message, where, changes) == 0
    assert Message.objects.get().lease_until == changes["lease_until"]


def test_a_sealed_column_is_never_changed_apart_from_its_row():
    with pytest.raises(TypeError):
        rows.update(Message, {"id": 1}, {"payload": "in clear"})


def test_a_row_whose_place_is_taken_is_not_stored():
    first, second = message(), message(kind="code")
    assert rows.insert_once(first) and not rows.insert_once(second)
    assert Message.objects.get().kind == "void" and second._state.adding


def test_conditions_are_equal_one_of_and_before_or_after():
    now = clock.now()
    for n in range(3):
        moment = now + timedelta(minutes=n)
        rows.insert(
            Ticket(token_hash=str(n), binding="b", asker="a", not_before=moment, expires_at=moment)
        )
    assert len(rows.some(Ticket, token_hash=("0", "2", "9"))) == 2
    assert rows.delete(Ticket, not_before__lte=now + timedelta(minutes=1)) == 2
    assert rows.delete(Ticket, expires_at__gt=now + timedelta(minutes=2)) == 0
    rows.insert(message())
    assert rows.one(Message, sent_at=None) and not rows.one(Message, sent_at=None, made_at=None)


def test_a_row_may_stand_for_its_id_and_a_text_may_be_ones_own(cast):
    employer = Contact.objects.all()[0].employer
    found = rows.some(Contact, employer=employer)
    assert [contact.pk for contact in found] == [c.pk for c in employer.contacts.all()]
    text = f"SELECT {rows.columns(Contact, 'c.')} FROM employers_contact c WHERE c.employer_id = %s"
    assert rows.read(Contact, text, [employer.pk])[0].value == found[0].value


def test_what_comes_later_is_null_and_a_lock_is_asked_of_postgresql_alone():
    row = message()
    rows.insert(row, later=("employer_id", "lease_until"))
    assert rows.one(Message, lock=True, id=row.pk).lease_until is None
    locking = rows._select(Message, (("id", 0),), connection.vendor == "postgresql")
    assert locking.endswith("FOR UPDATE") == (connection.vendor == "postgresql")
