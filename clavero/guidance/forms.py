"""What people type into the guide."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from clavero.core import workdays
from clavero.core.errors import Refused
from clavero.ui.forms import Form, area, choice, code, email, text


class Wording(Form):
    """Read, answered and forgotten: in no table, no log and no address."""

    wording = area(
        _("Qué dice la pantalla, o qué le pasa"),
        hint=_("Con sus palabras, como lo contaría. Por ejemplo: no me llega nada."),
        empty="guide.wording_empty",
    )


class Duty(Form):
    """Which duty falls due."""

    kind = choice(
        _("¿Qué tiene que hacer a tiempo?"),
        (
            ("contributions", _("Pagar los aportes"), _("Hasta el 15 del mes siguiente.")),
            ("entry_notice", _("Un aviso de entrada"), _("Alguien empezó a trabajar: 15 días.")),
            ("exit_notice", _("Un aviso de salida"), _("Alguien dejó de trabajar: 3 días hábiles.")),
            ("salary_notice", _("Un cambio de sueldo"), _("3 días hábiles.")),
        ),
    )  # fmt: skip


_SLOT = text(
    _("Si ya tiene turno en un centro, ¿qué día es?"),
    type="date",
    width=20,
    optional=True,
)


class Month(Form):
    """Contributions: the month in which the 15th falls."""

    month = text(_("Mes en que los paga"))
    province = text(_("Provincia"), optional=True)
    slot = _SLOT


class Event(Form):
    """A notice: the day on which it happened."""

    event = text(_("¿Qué día pasó?"), type="date", width=20)
    slot = _SLOT


class Reach(Form):
    """Where a message is sent to: whatever the person types."""

    email = email(
        _("Correo"),
        hint=_("Uno que usted abra ahora. Lo borramos cuando el mensaje sale."),
        empty="ready.email_empty",
        width=30,
    )


class Arrived(Form):
    """The code of the trial message."""

    code = code(
        _("Código de 8 letras y números"),
        hint=_("Puede pegarlo. Da igual si usa mayúsculas, minúsculas, espacios o guion."),
        width=20,
        empty="code.empty",
    )


def day(given: str) -> date:
    """A day as a browser sends it, or as people write it: `2026-12-15`, `15/12/2026`. Raises `Refused`: date.shape, date.far."""
    parts = given.replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 3 and len(parts[0]) < 3:
        parts.reverse()
    try:
        year, month, number = map(int, parts)
    except ValueError:
        raise Refused("date.shape") from None
    return workdays.day_of(f"{year:04}-{month:02}-{number:02}")
