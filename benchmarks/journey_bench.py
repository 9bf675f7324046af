"""The whole journey on PostgreSQL, beside the floor and the peers, in one run.

Validar → code → contact data → key → tested sign-in: HTML pages, Argon2id t=2 m=19456 p=1. Web server and database
share one core, eight browsers have the other. The floor is two hashes and nothing else. Every site is
asked afterwards whether the old key is dead and the new one alive.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.machine import ROOT, SERVER_CORE, Figure

SITES = {
    "ours": ("benchmarks.sites.ours", ("published", "again", "no_hash", "avx2")),
    "django": ("benchmarks.sites.contrib", ("published", "no_hash", "avx2")),
    "allauth": ("benchmarks.sites.allauth_code", ("published", "no_hash", "avx2")),
}
HASH = (
    "import time, argon2; p = argon2.PasswordHasher(2, 19456, 1); t = []\n"
    "for _ in range(41):\n a = time.thread_time(); p.hash(b'x' * 44); t.append(time.thread_time() - a)\n"
    "print(sorted(t)[20] * 1000)"
)
HASHES = {"again": 3}
"""How many hashes a journey has, where it is not two."""
MOST_MS, FAST = 12, 27
AIM, FAST_AIM = f"≤ {MOST_MS} ms, and below both peers", f"> {FAST} per second"
Found = dict[str, dict[str, list[dict[str, float]]]]


def hash_ms(avx2: str = "") -> float:
    """Processor time of one hash, alone on the server's core: the median of 41."""
    env = os.environ | ({"PYTHONPATH": avx2} if avx2 else {})
    command = ["taskset", "-c", str(SERVER_CORE), sys.executable, "-c", HASH]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure(database: str, avx2: str, count: int, rounds: int) -> list[Figure]:
    """`rounds` times each site in each mode, one after the other, so that a busy moment hits all of them."""
    found: Found = {name: {} for name in SITES}
    hashes: dict[str, list[float]] = {"published": [], "avx2": []}
    for _ in range(rounds):
        hashes["published"].append(hash_ms())
        if avx2:
            hashes["avx2"].append(hash_ms(avx2))
        for name, (module, modes) in SITES.items():
            wanted = [mode for mode in modes if mode != "avx2" or avx2]
            for mode, figures in _walk(module, wanted, database, avx2, count).items():
                found[name].setdefault(mode, []).append(figures)
    return list(_figures(found, {mode: min(times) for mode, times in hashes.items() if times}))


def _walk(
    module: str, modes: list[str], database: str, avx2: str, count: int
) -> dict[str, dict[str, float]]:
    env = os.environ | {"BENCH_DATABASE": database, "BENCH_AVX2": avx2}
    command = [sys.executable, "-m", module, str(count), *modes]
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def _figures(found: Found, hashes: dict[str, float]) -> Iterator[Figure]:
    for kind, one in hashes.items():
        yield Figure(f"journey.floor.{kind}.hash", one, "ms")
        yield Figure(f"journey.floor.{kind}.rate", 1000 / (2 * one), "1/s")
    bare = {site: min(run["cpu_ms"] for run in modes["no_hash"]) for site, modes in found.items()}
    best = min(cpu for site, cpu in bare.items() if site != "ours")
    for site, modes in found.items():
        aim = (AIM, bare[site] <= MOST_MS and bare[site] < best) if site == "ours" else ()
        yield Figure(f"journey.{site}.no_hash.cpu", bare[site], "ms", bare[site] / best, "the better peer", *aim)  # fmt: skip
        for mode, runs in modes.items():
            yield from _of_mode(f"journey.{site}.{mode}", mode, _least_disturbed(runs), hashes)


def _least_disturbed(runs: list[dict[str, float]]) -> dict[str, float]:
    """Of several rounds the best of each value, for every site alike: whatever else the machine does only adds."""
    best = {"journeys_per_second": max}
    return {name: best.get(name, min)(run[name] for run in runs) for name in runs[0]}


def _of_mode(
    place: str, mode: str, of: dict[str, float], hashes: dict[str, float]
) -> Iterator[Figure]:
    """What a mode with hashes gives beside its processor time; what every mode gives."""
    if mode != "no_hash":
        kind = "avx2" if mode == "avx2" else "published"
        one, rate = hashes[kind], of["journeys_per_second"]
        aim = (FAST_AIM, rate > FAST) if place == "journey.ours.avx2" else ()
        floor = f"journey.floor.{kind}.rate"
        yield Figure(f"{place}.rate", rate, "1/s", rate * 2 * one / 1000, floor, *aim)
        yield Figure(f"{place}.cpu", of["cpu_ms"], "ms", of["cpu_ms"] / (2 * one), "two hashes")
        yield Figure(f"{place}.beside", of["cpu_ms"] - HASHES.get(mode, 2) * one, "ms")
    yield Figure(f"{place}.web_cpu", of["web_cpu_ms"], "ms")
    yield Figure(f"{place}.database_cpu", of["database_cpu_ms"], "ms")
    yield Figure(f"{place}.p50", of["p50_ms"], "ms")
    yield Figure(f"{place}.p99", of["p99_ms"], "ms")
    yield Figure(f"{place}.requests", of["requests"], "")
    yield Figure(f"{place}.statements", of["statements"], "")
