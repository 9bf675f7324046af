"""The rightful employer while somebody floods: the journey's time during 10,000 refused requests, against a quiet one.

The budgets are the shipped ones. A second process is the flood: its networks have spent what is theirs, and it sends sign-ins,
typed numbers and case secrets as fast as the server refuses them, over `AT_ONCE` connections, then over `MANY`, then at a pace.
The rightful ones walk one after the other, each from a network of their own. `python -m benchmarks.flood_bench JOURNEYS REFUSED` prints one JSON object.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import driving
from benchmarks.browser import Browser
from benchmarks.driving import Site
from benchmarks.machine import CLIENT_CORE, ROOT, Figure, cpu_seconds, family, median, pin
from benchmarks.sites import ours
from scripts.with_postgres import free_port

AIM, MOST = "at most 2 × the quiet one", 2.0
AT_ONCE, MANY, NETWORKS, VICTIM = 4, 16, 8, 0
PACE = 20 * NETWORKS
"""Requests a second of the second flood: what nginx as in deploy/ lets through from so many addresses."""
NICE = 10
"""The flood's own processor time must not be taken from those who are measured: on the client's core it goes last."""
KINDS = ("sign_in", "number", "secret")
REFUSED = 429


def measure(database: str, journeys: int, refused: int) -> list[Figure]:
    command = [sys.executable, "-m", "benchmarks.flood_bench", str(journeys), str(refused)]
    env = os.environ | {"BENCH_DATABASE": database}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return list(_figures(json.loads(done.stdout.splitlines()[-1])))


def _figures(found: dict[str, float]) -> Iterator[Figure]:
    quiet, flooded = found["quiet"] * 1000, found["flooded"] * 1000
    ratio = flooded / quiet
    yield Figure("flood.quiet", quiet, "ms")
    yield Figure("flood.flooded", flooded, "ms", ratio, "flood.quiet", AIM, ratio <= MOST)
    yield Figure("flood.slowest", found["slowest"] * 1000, "ms")
    many, slower = found["many"] * 1000, found["many"] / found["quiet"]
    yield Figure("flood.many", many, "ms", slower, "flood.quiet", AIM, slower <= MOST)
    yield Figure("flood.many_rate", found["many_rate"], "1/s")
    paced, slower = found["paced"] * 1000, found["paced"] / found["quiet"]
    yield Figure("flood.paced", paced, "ms", slower, "flood.quiet", AIM, slower <= MOST)
    yield Figure("flood.paced_rate", found["paced_rate"], "1/s")
    yield Figure("flood.rate", found["rate"], "1/s")
    yield Figure("flood.refusal", found["cpu"] * 1000, "ms")
    yield Figure("flood.refused", found["refused"], "")


# --- the flood ------------------------------------------------------------------------------------------


class Flood:
    """One connection of the flood: the three kinds of requests, each answered with a refusal once its budget is spent."""

    def __init__(self, port: int, network: int) -> None:
        from scripts import made_employers

        address = f"198.18.{network}.7"
        self.typed = {"identification": made_employers.person(VICTIM), "ruc": made_employers.ruc(VICTIM), "branch": "0001"}  # fmt: skip
        self.browsers = {kind: Browser(port, address) for kind in KINDS}
        self.browsers["sign_in"].go("GET", "/entrar/")
        self.browsers["secret"].go("GET", "/caso/")
        self.browsers["number"].go("GET", f"{ours.ROAD}/identificacion/")
        self.browsers["number"].go("POST", f"{ours.ROAD}/identificacion/", self.typed)

    def send(self, kind: str, number: int) -> bool:
        """One request of this kind; whether it was refused."""
        return self._sent(kind, number)[0] == REFUSED

    def _sent(self, kind: str, number: int) -> tuple[int, str]:
        path = {"sign_in": "/entrar/", "number": f"{ours.ROAD}/numero/", "secret": "/caso/"}[kind]
        more = {"sign_in": {"key": f"no es esta {number}"}, "secret": {"secret": f"{number:026d}"}, "number": {}}[kind]  # fmt: skip
        answer, page = self.browsers[kind].ask("POST", path, self.typed | more)
        return answer.status, page

    def fill(self, number: int) -> None:
        """Until every kind is refused by what the network itself has spent: at sign-in the account's own limit refuses long before."""
        for kind in KINDS:
            while "data-turned-away" not in self._sent(kind, number)[1]:
                number += 1


def flood(port: int, refused: int, pace: int, at_once: int) -> None:
    """Fill, say so, and on a line of input send over `at_once` connections until so many were refused, at most `pace` a second where
    it is not 0; then say how many in how long."""
    os.nice(NICE)
    floods = [Flood(port, n % NETWORKS) for n in range(max(NETWORKS, at_once))]
    for each in floods:
        each.fill(1)
    print("full", flush=True)
    sys.stdin.readline()
    lock, said, began = threading.Lock(), {"refused": 0, "sent": 0}, time.perf_counter()

    def work(mine: list[Flood]) -> None:
        while True:
            with lock:
                if said["refused"] >= refused:
                    return
                said["sent"] += 1
                number = said["sent"]
            if pace:
                time.sleep(max(0.0, began + number / pace - time.perf_counter()))
            no = mine[number % len(mine)].send(KINDS[number % len(KINDS)], number)
            with lock:
                said["refused"] += no

    threads = [threading.Thread(target=work, args=(floods[n::at_once],)) for n in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(said | {"seconds": time.perf_counter() - began}), flush=True)


