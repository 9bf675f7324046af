"""The units of deploy/: each as closed as the others, each starts a command that there is, each is installed by the guide."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from clavero.cli import again

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SERVICES, TIMERS = (sorted(DEPLOY.glob(f"*.{kind}")) for kind in ("service", "timer"))
CLOSED = re.compile(r"(?<=# Nothing of the system can be written or gained)[^\n]*\n(.*)", re.S)
MORE = "SystemCallFilter=setrlimit prlimit64 setpriority"
"""What the worker needs besides, to limit who reads a list."""


def closed(unit: Path) -> set[str]:
    """The lines that take away."""
    text = unit.read_text(encoding="utf-8")
    found = CLOSED.search(text)
    assert found, unit.name
    of_the_service = found[1].partition("[Install]")[0]
    return {line for line in of_the_service.splitlines() if line and line[0] != "#"} - {MORE}


def test_each_service_is_as_closed_as_the_others():
    first = closed(SERVICES[0])
    assert len(SERVICES) >= 4 and len(first) > 20
    for unit in SERVICES[1:]:
        assert closed(unit) == first, unit.name


def test_each_service_starts_a_command_that_there_is_as_the_user_of_its_own():
    for unit in SERVICES:
        text = unit.read_text(encoding="utf-8")
        (word,) = re.findall(r"^ExecStart=.*/bin/clavero (\w+)", text, re.M)
        assert word in again.COMMANDS, unit.name
        assert "\nUser=clavero\n" in text and "\nEnvironmentFile=/etc/clavero/clavero.env\n" in text


def test_each_service_that_is_shut_in_says_what_to_do_where_its_database_is_elsewhere():
    shut_in = [unit for unit in SERVICES if "\nIPAddressDeny=any\n" in unit.read_text("utf-8")]
    assert len(shut_in) >= 3
    for unit in shut_in:
        before = unit.read_text("utf-8").partition("\nIPAddressDeny=any\n")[0]
        last = " ".join(line for line in before.splitlines()[-2:] if line.startswith("#"))
        assert re.search("another machine,? allow its address here", last), unit.name


def test_no_service_calls_a_run_well_that_could_not_do_its_work():
    """Systemd would never show it: reports would wait until they count no more."""
    for unit in SERVICES:
        assert "SuccessExitStatus" not in unit.read_text("utf-8"), unit.name


def test_each_timer_has_its_service():
    assert {unit.stem for unit in TIMERS} <= {unit.stem for unit in SERVICES}
    assert len(TIMERS) >= 2


def test_the_guide_installs_and_starts_each_unit():
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    started = " ".join(re.findall(r"^systemctl enable --now (.*)$", guide, re.M)).split()
    for unit in (*SERVICES, *TIMERS):
        assert f"/opt/clavero/source/deploy/{unit.name}" in guide, unit.name
    timed = {unit.stem for unit in TIMERS}
    wanted = {unit.stem for unit in SERVICES} - timed | {unit.name for unit in TIMERS}
    assert set(started) == wanted


@pytest.mark.parametrize("unit", [*SERVICES, *TIMERS], ids=lambda unit: unit.name)
def test_systemd_itself_understands_each_unit(unit, tmp_path):
    """Where systemd is: its own words, without the paths that only an installation has."""
    program = shutil.which("systemd-analyze")
    if program is None:
        assert re.search(r"^\[Unit\]\n", unit.read_text(encoding="utf-8"))
        return
    for each in (*SERVICES, *TIMERS):
        text = re.sub(r"^(ExecStart(?:Post)?)=.*$", r"\1=/bin/true", each.read_text(), flags=re.M)
        (tmp_path / each.name).write_text(text)
    done = subprocess.run([program, "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True)  # fmt: skip
    assert unit.name not in done.stderr, done.stderr
