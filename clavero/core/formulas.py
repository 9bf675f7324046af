"""What a spreadsheet would reckon with, in a text that goes out as CSV (OWASP, CSV injection). Pure.

Quotation marks do not help: where a computer's language separates cells by semicolons, a list with commas is cut
at the semicolons inside them, and what stands behind one is a cell of its own.
"""

import re
from collections.abc import Iterator

_CUTS = r",;|\t\r\n"
"""Where some program begins a cell."""
_FILLING = ' \v\f"\u00a0\ufeff'
"""What may stand before the sign: programs take it off, or it ends a quotation."""
_SURE, _PERHAPS = "=@＝＠", "+-＋－"
"""What begins a formula; what begins a number too, and is a formula's where letters follow."""
_SIGNED = rf"([{_FILLING}]*([{_SURE}{re.escape(_PERHAPS)}]))"
_BEGIN, _BEHIND_A_CUT = re.compile(rf"(?:^|[{_CUTS}]){_SIGNED}"), re.compile(rf"[{_CUTS}]{_SIGNED}")


def may_stand_in(text: str) -> bool:
    """Whether a formula may begin in any of many cells, each behind a `|`; sure where it says no."""
    return any(map(text.__contains__, _SURE + _PERHAPS)) and bool(_BEHIND_A_CUT.search(text))


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would reckon with this cell or a part of it; numbers and telephone numbers with a sign are none."""
    return may_stand_in(f"|{cell}") and any(True for _ in _beginnings(cell))


def harmless(cell: str) -> str:
    """The cell with an apostrophe before whatever would be reckoned with."""
    if not may_stand_in(f"|{cell}"):
        return cell
    done, parts = 0, []
    for at in _beginnings(cell):
        parts.append(cell[done:at])
        done = at
    return "'".join((*parts, cell[done:]))


def _beginnings(cell: str) -> Iterator[int]:
    """Where a cell that is reckoned with would begin."""
    last = max((at for at, char in enumerate(cell) if char.isalpha()), default=-1)
    for found in _BEGIN.finditer(cell):
        if found[2] in _SURE or found.start(2) < last:
            yield found.start(1)
