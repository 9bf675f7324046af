"""Days and hours as people read them (DESIGN §10). The standard library only."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

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


def weekdays(lang: str = "es") -> list[str]:
    """The names of the days, Monday first."""
    return _DAYS[lang]


def month_year(day: date, lang: str = "es") -> str:
    """`noviembre de 2026`."""
    return f"{_MONTHS[lang][day.month - 1]} {'' if lang == 'en' else 'de '}{day.year}"


def short_date(day: date, lang: str = "es") -> str:
    """`15 dic. 2026`, for tables."""
    month = _MONTHS[lang][day.month - 1][:3]
    return f"{day.day} {month}{'.' if lang == 'es' else ''} {day.year}"


def clock(moment: datetime, lang: str = "es") -> str:
    """`9:05`, in the zone that `moment` carries. 24 hours in both languages."""
    return f"{moment.hour}:{moment.minute:02d}"


_ZONES = {
    "Pacific/Galapagos": {"es": "hora de Galápagos", "en": "Galápagos time"},
    "America/Guayaquil": {"es": "hora del continente", "en": "mainland time"},
}


def short_day(day: date, lang: str = "es") -> str:
    """`mar. 15 dic.`, for narrow places and subjects."""
    name, month = _DAYS[lang][day.weekday()][:3], _MONTHS[lang][day.month - 1][:3]
    return f"{name} {day.day} {month}" if lang == "en" else f"{name}. {day.day} {month}."


def zone_note(local: datetime, home: str, lang: str = "es") -> str:
    """` (hora de Galápagos)` where the clock of `local` is not that of the zone `home`, else ""."""
    there = local.tzinfo
    if not isinstance(there, ZoneInfo) or there.key == home:
        return ""
    if local.utcoffset() == local.astimezone(ZoneInfo(home)).utcoffset():
        return ""
    return f" ({zone_name(there.key, lang)})"


def zone_name(zone: str, lang: str = "es") -> str:
    """What people call a time zone."""
    city = zone.rpartition("/")[2].replace("_", " ")
    other = f"{city} time" if lang == "en" else f"hora de {city}"
    return _ZONES.get(zone, {}).get(lang) or other
