"""The forms of the journey. Field names are promises (INTERFACES); what is judged, the core judges."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from clavero.core.errors import Refused
from clavero.core.identifiers import email, phone
from clavero.core.identifiers.employer import Refusals, person_reader
from clavero.core.identifiers.reading import bare
from clavero.notices import sms
from clavero.ui.forms import Form, choice, code, key, number, text, tick
from clavero.ui.forms import email as email_field
from clavero.ui.forms import phone as phone_field

LONGEST_ADDRESS = 160


def is_foreign(typed: str) -> bool:
    """Whether what was typed can only be a foreigner's code: it has letters."""
    return any(char.isalpha() for char in bare(typed))


class Who(Form):
    identification = number(
        _("Número de cédula"),
        hint=_("La suya, como empleador o representante legal. Son 10 dígitos."),
        width=10,
        autocomplete="username",
        empty="cedula.empty",
    )
    domestic = tick(
        _("Empleo a una persona en mi casa"),
        hint=_("Limpieza, cocina, cuidado, jardín. No necesita RUC: lo completamos con su cédula."),
    )


class Foreigner(Who):
    identification = text(
        _("Código de identificación"),
        hint=_("El que le dio el instituto. Tiene letras y números."),
        width=20,
        autocomplete="username",
        empty="foreign_id.empty",
    )


class Number(Form):
    ruc = number(
        _("RUC"),
        hint=_("Son 13 dígitos. Está en su certificado de RUC y en sus facturas."),
        width=20,
        empty="ruc.empty",
    )
    branch = number(
        _("Número de sucursal"),
        hint=_("Son 4 dígitos. Si tiene un solo local, casi siempre es 0001."),
        width=5,
        empty="sucursal.empty",
    )


class Check(Form):
    """Nothing to type: the ticket rides in the draft."""


class Record(Form):
    """What our messages and sheets carry at their foot."""

    entry = number(_("Número de registro"), width=10, empty="record.entry")
    head12 = text(
        _("Sello"), hint=_("12 letras y números."), width=20, empty="record.seal", autocapitalize="none"
    )  # fmt: skip


class Code(Form):
    code = code(
        _("Código de 8 letras y números"),
        hint=_("Puede pegarlo. Da igual si usa mayúsculas, minúsculas, espacios o guion."),
        width=20,
        empty="code.empty",
    )


class Link(Form):
    identification = number(
        _("Su número de cédula o código"),
        hint=_("El mismo con el que empezó."),
        width=20,
        autocomplete="username",
        empty="cedula.empty",
    )


def answer_form(name: str) -> type[Form]:
    """The form of one question: its field says which fact it asks for."""
    question = text(_("Su respuesta"), width=20, empty="answer.empty", fact=name)
    return type("Answer", (Form,), {"answer": question})


class ContactData(Form):
    email = email_field(
        _("Correo personal"),
        hint=_("Uno que usted abra desde su teléfono."),
        optional=True,
        width=30,
    )
    mobile = phone_field(_("Celular"), hint=_("10 dígitos, por ejemplo 0991234567."), optional=True)
    landline = phone_field(
        _("Teléfono fijo"), hint=_("9 dígitos, con el código de provincia."), optional=True
    )


class VisitContact(ContactData):
    address = text(
        _("Dirección"),
        hint=_("Calle, número, ciudad y una referencia."),
        optional=True,
        autocomplete="address-line1",
    )


class NewKey(Form):
    key = key(
        _("O escriba la suya"),
        hint=_("15 caracteres o más. No hacen falta mayúsculas, números ni símbolos."),
        empty="key.empty",
    )


class TestKey(Form):
    key = key(
        _("Su clave"), hint=_("La que acaba de crear o de conservar."), autocomplete="current-password",
        empty="signin.key_empty",
    )  # fmt: skip


class Situation(Form):
    situation = choice(
        _("¿Qué le pasa?"),
        (
            ("first_key", _("Es mi primera clave"), ""),
            ("representative_changed", _("Cambió el representante"), ""),
            ("no_email", _("Ya no tengo ese correo"), ""),
            ("ruc_not_active", _("Mi RUC está suspendido o cerrado"), ""),
            ("unknown", _("No sé"), ""),
        ),
    )


