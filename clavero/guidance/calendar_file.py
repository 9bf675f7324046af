"""Days of a plan as a calendar file (B09). They say what to do, and nothing of whom."""

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from clavero import words
from clavero.core.guide import Advice
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


def plan(advice: Advice, now: datetime, lang: str) -> str:
    """The days of the advice, each with what belongs on it and an alarm at eight in the morning."""
    return _written([_day(code, day, now, lang) for day, code in _days(advice)])


def _days(advice: Advice) -> list[tuple[date, str]]:
    """Days on which something is to be done; when it is ready is no date to keep."""
    kept = ("fix", "latest_start", "due")
    return [(step.on, step.code) for step in advice.plan.steps if step.code in kept]


def _day(code: str, day: date, now: datetime, lang: str) -> Event:
    title = f"{words.say(f'guide.plan.{code}', lang)}: {profile().institution.service.say(lang)}"
    event = _event(f"{code}-{day:%Y%m%d}", now, title, lang)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add_component(_alarm(timedelta(hours=-8)))
    return event


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
