"""The day at the counter: agenda and queue, the board, the count, what a supervisor undoes, paper for a power cut."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clavero import clock
from clavero.core.errors import Refused
from clavero.core.identifiers import employer
from clavero.core.identifiers.employer import EmployerNumber, Refusals
from clavero.desk import approvals, casework, papers, queries, queue, texts
from clavero.desk import case_forms as forms
from clavero.desk import duty as duties
from clavero.desk.doors import desk
from clavero.desk.models import Staff, Ticket
from clavero.desk.views.common import AGAIN, home_with, paper_file, paper_page, said, to
from clavero.recovery.forms import is_foreign
from clavero.ui.forms import Form
from clavero.ui.paper import Sheet
from clavero.ui.plain_html import language

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
only_read = require_http_methods(["GET", "HEAD"])
STATES = {"hold": Ticket.HELD, "served": Ticket.SERVED, "left": Ticket.LEFT}


@only_read
@desk("desk.home")
def home(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Today: who has an appointment, who waits, what this officer has open."""
    return home_with(request, staff, now, forms.Continuation())


# --- the queue --------------------------------------------------------------------------------------------


@require_POST
@desk("queue.run")
def call_next(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Call whoever waits longest."""
    duty, form = duties.of(staff), forms.Continuation()
    try:
        if duty is None:
            raise Refused("desk.no_duty")
        queue.call_next(staff, duty, now)
    except Refused as refused:
        form.refuse("continuation", refused)
        return home_with(request, staff, now, form)
    return to("desk_home")


@require_POST
@desk("queue.run")
def ticket(request: HttpRequest, staff: Staff, now: datetime, pk: int, act: str) -> HttpResponse:
    """Call, hold, end one place in the queue of this centre."""
    duty = duties.of(staff)
    found = Ticket.objects.filter(pk=pk, centre=duty.centre if duty else "").first()
    if found is None or act not in ("call", *STATES):
        raise Http404
    try:
        if act == "call" and duty is not None:
            queue.call(found, staff, duty, now)
        else:
            queue.put(found, STATES[act], now)
    except Refused as refused:
        form = forms.Continuation()
        form.refuse("continuation", refused)
        return home_with(request, staff, now, form)
    return to("desk_home")


@require_POST
@desk("queue.run")
def give_ticket(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """A number for somebody without an appointment, to print."""
    duty = duties.of(staff)
    if duty is None:
        form = forms.Continuation()
        form.refuse("continuation", Refused("desk.no_duty"))
        return home_with(request, staff, now, form)
    given = queue.issue(duty.centre, queue.WALK_IN, now)
    return to("desk_ticket_paper", given.pk)


@only_read
@desk("queue.run")
def ticket_paper(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The number of somebody who waits here, on a strip of paper."""
    sheet = _ticket_sheet(staff, pk, now)
    return paper_page(request, sheet, reverse("desk_ticket_pdf", args=[pk]))


@only_read
@desk("queue.run")
def ticket_pdf(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The same as PDF."""
    return paper_file(request, _ticket_sheet(staff, pk, now))


def _ticket_sheet(staff: Staff, pk: int, now: datetime) -> Sheet:
    """Of the centre where this member of staff is on duty; anybody else's is not found."""
    duty = duties.of(staff)
    found = Ticket.objects.filter(pk=pk, centre=duty.centre if duty else "").first()
    if found is None:
        raise Http404
    minutes = queue.wait_minutes(found, now)
    return papers.ticket(found, minutes, queries.centre_name(found.centre))


@only_read
def board(request: HttpRequest, centre: str) -> HttpResponse:
    """The waiting room's screen: numbers and counters, no names. It asks again every 15 seconds."""
    now = clock.now()
    context = {
        "centre": queries.centre_name(centre),
        "shut": queries.shut_since(centre, now),
        "called": queries.called(centre, queries.local_day(now)),
        "waiting": queue.has_waiting(centre, now),
        "minutes": queue.next_wait(centre, now),
    }
    response = render(request, "desk/board.html", context)
    response.headers["Refresh"] = "15"
    return response


# --- supervision ------------------------------------------------------------------------------------------


@get_or_post
@desk("case.release")
def counter_case(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """A case without a code, with a reason. The person fetches the case secret at the kiosk, alone."""
    form = forms.CounterCase.bind(request.POST) if request.method == "POST" else forms.CounterCase()
    duty = duties.of(staff)
    found = numbers(form) if form.is_bound and form.ok else None
    if found is None or duty is None:
        if form.is_bound and duty is None:
            form.refuse("identification", Refused("desk.no_duty"))
        return render(request, "desk/counter_case.html", {"form": form}, status=AGAIN)
    try:
        visit, code = casework.open_counter(
            staff, found, duty.centre, duty.counter, form["reason"], language(), now
        )
    except Refused as refused:
        _refuse(form, refused)
        return render(request, "desk/counter_case.html", {"form": form}, status=AGAIN)
    context = {"visit": visit, "case": visit.case, "code": code}
    return render(request, "desk/pickup.html", context)


def _refuse(form: Form, refused: Refused) -> None:
    """At the field that it is about: whose employer it is, or why the case is made at the desk."""
    form.refuse("identification" if refused.code == "desk.interest" else "reason", refused)


def numbers(form: Form) -> EmployerNumber | None:
    """The employer's numbers of a form, or None with what is wrong at each field."""
    try:
        return employer.parse(
            form["identification"], form["ruc"], form["branch"], domestic=bool(form["domestic"]),
            foreign=is_foreign(form["identification"]),
        )  # fmt: skip
    except Refusals as refused:
        form.refuse_all(refused.fields, refused.repairs)
        return None


@get_or_post
@desk("case.unfreeze")
def unfreeze(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """A «no fui yo» ends before its time: with the code of the case and the evidence seen."""
    form = forms.Reason.bind(request.POST) if request.method == "POST" else forms.Reason()
    if form.is_bound and form.ok:
        try:
            case = casework.case_of_code(staff, form["continuation"], now)
            casework.lift_freeze(staff, case, form["reason"], now)
            return said(to("desk_home"), "lifted")
        except Refused as refused:
            form.refuse(
                "reason" if refused.code == "desk.reason_empty" else "continuation", refused
            )
    return render(request, "desk/unfreeze.html", {"form": form}, status=AGAIN)


@get_or_post
@desk("case.unhold")
def held(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """What was flagged for a review: numbers. A supervisor who looked into one lets it go on, or ends it."""
    form = forms.Held.bind(request.POST) if request.method == "POST" else forms.Held()
    if form.is_bound and form.ok:
        try:
            if form["outcome"] == "released":
                casework.release_hold(staff, form["number"], form["reason"])
            else:
                casework.end_hold(staff, form["number"], form["reason"], now)
            return said(to("desk_held"), form["outcome"])
        except Refused as refused:
            form.refuse("number", refused)
    shown = {"form": form, "held": queries.held(staff), "done": request.GET.get("hecho", "")}
    return render(request, "desk/held.html", shown, status=AGAIN)


# --- paper ------------------------------------------------------------------------------------------------


@only_read
@desk("agenda.read")
def paper_form(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """«El sistema no responde»: the form to print before the power goes."""
    note = _("Tenga veinte hojas impresas en la carpeta «El sistema no responde», cerca de los mostradores.")  # fmt: skip
    sheet = papers.power_cut(staff.centre)
    return paper_page(request, sheet, reverse("desk_paper_form_pdf"), note=note)


@only_read
@desk("agenda.read")
def paper_form_pdf(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The same as PDF."""
    return paper_file(request, papers.power_cut(staff.centre))


@get_or_post
@desk("paper.type")
def type_paper(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The paper form, typed in: a case that waits for the second person and yields no key by itself."""
    form = forms.CounterCase.bind(request.POST) if request.method == "POST" else forms.CounterCase()
    found = numbers(form) if form.is_bound and form.ok else None
    if found is None:
        return render(request, "desk/type_paper.html", {"form": form}, status=AGAIN)
    try:
        case = approvals.type_paper(staff, found, form["reason"], language(), now)
    except Refused as refused:
        _refuse(form, refused)
        return render(request, "desk/type_paper.html", {"form": form}, status=AGAIN)
    return render(request, "desk/paper_typed.html", {"case": case})


@only_read
@desk("agenda.read")
def day_sheet(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The day on paper: numbers and kinds, no names."""
    return paper_page(request, _day_sheet(staff, now), reverse("desk_day_sheet_pdf"))


@only_read
@desk("agenda.read")
def day_sheet_pdf(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The same as PDF."""
    return paper_file(request, _day_sheet(staff, now))


def _day_sheet(staff: Staff, now: datetime) -> Sheet:
    day = queries.local_day(now)
    agenda = texts.turns(queries.agenda(staff.centre, day))
    return papers.day(staff.centre, day, agenda, queries.queue(staff.centre, day))


@only_read
@desk("count.read")
def count(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The end-of-day count."""
    day = queries.local_day(now)
    context = {"centre": queries.centre_name(staff.centre), "day": day,
               "counts": texts.counted(queries.day_count(staff.centre, day)),
               "measured": texts.measured(queries.times(staff.centre).get(staff.centre))}  # fmt: skip
    return render(request, "desk/count.html", context)
