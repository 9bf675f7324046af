"""Learn the wording matcher's weights from our own phrases; with --validate, judge it in ten folds.

Plain Python, whole numbers throughout: the same phrases give the same weights on every machine, bit for
bit. Writes `clavero/core/wording_weights.py` and, with --validate, `scripts/data/wording_results.json`,
from which `scripts/wording_docs.py` writes `docs/wording.md`; what stands there as `fresh` was measured once, before it
was learned, and stays. `--check` writes nothing and fails where the
committed weights are not what the phrases give.
"""

import csv
import json
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from clavero.core import wording, wording_reading  # noqa: E402
from clavero.core.triage import NONE, SCENARIOS  # noqa: E402
from clavero.core.wording import LABELS, pack, softmax, unpack  # noqa: E402
from clavero.core.wording_features import UNIT, Features, features, values  # noqa: E402
from scripts.wording_phrases import FOLDS, Phrase, load, surrounded  # noqa: E402

WEIGHTS = ROOT / "clavero" / "core" / "wording_weights.py"
RESULTS = ROOT / "scripts" / "data" / "wording_results.json"
LETTERS = "".join(chr(code) for code in range(40, 126) if chr(code) != "\\")
EPOCHS, RATE, KEEP, PRECISION = 12, 300, (98, 100), 1 << 24
"""Rate in 256ths; after each epoch every weight keeps KEEP of itself."""
LEAST_TEMPLATES = 2
"""A feature that fewer templates have is not learned."""
SURROUNDED = 128
"""What a phrase with a sentence around it counts, in 256ths of the plain one."""


@dataclass(frozen=True)
class Example:
    """A phrase as the learner sees it: named features with values, the label's place, how much it counts."""

    phrase: Phrase
    found: Mapping[str, tuple[int, ...]]
    label: int
    counts: int


