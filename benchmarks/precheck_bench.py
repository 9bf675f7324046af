"""The precheck of 300,000 rows × 8 columns, CSV in and out, with 3,000,000 RUCs, against what nobody can do without.

    python -m benchmarks.precheck_bench [--quick] [--json]

The floor is measured in the same run: the list read as CSV, python-stdnum's two verdicts on it, our own
result written as CSV. Seconds are the processor's. Memory is the largest that the command took, for a
tenth of the rows of the largest list and for all of them.
"""

import csv
import itertools
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from stdnum.ec import ci
from stdnum.ec import ruc as their_ruc

from clavero.core.identifiers import cedula

ROOT = Path(__file__).resolve().parent.parent
ROWS, QUICK_ROWS = 300_000, 20_000
RUCS, QUICK_RUCS = 3_000_000, 100_000
MOST_MEGABYTES = 300
NAMES = "cedula ruc sucursal domestico correo representante nombre celular".split()
TABLES = """
CREATE TABLE catastro_snapshot (id integer PRIMARY KEY, province text, as_of date, imported_at text, live bool, rucs integer, report text);
CREATE TABLE catastro_ruc (ruc bigint, snapshot_id bigint, status smallint, establishments integer, name text,
    PRIMARY KEY (ruc, snapshot_id));
CREATE TEMP TABLE folded (ruc bigint, snapshot_id bigint, status smallint, establishments integer, name text);
INSERT INTO catastro_snapshot VALUES (1, 'INVENTADA', '2026-10-31', '2026-11-01', 1, 0, '{}');
"""


def person(number: int) -> str:
    """The cédula of nobody, number `number`: province 24, third digit 5, then the others."""
    nine = f"{24 - number // 10**6 % 24:02}5{number % 10**6:06}"
    return nine + cedula.check_digit(nine)


def society(number: int) -> str:
    return f"{number % 24 + 1:02}9{number:07}001"


def make_register(path: Path, rucs: int) -> None:
    """A copy of the register as `clavero catastro import` leaves it, by RUC: two of three are natural persons."""
    rows = (
        (
            int(person(n) + "001" if n % 3 else society(n)),
            1,
            2 if n % 20 == 0 else 1,
            1,
            "" if n % 3 else f"EMPRESA INVENTADA {n} S.A.",
        )
        for n in range(rucs)
    )
    with sqlite3.connect(path) as base:
        base.executescript(TABLES)
        base.executemany(
            "INSERT INTO folded (ruc, snapshot_id, status, establishments, name) VALUES (?, ?, ?, ?, ?)",
            rows,
        )
        base.execute(
            "INSERT INTO catastro_ruc (ruc, snapshot_id, status, establishments, name) SELECT * FROM folded GROUP BY ruc ORDER BY ruc"
        )


def make_list(path: Path, rows: int, rucs: int) -> None:
    """A portfolio: one row in ten lost a zero or is written with hyphens, one in five has a short sucursal."""
    chance = random.Random(4)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        for row in range(rows):
            number = chance.randrange(rucs)
            who, ruc = person(number), person(number) + "001" if number % 3 else society(number)
            name = (
                f"PERSONA INVENTADA {number}" if number % 3 else f"EMPRESA INVENTADA {number} S.A."
            )
            if chance.random() < 0.1:
                ruc = ruc[1:] if ruc[0] == "0" else f"{ruc[:10]}-{ruc[10:]}"
            branch = "1" if row % 5 == 0 else "0001"
            writer.writerow(
                [
                    who,
                    ruc,
                    branch,
                    "no",
                    f"empleador{row}@correo{row % 900}.example",
                    f"PERSONA INVENTADA {number}",
                    name,
                    f"09{chance.randrange(10**8):08}",
                ]
            )


