"""The papers of the desk, each a `Sheet` written in one place: shown as a page to print and as PDF (H10, G11).

What the person takes home speaks the language of the case; what the institution keeps is in Spanish, and what
only staff reads in the language of the page. The case secret is on none of them, numbers of people are not
spelt out, and the code for the person's hand stands on one slip alone.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from clavero import dates
from clavero.appointments import texts as centres
from clavero.appointments.models import Centre
from clavero.core import counter
from clavero.core.errors import Refused
from clavero.desk import queries, texts
from clavero.desk.models import Approval, Ticket, Visit
from clavero.recovery.models import Case
from clavero.ui.context import host
from clavero.ui.paper import (
    Big,
    Box,
    Boxes,
    Field,
    Fields,
    Heading,
    Lines,
    Note,
    Part,
    Sheet,
    Signatures,
    Steps,
    Table,
    Text,
    pdf,
)
from clavero.ui.plain_html import language

WALK_INS = 12
"""Empty lines of the day's sheet, for who comes without an appointment."""

Written = Callable[..., Sheet]


def _for_the_person(write: Written) -> Written:
    """In the language of the case, whatever the officer's page speaks."""

    @wraps(write)
    def written(case: Case, *parts: Any, **more: Any) -> Sheet:
        with translation.override(case.language):
            sheet = write(case, *parts, **more)
            if case.training:
                return replace(sheet, lead=_("PRÁCTICA: este papel no vale. ") + sheet.lead)
            return sheet

    return written


def acta_of(visit: Visit) -> Sheet:
    """What was done in a visit (H10), from its row."""
    return acta(visit.case, visit, queries.last_approval(visit.case))


@_for_the_person
def acta(case: Case, visit: Visit, approval: Approval | None) -> Sheet:
    """What was seen, asked for and decided in a visit, by whom, and where it is recorded."""
    marks = queries.marks(visit)
    seen = tuple(_mark(code, marks.get(code)) for code in queries.asked(visit))
    entry = queries.last_deed(case)
    recorded = _(
        "Registro %(number)s · %(head)s. Con estos datos se comprueba en el registro sellado."
    )
    parts: tuple[Part, ...] = (
        Fields((*_what(case, visit), *_by_whom(visit, approval))),
        Heading(_("Qué se vio")),
        Boxes(seen),
        *_corrections(visit),
        *_next(case),
        Text(_("¿No está de acuerdo? Puede reclamar con este número de caso, en %(host)s.") % {"host": host()}),
        Text(recorded % {"number": entry.number, "head": entry.head12}, small=True),
        Signatures((_("Firma de quien atendió"), _("Firma de la persona atendida"))),
    )  # fmt: skip
    return Sheet(_("Acta de la atención"), _("acta"), parts, language(), case.number)


def _what(case: Case, visit: Visit) -> tuple[Field, ...]:
    centre = queries.centre(visit.centre)
    numbers = {"ending": case.ruc[-4:], "branch": case.branch}
    return (
        Field(_("Estado del caso"), str(texts.STATES.get(case.state, ""))),
        Field(
            _("Empleador"),
            _("RUC terminado en %(ending)s, sucursal %(branch)s") % numbers,
        ),
        Field(_("Centro"), centre.name if centre else visit.centre),
        Field(_("Día y hora"), _from_to(visit, centre)),
    )


def _from_to(visit: Visit, centre: Centre | None) -> str:
    """From when to when, on the clock of the centre."""
    starts = queries.on_the_clock_of(centre, visit.opened_at)
    note = dates.zone_note(starts, settings.TIME_ZONE, language())
    said = f"{dates.long_date(starts.date(), language())}, {dates.clock(starts)}"
    if visit.closed_at is None:
        return said + note
    hours = {"from": said, "to": dates.clock(queries.on_the_clock_of(centre, visit.closed_at))}
    return _("%(from)s a %(to)s") % hours + note


