"""The profile that this server runs with, read once."""

import csv
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from clavero import environment
from clavero.core.profile import BadProfile, Profile
from clavero.core.workdays import Calendar

SHIPPED = Path(__file__).resolve().parent / "profiles"


@cache
def profile() -> Profile:
    """The profile that `CLAVERO_PROFILE` names (a shipped one or a file), `iess` where it names none."""
    return load(environment.read("CLAVERO_PROFILE") or "iess")


def load(name: str) -> Profile:
    """A profile by name or path. Raises `BadProfile` with one line that names the place."""
    path = SHIPPED / f"{name}.toml" if name.isidentifier() else Path(name)
    table = _read(path)
    calendar_name = table.get("calendar_file")
    calendar = _calendar(path.parent, calendar_name) if isinstance(calendar_name, str) else None
    return Profile.from_toml(table, path.name, calendar)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadProfile(f"{path.name}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise BadProfile(f"{path.name}: not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"{path.name}: {error}.") from error


def _calendar(folder: Path, name: str) -> Calendar:
    """The dated rows of a calendar file: date, code, certainty, source. `canton` where a day is local."""
    path = folder / name if (folder / name).exists() else SHIPPED / name
    days: dict[date, str] = {}
    local: dict[str, dict[date, str]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                _place(row, days, local, f"{name}: line {line}")
    except OSError as error:
        raise BadProfile(f"{name}: cannot be read: {error.strerror}.") from error
    return Calendar(days, local, frozenset(day.year for day in days))


def _place(
    row: dict[str, str], days: dict[date, str], local: dict[str, dict[date, str]], place: str
) -> None:
    try:
        day = date.fromisoformat(row["date"])
    except (KeyError, ValueError):
        raise BadProfile(f"{place}: date: YYYY-MM-DD is expected.") from None
    where = local.setdefault(row["canton"], {}) if row.get("canton") else days
    where[day] = row.get("code") or "holiday"
