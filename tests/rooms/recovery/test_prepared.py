"""Papers made ready before a visit: what is missing, a photo where the person wants one, and when it goes (F05)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from clavero import clock
from clavero.audit.models import Entry
from clavero.core import papers
from clavero.core.errors import Refused
from clavero.desk import approvals, casework, queries
from clavero.desk.models import Visit
from clavero.institution import profile
from clavero.recovery import prepared
from clavero.recovery.models import Case, ReadyPaper
from tests import staff
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.rooms.desk.test_casework import all_seen, signed
from tests.walk import Walker

MARTA = by_id("ruc_suspendido")
EXIF = b"\xff\xe1\x00\x0cExif\x00\x00GPS!"
JPEG = b"\xff\xd8" + EXIF + b"\xff\xdb\x00\x04\x01\x02\xff\xda\x00\x02" + b"a paper" + b"\xff\xd9"


def photo(data: bytes = JPEG) -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_0001.jpg", data, content_type="image/jpeg")


@pytest.fixture
def at_visit(walker) -> Walker:
    return walker.validate(MARTA).to_visit("first_key")


def to_papers(walker: Walker) -> Walker:
    return walker.open(walker.page.select_one("a[href$='/papeles/']")["href"])


def tick(walker: Walker, *codes: str) -> Walker:
    return walker._land(
        walker.client.post(walker.path.partition("?")[0], {"have": list(codes)}, follow=True),
        walker.path,
    )


def send(walker: Walker, code: str, data: bytes = JPEG) -> Walker:
    path = f"{walker.path.partition('/papeles/')[0]}/papeles/{code}/"
    return walker._land(walker.client.post(path, {"photo": photo(data)}, follow=True), path)


def visit_by(one, code: str) -> Visit:
    return casework.open_visit(one, one.centre, "1", code, clock.now())


# --- what is missing --------------------------------------------------------------------------------------


def test_who_ticks_what_they_have_sees_what_is_missing(at_visit):
    to_papers(at_visit)
    assert at_visit.h1 == "¿Qué papeles ya tiene?" and "Le falta" not in at_visit.text
    tick(at_visit, "id_card")
    missing = at_visit.page.select_one("section[aria-labelledby=falta]").get_text(" ")
    assert "La solicitud, firmada a mano" in missing and "Su cédula" not in missing
    assert at_visit.page.select_one("section a[href$='/papel/solicitud/']")
    assert at_visit.page.select_one("#have_id_card").has_attr("checked")
    every = [box["value"] for box in at_visit.page.select("input[name=have]")]
    assert "Tiene todo lo que pide la hoja" in tick(at_visit, *every).text
    assert "Le falta" in tick(at_visit).text and not ReadyPaper.objects.exists()


def test_what_is_no_paper_of_the_case_is_not_kept(at_visit):
    to_papers(at_visit)
    tick(at_visit, "id_card", "death_certificate", "<b>", "x" * 4000)
    assert set(ReadyPaper.objects.values_list("item", flat=True)) == {"id_card"}


# --- photos -----------------------------------------------------------------------------------------------


def test_a_photo_is_kept_sealed_and_without_place_and_camera(at_visit):
    to_papers(at_visit)
    send(tick(at_visit, "request"), "request")
    assert "Enviada el" in at_visit.text
    one = ReadyPaper.objects.get()
    assert b"a paper" in prepared.read(one) and b"GPS" not in prepared.read(one)
    with connection.cursor() as cursor:
        cursor.execute("SELECT image FROM recovery_readypaper")
        assert "YSBwYXBlc" not in cursor.fetchone()[0]
    entry = Entry.objects.get(event="paper_sent")
    assert "request" not in entry.body and (entry.actor, entry.case_id) == ("claimant", one.case_id)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "photo.kind"),
        (b"%PDF-1.7 not a picture", "photo.kind"),
        (b"<svg onload=alert(1)>", "photo.kind"),
        (b"\xff\xd8\xff\xe1\xff\xff", "photo.kind"),
        (b"\xff\xd8" + b"0" * (4 * 1024 * 1024), "photo.too_large"),
    ],
)
def test_what_is_no_photo_gets_one_sentence_and_nothing_is_kept(at_visit, data, code):
    to_papers(at_visit)
    send(tick(at_visit, "request"), "request", data)
    assert at_visit.status == 200 and at_visit.errors == [code]
    assert at_visit.page.title.get_text().startswith("Error: ")
    assert not ReadyPaper.objects.exclude(sent_at=None).exists()


def test_without_a_photo_it_says_what_to_do(at_visit):
    to_papers(at_visit)
    path = f"{at_visit.path}request/"
    at_visit._land(at_visit.client.post(path, {}, follow=True), path)
    assert at_visit.errors == ["photo.none"]


def test_nobody_is_asked_for_a_photo_of_their_identity(at_visit):
    """Data minimisation: no picture of a cédula, whatever a profile says."""
    for one in profile().papers:
        assert not (one.photo and one.code in (*papers.IDENTITY, "holder_card_copy")), one.code
    to_papers(at_visit)
    send(tick(at_visit, "id_card"), "id_card")
    assert (
        at_visit.path.endswith("/papeles/")
        and not ReadyPaper.objects.exclude(sent_at=None).exists()
    )
    with pytest.raises(Refused, match="photo.item"):
        prepared.keep(Case.objects.get(), "id_card", photo(), "x", clock.now())


def test_another_photo_replaces_the_first_and_it_can_be_taken_back(at_visit):
    to_papers(at_visit)
    send(tick(at_visit, "request"), "request")
    send(at_visit, "request", JPEG.replace(b"a paper", b"another"))
    assert b"another" in prepared.read(ReadyPaper.objects.get())
    path = f"{at_visit.path}request/"
    at_visit._land(at_visit.client.post(path, {"drop": "1"}, follow=True), path)
    one = ReadyPaper.objects.get()
    assert one.sent_at is None and not one.image and "Sin foto" in at_visit.text


def test_a_paper_that_is_no_longer_ticked_takes_its_photo_with_it(at_visit):
    to_papers(at_visit)
    send(tick(at_visit, "request"), "request")
    tick(at_visit, "id_card")
    assert not ReadyPaper.objects.exclude(sent_at=None).exists()


def test_too_many_in_an_hour_are_slowed_down(at_visit):
    to_papers(at_visit)
    tick(at_visit, "request")
    for _ in range(profile().buckets["photo_asker"].limit):
        send(at_visit, "request", b"nothing")
    assert send(at_visit, "request").status == 429


def test_a_stranger_reaches_neither_the_list_nor_a_photo(at_visit, time):
    to_papers(at_visit)
    send(tick(at_visit, "request"), "request")
    stranger = Walker(time)
    for path in (at_visit.path, f"{at_visit.path}request/"):
        assert stranger.client.get(path).status_code == 404
        assert (
            stranger.client.post(
                path, {"have": ["id_card"], "photo": photo(), "drop": "1"}
            ).status_code
            == 404
        )
    assert ReadyPaper.objects.exclude(sent_at=None).count() == 1


# --- at the desk ------------------------------------------------------------------------------------------


def test_the_officer_sees_it_beside_the_item_and_each_look_is_recorded(at_visit, time):
    code = at_visit.secret("continuation")
    send(tick(to_papers(at_visit), "request", "agreement"), "request")
    officer, other = staff.enter(time, "veronica"), staff.enter(time, "beatriz")
    officer.press({"counter": "3"})
    one = ReadyPaper.objects.exclude(sent_at=None).get()
    path = f"/mesa/enviada/{one.pk}/"
    assert officer.client.get(path).status_code == 404
    officer.client.post("/mesa/abrir/", {"continuation": code})
    officer.open(f"/mesa/visita/{Visit.objects.get().pk}/")
    item = officer.page.select_one("#request").get_text(" ")
    assert "Enviada antes" in item and "mire el original" in item
    assert "La persona dijo que la trae." in officer.page.select_one("#agreement").get_text(" ")
    assert officer.page.select_one(f"#request a[href='{path}']")
    looks = Entry.objects.filter(event="sensitive_read", case_id=one.case_id)
    before = looks.count()
    answer = officer.client.get(path)
    assert answer.headers["Content-Type"] == "image/jpeg" and b"a paper" in answer.content
    assert "sandbox" in answer.headers["Content-Security-Policy"] and looks.count() == before + 1
    assert other.client.get(path).status_code == 404


def test_a_photo_marks_nothing_as_seen(at_visit):
    code = at_visit.secret("continuation")
    send(tick(to_papers(at_visit), "request"), "request")
    visit = visit_by(member(0), code)
    assert queries.marked(visit) == {} and "request" in casework.standing(visit).missing


def test_once_the_desk_has_the_case_nothing_is_changed_any_more(at_visit):
    code = at_visit.secret("continuation")
    tick(to_papers(at_visit), "request")
    visit_by(member(0), code)
    path = at_visit.path.partition("?")[0]
    at_visit.client.post(path, {"have": []})
    at_visit.client.post(f"{path}request/", {"photo": photo()})
    assert ReadyPaper.objects.get().sent_at is None
    with pytest.raises(Refused, match="photo.late"):
        prepared.tick(Case.objects.get(), [], clock.now())


# --- when it goes -----------------------------------------------------------------------------------------


def test_it_goes_with_the_decision(at_visit):
    code = at_visit.secret("continuation")
    send(tick(to_papers(at_visit), "request"), "request")
    ana, eva = member(0), member(1, centre="puyo")
    visit = visit_by(ana, code)
    approval = approvals.ask(all_seen(visit), clock.now())
    assert ReadyPaper.objects.exists()
    approvals.approve(approval, eva, signed(eva), clock.now())
    assert not ReadyPaper.objects.exists()


def test_it_stays_where_something_was_only_sent_back(at_visit):
    code = at_visit.secret("continuation")
    send(tick(to_papers(at_visit), "request"), "request")
    ana, eva = member(0), member(1, centre="puyo")
    approval = approvals.ask(all_seen(visit_by(ana, code)), clock.now())
    approvals.send_back(approval, eva, "Falta una firma.", signed(eva), clock.now())
    assert ReadyPaper.objects.count() == 1


def test_it_goes_with_the_case_and_after_thirty_days(at_visit):
    send(tick(to_papers(at_visit), "request"), "request")
    now = clock.now()
    assert prepared.due(now + timedelta(days=29)) == 0
    Case.objects.update(closed_at=now)
    assert prepared.due(now) == 1 and not ReadyPaper.objects.exists()
    Case.objects.update(closed_at=None)
    prepared.keep(Case.objects.get(), "request", photo(), "x", now)
    assert prepared.due(now + timedelta(days=31)) == 1


@pytest.mark.parametrize("lang", ["es", "en"])
def test_its_pages_speak_one_language(cast, time, lang):
    from tests.house.test_languages import check

    walker = Walker(time, lang).validate(MARTA).to_visit("first_key")
    check(to_papers(walker).page, lang, "papers")
    send(tick(walker, "request"), "request")
    check(walker.page, lang, "sent")
    check(walker.open(f"{walker.path.partition('?')[0]}request/").page, lang, "photo")
