"""`clavero doctor`: what an operator should know before opening the doors.

Each check answers with codes of `clavero.words` and their details; "look" means that somebody should act.
`docs/operations.md` says what to do about each.
"""

import ctypes
import os
import shutil
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, show_json, spoken
from clavero.core import triage

SECRETS = ("SECRET_KEY", "KEY_PEPPER", "FIELD_KEYS", "AUDIT_KEY", "DATABASE_URL", "SMTP_URL")
LEAST = {"python": (3, 11), "sqlite": (3, 35), "postgresql": (14,)}
QUIET, LATE, WARN = timedelta(minutes=5), timedelta(hours=3), timedelta(days=30)
SOON, LEFT_LYING = timedelta(days=30), timedelta(minutes=10)
SLOW_MS, LOW_MIB, TIME_ERROR = 250, 1024, 5


@dataclass(frozen=True)
class Said:
    """One sentence of a check, by its code; `ok` is False where somebody should act."""

    code: str
    ok: bool = True
    details: dict[str, Any] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        return words.say(f"doctor.{self.code}", lang, **self.details)


def _ok(code: str, **details: object) -> Said:
    return Said(code, True, details)


def _look(code: str, **details: object) -> Said:
    return Said(code, False, details)


@click.command(help="Revisa todo antes de abrir. / Looks everything over before opening.")
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def command(obj: Clavero, machine: bool) -> int:
    database.ready(all_settings=True)
    found = {name: _asked(check) for name, check in CHECKS.items()}
    if machine:
        show_json([_as_document(name, said) for name, said in found.items()])
    else:
        _show(found, obj.lang)
    return DONE if all(each.ok for said in found.values() for each in said) else FOUND


def _as_document(name: str, said: list[Said]) -> dict[str, object]:
    ok = all(each.ok for each in said)
    return {"check": name, "ok": ok, "said": [each.text("en") for each in said]}


def _show(found: dict[str, list[Said]], lang: str) -> None:
    look = spoken("MIRE / LOOK", lang)
    for name, said in found.items():
        for each in said:
            click.echo(f"{'ok' if each.ok else look:4} {name}: {each.text(lang)}")


def _asked(check: Callable[[], Iterator[Said]]) -> list[Said]:
    """What a check says; where it falls over, that."""
    try:
        return list(check())
    except Exception as error:
        return [_look("failed", why=f"{type(error).__name__}: {error}".splitlines()[0])]


def _settings() -> Iterator[Said]:
    from django.conf import settings

    yield _ok("settings", base=settings.BASE_URL, desk=settings.DESK_URL)
    if settings.DEMO:
        yield _look("settings_demo")
    if settings.SECURE and not settings.TRUSTED_PROXIES:
        yield _look("settings_proxy")
    if len(settings.SECRET_KEY) < 50:
        yield _look("settings_short")
    if not (settings.OPERATORS_MAIL or settings.DEMO):
        yield _look("settings_operators")


def _security() -> Iterator[Said]:
    """Whether somebody who found a weakness can say so: security.txt stands, and not beyond its day (S-140)."""
    from django.conf import settings

    until = settings.SECURITY_EXPIRES
    if until is None:
        yield _look("security_none")
        return
    left = (until - clock.now().date()).days
    if left < SOON.days:
        yield _look("security_over" if left < 0 else "security_soon", day=until)
    elif left > 365:
        yield _look("security_far", day=until)
    else:
        yield _ok("security", day=until)


def _profile() -> Iterator[Said]:
    from clavero.institution import profile

    this = clock.now().date().year
    missing = [year for year in (this, this + 1) if year not in profile().calendar.years]
    yield _ok("profile", name=profile().name, rules=profile().rules)
    for year in missing:
        yield Said("profile_calendar", year != this, {"year": str(year)})


