"""The papers of a visit, written from the case: the sheet to take along (F02, F03, F04) and those to sign (F16).

The case secret is on none of them. Before proof they say what was typed and declared, and nothing that a
register knows: for one who exists and one who does not they are the same, byte for byte (S-056).
"""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from clavero import dates
from clavero.appointments.models import Booking
from clavero.core import papers, triage
from clavero.core.profile import Paper
from clavero.institution import profile
from clavero.recovery import queries, services
from clavero.recovery.models import Case
from clavero.ui.context import host
from clavero.ui.paper import (
    Box,
    Boxes,
    Code,
    Field,
    Fields,
    Heading,
    Note,
    Sheet,
    Signatures,
    Steps,
    Text,
)
from clavero.ui.plain_html import language

SOURCES = {
    "official page": gettext_noop("Fuente: página oficial."),
    "news": gettext_noop("Fuente: prensa."),
    "reported, unverified": gettext_noop("Fuente: sin verificar."),
    "our choice": gettext_noop("Fuente: este programa."),
}


ADDRESSES = {
    "request": "solicitud",
    "agreement": "acuerdo",
    "authorisation": "autorizacion",
}
"""The papers to sign as their pages' addresses name them."""


def papers_of(case: Case) -> tuple[Paper, ...]:
    """What this case needs, from what was declared and what is public (S-058), as asked for when it was opened."""
    verdict = triage.before_proof(services.public_facts(case))
    reasons = [reason.code for reason in verdict.reasons]
    opened_on = queries.local_day(case.opened_at)
    return papers.needed(profile().papers, reasons, declared_kind(case), case.declared, opened_on)


def declared_kind(case: Case) -> str:
    """The kind of employer as far as the typed numbers say it."""
    if case.domestic:
        return "domestic"
    return "foreign" if not case.identification.isdigit() else "unknown"


def source(paper: Paper) -> str:
    """Who asks for a paper, and when somebody last looked."""
    said = _(SOURCES[paper.quality])
    if paper.checked_on is None:
        return said
    day = {"day": dates.long_date(paper.checked_on, language())}
    return f"{said} " + _("Revisada el %(day)s.") % day


def visit_sheet(
    case: Case, continuation: str, asked: Sequence[Paper], booked: Booking | None = None
) -> Sheet:
    """The sheet to show at the centre: the continuation code first, then when, what to bring, what happens."""
    parts = (
        _code(case, continuation),
        Heading(_("Cuándo y dónde")),
        *_when(booked),
        Heading(_("Qué llevar")),
        Boxes(tuple(_box(paper) for paper in asked)),
        Heading(_("Qué pasa en el centro")),
        Steps(_steps()),
        Note(
            _("Nadie del centro le pide su clave de empleador ni su clave de caso. El trámite es gratuito."),
            _("Tenga presente:"),
        ),
        Text(help_line(), small=True),
    )  # fmt: skip
    return Sheet(
        _("Hoja de su visita"), _("hoja-de-visita"), parts, language(), case.number,
        _("Con lo que dice esta hoja basta una sola visita."),
    )  # fmt: skip


def _code(case: Case, continuation: str) -> Code:
    until = case.continuation_expires_at
    day = {"day": dates.long_date(queries.local_day(until), language()) if until else ""}
    says = (
        _("Vale hasta el %(day)s, en cualquier centro.") % day,
        _("Su clave de caso es otra y no está en este papel."),
    )
    return Code(
        _("Muestre este código en el centro"), continuation, says, _("No muestre a nadie su clave de caso.")
    )  # fmt: skip


def _when(booked: Booking | None) -> tuple[Fields | Text, ...]:
    if booked is None:
        return (
            Text(_("Aún no tiene turno. Resérvelo en %(host)s, en «Mi caso».") % {"host": host()}),
            Fields((Field(_("Centro")), Field(_("Día y hora")))),
        )
    starts, centre = booked.local_start, booked.centre
    hour = f"{dates.long_date(starts.date(), language())}, {dates.clock(starts)}{dates.zone_note(starts, settings.TIME_ZONE, language())}"
    where = ", ".join(filter(None, (centre.address, centre.canton)))
    if booked.state == booked.BOOKED:
        hour = _("%(hour)s (por confirmar)") % {"hour": hour}
    return (
        Fields(
            (
                Field(_("Día y hora"), hour),
                Field(_("Centro"), centre.name),
                Field(_("Dirección"), where),
            )
        ),
    )


def _box(paper: Paper) -> Box:
    lang = language()
    return Box(paper.thing.say(lang), paper.handling.say(lang), source(paper))


