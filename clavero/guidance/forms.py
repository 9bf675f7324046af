"""What people type into the guide."""

from django.utils.translation import gettext_lazy as _

from clavero.ui.forms import Form, area


class Wording(Form):
    """Read, answered and forgotten: in no table, no log and no address."""

    wording = area(
        _("Qué dice la pantalla, o qué le pasa"),
        hint=_("Con sus palabras, como lo contaría. Por ejemplo: no me llega nada."),
        empty="guide.wording_empty",
    )
