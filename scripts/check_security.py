"""`make check-security`: the slow and the outside judges, by hand before a release. One line of result each.

    make check-security [ARGS="--only NAME… --missing-ok --count N"]

Each must find nothing. One that cannot be had on this machine says why, and fails the run unless `--missing-ok`: what is not
judged is never claimed. What they said last stands in scripts/data/judged.json, from which docs/security.md quotes.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from scripts import judging, mutating  # noqa: E402 (after the path is set: a script run by its name)
from scripts.judging import NotHere, Said  # noqa: E402 (after the path is set: a script run by its name)
from tests.running import Demo  # noqa: E402 (after the path is set: a script run by its name)

RESULTS = ROOT / "scripts" / "data" / "judged.json"
PYTEST = [sys.executable, "-m", "pytest", "-n", "0"]
OK, FAILED, NOT_RUN = "ok", "FAILED", "not run"


class Looked(ExitStack):
    """What is looked at, each started when it is first asked for and ended with the run."""

    @cached_property
    def portal(self) -> judging.Portal:
        return self.enter_context(judging.portal())

    @cached_property
    def pages(self) -> list[judging.Page]:
        demo = Demo(Path(mkdtemp(prefix="clavero-judged-")))
        self.callback(demo.end)
        return judging.pages(demo)


@dataclass(frozen=True)
class Judge:
    """`standards` says what it looks at."""

    name: str
    standards: str
    asks: Callable[[Looked, argparse.Namespace], Said]


def judges() -> Iterator[Judge]:
    """In the order in which they are run, the fast ones first."""
    yield Judge("semgrep", "S-014, S-024, S-107, S-108", lambda looked, given: judging.patterns())
    yield Judge("routes", "S-009, S-105", lambda looked, given: tests("tests/house/test_routes.py"))
    yield Judge("sectxt", "S-140", lambda looked, given: judging.contact(looked.portal))
    yield Judge("csp_evaluator", "S-093", lambda looked, given: judging.policy(looked.portal))
    yield Judge(
        "MDN HTTP observatory", "S-093", lambda looked, given: judging.headers(looked.portal)
    )
    yield Judge("html-validate", "S-115", lambda looked, given: judging.valid(looked.pages))
    yield Judge("pa11y", "S-121", lambda looked, given: judging.accessible(looked.pages))
    yield Judge("wapiti", "S-093, S-107", lambda looked, given: judging.attacked(looked.portal))
    yield Judge("adversary of 10,000 requests", "S-045", lambda looked, given: adversary())
    yield Judge("timed comparison", "S-056", lambda looked, given: timed(given.count))
    yield Judge(
        "mutants", "S-001, S-042, S-044", lambda looked, given: mutating.judge(given.mutants)
    )


def tests(*arguments: str, **more: str) -> Said:
    """Tests of our own that are too slow for every day."""
    done = subprocess.run(
        [*PYTEST, *arguments],
        cwd=ROOT,
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines() or [done.stderr.strip()[-300:]]
    return Said(done.returncode == 0, lines[-1].strip("= "), done.stdout[-6000:])


def adversary() -> Said:
    return tests("tests/attacks/test_adversary.py", CLAVERO_ADVERSARY="10000")


def timed(count: int) -> Said:
    """Whether a stranger tells by time who exists; the figures go to scripts/data/timed.json."""
    file = ROOT / "scripts" / "data" / "timed.json"
    command = [
        sys.executable,
        "-m",
        "benchmarks.strangers",
        "--count",
        str(count),
        "--out",
        str(file),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise NotHere(done.stderr.strip()[-300:])
    told = sum(line.startswith("TOLD") for line in done.stdout.splitlines())
    compared = len(done.stdout.splitlines())
    line = f"{count} requests a kind, {compared} pairs of kinds, {told} told apart"
    return Said(done.returncode == 0, line, done.stdout)


def verdict(judge: Judge, looked: Looked, given: argparse.Namespace) -> tuple[str, str]:
    """ok or FAILED with what it looked at, or «not run» and why; what it found is printed."""
    try:
        said = judge.asks(looked, given)
    except NotHere as why:
        return NOT_RUN, " ".join(str(why).split())
    if not said.ok:
        print(said.more, flush=True)
    return (OK if said.ok else FAILED), said.line


def keep(name: str, standards: str, how: str, line: str) -> None:
    """What a judge said last."""
    held = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    held[name] = {
        "standards": standards,
        "verdict": how,
        "line": line,
        "on": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    order = [judge.name for judge in judges()]
    text = json.dumps(
        {name: held[name] for name in order if name in held}, indent=1, ensure_ascii=False
    )
    RESULTS.write_text(text + "\n", encoding="utf-8")


def main() -> int:
    """0 where every judge was asked and found nothing; with `--missing-ok` also where some could not be asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--missing-ok", action="store_true")
    parser.add_argument(
        "--count",
        type=int,
        default=2000,
        help="requests a kind of employer in the timed comparison",
    )
    parser.add_argument(
        "--mutants", type=int, default=300, help="mutants that are drawn of each package"
    )
    given = parser.parse_args()
    verdicts = {}
    with Looked() as looked:
        for judge in judges():
            if given.only and judge.name not in given.only:
                continue
            began = time.monotonic()
            verdicts[judge.name], line = verdict(judge, looked, given)
            keep(judge.name, judge.standards, verdicts[judge.name], line)
            print(
                f"{verdicts[judge.name]:8} {judge.name} ({judge.standards}): {line} [{time.monotonic() - began:.0f} s]",
                flush=True,
            )
    left_out = [name for name, said in verdicts.items() if said == NOT_RUN]
    if left_out:
        print(f"Not judged: {', '.join(left_out)}. This run makes no claim about them.")
    return 1 if FAILED in verdicts.values() or (left_out and not given.missing_ok) else 0


if __name__ == "__main__":
    sys.exit(main())
