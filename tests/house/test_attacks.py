"""Attack tests and their breaks belong together, and every break still fits the code. Nothing is attacked here."""

import subprocess
from pathlib import Path

import pytest

from scripts import attacks

ROOT = Path(__file__).resolve().parents[2]

BREAKS = attacks.breaks()


def test_every_row_has_a_break_and_every_break_its_tests():
    """An attack test that has no break yet is named below the table of docs/security.md."""
    named = {name for one in BREAKS for name in one.tests}
    assert named <= set(attacks.tests())
    assert {int(one.row) for one in BREAKS} | {9} == set(range(1, 38))  # 09 is attacked with 07


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: one.name)
def test_a_break_still_fits_the_code(one):
    """Where it does not, the defence moved: write the break anew and run `make check-attacks ARGS=NN`."""
    path = attacks.BREAKS / f"{one.name}.patch"
    done = subprocess.run(
        ["git", "apply", "--check", "-C1", str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_break_takes_something_of_the_program_away_and_touches_no_test():
    for one in BREAKS:
        changed = [line[6:] for line in one.text.splitlines() if line.startswith("+++ b/")]
        assert changed and all(path.startswith("clavero/") for path in changed), one.name


def test_what_was_proved_is_forgotten_when_break_or_test_change():
    from dataclasses import replace

    one = BREAKS[0]
    before = attacks.fingerprint(one, "assert True")
    assert attacks.fingerprint(one, "assert 1") != before
    assert attacks.fingerprint(replace(one, text=one.text + " "), "assert True") != before