class WhoGoes(Form):
    situation = choice(
        _("¿Quién va a ir al centro?"),
        (
            ("self", _("Yo, que represento al empleador"), ""),
            ("third_party", _("Otra persona, con mi autorización"), _("Le damos la autorización lista para firmar.")),
            ("liquidator", _("Yo, como liquidador o liquidadora"), ""),
            ("heir", _("Yo, como heredero, heredera o albacea"), _("Si quien era empleador falleció.")),
        ),
    )  # fmt: skip


class Secret(Form):
    secret = code(
        _("Clave de caso"),
        hint=_("26 letras y números. Puede pegarla."),
        autocomplete="off",
        empty="case.secret_empty",
        width=30,
    )


class SavedCode(Form):
    code = code(
        _("Código de respaldo"),
        hint=_("Tiene 16 letras y números. Lo guardó al crear su clave."),
        width=20,
        autocomplete="off",
        empty="saved_code.wrong",
    )


class Binding(Form):
    code = code(
        _("Código que le dieron en el centro"),
        hint=_("8 letras y números, o 16 si siguió desde su casa. Puede pegarlo."),
        width=20,
        empty="binding.empty",
    )


class Slot(Form):
    """The times are radios that the page draws itself; here stand only refusals."""

    slot = text(_("Hora"), empty="slot.empty")


class Reach(Form):
    email = email_field(
        _("Correo para confirmar el turno"),
        hint=_("Puede ser cualquiera que abra ahora. Ahí le llegan también los avisos."),
        empty="email.needed",
        width=30,
    )


class AnyReach(Form):
    """The same where this server sends to mobiles too. The name of the field stays: browsers offer what they know."""

    email = text(
        _("Correo o celular para confirmar el turno"),
        hint=_("Puede ser cualquiera que abra ahora. Ahí le llegan también los avisos."),
        empty="reach.empty",
        width=30,
        autocomplete="email",
        autocapitalize="none",
    )


class PickUp(Form):
    identification = number(
        _("Su número de cédula o código"), width=20, autocomplete="username", empty="cedula.empty"
    )
    code = code(
        _("Código de 8 letras y números"),
        hint=_("El que le dieron en el mostrador hace un momento."),
        width=20,
        empty="code.empty",
    )


def person(form: Who) -> str | None:
    """The identification in normal form, read as a cédula or as a foreigner's code."""
    foreign = isinstance(form, Foreigner) or is_foreign(form["identification"])
    return form.parse("identification", person_reader(foreign))


def proposed(form: ContactData) -> dict[str, str]:
    """The contacts that were typed, each in its normal form."""
    readers = {"email": email.parse, "mobile": phone.parse_mobile, "landline": phone.parse_landline}
    found: dict[str, Any] = {name: form.parse(name, reader) for name, reader in readers.items()}  # type: ignore[type-var]
    return {name: parsed.value for name, parsed in found.items() if parsed}


def to_reach() -> type[Form]:
    """The form that asks where the code may go, as this server can send it."""
    return AnyReach if sms.is_on() else Reach


def reach(form: Form) -> tuple[str, str] | None:
    """Kind and normal form of the contact that was typed, or None with what was wrong at its field."""
    if isinstance(form, AnyReach) and _is_number(form["email"]):
        mobile = form.parse("email", _mobile)
        return ("mobile", mobile.value) if mobile else None
    found = form.parse("email", email.parse)
    return ("email", found.value) if found else None


def _is_number(typed: str) -> bool:
    """Whether what was typed is meant as a number: digits, and no sign of an address."""
    return "@" not in typed and sum(char.isdecimal() for char in typed) > 5


def _mobile(typed: str) -> phone.Phone:
    """A mobile that can be reached. Raises `Refused`: reach.country, reach.landline, and as `phone.parse`."""
    if bare(typed).startswith("+") and not bare(typed).startswith("+593"):
        raise Refused("reach.country")
    found = phone.parse(typed)
    if not found.is_mobile:
        raise Refused("reach.landline")
    sms.e164(found.value)
    return found


def given(form: VisitContact) -> dict[str, str]:
    """The contact data of a visit, each in its normal form. Refuses an address that no form has room for."""
    if len(form["address"]) > LONGEST_ADDRESS:
        form.refuse("address", Refused("field.too_long", most=LONGEST_ADDRESS))
    return proposed(form) | ({"address": form["address"]} if form["address"] else {})


def refuse(form: Form, refused: Refused, name: str) -> None:
    """Put a refusal at its field: those of several fields at theirs, any other at `name`."""
    if isinstance(refused, Refusals):
        form.refuse_all(refused.fields, refused.repairs)
    else:
        form.refuse(name, refused)