def _by_whom(visit: Visit, approval: Approval | None) -> tuple[Field, ...]:
    found = [
        Field(_("Quién atendió"), _("Personal número %(n)s") % {"n": visit.staff.number}),
        Field(_("Motivo"), visit.reason or _("Sin motivo escrito")),
    ]
    if visit.third_party:
        found.append(Field(_("Quién vino"), _("Otra persona, con autorización firmada")))
    if approval and approval.decided_by and approval.decided_at:
        who, at = approval.decided_by.number, approval.decided_at
        found.append(Field(_("Segunda persona"), _decided(visit, who, at, approval.reason)))
    return tuple(found)


def _decided(visit: Visit, number: int, at: datetime, reason: str) -> str:
    hour = dates.clock(queries.on_the_clock_of(queries.centre(visit.centre), at))
    said = _("Personal número %(n)s, a las %(hour)s") % {"n": number, "hour": hour}
    return f"{said}. {reason}" if reason else said


def _mark(code: str, mark: counter.Mark | None) -> Box:
    title, _how = texts.item(code, language())
    state = mark.state if mark else ""
    if state == counter.SEEN:
        return Box(title, ticked=True)
    note = mark.note if mark and state == counter.OBSERVED else ""
    return Box(title, f"{_('Observada')}: {note}" if note else _("Falta"))


def _corrections(visit: Visit) -> tuple[Part, ...]:
    asked = tuple(str(texts.CORRECTIONS[kind]) for kind in queries.corrected(visit))
    return (Heading(_("Correcciones pedidas")), Steps(asked)) if asked else ()


def _next(case: Case) -> tuple[Part, ...]:
    said = texts.NEXT.get(case.state)
    if said is None:
        return ()
    until = dates.long_date(case.observed_until, language()) if case.observed_until else ""
    return (Heading(_("Qué sigue")), Text(str(said) % {"until": until, "host": host()}))


def slip_of(visit: Visit) -> Sheet:
    """«Vuelva con …», from the visit's row."""
    return slip(visit.case, visit)


@_for_the_person
def slip(case: Case, visit: Visit) -> Sheet:
    """What is missing and until when; it keeps the place."""
    marks = queries.marks(visit)
    missing = counter.missing(queries.asked(visit), marks)
    centre = queries.centre(visit.centre)
    parts = (
        Fields(_where(visit, centre)),
        Heading(_("Traiga o corrija")),
        Boxes(tuple(_to_bring(code, marks.get(code)) for code in missing)),
        Note(_("Muestre esta hoja y su código de continuación. No hace otra fila."), _("Al volver:")),
        Text(_("No muestre a nadie su clave de caso. Nadie del centro se la pide.")),
    )  # fmt: skip
    return Sheet(_back_by(case), _("vuelva-con"), parts, language(), case.number)


def _back_by(case: Case) -> str:
    if case.observed_until is None:
        return _("Vuelva con lo que falta")
    day = {"day": dates.long_date(case.observed_until, language())}
    return _("Vuelva hasta el %(day)s") % day


def _where(visit: Visit, centre: Centre | None) -> tuple[Field, ...]:
    if centre is None:
        return (Field(_("Centro"), visit.centre),)
    where = ", ".join(filter(None, (centre.address, centre.canton)))
    return (Field(_("Centro"), centre.name), Field(_("Dirección"), where))


def _to_bring(code: str, mark: counter.Mark | None) -> Box:
    title, how = texts.item(code, language())
    return Box(title, mark.note if mark and mark.note else how)


# --- the code for the person's hand -----------------------------------------------------------------------


@_for_the_person
def binding(case: Case, code: str, *, ahead: bool) -> Sheet:
    """The slip that goes with the person: this code, how long it holds, where to type it. Nothing else of the case."""
    parts = (
        Big(code, "binding", in_fours=True),
        Text(_holds(case, ahead)),
        Steps(
            (
                _("En su teléfono abra %(host)s y elija «Mi caso».") % {"host": host()},
                _("Escriba su clave de caso. Solo usted la tiene."),
                _("Escriba este código y cree su clave."),
            )
        ),
        Note(_("Nadie del centro le pide su clave ni su clave de caso.")),
    )
    return Sheet(
        _("Su código del centro"), _("codigo-del-centro"), parts, language(), case.number, size="ticket"
    )  # fmt: skip


