"""The checklist of an answer on paper (B08, B09): what it is, what to do, what to prepare, by when. Of nobody in particular."""

from datetime import date

from django.utils.translation import gettext as _

from clavero import dates, words
from clavero.core import triage
from clavero.core.guide import Advice
from clavero.guidance import pages
from clavero.recovery import sheets
from clavero.recovery import timeline as times
from clavero.ui.context import host
from clavero.ui.paper import Box, Boxes, Field, Fields, Heading, Note, Part, Sheet, Text
from clavero.ui.plain_html import language


def checklist(advice: Advice, on: date) -> Sheet:
    """A sheet to tick off. The same advice on the same day gives the same sheet."""
    parts: tuple[Part, ...] = (
        Heading(_("Qué hacer primero")),
        Text(_say("next", advice.next)),
        Heading(_("Qué llevar") if advice.bring else _("Qué tener a mano")),
        Boxes(_to_bring(advice)),
        Heading(_("Cuándo")),
        *_when(advice, on),
        Heading(_("Qué no ayuda")),
        *(Text(_say("not_helpful", code)) for code in advice.not_helpful),
        Heading(_("Cómo sabrá que se resolvió")),
        Text(_say("solved", advice.scenario)),
        Note(_("Nadie del instituto le pide su clave. El trámite es gratuito."), _("Tenga presente:")),
        Text(sheets.help_line(), small=True),
    )  # fmt: skip
    written = _("Escrita el %(day)s en %(host)s, con las reglas del %(rules)s.")
    foot = written % {"day": _day(on), "host": host(), "rules": advice.rules}
    return Sheet(
        _("Su lista: %(what)s") % {"what": _lower(pages.heading(advice))}, _("lista"), parts, language(), foot=foot
    )  # fmt: skip


def _say(table: str, code: str) -> str:
    return words.say(f"guide.{table}.{code}", language())


def _lower(text: str) -> str:
    """A title inside another. What begins with an acronym keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _day(day: date) -> str:
    return dates.long_date(day, language())


def _to_bring(advice: Advice) -> tuple[Box, ...]:
    if advice.bring:
        lang = language()
        return tuple(
            Box(paper.thing.say(lang), paper.handling.say(lang), sheets.source(paper))
            for paper in advice.bring
        )
    return tuple(map(Box, pages.at_hand()))


def _when(advice: Advice, on: date) -> tuple[Part, ...]:
    rows = tuple(
        Field(_day(day), " ".join(f"{_say('plan', code)}." for code in codes))
        for day, codes in pages.days(advice.plan.steps)
    )
    late = tuple(Text(_say("alternative", code)) for code in advice.plan.alternatives)
    if advice.time is None:
        return (Fields(rows), *late)
    takes = f"{times.said(advice.time)}. {times.source(advice.time)}"
    if advice.route == triage.VISIT and advice.time.quality != "measured here":
        takes += " " + _("Si hay visita, se cuenta desde el turno.")
    return (Text(takes, _("Suele tardar:")), Fields(rows), *late)
