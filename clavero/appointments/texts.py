"""What pages say of days without appointments, in the language in force."""

from django.utils.translation import gettext as _

from clavero import dates
from clavero.appointments.models import Centre, Closure
from clavero.appointments.queries import Times
from clavero.core import slots
from clavero.core.measures import Spread
from clavero.core.slots import None_
from clavero.ui.plain_html import language


def _noop(text: str) -> str:
    return text


KINDS = {"video": _noop("Por videollamada"), "phone": _noop("Por teléfono")}
HOLIDAYS = {
    "new_year": _noop("Año Nuevo"),
    "carnival": _noop("carnaval"),
    "good_friday": _noop("Viernes Santo"),
    "labour_day": _noop("el Día del Trabajo"),
    "pichincha": _noop("la Batalla de Pichincha"),
    "first_cry": _noop("el Primer Grito de Independencia"),
    "guayaquil": _noop("la Independencia de Guayaquil"),
    "all_souls": _noop("el Día de los Difuntos"),
    "cuenca": _noop("la Independencia de Cuenca"),
    "christmas": _noop("Navidad"),
}
REASONS = {
    "decree": _noop("un feriado por decreto"),
    "power_cut": _noop("un corte de luz"),
    "training": _noop("capacitación del personal"),
    "works": _noop("obras en el local"),
    "emergency": _noop("una emergencia"),
    "closure": _noop("un cierre del centro"),
}


def kind(centre: Centre) -> str:
    """`Por videollamada`, `Por teléfono`; "" for a place where one goes."""
    return _(KINDS[centre.kind]) if centre.is_remote else ""


def because(code: str) -> str:
    """Why a day is closed: `holiday:christmas` as «por Navidad»."""
    kind, _colon, name = code.partition(":")
    if kind == "local":
        return _("por el feriado local")
    if name.startswith("decree"):
        return _("por un feriado por decreto")
    said = HOLIDAYS.get(name) or REASONS.get(kind) or REASONS["closure"]
    return _("por %(what)s") % {"what": _(said)}


def why(none: None_, zone: str) -> str:
    """The four reasons of *no slot*, one sentence each (DOMAIN §7, 1 and 3)."""
    if none.reason == slots.INACTIVE:
        return _("Este centro no atiende por ahora.")
    if none.reason == slots.TOO_EARLY:
        opens = slots.local(none.opens_at, zone)
        when = {"day": dates.long_date(opens.date(), language())}
        return _("Aún no se abre: esos turnos se reservan desde el %(day)s.") % when
    if none.reason == slots.CLOSED:
        if none.because == "over":
            return _("Por hoy ya no hay tiempo de llegar.")
        if none.because == "weekday":
            return _("Ese día de la semana el centro no atiende.")
        return _("Cerrado ese día %(why)s.") % {"why": because(none.because)}
    return _("No quedan turnos.")


def hours(table: slots.Hours) -> list[tuple[str, str]]:
    """Opening times as (days, times), neighbouring equal days together: `lunes a viernes`, `de 8:00 a 16:30`."""
    rows: list[tuple[int, int, tuple[slots.Span, ...]]] = []
    for day, spans in enumerate(table):
        if rows and rows[-1][2] == spans and rows[-1][1] == day - 1:
            rows[-1] = (rows[-1][0], day, spans)
        elif spans:
            rows.append((day, day, spans))
    return [(_days(first, last), times(spans)) for first, last, spans in rows]


def _days(first: int, last: int) -> str:
    names = dates.weekdays(language())
    if first == last:
        return names[first]
    return _("%(first)s a %(last)s") % {"first": names[first], "last": names[last]}


def times(spans: tuple[slots.Span, ...]) -> str:
    """Opening times of one day, in words."""
    parts = [
        _("de %(from)s a %(to)s") % {"from": clock(start), "to": clock(end)} for start, end in spans
    ]
    return _(" y ").join(parts)


def clock(minutes: int) -> str:
    """Minutes of the day as `16:30`; midnight is 23:59 of the day before (DESIGN §10)."""
    return "23:59" if minutes == slots.DAY else f"{minutes // 60}:{minutes % 60:02d}"


def closure_words(closure: Closure) -> str:
    """What a notice of a closure says: its own words, else its reason."""
    own = closure.en if language() == "en" else closure.es
    return own or because(closure.reason)


def is_part(closure: Closure) -> bool:
    """Whether it takes only part of its day."""
    return (closure.first, closure.last) != (0, slots.DAY)


def span(found: Spread) -> str:
    """A measured range: `entre 10 y 25 minutos`."""
    if not found.low:
        return _("hasta %(high)d minutos") % {"high": found.high}
    return _("entre %(low)d y %(high)d minutos") % {"low": found.low, "high": found.high}


def took(found: Times, service: str) -> list[str]:
    """How long it takes at a centre, as far as it was measured, one sentence each (G12)."""
    said = (
        (found.visit(service), _("La visita suele durar %(span)s (%(n)d visitas).")),
        (found.booked_wait, _("Con turno se espera %(span)s (%(n)d visitas).")),
        (found.walk_in_wait, _("Sin turno se espera %(span)s (%(n)d visitas).")),
    )
    return [text % {"span": span(one), "n": one.n} for one, text in said if one]


def assumed(given: dict[str, float]) -> list[str]:
    """What the simulated month takes for granted, one sentence each."""
    shares = {name: round(100 * value) for name, value in given.items() if value < 1}
    said = given | shares
    return [
        _("Cada centro tiene %(counters)d ventanillas y recibe %(visits)d visitas de media hora al mes.") % said,
        _("El %(walks_in)d %% llega sin buscar turno, sobre todo en la mañana.") % said,
        _("Los demás aceptan esperar hasta %(patience)d días; si no hay antes, van sin turno.") % said,
        _("Con lista de espera, el %(in_line)d %% de ellos toma una fecha tardía y espera una anterior.") % said,
        _("El %(gives_back)d %% devuelve su turno la víspera; con lista, el %(takes_offer)d %% puede tomarlo.") % said,
        _("No viene el %(no_show)d %%, y un %(no_show_a_day)d %% más por cada día de espera.") % said,
        _("Cada día, el %(closes)d %% de los centros cierra sin aviso; los turnos se mueven.") % said,
        _("Quien no alcanza vuelve hasta %(returns)d veces o toma un turno en la puerta.") % said,
    ]  # fmt: skip
