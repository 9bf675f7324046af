"""`make test` says what it left out, and with CLAVERO_REQUIRE_ALL=1 lets nothing be left out (INTERFACES)."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from clavero.audit.models import Head
from scripts import run_tests
from scripts.run_tests import Lane

ROOT = Path(__file__).resolve().parents[2]
ONE = "tests/browser/test_browser.py::test_targets_are_large_enough_to_touch"


def without_a_browser(tmp_path, **more: str):
    report = tmp_path / "report.json"
    env = os.environ | {
        "PATH": str(tmp_path),
        "CHROMIUM": "",
        "CLAVERO_TEST_REPORT": str(report),
        "CLAVERO_REQUIRE_ALL": "",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", ONE]
    done = subprocess.run(command, cwd=ROOT, env=env | more, capture_output=True, text=True)
    return done, json.loads(report.read_text())


def test_without_chromium_its_tests_are_left_out_and_counted(tmp_path):
    done, counts = without_a_browser(tmp_path)
    assert done.returncode == 0 and counts["left_out"] == {"needs Chromium": 1}


def test_where_everything_is_required_that_is_a_failure(tmp_path):
    done, counts = without_a_browser(tmp_path, CLAVERO_REQUIRE_ALL="1")
    assert (
        done.returncode == 1
        and counts["left_out"] == {}
        and counts["failed"] + counts["error"] == 1
    )
    assert "left out: needs Chromium" in done.stdout


def last_lines(
    monkeypatch, capsys, *found: Lane, everything: bool = False
) -> tuple[int, list[str]]:
    monkeypatch.setattr(run_tests, "bring_what_is_missing", lambda: None)
    monkeypatch.setattr(run_tests, "lanes", lambda extra: list(found))
    monkeypatch.setattr(run_tests, "ALL", everything)
    code = run_tests.main()
    return code, capsys.readouterr().out.strip().splitlines()


def test_the_last_lines_count_what_ran_and_what_did_not(monkeypatch, capsys):
    data = Counter({"needs ../shared/data": 7})
    code, said = last_lines(
        monkeypatch,
        capsys,
        Lane("SQLite", 0, 900, 0, data),
        Lane("PostgreSQL", 0, 800, 0, data, once=100),
    )
    assert code == 0 and said == [
        "SQLite: passed, 900 passed, 0 failed",
        "PostgreSQL: passed, 800 passed, 0 failed; 100 without its database ran once",
        "Left out: 7 needs ../shared/data",
    ]


@pytest.mark.parametrize("everything", [True, False])
def test_a_lane_without_a_server_is_said_and_fails_only_where_it_must(
    monkeypatch, capsys, everything
):
    absent = Lane("PostgreSQL", 0, left_out=Counter({run_tests.NO_SERVER: 1}))
    code, said = last_lines(
        monkeypatch, capsys, Lane("SQLite", 0, 900), absent, everything=everything
    )
    assert code == int(everything) and "not run" in said[1] and run_tests.NO_SERVER in said[2]


def test_a_failure_in_either_lane_is_a_failure(monkeypatch, capsys):
    code, said = last_lines(
        monkeypatch, capsys, Lane("SQLite", 0, 900), Lane("PostgreSQL", 1, 899, 1)
    )
    assert code == 1 and said[1] == "PostgreSQL: FAILED, 899 passed, 1 failed"


ASKS = """
import pytest

def test_nothing(tmp_path): pass
@pytest.mark.django_db
def test_mark(): pass
@pytest.mark.postgres
def test_server(): pass
def test_cast(cast): pass
def test_walker(walker): pass
def test_commits(transactional_db): pass
def test_live_server(live_server): pass
"""
LOOKS = """
from django.db import connection

def test_vendor(): pass
"""


def test_only_what_can_have_no_database_is_left_to_the_first_lane(tmp_path):
    (tmp_path / "test_asks.py").write_text(ASKS)
    (tmp_path / "test_looks.py").write_text(LOOKS)
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "tests.conftest", "--rootdir", str(ROOT)]  # fmt: skip
    command += ["-c", str(ROOT / "pyproject.toml"), "--collect-only", "-m", "not once", str(tmp_path)]  # fmt: skip
    env = os.environ | {"CLAVERO_TEST_REPORT": ""}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    found = set(re.findall(r"::test_(\w+)", done.stdout))
    wanted = {"mark", "server", "cast", "walker", "commits", "live_server", "vendor"}
    assert found == wanted, done.stdout + done.stderr


def test_a_test_that_asks_for_no_database_opens_none():
    """What the second lane leaves out rests on this: such a test fails in the first."""
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        Head.objects.exists()
