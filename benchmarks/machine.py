"""Where the figures come from: processor, versions, commit, how busy the machine was."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
SERVER_CORE, CLIENT_CORE = 0, 1


@dataclass(frozen=True)
class Figure:
    """One measured value. `ratio` is to the figure named `of`, measured in the same run; `aim` in words, and whether it is met."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    of: str = ""
    aim: str = ""
    met: bool | None = None


def described() -> dict[str, object]:
    """What a reader needs in order to weigh the figures."""
    return {
        "commit": _said("git", "rev-parse", "--short=12", "HEAD"),
        "changed": bool(_said("git", "status", "--porcelain", "--untracked-files=no")),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def pin(core: int) -> None:
    """This process and what it starts from now on run on one core, where there are two."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def family(pid: int) -> list[int]:
    """A process and all that it started and that still live."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [pid, *[each for child in map(int, text.split()) for each in family(child)]]


def cpu_seconds(pids: list[int]) -> float:
    """Processor time of these processes and of their children that have ended, from /proc/PID/stat."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
