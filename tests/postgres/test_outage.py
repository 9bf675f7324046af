"""K07: a real PostgreSQL that stops, comes back and only reads, under a portal that runs."""

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scripts.judging import production
from scripts.with_postgres import USER, binary, free_port, start, wait_until_it_answers

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.postgres]
NUMBERS = {
    "identification": "2450927005",
    "ruc": "2450927005001",
    "branch": "1",
    "key": "una clave cualquiera",
}


@dataclass
class Running:
    """A portal, its database, and what both said."""

    base: str
    address: str
    folder: Path
    database: subprocess.Popen[bytes]
    log: Path
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def ask(
        self, path: str, typed: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        data = urllib.parse.urlencode(typed).encode() if typed is not None else None
        try:
            with opener.open(self.base + path, data, timeout=30) as answer:
                return answer.status, dict(answer.headers.items()), answer.read().decode()
        except urllib.error.HTTPError as no:
            return no.code, dict(no.headers.items()), no.read().decode()

    def form(self, path: str) -> dict[str, str]:
        """The hidden fields of the page's form, with something typed in the others."""
        text = self.ask(path)[2]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
        return hidden | NUMBERS

    def stop(self) -> None:
        self.database.send_signal(signal.SIGTERM)
        # A fast shutdown: sessions that stand are ended.
        control = [binary("pg_ctl"), "-D", str(self.folder / "data"), "-m", "fast", "stop"]
        subprocess.run(
            ["runuser", "-u", USER, "--", *control] if os.geteuid() == 0 else control,
            check=False,
            capture_output=True,
        )
        self.database.wait(30)

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.database = subprocess.Popen(self.database.args, stdout=log, stderr=log)
        wait_until_it_answers(int(self.address.rpartition(":")[2].partition("/")[0]), self.database)

    def sql(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self.address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="module")
def portal() -> Iterator[Running]:
    folder = Path(tempfile.mkdtemp(prefix="clavero-pg-"))
    folder.chmod(0o777)
    port, front = free_port(), free_port()
    database = start(folder, port, {})
    wait_until_it_answers(port, database)
    address, base = f"postgresql://{USER}@127.0.0.1:{port}/postgres", f"http://localhost:{front}"
    env = production(folder, base) | {"CLAVERO_DATABASE_URL": address}
    subprocess.run(
        [sys.executable, "-m", "clavero.cli", "migrate"],
        cwd=ROOT,
        env=env,
        check=True,
        capture_output=True,
    )
    command = [sys.executable, "-m", "gunicorn", "clavero.project.wsgi", f"--bind=127.0.0.1:{front}",
               "--worker-class=gthread", "--threads=2", "--no-control-socket", "--log-level=error"]  # fmt: skip
    with (folder / "portal.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    one = Running(base, address, folder, database, folder / "portal.log")
    try:
        for _ in range(200):
            try:
                one.ask("/health")
                break
            except OSError:
                time.sleep(0.1)
        yield one
    finally:
        server.terminate()
        server.wait(30)
        one.database.terminate()
        one.database.wait(30)


def test_a_database_that_stops_is_a_page_that_says_to_wait_and_the_same_portal_serves_when_it_is_back(
    portal,
):
    assert portal.ask("/health")[0] == 200
    typed = portal.form("/entrar/")
    assert portal.ask("/entrar/", typed)[0] == 200
    portal.stop()
    time.sleep(1.1)  # what /health says holds for a second
    for path, sent in (
        ("/health", None),
        ("/", None),
        ("/entrar/", typed),
        ("/en/entrar/", typed),
        ("/entrar/", typed),
    ):
        status, headers, text = portal.ask(path, sent)
        assert status == 503, path
        if path != "/health":
            assert "El portal no responde por ahora" in text
            assert "The portal does not answer" in text
            assert headers["Retry-After"] == "120"
            assert headers["Cache-Control"] == "no-store"
            assert "Traceback" not in text
    portal.start()
    answers = [portal.ask("/")[0] for _ in range(12)]
    assert answers[-6:] == [200] * 6
    assert portal.ask("/entrar/", typed)[0] == 200
    time.sleep(1.1)
    assert portal.ask("/health")[0] == 200
    said = portal.log.read_text(encoding="utf-8")
    assert '"error": "OperationalError"' in said
    assert "2450927005" not in said
    assert "cualquiera" not in said


def test_a_database_that_only_reads_answers_pages_and_says_of_deeds_that_they_wait(portal):
    portal.sql("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    try:
        typed = portal.form("/entrar/")
        for _ in range(50):
            status, _, text = portal.ask("/entrar/", typed)
            if status == 503:
                break
            time.sleep(0.1)
        assert status == 503  # sessions learn of it within a moment
        assert "El portal no responde por ahora" in text
        assert portal.ask("/")[0] == 200
        assert portal.ask("/ayuda/")[0] == 200
    finally:
        portal.sql(
            "SET default_transaction_read_only = off",
            "ALTER SYSTEM RESET default_transaction_read_only",
            "SELECT pg_reload_conf()",
        )
    time.sleep(0.5)
    assert (
        portal.ask("/entrar/", typed | {"identification": "2451000009", "ruc": "2451000009001"})[0]
        == 200
    )
