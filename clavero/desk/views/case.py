"""A case at the counter: open it with its code, mark what is seen, correct, decide, hand over, end."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clavero.core import counter
from clavero.core.errors import Refused
from clavero.desk import approvals, casework, papers, photos, queries, texts, training
from clavero.desk import case_forms as forms
from clavero.desk import duty as duties
from clavero.desk.doors import desk
from clavero.desk.models import Photo, Staff, Visit
from clavero.desk.views.common import AGAIN, home_with, paper_file, paper_page, said, to
from clavero.recovery import live, objections, prepared
from clavero.recovery import services as recovery
from clavero.recovery.models import ReadyPaper
from clavero.recovery.views import sri as asking
from clavero.ui.plain_html import language

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
only_read = require_http_methods(["GET", "HEAD"])


def visit_of(staff: Staff, pk: int) -> Visit:
    """A visit that this member of staff has; anybody else's is not found."""
    found = (
        Visit.objects.filter(pk=pk, staff=staff, **queries.like(staff))
        .select_related("case", "staff")
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_POST
@desk("case.open")
def open_case(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """The code on top of every page: scanned or typed."""
    form = forms.Continuation.bind(request.POST)
    duty = duties.of(staff)
    if duty is None:
        form.refuse("continuation", Refused("desk.no_duty"))
    if not form.ok or duty is None:
        return home_with(request, staff, now, form)
    try:
        visit = casework.open_visit(staff, duty.centre, duty.counter, form["continuation"], now)
    except Refused as refused:
        form.refuse("continuation", refused)
        return home_with(request, staff, now, form)
    return to("desk_visit", visit.pk)


OF_THE_VISIT = frozenset({"desk.visit_closed", "desk.decided"})
"""What is refused whatever was marked: the page as it stands now says so, above."""


@get_or_post
@desk("case.check")
def visit(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The page of the case: what is asked for, what was seen, and the one thing to do now."""
    found = visit_of(staff, pk)
    form = forms.evidence(queries.asked(found))
    if request.method != "POST":
        return _page(request, found, now, forms.filled(form, found))
    sent = form.bind(request.POST)
    try:
        marks = forms.marks(sent, queries.asked(found, third_party=bool(sent["third_party"])))
        casework.mark(found, marks, sent["reason"], bool(sent["third_party"]), now)
    except Refused as refused:
        if refused.code in OF_THE_VISIT:
            return _page(request, found, now, forms.filled(form, found), refused)
        sent.refuse(str(refused.details.get("item", "reason")), refused)
        return _page(request, found, now, sent)
    return to("desk_visit", pk)


def _page(
    request: HttpRequest, found: Visit, now: datetime, form: Any, refused: Refused | None = None
) -> HttpResponse:
    lang = language()
    asked = queries.asked(found)
    marks = queries.marks(found)
    standing = casework.standing(found)
    approval = queries.open_approval(found.case)
    corrections = queries.corrected(found)
    context = {
        "form": form,
        "visit": found,
        "case": found.case,
        "facts": recovery.facts_of(found.case),
        "items": _prepared(found, [_item(code, marks, lang) for code in asked]),
        "marks": texts.MARKS,
        "seen": len(asked) - len(counter.missing(asked, marks)),
        "standing": standing,
        "missing": [(code, texts.item(code, lang)[0]) for code in standing.missing],
        "corrections": [
            (kind, texts.correction(kind, value), value) for kind, value in corrections.items()
        ],
        "can_correct": _open_corrections(standing.missing, corrections),
        "approval": approval,
        "waiting": approvals.waited(approval, now) if approval else {},
        "employer_name": queries.employer_name(found.case),
        "script": texts.SCRIPTS.get(found.case.state, ""),
        "state": texts.STATES.get(found.case.state, ""),
        "refused": refused,
        **objections.shown(objections.account_of(found.case), now),
        "can_ask": live.can_ask(found.case, recovery.facts_of(found.case)),
        "photos": set(found.photos.values_list("item", flat=True)),
    }
    return render(request, "desk/visit.html", context, status=AGAIN)


def _prepared(found: Visit, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items with what the person said of them before coming (F05)."""
    said = prepared.of(found.case)
    return [item | {"ready": said.get(item["code"])} for item in items]


def _item(code: str, marks: dict[str, counter.Mark], lang: str) -> dict[str, Any]:
    title, how = texts.item(code, lang)
    return {"code": code, "title": title, "how": how, "mark": marks.get(code, counter.Mark(""))}


def _open_corrections(missing: tuple[str, ...], made: dict[str, Any]) -> list[tuple[str, Any]]:
    """The corrections that may be asked for: those that the case needs first."""
    kinds = [kind for kind in texts.CORRECTIONS if kind not in made]
    if "register" not in missing:
        kinds = [kind for kind in kinds if kind != "register"]
    return [
        (kind, texts.CORRECTIONS[kind]) for kind in sorted(kinds, key=lambda k: k not in missing)
    ]


@get_or_post
@desk("case.check")
def correct(request: HttpRequest, staff: Staff, now: datetime, pk: int, kind: str) -> HttpResponse:
    """One correction: one question, linked to what was seen."""
    found = visit_of(staff, pk)
    kinds = forms.CORRECTION.get(kind)
    if kinds is None:
        raise Http404
    proposed = forms.proposed_before(found.case, kind)
    form = kinds.bind(request.POST) if request.method == "POST" else kinds(proposed)
    if form.is_bound and form.ok:
        try:
            casework.correct(found, kind, form.values, now)
            return to("desk_visit", pk)
        except Refused as refused:
            form.refuse(next(iter(form.fields)), refused)
    context = {"form": form, "visit": found, "case": found.case, "kind": kind,
               "title": texts.CORRECTIONS[kind]}  # fmt: skip
    return render(request, "desk/correct.html", context, status=AGAIN)


@require_POST
@desk("case.check")
def drop(request: HttpRequest, staff: Staff, now: datetime, pk: int, kind: str) -> HttpResponse:
    """Take a correction back."""
    return _deed(request, staff, now, pk, lambda found: casework.drop_correction(found, kind))


@require_POST
@desk("case.check")
def decide(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """Everything was seen: attest where one person is enough, else ask for the second one."""

    def act(found: Visit) -> None:
        if casework.ready(found).needs_second:
            approvals.ask(found, now)
        else:
            casework.attest(found, now)

    return _deed(request, staff, now, pk, act)


def _deed(request: HttpRequest, staff: Staff, now: datetime, pk: int, act: Any) -> HttpResponse:
    """Do it and show the case again; a refusal is one sentence on the same page, and nothing is lost."""
    found = visit_of(staff, pk)
    try:
        act(found)
    except Refused as refused:
        found.refresh_from_db()
        form = forms.filled(forms.evidence(queries.asked(found)), found)
        return _page(request, found, now, form, refused)
    return to("desk_visit", pk)


@require_POST
@desk("case.hand")
def hand(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The code for the person's hand. It is shown once; asked again, another one replaces it."""
    found = visit_of(staff, pk)
    try:
        ahead = found.case.state == "in_review"
        code = casework.hand_ahead(found, now) if ahead else casework.hand_code(found, now)
    except Refused as refused:
        form = forms.filled(forms.evidence(queries.asked(found)), found)
        return _page(request, found, now, form, refused)
    found.case.refresh_from_db()
    sheet = papers.binding(found.case, code, ahead=ahead)
    return paper_page(
        request, sheet, papers.inline(sheet), file=f"{sheet.file}.pdf",
        onward=reverse("desk_visit", args=[pk]), script=texts.SCRIPTS["binding_handed"],
        note=_("No pida ni escuche la clave de caso ni la clave. Si la persona no tiene teléfono, llévela al quiosco."),
    )  # fmt: skip


@require_POST
@desk("case.check")
def observe(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """«Vuelva con …»: what is missing and until when, printed; the place is kept."""
    found = visit_of(staff, pk)
    try:
        casework.observe(found, now)
    except Refused as refused:
        form = forms.filled(forms.evidence(queries.asked(found)), found)
        return _page(request, found, now, form, refused)
    return to("desk_slip", pk)


@only_read
@desk("case.read")
def slip(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The slip of an observed case."""
    sheet = papers.slip_of(_looked_at(staff, pk))
    return paper_page(request, sheet, reverse("desk_slip_pdf", args=[pk]))


@only_read
@desk("case.read")
def slip_pdf(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The same as PDF."""
    return paper_file(request, papers.slip_of(_looked_at(staff, pk)))


def _looked_at(staff: Staff, pk: int) -> Visit:
    """A visit of this member of staff, and the look at its paper on record (H09)."""
    found = visit_of(staff, pk)
    queries.looked(staff, found.case)
    return found


@require_POST
@desk("case.check")
def leave(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The person left."""
    found = visit_of(staff, pk)
    try:
        casework.leave(found, now)
    except Refused as refused:
        form = forms.filled(forms.evidence(queries.asked(found)), found)
        return _page(request, found, now, form, refused)
    return said(to("desk_home"), "left")


@require_POST
@desk("case.check")
def finish(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The visit ends: its acta follows."""
    found = visit_of(staff, pk)
    try:
        casework.finish(found, now)
    except Refused as refused:
        form = forms.filled(forms.evidence(queries.asked(found)), found)
        return _page(request, found, now, form, refused)
    return to("desk_acta", pk)


@only_read
@desk("case.read")
def acta(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """What was done in this visit, to print and to hand over (H10)."""
    sheet = papers.acta_of(_looked_at(staff, pk))
    return paper_page(request, sheet, reverse("desk_acta_pdf", args=[pk]))


@only_read
@desk("case.read")
def acta_pdf(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The same as PDF."""
    return paper_file(request, papers.acta_of(_looked_at(staff, pk)))


@require_POST
@desk("case.flag")
def flag(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """«Pedir una revisión»: the page afterwards is the page before (S-071)."""
    return _deed(request, staff, now, pk, lambda found: casework.flag(found, now))


@require_POST
@desk("case.check")
def reopen(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """The registers are in order now: the person goes on online."""
    found = visit_of(staff, pk)
    try:
        casework.reopen_online(found, now)
    except Refused as refused:
        form = forms.filled(forms.evidence(queries.asked(found)), found)
        return _page(request, found, now, form, refused)
    return said(to("desk_home"), "online")


@get_or_post
@desk("case.check")
def sri(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """«Consultar al SRI ahora»: the question is written, the worker asks, this page waits for the answer."""
    found = visit_of(staff, pk)
    if request.method == "POST":
        try:
            casework.ask_sri(found, now)
        except Refused as refused:
            form = forms.filled(forms.evidence(queries.asked(found)), found)
            return _page(request, found, now, form, refused)
        return to("desk_sri", pk)
    inquiry = live.asked(found.case)
    standing = asking.standing(recovery.facts_of(found.case).ruc, inquiry, now)
    context = {"visit": found, "case": found.case, "inquiry": inquiry, "standing": standing}
    return asking.refreshed(render(request, "desk/sri.html", context), standing)


# --- photos of decisive papers ----------------------------------------------------------------------------


@require_POST
@desk("case.check")
def photo(request: HttpRequest, staff: Staff, now: datetime, pk: int, item: str) -> HttpResponse:
    """A photo of a paper, for the second person alone."""
    return _deed(
        request, staff, now, pk, lambda found: photos.keep(found, item, request.FILES.get("photo"), now)
    )  # fmt: skip


@only_read
@desk("case.decide")
def show_photo(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """A photo, to the person who was drawn and to nobody else."""
    drawn = Photo.objects.filter(
        pk=pk,
        visit__approvals__drawn=staff,
        visit__approvals__decision="",
        visit__case__training=training.of(staff),
    )
    found = drawn.first()
    if found is None:
        raise Http404
    return _picture(photos.read(found), found.kind)


@only_read
@desk("case.read")
def show_ready(request: HttpRequest, staff: Staff, now: datetime, pk: int) -> HttpResponse:
    """A photo that the person sent before coming, to whoever has the case open, and the look on record."""
    mine = ReadyPaper.objects.filter(pk=pk, case__visits__staff=staff, case__visits__closed_at=None)
    found = mine.exclude(sent_at=None).select_related("case").first()
    if found is None:
        raise Http404
    queries.looked(staff, found.case)
    return _picture(prepared.read(found), found.kind)


def _picture(data: bytes, kind: str) -> HttpResponse:
    """A picture that runs nothing and embeds nothing."""
    response = HttpResponse(data, content_type=kind)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
