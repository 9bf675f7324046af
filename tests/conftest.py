"""What every test has: keys of one run, the database of this lane, and a loud word where something is missing."""

import json
import logging
import os
import re
import shutil
import socket
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from clavero.throttle import doorstep

# A law holds or it does not; how fast a loaded machine finds out is not the law's matter.
settings.register_profile("laws", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("laws")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
ALL = os.environ.get("CLAVERO_REQUIRE_ALL") == "1"
ON_POSTGRES = os.environ.get("CLAVERO_TEST_DATABASE_URL", "").startswith("postgres")


SECOND_LANE, NO_DATA = "runs in the PostgreSQL lane", "needs ../shared/data"
MAY_BE_LEFT_OUT = (SECOND_LANE, NO_DATA)
ONCE = pytest.StashKey[int]()
LONG = {"test_benchmarks.py", "test_killed.py", "test_commands.py", "test_twice.py", "test_bad_files.py", "test_precheck.py", "test_browser.py"}  # fmt: skip


def _chromium() -> str | None:
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


def missing(item: pytest.Item) -> str:
    """Why this machine cannot run `item`, or "" where it can."""
    if item.get_closest_marker("browser") and not _chromium():
        return "needs Chromium"
    if item.get_closest_marker("gettext") and not shutil.which("xgettext"):
        return "needs gettext"
    if item.get_closest_marker("proxies") and not (shutil.which("nginx") and shutil.which("caddy")):
        return "needs nginx and Caddy"
    if item.get_closest_marker("tls_scan") and not shutil.which("testssl"):
        return "needs testssl.sh"
    if item.get_closest_marker("postgres") and not ON_POSTGRES:
        return SECOND_LANE
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        return NO_DATA
    return ""


def touches_database(item: pytest.Item) -> bool:
    """Whether the database of the lane can have a say in `item`.

    pytest-django lets a test that asks for no database open no connection: it would fail in the first lane. A module
    that looks at Django's connection, or at the lane's server, is taken for one that does.
    """
    asks = {"db", "transactional_db", "live_server"}
    return bool(
        item.get_closest_marker("django_db")
        or item.get_closest_marker("postgres")
        or asks.intersection(item.fixturenames)
        or any(
            hasattr(getattr(item, "module", None), name)
            for name in ("connection", "connections", "ON_POSTGRES")
        )
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]):
    """What has no database, or as a process of its own brings one, is tested once: in the first lane.

    What takes minutes begins first, after the shuffle, so that no worker is left alone with it at the end.
    """
    for item in items:
        if not touches_database(item):
            item.add_marker(pytest.mark.once)
    if hasattr(config, "workeroutput"):
        marked = sum(bool(item.get_closest_marker("once")) for item in items)
        config.workeroutput["once"] = marked
    yield
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Every worker has collected everything: one of them says how many tests run once."""
    node.config.stash[ONCE] = getattr(node, "workeroutput", {}).get("once", 0)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what this machine cannot run; with CLAVERO_REQUIRE_ALL=1 that is a failure (INTERFACES)."""
    reason = missing(item)
    if reason and ALL and reason not in MAY_BE_LEFT_OUT:
        pytest.fail(f"left out: {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Counts for `scripts/run_tests.py`, which says in its last lines what was left out."""
    target = os.environ.get("CLAVERO_TEST_REPORT")
    if target:
        stats = terminalreporter.stats
        counts = {name: len(stats.get(name, [])) for name in ("passed", "failed", "error")}
        reasons = Counter(
            str(each.longrepr[2]).removeprefix("Skipped: ") for each in stats.get("skipped", [])
        )
        told = counts | {"left_out": reasons, "once": config.stash.get(ONCE, 0)}
        Path(target).write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    return SHARED


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = _chromium()
    assert found, "marked browser, yet no Chromium"
    return found


@pytest.fixture(autouse=True)
def _no_draw(monkeypatch):
    """Chance draws no second look: a test that wants one says so, and no other has a row that is there once in twenty runs."""
    monkeypatch.setattr("clavero.desk.looks._falls", lambda: False)


@pytest.fixture(autouse=True)
def _fresh_doorstep():
    """What one test was refused says nothing to the next: the process is new to every test."""
    doorstep.forget()
    yield
    doorstep.forget()


def hashes_dearly(item: pytest.Item) -> bool:
    """Whether `item` hashes keys at the profile's own cost: it measures it, real commits race in the meantime, or it is an
    attack, which patches nothing of what it attacks."""
    mark = item.get_closest_marker("django_db")
    races = {"transactional_db", "live_server"}.intersection(item.fixturenames)
    commits = bool(mark and mark.kwargs.get("transaction")) or bool(races)
    return (
        commits or item.path.parent.name == "attacks" or bool(item.get_closest_marker("true_hash"))
    )


QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def _quick_hash(request, monkeypatch):
    """Elsewhere Argon2id costs a twentieth of a millisecond, not thirty: in one transaction nobody can tell."""
    from clavero.keys import services

    if not hashes_dearly(request.node):
        monkeypatch.setattr(services, "_hasher", lambda: QUICK)
        yield
        return
    services._decoy.cache_clear()
    yield
    services._decoy.cache_clear()


@pytest.fixture
def count_sql(django_assert_num_queries):
    """`with count_sql(4): …` fails where the block runs another number of statements."""
    return django_assert_num_queries


def plain(html: str) -> str:
    """The visible words of a page, white space folded."""
    from bs4 import BeautifulSoup

    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" ")).strip()


