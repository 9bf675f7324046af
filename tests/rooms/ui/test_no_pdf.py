"""K07: where no PDF can be made, each address of one answers the same sheet as a page to print, and nothing is lost."""

import re
import threading
from pathlib import Path

import pytest
import typst

from clavero.core.errors import Refused
from clavero.ui import paper
from clavero.ui.paper import Sheet, Text
from tests.cast import by_id
from tests.house.test_routes import FOUND
from tests.staff import enter
from tests.stories.test_circle import prepare
from tests.walk import Walker, sign_in

ANA, JULIA = by_id("en_orden"), by_id("sin_correo")
MAKERS = {"desk/dossier.py", "desk/papers.py", "desk/post.py", "cli/subject.py", "ui/paper/__init__.py"}  # fmt: skip
"""Who makes a PDF by itself. A view answers one by `as_pdf`."""
SHEET = Sheet("Hoja de ana@trigo.example", "hoja", (Text("2450927005"),), "es")


class PanicException(BaseException):
    """What a panic of typst is in Python: no Exception."""


def breaks(monkeypatch, failed: BaseException) -> None:
    def compile(*args, **kwargs):
        raise failed

    monkeypatch.setattr(typst, "compile", compile)


@pytest.mark.parametrize("failed", [typst.TypstError("ana@trigo.example"), MemoryError(), OSError("/tmp/ana")])  # fmt: skip
def test_whatever_breaks_in_the_maker_is_one_refusal_and_the_log_has_its_kind_alone(
    monkeypatch, lines, failed
):
    breaks(monkeypatch, failed)
    with pytest.raises(Refused) as refused:
        paper.pdf(SHEET)
    assert refused.value.code == "paper.pdf"
    (line,) = lines()
    assert {"event": "pdf", "error": type(failed).__name__}.items() <= line.items()
    assert "2450927005" not in str(line) and "trigo" not in str(line) and "/tmp" not in str(line)


def test_a_panic_of_the_maker_ends_nothing_but_its_own_thread(monkeypatch, lines):
    from clavero.project import logs

    breaks(monkeypatch, PanicException("2450927005"))
    monkeypatch.setattr(threading, "excepthook", logs._of_a_thread)
    with pytest.raises(Refused):
        paper.pdf(SHEET)
    thread, said = lines()
    assert (thread["event"], thread["error"]) == ("thread_failed", "PanicException")
    assert (said["event"], said["error"]) == ("pdf", "Panic")
    assert "2450927005" not in str(thread)


def test_a_maker_that_does_not_come_to_an_end_is_waited_for_no_longer_than_its_time(
    monkeypatch, lines
):
    over = threading.Event()
    monkeypatch.setattr(typst, "compile", lambda *args, **kwargs: over.wait(30))
    monkeypatch.setattr(paper, "LONGEST", 0.05)
    try:
        with pytest.raises(Refused):
            paper.pdf(SHEET)
    finally:
        over.set()
    assert lines()[0]["error"] == "TimeoutError"


def test_makers_that_hang_are_so_many_and_no_more(monkeypatch, lines):
    """Who finds no place gets the page at once; when the others end, there are PDFs again."""
    over, begun = threading.Event(), []
    monkeypatch.setattr(typst, "compile", lambda *args, **kwargs: begun.append(1) or over.wait(30) and b"%PDF")  # fmt: skip
    monkeypatch.setattr(paper, "LONGEST", 0.02)
    monkeypatch.setattr(paper, "PATIENCE", 0.02)
    try:
        for _ in range(paper.AT_ONCE + 3):
            with pytest.raises(Refused):
                paper.pdf(SHEET)
        assert len(begun) == paper.AT_ONCE
        assert [line["error"] for line in lines()] == ["TimeoutError"] * paper.AT_ONCE + [
            "Busy"
        ] * 3
    finally:
        over.set()
    monkeypatch.undo()
    assert all(paper.pdf(SHEET).startswith(b"%PDF") for _ in range(paper.AT_ONCE + 1))


def test_who_finds_no_place_gets_the_page_and_starts_no_thread(client, monkeypatch, db):
    """Over HTTP, with makers that hang; when they end the same address is a PDF again."""
    over, path = threading.Event(), "/guia/lista.pdf?scenario=no_email"
    with monkeypatch.context() as held:
        held.setattr(typst, "compile", lambda *args, **kwargs: over.wait(30) and b"%PDF")
        held.setattr(paper, "LONGEST", 0.02)
        held.setattr(paper, "PATIENCE", 0.02)
        try:
            for _ in range(paper.AT_ONCE):
                assert client.get(path).status_code == 503
            hanging = threading.active_count()
            for _ in range(3):
                answer = client.get(path)
                assert answer.status_code == 503 and b"cl-paper" in answer.content
            assert threading.active_count() == hanging
        finally:
            over.set()
    assert client.get(path)["Content-Type"] == "application/pdf"


