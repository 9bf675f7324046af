"""The attacks and their breaks, as they stand in the tree: what `check_attacks.py` runs and `attacks_docs.py` writes."""

import ast
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

BREAKS = ROOT / "tests" / "attacks" / "breaks"
PROVED = BREAKS / "proved.json"
"""What the last run of `make check-attacks` proved: break → test → fingerprint of both."""


@dataclass(frozen=True)
class Break:
    """The smallest change that takes a defence out, and the tests that must fail with it."""

    name: str
    attack: str
    out: str
    tests: tuple[str, ...]
    text: str

    @property
    def row(self) -> str:
        return self.name[:2]


def breaks() -> list[Break]:
    """Every `NN.patch`, in order. Raises ValueError for one without its three lines at the head."""
    return [_read(path) for path in sorted(BREAKS.glob("*.patch"))]


def _read(path: Path) -> Break:
    text = path.read_text(encoding="utf-8")
    head, _, _ = text.partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines())
    if list(said) != ["Attack", "Break", "Tests"]:
        raise ValueError(f"{path.name} begins with Attack:, Break:, Tests: and an empty line")
    return Break(path.stem, said["Attack"], said["Break"], tuple(said["Tests"].split()), text)


@dataclass(frozen=True)
class Test:
    """An attack test: where it stands (the same race may stand in both lanes), and its source."""

    files: tuple[Path, ...]
    source: str


def tests() -> dict[str, Test]:
    """Every `test_attack_NN_…` of the tree, by name."""
    found: dict[str, Test] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "def test_attack_" not in text:
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_attack_"):
                before = found.get(node.name, Test((), ""))
                source = before.source + (ast.get_source_segment(text, node) or "")
                found[node.name] = Test((*before.files, path), source)
    return found


def fingerprint(one: Break, source: str) -> str:
    """Changes when the break or the test does: what was proved of them before is proved no longer."""
    return hashlib.sha256(f"{one.text}\0{source}".encode()).hexdigest()[:16]


def proved() -> dict[str, dict[str, str]]:
    if not PROVED.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(PROVED.read_text(encoding="utf-8"))
    return found


def is_proved(one: Break, name: str, source: str) -> bool:
    """Whether the last run saw this test fail with this break, both as they stand now."""
    return proved().get(one.name, {}).get(name) == fingerprint(one, source)
