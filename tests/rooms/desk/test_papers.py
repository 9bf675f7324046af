"""The papers of the desk: what they say, in whose language, what they never say, and to whom they open."""

import base64
from datetime import timedelta

import pytest
from django.utils import translation

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.counter import Mark
from clavero.desk import approvals, casework, papers, queries, queue
from clavero.desk.models import Ticket, Visit
from clavero.notices.models import Message
from clavero.recovery.models import Case
from clavero.ui.paper import pdf
from tests import pdfs, staff
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.rooms.desk.test_casework import all_seen, signed
from tests.stories.test_circle import Desk, prepare
from tests.walk import Walker

JULIA = by_id("sin_correo")


def words(made: bytes) -> str:
    return " ".join(pdfs.text(made).split())


def is_tagged(made: bytes, lang: bytes) -> bool:
    catalogue = next(b for b in pdfs.objects(made).values() if b"/Type/Catalog" in b)
    marked = b"/MarkInfo<</Marked true" in catalogue and b"/StructTreeRoot" in catalogue
    return marked and b"/Lang(%s)" % lang in catalogue and b"<pdfuaid:part>1</pdfuaid:part>" in made


def get_pdf(walker: Walker, path: str) -> bytes:
    answer = walker.client.get(path)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf", path
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.content


@pytest.fixture
def ana(cast):
    return member(0)


def observed(ana, code: str) -> Visit:
    """A visit that ended with something missing."""
    visit = casework.open_visit(ana, ana.centre, "1", code, clock.now())
    marks = {one: Mark("seen") for one in queries.asked(visit)}
    marks["request"] = Mark("observed", "Falta la firma en la página 1.")
    casework.mark(visit, marks, "Perdió el correo.", False, clock.now())
    casework.observe(visit, clock.now())
    return visit


def approved(time, ana, lang: str = "es") -> Visit:
    """A visit that a second person approved."""
    home = Walker(time, lang).validate(JULIA).to_visit("no_email")
    eva = member(1, centre="puyo")
    code = home.secret("continuation")
    visit = casework.open_visit(ana, ana.centre, "1", code, clock.now())
    casework.correct(visit, "email", {"value": "julia@faro.example"}, clock.now())
    approvals.approve(approvals.ask(all_seen(visit), clock.now()), eva, signed(eva), clock.now())
    visit.refresh_from_db()
    return visit


# --- what they say ----------------------------------------------------------------------------------------


def test_the_acta_says_what_was_done_by_whom_and_where_it_is_recorded(time, ana):
    visit = approved(time, ana)
    casework.hand_code(visit, clock.now())
    casework.finish(visit, clock.now())
    sheet = papers.acta_of(visit)
    made = pdf(sheet)
    said = words(made)
    last = queries.last_deed(visit.case)
    for part in (
        "Acta de la atención", f"Caso {visit.case.number}", "Código entregado", "RUC terminado en", "Personal número 101",
        "Perdió el correo.", "Segunda persona Personal número 102", "Cambiar el correo registrado", "X La persona es la del documento",
        "Cree su clave en", f"Registro {last.number} · {last.head12}", "Firma de la persona atendida",
    ):  # fmt: skip
        assert part in said, part
    assert is_tagged(made, b"es-EC") and made.count(b"/Type/Page/") == 1


def test_what_is_printed_stays_the_same_however_often_it_is_looked_at(time, ana):
    visit = approved(time, ana)
    first = pdf(papers.acta_of(visit))
    for _ in range(3):
        queries.looked(ana, visit.case)
    assert pdf(papers.acta_of(visit)) == first


def test_the_slip_says_what_to_bring_by_when_and_where(time, ana):
    home, _, code = prepare(time, JULIA, "no_email")
    visit = observed(ana, code)
    made = pdf(papers.slip_of(visit))
    said = words(made)
    for part in (
        "Vuelva hasta el",
        "Falta la firma en la página 1.",
        "No hace otra fila.",
        "Ambato",
    ):
        assert part in said, part
    assert "La persona es la del documento" not in said and is_tagged(made, b"es-EC")


