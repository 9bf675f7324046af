"""The phrases the wording matcher learns from: our own, one template a line, a file for each scenario.

`{a|b}` stands for either. A heading `# es chat` says the language and the manner of what follows. A
template keeps its id wherever it stands in its file: the scenario and a checksum of the line.
"""

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "data" / "wordings"
AROUND = "around"
FOLDS = 10


@dataclass(frozen=True)
class Phrase:
    """One reading of a template."""

    template: str
    label: str
    lang: str
    manner: str
    text: str

    @property
    def fold(self) -> int:
        """All phrases of a template are in one fold."""
        return zlib.crc32(self.template.encode()) % FOLDS


def load() -> list[Phrase]:
    """Every phrase of every file, in order."""
    return [each for path in sorted(FOLDER.glob("*.txt")) if path.stem != AROUND for each in _of_file(path)]  # fmt: skip


def _of_file(path: Path) -> list[Phrase]:
    found, lang, manner = [], "", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            lang, manner = line[2:].split(" ", 1)
        elif line:
            name = f"{path.stem}-{zlib.crc32(line.encode()):08x}"
            found += [Phrase(name, path.stem, lang, manner, text) for text in expand(line)]
    return found


def expand(template: str) -> list[str]:
    """The readings of a template: as many as its longest choice has; each choice at least once."""
    parts = re.split(r"\{([^}]*)\}", template)
    choices = [part.split("|") for part in parts[1::2]]
    count = max((len(each) for each in choices), default=1)
    texts = []
    for number in range(count):
        picked = [each[number % len(each)] for each in choices] + [""]
        texts.append(" ".join("".join(a + b for a, b in zip(parts[::2], picked, strict=True)).split()))  # fmt: skip
    return list(dict.fromkeys(texts))


def surrounded(phrase: Phrase) -> str:
    """The phrase with a sentence before or after it that says nothing of the obstacle, chosen by checksum."""
    before, after = (_around(f"{phrase.lang} {side}") for side in ("before", "after"))
    seed = zlib.crc32(phrase.text.encode())
    first, last = before[seed % len(before)], after[seed // 7 % len(after)]
    middle = phrase.text if phrase.text[-1] in ".?!" else phrase.text + "."
    return (f"{first} {phrase.text}", f"{middle} {last}", f"{first} {middle} {last}")[seed // 3 % 3]


def _around(heading: str) -> list[str]:
    found: dict[str, list[str]] = {}
    current = ""
    for line in (FOLDER / f"{AROUND}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            current = line[2:]
        elif line:
            found.setdefault(current, []).append(line)
    return found[heading]
