"""A test that asks for the cast has what the importers bring, also where its rows were only put back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.utils import translation

from clavero import institution
from clavero.audit import queries as audit
from clavero.demo import services
from clavero.employers.models import Employer
from clavero.keys import services as keys
from clavero.keys.models import Account
from tests import brought
from tests.conftest import BEGIN, hashes_dearly

pytestmark = pytest.mark.django_db


def everything() -> dict[str, brought.Rows]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return {table: brought._rows(table) for table in tables}


@pytest.fixture
def imported(monkeypatch):
    """How often the importers were asked."""
    asked: list[int] = []
    bring = services.bring_cast
    monkeypatch.setattr(brought, "_held", [])
    monkeypatch.setattr(services, "bring_cast", lambda: (asked.append(1), bring()))
    return asked


@pytest.fixture
def anew(db):
    """`anew()`: the tables as they were before anything was brought."""
    point = transaction.savepoint()
    yield lambda: transaction.savepoint_rollback(point)


def test_the_rows_that_are_put_back_are_those_that_the_importers_wrote(imported, anew):
    empty = everything()
    brought.bring(BEGIN)
    written = everything()
    anew()
    assert everything() == empty != written
    brought.bring(BEGIN)
    assert everything() == written and len(imported) == 1
    assert audit.verify().ok


def test_the_importers_write_the_same_rows_every_time_but_for_what_chance_draws(
    imported, anew, time
):
    brought.bring(BEGIN)
    counts = {table: len(rows) for table, rows in everything().items()}
    anew()
    services.bring_cast()
    assert {table: len(rows) for table, rows in everything().items()} == counts


def test_the_centres_alone_are_those_of_the_cast(anew):
    brought.bring_centres(BEGIN)
    alone = everything()
    anew()
    brought.bring_centres(BEGIN)
    assert everything() == alone and alone["employers_employer"] == []


def test_nothing_is_put_back_where_something_stands_already(imported):
    brought.bring(BEGIN)
    brought.bring(BEGIN)
    assert len(imported) == 2 and Employer.objects.exists()


@pytest.mark.parametrize("what", ["setting", "profile", "language"])
def test_under_other_circumstances_the_importers_write_again(
    imported, anew, settings, monkeypatch, what
):
    brought.bring(BEGIN)
    anew()
    if what == "setting":
        settings.SRI_TRANSPORT = "clavero.demo.sri.fetch"
    elif what == "profile":
        other = replace(institution.profile(), codes_in_mail=False)
        monkeypatch.setattr(institution, "profile", lambda: other)
    else:
        translation.activate("en")
    brought.bring(BEGIN)
    assert len(imported) == 2


@pytest.mark.true_hash
def test_keys_that_are_hashed_dearly_are_brought_dearly(cast):
    assert "$m=19456,t=2,p=1$" in Account.objects.exclude(key_hash="").first().key_hash


def test_elsewhere_they_are_not(cast):
    assert "$m=64,t=1,p=1$" in Account.objects.exclude(key_hash="").first().key_hash


@pytest.mark.django_db(transaction=True)
def test_where_commits_are_real_the_cost_is(request):
    assert hashes_dearly(request.node) and keys._hasher().memory_cost == 19456


def test_what_is_put_back_is_not_of_the_time_to_come(cast, time):
    from clavero import clock

    assert clock.now() >= BEGIN > datetime(2026, 1, 1, tzinfo=UTC)
    assert max(Account.objects.values_list("opened_at", flat=True)) <= clock.now()
