"""Days and hours as people read them (DESIGN §10). The standard library only."""

from datetime import date, datetime

_DAYS = {
    "es": "lunes martes miércoles jueves viernes sábado domingo".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
_MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
    "en": "January February March April May June July August September October November December".split(),
}


def long_date(day: date, lang: str = "es", today: date | None = None) -> str:
    """`martes 15 de diciembre de 2026`; without the year where it is the year of `today`."""
    name, month = _DAYS[lang][day.weekday()], _MONTHS[lang][day.month - 1]
    with_year = today is None or today.year != day.year
    if lang == "en":
        return f"{name} {day.day} {month}" + (f" {day.year}" if with_year else "")
    return f"{name} {day.day} de {month}" + (f" de {day.year}" if with_year else "")


def short_date(day: date, lang: str = "es") -> str:
    """`15 dic. 2026`, for tables."""
    month = _MONTHS[lang][day.month - 1][:3]
    return f"{day.day} {month}{'.' if lang == 'es' else ''} {day.year}"


def clock(moment: datetime, lang: str = "es") -> str:
    """`9:05`, in the zone that `moment` carries. 24 hours in both languages."""
    return f"{moment.hour}:{moment.minute:02d}"
