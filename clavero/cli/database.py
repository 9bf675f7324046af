"""Commands that need the database: Django started, tables made on an empty SQLite file, else said so."""

import os

from clavero import environment, institution
from clavero.cli.frame import Stop

_ONLY_DATABASE = {
    "CLAVERO_BASE_URL": "http://localhost",
    "CLAVERO_SECRET_KEY": "not-used-by-this-command",
    "CLAVERO_KEY_PEPPER": "unused:" + "A" * 43,
}


def ready(
    *, all_settings: bool = False, fields: bool = True, older: bool = False, serves: bool = False
) -> None:
    """Start Django for a command. With `all_settings` False, what the command does not use may be missing.

    `fields` says that sealed columns are read or written, so that CLAVERO_FIELD_KEYS is needed; `older` that
    tables of an older version will do; `serves` that people will meet this process: then nothing at all may be
    missing. Raises `Stop`, `BadSetting` or `BadProfile`.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clavero.project.settings")
    if not all_settings:
        _fill(fields)
    import django
    from django.core.checks import ERROR, run_checks

    django.setup()
    serious = [found for found in run_checks() if found.level >= ERROR]
    if serious:
        raise Stop(serious[0].msg)
    if all_settings:
        institution.profile()
    if serves:
        _complete()
    _migrated(older)


def settings_alone() -> None:
    """Start Django for a command that asks no database: it works while there is none. Raises `BadSetting` or `BadProfile`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clavero.project.settings")
    import django

    django.setup()
    institution.profile()


def _complete() -> None:
    """What only a server needs. The demonstration signs, and sends to its own mailbox."""
    from django.conf import settings

    names = ("CLAVERO_PROFILE", "CLAVERO_AUDIT_KEY", "CLAVERO_SMTP_URL")
    for name in names[1:2] if settings.DEMO else names:
        environment.require(name)


def _fill(fields: bool) -> None:
    for name, value in _ONLY_DATABASE.items():
        if not os.environ.get(name) and not os.environ.get(f"{name}_FILE"):
            os.environ[name] = value
    if (
        not fields
        and not os.environ.get("CLAVERO_FIELD_KEYS")
        and not os.environ.get("CLAVERO_FIELD_KEYS_FILE")
    ):
        os.environ["CLAVERO_FIELD_KEYS"] = "unused:" + "A" * 43


def _migrated(older: bool) -> None:
    """An empty SQLite file gets its tables by itself; any other database is the operator's to migrate."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if connection.vendor == "sqlite" and not connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
        return
    if older and connection.introspection.table_names():
        return
    raise Stop(
        "Faltan tablas: ejecute «clavero migrate». / Tables are missing: run `clavero migrate`."
    )
