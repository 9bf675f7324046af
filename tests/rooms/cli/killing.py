"""Run as a process by `test_killed.py`: a command is killed before its n-th statement, for every n, and run again.

`python -m tests.rooms.cli.killing FOLDER NAME` prints one JSON document: how many places it was killed at, and for which of
them what stood in the database afterwards differs from what one whole run leaves.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from tests.cast import Member

APART = ("audit_entry", "audit_head", "audit_publication", "django_session", "notices_heartbeat")
MOST = 60
"""So many places at most, spread over the whole run."""


def main() -> None:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    words = _prepare(folder, name)
    work = Path(os.environ["CLAVERO_DATABASE_URL"].removeprefix("sqlite:///"))
    base, mail = folder / "base.sqlite3", folder / "mail"
    if mail.is_dir():
        shutil.copytree(mail, folder / "mail as it came")
    _close()
    shutil.copyfile(work, base)
    places = _run(words, 0)
    whole = _stands(work)
    differs = {}
    step = max(1, places // MOST)
    tried = range(1, places + 1, step)
    for place in tried:
        shutil.copyfile(base, work)
        for end in ("-wal", "-shm"):
            Path(f"{work}{end}").unlink(missing_ok=True)
        if mail.is_dir():
            shutil.rmtree(mail)
            shutil.copytree(folder / "mail as it came", mail)
        assert _run(words, place) == -signal.SIGKILL, place
        _run(words, 0)
        assert not list(mail.glob("new/*")), place
        if (found := _stands(work)) != whole:
            differs[place] = {k: (v, found.get(k)) for k, v in whole.items() if found.get(k) != v}
    print(json.dumps({"places": len(tried), "differs": differs, "whole": whole}))


def _close() -> None:
    from django.db import connections

    connections.close_all()


def _run(words: list[str], place: int) -> int:
    """In a child: killed before its statement `place`, or (0) to the end; how many statements it took, or minus the signal."""
    _close()
    reader, writer = os.pipe()
    if not (child := os.fork()):
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            count = _counted(words, place)
        os.write(writer, str(count).encode())
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    said = os.read(reader, 20)
    os.close(reader)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else int(said)


def _counted(words: list[str], place: int) -> int:
    from django.db import connection

    from clavero import cli, clock
    from clavero.audit import queries
    from clavero.cli import database, frame, send

    seen = [0]

    def counts(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen[0] += not sql.startswith("SELECT")
        if place and seen[0] == place:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with mock.patch.object(database, "ready"), connection.execute_wrapper(counts):
        if words[0] == "chore":
            chores = {name: (module, verb) for name, module, verb in (*send.OFTEN, *send.SELDOM)}
            send.chore(*chores[words[1]])(clock.now())
        else:
            done = frame.run(cli.group, words)
            assert done in (0, 1), (words, done)
    assert queries.verify().ok
    return seen[0]


def _stands(work: Path) -> dict[str, object]:
    """How many rows of each table stand, of the living copy alone; the messages and the files by their names."""
    with contextlib.closing(sqlite3.connect(work)) as raw:
        tables = [n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]  # fmt: skip
        found: dict[str, object] = {
            table: raw.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for table in tables
            if table not in (*APART, "catastro_ruc", "catastro_snapshot")
        }
        live = "SELECT r.ruc, r.status FROM catastro_ruc r JOIN catastro_snapshot s ON s.id = r.snapshot_id AND s.live"
        found["live rows"] = sorted(map(list, raw.execute(live).fetchall()))
        found["messages"] = raw.execute("SELECT kind, key FROM notices_message ORDER BY key").fetchall()  # fmt: skip
        found["addresses"] = raw.execute("SELECT state, count(*) FROM employers_contact GROUP BY state ORDER BY state").fetchall()  # fmt: skip
        found["letters"] = raw.execute("SELECT count(*) FROM notices_postletter WHERE batch <> ''").fetchone()  # fmt: skip
        found["under an older key"] = raw.execute("SELECT count(*) FROM employers_contact WHERE value LIKE 'f1.%'").fetchone()  # fmt: skip
    return found


def _prepare(folder: Path, name: str) -> list[str]:
    """What the database holds before, and the words that are typed."""
    from dataclasses import replace

    from clavero import clock
    from clavero.demo import services
    from clavero.desk import post as printing
    from clavero.institution import profile
    from clavero.notices import post
    from tests.cast import by_id
    from tests.rooms.cli import test_twice as twice

    held = replace(profile(), post_letters=True)
    for room in (post, printing):
        mock.patch.object(room, "profile", lambda: held).start()
    services.bring_cast()
    ana = by_id("en_orden")
    if name == "letters export":
        _letters(ana)
    made = {
        "catastro import": lambda: twice.file_of(twice.catastro_lines)(folder),
        "employers import": lambda: twice.file_of(twice.changed_register)(folder),
        "centres import": lambda: twice.file_of(twice.centres)(folder),
        "centres close": lambda: [twice.DAY],
        "rotate-keys": _newer_key,
        "letters export": lambda: [str(folder / "cartas")],
        "subject erase": lambda: [ana.ruc, "--yes"],
        "subject correct": lambda: [ana.ruc, "Trigo Nuevo"],
        "breach open": lambda: shlex.split(twice.OPEN),
        "breach told": lambda: [twice.breach().number, "authority"],
        "breach risk": lambda: [twice.breach().number],
        "breach notify": lambda: [twice.breach(risk_at=clock.now()).number, "--yes"],
        "announce": lambda: ["Mañana no.", "Not tomorrow.", "--until", f"{clock.now() + timedelta(days=2):%Y-%m-%d %H:%M}"],
        "bounces": lambda: _came_back(folder),
        "chore": _old_messages,
    }  # fmt: skip
    return [*name.split(), *made[name]()]


def _newer_key() -> list[str]:
    """From here on a newer key stands first."""
    from clavero.privacy import keyring, macs, sealing

    older = keyring.field_keys()
    mock.patch.object(keyring, "field_keys", lambda: {"f2": bytes(range(32)), **older}).start()
    for kept in (macs._key, sealing._cipher, keyring.derived):
        kept.cache_clear()
    return []


def _letters(member: Member) -> None:
    import types

    from tests.rooms.desk.test_post import house
    from tests.walk import Walker

    house(member)
    Walker(types.SimpleNamespace(wait=_wait), SERVER_NAME="localhost", SERVER_PORT="8000").to_key(
        member
    ).finish()


def _wait(seconds: float) -> None:
    from clavero import clock

    ahead = clock._offset[0]() if clock._offset else timedelta()
    clock.move_by(lambda: ahead + timedelta(seconds=seconds))


def _came_back(folder: Path) -> list[str]:
    from django.conf import settings
    from django.db import transaction

    from clavero import clock
    from clavero.employers.models import Contact
    from clavero.employers.services import contact_lookup
    from clavero.notices import services as notices
    from tests.cast import by_id
    from tests.rooms.cli import test_twice as twice
    from tests.rooms.notices.test_outbox import PAYLOAD

    settings.BOUNCES = "rebotes@instituto.example"
    ana = by_id("en_orden")
    contact = Contact.objects.get(value_lookup=contact_lookup("email", ana.email))
    with transaction.atomic():
        notices.enqueue("code", address=ana.email, payload=PAYLOAD, key="k", now=clock.now(), employer_id=contact.employer_id)  # fmt: skip
    return twice.came_back(folder)


def _old_messages() -> list[str]:
    from clavero import clock
    from clavero.notices.models import Message

    long_ago = clock.now() - timedelta(days=3000)
    Message.objects.bulk_create(
        Message(kind="void", state="sent", key=f"k{n}", made_at=long_ago, due_at=long_ago)
        for n in range(1200)
    )
    return ["retention of notices"]


if __name__ == "__main__":
    main()