def _informing() -> Iterator[Said]:
    """Whether the page of personal data can say who answers for them (LOPDP art. 12, 8 and 9)."""
    from clavero.institution import profile

    house = profile().institution
    told = {"address": house.address, "email": house.email, "data_officer": house.data_officer}
    lacking = [name for name, said in told.items() if not said]
    yield _look("informing_lacks", missing=", ".join(lacking)) if lacking else _ok("informing")


def _offline() -> Iterator[Said]:
    """What people meet where the portal does not answer, and whether it was shut and forgotten (K02)."""
    from django.conf import settings

    from clavero.notices import offline

    if not (settings.OFFLINE and Path(settings.OFFLINE).is_dir()):
        yield _look("offline_missing")
    elif shut := offline.closed(Path(settings.OFFLINE)):
        over = shut.until < clock.now()
        yield _look(
            "offline_over" if over else "offline_shut", until=f"{shut.until:%Y-%m-%d %H:%M}"
        )
    elif offline.stale(Path(settings.OFFLINE)):
        yield _look("offline_stale")
    else:
        yield _ok("offline")


def _versions() -> Iterator[Said]:
    name, number = _server()
    shown = {"clavero": version("clavero"), "django": version("django")}
    python = ".".join(map(str, sys.version_info[:3]))
    yield _ok("versions", **shown, python=python, database=f"{name} {'.'.join(map(str, number))}")
    for each, found in (("python", sys.version_info[:2]), (name, number)):
        if found < LEAST[each]:
            yield _look("versions_old", what=each, least=".".join(map(str, LEAST[each])))


