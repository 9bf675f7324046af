"""What the desk says: items, scripts, states. Papers have their words in the profile's catalogue."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clavero.appointments.queries import Times, rules
from clavero.appointments.texts import span
from clavero.desk.queries import Turn
from clavero.institution import profile
from clavero.ui.plain_html import language

ITEMS = {
    "id_original": (
        _("Documento original y vigente"),
        _(
            "Cédula, o código de identificación si es extranjero. Mírelo y devuélvalo. No saque copia."
        ),
    ),
    "id_untouched": (
        _("El documento no está alterado"),
        _("Bordes, letra, foto y relieve. Si duda, pida una revisión."),
    ),
    "id_face": (_("La persona es la del documento"), _("Compare el rostro con la foto.")),
    "id_data": (
        _("El número y el nombre son los del caso"),
        _("Lea el número del documento y compárelo con el de esta página."),
    ),
    "x_report": (
        _("Denuncia o comprobante de que el documento se perdió"),
        _("Con fecha y con el número de la persona. Mírelo y devuélvalo."),
    ),
    "x_other_id": (
        _("Otro documento oficial con foto"),
        _(
            "Licencia de conducir, pasaporte o carné del Estado, original y vigente. El número y el nombre son los del caso."
        ),
    ),
    "x_apart": (
        _("Compararon el rostro con los dos documentos, aparte"),
        _("En un lugar donde nadie más mire, con otra persona del centro."),
    ),
    "x_fingerprint": (
        _("Huella en cada papel, en lugar de la firma"),
        _("La persona la pone delante de usted."),
    ),
    "x_witness": (
        _("Una persona de confianza firma como testigo"),
        _("No trabaja en el centro. Mire su documento y devuélvalo."),
    ),
    "holder_authorisation": (
        _("Autorización firmada de quien representa al empleador"),
        _("Con nombres y número de las dos personas."),
    ),
    "holder_card_copy": (
        _("Copia de la cédula de quien representa al empleador"),
        _("Mírela y devuélvala."),
    ),
    "register": (
        _("Registrar al empleador"),
        _("El registro no tiene este número. Regístrelo con los papeles que vio."),
    ),
    "representative": (
        _("Decir quién representa al empleador"),
        _("El registro no tiene a esta persona como representante."),
    ),
}
MARKS = (
    ("seen", _("Vista"), "is-seen"),
    ("missing", _("Falta"), "is-missing"),
    ("observed", _("Observada"), "is-noted"),
)
CORRECTIONS = {
    "email": _("Cambiar el correo registrado"),
    "mobile": _("Cambiar el celular registrado"),
    "landline": _("Cambiar el teléfono fijo registrado"),
    "representative": _("Decir quién representa al empleador"),
    "register": _("Registrar al empleador"),
    "ruc": _("El RUC ya está activo: vi el certificado"),
    "exception": _("Pedir una excepción"),
}
EXCEPTIONS = {
    "document_lost": (
        _("El documento se perdió o lo robaron"),
        _("Muestra la denuncia y otro documento oficial con foto."),
    ),
    "document_damaged": (
        _("El documento está roto o borrado"),
        _("Muestra además otro documento oficial con foto."),
    ),
    "face_differs": (
        _("El rostro cambió o va cubierto"),
        _("Muestra otro documento oficial con foto, y la comparan aparte."),
    ),
    "cannot_sign": (
        _("La persona no puede firmar"),
        _("Pone su huella, y una persona de confianza firma como testigo."),
    ),
}
"""An exception in words, and what stands in for what is missing (S-077)."""
SCRIPTS = {
    "at_desk": _("«Buenos días. ¿Me muestra su cédula? La miro y se la devuelvo.»"),
    "in_review": _("«Otra persona está revisando su caso. Son unos minutos. Si tiene prisa, puede terminar en su casa.»"),
    "approved": _("«Está aprobado. Le doy un código. Usted crea su clave en su teléfono o en el quiosco; no me la diga.»"),
    "binding_handed": _("«Escriba en su teléfono su clave de caso y después este código. Yo no debo ver la clave.»"),
    "observed": _("«Falta algo. Vuelva con esta hoja antes de la fecha: no hace otra fila.»"),
    "key_set": _("«Ahora ingrese una vez con su clave para estar seguros.»"),
}  # fmt: skip
STATES = {
    "visit_needed": _("Falta la visita"),
    "booked": _("Con turno"),
    "at_desk": _("En atención"),
    "observed": _("Vuelve con lo que falta"),
    "in_review": _("Espera la segunda aprobación"),
    "approved": _("Aprobado"),
    "binding_handed": _("Código entregado"),
    "frozen": _("Detenido por «no fui yo»"),
    "key_set": _("Clave creada"),
    "access_tested": _("Acceso comprobado"),
    "refused": _("No aprobado"),
}
TURNS = {
    "booked": _("Por confirmar"),
    "firm": _("Confirmado"),
    "arrived": _("Llegó"),
    "done": _("Terminado"),
    "missed": _("No vino"),
}
KINDS = (
    ("natural", _("Persona natural"), ""),
    ("company", pgettext_lazy("kind of employer", "Empresa"), ""),
    ("public", _("Entidad pública"), ""),
    ("domestic", _("Emplea a una persona en su casa"), ""),
    ("foreign", _("Persona extranjera sin cédula"), ""),
)


PAPER_FIELDS = (
    _("Fecha y hora"),
    _("Identificación de la persona"),
    _("RUC y sucursal"),
    _("Nombre del empleador"),
    _("Correo y teléfono de la persona"),
)
PAPER_CHECKS = (
    _("Emplea a una persona en su casa"),
    _("Documento visto: original, vigente, sin alteración"),
    _("La persona es la del documento"),
)
DECISIONS = {
    "approved": _("aprobado"),
    "sent_back": _("devuelto"),
    "refused": _("no aprobado"),
}
NEXT = {
    "observed": _("Vuelva hasta el %(until)s con lo que falta. No hace otra fila."),
    "in_review": _("Otra persona revisa su caso. Si tarda, termine en su casa con su clave de caso, en %(host)s."),
    "approved": _("Pida el código del centro. Con él y su clave de caso crea su clave."),
    "binding_handed": _("Cree su clave en %(host)s, en «Mi caso», con su clave de caso y el código que recibió."),
    "key_set": _("Ingrese una vez con su clave nueva en %(host)s, para comprobarla."),
    "access_tested": _("Nada más. Guarde esta hoja."),
    "refused": _("Puede reclamar con este número de caso, o empezar de nuevo en %(host)s."),
}  # fmt: skip
COUNTS = {
    "tickets": _("Números dados"),
    "waiting": _("Siguen esperando"),
    "called": _("Llamados"),
    "held": _("En espera"),
    "served": _("Atendidos"),
    "left": _("No estaban o se fueron"),
    "visits": _("Casos abiertos"),
    "key_set": _("Con clave creada"),
    "handed_over": _("Con código entregado"),
    "observed": _("Vuelven con lo que falta"),
    "online": _("Siguieron en línea"),
    "sent_back": _("Devueltos por la segunda persona"),
    "refused": _("No aprobados"),
}


def turns(agenda: Sequence[Turn]) -> list[tuple[Turn, str]]:
    """Today's appointments, each with how it stands in words."""
    return [(one, str(TURNS.get(one.state, one.state))) for one in agenda]


