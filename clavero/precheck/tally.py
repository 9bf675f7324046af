"""What a whole list comes to: how many of each route and reason, whom to call first, what is written wrong."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from clavero.core.sheet import EMPTY
from clavero.precheck.checking import HEADER_AGAIN, NEEDS_NOTHING, Judged, Run

FIRST = 500
"""How many of the most urgent rows are kept."""


@dataclass
class Tally:
    """Counts of a finished run. `with_findings`: rows in which something was found (exit status 1)."""

    rows: int = 0
    with_findings: int = 0
    empty: int = 0
    repairs: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    _urgent: list[tuple[int, int, Judged]] = field(default_factory=list)

    def add(self, judged: Judged) -> None:
        self.rows += 1
        if judged.silent and not judged.change:
            return
        verdict = judged.judgement.verdict
        if not judged.is_plain:
            self._add_long(judged)
        elif judged.sucursal is not None and judged.sucursal.repairs:
            self.repairs["sucursal.padded"] += 1
            self.with_findings += 1
        elif judged.notes or verdict.reasons:
            self.with_findings += 1
        if judged.notes:
            self.notes.update([note.code for note in judged.notes])
        if judged.change:
            self.changes[judged.change] += 1
        if verdict.order < NEEDS_NOTHING and (
            len(self._urgent) < FIRST or verdict.order < -self._urgent[0][0]
        ):
            self._keep(verdict.order, judged)

    def _add_long(self, judged: Judged) -> None:
        row = judged.row
        self.repairs.update([repair.code for repair in row.repairs])
        self.empty += row is EMPTY or row is HEADER_AGAIN
        self.with_findings += bool(row.repairs or judged.notes or judged.verdict.reasons)

    def _keep(self, order: int, judged: Judged) -> None:
        """The most urgent rows in a heap whose top is the least urgent of them."""
        entry = (-order, -judged.number, judged)
        (heapq.heappush if len(self._urgent) < FIRST else heapq.heappushpop)(self._urgent, entry)

    @property
    def urgent(self) -> list[Judged]:
        """The most urgent rows, first come first where two are equal."""
        return [
            judged for *_, judged in sorted(self._urgent, key=lambda entry: (-entry[0], -entry[1]))
        ]


def routes(run: Run) -> Counter[str]:
    """Rows by route. Empty rows count nowhere."""
    found: Counter[str] = Counter()
    for case, judgement in run.judgements.items():
        if not set(case[0].faults) & {"row.empty", "row.header_again"}:
            found[judgement.verdict.route] += judgement.count
    return found


def reasons(run: Run) -> Counter[tuple[str, str, str]]:
    """Rows by (reason, state of the RUC, route). A row counts once for each of its reasons."""
    found: Counter[tuple[str, str, str]] = Counter()
    for judgement in run.judgements.values():
        for code in dict.fromkeys(judgement.verdict.reasons):
            state = judgement.state if code == "ruc_not_active" else ""
            found[code, state, judgement.verdict.route] += judgement.count
    return found


def doubts(run: Run) -> Counter[str]:
    """Rows by doubt."""
    found: Counter[str] = Counter()
    for judgement in run.judgements.values():
        for code in judgement.verdict.doubts:
            found[code] += judgement.count
    return found


def days(run: Run) -> Counter[tuple[date | None, date | None, bool, str]]:
    """Rows by (ready from, ready to, only after the contributions are due, route)."""
    found: Counter[tuple[date | None, date | None, bool, str]] = Counter()
    for judgement in run.judgements.values():
        verdict = judgement.verdict
        found[verdict.ready_from, verdict.ready_to, verdict.late, verdict.route] += judgement.count
    return found


def offered(run: Run) -> int:
    """Rows that only need what is offered to be accepted."""
    return sum(
        each.count for each in run.judgements.values() if each.verdict.next == "accept_repairs"
    )


def needing(run: Run) -> int:
    """Rows that need something."""
    return sum(each.count for each in run.judgements.values() if each.verdict.order < NEEDS_NOTHING)
