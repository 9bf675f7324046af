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
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

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
NOTICED, SURVIVES = "noticed", "SURVIVES"
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
    nth: int = 1

    @property
    def name(self) -> str:
        """What is changed into what; the same in another place of the file has a number."""
        squeezed = (" ".join(part.split())[:90] for part in (self.before, self.text))
        place = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.file}: {' → '.join(squeezed)}{place}"


def mutants(package: str) -> Iterator[Mutant]:
    """Every wrong turn of a package."""
    for path in sorted((ROOT / "clavero" / package).rglob("*.py")):
        name = path.relative_to(ROOT / "clavero").as_posix()
        if "migrations" in path.parts or name in WORDS_ALONE:
            continue
        found = _of_file(name, path.read_text(encoding="utf-8"))
        seen: Counter[str] = Counter()
        for one in sorted(found, key=lambda each: (each.start, each.text)):
            seen[one.name] += 1
            yield replace(one, nth=seen[one.name])


def _of_file(name: str, source: str) -> Iterator[Mutant]:
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line.encode()))
    raw = source.encode()
    tree = ast.parse(source)
    shapes = {part for node in ast.walk(tree) for one in _shapes(node) for part in ast.walk(one)}
    for node in ast.walk(tree):
        if node in shapes:
            continue
        for wrong in _wrong(node):
            start = offsets[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
            end = offsets[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
            yield Mutant(name, node.lineno, start, end, raw[start:end].decode(), wrong)  # type: ignore[attr-defined]


def _shapes(node: ast.AST) -> list[ast.expr]:
    """What says how something is built and decides nothing: decorators, and columns, which the check of migrations holds."""
    is_column = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("models.")
    return [node] if is_column and isinstance(node, ast.Call) else list(getattr(node, "decorator_list", ()))  # fmt: skip


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


def hunted(
    package: str, count: int, held: dict[str, str], keep: Callable[[str, bool], None]
) -> None:
    """Try the drawn mutants of a package that nobody tried or that survived; `keep` hears of each at once."""
    known = harmless()
    chosen = [one for one in drawn(package, count) if one.name not in known]
    open_ = [one for one in chosen if held.get(one.name) != NOTICED]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
        if open_ and fails(tree, TESTS[package].split()):
            raise SystemExit(
                f"The tests of {package} fail without any mutant: nothing can be said."
            )
        for one in open_:
            noticed = is_noticed(tree, one, package)
            print(f"{NOTICED if noticed else SURVIVES} {one.name} (line {one.line})", flush=True)
            keep(one.name, noticed)


def judge(count: int, packages: tuple[str, ...] = tuple(TESTS)) -> Said:
    """The share of mutants that tests notice, in each package; what became of each is kept at once, so that a run may be stopped.

    A mutant that was noticed is not tried again while its code stands: delete `RESULTS` to try all anew.
    """
    held: dict[str, dict[str, str]] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}  # fmt: skip
    for package in packages:
        of_package = held.setdefault(package, {})

        def keep(name: str, noticed: bool, of_package: dict[str, str] = of_package) -> None:
            of_package[name] = NOTICED if noticed else SURVIVES
            text = json.dumps(held, indent=1, ensure_ascii=False, sort_keys=True)
            RESULTS.write_text(text + "\n", encoding="utf-8")

        hunted(package, count, of_package, keep)
    return said(held)


def said(held: dict[str, dict[str, str]]) -> Said:
    """What is kept, in one line, with the survivors. What is no mutant of today's code any more, or harmless, is left out."""
    known, lines, shares, survivors = harmless(), [], [], []
    for package in held:
        there = {one.name for one in mutants(package)} - set(known)
        tried = {name: how for name, how in held[package].items() if name in there}
        noticed = sum(how == NOTICED for how in tried.values())
        shares.append(noticed / max(1, len(tried)))
        lines.append(
            f"{package} {noticed} of {len(tried)} noticed ({shares[-1]:.0%}), of {len(there)} there"
        )
        survivors += [name for name, how in tried.items() if how != NOTICED]
    return Said(bool(shares) and min(shares) >= FLOOR, "; ".join(lines), "\n".join(survivors))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=list(TESTS))
    parser.add_argument("--mutants", type=int, default=300)
    given = parser.parse_args()
    found = judge(given.mutants, tuple(given.packages))
    print(found.line)
    sys.exit(0 if found.ok else 1)
