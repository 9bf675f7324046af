"""Whole numbers by the million in little memory.

A dictionary of a million numbers takes a hundred megabytes; an array takes eight. They stand in parts,
so that whatever looks through them needs the room of one part at a time.
"""

from array import array
from bisect import bisect_left

PARTS = 64


class Parts(list["array[int]"]):
    """Arrays of numbers of up to 63 bits. Whoever adds one chooses its part, so that equal ones meet."""

    def __init__(self) -> None:
        super().__init__(array("q") for _ in range(PARTS))

    def repeated(self) -> set[int]:
        """The numbers that stand here more than once."""
        found: set[int] = set()
        for part in self:
            once: set[int] = set()
            if len(set(part)) < len(part):
                found |= {number for number in part if number in once or once.add(number)}  # type: ignore[func-returns-value]
        return found


class Pile:
    """Numbers, each holding a smaller one of `payload` bits; asked by bisection after `seal`."""

    def __init__(self, payload: int) -> None:
        self.parts, self.payload = Parts(), payload

    def add(self, number: int, held: int) -> None:
        self.parts[number // 1000 % PARTS].append(number << self.payload | held)

    def seal(self) -> None:
        """Sort, part by part."""
        for place, part in enumerate(self.parts):
            self.parts[place] = array("q", sorted(part))

    def held(self, number: int) -> int | None:
        """What was added with `number` (the smallest, where it was added twice), or None."""
        part = self.parts[number // 1000 % PARTS]
        at = bisect_left(part, number << self.payload)
        if at < len(part) and part[at] >> self.payload == number:
            return part[at] & ((1 << self.payload) - 1)
        return None

    def __len__(self) -> int:
        return sum(map(len, self.parts))


def key_of(text: str, bits: int = 61) -> int:
    """A number for a text: the same within one run, and of two others once in 10^12 pairs with 42 bits."""
    return hash(text) & ((1 << bits) - 1)
