"""`make test`: every test there is on this machine, on SQLite and then on PostgreSQL, and what was left out.

With CLAVERO_REQUIRE_ALL=1 a lane or a test that this machine cannot run is a failure. The last lines say how
many tests ran in each lane, and how many were left out and why. The second lane leaves to the first what has
no database of it: `touches_database` in tests/conftest.py decides, and its last line counts them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALL = os.environ.get("CLAVERO_REQUIRE_ALL") == "1"
NO_SERVER = "no PostgreSQL server on this machine"
SECOND_LANE = "runs in the PostgreSQL lane"


@dataclass
class Lane:
    """What one lane did. `left_out`: reason → how many. `once`: how many the second lane leaves to the first."""

    name: str
    code: int
    passed: int = 0
    failed: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    once: int = 0

    def line(self) -> str:
        said = "passed" if self.code == 0 else "FAILED"
        if NO_SERVER in self.left_out:
            return f"{self.name}: not run: {NO_SERVER}"
        alone = f"; {self.once} without its database ran once" if self.once else ""
        return f"{self.name}: {said}, {self.passed} passed, {self.failed} failed{alone}"


def install(package: str) -> None:
    """Try to bring Debian packages that only tests need; silent where that is not possible."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        command = ["apt-get", "install", "-y", "-qq", *package.split()]
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, check=False, env=env, **quiet)


def has_postgres() -> bool:
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def bring_what_is_missing() -> None:
    if not any(map(shutil.which, (os.environ.get("CHROMIUM", "-"), "chromium", "google-chrome"))):
        install("chromium libatomic1")
    if not has_postgres():
        install("postgresql")
    if not shutil.which("xgettext"):
        install("gettext")


def run(name: str, command: list[str]) -> Lane:
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        env = os.environ | {"CLAVERO_TEST_REPORT": str(report)}
        # Tests start the commands hundreds of times: what is compiled once need not be compiled again.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        code = subprocess.run(command, cwd=ROOT, check=False, env=env).returncode
        if not report.exists():
            return Lane(name, code or 1)
        counts = json.loads(report.read_text(encoding="utf-8"))
    failed = counts["failed"] + counts["error"]
    left_out = Counter(counts["left_out"])
    return Lane(name, code, counts["passed"], failed, left_out, counts["once"])


def lanes(extra: list[str]) -> list[Lane]:
    workers = str(max(2, os.cpu_count() or 2))
    spread = ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    pytest = [sys.executable, "-m", "pytest", *spread, *extra]
    first = run("SQLite", pytest)
    if not has_postgres():
        return [first, Lane("PostgreSQL", 0, left_out=Counter({NO_SERVER: 1}))]
    server = [sys.executable, "scripts/with_postgres.py"]
    second = run("PostgreSQL", [*server, *pytest, "-m", "not browser and not once"])
    del first.left_out[SECOND_LANE]
    first.once = 0
    return [first, second]


def main() -> int:
    bring_what_is_missing()
    found = lanes(sys.argv[1:])
    print()
    for lane in found:
        print(lane.line())
    left_out = Counter({why: n for lane in found for why, n in lane.left_out.items()})
    reasons = "; ".join(f"{n} {why}" for why, n in sorted(left_out.items()))
    print(f"Left out: {reasons or 'nothing'}")
    return 1 if any(lane.code for lane in found) or (ALL and left_out[NO_SERVER]) else 0


if __name__ == "__main__":
    sys.exit(main())
