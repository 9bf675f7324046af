"""`make check-security`: the slow outside judges, by hand before a release. What is not judged is said.

A judge that is installed and wired must find nothing; any other is named in the last lines, and nothing is claimed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "0"]


@dataclass(frozen=True)
class Judge:
    """`command` is run where its program is found; `standards` says what it looks at."""

    name: str
    standards: str
    command: tuple[str, ...]
    more: tuple[tuple[str, str], ...] = ()


def judges() -> Iterator[Judge]:
    """In the order in which they are run, the fast ones first."""
    yield Judge("bandit", "code", ("bandit", "-q", "-r", "clavero", "-ll"))
    yield Judge(
        "adversary of 10,000 requests",
        "S-045",
        (*PYTEST, "tests/attacks/test_adversary.py"),
        (("CLAVERO_ADVERSARY", "10000"),),
    )
    yield Judge("routes", "S-009", (*PYTEST, "tests/house/test_routes.py"))
    yield Judge("wapiti", "S-093, S-107", ("wapiti", "--version"))
    yield Judge("MDN header scanner", "S-093", ("mdn-http-observatory-scan", "--version"))
    yield Judge("pa11y", "S-121", ("pa11y", "--version"))
    yield Judge("html-validate", "S-115", ("html-validate", "--version"))
    yield Judge("semgrep", "S-014", ("semgrep", "--version"))
    yield Judge("mutmut", "core", ("mutmut", "version"))


NOT_WIRED = frozenset(
    {"wapiti", "MDN header scanner", "pa11y", "html-validate", "mutmut", "semgrep"}
)
"""Known to run offline (STANDARDS, 4), and not yet set against a running portal here."""


def found(program: str) -> str | None:
    """Where a program is: beside this Python, in node_modules, or on the path."""
    here = os.pathsep.join([str(BIN), str(ROOT / "node_modules" / ".bin"), os.environ["PATH"]])
    return program if Path(program).is_absolute() else shutil.which(program, path=here)


def verdict(judge: Judge) -> str:
    """ok, FAILED (with what it said), or why it was not asked."""
    if judge.name in NOT_WIRED:
        return "not wired"
    program = found(judge.command[0])
    if program is None:
        return "not on this machine"
    with tempfile.TemporaryFile("w+") as said:
        command = [program, *judge.command[1:]]
        env = os.environ | dict(judge.more)
        done = subprocess.run(
            command, cwd=ROOT, env=env, stdout=said, stderr=subprocess.STDOUT, check=False
        )
        said.seek(0)
        if done.returncode:
            print(said.read()[-6000:])
    return "FAILED" if done.returncode else "ok"


def main() -> int:
    verdicts = {}
    for judge in judges():
        verdicts[judge.name] = verdict(judge)
        print(f"{verdicts[judge.name]:20} {judge.name} ({judge.standards})", flush=True)
    left_out = [name for name, said in verdicts.items() if said.startswith("not")]
    if left_out:
        print(f"Not judged: {', '.join(left_out)}. This run makes no claim about them.")
    return 1 if "FAILED" in verdicts.values() else 0


if __name__ == "__main__":
    sys.exit(main())