def _server() -> tuple[str, tuple[int, ...]]:
    """The database server's kind and version."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return "sqlite", sqlite3.sqlite_version_info[:2]
    connection.ensure_connection()
    return "postgresql", divmod(connection.connection.info.server_version, 10000)


def _database() -> Iterator[Said]:
    from clavero.core import journey
    from clavero.employers.models import Employer
    from clavero.recovery.models import Case

    open_cases = Case.objects.filter(state__in=sorted(journey.LIVE), training=False).count()
    employers = Employer.objects.count()
    yield _ok("database", employers=employers, cases=open_cases)
    if not employers:
        yield _look("database_empty")


def _keys() -> Iterator[Said]:
    """Do the keys of this server open what it holds? And who else on this machine may read them?"""
    yield _ok("keys") if _open_what_is_stored() else _look("keys_other")
    yield from _rotating()
    names = [f"CLAVERO_{name}_FILE" for name in SECRETS]
    readable = [name for name in names if _others_may_read(os.environ.get(name, ""))]
    if readable:
        yield _look("keys_readable", names=", ".join(readable))


def _rotating() -> Iterator[Said]:
    """Whether an older key still stands beside the newest, and what needs it."""
    from clavero.cli import rotation
    from clavero.privacy import keyring
    from clavero.privacy.rotation import waiting

    older, peppers = keyring.older(), list(keyring.peppers())[1:]
    if older:
        found = waiting(rotation.lapses())
        code = "keys_rotating" if found else "keys_removable"
        yield _look(code, older=", ".join(older), rows=sum(found.values()))
    if peppers:
        rows = rotation.under_older_peppers()
        code = "pepper_rotating" if rows else "pepper_removable"
        yield _look(code, older=", ".join(peppers), rows=rows)


def _open_what_is_stored() -> bool:
    from clavero.employers.models import Contact
    from clavero.keys.models import Account
    from clavero.privacy import keyring

    contact = Contact.objects.order_by("-pk").first()
    account = Account.objects.exclude(key_hash="").order_by("-pk").first()
    pepper = account.key_hash.partition(":")[0] if account else ""
    return (contact is None or contact.is_genuine) and (not pepper or pepper in keyring.peppers())


def _others_may_read(path: str) -> bool:
    return bool(path) and bool(Path(path).stat().st_mode & stat.S_IROTH)


def _audit() -> Iterator[Said]:
    from clavero.audit import publishing
    from clavero.audit.models import Head, Publication

    publishing.signing_key()
    entries = Head.objects.get(pk=1).number
    last = Publication.objects.order_by("-number").first()
    if entries and last is None:
        yield _look("audit_never", entries=entries)
    elif last is not None and entries > last.number + 1 and clock.now() - last.at > LATE:
        yield _look("audit_late", entries=entries, hours=_hours(last.at))
    else:
        yield _ok("audit", entries=entries)


def _hours(since: datetime) -> int:
    return int((clock.now() - since).total_seconds() // 3600)


def _mail() -> Iterator[Said]:
    from django.conf import settings

    from clavero.notices import mail, smtp

    if settings.DEMO:
        yield _ok("mail_demo")
    elif not settings.SMTP_URL:
        yield _look("mail_missing")
    else:
        try:
            with smtp._connection() as server:
                server.noop()
            yield _ok("mail", sender=mail.sender())
        except OSError as error:
            yield _look("mail_silent", why=error.strerror or type(error).__name__)


def _bounces() -> Iterator[Said]:
    """Whether reports of failed delivery have an address to come back to; off is allowed."""
    from django.conf import settings

    yield _ok("bounces", address=settings.BOUNCES) if settings.BOUNCES else _ok("bounces_off")


def _sms() -> Iterator[Said]:
    """Whether codes to mobiles can leave: the gateway listens, or the folder takes files and somebody takes them out."""
    from django.conf import settings

    from clavero.notices import sms

    if settings.DEMO or not sms.is_on():
        yield _ok("sms_demo" if settings.DEMO else "sms_off")
        return
    if settings.SMS_URL.startswith("file:"):
        yield from _sms_folder(Path(unquote(urlsplit(settings.SMS_URL).path)))
    else:
        yield from _sms_gateway()
    yield from _sms_given_up()


def _sms_folder(folder: Path) -> Iterator[Said]:
    """A file that nobody took for ten minutes is a message that nobody received."""
    if not os.access(folder, os.W_OK | os.X_OK):
        yield _look("sms_folder", folder=folder.name)
        return
    late = time.time() - LEFT_LYING.total_seconds()
    waiting = sum(each.stat().st_mtime < late for each in folder.glob("*.json"))
    yield Said("sms_waiting", not waiting, {"waiting": waiting})


def _sms_gateway() -> Iterator[Said]:
    """Only whether it listens: asking more would cost a message."""
    from clavero.notices import gateway

    try:
        yield _ok("sms", host=gateway.reached())
    except OSError as error:
        yield _look("sms_silent", why=error.strerror or type(error).__name__)


def _sms_given_up() -> Iterator[Said]:
    """What the gateway refused for good in the last day."""
    from clavero.notices.models import Message

    since = clock.now() - timedelta(days=1)
    dead = Message.objects.filter(channel=Message.SMS, state=Message.DEAD, made_at__gte=since)
    newest = dead.order_by("-made_at").first()
    if newest is not None:
        yield _look("sms_dead", dead=dead.count(), why=newest.last_error or "–")


def _worker() -> Iterator[Said]:
    from clavero.notices.models import Heartbeat

    last = Heartbeat.objects.order_by("-at").first()
    if last is None:
        yield _look("worker_never")
    else:
        age = clock.now() - last.at
        yield Said("worker", age < QUIET, {"age": int(age.total_seconds())})


def _outbox() -> Iterator[Said]:
    from clavero.notices.models import Message

    before = clock.now() - timedelta(minutes=10)
    waiting = Message.objects.filter(state__in=("queued", "leased"), made_at__lt=before).count()
    dead = Message.objects.filter(state="dead").count()
    yield Said("outbox", not waiting, {"waiting": waiting, "dead": dead})


def _attacks() -> Iterator[Said]:
    """Whether an alarm rings; `clavero watch` says which number rings it."""
    from clavero.desk import attacks

    ringing = len(attacks.ringing(clock.now()))
    yield _look("attacks_show", count=ringing) if ringing else _ok("attacks")


def _catastro() -> Iterator[Said]:
    from clavero.catastro.models import Snapshot
    from clavero.institution import profile

    live = list(Snapshot.objects.filter(live=True))
    if not live:
        yield _look("catastro_none")
        return
    oldest = min((each.as_of for each in live if each.as_of), default=None)
    days = profile().limits.register_days
    soon = clock.now().date() + WARN
    fresh = triage.still_says(oldest, soon, days)
    rucs = sum(each.rucs for each in live)
    yield _ok("catastro", copies=len(live), rucs=rucs)
    yield Said("catastro_age", fresh, {"day": oldest or "–"})
    newest = max((each.as_of for each in live if each.as_of), default=None)
    if newest is not None and newest > clock.now().date():
        yield _look("catastro_future", day=newest)


def _sri() -> Iterator[Said]:
    """Whether the SRI is asked online, and whether its service answers."""
    from django.conf import settings

    from clavero.catastro import live, sri
    from clavero.catastro.models import Breaker, Inquiry

    if not live.is_on():
        yield _ok("sri_off")
        return
    if not sri.is_found():
        yield _look("sri_name", host=urlsplit(settings.SRI_URL).hostname)
        return
    until = live.resting(clock.now())
    found = Breaker.objects.filter(pk=1).first()
    if until is not None and found is not None:
        yield _look(
            "sri_resting", at=f"{until:%Y-%m-%d %H:%M}", failures=found.failures, why=found.last_why
        )
    else:
        waiting = Inquiry.objects.filter(state=Inquiry.WAITING).count()
        yield _ok("sri", waiting=waiting, failures=found.failures if found else 0)


def _clock() -> Iterator[Said]:
    """Against the newest entry, against the database's server, and whether anything keeps it right."""
    from clavero.audit.models import Entry

    newest = Entry.objects.order_by("-number").values_list("at", flat=True).first()
    ahead = (newest - clock.now()).total_seconds() if newest else 0
    if ahead > 2:
        yield _look("clock_behind", ahead=int(ahead))
    apart = abs((_time_of_the_server() - datetime.now().astimezone()).total_seconds())
    if apart > 2:
        yield _look("clock_apart", apart=int(apart))
    kept = _is_kept_right()
    yield Said("clock" if kept else "clock_free", kept)


