"""Writes the fonts that papers are set in: the Latin and Latin Extended parts of each weight, joined, as TTF.

A development tool: `scripts/paper_fonts.py FOLDER`, where the folder is `files` of the npm package
`@fontsource/atkinson-hyperlegible-next`. It needs fonttools with brotli, which the product does not: typst reads no WOFF2.
"""

import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parents[1] / "clavero/ui/paper/fonts"


def main() -> int:
    for weight in ("400", "700"):
        _join(Path(sys.argv[1]), weight).save(FONTS / f"atkinson-next-{weight}.ttf")
    return 0


def _join(folder: Path, weight: str) -> TTFont:
    with tempfile.TemporaryDirectory() as made:
        parts = []
        for part in ("latin", "latin-ext"):
            font = TTFont(folder / f"atkinson-hyperlegible-next-{part}-{weight}-normal.woff2")
            font.flavor = None
            parts.append(str(Path(made) / f"{part}.ttf"))
            font.save(parts[-1])
        return Merger().merge(parts)


if __name__ == "__main__":
    sys.exit(main())
