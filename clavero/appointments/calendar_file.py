"""An appointment as a calendar file (G08): in the centre's zone, with an alarm, saying nothing of the employer."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Alarm, Calendar, Event, vText

from clavero.appointments.models import Booking
from clavero.core import slots
from clavero.institution import profile

_WORDS = {
    "es": ("Turno en {centre}: clave de empleador", "Lleve su cédula original y su código de continuación. Venga 10 minutos antes. Ver o cambiar: {link}"),
    "en": ("Appointment at {centre}: employer key", "Bring your original cédula and your continuation code. Come 10 minutes early. See or change it: {link}"),
}  # fmt: skip


def text(booking: Booking, lang: str = "es") -> str:
    """RFC 5545. The same appointment has the same UID, so that a change of date replaces the former entry."""
    calendar = Calendar()
    calendar.add("prodid", "-//Clavero//turnos//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(booking, lang))
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()


def _event(booking: Booking, lang: str) -> Event:
    title, about = _WORDS[lang]
    words = {"centre": booking.centre.name, "link": f"{settings.BASE_URL}/caso/"}
    event = Event()
    host = urlsplit(settings.BASE_URL).hostname
    event.add("uid", f"{booking.case_id:x}@{host}")
    event.add("sequence", booking.changes)
    event.add("dtstamp", booking.made_at)
    event.add("dtstart", booking.local_start)
    event.add("dtend", slots.local(slots.minute(booking.ends_at), booking.centre.zone))
    event.add("summary", title.format(**words))
    event.add("description", about.format(**words))
    event.add("location", vText(place(booking)))
    event.add("organizer", vText(profile().institution.short_name))
    event.add_component(_alarm(title.format(**words)))
    return event


def place(booking: Booking) -> str:
    """Where to go, in one line."""
    centre = booking.centre
    parts = (centre.name, centre.address, centre.canton, centre.province)
    return ", ".join(dict.fromkeys(filter(None, parts)))


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", timedelta(hours=-3))
    return alarm
