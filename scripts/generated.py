"""Documents that are written from the code: `keep` writes one, or with `--check` says whether it is fresh."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def keep(name: str, script: str, text: str) -> int:
    """Write `docs/NAME`. With `--check` change nothing: exit 1 and one line where it is stale."""
    path = ROOT / "docs" / name
    text = f"<!-- Written by scripts/{script} from the code. Run `make docs`, never edit it by hand. -->\n\n{text}"
    if "--check" not in sys.argv:
        path.write_text(text, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    print(f"docs/{name} is stale: run make docs")
    return 1


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a bar or line break inside a cell does not break it."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def code(names: Iterable[str]) -> str:
    """Names as code, in the order given; a dash where there is none."""
    return " ".join(f"`{name}`" for name in names) or "–"


def keep_part(name: str, mark: str, text: str) -> int:
    """Write the part of `docs/NAME` between `<!-- MARK -->` and `<!-- /MARK -->`. With `--check` as `keep`."""
    path = ROOT / "docs" / name
    before, _, rest = path.read_text(encoding="utf-8").partition(f"<!-- {mark} -->\n")
    old, _, after = rest.partition(f"<!-- /{mark} -->")
    fresh = f"\n{text}\n\n"
    if old == fresh:
        return 0
    if "--check" in sys.argv:
        print(f"docs/{name} is stale: run make docs")
        return 1
    path.write_text(f"{before}<!-- {mark} -->\n{fresh}<!-- /{mark} -->{after}", encoding="utf-8")
    return 0
