"""Writes the dated rows of Ecuador's non-working days: clavero/profiles/calendar_ec.csv.

Named days from the package `holidays` (a development tool), moved by the law of December 2016
(`core.workdays.moved`), and the decree days that no rule gives. An operator may edit the rows.
"""

import csv
import io
import sys
from datetime import date
from pathlib import Path

# This script's own folder would hide the package of the same name.
sys.path[0] = str(Path(__file__).resolve().parent.parent)
import holidays  # noqa: E402

from clavero.core.workdays import moved  # noqa: E402

TARGET = Path(__file__).resolve().parent.parent / "clavero" / "profiles" / "calendar_ec.csv"
YEARS = range(2024, 2029)
LAW = "Ley Orgánica Reformatoria, diciembre de 2016"
CODES = {
    "Año Nuevo": "new_year", "Carnaval": "carnival", "Viernes Santo": "good_friday", "Día del Trabajo": "labour_day",
    "Batalla de Pichincha": "pichincha", "Primer Grito de Independencia": "first_cry",
    "Independencia de Guayaquil": "guayaquil", "Día de Difuntos": "all_souls",
    "Independencia de Cuenca": "cuenca", "Navidad": "christmas",
}  # fmt: skip
STAY = ("new_year", "christmas", "carnival")
DECREES = (
    (date(2024, 10, 31), "decree_438", "Decreto 438: público recuperable", "public_only"),
    (date(2025, 1, 2), "decree_474", "Decreto 474; fecha inferida de «cinco días»", "inferred"),
    (date(2025, 1, 3), "decree_474", "Decreto 474; fecha inferida de «cinco días»", "inferred"),
    (date(2026, 1, 2), "decree_249", "Decreto 249 (17-dic-2025): público y privado", "certain"),
)
PAIR = ("all_souls", "cuenca")


def named(year: int) -> dict[date, str]:
    """The nominal days of one year by code."""
    found = {}
    for day, names in holidays.Ecuador(years=year, observed=False, language="es").items():
        for name in names.split("; "):
            if name in CODES:
                found[day] = CODES[name]
    return found


def rows() -> list[tuple[str, str, str, str]]:
    found: dict[date, tuple[str, str, str]] = {}
    for year in YEARS:
        for day, code in sorted(named(year).items()):
            _place(found, day, code)
    for day, code, source, certainty in DECREES:
        found[day] = (code, certainty, source)
    return [(day.isoformat(), *found[day]) for day in sorted(found)]


def _place(found: dict[date, tuple[str, str, str]], day: date, code: str) -> None:
    """Put a holiday on its rest day. 2 and 3 November are a pair and follow their own table."""
    if code in PAIR:
        days, certainty = _november(day, code)
    else:
        days, certainty = [moved(day, stays=code in STAY)], "certain"
    for rest in days:
        found[rest] = (code, certainty, LAW if rest != day else "día nominal")


def _november(day: date, code: str) -> tuple[list[date], str]:
    """The pair stays together beside a weekend; where 2 November is a Tuesday or Wednesday the official list decides."""
    first = code == "all_souls"
    second = day.replace(day=2).weekday()
    if second in (1, 2):
        return [day.replace(day=n) for n in ((1, 2) if first else (3,))], "uncertain"
    rest = {5: (1, 4), 6: (4, 3)}.get(second, (2, 3))[0 if first else 1]
    return [day.replace(day=rest)], "certain"


def text() -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("date", "code", "certainty", "source"))
    writer.writerows(rows())
    return out.getvalue()


def main() -> int:
    if "--check" in sys.argv:
        return 0 if TARGET.read_text(encoding="utf-8") == text() else 1
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