WEDNESDAY = 2


def _begin() -> datetime:
    """The next Tuesday, 23:00 in Ecuador: closed now, open tomorrow, at whatever hour and day the tests run."""
    tomorrow = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(1)
    return tomorrow + timedelta((WEDNESDAY - tomorrow.weekday()) % 7)


BEGIN = _begin()


class Time:
    """The clock of a test: it begins at `BEGIN`, runs as the real one does, and goes ahead as far as the test says."""

    def __init__(self) -> None:
        self.ahead = (BEGIN - datetime.now(UTC)).total_seconds()

    def wait(self, seconds: float) -> None:
        self.ahead += seconds


@pytest.fixture
def time():
    from clavero import clock

    held = Time()
    clock.move_by(lambda: timedelta(seconds=held.ahead))
    yield held
    clock._offset.clear()


@pytest.fixture
def cast(db, time):
    """The made-up cast in the database, as the importers bring it."""
    from tests import brought

    brought.bring(BEGIN)


@pytest.fixture
def walker(cast, time):
    """A browser on the portal, in Spanish."""
    from tests.walk import Walker

    return Walker(time)


@pytest.fixture
def counter(cast, time):
    """Verónica at counter 3 in her centre, Beatriz at counter 1 in another."""
    from tests.stories.test_circle import Desk

    veronica, beatriz = Desk(time, "veronica"), Desk(time, "beatriz")
    veronica.press("Empezar a atender", counter="3")
    beatriz.press("Empezar a atender", counter="1")
    return veronica, beatriz


@pytest.fixture
def lines(capsys):
    """The log lines written since, parsed: each is one JSON object."""
    import structlog

    from clavero.project import logs

    root = logging.getLogger()
    before, kept = (list(root.handlers), root.level), structlog.get_config()
    of_threads = threading.excepthook
    logs.configure()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.handlers, root.level = before
    structlog.configure(**kept)
    threading.excepthook = of_threads


class Blocked(AssertionError):
    """Somebody wanted to talk to the outside."""


@pytest.fixture
def no_sockets(cast, monkeypatch):
    """From here on no name is looked up and nothing is connected. (PostgreSQL's library has its own sockets.)"""

    def refuse(*args, **kwargs):
        raise Blocked(args[:2])

    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)


def _flush_past_triggers() -> None:
    """Tests with real commits empty the tables afterwards; only here may that pass the audit's triggers."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    flush = BaseDatabaseOperations.execute_sql_flush

    def past_triggers(self, sql_list):  # type: ignore[no-untyped-def]
        from clavero.audit.models import Head

        with self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = replica")
                flush(self, sql_list)
                cursor.execute("SET session_replication_role = DEFAULT")
            else:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
                for name, _ in triggers:
                    cursor.execute(f"DROP TRIGGER {name}")
                flush(self, sql_list)
                for _, sql in triggers:
                    cursor.execute(sql)
        Head.objects.get_or_create(pk=1)

    BaseDatabaseOperations.execute_sql_flush = past_triggers  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _flush(django_db_setup):
    _flush_past_triggers()


@pytest.fixture(autouse=True)
def _spanish():
    """A page in English leaves its language in force; the next test begins in Spanish all the same."""
    from django.utils import translation

    yield
    translation.deactivate()
