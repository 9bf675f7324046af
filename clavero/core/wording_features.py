"""What a reading tells the model: named features, each with the words it stands on.

`c:` a concept, `o:` a thing in order, `z:` a state denied, `a:` a concept soon after another in one
sentence, `w:` a word, `k:` a word of a thing in order, `p:` how a long word begins, `g:` four letters of
it, `n:` how much there is. A feature is there or not; its value depends only on how many of its kind are.
"""

from collections.abc import Iterator, Mapping
from math import isqrt

from clavero.core import wording_reading
from clavero.core.wording_reading import Mention, Reading

Features = dict[str, tuple[int, ...]]
"""Feature → the places of the words it stands on."""

UNIT = 256
WEIGHT: dict[str, int] = {"concept": 320, "follows": 100, "word": 220, "gram": 180}
"""The length of each kind's part of the vector, in 256ths: however many features a kind has, it weighs the same."""
KIND: dict[str, str] = {
    "c": "concept", "o": "concept", "z": "concept", "n": "concept", "a": "follows",
    "w": "word", "k": "word", "p": "word", "g": "gram",
}  # fmt: skip
_NEAR, _AHEAD = 7, 5
_STEM, _GRAM = 5, 4


def features(reading: Reading) -> Features:
    """Every feature of a reading."""
    parts = wording_reading.segments(reading)
    denied = wording_reading.denied(reading, parts)
    order = wording_reading.in_order(reading, parts) - denied
    live = tuple(each for each in reading.mentions if each not in denied and each not in order)
    found: dict[str, set[int]] = {}
    for name, places in (
        *_concepts(live, "c"), *_concepts(order, "o"), *_concepts(denied, "z"),
        *_forgotten(reading, parts), *_following(reading, live), *_counts(reading, live), *_words(reading, order),
    ):  # fmt: skip
        found.setdefault(name, set()).update(places)
    return {name: tuple(sorted(places)) for name, places in found.items()}


Named = Iterator[tuple[str, range]]


def _concepts(mentions: tuple[Mention, ...] | frozenset[Mention], kind: str) -> Named:
    for each in sorted(mentions):
        yield f"{kind}:{each.concept}", range(each.first, each.last)


def _forgotten(reading: Reading, parts: list[int]) -> Named:
    """ "No … me acuerdo": remembering, denied, is forgetting."""
    for each in reading.mentions:
        if each.concept == "remember" and wording_reading.is_negated(reading, parts, each.first):
            yield "c:forgot", range(each.first, each.last)


def _following(reading: Reading, live: tuple[Mention, ...]) -> Named:
    sentence = wording_reading.sentences(reading)
    for number, one in enumerate(live):
        for other in live[number + 1 : number + 1 + _AHEAD]:
            near = other.first - one.first <= _NEAR and other.concept != one.concept
            if near and sentence[one.first] == sentence[other.first]:
                yield f"a:{one.concept}>{other.concept}", range(one.first, other.last)


def _counts(reading: Reading, live: tuple[Mention, ...]) -> Named:
    names = {each.concept for each in live}
    yield f"n:length{min(6, len(reading.tokens) // 4)}", range(0)
    yield f"n:concepts{min(6, len(names))}", range(0)


def _words(reading: Reading, order: frozenset[Mention]) -> Named:
    settled = {place for each in order for place in range(each.first, each.last)}
    for place, token in enumerate(reading.tokens):
        where = range(place, place + 1)
        yield f"{'k' if place in settled else 'w'}:{token.sound}", where
        if place not in settled:
            yield from ((name, where) for name in _parts(token.sound))


def _parts(heard: str) -> Iterator[str]:
    if len(heard) > _STEM:
        yield f"p:{heard[:_STEM]}"
    if len(heard) >= _GRAM:
        bounded = f"^{heard}$"
        for first in range(len(bounded) - _GRAM + 1):
            yield f"g:{bounded[first : first + _GRAM]}"


def values(found: Features, known: Mapping[str, int]) -> dict[str, int]:
    """The known features with their values in 256ths: the same total for each kind, shared by its features."""
    count: dict[str, int] = {}
    for name in found:
        if name in known:
            count[KIND[name[0]]] = count.get(KIND[name[0]], 0) + 1
    share = {kind: _share(WEIGHT[kind], number) for kind, number in count.items()}
    return {name: share[KIND[name[0]]] for name in found if name in known}


def _share(weight: int, number: int) -> int:
    """`weight` / √`number`, rounded, in whole numbers: the same on every machine."""
    return (isqrt(4 * weight * weight // number) + 1) // 2
