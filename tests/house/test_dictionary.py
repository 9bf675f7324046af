"""Every column has a purpose, a basis and a period, and the period is kept by somebody (S-128)."""

import re
from importlib import import_module

import pytest
from django.apps import apps

from clavero.core import profile
from clavero.privacy import dictionary

IN_CLEAR = {
    "account_emailaddress.email": "a library's table that stays empty",
}
"""Personal columns that are not sealed, each with its reason."""
NOBODY = ("itself", "the institution", "nothing, by trigger")


def columns() -> dict[str, object]:
    """Every column of every table that the migrations make, by table.column."""
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
    return {
        f"{model._meta.db_table}.{field.column}": field
        for model in models
        for field in model._meta.local_concrete_fields
        if field.column
    }


def written() -> dict[str, dictionary.Column]:
    return {f"{t.name}.{c.name}": c for t in dictionary.read().tables for c in t.columns}


def test_every_column_stands_in_the_dictionary_and_no_other_does():
    """S-128"""
    lacking, gone = columns().keys() - written().keys(), written().keys() - columns().keys()
    assert lacking == set(), "say in privacy/dictionary.toml what they are for"
    assert gone == set(), "take them out of privacy/dictionary.toml"


def test_what_is_personal_is_sealed_and_what_is_sealed_is_personal():
    """S-134"""
    held = columns()
    personal = {name for name, column in written().items() if column.kind == "personal"}
    sealed = {name for name, field in held.items() if getattr(field, "is_sealed", False)}
    assert personal - sealed == set(IN_CLEAR)
    assert sealed - personal == set()


@pytest.mark.django_db
def test_a_library_s_tables_stay_empty_after_a_start():
    tables = {t.name for t in dictionary.read().tables if t.keeps == "unused"}
    by_table = {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}
    filled = {name for name in tables if by_table[name]._default_manager.exists()}
    assert filled <= {"auth_permission"}  # Django's migration writes it


def test_who_forgets_exists_and_a_period_of_the_profile_is_read_there():
    """S-128"""
    for name, keeps in dictionary.read().keeps.items():
        if keeps.by in NOBODY:
            continue
        module, _, verb = keeps.by.rpartition(".")
        assert callable(getattr(import_module(module), verb)), name
    periods = {each for keeps in dictionary.read().keeps.values() for each in keeps.period.split()}
    assert periods == set(profile.RETENTION), "test_retention.py says that a rule acts on each"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('a = "trace:"', "t.a: no purpose"),
        ('a = "odd: to count"', "t.a: no class 'odd'"),
        ('a = "trace: to count @ ever"', "t.a: no period 'ever'"),
    ],
)
def test_a_line_that_says_too_little_is_refused(line, problem):
    head = '[classes]\ntrace = "x"\n[bases]\nnone = "x"\n[keeps]\nday = { says = "a day", by = "itself" }\n'
    table = f'[tables.t]\nbasis = "none"\nkeeps = "day"\n[tables.t.columns]\n{line}\n'
    with pytest.raises(ValueError, match=re.escape(problem)):
        dictionary.parse(head + table)
