"""How long things took, as a range that says nothing of anybody: pure (G12)."""

from collections.abc import Sequence
from dataclasses import dataclass

STEP = 5
"""Minutes to which a range is rounded, outwards."""
LONGEST = 240
"""A longer one is a number that nobody ended, not a visit."""


@dataclass(frozen=True)
class Spread:
    """From `low` to `high` minutes eight of ten took; `n` were measured."""

    n: int
    low: int
    high: int


def spread(minutes: Sequence[float], least: int) -> Spread | None:
    """The middle eighty of a hundred, rounded outwards; None below `least`, where a range would tell of persons."""
    found = sorted(one for one in minutes if 0 <= one <= LONGEST)
    if len(found) < least:
        return None
    low, high = found[len(found) // 10], found[-1 - len(found) // 10]
    floor = int(low // STEP) * STEP
    return Spread(len(found), floor, max(floor + STEP, -int(-high // STEP) * STEP))
