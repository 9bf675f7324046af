"""Importing the SRI's register against the same file through bare COPY and bare executemany.

The bare ones do nothing but move all 21 columns of the file into a table of texts; ours reads, judges,
folds establishments into RUCs, keeps the columns needed and switches the live copy. Each runs in a process of its
own (`python -m benchmarks.catastro_bench WAY FILE` prints one JSON object), so that its peak of memory is its own.
"""

import csv
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import ROOT, Figure
from benchmarks.sites import ours
from scripts import made_catastro

COLUMNS = [name.lower() for name in made_catastro.HEADER.strip().split("|")]
WAYS = ("bare_copy", "postgresql", "bare_executemany", "sqlite")
BLOCK = 1 << 20


def measure(database: str, rows: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "made.csv")
        made_catastro.write_rows(file, rows)
        found = {way: _run(way, file, database) for way in WAYS}
    figures = []
    for way, bare in (("postgresql", "bare_copy"), ("sqlite", "bare_executemany")):
        floor, mine = rows / found[bare]["seconds"], rows / found[way]["seconds"]
        figures += [
            Figure(f"catastro.{bare}.rate", floor, "rows/s"),
            Figure(f"catastro.{way}.rate", mine, "rows/s", mine / floor, f"catastro.{bare}.rate", "≥ 0.7", mine / floor >= 0.7),
            Figure(f"catastro.{way}.memory", found[way]["peak"], "MiB", None, "", "< 150", found[way]["peak"] < 150),
        ]  # fmt: skip
    return [*figures, Figure("catastro.rows", rows, "")]


def _run(way: str, file: Path, database: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.catastro_bench", way, str(file)]
    env = os.environ | {"BENCH_DATABASE": database}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


# --- the ways, each in its process ----------------------------------------------------------------------


def bare_copy(file: Path) -> Callable[[], None]:
    import psycopg

    connection = psycopg.connect(ours.create("bare"), autocommit=True)
    connection.execute(f"CREATE TABLE t ({', '.join(f'{name} text' for name in COLUMNS)})")

    def move() -> None:
        text = "COPY t FROM STDIN (FORMAT csv, DELIMITER '|', HEADER)"
        with file.open("rb") as raw, connection.cursor() as cursor, cursor.copy(text) as copy:
            while block := raw.read(BLOCK):
                copy.write(block)

    return move


def bare_executemany(file: Path) -> Callable[[], None]:
    base = sqlite3.connect(file.with_suffix(".bare"), isolation_level=None)
    base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
    base.execute(f"CREATE TABLE t ({', '.join(COLUMNS)})")

    def move() -> None:
        marks = ", ".join("?" * len(COLUMNS))
        with file.open(encoding="utf-8", newline="") as text:
            reader = csv.reader(text, delimiter="|")
            next(reader)
            base.execute("BEGIN")
            base.executemany(f"INSERT INTO t VALUES ({marks})", reader)
            base.execute("COMMIT")

    return move


def postgresql(file: Path) -> Callable[[], None]:
    return _importing(file, ours.create("catastro"))


def sqlite(file: Path) -> Callable[[], None]:
    return _importing(file, f"sqlite:///{file.with_suffix('.sqlite3')}")


def _importing(file: Path, address: str) -> Callable[[], None]:
    os.environ.update(ours.settings(address, str(file.parent)))
    import django

    django.setup()
    from django.core.management import call_command

    from clavero import clock
    from clavero.catastro import services

    call_command("migrate", verbosity=0)

    def bring() -> None:
        report = services.import_file(file, clock.now())
        assert report.stored and not report.rejected

    return bring


def main() -> int:
    way = {"bare_copy": bare_copy, "bare_executemany": bare_executemany, "postgresql": postgresql, "sqlite": sqlite}  # fmt: skip
    deed = way[sys.argv[1]](Path(sys.argv[2]))
    began = time.perf_counter()
    deed()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