def floor_seconds(source: Path, widened: Path) -> dict[str, float]:
    """What nobody can do without: reading, two verdicts of the library of the trade, writing what we wrote."""
    began = time.process_time()
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    read = time.process_time()
    for row in rows:
        ci.is_valid(row[0])
        their_ruc.is_valid(row[1])
    judged = time.process_time()
    with widened.open(encoding="utf-8", newline="") as file, Path(os.devnull).open("w") as out:
        written = 0.0
        write = csv.writer(out).writerows
        for part in _parts(csv.reader(file)):
            start = time.process_time()
            write(part)
            written += time.process_time() - start
    return {"csv in": read - began, "stdnum's two verdicts": judged - read, "csv out": written}


def _parts(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while part := list(itertools.islice(rows, 20_000)):
        yield part


def measured(*arguments: str) -> tuple[float, float, float]:
    """(processor seconds, seconds, megabytes at most) of one run of the command."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "clavero.cli", "precheck", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise RuntimeError(f"precheck ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss / 1024


def run(quick: bool) -> dict[str, object]:
    """The figures, each with its ratio to the floor of the same run."""
    rows, rucs, repeats = (QUICK_ROWS, QUICK_RUCS, 1) if quick else (ROWS, RUCS, 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, source, out = folder / "catastro.sqlite3", folder / "list.csv", folder / "out.csv"
        make_register(base, rucs)
        make_list(source, rows, rucs)
        runs = [
            measured(str(source), "--catastro", str(base), "-o", str(out)) for _ in range(repeats)
        ]
        # Before the floors: a child's largest memory begins with what its parent holds when it is started.
        memory = _memory(folder, base, rucs, rows if quick else 1_000_000)
        floors = [floor_seconds(source, out) for _ in range(repeats)]
        floor = min(floors, key=lambda each: sum(each.values()))
        cpu, wall, peak = min(runs)
        figures = [
            {"name": f"floor: {part}", "value": round(seconds, 3), "unit": "s"}
            for part, seconds in floor.items()
        ]
        figures += [
            {"name": f"precheck, {rows} rows, {rucs} RUCs", "value": round(cpu, 3), "unit": "s", "ratio": round(cpu / sum(floor.values()), 2),
             "of": "the three floors together", "aim": "at most 1 ×"},
            {"name": "precheck by the clock", "value": round(wall, 3), "unit": "s"},
            {"name": "rows per second", "value": round(rows / cpu), "unit": "rows/s"},
            {"name": "memory at most", "value": round(peak), "unit": "MB", "aim": f"under {MOST_MEGABYTES} MB"},
        ]  # fmt: skip
        figures += memory
    return {"figures": figures, "rows": rows}


def _memory(folder: Path, base: Path, rucs: int, rows: int) -> list[dict[str, object]]:
    """The largest memory for a tenth of the rows and for all of them: flat, or nearly."""
    peaks = []
    for count in (rows // 10, rows):
        make_list(folder / "long.csv", count, rucs)
        peaks.append(
            measured(
                str(folder / "long.csv"),
                "--catastro",
                str(base),
                "-o",
                str(folder / "long_out.csv"),
            )[2]
        )
    small, large = peaks
    return [
        {"name": f"memory at most, {rows // 10} rows", "value": round(small), "unit": "MB"},
        {"name": f"memory at most, {rows} rows", "value": round(large), "unit": "MB", "ratio": round(large / small, 2),
         "of": f"{rows // 10} rows", "aim": f"under {MOST_MEGABYTES} MB, flat"},
    ]  # fmt: skip


def main() -> int:
    """0 where the aims are met on this machine."""
    found = run("--quick" in sys.argv)
    if "--json" in sys.argv:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for figure in found["figures"]:  # type: ignore[attr-defined]
            ratio = f"{figure['ratio']:>8} ×" if "ratio" in figure else ""
            print(f"{figure['name']:44}{figure['value']:>12} {figure['unit']:8}{ratio}")
    return (
        1 if any(f.get("aim") == "at most 1 ×" and f["ratio"] > 1 for f in found["figures"]) else 0
    )  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
