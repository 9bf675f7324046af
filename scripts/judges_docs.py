"""Writes into docs/security.md what the outside judges and the timed comparison said last (scripts/data/judged.json, timed.json)."""

import json
import sys

from generated import ROOT, keep_part, table

DATA = ROOT / "scripts" / "data"


def judges() -> str:
    held = json.loads((DATA / "judged.json").read_text(encoding="utf-8"))
    rows = (
        (name, one["standards"], one["verdict"], one["line"], one["on"])
        for name, one in held.items()
    )
    return table(("judge", "looks at", "verdict", "what it saw", "on"), rows)


def times() -> str:
    held = json.loads((DATA / "timed.json").read_text(encoding="utf-8"))
    rows = (
        (
            one["mode"],
            one["caches"],
            one["step"],
            one["kind"],
            _two(one["auc"]),
            _two(one["difference_ms"]),
            one["median_ms"],
            "**told apart**" if one["told"] else "alike",
        )
        for one in held["compared"]
    )
    machine = held["described"]
    head = f"{held['count']} requests a kind, taking turns on one worker; {machine['processor']}, {machine['at'][:10]}, beside other work."
    return (
        head
        + "\n\n"
        + table(
            (
                "mode",
                "caches",
                "step",
                "who needs a visit, against",
                "AUC",
                "Δ median, ms",
                "median, ms",
                "",
            ),
            rows,
        )
    )


def _two(values: list[float]) -> str:
    return ", ".join(f"{value:.3f}" for value in values)


if __name__ == "__main__":
    sys.exit(
        max(
            keep_part("security.md", "judges", judges()), keep_part("security.md", "times", times())
        )
    )
