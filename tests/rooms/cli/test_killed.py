"""SIGKILL in the middle of every command that writes: run again, nothing is lost and nothing is there twice (O05)."""

import json
import os
import subprocess
import sys

import pytest

from tests.rooms.cli.test_commands import ROOT, SETTINGS

KILLED = (
    "catastro import", "employers import", "centres import", "centres close", "rotate-keys", "letters export", "subject erase",
    "subject correct", "breach open", "breach told", "breach risk", "breach notify", "announce", "bounces", "chore",
)  # fmt: skip


@pytest.mark.parametrize("name", KILLED)
def test_killed_before_any_of_its_statements_and_run_again_it_has_done_what_one_run_does(tmp_path, name):  # fmt: skip
    """Before the first of a transaction, in its middle, and between two: up to sixty places of each command."""
    env = {n: v for n, v in os.environ.items() if not n.startswith(("CLAVERO_", "DJANGO_"))}
    env |= SETTINGS | {
        "CLAVERO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings_test",
    }
    command = [sys.executable, "-m", "tests.rooms.cli.killing", str(tmp_path), name]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["differs"] == {} and found["places"] >= 3, found
