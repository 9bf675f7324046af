"""Where the rest goes: what a journey without its hashes spends its processor time on, by sampling.

In this process and without a web server: every millisecond of processor time the stack is looked at, and
the innermost layer that is named below gets it. `python -m benchmarks.where_bench JOURNEYS` prints one JSON object.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from types import FrameType
from typing import Any

from benchmarks.machine import CLIENT_CORE, ROOT, Figure, pin
from benchmarks.sites import nothing, ours

LAYERS = {
    "the driver of the database": ("psycopg",),
    "Django's database layer": ("django/db", "clavero/rows"),
    "pages": ("django/template", "clavero/ui", "django/utils/translation"),
    "sealing, keyed hashes, tokens": ("clavero/privacy",),
    "records": ("clavero/audit", "clavero/core/chain"),
    "throttle": ("clavero/throttle",),
    "rules": ("clavero/core",),
    "deeds and views": ("clavero/recovery", "clavero/keys", "clavero/employers", "clavero/notices", "clavero/catastro"),
    "sign-in library and sessions": ("allauth", "django/contrib"),
    "addresses": ("django/urls",),
    "requests, answers, middleware": ("django", "whitenoise", "clavero/project", "asgiref"),
}  # fmt: skip


def measure(database: str, journeys: int) -> tuple[list[Figure], dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.where_bench", str(journeys)]
    env = os.environ | {"BENCH_DATABASE": database}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    shares = json.loads(done.stdout.splitlines()[-1])
    return [Figure(f"where.{name}", share * 100, "%") for name, share in shares.items()], {}


def layer(frame: FrameType | None) -> str:
    """The innermost named layer of a stack that is inside the portal; "" outside of it."""
    found, inside = "", False
    while frame is not None:
        path = frame.f_code.co_filename.rpartition("site-packages/")[2]
        path = path.removeprefix(f"{ROOT}/")
        found = found or next((name for name, at in LAYERS.items() if path.startswith(at)), "")
        inside = inside or frame.f_code.co_name == "get_response"
        frame = frame.f_back
    return found if inside else ""


def shares(journeys: int) -> dict[str, float]:
    from benchmarks.gate_bench import Inside

    people = {number: Inside() for number in range(journeys)}
    for number, browser in people.items():
        ours.to_check(browser, number)
    time.sleep(1.2)
    seen: Counter[str] = Counter()
    signal.signal(signal.SIGPROF, lambda _, frame: seen.update([layer(frame)]))
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    for number, browser in people.items():
        ours.journey(browser, number, f"tortuga-arena-mesa-{number}")
    signal.setitimer(signal.ITIMER_PROF, 0)
    del seen[""]
    return {name: count / seen.total() for name, count in seen.most_common()}


def main() -> int:
    pin(CLIENT_CORE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"BENCH_FOLDER": folder}
        ours.build(int(sys.argv[1]))
        nothing.hash_nothing()
        print(json.dumps(shares(int(sys.argv[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
