"""Writes the table of attacks in docs/security.md: row, attack, break, tests, and whether the break was seen to matter."""

import sys

import attacks
from generated import code, keep_part, table

ROWS = range(1, 38)


def text() -> str:
    sources = attacks.tests()
    held = {name for one in attacks.breaks() for name in one.tests}
    rows = [
        (
            one.name,
            one.attack,
            one.out,
            code(one.tests),
            "yes"
            if all(attacks.is_proved(one, name, sources[name].source) for name in one.tests)
            else "not since it changed",
        )
        for one in attacks.breaks()
    ]
    alone = sorted(set(sources) - held)
    without = [f"{row:02}" for row in ROWS if not any(f"_{row:02}_" in name for name in sources)]
    parts = [table(("row", "attack", "taken out", "tests that then fail", "seen to fail"), rows)]
    if alone:
        parts.append(f"Attack tests that have no break yet: {code(alone)}.")
    if without:
        parts.append(f"Rows that have no test of their own name yet: {', '.join(without)}.")
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(keep_part("security.md", "attacks", text()))
