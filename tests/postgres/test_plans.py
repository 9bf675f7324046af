"""With 50,000 employers every statement of the road goes through an index: no large table is read whole."""

import pytest
from django.db import connection

from benchmarks import filling, plans
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, sign_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
LUIS, ANA = by_id("tres_sucursales"), by_id("en_orden")
LARGE = ("employers_employer", "employers_contact", "employers_representative", "catastro_ruc", "recovery_case",
         "notices_message", "keys_account", "throttle_bucket", "audit_entry")  # fmt: skip


def full_of_others(walker):
    """The pattern of every table, then all the others; the planner knows, and may choose as it likes."""
    walker.to_key(ANA).finish()
    filling.fill(1, 50_000)
    filling.analyze()
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)


def test_no_statement_of_the_road_reads_a_large_table_whole(walker, time):
    full_of_others(walker)
    mine = Walker(time).to_check(LUIS)
    time.wait(10)
    found = plans.collected(lambda: mine.press())
    code = mine.mail(LUIS.email).code

    def onwards():
        mine.press({"code": code})
        mine.press().press({"key": NEW_KEY}).press({"key": NEW_KEY})
        sign_in(Walker(time), LUIS, NEW_KEY)

    found += plans.collected(onwards)
    assert mine.h1 == "Acceso comprobado" and len(found) > 30
    explained = plans.explained(found)
    assert [plan for plan in explained if plan["reads_whole"]] == []


def test_a_statement_without_an_index_would_be_found(walker):
    full_of_others(walker)
    lost = [("SELECT * FROM employers_contact WHERE source = %s", ["nowhere"])]
    assert plans.explained(lost)[0]["reads_whole"] == ["employers_contact"]
    assert {name for name, rows in plans._sizes().items() if rows >= plans.SMALL} >= set(LARGE)
