"""One employer as a form: what a row of a list has."""

from django.utils.translation import gettext_lazy as _

from clavero.ui.forms import Form, choice, email, number, text, tick


class One(Form):
    """Everything but the identification may be empty; what is missing is a doubt or is said."""

    identification = text(
        _("Cédula o código de identificación"),
        width=20,
        empty="cedula.empty",
        classes="cl-input-num",
    )
    domestic = tick(
        _("Emplea a una persona en su casa"),
        hint=_("Deje vacíos el RUC y la sucursal: los completamos."),
    )
    ruc = number(_("RUC"), width=20, optional=True)
    branch = number(
        _("Sucursal"), hint=_("Son 4 dígitos, por ejemplo 0001."), width=5, optional=True
    )
    email = email(_("Correo que cree registrado"), optional=True)
    key = choice(
        _("¿Ya tuvo clave de empleador?"),
        (("si", _("Sí"), ""), ("nunca", _("Nunca"), ""), ("no se", _("No sé"), "")),
        optional=True,
    )
