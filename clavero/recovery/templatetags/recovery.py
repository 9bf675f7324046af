"""What only the pages of the journey say: a profile's words, an hour to the second."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings

from clavero import dates
from clavero.core.profile import Words
from clavero.recovery import sheets
from clavero.ui.plain_html import language

register = template.Library()
register.filter("paper_source", sheets.source)


@register.filter
def paper_address(code: str) -> str:
    """A paper to sign as the address of its page names it."""
    return sheets.ADDRESSES[code]


@register.filter
def in_lang(words: Words) -> str:
    """A text of the profile in the language of the page."""
    return words.say(language())


@register.filter
def clock_seconds(instant: datetime) -> str:
    """`10:31:30`: for a wait of seconds alone."""
    return f"{instant.astimezone(ZoneInfo(settings.TIME_ZONE)):%-H:%M:%S}"


@register.filter
def month(day: date) -> str:
    """`DIC` or `DEC`: the head of a calendar leaf."""
    return dates.short_date(day, language()).split()[1].rstrip(".").upper()
