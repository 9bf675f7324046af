"""The worker: what it calls, what it survives, and what `kill -9` leaves behind."""

import ast
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.rooms.cli.test_commands import ROOT, SETTINGS, run

PACKAGE = ROOT / "clavero"


@pytest.mark.django_db
def test_every_room_that_has_something_due_is_called(monkeypatch):
    """`def due(now` anywhere in the package is a promise that the worker keeps, itself or through another room."""
    from clavero.cli import send

    # This test's own transaction lives in the connection that a round would look over.
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)
    owners = {
        str(path)
        for path in PACKAGE.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "due"
    }
    called = set()

    def seen(frame, event, _argument):
        if event == "call" and frame.f_code.co_name == "due":
            called.add(frame.f_code.co_filename)

    sys.setprofile(seen)
    try:
        send._round(slow=True)
    finally:
        sys.setprofile(None)
    assert owners == called and len(owners) >= 6


@pytest.mark.django_db
def test_a_part_that_fails_does_not_stop_the_others(monkeypatch):
    from clavero.audit import publishing
    from clavero.cli import send
    from clavero.employers import services as employers
    from clavero.notices import services as notices
    from clavero.throttle import retention as throttle

    def broken(now):
        raise RuntimeError("2453622207")

    done = []
    for module in (notices, publishing, employers):
        monkeypatch.setattr(module, "due", broken)
    monkeypatch.setattr(throttle, "due", lambda now: done.append("throttle"))
    monkeypatch.setattr(notices, "beat", lambda now: done.append("beat"))
    assert send._round(slow=True) == 0 and done == ["beat", "throttle"]


ENQUEUE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.db import transaction
from clavero import clock
from clavero.notices import services
from tests.rooms.notices.test_outbox import PAYLOAD
with transaction.atomic():
    services.enqueue("code", address="ana@trigo.example", payload=PAYLOAD, key="k1", now=clock.now())
"""


class Inbox:
    """A mail server that keeps what arrives and takes `slow` seconds to say so."""

    def __init__(self):
        self.slow, self.received = 0.0, []

    async def handle_DATA(self, server, session, envelope):
        import asyncio

        self.received.append(envelope.content.decode())
        await asyncio.sleep(self.slow)
        return "250 OK"


@pytest.fixture
def inbox():
    kept = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        kept.port = probe.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


def until(holds, seconds=20):
    for _ in range(seconds * 20):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def state(base: Path) -> tuple[str, int]:
    with sqlite3.connect(base) as raw:
        return raw.execute("SELECT state, attempts FROM notices_message").fetchone()


def message_ids(inbox: Inbox) -> list[str]:
    return [re.search(r"Message-ID: (\S+)", text)[1] for text in inbox.received]


def test_a_worker_killed_between_lease_and_sent_loses_nothing(tmp_path, inbox):
    base = tmp_path / "x.sqlite3"
    mail = {"CLAVERO_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}"}
    env = (
        os.environ
        | SETTINGS
        | mail
        | {
            "CLAVERO_DATABASE_URL": f"sqlite:///{base}",
            "DJANGO_SETTINGS_MODULE": "clavero.project.settings",
        }
    )
    env.pop("CLAVERO_TEST_DATABASE_URL", None)
    subprocess.run([sys.executable, "-c", ENQUEUE], cwd=ROOT, env=env, check=True)
    inbox.slow = 30
    worker = subprocess.Popen([sys.executable, "-m", "clavero.cli", "send"], cwd=ROOT, env=env)
    try:
        until(lambda: inbox.received)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert state(base) == ("leased", 1)
    inbox.slow = 0
    assert run("send", "--once", database=base, **mail).returncode == 0
    assert state(base) == ("leased", 1) and len(inbox.received) == 1
    with sqlite3.connect(base) as raw:
        raw.execute("UPDATE notices_message SET lease_until = '2020-01-01 00:00:00'")
    assert run("send", "--once", database=base, **mail).returncode == 0
    assert state(base) == ("sent", 2)
    first, second = message_ids(inbox)
    assert first == second
    assert run("send", "--once", database=base, **mail).returncode == 0 and len(inbox.received) == 2


def test_the_worker_ends_when_it_is_asked_to(tmp_path, inbox):
    base = tmp_path / "x.sqlite3"
    env = (
        os.environ
        | SETTINGS
        | {
            "CLAVERO_DATABASE_URL": f"sqlite:///{base}",
            "CLAVERO_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}",
        }
    )
    env.pop("CLAVERO_TEST_DATABASE_URL", None)
    env.pop("DJANGO_SETTINGS_MODULE", None)
    worker = subprocess.Popen(
        [sys.executable, "-m", "clavero.cli", "send"], cwd=ROOT, env=env, stderr=subprocess.PIPE
    )
    until(lambda: base.exists() and _beats(base))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=15) == 0


def _beats(base: Path) -> bool:
    try:
        with sqlite3.connect(base) as raw:
            return bool(raw.execute("SELECT count(*) FROM notices_heartbeat").fetchone()[0])
    except sqlite3.OperationalError:
        return False
