"""`clavero send`: the worker. It delivers the outbox and does what is due, until it is asked to stop."""

import signal
import threading
from collections.abc import Callable, Iterator
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

    from clavero.audit import publishing
    from clavero.catastro import live as inquiries
    from clavero.desk import approvals, measuring
    from clavero.employers import services as employers
    from clavero.keys import passkeys
    from clavero.notices import services as notices
    from clavero.precheck import kept, tending
    from clavero.recovery import booking, live, prepared, visits, waits
    from clavero.recovery import services as recovery
    from clavero.rights import services as rights

    close_old_connections()  # one that broke is opened again; the worker lives on
    now = clock.now()
    done = _tried("notices", notices.due, now) + _tried("sri", live.due, now)
    done += _tried("lists", tending.due, now)
    if slow:
        for name, part in (
            ("heartbeat", notices.beat),
            ("audit", publishing.due),
            ("employers", employers.due),
            ("recovery", recovery.due),
            ("ready papers", prepared.due),
            ("visits", visits.due),
            ("waits", waits.due),
            ("passkeys", passkeys.due),
            ("desk", approvals.due),
            ("measured", measuring.due),
            ("appointments", booking.due),
            ("kept lists", kept.due),
            ("folders", tending.swept),
            ("inquiries", inquiries.due),
            ("rights", rights.due),
            *((f"retention of {name}", part) for name, part in _forgetting()),
        ):
            _tried(name, part, now)
    return done


def _forgetting() -> Iterator[tuple[str, Callable[[datetime], int]]]:
    for room in FORGETFUL:
        yield room, import_module(f"clavero.{room}.retention").due


def _tried(name, part, now) -> int:  # type: ignore[no-untyped-def]
    try:
        return part(now) or 0
    except Exception as error:
        log.error("worker_part_failed", part=name, kind=type(error).__name__)
        return 0
