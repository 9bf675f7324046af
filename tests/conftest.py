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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of the command that starts it as a process brings a database of its own: once is enough."""
    for item in items:
        of_this_lane = item.get_closest_marker("django_db") or item.get_closest_marker("postgres")
        if item.path.parent.name == "cli" and not of_this_lane and "db" not in item.fixturenames:
            item.add_marker(pytest.mark.once)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out what this machine cannot run; with CLAVERO_REQUIRE_ALL=1 that is a failure (INTERFACES)."""
    reason = missing(item)
    if reason and ALL and reason not in MAY_BE_LEFT_OUT:
        pytest.fail(f"left out: {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter) -> None:
    """Counts for `scripts/run_tests.py`, which says in its last lines what was left out."""
    target = os.environ.get("CLAVERO_TEST_REPORT")
    if target:
        stats = terminalreporter.stats
        counts = {name: len(stats.get(name, [])) for name in ("passed", "failed", "error")}
        reasons = Counter(
            str(each.longrepr[2]).removeprefix("Skipped: ") for each in stats.get("skipped", [])
        )
        Path(target).write_text(json.dumps(counts | {"left_out": reasons}), encoding="utf-8")


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
    """The made-up cast in the database, through the importers."""
    from clavero.demo import services

    services.bring_cast()


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
