"""The words for the people of the desk: roles, pages, what happened."""

from django.utils.translation import gettext_lazy as _

ROLES = {
    "officer": _("Oficial"),
    "supervisor": _("Supervisión"),
    "manager": _("Responsable del centro"),
    "auditor": _("Auditoría"),
    "operator": _("Operación"),
}
ROLE_HINTS = {
    "officer": _("Atiende en el mostrador."),
    "supervisor": _("Atiende y resuelve lo que sale de lo común."),
    "manager": _("Cuida el centro y a su gente."),
    "auditor": _("Mira lo registrado y los casos que salen sorteados. No aprueba nada."),
    "operator": _("Cuida el sistema y las altas. No abre casos."),
}
NAV = {
    "desk_home": _("Mostrador"),
    "desk_staff": _("Personal"),
    "desk_enrolments": _("Altas por entregar"),
    "desk_evidence": _("Evidencia"),
    "desk_looks": _("Segunda mirada"),
    "desk_watch": _("Preguntas"),
    "desk_training": _("Práctica"),
    "desk_rights": _("Datos personales"),
    "desk_letters": _("Cartas"),
    "desk_limits": _("Límites"),
}
"""The pages that the head of the desk links to."""
ACTS = {
    "desk_home": "desk.home",
    "desk_staff": "staff.read",
    "desk_enrolments": "staff.approve",
    "desk_evidence": "audit.read",
    "desk_looks": "case.look",
    "desk_watch": "watch.read",
    "desk_training": "centre.change",
    "desk_rights": "rights.answer",
    "desk_letters": "post.send",
    "desk_limits": "limits.lift",
}
"""Page of the head → the act that opens it."""
