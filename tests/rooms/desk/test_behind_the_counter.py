"""What one member of staff might do alone, tried by pages and by old forms: each is refused, and nothing is left behind."""

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from clavero import clock
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.desk import approvals, casework, photos, queries
from clavero.desk.models import Approval, Interest, Photo, Staff, Visit
from clavero.employers.models import Contact
from clavero.privacy import lookups
from clavero.recovery import objections, services
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.rooms.desk.test_casework import JULIA, all_seen, ana, eva, prepare, signed, visit_by
from tests.staff import enter, person
from tests.stories.test_circle import JORGE, Desk
from tests.stories.test_circle import prepare as prepared

__all__ = ["ana", "eva"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IEND\xaeB`\x82"


def contact_of(case: Case) -> Contact:
    return Contact.objects.get(employer=case.employer, kind="email", state=Contact.ON_RECORD)


def photo(visit: Visit) -> None:
    item = queries.asked(visit)[0]
    photos.keep(visit, item, SimpleUploadedFile("x.png", PNG), clock.now())


def test_nobody_types_a_paper_form_for_themselves(cast, time):
    own = {"identification": person("veronica").identification, "domestic": "1", "reason": "Corte de luz"}  # fmt: skip
    answer = enter(time, "veronica").client.post("/mesa/papel/pasar/", own)
    page = BeautifulSoup(answer.content, "html.parser")
    assert page.select_one("[data-error]")["data-error"] == "desk.interest"
    assert page.select_one("#identification")["aria-invalid"] == "true"
    assert not Case.objects.exists()


@pytest.mark.parametrize("deed", ["type_paper", "open_counter"])
def test_nor_for_an_employer_in_which_they_have_an_interest_and_nothing_is_stored(cast, ana, deed):
    Interest.objects.create(staff=ana, ruc_lookup=lookups.of("ruc", JULIA.ruc), declared_at=clock.now())  # fmt: skip
    number = (JULIA.identification, JULIA.ruc, JULIA.branch, False)
    given = {
        "type_paper": (approvals.type_paper, (EmployerNumber(*number), "Corte de luz", "es")),
        "open_counter": (
            casework.open_counter,
            (EmployerNumber(*number), ana.centre, "1", "Vino sin código", "es"),
        ),
    }
    call, more = given[deed]
    with pytest.raises(Refused, match="desk.interest"):
        call(ana, *more, clock.now())
    assert not Case.objects.exists()


def test_whoever_attends_a_case_does_not_lift_its_freeze(cast, time):
    desk = Desk(time, "beatriz")
    desk.press("Empezar a atender", counter="1")
    _, _, code = prepared(time, JORGE, "no_email")
    desk.press("Abrir", continuation=code)
    case = Case.objects.get()
    objections.freeze(case, contact_of(case), clock.now())
    page = desk.walker.client.post("/mesa/levantar/", {"continuation": code, "reason": "La vi yo"})
    assert 'data-error="desk.lift_same_person"' in page.content.decode()
    assert Case.objects.get().state == "frozen"


def test_tries_of_codes_are_counted_where_a_freeze_is_lifted_too(cast, time):
    client = enter(time, "beatriz").client
    answers = [
        client.post("/mesa/levantar/", {"continuation": "AAAA-AAAA-AAAA-AAAA", "reason": "x"})
        for _ in range(150)
    ]
    assert 'data-error="throttle.wait"' in answers[-1].content.decode()
    assert 'data-error="throttle.wait"' not in answers[0].content.decode()


def test_no_photo_is_swapped_while_a_second_person_looks_nor_after(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    photo(visit)
    approval = approvals.ask(visit, clock.now())
    kept = list(Photo.objects.values_list("pk", flat=True))
    with pytest.raises(Refused, match="desk.with_second"):
        photo(visit)
    assert list(Photo.objects.values_list("pk", flat=True)) == kept
    approvals.approve(approval, eva, signed(eva), clock.now())
    with pytest.raises(Refused, match="desk.decided"):
        photo(visit)
    assert not Photo.objects.exists(), "they go with the decision"


def test_what_was_signed_changes_no_more_by_an_old_form(time, ana, eva):
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    approvals.approve(approvals.ask(visit, clock.now()), eva, signed(eva), clock.now())
    before = Visit.objects.get()
    with pytest.raises(Refused, match="desk.decided"):
        casework.mark(visit, {}, "otra cosa", True, clock.now())
    case = Case.objects.get()
    with transaction.atomic():
        services.advance(
            case,
            "freeze",
            now=clock.now(),
            actor="contact",
            frozen_from=case.state,
            frozen_until=clock.now(),
        )
    with pytest.raises(Refused, match="desk.decided"):
        casework.mark(visit, {}, "suspendido entre tanto", True, clock.now())
    after = Visit.objects.get()
    assert (after.marked, after.reason) == (before.marked, before.reason)


def test_what_is_marked_while_somebody_signs_is_seen_by_the_signature(time, ana, eva):
    """The approval was read before the marks changed: they are read anew behind the case's row."""
    _, code = prepare(time, JULIA, "no_email")
    visit = all_seen(visit_by(ana, code))
    approvals.ask(visit, clock.now())
    approval = Approval.objects.select_related("visit", "case").get()
    casework.mark(Visit.objects.get(), {}, "otra cosa", False, clock.now())
    with pytest.raises(Refused, match="approval.changed"):
        approvals.approve(approval, eva, signed(eva), clock.now())
    assert Case.objects.get().state == "in_review" and not Approval.objects.get().decision


@pytest.mark.parametrize("day", ["9999-12-31", "2090-01-01"])
def test_an_examination_that_is_still_to_come_admits_nobody(cast, time, day):
    new = {"name": "Eva Noboa", "identification": "2458264187", "sign_in_name": "eva", "role": "officer",
           "centre": "ambato", "examined_on": day}  # fmt: skip
    page = enter(time, "hernan").client.post("/mesa/personal/alta/", new)
    assert 'data-error="staff.not_yet"' in page.content.decode()
    assert not Staff.objects.filter(account__username="staff:eva").exists()


def test_an_old_form_of_an_approved_case_is_told_so_above_the_page(cast, time):
    """The page of an approved case has no form any more at which a refusal could stand."""
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    _, _, code = prepared(time, by_id("sin_correo"), "no_email")
    officer.press("Abrir", continuation=code)
    visit = all_seen(Visit.objects.get())
    with transaction.atomic():
        services.advance(visit.case, "ask_approval", now=clock.now(), actor="officer")
        services.advance(
            visit.case, "approve", now=clock.now(), actor="approver", gives="second_approval"
        )
    page = officer.walker.client.post(
        reverse("desk_visit", args=[visit.pk]), {"reason": "otra cosa"}
    )
    assert 'data-error="desk.decided"' in page.content.decode()
