"""`clavero identify` from a cold start: a process that starts, answers and ends. The floor: Python that does nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.machine import ROOT, Figure, median

COMMAND = [str(Path(sys.executable).parent / "clavero"), "identify", "0993370026001"]


def measure(times: int) -> list[Figure]:
    nothing = _median([sys.executable, "-c", "pass"], times)
    mine = _median(COMMAND, times)
    return [
        Figure("identify.floor", nothing, "ms"),
        Figure(
            "identify.cold", mine, "ms", mine / nothing, "identify.floor", "< 120 ms", mine < 120
        ),
    ]


def _median(command: list[str], times: int) -> float:
    env = {name: value for name, value in os.environ.items() if not name.startswith("CLAVERO_")}
    found = []
    for _ in range(times + 1):
        began = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=True)
        found.append((time.perf_counter() - began) * 1000)
    return median(found[1:])
