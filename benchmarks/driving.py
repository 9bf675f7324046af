"""Driving a site: its server on one core beside PostgreSQL, eight browsers on the other.

A site is measured in a process of its own, because Django's settings are one per process:
`python -m benchmarks.sites.NAME COUNT MODE…` prints one JSON object, with a key for each mode.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.browser import Browser
from benchmarks.machine import CLIENT_CORE, ROOT, SERVER_CORE, cpu_seconds, family, pin
from scripts.with_postgres import free_port

AT_A_TIME, WARM, PROVED = 8, 16, 4
MODES = {
    "published": "the hash as the published wheel computes it",
    "no_hash": "no hash at all: what everything else costs",
    "avx2": "the same hash, built from source for AVX2",
    "again": "accounts that have a key here already: the new one is compared with it",
}
OLD = "an old password of theirs"
Deed = Callable[[Browser, int], None]


@dataclass(frozen=True)
class Site:
    """`first` happens before the clock starts, `journey` ends signed in with the key it is given."""

    application: str
    first: Deed
    journey: Callable[[Browser, int, str], None]
    sign_in: Callable[[Browser, int, str], bool]


def serve(site: Site, mode: str, counter: str, port: int) -> subprocess.Popen[bytes]:
    """The site behind gunicorn, one worker with eight threads, on the server's core."""
    command = [sys.executable, "-m", "gunicorn", site.application, f"--bind=127.0.0.1:{port}", "--workers=1",
               "--worker-class=gthread", "--threads=8", "--keep-alive=60", "--no-control-socket", "--log-level=error"]  # fmt: skip
    env = os.environ | {"BENCH_SERVES": mode, "BENCH_COUNTER": counter}
    if mode == "avx2":
        env["PYTHONPATH"] = env["BENCH_AVX2"]
    pin(SERVER_CORE)
    server = subprocess.Popen(command, cwd=ROOT, env=env)
    pin(CLIENT_CORE)
    wait_for(port)
    return server


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def measure(site: Site, mode: str, numbers: range, warm: int) -> dict[str, float]:
    """The figures of one mode: `numbers` are the people who walk, the first `warm` of them to warm up, one to count."""
    port = free_port()
    with tempfile.NamedTemporaryFile() as counter:
        server = serve(site, mode, counter.name, port)
        try:
            walk(site, mode, port, numbers[:warm])
            before = Path(counter.name).stat().st_size
            walk(site, mode, port, numbers[warm : warm + 1])
            statements = Path(counter.name).stat().st_size - before
            found = timed(site, mode, port, server.pid, numbers[warm + 1 :])
            for number in numbers[-PROVED:]:
                prove(site, mode, port, number)
            return found | {"statements": statements}
        finally:
            server.terminate()
            server.wait()


def key(mode: str, number: int) -> str:
    """What a person chooses in a mode."""
    return f"{'vapor-cinta-lunes' if mode == 'again' else 'tortuga-arena-mesa'}-{number}"


def prove(site: Site, mode: str, port: int, number: int) -> None:
    """The journey did what it is for: the old key is refused, the new one signs in."""
    old = key("published", number) if mode == "again" else OLD
    assert not site.sign_in(Browser(port), number, old), f"{number}: the old key still signs in"
    assert site.sign_in(Browser(port), number, key(mode, number)), f"{number}: the new key does not"


def walk(site: Site, mode: str, port: int, numbers: range) -> None:
    browsers = {number: Browser(port) for number in numbers}
    for number, browser in browsers.items():
        site.first(browser, number)
    time.sleep(1.2)
    for number, browser in browsers.items():
        site.journey(browser, number, key(mode, number))


def timed(site: Site, mode: str, port: int, server: int, numbers: range) -> dict[str, float]:
    """All journeys, `AT_A_TIME` at once; processor time of the server and of PostgreSQL."""
    browsers = {number: Browser(port) for number in numbers}
    for number, browser in browsers.items():
        site.first(browser, number)
    time.sleep(1.2)
    asked = sum(browser.requests for browser in browsers.values())
    web, database = family(server), postgres()
    used = cpu_seconds(web), cpu_seconds(database)
    began = time.perf_counter()
    times = at_once(
        lambda number: site.journey(browsers[number], number, key(mode, number)), numbers
    )
    elapsed = time.perf_counter() - began
    count, spent = len(numbers), (cpu_seconds(web) - used[0], cpu_seconds(database) - used[1])
    assert len(times) == count, f"{len(times)} of {count} journeys came to their end"
    return {
        "journeys": count,
        "journeys_per_second": count / elapsed,
        "web_cpu_ms": spent[0] / count * 1000,
        "database_cpu_ms": spent[1] / count * 1000,
        "cpu_ms": sum(spent) / count * 1000,
        "requests": (sum(browser.requests for browser in browsers.values()) - asked) / count,
        "p50_ms": times[count // 2] * 1000,
        "p99_ms": times[min(count - 1, count * 99 // 100)] * 1000,
    }


def at_once(deed: Callable[[int], None], numbers: range) -> list[float]:
    """`deed` of every number, eight at a time; the seconds that each took, sorted."""
    waiting, times, lock = list(numbers), [], threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                number = waiting.pop(0)
            began = time.perf_counter()
            deed(number)
            with lock:
                times.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(times)


def postgres() -> list[int]:
    """The server's processes, without those that serve this client."""
    import psycopg

    with psycopg.connect(os.environ["BENCH_DATABASE"]) as connection:
        mine = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'bench client' OR pid = pg_backend_pid()"
        ).fetchall()
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    master = int((Path(folder) / "postmaster.pid").read_text().split()[0])
    return [pid for pid in family(master) if pid not in {row[0] for row in mine}]


def run(build: Callable[[int], Site], arguments: list[str]) -> int:
    """What each site's module ends with. Every mode has people of its own, but `again` meets those of `published`."""
    count, modes = int(arguments[0]), arguments[1:]
    pin(CLIENT_CORE)
    warm = min(WARM, count)
    size = count + warm + 1
    site = build(size * len(modes))
    found = {}
    for place, mode in enumerate(modes):
        start = 0 if mode == "again" else place * size
        found[mode] = measure(site, mode, range(start, start + size), warm)
    print(json.dumps(found))
    return 0


def newest_mail(folder: str, pattern: str, to: str) -> str:
    """What `pattern` finds in the mail that Django wrote into a file for `to`."""
    for _ in range(100):
        for path in sorted(Path(folder).iterdir(), reverse=True):
            for text in path.read_text().split("-" * 79):
                if f"To: {to}\n" in text and (found := re.search(pattern, text)):
                    return found[1]
        time.sleep(0.01)
    raise SystemExit("no mail")
