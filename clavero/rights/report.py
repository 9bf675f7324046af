"""The report of a breach, as Markdown: facts, whose data and which, how many, what was done, until when whom to tell, and the notices."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from clavero import dates
from clavero.core import breach as rules
from clavero.desk.people import local_day
from clavero.institution import profile
from clavero.notices import letters, mail
from clavero.privacy import dictionary
from clavero.recovery import queries as cases
from clavero.rights import breaches, texts
from clavero.rights.models import Breach
from clavero.ui.plain_html import language


def markdown(breach: Breach, now: datetime) -> str:
    """The whole report in the language that is spoken; the notices in both."""
    told, silent = breaches.reachable(breach)
    parts = [
        *_head(breach, now),
        *_facts(breach),
        *_affected(breach, told, silent),
        *_clocks(breach, now),
        *_measures(breach),
        *_authority(breach, told + silent),
        *_persons(breach),
    ]
    return "\n\n".join(parts) + "\n"


def _head(breach: Breach, now: datetime) -> list[str]:
    title = _("Brecha %(number)s: informe") % {"number": breach.number}
    drill = _("**SIMULACRO. Nada de esto pasó. No se envía a nadie.**")
    made = _("Hecho: %(when)s. Institución: %(name)s.") % {
        "when": _moment(now), "name": profile().institution.name,
    }  # fmt: skip
    return [f"# {title}", *([drill] if breach.number == breaches.DRILL else []), made]


def _moment(at: datetime, lang: str = "") -> str:
    local = cases.local(at)
    return f"{dates.short_date(local.date(), lang or language())}, {dates.clock(local)}"


def _facts(breach: Breach) -> list[str]:
    rows = [
        (_("Qué pasó"), breach.what),
        (_("Se conoció"), _moment(breach.known_at)),
        (_("Se conoció el riesgo"), _moment(breach.risk_at) if breach.risk_at else _("no se ha visto un riesgo")),
        (_("Desde, hasta"), f"{_moment(breach.began_at)} – {_moment(breach.ended_at)}"),
        (_("Trata los datos"), _("por encargo de otro") if breach.processor else _("como responsable")),
    ]  # fmt: skip
    return [_heading(_("Los hechos")), _bullets(f"**{name}:** {value}" for name, value in rows)]


def _heading(text: str, level: int = 2) -> str:
    return f"{'#' * level} {text}"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _affected(breach: Breach, told: int, silent: int) -> list[str]:
    counts = _("Empleadores afectados: %(all)s. Con correo registrado: %(told)s. Sin él: %(silent)s.") % {
        "all": told + silent, "told": told, "silent": silent,
    }  # fmt: skip
    how = _("Cómo se contó: %(how)s.") % {"how": texts.SCOPES[breach.scope]}
    return [_heading(_("De quién y qué datos")), counts, how, _bullets(_category(name) for name in breach.tables)]  # fmt: skip


def _category(name: str) -> str:
    """A table with its columns that say something of a person, as the dictionary has them."""
    table = next(each for each in dictionary.read().tables if each.name == name)
    held = [f"`{one.name}` ({one.purpose})" for one in table.columns if one.kind in ("personal", "secret")]  # fmt: skip
    return f"**{breaches.category(name)}** (`{name}`): {'; '.join(held) or '–'}"


def _clocks(breach: Breach, now: datetime) -> list[str]:
    rows = "\n".join(_clock(due) for due in breaches.duties(breach, local_day(now)))
    head = " | ".join((_("A quién"), _("Hasta"), _("Quedan"), _("Norma")))
    doubt = _("Los plazos cuentan días hábiles después del día en que se conoció. Que un abogado confirme esta lectura y lo que añade la ley del 22 de mayo de 2026.")  # fmt: skip
    table = f"| {head} |\n|---|---|---|---|\n{rows}"
    return [_heading(_("A quién se avisa y hasta cuándo")), table, doubt]


def _clock(due: rules.Due) -> str:
    day = dates.long_date(due.due_on, language())
    unsure = "" if due.sure else _(" (calendario sin confirmar)")
    return f"| {texts.RECIPIENTS[due.to]} | {day}{unsure} | {left(due)} | {due.article} |"


def left(due: rules.Due) -> str:
    """How a duty stands, in words."""
    if due.told_on is not None:
        late = _(", tarde: explique por qué") if rules.is_late(due) else ""
        return _("avisado el %(day)s") % {"day": dates.short_date(due.told_on, language())} + late
    if due.left is not None and due.left < 0:
        return _("**venció: avise hoy y explique por qué**")
    return _("hoy") if due.left == 0 else _("%(n)s días hábiles") % {"n": due.left}


def _measures(breach: Breach) -> list[str]:
    return [_heading(_("Medidas")), breach.measures or _("Escriba aquí qué se hizo y qué se hará.")]


def _authority(breach: Breach, count: int) -> list[str]:
    """The notice to the authority and to ARCOTEL, in both languages."""
    parts = [_heading(_("Aviso a la autoridad y a ARCOTEL"))]
    for lang in ("es", "en"):
        with translation.override(lang):
            parts += [_heading(_("En español"), 3), _to_authority(breach, count, lang)]
    return parts


def _to_authority(breach: Breach, count: int, lang: str) -> str:
    words = {
        "name": profile().institution.name, "known": _moment(breach.known_at, lang),
        "first": _moment(breach.began_at, lang), "last": _moment(breach.ended_at, lang), "count": count,
        "kinds": ", ".join(breaches.category(name) for name in breach.tables), "what": breach.what,
        "measures": breach.measures or "…", "number": breach.number,
        "phone": profile().institution.help_phone,
    }  # fmt: skip
    lines = (
        _("Superintendencia de Protección de Datos Personales; ARCOTEL."),
        _("%(name)s notifica una vulneración de la seguridad de datos personales (LOPDP, art. 43). Referencia %(number)s."),
        _("Se conoció: %(known)s. Duró: del %(first)s al %(last)s."),
        _("Hechos: %(what)s"),
        _("Datos afectados: %(kinds)s. Empleadores afectados: %(count)s."),
        _("Medidas tomadas y por tomar: %(measures)s"),
        _("Delegado de protección de datos: (nombre y contacto). Teléfono: %(phone)s."),
        _("Si se avisa después del término, los motivos son: (motivos)."),
    )  # fmt: skip
    return "\n>\n".join(f"> {line % words}" for line in lines)


def _persons(breach: Breach) -> list[str]:
    """The message to persons, as it would leave, in both languages."""
    parts = [_heading(_("Aviso a las personas"))]
    for lang in ("es", "en"):
        with translation.override(lang):
            heading = _heading(_("En español"), 3)
        letter = letters.write("breach", breaches.notice(breach), lang)
        quoted = "\n".join(f"> {line}".rstrip() for line in mail.plain(letter).splitlines())
        parts += [heading, f"> **{letter.subject}**\n>\n{quoted}"]
    return parts
