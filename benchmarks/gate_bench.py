"""*Validar* alone, with 5,000 and with 2,000,000 employers: is it as fast, and does every statement use an index?

Only the POST of the check page is measured: the human check spent, the employer found, the rules asked, case,
record and message written. `python -m benchmarks.gate_bench EMPLOYERS REQUESTS` prints one JSON object.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from benchmarks import driving
from benchmarks.browser import Browser
from benchmarks.machine import CLIENT_CORE, ROOT, Figure, cpu_seconds, family, median, pin
from benchmarks.sites import ours
from scripts.with_postgres import free_port


def measure(database: str, sizes: tuple[int, int], requests: int) -> tuple[list[Figure], Any]:
    """The figures at both sizes, and the plans at the larger."""
    small, large = (_run(database, size, requests) for size in sizes)
    figures = []
    for name, unit in (("median", "ms"), ("cpu", "ms"), ("per_core", "1/s")):
        base, value = small[name], large[name]
        figures.append(Figure(f"gate.small.{name}", base, unit))
        figures.append(
            Figure(
                f"gate.large.{name}",
                value,
                unit,
                value / base,
                f"gate.small.{name}",
                AIM,
                1 / 1.2 <= value / base <= 1.2,
            )
        )
    return figures, {"employers": list(sizes), "plans": large["plans"]}


AIM = "within 1.2 ×"


def _run(database: str, employers: int, requests: int) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.gate_bench",
        str(employers),
        str(requests),
    ]
    env = os.environ | {"BENCH_DATABASE": database}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def populate(employers: int, askable: int) -> driving.Site:
    """Those who may be asked for, one whole journey as the pattern of cases and messages, and all the others."""
    site = ours.build(askable)
    from benchmarks import filling

    walk_inside(0)
    filling.without_indexes()
    filling.fill(1, employers - askable)
    filling.with_indexes()
    return site


def walk_inside(number: int) -> None:
    """One journey in this process: no server, the same statements."""
    browser = Inside()
    ours.to_check(browser, number)
    time.sleep(1.2)
    ours.journey(browser, number, f"tortuga-arena-mesa-{number}")


class Inside(Browser):
    """A browser on the portal of this very process."""

    def __init__(self) -> None:
        from django.test import Client

        super().__init__(0)
        self.client = Client(headers={"host": "localhost"})

    def ask(self, method: str, path: str, fields: Any = None) -> tuple[Any, str]:
        self.path = path
        typed = self.hidden | dict(fields or {})
        answer = self.client.post(path, typed) if method == "POST" else self.client.get(path)
        answer.status = answer.status_code
        return answer, answer.content.decode()


def press(site: driving.Site, port: int, numbers: range) -> dict[int, Browser]:
    browsers = {number: Browser(port) for number in numbers}
    for number, browser in browsers.items():
        site.first(browser, number)
    time.sleep(1.2)
    return browsers


def validate(browser: Browser) -> float:
    began = time.perf_counter()
    answer, _ = browser.ask("POST", f"{ours.ROAD}/validar/", {})
    assert answer.status == 303 and "/codigo/" in answer.headers["Location"], answer.status
    return time.perf_counter() - began


def main() -> int:
    employers, requests = int(sys.argv[1]), int(sys.argv[2])
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as counter:
        os.environ["BENCH_FOLDER"] = folder
        site, port = populate(employers, 3 * requests + 2), free_port()
        server = driving.serve(site, "published", counter.name, port)
        try:
            found = pressed(site, port, server.pid, requests)
        finally:
            server.terminate()
            server.wait()
        print(json.dumps(found | {"plans": plans_of_the_road(3 * requests + 1)}))
    return 0


def pressed(site: driving.Site, port: int, server: int, requests: int) -> dict[str, float]:
    """A third of the people to warm up, a third one after the other, a third eight at a time."""
    warm, alone, together = (
        press(site, port, range(1 + n * requests, 1 + (n + 1) * requests)) for n in range(3)
    )
    for browser in warm.values():
        validate(browser)
    times = [validate(browser) for browser in alone.values()]
    pids = [*family(server), *driving.postgres()]
    used, numbers = cpu_seconds(pids), range(1 + 2 * requests, 1 + 3 * requests)
    driving.at_once(lambda number: validate(together[number]), numbers)
    spent = (cpu_seconds(pids) - used) / requests
    return {"median": median(times) * 1000, "cpu": spent * 1000, "per_core": 1 / spent}


def plans_of_the_road(number: int) -> list[dict[str, Any]]:
    from benchmarks import plans

    return plans.explained(plans.collected(lambda: walk_inside(number)))


if __name__ == "__main__":
    sys.exit(main())