def _time_of_the_server() -> datetime:
    from django.db import connection

    if connection.vendor == "sqlite":
        return datetime.now().astimezone()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _is_kept_right() -> bool:
    """Whether the kernel says that some service sets its clock; True where it cannot be asked."""
    ask = getattr(ctypes.CDLL(None), "adjtimex", None)
    return ask is None or ask(ctypes.create_string_buffer(512)) != TIME_ERROR


def _hash() -> Iterator[Said]:
    """The median of five hashes; how to make it faster stands in docs/operations.md."""
    from clavero.keys import services

    times = []
    for number in range(5):
        start = time.perf_counter()
        services.prepare(1, number, "una frase cualquiera de prueba")
        times.append(time.perf_counter() - start)
    median = sorted(times)[2] * 1000
    yield Said("hash", median < SLOW_MS, {"ms": f"{median:.1f}"})


def _disk() -> Iterator[Said]:
    from django.conf import settings

    base = settings.DATABASES["default"]
    beside = Path(base["NAME"]).parent if base["ENGINE"].endswith("sqlite3") else Path()
    free = shutil.disk_usage(beside).free // 2**20
    yield Said("disk", free > LOW_MIB, {"mib": free})


CHECKS: dict[str, Callable[[], Iterator[Said]]] = {
    "settings": _settings,
    "security": _security,
    "profile": _profile,
    "informing": _informing,
    "offline": _offline,
    "versions": _versions,
    "database": _database,
    "keys": _keys,
    "audit": _audit,
    "mail": _mail,
    "bounces": _bounces,
    "sms": _sms,
    "worker": _worker,
    "outbox": _outbox,
    "attacks": _attacks,
    "catastro": _catastro,
    "sri": _sri,
    "clock": _clock,
    "hash": _hash,
    "disk": _disk,
}
"""Every check, in the order in which it is said."""
