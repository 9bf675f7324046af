"""Signing in, and changing a key one knows."""

from django.utils.translation import gettext_lazy as _

from clavero.core.identifiers import employer
from clavero.core.identifiers.employer import EmployerNumber, Refusals
from clavero.core.identifiers.reading import bare
from clavero.institution import profile
from clavero.ui.forms import Form, code, key, number, text, tick


class SignIn(Form):
    identification = number(
        _("Número de cédula o código"), width=20, autocomplete="username", empty="cedula.empty"
    )
    ruc = number(
        _("RUC"),
        hint=_("Déjelo vacío si emplea a una persona en su casa."),
        width=20,
        optional=True,
    )
    branch = number(_("Número de sucursal"), width=5, optional=True)
    domestic = tick(_("Empleo a una persona en mi casa"))
    key = key(_("Clave"), autocomplete="current-password", empty="signin.key_empty")


class ChangeKey(Form):
    current = key(_("Clave actual"), autocomplete="current-password", empty="signin.key_empty")
    key = key(
        _("Clave nueva"), hint=_("15 caracteres o más. Cuatro palabras sirven."), empty="key.empty"
    )


class Passkey(Form):
    label = text(
        _("Nombre de la llave"), hint=_("Por ejemplo: mi teléfono."), width=20, empty="passkey.label_empty",
    )  # fmt: skip
    current = key(_("Clave actual"), autocomplete="current-password", empty="signin.key_empty")


class PasskeyBesideSecond(Passkey):
    """For whoever has a second step: a passkey opens without it, and is bound with it."""

    code = code(
        _("Código de 6 números"),
        hint=_("De su aplicación, o uno de un solo uso."),
        width=20,
        empty="second.empty",
    )


class SecondCode(Form):
    code = code(
        _("Código de 6 números"),
        hint=_("Cambia cada medio minuto. También sirve uno de un solo uso."),
        width=20,
        empty="second.empty",
    )


class NewSecond(Form):
    code = code(
        _("Código que muestra la aplicación"),
        hint=_("Son 6 números."),
        width=10,
        empty="second.app_empty",
    )
    current = key(_("Clave actual"), autocomplete="current-password", empty="signin.key_empty")


class Proof(Form):
    code = code(
        _("Código de 6 números"),
        hint=_("De su aplicación, o uno de un solo uso."),
        width=20,
        empty="second.empty",
    )
    current = key(_("Clave actual"), autocomplete="current-password", empty="signin.key_empty")


def employer_number(form: SignIn) -> EmployerNumber | None:
    """Who signs in for which employer. With a key per RUC the branch is chosen afterwards."""
    branch = form["branch"] if profile().key_scope == "branch" else "0001"
    foreign = any(char.isalpha() for char in bare(form["identification"]))
    try:
        return employer.parse(
            form["identification"],
            form["ruc"],
            branch,
            domestic=bool(form["domestic"]),
            foreign=foreign,
        )
    except Refusals as refused:
        form.refuse_all(refused.fields, refused.repairs)
        return None
