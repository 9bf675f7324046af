"""The dictionary says how long, the profile how many days, a rule of its room who: the three agree (S-128, J06)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from clavero import clock
from clavero.cli.send import FORGETFUL
from clavero.core import profile
from clavero.privacy import dictionary, retention

RULES = {room: import_module(f"clavero.{room}.retention").RULES for room in FORGETFUL}
ALL = [(room, rule) for room, rules in RULES.items() for rule in rules]
SMALL = {"desk_duty", "desk_enrolment", "desk_training", "rights_request", "rights_breach"}
"""A few rows for each member of staff or centre: looked through without an index."""


def stated() -> dict[str, dictionary.Keeps]:
    """Table → how long its rows are kept, where that is days of the profile."""
    read = dictionary.read()
    found = {table.name: read.keeps[table.keeps] for table in read.tables}
    return {name: keeps for name, keeps in found.items() if keeps.period}


def test_every_table_with_days_is_forgotten_by_the_room_that_the_dictionary_names():
    for table, keeps in stated().items():
        for period in keeps.period.split():
            rooms = {r for r, rule in ALL if table in rule.takes and rule.period == period}
            assert f"clavero.{''.join(rooms)}.retention.due" == keeps.by, (table, period)


# Rows that go with the row they hang on, sooner where they have a period of their own.
WITH_THEIR_CASE = {"recovery_readypaper": "ready", "desk_photo": "photo", "appointments_cell": "visit_over"}  # fmt: skip


def test_no_rule_takes_what_the_dictionary_keeps():
    kept = {table.name: table.keeps for table in dictionary.read().tables}
    for room, rule in ALL:
        for table in rule.takes:
            if kept[table] != WITH_THEIR_CASE.get(table):
                assert rule.period in stated()[table].period.split(), (room, rule.period, table)


def test_every_period_of_the_profile_is_acted_on():
    assert {rule.period for _, rule in ALL} == set(profile.RETENTION)


@pytest.mark.django_db
@pytest.mark.parametrize(("room", "rule"), ALL, ids=lambda given: getattr(given, "period", given))
def test_what_is_over_is_found_by_an_index(room, rule):
    if connection.vendor != "sqlite" or rule.takes[0] in SMALL:
        return
    plan = rule.over(retention.before(rule.period, clock.now())).only("pk").explain()
    scans = [line for line in plan.splitlines() if " SCAN " in f" {line} " and "USING" not in line]
    assert not scans, plan


def test_every_rule_begins_with_its_own_table():
    tables = {model._meta.db_table for model in apps.get_models()}
    for _, rule in ALL:
        assert rule.takes[0] == rule.over(clock.now()).model._meta.db_table
        assert set(rule.takes) <= tables
