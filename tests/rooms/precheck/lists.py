"""Lists of nobody for the tests of the precheck, and what came of them."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from clavero.core.identifiers import cedula

ROOT = Path(__file__).resolve().parents[3]
NAMES = ("identificacion", "ruc", "sucursal")
ANA, FIRM = "2453622207", "2499000017001"


def person(number: int) -> str:
    """The cédula of nobody: province 24, third digit 5."""
    nine = f"245{number:06}"
    return nine + cedula.check_digit(nine)


def firm(number: int) -> str:
    return f"249{number:07}001"


def table(*rows, names=NAMES, delimiter=",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows([names, *rows])
    return text.getvalue()


def clean(count: int) -> list[tuple[str, ...]]:
    return [(person(n), firm(n), "0001") for n in range(count)]


def sri(path: Path, *rows: tuple[str, str, str]) -> Path:
    """A file of the SRI: (RUC, state, name of a society or "")."""
    from clavero.demo.services import HEADER

    lines = ["|".join(HEADER)]
    for ruc, state, name in rows:
        kind = "SOCIEDAD" if name else "PERSONA NATURAL"
        lines.append(
            f"{ruc}|{name or 'NADIE'}|INVENTADA|{state}|GEN|2015-01-01 00:00:00|2026-10-31 00:00:00|||S|{kind}|1||ABI|A|B|C|G47|COMERCIO|N|N"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments, stdin=None, text=True, **environment):
    """The command, as somebody types it, without any setting of a server."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("CLAVERO_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "clavero.cli", *map(str, arguments)],
        cwd=ROOT, env=env | environment, capture_output=True, text=text, input=stdin, timeout=120,
    )  # fmt: skip


def judged(path: Path, *arguments, status=None) -> list[dict]:
    """The machine form of every row."""
    done = run("precheck", path, "--format", "jsonl", "--on", "2026-11-20", *arguments)
    assert done.returncode in ((0, 1) if status is None else (status,)), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(path: Path | str, *arguments, **more) -> str:
    """The one line that says why a list cannot be checked."""
    done = run("precheck", path, *arguments, **more)
    assert done.returncode == 2 and done.stdout == "", (
        done.returncode,
        done.stdout[:300],
        done.stderr[:300],
    )
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and "Traceback" not in done.stderr, done.stderr
    return lines[0]
