"""`make check-attacks`: every attack test passes, and fails once its defence is taken out.

The tree is copied to a temporary folder; there each `tests/attacks/breaks/NN.patch` is applied, the tests that it
names are run, and it is taken back. A test that an error stops has not failed: the break broke something else. What
was proved stands in `proved.json`, from which `make docs` writes the table of docs/security.md. With names
(`make check-attacks ARGS="07 13b"`) only those breaks are run.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import attacks
from attacks import Break
from generated import ROOT

LEFT_OUT = (".git", ".venv", "var", "node_modules", "__pycache__", "*_cache", ".hypothesis")
LONGEST = 600
PASSED, FAILED, STOPPED, LEFT = "passed", "failed", "stopped by an error", "left out"


def main(names: list[str]) -> int:
    chosen = [one for one in attacks.breaks() if not names or one.name in names]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
        whole = _run(tree, sorted({name for one in chosen for name in one.tests}))
        wrong = [f"{name} {how} without any break" for name, how in whole.items() if how != PASSED]
        for one in chosen:
            wrong += _judge(tree, one)
    for line in wrong:
        print(line)
    print(f"{len(chosen)} breaks, {len(whole)} tests, {len(wrong)} wrong")
    return bool(wrong)


def _judge(tree: Path, one: Break) -> list[str]:
    """What is wrong with a break; where nothing is, that it is proved."""
    if not _patch(tree, one):
        return [f"{one.name}: the break does not fit the code any more"]
    found = _run(tree, list(one.tests))
    _patch(tree, one, "--reverse")
    wrong = [f"{one.name}: {name} {found.get(name, 'did not run')}" for name in one.tests if found.get(name) != FAILED]  # fmt: skip
    print(f"{one.name:4} {'wrong' if wrong else 'fails as it must'}: {one.attack}", flush=True)
    _keep(one, bool(wrong))
    return wrong


def _patch(tree: Path, one: Break, *more: str) -> bool:
    command = ["git", "apply", "-C1", *more, str(attacks.BREAKS / f"{one.name}.patch")]
    alone = os.environ | {"GIT_CEILING_DIRECTORIES": str(tree.parent)}
    return subprocess.run(command, cwd=tree, env=alone, capture_output=True).returncode == 0


def _run(tree: Path, names: list[str]) -> dict[str, str]:
    """How each test ended; one with several cases has failed where one of them has. Races run on PostgreSQL too."""
    known = attacks.tests()
    files = {file.relative_to(ROOT) for name in names for file in known[name].files}
    races = {file for file in files if "pytest.mark.postgres" in (ROOT / file).read_text("utf-8")}
    ended: dict[str, set[str]] = defaultdict(set)
    _pytest(tree, files, names, [], ended)
    if races and any(ended[name] <= {LEFT} for name in names):
        _pytest(tree, races, names, [sys.executable, "scripts/with_postgres.py"], ended)
    worst = (STOPPED, FAILED, PASSED, LEFT)
    return {name: next(how for how in worst if how in all_) for name, all_ in ended.items() if all_}


def _pytest(
    tree: Path, files: set[Path], names: list[str], around: list[str], ended: dict[str, set[str]]
) -> None:
    report = tree / "attacks.xml"
    report.unlink(missing_ok=True)
    command = [
        *around, sys.executable, "-m", "pytest", "-q", "-n", "0", *sorted(map(str, files)),
        "-k", " or ".join(names), f"--junitxml={report}",
    ]  # fmt: skip
    alone = os.environ | {"PYTHONPATH": str(tree)}
    subprocess.run(command, cwd=tree, env=alone, capture_output=True, timeout=LONGEST)
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            ended[str(case.get("name")).partition("[")[0]].add(_ending(case))


def _ending(case: ElementTree.Element) -> str:
    for tag, how in (("error", STOPPED), ("failure", FAILED), ("skipped", LEFT)):
        if case.find(tag) is not None:
            return how
    return PASSED


def _keep(one: Break, is_wrong: bool) -> None:
    known, sources = attacks.proved(), attacks.tests()
    known.pop(one.name, None)
    if not is_wrong:
        known[one.name] = {
            name: attacks.fingerprint(one, sources[name].source) for name in one.tests
        }
    text = json.dumps(dict(sorted(known.items())), indent=1) + "\n"
    attacks.PROVED.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
