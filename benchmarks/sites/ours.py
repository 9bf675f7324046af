"""Our journey: Validar → code → contact data → key → tested sign-in. `python -m benchmarks.sites.ours COUNT MODE…`"""

import json
import os
import re
import secrets
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from benchmarks import driving
from benchmarks.browser import Browser
from benchmarks.driving import ROOT, Site

ROAD = "/empleadores/recuperar-clave"
DATABASE = "ours"


def settings(address: str, folder: str) -> dict[str, str]:
    """An institution without demonstration, with budgets out of the way and no questions."""
    text = (ROOT / "clavero" / "profiles" / "iess.toml").read_text(encoding="utf-8")
    text = text.replace("ask_questions = true", "ask_questions = false")
    text = text.replace("wait_seconds = 3", "wait_seconds = 1")
    text = text.replace("live_tickets = 60", "live_tickets = 1000")
    bucket = "{ limit = 10000000, per_seconds = 60 }"
    text = re.sub(r"\{ limit = \d+, per_seconds = \d+(, quick = \d+)? \}", bucket, text)
    profile = Path(folder) / "bench.toml"
    profile.write_text(text, encoding="utf-8")
    return {
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings",
        "CLAVERO_DATABASE_URL": address,
        "CLAVERO_BASE_URL": "http://localhost",
        "CLAVERO_SECRET_KEY": secrets.token_urlsafe(48),
        "CLAVERO_KEY_PEPPER": "p1:" + secrets.token_urlsafe(32),
        "CLAVERO_FIELD_KEYS": "f1:" + secrets.token_urlsafe(32),
        "CLAVERO_AUDIT_KEY": secrets.token_urlsafe(32),
        "CLAVERO_PROFILE": str(profile),
    }


def prepare(count: int) -> None:
    """Tables, a catastro and a register of `count` employers in order."""
    import django

    django.setup()
    from django.core.management import call_command

    from clavero import clock
    from clavero.catastro import services as catastro
    from clavero.employers import imports
    from scripts import made_catastro, made_employers

    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory() as folder:
        register, taxes = Path(folder, "register.jsonl"), Path(folder, "taxes.csv")
        made_employers.write_register(register, count)
        with taxes.open("w", encoding="utf-8") as file:
            file.write(made_catastro.HEADER)
            file.writelines(
                f"{made_employers.ruc(n)}|X|INVENTADA|ACTIVO|GEN||{clock.now().date()}|||N|SOCIEDAD|1||ABI|A|B|C|G|X|N|N\n"
                for n in range(count)
            )
        catastro.import_file(taxes, clock.now())
        imports.import_file(register, clock.now())


def to_check(browser: Browser, number: int) -> None:
    """Before the clock starts: who, number, the waiting ticket."""
    from scripts import made_employers

    browser.go("GET", f"{ROAD}/identificacion/")
    person = {"identification": made_employers.person(number)}
    browser.go("POST", f"{ROAD}/identificacion/", person)
    browser.go("POST", f"{ROAD}/numero/", {"ruc": made_employers.ruc(number), "branch": "0001"})


def journey(browser: Browser, number: int, key: str) -> None:
    """Measured: Validar, code, contact data, key, tested sign-in, done."""
    browser.go("POST", f"{ROAD}/validar/", {})
    browser.go("POST", browser.path, {"code": code_of(browser.path.split("/")[-3])})
    browser.go("POST", browser.path, {"email": "", "mobile": "", "landline": ""})
    browser.go("POST", browser.path, {"key": key})
    assert "Acceso comprobado" in browser.go("POST", browser.path, {"key": key})


_HELD = threading.local()


def _connection() -> Any:
    import psycopg

    if not hasattr(_HELD, "connection"):
        address = os.environ["CLAVERO_DATABASE_URL"]
        _HELD.connection = psycopg.connect(
            address, autocommit=True, application_name="bench client"
        )
    return _HELD.connection


def code_of(ref: str) -> str:
    """The code, from the sealed outbox: the client holds the keys, the server does not notice."""
    from clavero.privacy import sealing

    (case,) = _connection().execute("SELECT id FROM recovery_case WHERE ref = %s", [ref]).fetchone()
    row, payload = _connection().execute(
        f"SELECT id, payload FROM notices_message WHERE key LIKE '{case}:code:%'"
    ).fetchone()  # fmt: skip
    return str(json.loads(sealing.unseal(payload, f"notices_message|payload|{row}"))["code"])


def sign_in(browser: Browser, number: int, key: str) -> bool:
    from scripts import made_employers

    browser.go("GET", "/entrar/")
    typed = {"identification": made_employers.person(number), "ruc": made_employers.ruc(number)}
    return "signin.no_match" not in browser.go("POST", "/entrar/", typed | {"key": key})


def create(name: str) -> str:
    """A database of its own, and its address."""
    import psycopg

    server = os.environ["BENCH_DATABASE"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return server.rpartition("/")[0] + f"/{name}"


def build(people: int) -> Site:
    from django.db import connections

    os.environ.update(settings(create(DATABASE), os.environ["BENCH_FOLDER"]))
    prepare(people)
    connections.close_all()
    return Site("benchmarks.sites.ours_wsgi:application", to_check, journey, sign_in)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BENCH_FOLDER"] = folder
        sys.exit(driving.run(build, sys.argv[1:]))