def test_a_machine_that_gives_no_thread_makes_no_pdf_and_nothing_falls(monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    for _ in range(paper.AT_ONCE + 1):
        with pytest.raises(Refused):
            paper.pdf(SHEET)
    monkeypatch.undo()
    assert paper.pdf(SHEET).startswith(b"%PDF")


@pytest.fixture
def addresses(counter, time) -> dict[str, tuple[Walker, str]]:
    """Every address of a PDF, with a browser that may open it."""
    officer, _ = counter
    home, _, code = prepare(time, JULIA, "no_email")
    case = home.path.partition("visita/")[0]
    sign = home.page.select_one("a[href*='/papel/']")["href"]
    officer.press("Dar un número")
    ticket = officer.walker.path
    officer.walker.open("/mesa/")
    officer.press("Abrir", continuation=code)
    visit = officer.walker.path
    return {
        "guide_list_pdf": (home, "/guia/lista.pdf?scenario=no_email"),
        "case_sheet_pdf": (home, f"{case}hoja.pdf"),
        "case_paper_pdf": (home, sign.rstrip("/") + ".pdf"),
        "desk_slip_pdf": (officer.walker, f"{visit}hoja.pdf"),
        "desk_acta_pdf": (officer.walker, f"{visit}acta.pdf"),
        "desk_ticket_pdf": (officer.walker, ticket.rstrip("/") + ".pdf"),
        "desk_paper_form_pdf": (officer.walker, "/mesa/papel.pdf"),
        "desk_day_sheet_pdf": (officer.walker, "/mesa/dia.pdf"),
    }


def test_every_address_of_a_pdf_answers_its_sheet_as_a_page_to_print(addresses, monkeypatch):
    """A new one is missing here until it is walked too."""
    assert set(addresses) == {name for name, (route, _) in FOUND.items() if route.endswith(".pdf")}
    for name, (walker, path) in addresses.items():
        answer = walker.client.get(path)
        assert answer["Content-Type"] == "application/pdf", name
    breaks(monkeypatch, MemoryError())
    for name, (walker, path) in addresses.items():
        for prefix in ("", "/en"):
            page = walker.open(prefix + path)
            assert page.status == 503, name
            assert page.page.select_one("article.cl-paper h1"), name
            assert page.page.select_one("[data-print]"), name
            said = "We cannot prepare the PDF" if prefix else "Ahora no podemos preparar el PDF"
            assert said in page.text, name


def test_nobody_makes_a_pdf_past_the_one_place_that_knows_what_to_do_without():
    root = Path(paper.__file__).resolve().parents[2]
    making = re.compile(r"(?<![\w.])(?:paper\.)?pdf\(|typst\.|import pdf\b")
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if making.search(path.read_text(encoding="utf-8"))
    }
    assert found == MAKERS


def test_the_copy_of_ones_data_is_a_page_where_it_cannot_be_a_file(walker, monkeypatch):
    sign_in(walker, ANA, ANA.key)
    breaks(monkeypatch, typst.TypstError("x"))
    walker.open("/cuenta/datos/copia/").press({"format": "pdf", "current": ANA.key})
    assert walker.status == 503 and "Ahora no podemos preparar el PDF" in walker.text
    assert ANA.name in walker.page.select_one("article.cl-paper").get_text()


def test_the_slip_with_the_code_for_the_persons_hand_is_shown_without_its_file(
    counter, time, monkeypatch
):
    """The code is shown once: it stands on the page, whatever becomes of the file."""
    from tests import staff

    officer, second = counter
    _, _, code = prepare(time, JULIA, "no_email")
    officer.press("Abrir", continuation=code)
    officer.follow("Cambiar el correo registrado")
    officer.press("Anotar la corrección", value="julia.nueva@faro.example")
    officer.mark_everything_seen("Perdió el correo.")
    officer.press("Pedir la segunda aprobación")
    second.walker.open("/mesa/")
    second.follow("Ver").follow("Decidir")
    second.press("Firmar la decisión", decision="approved", code=staff.next_code(time, "beatriz"))
    breaks(monkeypatch, MemoryError())
    officer.follow("Ver si ya decidió").press("Entregar el código")
    assert officer.walker.status == 200
    assert officer.walker.page.select_one("[data-binding]").get_text("").strip()
    assert (
        "Descargar (PDF)" not in officer.text and "Ahora no podemos preparar el PDF" in officer.text
    )


def test_the_evidence_of_a_case_waits_and_says_so(counter, time, monkeypatch):
    from clavero.recovery.models import Case

    prepare(time, JULIA, "no_email")
    ref = Case.objects.get().ref
    auditor = enter(time, "ramiro")
    breaks(monkeypatch, MemoryError())
    page = auditor.open(f"/mesa/evidencia/{ref}/caso.zip")
    assert page.status == 503 and "Pruebe otra vez en unos minutos" in page.text