# --- the rightful ones ----------------------------------------------------------------------------------


def build(people: int) -> Site:
    """The portal with the shipped budgets, behind a proxy that says who asks."""
    from django.db import connections

    given = ours.settings(ours.create(ours.DATABASE), os.environ["BENCH_FOLDER"])
    profile = Path(given["CLAVERO_PROFILE"])
    shipped = (ROOT / "clavero" / "profiles" / "iess.toml").read_text(encoding="utf-8")
    text = shipped.replace("ask_questions = true", "ask_questions = false")
    profile.write_text(text.replace("wait_seconds = 3", "wait_seconds = 1"), encoding="utf-8")
    os.environ.update(given, CLAVERO_TRUSTED_PROXIES="127.0.0.1")
    ours.prepare(people)
    connections.close_all()
    return Site("benchmarks.sites.ours_wsgi:application", ours.to_check, ours.journey, ours.sign_in)


def to_check(port: int, numbers: range) -> dict[int, Browser]:
    """Everybody's numbers are typed and their waiting tickets ready, before the clock starts."""
    browsers = {number: Browser(port, f"10.{number // 250}.{number % 250}.9") for number in numbers}
    longest = 0
    for number, browser in browsers.items():
        ours.to_check(browser, number)
        _, page = browser.ask("GET", f"{ours.ROAD}/validar/")
        found = re.search(r'data-wait="(\d+)"', page)
        longest = max(longest, int(found[1]) if found else 1)
    time.sleep(longest + 0.2)
    return browsers


def walked(browser: Browser, number: int) -> float:
    began = time.perf_counter()
    ours.journey(browser, number, driving.key("published", number))
    return time.perf_counter() - began


def main() -> int:
    if sys.argv[1] == "flood":
        flood(*map(int, sys.argv[2:6]))
        return 0
    journeys, refused = int(sys.argv[1]), int(sys.argv[2])
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as counter:
        os.environ["BENCH_FOLDER"] = folder
        site, port = build(5 * journeys + 1), free_port()
        server = driving.serve(site, "published", counter.name, port)
        try:
            print(json.dumps(compared(port, server.pid, journeys, refused)))
        finally:
            server.terminate()
            server.wait()
    return 0


def compared(port: int, server: int, journeys: int, refused: int) -> dict[str, float]:
    """A fifth of the people to warm up, one in quiet, two while the flood comes as fast as it can, over few and over many
    connections, one while it keeps a pace."""
    warm, quiet, flooded, crowded, paced = (
        to_check(port, range(1 + n * journeys, 1 + (n + 1) * journeys)) for n in range(5)
    )
    for number, browser in warm.items():
        walked(browser, number)
    calm = [walked(browser, number) for number, browser in quiet.items()]
    alone = _alone_cpu(port, server, refused)
    times, rate, count = during(port, flooded, refused)
    many, many_rate, _ = during(port, crowded, refused, at_once=MANY)
    slower, pace, _ = during(port, paced, max(60, refused // 5), PACE)
    return {
        "quiet": median(calm), "flooded": median(times), "slowest": max(times), "cpu": alone, "rate": rate, "refused": count,
        "many": median(many), "many_rate": many_rate, "paced": median(slower), "paced_rate": pace,
    }  # fmt: skip


def during(
    port: int, people: dict[int, Browser], refused: int, pace: int = 0, at_once: int = AT_ONCE
) -> tuple[list[float], float, float]:
    """The journeys of these people while a flood comes; refusals a second, and how many there were."""
    command = [sys.executable, "-m", "benchmarks.flood_bench", "flood", str(port), str(refused), str(pace), str(at_once)]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "full\n"
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(0.2)
        times = [
            walked(browser, number) for number, browser in people.items() if process.poll() is None
        ]
        said = json.loads(process.stdout.readline())
    assert times, "the flood was over before anybody walked"
    return times, said["refused"] / said["seconds"], said["refused"]


def _alone_cpu(port: int, server: int, refused: int) -> float:
    """Processor time of one refusal, web server and database together, when nothing else is asked."""
    one = Flood(port, NETWORKS + 1)
    one.fill(1)
    few = max(len(KINDS), refused // 20)
    pids = [*family(server), *driving.postgres()]
    before = cpu_seconds(pids)
    for number in range(few):
        one.send(KINDS[number % len(KINDS)], number)
    return (cpu_seconds(pids) - before) / few


if __name__ == "__main__":
    sys.exit(main())
