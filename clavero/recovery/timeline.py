"""How long it takes, before one starts (B18): both roads step by step, each time with who says so.

Ranges are the profile's, until this server has closed enough cases to measure its own; limits are this program's.
What nobody has measured has no number.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from clavero.core import guide
from clavero.core.profile import Estimate, Profile
from clavero.recovery import queries
from clavero.recovery.objections import FREEZE_HOURS
from clavero.recovery.visits import BINDING_MINUTES

SOURCES = {
    "official page": gettext_noop("Orientativo. Fuente: página oficial."),
    "news": gettext_noop("Orientativo. Fuente: prensa."),
    "reported, unverified": gettext_noop("Orientativo. Lo cuentan páginas que describen el trámite."),
    "our choice": gettext_noop("Orientativo. Es una regla de este programa."),
    "measured here": gettext_noop("Medido aquí: en ocho de cada diez casos cerrados."),
}  # fmt: skip
REASONS = {
    "first_key": gettext_noop("Es su primera clave"),
    "ruc_not_active": gettext_noop("Su RUC está suspendido o cerrado"),
    "email_not_valid": gettext_noop("No puede abrir el correo registrado"),
    "representative_mismatch": gettext_noop("No coincide quien representa"),
    "correct_data": gettext_noop("Hay que corregir un dato"),
}
"""What makes it longer, in the order of the page: scenario or route → words."""


@dataclass(frozen=True)
class Step:
    """Something that one does or waits for, how long it takes in words, and what that rests on ("": nothing measured)."""

    does: str
    takes: str
    basis: str = ""


@dataclass(frozen=True)
class Road:
    """A road from the first page to a tested key: its range in words, who says so, its steps."""

    total: str
    basis: str
    steps: tuple[Step, ...]


def ranges(profile: Profile, now: datetime) -> dict[str, Estimate]:
    """Scenario or route → its range: measured here where there are enough cases, else what the profile reports."""
    return reported(profile) | {estimate.scenario: estimate for estimate in queries.durations(now)}


def reported(profile: Profile) -> dict[str, Estimate]:
    """What the profile says, and asks no database."""
    return {estimate.scenario: estimate for estimate in profile.estimates}


def online(profile: Profile, known: dict[str, Estimate]) -> Road:
    """At home, in one sitting."""
    limits, rule = profile.limits, _("Es una regla de este programa.")
    wait = ngettext("%(n)s segundo", "%(n)s segundos", limits.wait_seconds) % {
        "n": limits.wait_seconds
    }
    steps = (
        Step(_("Escribe su cédula, el RUC y la sucursal."), _("Al momento")),
        Step(_("Espera la comprobación de que no es un robot."), wait, rule),
        Step(_("Abre el mensaje que llega al correo registrado. Puede pedir otro."), _("El mensaje vale %(n)s minutos") % {"n": limits.code_minutes}, rule),
        Step(_("Crea su clave e ingresa una vez con ella, para comprobarla."), _("Al momento")),
    )  # fmt: skip
    return Road(said(known["online"]), source(known["online"]), steps)


def visit(profile: Profile, known: dict[str, Estimate]) -> Road:
    """At home, at a centre once, and at home again."""
    limits, rule = profile.limits, _("Es una regla de este programa.")
    steps = (
        Step(_("Empieza aquí y recibe la hoja con lo que debe llevar."), _("Hoy. La hoja vale %(n)s días") % {"n": limits.continuation_days}, rule),
        Step(_("Elige centro y hora. Si no hay turno cerca, entra en la lista de espera."), _("Depende de los turnos libres")),
        Step(_("Va al centro una vez. Miran sus papeles y se los devuelven."), _("El día de su turno")),
        Step(_("Otra persona del instituto revisa. Si tarda, usted termina en su casa."), _("15 minutos en el centro, como mucho"), rule),
        Step(_("Crea su clave en su teléfono, con el código que le dan y su clave de caso."), _("El código vale %(n)s minutos") % {"n": BINDING_MINUTES}, rule),
        Step(_("Ingresa una vez con su clave nueva, para comprobarla."), _("Al momento")),
    )  # fmt: skip
    estimate = known["visit"]
    total = said(estimate)
    if estimate.quality != "measured here":
        total = _("%(range)s desde el turno") % {"range": total}
    return Road(total, source(estimate), steps)


def longer(known: dict[str, Estimate]) -> tuple[Step, ...]:
    """What makes it longer, with its own range."""
    return tuple(
        Step(_(words), said(known[code]), source(known[code]))
        for code, words in REASONS.items()
        if code in known
    )


def waits(profile: Profile) -> tuple[Step, ...]:
    """Waits for safety: nobody can shorten them."""
    rest = {"n": profile.limits.contact_rest_hours}
    rule = _("Es una regla de este programa.")
    return (
        Step(_("Un correo nuevo, hasta que sirve en línea"), _("%(n)s horas") % rest, rule),
        Step(_("Un caso detenido por «no fui yo»"), _("%(n)s horas, como mucho") % {"n": FREEZE_HOURS}, rule),
    )  # fmt: skip


def source(estimate: Estimate) -> str:
    """What a range rests on."""
    return _(SOURCES[estimate.quality])


def said(estimate: Estimate) -> str:
    """`entre 10 y 20 minutos`, `hasta 3 días hábiles`; minutes beyond a working day as days."""
    least_days, most_days = guide.days_of(estimate)
    least = _counted(estimate, estimate.min, least_days)
    most = _counted(estimate, estimate.max, most_days)
    if estimate.max == 0:
        return _("El mismo día")
    if least == most:
        return _words(*most)
    if estimate.min == 0:
        return _("hasta %(most)s") % {"most": _words(*most)}
    first = str(least[0]) if least[1] == most[1] else _words(*least)
    return _("entre %(least)s y %(most)s") % {"least": first, "most": _words(*most)}


def _counted(estimate: Estimate, number: int, days: int) -> tuple[int, str]:
    """A number and its unit: minutes only as long as they make no day."""
    is_short = estimate.unit == guide.MINUTES and days == 0
    return (number, guide.MINUTES) if is_short else (days, guide.WORKING_DAYS)


def _words(number: int, unit: str) -> str:
    if unit == guide.MINUTES:
        return ngettext("%(n)s minuto", "%(n)s minutos", number) % {"n": number}
    return ngettext("%(n)s día hábil", "%(n)s días hábiles", number) % {"n": number}
