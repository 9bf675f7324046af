"""What the screen says, or what happens, in a person's own words → ranked scenarios, or "cannot tell" (B02).

Pure, offline, deterministic. A text is read into features (`wording_reading`, `wording_features`) and each
feature weighs for or against each scenario (`wording_weights`, learned from our own phrases by
`scripts/train_wording.py`). Sums are whole numbers, so every machine says the same. A match says why: the
words of the text that spoke for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from clavero.core import wording_reading, wording_weights
from clavero.core.triage import NONE, SCENARIOS
from clavero.core.wording_features import UNIT, Features, features, values
from clavero.core.wording_reading import Reading

LABELS: tuple[str, ...] = (*SCENARIOS, NONE)
BITS = 64
"""Width of a lane: one whole number holds the weights of all labels, so that one addition adds them all."""
FEWEST, MOST_WORDS = 3, 4


@dataclass(frozen=True)
class Because:
    """Words of the text that spoke for a scenario, as written, and where they stand."""

    words: str
    start: int
    end: int


@dataclass(frozen=True)
class Ranked:
    """`score` is a share of 1 over all scenarios and `none`, from our own cross-validation; `because`, best first."""

    scenario: str
    score: float
    because: tuple[Because, ...]


@dataclass(frozen=True)
class Match:
    """`best`: a scenario or `none`. `ranked`: scenarios, likeliest first, never fewer than three."""

    best: str
    ranked: tuple[Ranked, ...]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """The scenarios alone, likeliest first; none of them where `best` is `none`."""
        return () if self.best == NONE else tuple(each.scenario for each in self.ranked)


def match(text: str) -> Match:
    """The scenarios that `text` may mean. Takes any text; a very long one is read in part (`LONGEST` words)."""
    reading = wording_reading.read(text)
    found = features(reading)
    weights = _weights()
    given = values(found, weights)
    scores = unpack(total(given, weights))
    shares = softmax(score * wording_weights.STEP for score in scores)
    share = dict(zip(LABELS, shares, strict=True))
    order = sorted(SCENARIOS, key=lambda each: -share[each])
    kept = [each for place, each in enumerate(order) if place < FEWEST or share[each] >= 0.02]
    ranked = (
        Ranked(each, round(share[each], 3), _because(reading, found, given, each)) for each in kept
    )
    return Match(_best(order[0], share, bool(given)), tuple(ranked))


def _best(likeliest: str, share: Mapping[str, float], any_known: bool) -> str:
    """The likeliest, unless `none` is as likely, allowing for how often each is right (calibrated in validation)."""
    bold = share[likeliest] * wording_weights.BOLDNESS
    return likeliest if any_known and bold > share[NONE] and share[likeliest] >= wording_weights.LEAST else NONE  # fmt: skip


# --- sums --------------------------------------------------------------------------------------------


def pack(lanes: Iterable[int]) -> int:
    """Whole numbers, one for each label, in one whole number."""
    return sum(value << (BITS * place) for place, value in enumerate(lanes))


def unpack(packed: int) -> list[int]:
    """The numbers that `pack` put together, also after adding and multiplying packed numbers."""
    found, half, whole = [], 1 << (BITS - 1), 1 << BITS
    for _ in LABELS:
        lane = packed & (whole - 1)
        lane -= whole if lane >= half else 0
        found.append(lane)
        packed = (packed - lane) >> BITS
    return found


def total(given: Mapping[str, int], weights: Mapping[str, int]) -> int:
    """The packed sum of value times weight."""
    return sum(value * weights[name] for name, value in given.items())


def softmax(scores: Iterable[float]) -> list[float]:
    """Shares of 1. With sums and products alone, so that no machine's own `exp` decides."""
    given = list(scores)
    most = max(given)
    raised = [_exp(score - most) for score in given]
    return [each / sum(raised) for each in raised]


def _exp(below: float) -> float:
    """About e to the power of a number not above 0."""
    base = max(0.0, 1.0 + below / 1024)
    for _ in range(10):
        base *= base
    return base


@cache
def _weights() -> dict[str, int]:
    """Feature → packed weights, from the generated table; a letter each, the square of its place in the alphabet."""
    found = {}
    for line in wording_weights.TABLE.split("\n"):
        if line:
            name, letters = line.rsplit(" ", 1)
            found[name] = pack(_weight(letter) for letter in letters)
    return found


def _weight(letter: str) -> int:
    place = wording_weights.LETTERS.index(letter) - len(wording_weights.LETTERS) // 2
    return place * abs(place)


# --- why ---------------------------------------------------------------------------------------------


def _because(
    reading: Reading, found: Features, given: Mapping[str, int], scenario: str
) -> tuple[Because, ...]:
    """The words that spoke loudest for `scenario` against the average, neighbours together."""
    loud = _loudness(found, given, scenario)
    best = sorted(loud, key=lambda place: (-loud[place], place))[:MOST_WORDS]
    kept = sorted(place for place in best if loud[place] * 6 > loud[best[0]])
    return tuple(_excerpt(reading, run) for run in _runs(kept))


def _loudness(found: Features, given: Mapping[str, int], scenario: str) -> dict[int, int]:
    """Word → what its features add for the scenario beyond what they add for all; only what is positive."""
    lane = LABELS.index(scenario)
    loud: dict[int, int] = {}
    for name, value in given.items():
        lanes = unpack(_weights()[name])
        gain = value * (lanes[lane] * len(LABELS) - sum(lanes))
        for place in found[name]:
            loud[place] = loud.get(place, 0) + gain // len(found[name])
    return {place: gain for place, gain in loud.items() if gain > 0}


def _runs(places: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for place in places:
        if runs and place - runs[-1][-1] <= 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _excerpt(reading: Reading, run: list[int]) -> Because:
    start, end = reading.tokens[run[0]].start, reading.tokens[run[-1]].end
    return Because(reading.text[start:end], start, end)


__all__ = ["UNIT", "Because", "Match", "Ranked", "match"]