def examples(phrases: Iterable[Phrase]) -> list[Example]:
    """Each phrase, and each of a scenario once more with a sentence around it. The readings of a template share its weight."""
    given = list(phrases)
    siblings = Counter(each.template for each in given)
    made = []
    for phrase in given:
        label, share = LABELS.index(phrase.label), 256 // _root(siblings[phrase.template])
        made.append(Example(phrase, features(wording_reading.read(phrase.text)), label, share))
        if phrase.label != NONE:
            around = features(wording_reading.read(surrounded(phrase)))
            made.append(Example(phrase, around, label, share * SURROUNDED // 256))
    return made


def _root(number: int) -> int:
    return max(1, round(number**0.5))


def vocabulary(given: Iterable[Example]) -> dict[str, int]:
    """The features that enough templates have, in order."""
    having: dict[str, set[str]] = {}
    for example in given:
        for name in example.found:
            having.setdefault(name, set()).add(example.phrase.template)
    return {name: 0 for name in sorted(having) if len(having[name]) >= LEAST_TEMPLATES}


def learn(given: list[Example]) -> dict[str, int]:
    """Feature → packed weights, in units of 1 / PRECISION: logistic regression by small steps, whole numbers."""
    weights = vocabulary(given)
    seen = [(values(each.found, weights), each.label, each.counts) for each in given]
    for epoch in range(EPOCHS):
        rate = RATE * 4 // (4 + epoch)
        for place in _order(len(seen), epoch):
            _step(weights, *seen[place], rate)
        _shrink(weights)
    return weights


def _order(count: int, epoch: int) -> list[int]:
    return sorted(range(count), key=lambda place: zlib.crc32(f"{epoch} {place}".encode()))


def _step(
    weights: dict[str, int], given: dict[str, int], label: int, counts: int, rate: int
) -> None:
    scores = unpack(wording.total(given, weights))
    shares = softmax(score / (UNIT * PRECISION) for score in scores)
    pull = rate * counts * (PRECISION // UNIT) / 65536
    move = pack(round(pull * ((place == label) - share)) for place, share in enumerate(shares))
    for name, value in given.items():
        weights[name] += value * move


def _shrink(weights: dict[str, int]) -> None:
    kept, of = KEEP
    for name, packed in weights.items():
        weights[name] = pack(lane * kept // of for lane in unpack(packed))


# --- the committed form ------------------------------------------------------------------------------


def letters(weights: Mapping[str, int]) -> tuple[dict[str, str], float]:
    """Each weight as a letter, the square of whose place is the weight; and the size of one unit."""
    lanes = {name: unpack(packed) for name, packed in weights.items()}
    most = max(abs(lane) for row in lanes.values() for lane in row)
    half = len(LETTERS) // 2
    rows = {
        name: "".join(LETTERS[half + _place(lane, most, half)] for lane in row)
        for name, row in lanes.items()
    }
    step = most / (half * half) / PRECISION / UNIT
    blank = LETTERS[half] * len(LABELS)
    return {name: row for name, row in rows.items() if row != blank}, step


def _place(lane: int, most: int, half: int) -> int:
    size = round((abs(lane) * half * half / most) ** 0.5)
    return size if lane >= 0 else -size


def module(rows: Mapping[str, str], step: float, boldness: float, least: float) -> str:
    """The text of `wording_weights.py`."""
    table = "\n".join(f"{name} {row}" for name, row in sorted(rows.items()))
    return (
        '"""Written by scripts/train_wording.py: do not edit. What each feature weighs for each scenario."""\n\n'
        f"STEP = {step!r}\nBOLDNESS = {boldness!r}\nLEAST = {least!r}\n"
        f'LETTERS = "{LETTERS}"\n'
        f'TABLE = """\n{table}\n"""\n'
    )


# --- judging -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guess:
    """What the matcher, not having seen its template, made of a phrase: shares of all labels."""

    phrase: Phrase
    shares: tuple[float, ...]

    def best(self, boldness: float, least: float) -> str:
        """As `core.wording` decides."""
        share = dict(zip(LABELS, self.shares, strict=True))
        likeliest = max(SCENARIOS, key=lambda each: share[each])
        bold = share[likeliest] * boldness > share[NONE] and share[likeliest] >= least
        return likeliest if bold else NONE

    def first(self, count: int) -> list[str]:
        """The likeliest scenarios."""
        share = dict(zip(LABELS, self.shares, strict=True))
        return sorted(SCENARIOS, key=lambda each: -share[each])[:count]


def guesses(fold: int) -> list[Guess]:
    """The phrases of one fold, judged by what the other nine teach."""
    given = examples(load())
    weights = learn([each for each in given if each.phrase.fold != fold])
    seen: dict[Phrase, Guess] = {}
    for example in given:
        if example.phrase.fold == fold and example.phrase not in seen:
            seen[example.phrase] = Guess(example.phrase, _shares(weights, example.found))
    return list(seen.values())


def _shares(weights: Mapping[str, int], found: Features) -> tuple[float, ...]:
    scores = unpack(wording.total(values(found, weights), weights))
    return tuple(round(each, 6) for each in softmax(score / (UNIT * PRECISION) for score in scores))


def validated() -> list[Guess]:
    """Every phrase, judged in ten folds."""
    with ProcessPoolExecutor(2) as pool:
        return [each for fold in pool.map(guesses, range(FOLDS)) for each in fold]


NONE_AIM = 0.92


def calibrate(given: list[Guess]) -> tuple[float, float]:
    """How bold to be: as bold as leaves NONE_AIM of the texts about nothing here unanswered."""
    least = 0.2
    for boldness in (each / 20 for each in range(40, 3, -1)):
        if accuracy([g for g in given if g.phrase.label == NONE], boldness, least) >= NONE_AIM:
            return boldness, least
    return 0.2, least


def accuracy(given: list[Guess], boldness: float, least: float) -> float:
    """The share that is right, each template counting once."""
    return _share_of(given, lambda guess: guess.best(boldness, least) == guess.phrase.label)


def _share_of(given: list[Guess], is_right: Callable[[Guess], bool]) -> float:
    templates: dict[str, list[bool]] = {}
    for guess in given:
        templates.setdefault(guess.phrase.template, []).append(is_right(guess))
    return sum(sum(each) / len(each) for each in templates.values()) / max(1, len(templates))


def results(given: list[Guess], boldness: float, least: float) -> dict[str, object]:
    """What the documents quote."""
    within = [each for each in given if each.phrase.label != NONE]
    without = [each for each in given if each.phrase.label == NONE]
    return {
        "phrases": len(given), "templates": len({each.phrase.template for each in given}),
        "boldness": boldness, "least": least,
        "top1": round(accuracy(within, boldness, least), 4),
        "top3": round(_share_of(within, lambda guess: guess.phrase.label in guess.first(3)), 4),
        "none": round(accuracy(without, boldness, least), 4),
        "labels": {label: _of_label(given, label, boldness, least) for label in LABELS},
        "confusion": {label: _row(given, label, boldness, least) for label in LABELS},
        "worst": _worst(given, boldness, least),
    }  # fmt: skip


def _of_label(given: list[Guess], label: str, boldness: float, least: float) -> dict[str, float]:
    mine = [each for each in given if each.phrase.label == label]
    called = [each for each in given if each.best(boldness, least) == label]
    right = [each for each in called if each.phrase.label == label]
    return {
        "templates": len({each.phrase.template for each in mine}),
        "recall": round(accuracy(mine, boldness, least), 4),
        "precision": round(len(right) / max(1, len(called)), 4),
    }


def _row(given: list[Guess], label: str, boldness: float, least: float) -> dict[str, int]:
    return dict(
        sorted(Counter(g.best(boldness, least) for g in given if g.phrase.label == label).items())
    )


def _worst(given: list[Guess], boldness: float, least: float) -> list[dict[str, object]]:
    wrong = [each for each in given if each.best(boldness, least) != each.phrase.label]
    wrong.sort(
        key=lambda guess: (guess.shares[LABELS.index(guess.phrase.label)], guess.phrase.text)
    )
    return [
        {"text": g.phrase.text, "label": g.phrase.label, "said": g.best(boldness, least), "share": round(g.shares[LABELS.index(g.phrase.label)], 3)}
        for g in wrong[:20]
    ]  # fmt: skip


def development() -> dict[str, object] | None:
    """The figures on the shared development set, which teaches nothing; None where it is not at hand."""
    path = ROOT.parent / "shared" / "data" / "wordings.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["label"], {row["label"], *row["also_ok"].split()}, wording.match(row["text"])) for row in csv.DictReader(file)]  # fmt: skip
    within = [(ok, found) for label, ok, found in rows if label != NONE]
    without = [found for label, _, found in rows if label == NONE]
    return {
        "texts": len(rows),
        "top1": round(sum(found.best in ok for ok, found in within) / len(within), 4),
        "top3": round(sum(bool(ok & {each.scenario for each in found.ranked[:3]}) for ok, found in within) / len(within), 4),
        "none": round(sum(found.best == NONE for found in without) / len(without), 4),
    }  # fmt: skip


# --- the command -------------------------------------------------------------------------------------


def trained(boldness: float, least: float) -> str:
    """The text of the weights' module that the phrases give."""
    rows, step = letters(learn(examples(load())))
    return module(rows, step, boldness, least)


def main() -> int:
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    if "--check" in sys.argv:
        fresh = trained(known["boldness"], known["least"]) == WEIGHTS.read_text(encoding="utf-8")
        print("fresh" if fresh else "the weights are not what the phrases give: train again")
        return 0 if fresh else 1
    if "--validate" in sys.argv:
        given = validated()
        boldness, least = calibrate(given)
        known = {"fresh": known.get("fresh", [])} | results(given, boldness, least)
    WEIGHTS.write_text(trained(known["boldness"], known["least"]), encoding="utf-8")
    _measure(known)
    return 0


def _measure(known: dict[str, object]) -> None:
    """The development set's figures with the weights just written, in a process that reads them anew."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        known["development"] = pool.submit(development).result() or known.get("development")
    known["weights"] = f"{zlib.crc32(WEIGHTS.read_bytes()):08x}"
    known["bytes"] = WEIGHTS.stat().st_size
    RESULTS.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(
        {name: known[name] for name in ("top1", "top3", "none", "boldness", "development", "bytes")}
    )


if __name__ == "__main__":
    sys.exit(main())