def test_the_persons_papers_speak_the_language_of_the_case(time, ana):
    visit = approved(time, ana, "en")
    case = visit.case
    assert case.language == "en"
    code = casework.hand_code(visit, clock.now())
    with translation.override("es"):
        made = [
            papers.acta_of(visit),
            papers.slip_of(visit),
            papers.binding(case, code, ahead=False),
        ]
    for sheet in made:
        assert sheet.lang == "en" and is_tagged(pdf(sheet), b"en-GB")
    assert made[0].title == "Record of the visit"


def test_the_power_cut_form_is_in_spanish_and_asks_for_no_key(cast):
    with translation.override("en"):
        sheet = papers.power_cut("ambato")
    made = pdf(sheet)
    assert sheet.lang == "es" and is_tagged(made, b"es-EC") and made.count(b"/Type/Page/") == 1
    said = words(made)
    for part in (
        "Hoja de atención en papel",
        "Ambato",
        "RUC y sucursal",
        "No escriba aquí ninguna clave",
    ):
        assert part in said, part


def test_the_day_on_paper_has_hours_and_numbers_and_room_for_who_comes(cast, time):
    given = queue.issue("ambato", queue.WALK_IN, clock.now())
    turn = queries.Turn(clock.now(), "26-000007", "firm")
    sheet = papers.day("ambato", clock.now().date(), [(turn, "Confirmado")], [given])
    made = pdf(sheet)
    said = words(made)
    assert "26-000007 Confirmado" in said and str(given) in said and "Llegaron sin turno" in said
    assert is_tagged(made, b"es-EC") and made.count(b"/Type/Page/") == 1
    assert "No hay turnos para hoy." in words(pdf(papers.day("ambato", clock.now().date(), [], [])))


def test_a_ticket_is_a_strip_with_the_number_to_be_called(cast, time):
    given = queue.issue("ambato", queue.WALK_IN, clock.now())
    made = pdf(papers.ticket(given, 15, "Ambato"))
    assert "B01" in words(made) and "Espera unos 15 minutos." in words(made)
    assert any(b"/MediaBox[0 0 226.77" in body for body in pdfs.objects(made).values())


def test_the_clock_is_the_centres(cast):
    """Galápagos is an hour behind, and the paper says so."""
    from django.conf import settings

    from clavero.appointments.models import Centre

    there = Centre.objects.get(zone="Pacific/Galapagos")
    given = Ticket(
        centre=there.code, day=clock.now().date(), line="B", number=1, issued_at=clock.now()
    )
    here = clock.now() - timedelta(hours=6)
    assert settings.TIME_ZONE == "America/Guayaquil"
    assert f"{here.hour}:{here.minute:02d}." in words(pdf(papers.ticket(given, 1, there.name)))


# --- what they never say -----------------------------------------------------------------------------------


def test_no_paper_of_the_desk_holds_the_case_secret_or_a_number_of_a_person(time, ana):
    home, secret, code = prepare(time, JULIA, "no_email")
    visit = observed(ana, code)
    case = visit.case
    sheets = [
        papers.acta_of(visit),
        papers.slip_of(visit),
        papers.binding(case, "K7QM3PTX", ahead=True),
    ]
    for sheet in sheets:
        said = words(pdf(sheet)).replace(" ", "")
        for hidden in (secret, code, JULIA.identification, JULIA.ruc, JULIA.name.replace(" ", "")):
            assert hidden not in said, (sheet.title, hidden)


def test_the_code_for_the_hand_stands_on_its_slip_alone(time, ana):
    visit = approved(time, ana)
    code = casework.hand_code(visit, clock.now())
    said = words(pdf(papers.binding(visit.case, code, ahead=False))).replace(" ", "")
    assert code in said
    for sheet in (papers.acta_of(visit), papers.slip_of(visit)):
        assert code not in words(pdf(sheet)).replace(" ", "")


# --- on the pages of the desk --------------------------------------------------------------------------------


