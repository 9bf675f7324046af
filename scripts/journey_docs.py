"""Writes docs/journey.md from core/journey.py: the places, the moves, three pictures of them."""

import sys
from collections.abc import Iterable

from generated import ROOT, code, keep, table

sys.path.insert(0, str(ROOT))
from clavero.core import journey
from clavero.core.journey import Move

PICTURES = (
    ("From Validar to a key, online", ("_OPENING", "_ONLINE")),
    ("The visit, before and at the counter", ("_BEFORE_THE_DESK", "_AT_THE_DESK")),
)


def picture(moves: Iterable[Move]) -> str:
    """A Mermaid state diagram; moves that stay, and those open from everywhere, are left to the table."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for move in moves:
        for source in sorted(move.sources):
            if move.target != journey.STAY:
                start = "[*]" if source == journey.START else source
                lines.append(f"    {start} --> {move.target}: {move.name}")
    return "\n".join([*lines, "```"])


def states() -> str:
    rows = []
    for name, says in journey.STATES.items():
        ends = "the end" if name in journey.FINAL else ""
        rows.append((f"`{name}`", says, ends, code(journey.buttons(name, "claimant"))))
    return table(("state", "what it is", "", "what the claimant can do there"), rows)


def sources(move: Move) -> str:
    if move.sources == journey.LIVE:
        return "every live state"
    if journey.LIVE - move.sources and len(journey.LIVE - move.sources) == 1:
        return f"every live state but {code(journey.LIVE - move.sources)}"
    return code(sorted(move.sources))


def moves() -> str:
    rows = (
        (f"`{m.name}`", m.actor, sources(m), "stays" if m.target == journey.STAY else f"`{m.target}`",
         code(m.needs), code(sorted(m.gives)), code(sorted(m.drops)), m.says)
        for m in journey.MOVES.values()
    )  # fmt: skip
    head = ("move", "who", "from", "to", "needs", "may give", "takes away", "what it is")
    return table(head, rows)


def freezes() -> str:
    rows = ((f"`{a}`", f"`{b}`") for a, b in journey.AFTER_FREEZE.items())
    return table(("frozen at", "goes on at"), rows)


def text() -> str:
    pictures = [
        f"## {title}\n\n{picture(move for name in names for move in getattr(journey, name))}"
        for title, names in PICTURES
    ]
    return "\n\n".join([
        "# The journey of a case",
        "One table, `clavero/core/journey.py`, says where a case can be and how it moves. Pages, deeds, the list of states in\n"
        "the database and this page derive from it; `recovery.services.advance` is the only writer. Its laws are tested in\n"
        "`tests/property/test_journey_laws.py`: every state is reached, every live one can end, from every live one there is a\n"
        "way to a key, and no sequence of moves sets a key without proof, nor with one member of staff alone.",
        *pictures,
        "From every live state a case can also be frozen by a contact on record, cancelled, or ended by time: see the table.",
        "## Places", states(),
        "## Moves",
        "`needs` is what the deed checks first; of `may give`, one token at a time is added to the evidence of the case, which\n"
        "[triage.md](triage.md#evidence-what-is-enough-for-what) judges wherever a `grant` is needed.",
        moves(),
        "## After a freeze", freezes(),
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("journey.md", "journey_docs.py", text()))
