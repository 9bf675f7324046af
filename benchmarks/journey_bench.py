"""The whole journey on PostgreSQL: Validar → code → key → tested sign-in, HTML pages, Argon2id t=2 m=19456 p=1.

Server and database are pinned to one core, the client to the other; eight journeys at a time. Beside
it in the same run: the floor (two hashes and nothing else) and Django's own password reset. Run by
`python scripts/with_postgres.py python -m benchmarks.journey_bench`.
"""

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE, CLIENT_CORE = "0", "1"
AT_A_TIME = 8
TICK = os.sysconf("SC_CLK_TCK")
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def settings(database: str, folder: str) -> dict[str, str]:
    """An institution without demonstration, with budgets out of the way and no questions."""
    text = (ROOT / "clavero" / "profiles" / "iess.toml").read_text(encoding="utf-8")
    text = text.replace("ask_questions = true", "ask_questions = false").replace(
        "wait_seconds = 3", "wait_seconds = 1"
    )
    text = re.sub(
        r"\{ limit = \d+, per_seconds = \d+ \}", "{ limit = 10000000, per_seconds = 60 }", text
    )
    profile = Path(folder) / "bench.toml"
    profile.write_text(text, encoding="utf-8")
    return {
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings",
        "CLAVERO_DATABASE_URL": database,
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
                f"{made_employers.ruc(n)}|X|INVENTADA|ACTIVO|GEN||2026-10-31|||N|SOCIEDAD|1||ABI|A|B|C|G|X|N|N\n"
                for n in range(count)
            )
        catastro.import_file(taxes, clock.now())
        imports.import_file(register, clock.now())


class Browser:
    """One kept connection, cookies, and what the last page hides in its form."""

    def __init__(self, port: int) -> None:
        self.connection, self.cookies, self.hidden, self.path = (
            HTTPConnection("127.0.0.1", port),
            {},
            {},
            "",
        )
        self.requests = 0

    def go(self, method: str, path: str, fields: dict[str, str] | None = None) -> str:
        headers = {
            "Host": "localhost",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
        }
        body = None
        if fields is not None:
            body = urlencode(self.hidden | fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        self.requests += 1
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        self.path = path
        if answer.status in (302, 303):
            return self.go("GET", answer.headers["Location"])
        assert answer.status == 200, (answer.status, path, page[:300])
        self.hidden = dict(HIDDEN.findall(page))
        return page


def to_check(browser: Browser, number: int) -> None:
    """Before the clock starts: who, number, the waiting ticket."""
    from scripts import made_employers

    start = "/empleadores/recuperar-clave"
    browser.go("GET", f"{start}/identificacion/")
    browser.go(
        "POST", f"{start}/identificacion/", {"identification": made_employers.person(number)}
    )
    browser.go("POST", f"{start}/numero/", {"ruc": made_employers.ruc(number), "branch": "0001"})


def journey(browser: Browser, number: int) -> None:
    """Measured: Validar, code, contact data, key, tested sign-in, done."""
    key = f"tortuga-vapor-cinta-{number}"
    browser.go("POST", "/empleadores/recuperar-clave/validar/", {})
    browser.go("POST", browser.path, {"code": code_of(number)})
    browser.go("POST", browser.path, {"email": "", "mobile": "", "landline": ""})
    browser.go("POST", browser.path, {"key": key})
    page = browser.go("POST", browser.path, {"key": key})
    assert "Acceso comprobado" in page, page[:500]


def code_of(number: int) -> str:
    """The code, from the sealed outbox: the client holds the keys, the server does not notice."""
    from clavero.employers.models import Employer
    from clavero.notices.models import Message
    from clavero.privacy import lookups
    from scripts import made_employers

    employer = Employer.objects.only("pk").get(
        ruc_lookup=lookups.of("ruc", made_employers.ruc(number))
    )
    return str(
        json.loads(Message.objects.get(employer_id=employer.pk, kind="code").payload)["code"]
    )


def cpu_of(pids: list[int]) -> float:
    """Seconds of processor time that these processes have used."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *[each for child in map(int, text.split()) for each in children(child)]]


def serve(command: list[str], port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command], cwd=ROOT, env=os.environ | env
    )
    for _ in range(200):
        try:
            HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def run(
    count: int, port: int, server: subprocess.Popen[bytes], first, measured
) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """`count` journeys, `AT_A_TIME` at once; figures of the server."""
    browsers = [Browser(port) for _ in range(count)]
    for number, browser in enumerate(browsers):
        first(browser, number)
    time.sleep(1.5)
    asked = sum(browser.requests for browser in browsers)
    waiting, times, lock = list(range(count)), [], threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                number = waiting.pop(0)
            began = time.perf_counter()
            measured(browsers[number], number)
            with lock:
                times.append(time.perf_counter() - began)

    pids = children(server.pid)
    before, began = cpu_of(pids), time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed, spent = time.perf_counter() - began, cpu_of(pids) - before
    times.sort()
    assert len(times) == count, f"{len(times)} of {count} journeys came to their end"
    return {
        "journeys": count,
        "journeys_per_second": round(count / elapsed, 2),
        "server_cpu_ms": round(spent / count * 1000, 2),
        "requests": (sum(browser.requests for browser in browsers) - asked) / count,
        "p50_ms": round(times[count // 2] * 1000, 1),
        "p99_ms": round(times[min(count - 1, count * 99 // 100)] * 1000, 1),
    }


def hash_ms() -> float:
    """One hash, alone on the server's core: the median of 31."""
    script = (
        "import time, os; from argon2 import PasswordHasher as P; p = P(2, 19456, 1); t = []\n"
        "for _ in range(31):\n a = time.perf_counter(); p.hash(b'x' * 44); t.append(time.perf_counter() - a)\n"
        "print(sorted(t)[15] * 1000)"
    )
    done = subprocess.run(
        ["taskset", "-c", SERVER_CORE, sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def ours(database: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        env = settings(database, folder)
        os.environ.update(env)
        prepare(max(count, 1000))
        port = 8161
        gunicorn = [sys.executable, "-m", "gunicorn", "clavero.project.wsgi", f"--bind=127.0.0.1:{port}", "--workers=1",
                    "--worker-class=gthread", "--threads=8", "--keep-alive=60", "--no-control-socket", "--log-level=error"]  # fmt: skip
        server = serve(gunicorn, port, env)
        try:
            run(16, port, server, to_check, journey)
            return run(
                count,
                port,
                server,
                lambda b, n: to_check(b, n + 16),
                lambda b, n: journey(b, n + 16),
            )
        finally:
            server.terminate()
            server.wait()


def main() -> int:
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    database = os.environ["CLAVERO_TEST_DATABASE_URL"]
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    one = hash_ms()
    found: dict[str, object] = {
        "hash_ms": round(one, 2),
        "floor_journeys_per_second": round(1000 / (2 * one), 2),
    }
    found["ours"] = mine = ours(database, count)
    mine["cpu_outside_the_hash_ms"] = round(mine["server_cpu_ms"] - 2 * one, 2)
    mine["share_of_the_floor"] = round(mine["journeys_per_second"] / (1000 / (2 * one)), 3)
    if "--alone" not in sys.argv:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.peers.contrib", str(count)],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        found["django_contrib"] = peer = json.loads(done.stdout.splitlines()[-1])
        peer["cpu_outside_the_hash_ms"] = round(peer["server_cpu_ms"] - 2 * one, 2)
        found["ours_to_django"] = round(
            mine["journeys_per_second"] / peer["journeys_per_second"], 2
        )
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
