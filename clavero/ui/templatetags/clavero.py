"""What templates may say. Registered as built-in: no `{% load %}` (docs/design.md has examples)."""

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template.context import Context
from django.templatetags.static import do_static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clavero import clock as now_clock
from clavero import dates
from clavero.ui import draw, marks
from clavero.ui.context import language
from clavero.ui.forms import Form
from clavero.ui.icons import ICONS, SMALL

register = template.Library()
register.tag("static", do_static)
register.filter("num", marks.number)
register.filter("code", marks.code)
register.filter("mask", marks.mask)
register.filter("count", marks.count)
register.simple_tag(draw.field, name="field")
register.simple_tag(draw.honeypot, name="honeypot")


@register.simple_tag(takes_context=True)
def errors_summary(context: Context, form: Form | None = None) -> SafeString:
    """The summary of `form`, by default of the page's `form`. `ui/base.html` draws it by itself."""
    return draw.summary(form if form is not None else context.get("form"))


@register.simple_tag(takes_context=True)
def form_start(context: Context, step: str, action: str = "") -> SafeString:
    """`{% form_start "who" %} … </form>`: with the token against forgery and, where needed, the silent button."""
    form = context.get("form")
    has_repairs = bool(form is not None and form.repairs)
    return draw.start(step, str(context.get("csrf_token", "")), has_repairs, action)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "check" %}`, or 20 px small with `{% icon "clock" "s" %}`."""
    return (SMALL if size == "s" else ICONS)[name]


@register.simple_tag
def back(address: str) -> SafeString:
    """*Atrás*: a link to the step before, not to the browser's history (DESIGN §4)."""
    shape = '<nav aria-label="{}"><a href="{}" class="govuk-back-link">{}</a></nav>'
    return format_html(shape, _("Volver"), address, _("Atrás"))


@register.simple_tag(takes_context=True)
def navigation(context: Context, here: str = "") -> SafeString:
    """The four words for pages outside a journey; `here` is the key of the page one is on."""
    links = context["frame"].links
    words = {
        "guide": _("¿Qué me pasa?"),
        "case": _("Mi caso"),
        "precheck": _("Listas"),
        "signin": _("Ingresar"),
    }
    items = [_item(links[key], word, key == here) for key, word in words.items() if links[key]]
    shape = (
        '<div class="cl-nav"><div class="govuk-width-container"><nav aria-label="{}"><ul>{}</ul>'
        "</nav></div></div>"
    )
    return format_html(shape, _("Secciones"), SafeString("".join(items)))


def _item(address: str, word: str, is_here: bool) -> SafeString:
    shape = '<li><a class="govuk-link govuk-link--no-visited-state" href="{}"{}>{}</a></li>'
    return format_html(shape, address, SafeString(' aria-current="page"') if is_here else "", word)


@register.simple_tag
def valid_until(end: datetime, now: datetime | None = None, id: str = "") -> SafeString:
    """*Vale hasta las 11:12. Faltan unos 54 minutos.* True without script, kept fresh with it (DESIGN §6)."""
    seconds = max(0, round((end - (now or now_clock.now())).total_seconds()))
    shape = (
        '<div class="cl-clock"{}>{}<p>{} <span data-seconds="{}" data-many="{}" data-one="{}"'
        ' data-none="{}">{}</span></p></div>'
    )
    until = format_html(_("Vale hasta las <strong>{}</strong>."), dates.clock(end, language()))
    own = format_html(' id="{}"', id) if id else ""
    return format_html(
        shape, own, SMALL["clock"], until, seconds, *_minute_words(), minutes_left(seconds)
    )


def _minute_words() -> tuple[str, str, str]:
    return _("Faltan unos {n} minutos."), _("Falta un minuto."), _("Ya venció. Pida otro.")


def minutes_left(seconds: int) -> str:
    """The words for what is left, in whole minutes."""
    many, one, none = _minute_words()
    minutes = (seconds + 30) // 60
    if seconds <= 0:
        return none
    return one if minutes <= 1 else many.replace("{n}", str(minutes))


@register.simple_tag
def session_warning(ends: datetime, now: datetime | None = None) -> SafeString:
    """A hidden part of the page that script shows five minutes before the session ends (DESIGN §8)."""
    seconds = max(0, round((ends - (now or now_clock.now())).total_seconds()))
    shape = (
        '<div class="cl-notice" role="status" data-session-seconds="{}" hidden>{}<div><p class="govuk-body">'
        '{} <button type="button" class="govuk-button govuk-button--secondary govuk-button--small" data-extend>{}'
        "</button></p></div></div>"
    )
    sentence = _(
        "Cerraremos esta página a las {hour} si no la usa. Lo que escribió sigue aquí, menos la clave."
    )
    hour = dates.clock(ends, language())
    return format_html(shape, seconds, ICONS["clock"], sentence.format(hour=hour), _("Seguir aquí"))


@register.simple_tag
def key_owner(value: str) -> SafeString:
    """The employer's number rides along for key managers (DESIGN §7)."""
    shape = (
        '<input class="govuk-visually-hidden" type="text" name="username" autocomplete="username" value="{}"'
        ' tabindex="-1" aria-hidden="true" readonly>'
    )
    return format_html(shape, value)


@register.simple_tag
def strength(level: int, length: int, id: str = "strength") -> SafeString:
    """How strong a key is, 0 to 4: a word with four bars, never a gate (DESIGN §7)."""
    words = (_("muy débil"), _("débil"), _("regular"), _("buena"), _("muy buena"))
    bars = "".join('<i class="is-on"></i>' if n < level else "<i></i>" for n in range(4))
    shape = (
        '<p class="cl-strength" id="{}"><span class="cl-strength__bar" aria-hidden="true">{}</span>'
        "<span>{}: <strong>{}</strong></span></p>"
    )
    counted = ngettext("%(n)s carácter", "%(n)s caracteres", length) % {"n": length}
    return format_html(shape, id, SafeString(bars), counted, words[level])


@register.simple_tag
def route_tag(route: str) -> SafeString:
    """The route as a word with an icon: colour never speaks alone (DESIGN §2)."""
    name, drawn, word = {
        "online": ("online", "screen", _("En línea")),
        "visit": ("visit", "pin", _("Con una visita")),
        "correct_data": ("fix", "pencil", _("Corregir datos")),
    }.get(route, ("unknown", "question", _("No se sabe")))
    return format_html('<span class="cl-tag cl-tag--{}">{}{}</span>', name, ICONS[drawn], word)


@register.filter
def repair(value: str, given: str) -> SafeString:
    """`value` with what `given` lacked marked as inserted."""
    return marks.number(value, given)


@register.filter
def long_date(day: date, today: date | None = None) -> str:
    """*martes 15 de diciembre*; with the year where it is not this one or no `today` is given."""
    return dates.long_date(day, language(), today)


@register.filter
def clock(instant: datetime) -> str:
    """*9:05*, in Ecuador's time."""
    return dates.clock(instant, language())


@register.filter
def dialled(number: str) -> str:
    """A telephone number as a telephone dials it."""
    return "".join(c for c in number if c.isdigit() or c == "+")


@register.filter
def minutes(span: timedelta | int) -> int:
    """Whole minutes of a span or of seconds, rounded up."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    return -int(-seconds // 60)


@register.simple_tag
def say(code: str, **details: Any) -> str:
    """The sentence of a refusal's code."""
    return draw.words.say(code, language(), **details)
