"""What templates may say. Registered as built-in: no `{% load %}` (docs/design.md has examples)."""

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template.base import Node, Parser, Token, TokenType, Variable
from django.template.context import Context
from django.templatetags import i18n
from django.templatetags.static import do_static
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from clavero import clock as now_clock
from clavero import dates
from clavero.core.errors import Refused
from clavero.ui import draw, marks
from clavero.ui.forms import Form
from clavero.ui.icons import ICONS, SMALL
from clavero.ui.plain_html import esc, html, language
from clavero.ui.plain_html import say as _

register = template.Library()
register.tag("static", do_static)
register.filter("num", marks.number)
register.filter("code", marks.code)
register.filter("mask", marks.mask)
register.filter("count", marks.count)
register.simple_tag(draw.field, name="field")
register.simple_tag(draw.honeypot, name="honeypot")


class Fixed(Node):
    """A sentence without variables: translated once for each language, then kept."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.said: dict[str, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        lang = language()
        if lang not in self.said:
            self.said[lang] = SafeString(self.node.render(context))
        return self.said[lang]


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """Django's tag; a plain sentence costs 1 µs instead of 15."""
    node = i18n.do_translate(parser, token)
    return Fixed(node) if isinstance(node, i18n.TranslateNode) and _is_fixed(node) else node


def _is_fixed(node: i18n.TranslateNode) -> bool:
    said = node.filter_expression
    is_literal = isinstance(said.var, Variable) and said.var.lookups is None
    return is_literal and not (said.filters or node.asvar or node.message_context)


@register.tag
def blocktranslate(parser: Parser, token: Token) -> Node:
    """Django's tag; a text without variables costs 1 µs instead of 15."""
    node = i18n.do_block_translate(parser, token)
    varied = node.extra_context or node.plural or node.asvar or node.message_context
    is_text = all(part.token_type == TokenType.TEXT for part in node.singular)
    return Fixed(node) if is_text and not varied else node


@register.simple_tag(takes_context=True)
def errors_summary(context: Context, form: Form | None = None) -> SafeString:
    """The summary of `form`, by default of the page's `form`. `ui/base.html` draws it by itself."""
    return draw.summary(form if form is not None else context.get("form"))


@register.simple_tag(takes_context=True)
def form_start(context: Context, step: str, action: str = "") -> SafeString:
    """`{% form_start "who" %} … </form>`: token against forgery, silent button."""
    form = context.get("form")
    has_repairs = isinstance(form, Form) and bool(form.repairs)
    return draw.start(step, str(context.get("csrf_token", "")), has_repairs, action)


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """`{% icon "check" %}`, or 20 px small with `{% icon "clock" "s" %}`."""
    return (SMALL if size == "s" else ICONS)[name]


@register.simple_tag
def back(address: str) -> SafeString:
    """*Atrás*: a link to the step before, not to the browser's history (DESIGN §4)."""
    label, word = esc(_("Volver")), esc(_("Atrás"))
    return html(
        f'<nav aria-label="{label}"><a href="{esc(address)}" class="govuk-back-link">{word}</a></nav>'
    )


@register.simple_tag(takes_context=True)
def navigation(context: Context, here: str = "") -> SafeString:
    """The four words for pages outside a journey; `here` is the key of the page one is on."""
    links = context["frame"]["links"]
    words = {
        "guide": _("¿Qué me pasa?"),
        "case": _("Mi caso"),
        "precheck": _("Listas"),
        "signin": _("Ingresar"),
    }
    items = "".join(_item(links[key], word, key == here) for key, word in words.items())
    return html(
        '<div class="cl-nav"><div class="govuk-width-container">'
        f'<nav aria-label="{esc(_("Secciones"))}"><ul>{items}</ul></nav></div></div>'
    )


def _item(address: str, word: str, is_here: bool) -> str:
    """A link, or nothing where there is no such page."""
    if not address:
        return ""
    current = ' aria-current="page"' if is_here else ""
    return (
        f'<li><a class="govuk-link govuk-link--no-visited-state" href="{esc(address)}"{current}>'
        f"{esc(word)}</a></li>"
    )


@register.simple_tag
def valid_until(end: datetime, now: datetime | None = None, id: str = "") -> SafeString:
    """*Vale hasta las 11:12. Faltan unos 54 minutos.* True without script, kept fresh with it."""
    seconds = _seconds(end, now)
    many, one, none = _minute_words()
    until = _("Vale hasta las <strong>{hour}</strong>.")
    hour = esc(clock(end))
    return html(
        f'<div class="cl-clock"{_id(id)}>{SMALL["clock"]}<p>{until.replace("{hour}", hour)} '
        f'<span data-seconds="{seconds}" data-many="{esc(many)}" data-one="{esc(one)}"'
        f' data-none="{esc(none)}">{esc(minutes_left(seconds))}</span></p></div>'
    )


