"""Days of a plan as a calendar file (B09). They say what to do, and nothing of whom."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from clavero.institution import profile


def answer(text: str, name: str) -> HttpResponse:
    """A calendar file to keep."""
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


def reminder(now: datetime, lang: str) -> str:
    """In an hour: try again. With an alarm at that moment."""
    event = _event(f"{now:%Y%m%dT%H%M}", now, _("Volver a intentar: clave de empleador"), lang)
    event.add("dtstart", now + timedelta(hours=1))
    event.add("dtend", now + timedelta(hours=1, minutes=15))
    event.add_component(_alarm(timedelta(0)))
    return _written([event])


def _written(events: list[Event]) -> str:
    """RFC 5545."""
    calendar = Calendar()
    calendar.add("prodid", "-//Clavero//guia//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical().decode()


def _event(name: str, now: datetime, title: str, lang: str) -> Event:
    """The same name gives the same UID: taken twice, it stands once."""
    event = Event()
    event.add("uid", f"guia-{name}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("dtstamp", now)
    event.add("summary", title)
    event.add("description", f"{profile().institution.service.say(lang)}: {settings.BASE_URL}{reverse('guide')}")  # fmt: skip
    return event


def _alarm(before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", profile().institution.short_name)
    alarm.add("trigger", -before)
    return alarm