def _steps() -> tuple[str, ...]:
    return (
        _("Muestre el código de arriba y su cédula. Miran sus papeles y se los devuelven."),
        _("Otra persona del centro revisa y aprueba. Si tarda más de 15 minutos, termina en su casa."),
        _("Le dan un código que vale 10 minutos. Con él y su clave de caso crea su clave, en su teléfono."),
        _("Ingrese una vez con la clave nueva, para comprobarla."),
    )  # fmt: skip


def help_line() -> str:
    """Where to ask, in one line."""
    institution = profile().institution
    words = {
        "phone": institution.help_phone,
        "hours": institution.help_hours.say(language()),
        "host": host(),
    }
    return _("Ayuda: %(phone)s, %(hours)s. En línea: %(host)s.") % words


# --- papers to sign: Spanish, one sheet each (F16) ------------------------------------------------------


def to_sign(code: str, case: Case) -> Sheet:
    """One of `papers.SHEETS`, filled in from the case. In Spanish, whatever the page speaks."""
    return _WRITTEN[code](case)


def _request(case: Case) -> Sheet:
    """The *solicitud* with every field that the official page demands (DOMAIN §1.4)."""
    data = queries.contact_data(case)
    parts = (
        Text(_addressee(case), "Para:"),
        Fields(_employer(case)),
        Heading("Qué pido"),
        Boxes(_asked_for(case)),
        Heading("Dónde me encuentran"),
        Fields(
            (
                Field("Correo", data["email"]),
                Field("Celular", data["mobile"]),
                Field("Teléfono fijo", data["landline"]),
                Field("Dirección", data["address"]),
            )
        ),
        Text("Lo que digo aquí es verdad. Sé que mis contactos registrados recibirán un aviso."),
        Signatures(("Firma, a mano", "Lugar y fecha")),
    )
    return Sheet("Solicitud para empleador", "solicitud", parts, "es", case.number)


def _addressee(case: Case) -> str:
    """A liquidator writes to the provincial director; everybody else to the institution."""
    name = profile().institution.name
    return f"Dirección Provincial, {name}" if "liquidator" in case.declared else name


def _employer(case: Case) -> tuple[Field, ...]:
    """Who and which employer. Names stand here only where a contact on record was proved in this case."""
    person, firm = _names(case)
    return (
        Field("Nombres y apellidos", person),
        Field("Cédula o código de identificación", case.identification, number=True),
        Field("RUC", case.ruc, number=True),
        Field("Sucursal", case.branch),
        Field("Razón social", "Empleo en casa, sin razón social" if case.domestic else firm),
    )


def _names(case: Case) -> tuple[str, str]:
    if case.proved_at is None or case.representative is None or case.employer is None:
        return "", ""
    return case.representative.name, case.employer.name


def _asked_for(case: Case) -> tuple[Box, ...]:
    closed = services.public_facts(case).ruc in ("suspended", "closed")
    rows = (
        ("Que me entreguen una clave de empleador", True),
        ("Es mi primera clave", "first_key" in case.declared),
        ("Cambiar el correo registrado por el de esta hoja", "no_email" in case.declared),
        ("Registrar a quien representa ahora al empleador", "representative_changed" in case.declared),
        ("Que me atiendan con el RUC suspendido o cerrado", closed or "ruc_not_active" in case.declared),
        ("Otra cosa: ____________________________________", False),
    )  # fmt: skip
    return tuple(Box(text, ticked=ticked) for text, ticked in rows)


def _agreement(case: Case) -> Sheet:
    clauses = tuple(clause.es for clause in profile().agreement)
    parts = (
        Fields(_employer(case)),
        Text("Recibo o recibiré una clave de empleador y me comprometo a lo siguiente:"),
        Steps(clauses),
        Signatures(("Firma, a mano", "Lugar y fecha")),
    )
    return Sheet(
        "Acuerdo de responsabilidad", "acuerdo-de-responsabilidad", parts, "es", case.number,
        foot="Texto de referencia. Si el instituto publica el suyo, vale el suyo.",
    )  # fmt: skip


def _authorisation(case: Case) -> Sheet:
    until = case.continuation_expires_at
    day = dates.long_date(queries.local_day(until)) if until else ""
    parts = (
        Heading("Quien autoriza"),
        Fields(_employer(case)),
        Heading("A quién autoriza"),
        Fields((Field("Nombres y apellidos"), Field("Cédula o código de identificación"))),
        Heading("Para qué"),
        Text(f"Para presentar mis papeles en un centro y responder por mí en este caso, hasta el {day}."),
        Note("No para conocer mi clave de empleador ni mi clave de caso: la clave la creo yo.", "Límite:"),
        Signatures(("Firma de quien autoriza", "Firma de quien va", "Lugar y fecha")),
    )  # fmt: skip
    return Sheet("Autorización a tercero", "autorizacion-a-tercero", parts, "es", case.number)


_WRITTEN = {"request": _request, "agreement": _agreement, "authorisation": _authorisation}