def to_approved(counter) -> tuple[Desk, Desk]:
    officer, second = counter
    _, _, code = prepare(officer.walker.time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)
    officer.mark_everything_seen("Perdió el correo.")
    officer.press("Pedir la segunda aprobación")
    second.walker.open("/mesa/decidir/")
    code = staff.next_code(officer.walker.time, "beatriz")
    second.follow("Decidir").press("Firmar la decisión", decision="approved", code=code)
    officer.follow("Ver si ya decidió")
    return officer, second


def test_the_slip_of_the_code_is_shown_once_with_its_pdf_inside(counter):
    officer, _ = to_approved(counter)
    here = officer.walker.path
    letters = Message.objects.count()
    officer.press("Entregar el código")
    code = officer.walker.secret("binding")
    assert Message.objects.count() == letters  # S-027: it goes from hand to hand, and no other way
    link = officer.walker.page.select_one("a[download]")
    assert link["download"] == "codigo-del-centro.pdf"
    made = base64.b64decode(link["href"].removeprefix("data:application/pdf;base64,"))
    assert code in words(made).replace(" ", "") and is_tagged(made, b"es-EC")
    assert code not in officer.walker.open(here).page.decode()
    assert officer.walker.client.get(f"{here}codigo/").status_code == 405
    handed = officer.press("Entregar otro código").walker.secret("binding")
    assert handed != code


@pytest.mark.parametrize("paper", ["acta", "hoja"])
def test_every_look_at_a_paper_of_a_case_is_recorded_and_is_for_its_officer_alone(counter, paper):
    officer, second = to_approved(counter)
    here = f"{officer.walker.path}{paper}"
    looks = Entry.objects.filter(event="sensitive_read")
    before = looks.count()
    officer.walker.open(f"{here}/")
    assert officer.walker.page.select_one(f"a[href='{here}.pdf']") and looks.count() == before + 1
    get_pdf(officer.walker, f"{here}.pdf")
    assert looks.count() == before + 2
    for path in (f"{here}/", f"{here}.pdf"):
        assert second.walker.client.get(path).status_code == 404
        assert Walker(officer.walker.time).client.get(path).status_code == 303
    assert looks.count() == before + 2


def test_the_papers_of_the_day_open_to_who_works_at_a_counter(counter, time):
    officer, second = counter
    for path in ("/mesa/papel", "/mesa/dia"):
        officer.walker.open(f"{path}/")
        assert officer.walker.page.select_one(f"a[href='{path}.pdf']")
        assert is_tagged(get_pdf(officer.walker, f"{path}.pdf"), b"es-EC")
    officer.walker.open("/mesa/")
    officer.press("Dar un número")
    paper = officer.walker.path
    assert officer.walker.page.select_one("[data-ticket]").get_text() == "B01"
    officer.walker.open(paper)
    assert Ticket.objects.count() == 1
    get_pdf(officer.walker, paper.rstrip("/") + ".pdf")
    assert second.walker.client.get(paper).status_code == 404


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_paper_of_the_desk_speaks_one_language(cast, time, lang):
    from tests.house.test_languages import check

    walker = Walker(time, lang).validate(JULIA).to_visit("no_email")
    visit = casework.open_visit(
        member(0), "ambato", "1", walker.secret("continuation"), clock.now()
    )
    casework.mark(visit, {}, "100", False, clock.now())
    given = queue.issue("ambato", queue.WALK_IN, clock.now())
    with translation.override(lang):
        found = [
            papers.acta_of(visit), papers.slip_of(visit), papers.binding(visit.case, "K7QM3PTX", ahead=True),
            papers.ticket(given, 15, "Ambato"), papers.day("ambato", clock.now().date(), [], [given]),
        ]  # fmt: skip
        from bs4 import BeautifulSoup
        from django.template.loader import render_to_string

        for sheet in found:
            page = f"<body>{render_to_string('ui/paper.html', {'sheet': sheet})}</body>"
            check(BeautifulSoup(page, "html.parser"), lang, sheet.title, {"Av. de los Guaytambos"})  # fmt: skip
    assert Case.objects.count() == 1
