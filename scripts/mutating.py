"""Mutants: one small wrong turn in the rules, and do the tests notice? `python scripts/mutating.py [PACKAGE…] [--mutants N]`

Ours instead of mutmut, which starts Django and its database anew in a fork for each of some thousand mutants: here as many are
drawn as there is time for, always the same ones of the same code. A copy of the tree is changed, never the tree. A mutant that no
test notices is named in scripts/data/mutants.json and looked at: a test is added, or it is written down in tools/mutants.toml why
it changes nothing.
"""

import argparse
import ast
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from scripts.judging import Said  # noqa: E402 (after the path is set: a script run by its name)

RESULTS, HARMLESS = ROOT / "scripts" / "data" / "mutants.json", ROOT / "tools" / "mutants.toml"
LEFT_OUT = (
    ".git",
    ".venv",
    "var",
    "node_modules",
    "__pycache__",
    "*_cache",
    ".hypothesis",
    "pictures",
)
FLOOR = 0.9
LONGEST = 300
"""Seconds of processor time after which a mutant counts as one that never ends (a whole package takes 45)."""
WALL = 1800
"""Seconds on the clock, for a mutant that waits for ever without working."""
TESTS = {
    "core": "tests/unit tests/property",
    "throttle": "tests/rooms/throttle tests/rooms/desk/test_limits.py tests/rooms/recovery/test_human_check.py tests/rooms/recovery/test_budgets.py",
    "keys": "tests/rooms/keys tests/unit/test_core_rules.py",
}
WORDS_ALONE = {"core/wording_weights.py", "core/wording_lexicon.py", "core/phrase_words.py"}
"""Lists of words and weights: what is wrong there is measured, not decided."""
OTHER = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
SIGNS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult}


@dataclass(frozen=True)
class Mutant:
    """`text` in place of the characters `start` to `end` of a file (below clavero/)."""

    file: str
    line: int
    start: int
    end: int
    before: str
    text: str

    @property
    def name(self) -> str:
        squeezed = (" ".join(part.split())[:90] for part in (self.before, self.text))
        return f"{self.file}: {' → '.join(squeezed)}"


def mutants(package: str) -> Iterator[Mutant]:
    """Every wrong turn of a package."""
    for path in sorted((ROOT / "clavero" / package).rglob("*.py")):
        name = path.relative_to(ROOT / "clavero").as_posix()
        if "migrations" not in path.parts and name not in WORDS_ALONE:
            yield from _of_file(name, path.read_text(encoding="utf-8"))


