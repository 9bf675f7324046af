"""`clavero send`: the worker. It delivers the outbox and does what is due, until it is asked to stop."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime
from importlib import import_module

import click
import structlog

from clavero import clock
from clavero.cli import database
from clavero.cli.frame import DONE

log = structlog.get_logger()
PAUSE = 1.0
FORGETFUL = (
    "throttle",
    "notices",
    "appointments",
    "employers",
    "keys",
    "desk",
    "recovery",
    "rights",
)
"""Rooms with a `retention.py`; the desk before recovery, whose cases it holds on to."""
EVERY = 60
"""Seconds between two rounds of what is not urgent."""
OFTEN = (
    ("notices", "clavero.notices.services", "due"),
    ("sri", "clavero.recovery.live", "due"),
    ("lists", "clavero.precheck.tending", "due"),
)
"""What every round does: the chore's name, its module, its verb. A chore may be done twice, and by two workers at once."""
SELDOM = (
    ("heartbeat", "clavero.notices.services", "beat"),
    ("audit", "clavero.audit.publishing", "due"),
    ("employers", "clavero.employers.services", "due"),
    ("refused addresses", "clavero.employers.bounces", "due"),
    ("recovery", "clavero.recovery.services", "due"),
    ("ready papers", "clavero.recovery.prepared", "due"),
    ("visits", "clavero.recovery.visits", "due"),
    ("waits", "clavero.recovery.waits", "due"),
    ("passkeys", "clavero.keys.passkeys", "due"),
    ("desk", "clavero.desk.approvals", "due"),
    ("measured", "clavero.desk.measuring", "due"),
    ("watch", "clavero.desk.watching", "due"),
    ("appointments", "clavero.recovery.booking", "due"),
    ("kept lists", "clavero.precheck.kept", "due"),
    ("folders", "clavero.precheck.tending", "swept"),
    ("inquiries", "clavero.catastro.live", "due"),
    ("rights", "clavero.rights.services", "due"),
    *((f"retention of {room}", f"clavero.{room}.retention", "due") for room in FORGETFUL),
)
"""What a round does once a minute."""


@click.command(
    help="Entrega los mensajes y hace lo pendiente. / Delivers messages and does what is due."
)
@click.option("--once", is_flag=True, help="Una vuelta y termina. / One round, then ends.")
def command(once: bool) -> int:
    database.ready(all_settings=True, serves=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _got, _frame: stop.set())
    turn = 0
    while not stop.is_set():
        taken = _round(slow=turn % EVERY == 0)
        turn += 1
        if once:
            break
        if not taken:
            stop.wait(PAUSE)
    _end(once)
    return DONE


def _end(once: bool) -> None:
    """A list that is being judged is finished by one round, and given back by a worker that is stopped."""
    from clavero.precheck import tending

    tending.wait() if once else tending.stop()


def _round(*, slow: bool) -> int:
    """One round. A part that fails is logged and tried again; the others go on."""
    from django.db import close_old_connections

    close_old_connections()  # one that broke is opened again; the worker lives on
    now = clock.now()
    done = sum(_tried(name, chore(module, verb), now) for name, module, verb in OFTEN)
    if slow:
        for name, module, verb in SELDOM:
            _tried(name, chore(module, verb), now)
    return done


def chore(module: str, verb: str) -> Callable[[datetime], int]:
    """The deed of a chore; its room is loaded with the first round and not before."""
    deed: Callable[[datetime], int] = getattr(import_module(module), verb)
    return deed


def _tried(name, part, now) -> int:  # type: ignore[no-untyped-def]
    try:
        return part(now) or 0
    except Exception as error:
        log.error("worker_part_failed", part=name, kind=type(error).__name__)
        return 0