def counted(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The count of a day, each with its words."""
    return [(str(COUNTS.get(name, name)), n) for name, n in counts.items()]


def measured(found: Times | None) -> list[tuple[str, str, int]]:
    """What was measured at a centre: what, the range, of how many."""
    if found is None:
        return []
    named = {one.code: one.name.say(language()) for one in rules().services}
    rows = [
        (named.get(code, str(MEASURED["visit"])), one) for code, one in sorted(found.visits.items())
    ]
    rows += [
        (str(MEASURED[name]), one)
        for name, one in (("booked", found.booked_wait), ("walk_in", found.walk_in_wait))
        if one
    ]
    return [(name, span(one), one.n) for name, one in rows]


MEASURED = {
    "visit": _("Todas las visitas"),
    "booked": _("Espera con turno"),
    "walk_in": _("Espera sin turno"),
}


def correction(kind: str, value: Mapping[str, str]) -> str:
    """A correction in words; an exception by its own name."""
    code = value.get("exception", "")
    return f"{CORRECTIONS[kind]}. {EXCEPTIONS[code][0]}" if code in EXCEPTIONS else str(CORRECTIONS[kind])  # fmt: skip


def item(code: str, lang: str) -> tuple[str, str]:
    """Title and instruction of an item."""
    if code in ITEMS:
        title, how = ITEMS[code]
        return str(title), str(how)
    found = next((paper for paper in profile().papers if paper.code == code), None)
    return (found.thing.say(lang), found.handling.say(lang)) if found else (code, "")