def _of_file(name: str, source: str) -> Iterator[Mutant]:
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line.encode()))
    raw = source.encode()
    tree = ast.parse(source)
    decorating = {part for node in ast.walk(tree) for one in getattr(node, "decorator_list", ()) for part in ast.walk(one)}  # fmt: skip
    for node in ast.walk(tree):
        if node in decorating:
            continue
        for wrong in _wrong(node):
            start = offsets[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
            end = offsets[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
            yield Mutant(name, node.lineno, start, end, raw[start:end].decode(), wrong)  # type: ignore[attr-defined]


def _wrong(node: ast.AST) -> Iterator[str]:
    """What may stand in place of a node."""
    match node:
        case ast.Compare(left, [sign], [right]) if type(sign) in OTHER:
            yield f"({ast.unparse(left)} {OTHER[type(sign)]} {ast.unparse(right)})"
        case ast.BoolOp(op, values):
            other = " or " if isinstance(op, ast.And) else " and "
            yield "(" + other.join(f"({ast.unparse(value)})" for value in values) + ")"
        case ast.UnaryOp(ast.Not(), operand):
            yield f"({ast.unparse(operand)})"
        case ast.BinOp(left, op, right) if type(op) in SIGNS and not _is_text(left, right):
            yield f"({ast.unparse(ast.BinOp(left, SIGNS[type(op)](), right))})"
        case ast.Constant(bool() as value):
            yield str(not value)
        case ast.Constant(int() as value):
            yield str(value + 1)
        case ast.Return(ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "return None"
        case ast.IfExp(test, body, orelse):
            yield f"({ast.unparse(orelse)} if {ast.unparse(test)} else {ast.unparse(body)})"
        case ast.Expr(ast.Call()):
            yield "pass"
        case ast.Raise(ast.expr()):
            yield "pass"


def _is_text(*sides: ast.expr) -> bool:
    return any(
        isinstance(side, (ast.Constant, ast.JoinedStr))
        and isinstance(getattr(side, "value", ""), str)
        for side in sides
    )


def drawn(package: str, count: int) -> list[Mutant]:
    """`count` of them, the same ones of the same code."""
    return sorted(mutants(package), key=lambda one: hashlib.sha256(one.name.encode()).digest())[
        :count
    ]


def harmless() -> dict[str, str]:
    """Mutants that change nothing that anybody could notice, each with the reason."""
    return {
        one["mutant"]: one["why"]
        for one in tomllib.loads(HARMLESS.read_text(encoding="utf-8")).get("harmless", [])
    }


def near(tree: Path, one: Mutant, package: str) -> list[str]:
    """The tests of the package that import the mutant's module: most mutants die there."""
    stem = re.compile(rf"^(from|import) .*\b{Path(one.file).stem}\b", re.M)
    places = [tree / place for place in TESTS[package].split()]
    files = [
        file
        for place in places
        for file in (place.rglob("test_*.py") if place.is_dir() else [place])
    ]
    return [
        str(file.relative_to(tree))
        for file in files
        if stem.search(file.read_text(encoding="utf-8"))
    ]


def is_noticed(tree: Path, one: Mutant, package: str) -> bool:
    """Whether a test fails, or never ends, with the mutant in the tree: those near it first, then all of the package."""
    path = tree / "clavero" / one.file
    raw = path.read_bytes()
    path.write_bytes(raw[: one.start] + one.text.encode() + raw[one.end :])
    try:
        beside = near(tree, one, package)
        return bool(beside and fails(tree, beside)) or fails(tree, TESTS[package].split())
    finally:
        path.write_bytes(raw)


def fails(tree: Path, tests: list[str]) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:randomly", *tests]
    env = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=env, capture_output=True, timeout=WALL, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST + 5)),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def hunted(package: str, count: int, jobs: int = 1) -> dict[str, object]:
    """What became of the drawn mutants of a package."""
    chosen, known = drawn(package, count), harmless()
    chosen = [one for one in chosen if one.name not in known]
    with tempfile.TemporaryDirectory() as folder:
        trees: Queue[Path] = Queue()
        for number in range(jobs):
            tree = Path(folder, str(number))
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
            trees.put(tree)
        if fails(tree, TESTS[package].split()):
            raise SystemExit(
                f"The tests of {package} fail without any mutant: nothing can be said."
            )

        def judge_one(one: Mutant) -> bool:
            tree = trees.get()
            try:
                noticed = is_noticed(tree, one, package)
            finally:
                trees.put(tree)
            print(
                f"{'noticed ' if noticed else 'SURVIVES'} {one.name} (line {one.line})", flush=True
            )
            return noticed

        with ThreadPoolExecutor(jobs) as pool:
            found = list(pool.map(judge_one, chosen))
    survivors = [one.name for one, noticed in zip(chosen, found, strict=True) if not noticed]
    return {
        "there": sum(1 for _ in mutants(package)),
        "tried": len(chosen),
        "noticed": sum(found),
        "survivors": survivors,
    }


def judge(count: int, packages: tuple[str, ...] = tuple(TESTS), jobs: int = 1) -> Said:
    """The share of mutants that tests notice, in each package; survivors are kept for whoever looks at them."""
    held = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for package in packages:
        held[package] = hunted(package, count, jobs)
        RESULTS.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    scores = {name: found["noticed"] / max(1, found["tried"]) for name, found in held.items()}
    line = ", ".join(
        f"{name} {held[name]['noticed']} of {held[name]['tried']} noticed ({score:.0%})"
        for name, score in scores.items()
    )
    survivors = [name for found in held.values() for name in found["survivors"]]
    return Said(min(scores.values()) >= FLOOR, line, "\n".join(survivors))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(TESTS))
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    said = judge(given.mutants, tuple(given.packages), given.jobs)
    print(said.line)
    sys.exit(0 if said.ok else 1)
