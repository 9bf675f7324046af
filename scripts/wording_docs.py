"""Write `docs/wording.md` from the stored results; `--check` fails where it, or they, are stale. Learns nothing."""

import json
import sys
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from scripts.train_wording import RESULTS, WEIGHTS  # noqa: E402

PAGE = ROOT / "docs" / "wording.md"
HEAD = """# The wording matcher

*Written by `scripts/wording_docs.py` from `scripts/data/wording_results.json`.*

`clavero.core.wording.match(text)` reads what a screen says, or what a person says happens, in Spanish or English with any
spelling, and answers with the likeliest scenarios or with `none`: cannot tell. Without network, clock or chance; the
standard library only.

```python
>>> from clavero.core import wording
>>> found = wording.match("me bloqueó la clave x equivocarme")
>>> found.best
'key_blocked'
>>> [each.scenario for each in found.ranked[:3]][0], len(found.ranked) >= 3
('key_blocked', True)
>>> any("bloqueó" in why.words for why in found.ranked[0].because)
True
>>> wording.match("¿a qué hora juega la selección?").best
'none'

```

## How it reads

1. **Words by sound** (`wording_reading.py`): accents, `b` and `v`, `s`, `z` and soft `c`, `h` and chat spelling (`xq`, `toi`)
   make no difference. At most 120 words are read.
2. **Concepts** (`wording_lexicon.py`): a lexicon written by hand, things apart from what is said of them. No pattern has
   more than four words.
3. **What is in order, what is denied**: "el RUC está activo", "RUC, branch and ID all pass" and "no está bloqueada" take a
   thing out of the question.
4. **Weights** (`wording_weights.py`): concepts, concepts that follow each other, words, beginnings and four-letter parts of
   words, each weighed for each scenario. Learned by `scripts/train_wording.py` from our own phrases
   (`scripts/data/wordings/`), in plain Python and whole numbers: the same phrases give the same weights, bit for bit.
5. **Knowing what it does not know**: `none` is a label like the others, learned from greetings, other offices and near
   misses; a scenario is said only where it beats `none` by the margin that validation set, and has a least share.

The words that spoke for a scenario are shown with it, as they stand in the text.

To teach it more: add a line to a file of `scripts/data/wordings/`, run `python scripts/train_wording.py --validate` (some
minutes), then `python scripts/wording_docs.py`. A test learns again and compares every bit.
"""


def page(known: dict[str, Any]) -> str:
    """The whole document."""
    return "\n".join((HEAD, *_figures(known), *_labels(known), *_confusion(known), *_worst(known)))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _figures(known: dict[str, Any]) -> list[str]:
    lines = [
        "## How well", "",
        f"Ten-fold cross-validation over {known['templates']} templates of our own ({known['phrases']} phrases), each template "
        "wholly in one fold and counting once. The lexicon was written with these phrases in view, so that unseen wording "
        "does worse than this table; the development set, which teaches nothing, stands beside it.", "",
        "| texts | right first | right among three | about nothing here, answered `none` |", "|---|--:|--:|--:|",
        f"| own phrases, ten folds | {_percent(known['top1'])} | {_percent(known['top3'])} | {_percent(known['none'])} |",
    ]  # fmt: skip
    if seen := known.get("development"):
        lines.append(f"| development set ({seen['texts']} texts) | {_percent(seen['top1'])} | {_percent(seen['top3'])} | {_percent(seen['none'])} |")  # fmt: skip
    for each in known.get("fresh", ()):
        lines.append(f"| {each['texts']} texts measured before they were learned ({each['manner']}) | {_percent(each['top1'])} | {_percent(each['top3'])} | {_percent(each['none'])} |")  # fmt: skip
    return [*lines, "", f"The weights take {known['bytes'] // 1000} kB.", ""]


def _labels(known: dict[str, Any]) -> list[str]:
    lines = ["## By scenario (ten folds)", "", "| scenario | templates | found | right when said |", "|---|--:|--:|--:|"]  # fmt: skip
    for label, row in known["labels"].items():
        lines.append(f"| `{label}` | {row['templates']} | {_percent(row['recall'])} | {_percent(row['precision'])} |")  # fmt: skip
    return [*lines, ""]


def _confusion(known: dict[str, Any]) -> list[str]:
    labels = list(known["confusion"])
    short = {label: str(number) for number, label in enumerate(labels, start=1)}
    lines = ["## Confusion matrix (ten folds, phrases)", "", "Rows are what was meant, columns what was said, by number.", "",
             "| meant | " + " | ".join(short.values()) + " |", "|---|" + "--:|" * len(labels)]  # fmt: skip
    for label, row in known["confusion"].items():
        cells = (str(row.get(said, "") or "") for said in labels)
        lines.append(f"| {short[label]} `{label}` | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _worst(known: dict[str, Any]) -> list[str]:
    lines = ["## The twenty worst errors (ten folds)", "", "| text | meant | said | share of what was meant |", "|---|---|---|--:|"]  # fmt: skip
    for row in known["worst"]:
        text = row["text"].replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| {text} | `{row['label']}` | `{row['said']}` | {row['share']:.3f} |")
    return [*lines, ""]


def main() -> int:
    known = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = page(known)
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    stale = []
    if known["weights"] != f"{zlib.crc32(WEIGHTS.read_bytes()):08x}":
        stale.append("the results are of other weights: run scripts/train_wording.py --validate")
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        stale.append("docs/wording.md is stale: run scripts/wording_docs.py")
    print("\n".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
