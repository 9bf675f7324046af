"""What is typed about one's own data: in the account, and at a desk for somebody who came."""

from django.utils.translation import gettext_lazy as _

from clavero.core import rights
from clavero.rights import texts
from clavero.ui.forms import Form, area, choice, key, number, text

_KINDS = [(kind, texts.KINDS[kind], texts.KIND_HINTS[kind]) for kind in rights.KINDS]


class Ask(Form):
    kind = choice(_("¿Qué pide?"), _KINDS)
    what = area(
        _("Dígalo con sus palabras"), hint=_("No escriba claves ni códigos."), empty="rights.what_empty"
    )  # fmt: skip


class Download(Form):
    format = choice(
        _("¿Cómo la quiere?"),
        [
            ("pdf", _("Para leer o imprimir (PDF)"), ""),
            ("json", _("Para otro programa (JSON)"), _("Trae también los nombres de cada dato.")),
        ],
    )
    current = key(_("Clave actual"), autocomplete="current-password", empty="signin.key_empty")


class Note(Form):
    kind = choice(
        _("¿Qué pide la persona?"), [(kind, said, "") for kind, said, _hint in _KINDS], empty="rights.kind_empty"
    )  # fmt: skip
    who = text(_("Nombres de quien pide"), autocomplete="off", empty="rights.who_empty")
    identification = number(
        _("Cédula o código de la persona de quien son los datos"),
        hint=_("Si viene otra persona con una autorización, el número de quien la firmó."), width=20, empty="cedula.empty",
    )  # fmt: skip
    ruc = number(
        _("RUC del empleador"), hint=_("Vacío si emplea a alguien en su casa."), width=20, optional=True
    )  # fmt: skip
    what = area(_("Qué pide, con sus palabras"), empty="rights.what_empty")
    reach = text(
        _("Dónde recibe la respuesta"), hint=_("Un correo, una dirección, o que vuelve al centro."), empty="rights.reach_empty"
    )  # fmt: skip
    proof = choice(
        _("¿Qué documentos vio?"),
        [
            ("document", _("Su cédula o pasaporte"), ""),
            ("authorisation", _("Una autorización, y los documentos de los dos"), ""),
            ("none", _("Ninguno todavía"), _("El pedido corre igual, pero no se entrega nada.")),
        ],
        empty="rights.proof_empty",
    )


class Decide(Form):
    decision = choice(
        _("¿Qué se decide?"),
        [("answered", _("Responder"), _("Ya se hizo o se entregó lo que pide.")), ("refused", _("Negar, con motivo"), "")],
    )  # fmt: skip
    reason = choice(
        _("Si se niega, ¿por qué?"),
        [(code, texts.REASONS[code], article) for code, article in rights.REASONS.items()],
        optional=True,
    )
    words = area(
        _("Qué se le responde"), hint=_("La persona lo lee tal como está."), empty="rights.words_empty"
    )  # fmt: skip
