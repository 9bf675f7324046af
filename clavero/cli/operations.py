"""What operators do: tables, the first operator, copies and their return, the web server."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from clavero import clock, environment
from clavero.cli import database
from clavero.cli.audit import verdict
from clavero.cli.frame import DONE, FOUND, Clavero, Stop
from clavero.throttle import doorstep

THREADS = doorstep.AT_REST + 1
"""Of one process: one never rests while refused requests give way. Each has a connection to the database."""
NOT_EMPTY = (
    "La base de datos no está vacía: no se toca. / The database is not empty: it stays as it is."
)


@click.command(help="Crea o actualiza las tablas. / Creates or updates the tables.")
def migrate_command() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clavero.project.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=1, interactive=False)
    return DONE


@click.group(help="Operadores. / Operators.")
def operator_command() -> None:
    pass


@operator_command.command(
    "create", help="Crea el primer operador, una sola vez. / Creates the first operator, once."
)
@click.argument("name")
@click.option("--person", default="", help="Nombres y apellidos. / Given names and surnames.")
@click.option("--identification", default="", help="Su cédula o código. / Their cédula or code.")
def create(name: str, person: str, identification: str) -> int:
    """The code of enrolment on the second line; with it the operator adds two passkeys at the desk (S-138)."""
    database.ready(all_settings=True)
    from django.conf import settings

    from clavero.core.challenge import grouped
    from clavero.desk import people

    code = people.bootstrap(name, person, identification, clock.now())
    click.echo(f"{name}\n{grouped(code)}")
    click.echo(f"{settings.DESK_URL}/mesa/alta/", err=True)
    return DONE


@click.command(help="Copia la base de datos a una carpeta. / Copies the database into a folder.")
@click.argument("folder", type=click.Path(path_type=Path))
def backup_command(folder: Path) -> int:
    """A whole copy while the server runs: SQLite's own backup, or pg_dump. Keys are not in it."""
    database.ready(fields=False, older=True)
    from django.conf import settings
    from django.db import transaction

    from clavero.audit import services as audit

    folder.mkdir(parents=True, exist_ok=True)
    with transaction.atomic():
        audit.record("backup_made")
    base = settings.DATABASES["default"]
    target = folder / ("clavero.sqlite3" if base["ENGINE"].endswith("sqlite3") else "clavero.dump")
    partial = target.with_suffix(".part")
    try:
        (_copy_sqlite if target.suffix == ".sqlite3" else _dump_postgres)(base, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    click.echo(str(target))
    return DONE


def _copy_sqlite(base: dict, target: Path) -> None:  # type: ignore[type-arg]
    target.unlink(missing_ok=True)
    source, copy = sqlite3.connect(str(base["NAME"])), sqlite3.connect(target)
    try:
        source.backup(copy)
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Stop("La copia no está entera. / The copy is not whole.")
    finally:
        copy.close()
        source.close()


def _tool(name: str) -> str:
    found = shutil.which(name) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), ""
    )
    if not found:
        raise Stop(f"Falta {name} de PostgreSQL. / PostgreSQL's {name} is missing.")
    return found


OURS = {"server_side_binding", "prepare_threshold", "prepare"}
"""Options of our driver (project/settings.py), which PostgreSQL's tools do not know."""


def _servers(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in OURS}


def _connection(base: dict) -> tuple[str, dict[str, str]]:  # type: ignore[type-arg]
    """What PostgreSQL's tools are told of the server, its options (TLS) included; the password not in sight."""
    from psycopg.conninfo import make_conninfo

    keys = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    named = {name: base[key] for name, key in keys.items() if base[key]}
    password = {"PGPASSWORD": base["PASSWORD"]} if base["PASSWORD"] else {}
    return f"--dbname={make_conninfo(**named, **_servers(base['OPTIONS']))}", os.environ | password


def _run(name: str, arguments: list[str], env: dict[str, str]) -> None:
    """One of PostgreSQL's tools, with the first thing it complains of as the one line."""
    done = subprocess.run(
        [_tool(name), *arguments], env=env, check=False, capture_output=True, text=True
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [name])[0]
        raise Stop(f"{name} no terminó: {why} / {name} did not finish: {why}")


def _dump_postgres(base: dict, target: Path) -> None:  # type: ignore[type-arg]
    server, env = _connection(base)
    _run("pg_dump", ["--format=custom", f"--file={target}", server], env)


@click.command(
    help="Devuelve una copia a una base vacía. / Brings a copy back into an empty database."
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def restore_command(obj: Clavero, folder: Path) -> int:
    base = environment.database(environment.require("CLAVERO_DATABASE_URL"))
    source = folder / ("clavero.sqlite3" if base.is_sqlite else "clavero.dump")
    if not source.is_file():
        raise Stop(f"No está {source.name} en esa carpeta. / {source.name} is not in that folder.")
    if base.is_sqlite:
        _restore_sqlite(source, Path(base.name))
    else:
        _restore_postgres(source, base)
    database.ready(fields=False)
    from clavero.audit import queries

    report = queries.verify()
    click.echo(verdict(report, obj.lang))
    return DONE if report.ok else FOUND


def _restore_postgres(source: Path, base: environment.Database) -> None:
    """All of it in one transaction, into a database without tables, or nothing."""
    table = {"HOST": base.host, "PORT": base.port, "USER": base.user, "PASSWORD": base.password}
    server, env = _connection(table | {"NAME": base.name, "OPTIONS": dict(base.options)})
    if _has_tables(base):
        raise Stop(NOT_EMPTY)
    _run("pg_restore", ["--no-owner", "--single-transaction", server, str(source)], env)


def _has_tables(base: environment.Database) -> bool:
    import psycopg

    named = {"host": base.host, "port": base.port, "user": base.user, "password": base.password}
    given = {name: value for name, value in named.items() if value} | _servers(dict(base.options))
    with psycopg.connect(dbname=base.name, **given) as connection:  # type: ignore[arg-type]
        found = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
        return found.fetchone() is not None


def _restore_sqlite(source: Path, target: Path) -> None:
    if target.exists() and target.stat().st_size:
        raise Stop(NOT_EMPTY)
    check = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    try:
        whole = check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        whole = False
    finally:
        check.close()
    if not whole:
        raise Stop("La copia está dañada. / The copy is damaged.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    try:
        shutil.copyfile(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _can_bind(bind: str) -> None:
    """One clear line for an address that is taken or is none, before gunicorn tries it five times."""
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:"):
        return
    if not host or not port.isdigit():
        raise Stop("--bind: HOST:PUERTO. / --bind: HOST:PORT.")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except (OSError, OverflowError):
            raise Stop(
                f"--bind: {bind} está ocupado o no es de aquí. / --bind: {bind} is taken or not of this machine."
            ) from None


@click.command(
    help="El servidor web. / The web server.", context_settings={"ignore_unknown_options": True}
)
@click.option(
    "--bind",
    default="127.0.0.1:8000",
    help="Dirección y puerto, detrás de un proxy. / Address and port, behind a proxy.",
)
@click.option(
    "--workers",
    default=2,
    type=click.IntRange(1, 64),
    help="Procesos: uno por núcleo. / Processes: one a core.",
)
def serve_command(bind: str, workers: int) -> int:
    """gunicorn with threads. Outside the demonstration a profile must be named."""
    database.ready(all_settings=True, serves=True)
    _can_bind(bind)
    command = [sys.executable, "-m", "gunicorn", "clavero.project.wsgi", f"--bind={bind}", f"--workers={workers}",
               "--worker-class=gthread", f"--threads={THREADS}", "--no-control-socket"]  # fmt: skip
    os.execv(sys.executable, command)
