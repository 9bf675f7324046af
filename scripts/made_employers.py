"""A made-up register of employers, as large as one likes: `python scripts/made_employers.py ROWS FILE`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

# As a script it stands in scripts/, and the package beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from clavero.core.identifiers import cedula


def person(number: int) -> str:
    """A cédula of province 24 with third digit 5: a range not known to be issued."""
    nine = f"245{number % 1_000_000:06}"
    return nine + cedula.check_digit(nine)


def ruc(number: int) -> str:
    """A made-up company of province 24."""
    return f"249{number:07}001"


def records(rows: int, first: int = 0) -> Iterator[dict[str, object]]:
    for number in range(first, first + rows):
        yield {
            "ruc": ruc(number),
            "kind": "company",
            "name": f"Empleador Inventado {number}",
            "key": "active",
            "as_of": "2026-10-31",
            "branches": [{"number": "0001"}],
            "representatives": [{"identification": person(number)}],
            "contacts": [
                {
                    "kind": "email",
                    "value": f"persona{number}@inventada.example",
                    "as_of": "2024-01-01",
                }
            ],
        }


def write_register(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records(rows))


if __name__ == "__main__":
    write_register(Path(sys.argv[2]), int(sys.argv[1]))
