"""Writes docs/data.md from privacy/dictionary.toml: what every column is for, on what basis, how long it is kept."""

import sys

from generated import ROOT, keep, table

sys.path.insert(0, str(ROOT))
from clavero.privacy import dictionary


def words(held: dict[str, str]) -> str:
    return table(("name", "what it is"), ((f"`{name}`", says) for name, says in held.items()))


def periods(found: dictionary.Dictionary) -> str:
    rows = ((f"`{name}`", held.says, held.by) for name, held in found.keeps.items())
    return table(("name", "how long", "forgotten by"), rows)


def one(held: dictionary.Table) -> str:
    rows = ((f"`{c.name}`", c.kind, c.purpose, c.keeps) for c in held.columns)
    head = f"### {held.name}\n\nBasis: {held.basis}. Kept: {held.keeps}.\n\n"
    return head + table(("column", "class", "what for", "kept"), rows)


def unkept(found: dictionary.Dictionary) -> str:
    """The tables that the institution shortens itself, said openly."""
    names = [t.name for t in found.tables if found.keeps[t.keeps].by == "the institution"]
    return ", ".join(f"`{name}`" for name in names)


def text() -> str:
    found = dictionary.read()
    return "\n\n".join([
        "# What is stored, what for, and how long",
        "One file, `clavero/privacy/dictionary.toml`, has a line for every column of every table; a test fails for a\n"
        "column without one, for one in clear that should be sealed, and for a period whose function is not there (S-128).",
        "The bases are our reading of the law. The institution's counsel confirms them before anybody's data go in.",
        "Days are the profile's ([profile.md](profile.md#retention)). The worker deletes what is past them, each night from midnight (UTC) on, 500\n"
        "rows at a time; the record keeps how many of which table (`retention_run`). A copy made by `clavero backup` holds what was there\n"
        "then: overwrite copies within the shortest period that you promise.",
        f"**Kept as long as the institution keeps them**: {unkept(found)}.",
        f"## Classes\n\n{words(found.classes)}",
        f"## Bases\n\n{words(found.bases)}",
        f"## Periods\n\n{periods(found)}",
        "## Tables",
        *(one(held) for held in found.tables),
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("data.md", "data_docs.py", text()))
