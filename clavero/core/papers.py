"""What to bring to a visit: the profile's catalogue, asked for one case (F04). Pure.

A line of the catalogue names the cases it is for: a scenario code (`first_key`), a kind of employer
(`domestic`), who goes (`third_party`), or several that must hold together (`first_key+domestic`); `*`
is every visit. Before proof nothing but declared answers and public facts may be handed in here (S-058).
"""

from collections.abc import Collection, Iterable
from datetime import date

from clavero.core.profile import Paper

EVERY_VISIT = "*"
WHO_GOES = ("third_party", "liquidator", "heir")
"""Who may go instead of the one who represents the employer; each has papers of their own (D17)."""
IDENTITY = frozenset(("id_card", "foreign_id", "goer_card"))
"""Papers that the desk looks at as items of identity (`core.counter`)."""
SHEETS = ("request", "agreement", "authorisation")
"""The papers to sign that are handed out filled in (F16)."""


def cases_of(reasons: Iterable[str], kind: str, declared: Iterable[str]) -> frozenset[str]:
    """The words that a catalogue line may name: codes of reasons, the kind of employer, what was declared."""
    return frozenset((EVERY_VISIT, kind, *reasons, *declared))


def needed(
    catalogue: Iterable[Paper],
    reasons: Iterable[str],
    kind: str,
    declared: Collection[str],
    on: date,
) -> tuple[Paper, ...]:
    """The papers for one case, in the catalogue's order, as asked for on that day."""
    said = cases_of(reasons, kind, declared)
    return tuple(paper for paper in catalogue if _in_force(paper, on) and _is_for(paper, said))


def _in_force(paper: Paper, on: date) -> bool:
    return paper.valid_from <= on and (paper.valid_until is None or on <= paper.valid_until)


def _is_for(paper: Paper, said: frozenset[str]) -> bool:
    if said & set(paper.unless):
        return False
    return any(said.issuperset(case.split("+")) for case in paper.cases)


def to_see(papers: Iterable[Paper]) -> tuple[str, ...]:
    """What an officer must have seen among `papers`, besides the person's identity."""
    return tuple(paper.code for paper in papers if paper.required and paper.code not in IDENTITY)


def to_sign(papers: Iterable[Paper]) -> tuple[str, ...]:
    """The sheets among `papers` that we fill in, each once."""
    return tuple(dict.fromkeys(paper.sheet for paper in papers if paper.sheet))


def to_send(papers: Iterable[Paper]) -> tuple[str, ...]:
    """Those of which a photo may be sent before the visit: what the profile says, and never a document of identity."""
    return tuple(paper.code for paper in papers if paper.photo and paper.code not in IDENTITY)