def _holds(case: Case, ahead: bool) -> str:
    until = case.binding_expires_at
    if ahead or until is None:
        return _("Sirve cuando llegue la aprobación, durante 72 horas.")
    hour = dates.clock(queries.on_the_clock_of(queries.centre(case.centre), until))
    return _("Vale hasta las %(hour)s y sirve una vez.") % {"hour": hour}


def inline(sheet: Sheet) -> str:
    """The PDF inside its own link: what is shown once leaves no address to ask again (S-065). "" where none can be made."""
    try:
        made = pdf(sheet)
    except Refused:
        return ""
    return "data:application/pdf;base64," + base64.b64encode(made).decode()


# --- the day ----------------------------------------------------------------------------------------------


def ticket(given: Ticket, minutes: int, centre: str) -> Sheet:
    """A place in the queue, on a strip of paper."""
    zone = queries.centre(given.centre)
    hour = {"hour": dates.clock(queries.on_the_clock_of(zone, given.issued_at))}
    wait = _("Espera unos %(minutes)s minutos.") % {"minutes": minutes}
    parts = (
        Big(str(given), "ticket"),
        Text(centre),
        Text(_("Llegó a las %(hour)s.") % hour),
        Text(wait if minutes else _("Le llaman enseguida.")),
        *_usual(given),
        Text(_("Mire la pantalla: dirá a qué mostrador pasar. Tenga a mano su cédula y su código.")),
    )  # fmt: skip
    return Sheet(_("Su número"), _("numero"), parts, language(), size="ticket")


def _usual(given: Ticket) -> tuple[Part, ...]:
    """How long one waits here as a rule, where it was measured."""
    found = queries.times(given.centre).get(given.centre)
    wait = found and (found.booked_wait if given.line == "A" else found.walk_in_wait)
    if not wait:
        return ()
    said = {"span": centres.span(wait), "n": wait.n}
    return (Text(_("Aquí se suele esperar %(span)s (%(n)d visitas).") % said),)


def day(
    centre: str, on: date, agenda: Sequence[tuple[queries.Turn, str]], waiting: Sequence[Ticket]
) -> Sheet:
    """The day on paper: hours, numbers and kinds, no names; lines for who comes while the power is out."""
    site = queries.centre(centre)
    turns = tuple((dates.clock(one.starts_at), one.number, state, "") for one, state in agenda)
    queue = tuple(
        (str(one), dates.clock(queries.on_the_clock_of(site, one.issued_at)), "") for one in waiting
    )
    ended = _("Cómo terminó")
    parts = (
        Heading(_("Turnos de hoy")),
        Table((_("Hora"), _("Caso"), _("Al imprimir"), ended), turns, (2, 3, 3, 6), _("No hay turnos para hoy.")),
        Heading(_("La fila")),
        Table((_("Número"), _("Llegó"), ended), queue, (2, 2, 10), _("No hay personas esperando.")),
        Heading(_("Llegaron sin turno")),
        Table((_("Hora"), _("Código de continuación"), ended), (("", "", ""),) * WALK_INS, (2, 5, 7)),
    )  # fmt: skip
    title = _("El día en papel: %(centre)s") % {"centre": site.name if site else centre}
    lead = dates.long_date(on, language())
    return Sheet(title, _("dia-en-papel"), parts, language(), lead=lead)


def power_cut(centre: str) -> Sheet:
    """«El sistema no responde»: the form to fill in by hand. In Spanish, like every paper that the institution keeps."""
    with translation.override("es"):
        name = queries.centre_name(centre)
        parts = (
            Fields((Field(_("Centro"), name), *(Field(str(label)) for label in texts.PAPER_FIELDS))),
            Lines(_("Qué pide")),
            Boxes(tuple(Box(str(label)) for label in texts.PAPER_CHECKS)),
            Lines(_("Papeles vistos")),
            Lines(_("Qué falta y hasta cuándo"), 1),
            Lines(_("Motivo de la atención")),
            Note(_("No escriba aquí ninguna clave ni la clave de caso.")),
            Signatures((_("Firma de la persona"), _("Firma y número de quien atiende"))),
        )  # fmt: skip
        lead = _("Para cuando el sistema no responde. Después se escribe en el sistema y espera la segunda aprobación.")  # fmt: skip
        return Sheet(_("Hoja de atención en papel"), _("hoja-en-papel"), parts, "es", lead=lead)
