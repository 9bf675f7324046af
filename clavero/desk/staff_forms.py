"""What is typed at the desk's door and about its people."""

from datetime import date

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from clavero.core.errors import Refused
from clavero.core.identifiers import cedula, foreign_id
from clavero.core.staff import ROLES
from clavero.desk import queries
from clavero.desk import staff_texts as texts
from clavero.throttle import blocks
from clavero.ui.draw import worded
from clavero.ui.forms import Form, area, choice, code, number, text

_say = lazy(worded, str)


class SignIn(Form):
    name = text(
        _("Su nombre de usuario"), width=20, autocomplete="username webauthn", autocapitalize="none", empty="staff.name_empty",
    )  # fmt: skip
    code = code(
        _("Código de seis cifras"), hint=_("Solo en esta demostración. Está en la página del elenco."),
        width=10, inputmode="numeric", optional=True,
    )  # fmt: skip


class Unlock(Form):
    code = code(
        _("Código de seis cifras"), hint=_("Solo en esta demostración. Está en la página del elenco."),
        width=10, inputmode="numeric", optional=True,
    )  # fmt: skip


class Enrol(Form):
    name = text(
        _("Su nombre de usuario"), width=20, autocomplete="username", autocapitalize="none", empty="staff.name_empty",
    )  # fmt: skip
    code = code(
        _("Código de alta"), hint=_("16 letras y números, en la hoja que le entregaron."), width=20,
        autocomplete="off", empty="enrolment.empty",
    )  # fmt: skip


class Passkey(Form):
    label = text(
        _("Nombre de la llave"), hint=_("Por ejemplo: llave azul, teléfono del centro."), width=20,
        empty="passkey.label_empty",
    )  # fmt: skip


class Duty(Form):
    counter = text(
        _("Número de mostrador"), width=4, inputmode="numeric", empty="duty.counter_empty"
    )


class Newcomer(Form):
    name = text(_("Nombres y apellidos"), autocomplete="off", empty="staff.person_empty")
    identification = text(
        _("Cédula o código"), hint=_("Para que nadie atienda lo suyo ni tenga dos puestos."), width=20,
        inputmode="numeric", empty="cedula.empty",
    )  # fmt: skip
    sign_in_name = text(
        _("Nombre de usuario"), hint=_("Letras sin tildes, puntos y números. Por ejemplo: v.salazar"), width=20,
        autocapitalize="none", empty="staff.name_empty",
    )  # fmt: skip
    role = choice(
        _("Puesto"), [(role, texts.ROLES[role], texts.ROLE_HINTS[role]) for role in ROLES]
    )
    centre = text(_("Centro"), hint=_("Su código, como está en la lista de centros."), width=20, optional=True)  # fmt: skip
    examined_on = text(
        _("Día de la capacitación"), hint=_("Por ejemplo, 2026-11-23. Sin ella puede mirar, pero no dar fe."),
        width=10, optional=True,
    )  # fmt: skip


class Move(Form):
    centre = text(_("Centro"), hint=_("Su código, como está en la lista de centros."), width=20, empty="staff.centre_empty")  # fmt: skip


class Prolong(Form):
    examined_on = text(
        _("Día de la capacitación"),
        hint=_("Por ejemplo, 2026-11-23."),
        width=10,
        empty="staff.day_shape",
    )


class Lost(Form):
    reason = area(_("Motivo"), hint=_("Lo leerá quien la aprueba."), empty="staff.reason_empty")


class Network(Form):
    address = text(
        _("Dirección de internet (IP)"), hint=_("Por ejemplo, 203.0.113.9. La persona la ve en «cuál es mi IP»."), width=20,
        autocapitalize="none", empty="network.empty",
    )  # fmt: skip


class Numbers(Form):
    ruc = number(_("RUC"), hint=_("Vacío para quien emplea en su casa."), width=20, optional=True)
    branch = number(_("Sucursal"), hint=_("Vacía es 0001."), width=4, optional=True)
    identification = text(
        _("Cédula o código de quien representa"), hint=_("Para ver también sus intentos de ingresar."), width=20,
        inputmode="numeric", optional=True,
    )  # fmt: skip


class Lift(Form):
    reason = choice(
        _("¿Por qué?"), [(code, _say(f"block.because.{code}"), "") for code in blocks.REASONS]
    )


def day(typed: str) -> date:
    """A day as YYYY-MM-DD. Raises `Refused("staff.day_shape")`."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Refused("staff.day_shape") from None


def centre(typed: str) -> str:
    """The code of a centre that there is. Raises `Refused("centre.unknown")`."""
    code = typed.strip().lower()
    if queries.known_centre(code) is None:
        raise Refused("centre.unknown")
    return code


def identification(typed: str) -> str:
    """A cédula, or a foreigner's code, in normal form. Raises what their readers raise."""
    if any(char.isalpha() for char in typed):
        return foreign_id.parse(typed).value
    return cedula.parse(typed).value
