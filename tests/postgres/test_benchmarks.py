"""`make bench` at its smallest: everything is measured and written down. How long it takes is nobody's test."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHES

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.postgres


def test_every_benchmark_runs_and_is_written_down(tmp_path):
    out = tmp_path / "found.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(out.read_text())
    assert set(found["benchmarks"]) == set(BENCHES) and found["machine"]["commit"]
    assert all(found["benchmarks"].values()), "a benchmark that gives no figure"
    assert sum(found["benchmarks"].values()) == len({row["name"] for row in found["figures"]})
    assert all(row["value"] >= 0 for row in found["figures"])
    assert not any(plan["reads_whole"] for plan in found["more"]["gate"]["plans"])


def test_an_unknown_name_is_one_line():
    command = [sys.executable, "-m", "benchmarks", "nada"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr == "no benchmark nada\n"
