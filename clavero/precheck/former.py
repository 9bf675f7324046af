"""An earlier result in JSON Lines, to say what got better and what got worse (`--since`)."""

import json
from pathlib import Path

from clavero.core import triage
from clavero.core.errors import Refused
from clavero.core.sheet import Row, Verdict
from clavero.precheck.compact import Pile, key_of
from clavero.precheck.files import unreadable

_RANK = {triage.ONLINE: 0, triage.UNKNOWN: 1, triage.CORRECT_DATA: 2, triage.VISIT: 3}
_MOST_REASONS = 15


class Former:
    """The earlier verdicts by employer, as numbers. `met` counts those that stand in the new list too."""

    def __init__(self) -> None:
        self.verdicts = Pile(payload=7)
        self.met = 0

    @property
    def gone(self) -> int:
        """Employers of the earlier list that the new one does not have."""
        return max(0, len(self.verdicts) - self.met)

    def change(self, row: Row, verdict: Verdict) -> str:
        """`better`, `worse` or `same` than before; `new` where it was not there."""
        before = self.verdicts.held(_key(*row.key))
        if before is None:
            return "new"
        self.met += 1
        now = _weight(verdict.route, len(verdict.reasons))
        return "same" if now == before else "better" if now < before else "worse"


def _weight(route: str, reasons: int) -> int:
    return _RANK.get(route, 3) << 4 | min(reasons, _MOST_REASONS)


def _key(person: str, ruc: str, sucursal: str) -> int:
    """An employer: RUC and sucursal; who has no RUC, by the person."""
    return key_of(f"{ruc or person}|{sucursal}", bits=55)


def read(path: Path) -> Former:
    """The verdicts of an earlier result. Raises `Refused`: sheet.since (line), or why it cannot be read."""
    former = Former()
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):  # noqa: B007 (said where it fails)
                if line.strip():
                    _take(former, json.loads(line))
    except OSError as error:
        raise unreadable(error) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused("sheet.since", line=number or 1) from None
    former.verdicts.seal()
    return former


def _take(former: Former, document: dict) -> None:  # type: ignore[type-arg]
    person, ruc, sucursal = (_written(document[name]) for name in ("person", "ruc", "sucursal"))
    former.verdicts.add(
        _key(person, ruc, sucursal), _weight(document["route"], len(document["reasons"]))
    )


def _written(part: dict) -> str:  # type: ignore[type-arg]
    return part["value"] or part["given"] or ""