def _id(name: str) -> str:
    return f' id="{esc(name)}"' if name else ""


def _seconds(end: datetime, now: datetime | None) -> int:
    return max(0, round((end - (now or now_clock.now())).total_seconds()))


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
    """A hidden part of the page that script shows five minutes before the session ends."""
    sentence = _(
        "Cerraremos esta página a las {hour} si no la usa."
        " Lo que escribió sigue aquí, menos la clave."
    ).replace("{hour}", clock(ends))
    return html(
        f'<div class="cl-notice" role="status" data-session-seconds="{_seconds(ends, now)}" hidden>'
        f'{ICONS["clock"]}<div><p class="govuk-body">{esc(sentence)} <button type="button"'
        ' class="govuk-button govuk-button--secondary govuk-button--small" data-extend>'
        f"{esc(_('Seguir aquí'))}</button></p></div></div>"
    )


@register.simple_tag
def key_owner(value: str) -> SafeString:
    """The employer's number rides along for key managers (DESIGN §7)."""
    return html(
        '<input class="govuk-visually-hidden" type="text" name="username" autocomplete="username"'
        f' value="{esc(value)}" tabindex="-1" aria-hidden="true" readonly>'
    )


@register.simple_tag
def strength(level: int, length: int, id: str = "strength") -> SafeString:
    """How strong a key is, 0 to 4: a word with four bars, never a gate (DESIGN §7)."""
    words = (_("muy débil"), _("débil"), _("regular"), _("buena"), _("muy buena"))
    bars = "".join('<i class="is-on"></i>' if n < level else "<i></i>" for n in range(4))
    counted = ngettext("%(n)s carácter", "%(n)s caracteres", length) % {"n": length}
    return html(
        f'<p class="cl-strength"{_id(id)}><span class="cl-strength__bar" aria-hidden="true">{bars}'
        f"</span><span>{esc(counted)}: <strong>{esc(words[level])}</strong></span></p>"
    )


@register.simple_tag
def strength_meter(field: str) -> SafeString:
    """Where script says how strong the key in `field` is while it is typed; nothing without script (E02)."""
    words = "|".join((_("muy débil"), _("débil"), _("regular"), _("buena"), _("muy buena")))
    many, one = _("{n} caracteres"), _("1 carácter")
    return html(
        f'<p class="cl-strength" data-strength="{esc(field)}" data-words="{esc(words)}" data-many="{esc(many)}"'
        f' data-one="{esc(one)}" hidden><span class="cl-strength__bar" aria-hidden="true"><i></i><i></i><i></i><i></i>'
        '</span><span role="status"></span></p>'
    )


@register.simple_tag
def route_tag(route: str) -> SafeString:
    """The route as a word with an icon: colour never speaks alone (DESIGN §2)."""
    name, drawn, word = {
        "online": ("online", "screen", _("En línea")),
        "visit": ("visit", "pin", _("Con una visita")),
        "correct_data": ("fix", "pencil", _("Corregir datos")),
        "wait": ("full", "clock", _("Esperar")),
        "elsewhere": ("full", "arrow", _("En otra página")),
        "report": ("fix", "bell", _("Avisar")),
    }.get(route, ("unknown", "question", _("No se sabe")))
    return html(f'<span class="cl-tag cl-tag--{name}">{ICONS[drawn]}{esc(word)}</span>')


@register.filter
def repair(value: str, given: str) -> SafeString:
    """`value` with what `given` lacked marked as inserted."""
    return marks.number(value, given)


@register.filter
def long_date(day: date, today: date | None = None) -> str:
    """*martes 15 de diciembre*; with the year where it is not this one or no `today` is given."""
    return dates.long_date(_local(day), language(), today)


@register.filter
def clock(instant: datetime) -> str:
    """*9:05*, 24 hours: an instant in UTC in the institution's zone, any other in its own."""
    return dates.clock(_local(instant), language())


def _local(moment: Any) -> Any:
    """An instant in UTC in the institution's zone; days and instants of a zone as they are."""
    is_utc = isinstance(moment, datetime) and moment.utcoffset() == timedelta()
    return timezone.localtime(moment) if is_utc else moment


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
    return draw.worded(code, **details)


@register.simple_tag
def refusal(no: Refused) -> str:
    """The sentence of a refusal with its details."""
    return draw.sentence(no)


@register.simple_tag
def field_error(form: Form, name: str) -> SafeString:
    """The error of one field, for controls that a template draws itself."""
    return draw.error(form, name)
