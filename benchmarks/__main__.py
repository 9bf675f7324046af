"""`make bench`: what it costs, as ratios against floors measured in the same run.

    python -m benchmarks [journey] [where] [gate] [slots] [catastro] [identifiers] [precheck] [wording] [identify] [pages] [flood] [--quick] [--rounds N] [--out FILE]

Starts a throw-away PostgreSQL, runs the named benchmarks (all where none is named), prints a table and
writes `benchmarks/results/COMMIT.json`, from which alone documents quote (`scripts/performance_docs.py`).
`--quick` runs everything at its smallest, to see that it still runs; it writes nothing unless `--out` says where.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import (
    avx2,
    catastro_bench,
    flood_bench,
    gate_bench,
    identifiers_bench,
    identify_bench,
    journey_bench,
    page_bench,
    precheck_bench,
    slots_bench,
    where_bench,
    wording_bench,
)
from benchmarks.machine import CLIENT_CORE, ROOT, SERVER_CORE, Figure, described, pin
from scripts.with_postgres import NO_SERVER, binary, running

RESULTS = ROOT / "benchmarks" / "results"
SERVER = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "512MB",
          "max_wal_size": "8GB", "maintenance_work_mem": "256MB", "autovacuum": "off"}  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much is measured: in full, or just enough to see that it runs."""

    journeys: int
    rounds: int
    employers: tuple[int, int]
    presses: int
    rows: int
    starts: int
    slots: tuple[int, int, int]
    flood: tuple[int, int]


FULL = Size(120, 2, (5_000, 2_000_000), 300, 3_000_000, 20, (78, 200_000, 40), (40, 10_000))
QUICK = Size(4, 1, (100, 300), 8, 2_000, 1, (6, 2_000, 3), (4, 600))
Measured = tuple[list[Figure], dict[str, Any]]


def journey(database: str, size: Size) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        fast = avx2.built(folder) if size.journeys >= FULL.journeys else ""
        return journey_bench.measure(database, fast, size.journeys, size.rounds), {}


def gate(database: str, size: Size) -> Measured:
    return gate_bench.measure(database, size.employers, size.presses)


def catastro(database: str, size: Size) -> Measured:
    return catastro_bench.measure(database, size.rows), {}


def identify(database: str, size: Size) -> Measured:
    return identify_bench.measure(size.starts), {}


def where(database: str, size: Size) -> Measured:
    return where_bench.measure(database, size.journeys)


def pages(database: str, size: Size) -> Measured:
    return page_bench.figures(), {}


def identifiers(database: str, size: Size) -> Measured:
    return _told(identifiers_bench.run(_is_quick(size))), {}


def precheck(database: str, size: Size) -> Measured:
    return _told(precheck_bench.run(_is_quick(size))), {}


def wording(database: str, size: Size) -> Measured:
    found = wording_bench.measure(0.2 if _is_quick(size) else 3.0)
    figures = [Figure("wording, texts", found["texts_per_second"], "texts/s")]
    for name, what, aim in (("first_ms", "the first text", ""), ("slowest_ms", "the slowest text", "under 20 ms"), ("ten_kilobytes_ms", "a text of 12 kB", "")):  # fmt: skip
        met = found[name] < 20 if aim else None
        figures.append(Figure(f"wording, {what}", found[name], "ms", aim=aim, met=met))
    return figures, {}


def _is_quick(size: Size) -> bool:
    return size.journeys < FULL.journeys


def _told(found: dict[str, Any]) -> list[Figure]:
    """Figures of a benchmark that also runs by itself; its ratios carry their aims as words."""
    return [
        Figure(each["name"], each["value"], each["unit"], each.get("ratio"), each.get("of", ""), each.get("aim", ""))
        for each in found["figures"]
    ]  # fmt: skip


def flood(database: str, size: Size) -> Measured:
    return flood_bench.measure(database, *size.flood), {}


def slots(database: str, size: Size) -> Measured:
    return slots_bench.measure(database, size.slots)


BENCHES: dict[str, Callable[[str, Size], Measured]] = {
    "identify": identify, "pages": pages, "where": where, "journey": journey, "catastro": catastro, "gate": gate,
    "identifiers": identifiers, "slots": slots, "precheck": precheck, "wording": wording,
    "flood": flood,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, help="how often each site walks; the best counts")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in BENCHES]
    if unknown or not binary("initdb"):
        print(f"no benchmark {unknown[0]}" if unknown else "no PostgreSQL server here", file=sys.stderr)  # fmt: skip
        return 2 if unknown else NO_SERVER
    size = QUICK if given.quick else FULL
    size = replace(size, rounds=given.rounds or size.rounds)
    found = measured(given.names or list(BENCHES), size)
    show(found)
    keep(found, given.out, given.quick)
    return 0


def measured(names: list[str], size: Size) -> dict[str, Any]:
    """What the run gives: the machine, every figure, and whatever else a benchmark has to say."""
    machine, began, figures, more, counted = described(), time.monotonic(), [], {}, {}
    for name in names:
        pin(SERVER_CORE)
        with running(**SERVER) as database:
            pin(CLIENT_CORE)
            print(f"{name} …", file=sys.stderr, flush=True)
            here, said = BENCHES[name](database, size)
        figures += here
        counted[name] = len(here)
        more |= {name: said} if said else {}
    machine |= {"load_after": round(os.getloadavg()[0], 2), "minutes": round((time.monotonic() - began) / 60, 1)}  # fmt: skip
    rows = [_rounded(figure) for figure in figures]
    return {"machine": machine, "benchmarks": counted, "figures": rows, "more": more}


def _rounded(figure: Figure) -> dict[str, Any]:
    row = asdict(figure)
    row["value"] = float(f"{figure.value:.4g}") if figure.value < 10_000 else round(figure.value)
    row["ratio"] = None if figure.ratio is None else round(figure.ratio, 3)
    return {name: value for name, value in row.items() if value not in (None, "") or name == "value"}  # fmt: skip


def show(found: dict[str, Any]) -> None:
    """A table for people: value, ratio to what, and the aim where there is one."""
    for row in found["figures"]:
        ratio = f"{row['ratio']:8.3f} × {row['of']}" if "ratio" in row else ""
        print(f"{row['name']:36}{row['value']:>12} {row.get('unit', ''):7}{ratio:48}{row.get('aim', '')}")  # fmt: skip
    machine = found["machine"]
    print(f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']} → {machine['load_after']}, {machine['minutes']} min")  # fmt: skip


def keep(found: dict[str, Any], out: Path | None, quick: bool) -> None:
    if quick and out is None:
        return
    target = out or RESULTS / f"{found['machine']['commit']}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
