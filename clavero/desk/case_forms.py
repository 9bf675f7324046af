"""The forms of the desk."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from clavero.core import counter
from clavero.core.counter import Mark
from clavero.core.errors import Refused
from clavero.desk import queries, texts
from clavero.desk.models import Visit
from clavero.recovery import queries as recovery
from clavero.recovery.models import Case
from clavero.ui.forms import Form, area, choice, code, email, number, phone, text, tick


class Continuation(Form):
    continuation = code(_("Abrir con código de continuación"), autocomplete="off", empty="continuation.empty")  # fmt: skip


class KioskNumber(Form):
    continuation = code(
        _("Su código de continuación, si lo tiene"),
        hint=_("Está en la hoja de su visita. Si no lo tiene, déjelo vacío."),
        autocomplete="off",
        optional=True,
        width=30,
    )


def evidence(asked: Sequence[str]) -> type[Form]:
    """The form of what is seen: one mark and one note per item, the reason, a third party."""
    options = tuple((value, label, "") for value, label, _css in texts.MARKS)
    fields: dict[str, Any] = {}
    for item in asked:
        fields[f"m_{item}"] = choice(item, options, optional=True)
        fields[f"n_{item}"] = text(_("Qué debe traer o corregir"), optional=True)
    fields["reason"] = area(_("Motivo de la atención"), optional=True)
    fields["third_party"] = tick(_("Viene otra persona con autorización"))
    return type("Evidence", (Form,), fields)


def filled(kind: type[Form], visit: Visit) -> Form:
    """The form with what was marked before."""
    values = {"reason": visit.reason or "", "third_party": "1" if visit.third_party else ""}
    for item, one in queries.marks(visit).items():
        values |= {f"m_{item}": one.state, f"n_{item}": one.note}
    return kind({name: value for name, value in values.items() if name in kind.fields})


def marks(form: Form, asked: Sequence[str]) -> dict[str, Mark]:
    """What was marked. Raises `Refused` with the item's field as the detail `item`."""
    found = {}
    for item in asked:
        state = form.values.get(f"m_{item}", "")
        if not state:
            continue
        try:
            found[item] = counter.mark(state, form.values.get(f"n_{item}", ""))
        except Refused as refused:
            raise Refused(refused.code, item=f"n_{item}") from None
    return found


class Email(Form):
    value = email(_("Correo nuevo"), hint=_("Pida que la persona lo lea en voz alta, letra por letra."), width=30)  # fmt: skip


class Mobile(Form):
    value = phone(_("Celular nuevo"), hint=_("10 dígitos, por ejemplo 0991234567."))


class Landline(Form):
    value = phone(_("Teléfono fijo nuevo"), hint=_("9 dígitos, con el código de provincia."))


class Representative(Form):
    name = text(
        _("Nombres de la persona, como están en su documento"),
        hint=_("Su número es el del caso. Quien representaba antes deja de poder entrar."),
        empty="desk.name_empty",
        width=30,
    )


class Register(Form):
    name = text(
        _("Nombre del empleador"), hint=_("Como está en el RUC o en la cédula."), empty="desk.name_empty", width=30
    )  # fmt: skip
    kind = choice(_("¿Qué tipo de empleador es?"), texts.KINDS)


class Why(Form):
    why = area(_("Qué vio, y por qué"), hint=_("Lo leerá la segunda persona."), empty="desk.reason_empty")  # fmt: skip


class Exempt(Form):
    exception = choice(
        _("¿Qué impide seguir como siempre?"), [(code, *said) for code, said in texts.EXCEPTIONS.items()]
    )  # fmt: skip
    why = area(_("Qué vio, y por qué"), hint=_("Lo leerá la segunda persona."), empty="desk.reason_empty")  # fmt: skip


CORRECTION: dict[str, type[Form]] = {
    "email": Email,
    "mobile": Mobile,
    "landline": Landline,
    "representative": Representative,
    "register": Register,
    "ruc": Why,
    "exception": Exempt,
}


def proposed_before(case: Case, kind: str) -> dict[str, str]:
    """What the person proposed on their own phone: nothing is asked twice (S-113)."""
    proposed = recovery.contact_data(case)
    return {"value": proposed[kind]} if proposed.get(kind) else {}


class Shut(Form):
    reason = choice(
        _("¿Por qué se cierra?"),
        (
            ("emergency", _("Una emergencia"), ""),
            ("power_cut", _("Un corte de luz"), ""),
            ("works", _("Trabajos en el local"), ""),
        ),
    )


class Decision(Form):
    decision = choice(
        _("¿Qué decide?"),
        (
            ("approved", _("Aprobar"), _("Vi todo lo que hace falta.")),
            ("sent_back", _("Pedir algo más"), _("La persona no pierde su lugar.")),
            ("refused", _("No aprobar"), _("Diga el motivo: lo leerá la persona.")),
        ),
    )
    reason = area(_("Motivo"), hint=_("Obligatorio si pide algo más o no aprueba."), optional=True)


class CounterCase(Form):
    identification = number(_("Número de cédula o código"), width=20, empty="cedula.empty")
    ruc = number(
        _("RUC"), hint=_("Vacío si emplea a una persona en su casa."), width=20, optional=True
    )
    branch = number(_("Número de sucursal"), width=5, optional=True)
    domestic = tick(_("Emplea a una persona en su casa"))
    reason = area(_("Por qué se abre sin código"), empty="desk.reason_empty")


class Reason(Form):
    continuation = code(
        _("Código de continuación"),
        hint=_("De la hoja de la persona. Si su caso ya terminó, abre otro en el quiosco y sirve ese código."),
        autocomplete="off", empty="continuation.empty",
    )  # fmt: skip
    reason = area(_("Qué evidencia vio"), empty="desk.reason_empty")


class Training(Form):
    centre = text(_("Código del centro"), hint=_("Por ejemplo ambato."), width=20, empty="staff.centre_empty")  # fmt: skip
    reason = area(_("Motivo"), empty="desk.reason_empty")


class Held(Form):
    number = text(_("Número del caso"), hint=_("Por ejemplo 26-004817."), width=20, empty="desk.number_empty")  # fmt: skip
    outcome = choice(
        _("¿Qué averiguó?"),
        (
            ("released", _("Es el empleador"), _("El caso sigue donde estaba.")),
            ("ended", _("No es el empleador"), _("El caso se cierra. Avisamos a cada contacto registrado.")),
        ),
    )  # fmt: skip
    reason = area(_("Cómo lo averiguó"), empty="desk.reason_empty")


class Look(Form):
    outcome = choice(
        _("¿Qué encontró?"),
        (
            ("fine", _("Conforme"), _("Lo que se vio explica lo que se aprobó.")),
            ("doubtful", _("Hay que revisar"), _("Algo no se explica.")),
        ),
    )
    reason = area(_("Por qué"), hint=_("Qué miró y qué falta aclarar."), empty="look.reason_empty")


class Answer(Form):
    answer = area(
        _("¿Qué averiguó?"), hint=_("Qué explica lo que se contó, y qué se hará si nada lo explica."), empty="question.empty"
    )  # fmt: skip


class CaseNumber(Form):
    number = text(_("Número del caso"), hint=_("Por ejemplo 26-004817."), width=20, empty="desk.number_empty")  # fmt: skip
