"""What pages say of appointments. A built-in library, so that no template loads it."""

from datetime import date, datetime

from django import template
from django.conf import settings

from clavero import dates
from clavero.appointments import texts
from clavero.appointments.models import Centre, Closure
from clavero.appointments.queries import Times
from clavero.clock import now
from clavero.core import slots
from clavero.core.slots import None_, Site
from clavero.ui.plain_html import language

register = template.Library()


@register.filter
def at_site(at: int, site: Site) -> datetime:
    """A minute as the clock of a centre shows it."""
    return slots.local(at, site.zone)


@register.filter
def zone_note(local: datetime) -> str:
    """` (hora de Galápagos)` where the centre's clock is not the institution's."""
    return dates.zone_note(local, settings.TIME_ZONE, language())


@register.filter
def kind_words(centre: Centre) -> str:
    """How one is served at a centre where one does not go; "" at all others."""
    return texts.kind(centre)


@register.filter
def why_none(none: None_, site: Site) -> str:
    """Why there is no slot, in one sentence."""
    return texts.why(none, site.zone)


@register.filter
def because(code: str) -> str:
    """Why a day is closed."""
    return texts.because(code)


@register.filter
def hours(site: Site) -> str:
    """A centre's opening times in one line."""
    said = "; ".join(f"{days}, {times}" for days, times in texts.hours(site.hours))
    return said[:1].upper() + said[1:]


@register.filter
def opens_at(site: Site) -> str:
    """When a centre opens on most days: `8:00`."""
    firsts = [spans[0][0] for spans in site.hours if spans]
    return texts.clock(max(set(firsts), key=firsts.count)) if firsts else ""


@register.filter
def short_day(day: date) -> str:
    """`mar. 15 dic.`"""
    return dates.short_day(day, language())


@register.filter
def zone_of(site: Site) -> str:
    """` (hora de Galápagos)` for a centre whose clock is not the institution's."""
    return dates.zone_note(
        slots.local(slots.minute(now()), site.zone), settings.TIME_ZONE, language()
    )


@register.simple_tag
def took(times: dict[str, Times], code: str, service: str = "") -> list[str]:
    """What was measured at a centre, one sentence each; nothing where it was too little."""
    return texts.took(times[code], service) if code in times else []


@register.filter
def closure_words(closure: Closure) -> str:
    """What a closure says of itself."""
    return texts.closure_words(closure)


@register.filter
def is_part(closure: Closure) -> bool:
    """Whether a closure takes only part of its day."""
    return texts.is_part(closure)


@register.filter
def closed_times(closure: Closure) -> str:
    """The hours of a closure that takes part of a day."""
    return texts.times(((closure.first, closure.last),))


@register.filter
def unlocalized(value: float) -> str:
    """A number without separators, in every language."""
    return f"{value:g}" if isinstance(value, float) else str(value)


@register.filter
def percent(value: float, of: float = 100) -> str:
    """The length of a bar: `92.2%`, of `of`."""
    return f"{100 * value / of:.1f}%"


@register.filter
def integer(value: float) -> int:
    """`3.0` as 3."""
    return round(value)
