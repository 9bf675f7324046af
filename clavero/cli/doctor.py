"""`clavero doctor`: what an operator should know before opening the doors."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import click

from clavero import clock
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, show_json

Finding = tuple[str, bool, str]


@click.command(help="Revisa todo antes de abrir. / Looks everything over before opening.")
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
def command(machine: bool) -> int:
    database.ready(all_settings=True)
    findings = [_asked(name, check) for name, check in _checks()]
    if machine:
        show_json([{"check": name, "ok": ok, "said": said} for name, ok, said in findings])
    else:
        for name, ok, said in findings:
            click.echo(f"{'ok   ' if ok else 'MIRE '} {name}: {said}")
    return DONE if all(ok for _, ok, _ in findings) else FOUND


def _asked(name: str, check: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        ok, said = check()
    except Exception as error:
        return name, False, f"{type(error).__name__}: {error}".splitlines()[0]
    return name, ok, said


def _checks() -> Iterator[tuple[str, Callable[[], tuple[bool, str]]]]:
    yield from {
        "profile": _profile, "python": _python, "database": _database, "audit key": _audit_key, "mail": _mail,
        "worker": _worker, "outbox": _outbox, "catastro": _catastro, "hash": _hash, "disk": _disk,
    }.items()  # fmt: skip


def _profile() -> tuple[bool, str]:
    from clavero.institution import profile

    covered = profile().calendar.covers(clock.now().date())
    return (
        covered,
        f"{profile().name}; {'calendar covers this year' if covered else 'calendar has no rows for this year'}",
    )


def _python() -> tuple[bool, str]:
    return sys.version_info >= (3, 11), sys.version.split()[0]


def _database() -> tuple[bool, str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM employers_employer")
        (count,) = cursor.fetchone()
    return True, f"{connection.vendor}, {count} employers"


def _audit_key() -> tuple[bool, str]:
    from clavero.audit import publishing

    publishing.signing_key()
    return True, "signs"


def _mail() -> tuple[bool, str]:
    from django.conf import settings

    if settings.DEMO:
        return True, "the demonstration's mailbox"
    if not settings.SMTP_URL:
        return False, "CLAVERO_SMTP_URL is not set: no message will leave"
    from clavero.notices.smtp import _connection

    with _connection() as server:
        code, _ = server.noop()
    return code == 250, f"the mail server answers {code}"


def _worker() -> tuple[bool, str]:
    from clavero.notices.models import Heartbeat

    last = Heartbeat.objects.order_by("-at").first()
    if last is None:
        return False, "has never run: start `clavero send`"
    age = clock.now() - last.at
    return age < timedelta(minutes=5), f"last seen {int(age.total_seconds())} s ago"


def _outbox() -> tuple[bool, str]:
    from clavero.notices.models import Message

    late = Message.objects.filter(
        state__in=("queued", "leased"), made_at__lt=clock.now() - timedelta(minutes=10)
    ).count()
    dead = Message.objects.filter(state="dead").count()
    return late == 0, f"{late} waiting for more than 10 minutes, {dead} given up"


def _catastro() -> tuple[bool, str]:
    from clavero.catastro.models import Snapshot

    live = list(Snapshot.objects.filter(live=True).order_by("as_of"))
    if not live:
        return False, "no copy of the SRI's register: every RUC is «unknown»"
    return True, f"{len(live)} provinces, oldest {live[0].as_of}, {sum(s.rucs for s in live)} RUCs"


def _hash() -> tuple[bool, str]:
    """The median of five hashes; how to make it faster stands in docs/operations.md."""
    from clavero.keys import services

    times = []
    for number in range(5):
        start = time.perf_counter()
        services.prepare(1, number, "una frase cualquiera de prueba")
        times.append(time.perf_counter() - start)
    median = sorted(times)[2] * 1000
    return median < 250, f"{median:.1f} ms a hash on this machine"


def _disk() -> tuple[bool, str]:
    free = shutil.disk_usage(".").free // 2**20
    return free > 1024, f"{free} MiB free"
