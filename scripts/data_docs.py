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
    """The tables that this version never shortens, said openly."""
    names = [t.name for t in found.tables if found.keeps[t.keeps].by == "nothing yet"]
    return ", ".join(f"`{name}`" for name in names)


def text() -> str:
    found = dictionary.read()
    return "\n\n".join([
        "# What is stored, what for, and how long",
        "One file, `clavero/privacy/dictionary.toml`, has a line for every column of every table; a test fails for a\n"
        "column without one, for one in clear that should be sealed, and for a period whose function is not there (S-128).",
        "The bases are our reading of the law. The institution's counsel confirms them before anybody's data go in.",
        f"**Not forgotten by itself yet**: {unkept(found)}. The institution's schedule rules there.",
        "**In clear, and personal**: the officer's notes in `desk_visit.marks`. They are still to be sealed.",
        f"## Classes\n\n{words(found.classes)}",
        f"## Bases\n\n{words(found.bases)}",
        f"## Periods\n\n{periods(found)}",
        "## Tables",
        *(one(held) for held in found.tables),
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("data.md", "data_docs.py", text()))
