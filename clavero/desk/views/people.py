"""The people of the desk, for those who answer for them: list, admit, hand codes, move, prolong, end."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.desk import people, staff_forms, staff_texts
from clavero.desk.doors import AGAIN, desk, to
from clavero.desk.models import Enrolment, Staff
from clavero.desk.people import Newcomer
from clavero.keys import passkeys
from clavero.ui.forms import Form

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@desk("staff.read")
def everybody(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Who works here: role, centre, qualification, passkeys."""
    rows = [_row(one, now) for one in people.visible_to(staff)]
    may_admit = rules.may(staff.account.role, "staff.admit")
    return render(request, "desk/everybody.html", {"rows": rows, "may_admit": may_admit})


def _row(one: Staff, now: datetime) -> dict[str, object]:
    until = one.qualified_until
    return {
        "staff": one,
        "role": staff_texts.ROLES[one.account.role],
        "keys": passkeys.count(one.account),
        "ready": people.is_ready(one),
        "over": until is None or people.local_day(now) > until,
    }


@get_or_post
@desk("staff.admit")
def admit(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Somebody new: the account, and the request of a code that another person hands over."""
    form = (
        staff_forms.Newcomer.bind(request.POST)
        if request.method == "POST"
        else staff_forms.Newcomer()
    )
    new = _newcomer(form, staff) if form.is_bound else None
    if new is None or not form.ok:
        return _admit_page(request, form)
    try:
        made = people.admit(new, staff, now)
        people.ask_enrolment(made, Enrolment.FIRST, "first", staff, now)
    except Refused as refused:
        field = "sign_in_name" if refused.code.startswith("staff.name") else "identification"
        form.refuse("examined_on" if refused.code == "staff.not_yet" else field, refused)
        return _admit_page(request, form)
    return to("desk_one", made.number)


def _newcomer(form: Form, by: Staff) -> Newcomer | None:
    identification = form.parse("identification", staff_forms.identification)
    examined_on = form.parse("examined_on", staff_forms.day)
    centre = form.parse("centre", staff_forms.centre) or ""
    if not form.ok or identification is None:
        return None
    return Newcomer(
        sign_in_name=form["sign_in_name"],
        name=form["name"],
        identification=identification,
        role=form["role"],
        centre=centre,
        examined_on=examined_on,
    )


def _admit_page(request: HttpRequest, form: Form) -> HttpResponse:
    return render(request, "desk/admit.html", {"form": form}, status=AGAIN)


# --- one of them ----------------------------------------------------------------------------------------


def _one(by: Staff, number: int) -> Staff:
    """A person whom `by` answers for. 404 for everybody else, as if they did not exist."""
    found = people.visible_to(by).filter(number=number).first()
    if found is None:
        raise Http404
    return found


@require_safe
@desk("staff.read")
def one(request: HttpRequest, staff: Staff, now: datetime, number: int) -> HttpResponse:
    """One person: what may be changed, each on a page of its own."""
    other = _one(staff, number)
    asked = people.open_enrolments().filter(staff=other).first()
    context = {
        **_row(other, now),
        "asked": asked,
        "may_change": rules.may(staff.account.role, "staff.change") and other.pk != staff.pk,
        "may_approve": rules.may(staff.account.role, "staff.approve"),
    }
    return render(request, "desk/one.html", context)


Deed = Callable[[Form, Staff, Staff, datetime], None]


def _page(kind: type[Form], template: str, field: str, deed: Deed) -> Callable[..., HttpResponse]:
    """A page that changes one thing about one person."""

    @get_or_post
    @desk("staff.change")
    def view(request: HttpRequest, staff: Staff, now: datetime, number: int) -> HttpResponse:
        other = _one(staff, number)
        form = kind.bind(request.POST) if request.method == "POST" else kind()
        if form.is_bound and form.ok:
            try:
                deed(form, other, staff, now)
                return to("desk_one", number)
            except Refused as refused:
                form.refuse(field, refused)
        context = {"form": form, "other": other}
        return render(request, f"desk/{template}.html", context, status=AGAIN)

    return view


def _move(form: Form, other: Staff, by: Staff, now: datetime) -> None:
    people.move(other, staff_forms.centre(form["centre"]), by, now)


def _prolong(form: Form, other: Staff, by: Staff, now: datetime) -> None:
    people.prolong(other, staff_forms.day(form["examined_on"]), by, now)


def _lost(form: Form, other: Staff, by: Staff, now: datetime) -> None:
    people.ask_enrolment(other, Enrolment.LOST, form["reason"], by, now)


move = _page(staff_forms.Move, "move", "centre", _move)
prolong = _page(staff_forms.Prolong, "prolong", "examined_on", _prolong)
reissue = _page(staff_forms.Lost, "reissue", "reason", _lost)


@get_or_post
@desk("staff.change")
def end(request: HttpRequest, staff: Staff, now: datetime, number: int) -> HttpResponse:
    """They left: everything of theirs ends at once."""
    other = _one(staff, number)
    form = Form()
    if request.method == "POST":
        try:
            people.end(other, staff, now)
            return to("desk_staff")
        except Refused as refused:
            form.refuse("end", refused)
    return render(request, "desk/end.html", {"form": form, "other": other})


# --- codes ----------------------------------------------------------------------------------------------


@require_safe
@desk("staff.approve")
def enrolments(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """Codes that were asked for: who for, by whom, why."""
    waiting = [
        {"asked": one, "own": staff.pk == one.staff_id, "mine": staff.pk == one.asked_by_id}
        for one in people.open_enrolments()
    ]
    return render(request, "desk/enrolments.html", {"waiting": waiting})


@get_or_post
@desk("staff.approve")
def hand_code(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """Look, then hand the code over: shown once, for the hand of the person in front of one."""
    asked = people.open_enrolments().filter(pk=pk).first()
    if asked is None:
        return to("desk_enrolments")
    form = Form()
    if request.method == "POST":
        try:
            code = people.approve_enrolment(asked, staff, now)
            return render(request, "desk/code.html", {"code": code, "other": asked.staff})
        except Refused as refused:
            form.refuse("hand", refused)
    return render(request, "desk/hand.html", {"form": form, "asked": asked}, status=AGAIN)


@get_or_post
@desk("staff.approve")
def drop_code(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """Do not hand it over."""
    asked = people.open_enrolments().filter(pk=pk).first()
    if asked is not None and request.method == "POST":
        with suppress(Refused):  # another one dropped or handed it over meanwhile: the list says so
            people.drop_enrolment(asked, staff, now)
    return to("desk_enrolments")
