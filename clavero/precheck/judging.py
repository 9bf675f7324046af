"""A kept list, judged: read from its pieces, every result written at once, put back as pieces."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from clavero import words
from clavero.core.sheet import Plan
from clavero.institution import profile
from clavero.precheck import checking, files, kept, pieces, report, services, writing
from clavero.precheck.checking import Judged, Run
from clavero.precheck.models import Piece, SentList
from clavero.precheck.services import KINDS
from clavero.precheck.tally import Tally


def judge(sent: SentList, folder: Path) -> None:
    """Judge what was taken, in `folder`, which nobody else reads. Raises `Refused`: sheet codes; `kept.Lost`."""
    here, most = sent.made_at.astimezone(words.ZONE), services.limits()
    since = folder / "since" if Piece.SINCE in pieces.kinds(sent) else None
    earlier = services.earlier(since and _laid_out(sent, Piece.SINCE, since))
    with files.opened(_laid_out(sent, Piece.SENT, folder / "list"), most) as source:
        run = checking.prepare(
            source, Plan.of(profile(), here.date()), services.register(), limits=most, former=earlier
        )  # fmt: skip
        counted = Tally()

        def finished() -> dict[str, Any]:
            return report.facts(run, counted, sent.name, here)

        with _results(sent, folder, run, finished) as add:
            for judged in checking.check(run, lambda done, total: kept.go_on(sent, done, total)):
                counted.add(judged)
                add(judged)
        _put_back(sent, folder, run)
        kept.finish(sent, finished())


def _laid_out(sent: SentList, kind: str, path: Path) -> Path:
    with path.open("wb") as file:
        for block in pieces.read(sent, kind):
            file.write(block)
    return path


@contextmanager
def _results(
    sent: SentList, folder: Path, run: Run, finished: Callable[[], report.Facts]
) -> Iterator[writing.Add]:
    """Every kind of file, each to which every row is added."""
    with ExitStack() as stack:
        adds = [
            stack.enter_context(
                writing.result(kind, str(folder / kind), run, sent.language, finished)
            )
            for kind in KINDS
        ]

        def add(judged: Judged) -> None:
            for each in adds:
                each(judged)

        yield add


def _put_back(sent: SentList, folder: Path, run: Run) -> None:
    """The results as pieces. The list stays its worker's meanwhile."""
    for kind in KINDS:
        kept.go_on(sent, run.found.total, run.found.total)
        pieces.keep(sent, kind, folder / kind)
