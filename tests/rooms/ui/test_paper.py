"""Sheets: PDF/UA, drawn from data and never from markup, with letters that the fonts have."""

import re

import pytest

from clavero.ui import paper
from clavero.ui.paper import (
    Box,
    Boxes,
    Code,
    Field,
    Fields,
    Heading,
    Lines,
    Note,
    Sheet,
    Signatures,
    Steps,
    Table,
    Text,
)
from tests import pdfs, qr

CODE = "4K7QM3PTX9RWC2HD"
PARTS = (
    Code("Muestre este código", CODE, ("Vale hasta el viernes.",), "No muestre su clave de caso."),
    Heading("Qué llevar"),
    Boxes((Box("Su cédula", "Se la devolvemos.", "Fuente: página oficial."), Box("Sí", ticked=True))),
    Fields((Field("RUC", "2450061920001", number=True), Field("Nombres"))),
    Steps(("Uno", "Dos")),
    Note("Nadie le pide su clave.", "Tenga presente:"),
    Lines("Qué pide"),
    Table(("Hora", "Caso"), (("9:05", "26-000001"),), (1, 4)),
    Text("Ayuda", small=True),
    Signatures(("Firma", "Lugar y fecha")),
)  # fmt: skip


def sheet(*parts: paper.Part, lang: str = "es", **more: str) -> Sheet:
    return Sheet("Hoja de prueba", "hoja", parts or PARTS, lang, "26-000123", **more)


def test_a_pdf_is_tagged_has_a_language_a_title_and_says_that_it_is_pdf_ua():
    made = paper.pdf(sheet())
    parts = pdfs.objects(made)
    catalogue = next(body for body in parts.values() if b"/Type/Catalog" in body)
    assert b"/MarkInfo<</Marked true" in catalogue and b"/StructTreeRoot" in catalogue
    assert b"/Lang(es-EC)" in catalogue and b"/DisplayDocTitle true" in catalogue
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made and b"/Title(Hoja de prueba)" in made
    assert b"/Lang(en-GB)" in paper.pdf(sheet(lang="en"))


def test_headings_lists_tables_and_the_figures_words_are_in_the_structure():
    made = paper.pdf(sheet())
    for kind in (b"/S/H1", b"/S/H2", b"/S/LI", b"/S/TH", b"/S/TD", b"/S/Figure"):
        assert kind in made, kind
    alt = re.search(rb"/Alt<FEFF(\w+)>", made)[1]
    assert CODE in bytes.fromhex(alt.decode()).decode("utf-16-be")


def test_what_is_said_reaches_the_paper_in_order():
    words = pdfs.text(paper.pdf(sheet(lead="Lo primero", foot="Lo último")))
    flat = re.sub(r"\s+", " ", words)
    order = ("Clave de empleador", "Caso 26-000123", "Hoja de prueba", "Lo primero", "Muestre este código",
             "4K7Q M3PT X9RW C2HD", "Qué llevar", "Su cédula", "X Sí", "RUC 245 006 192 0 001", "Tenga presente",
             "9:05 26-000001", "Firma Lugar y fecha", "Lo último", "no pertenece al IESS")  # fmt: skip
    places = [flat.index(words) for words in order]
    assert places == sorted(places)


def test_the_letterhead_speaks_the_language_of_the_sheet_and_not_of_the_page():
    from django.utils import translation

    with translation.override("en"):
        assert "Caso 26-000123" in pdfs.text(paper.pdf(sheet()))
    with translation.override("es"):
        assert "Case 26-000123" in pdfs.text(paper.pdf(sheet(lang="en")))


def test_data_is_never_markup():
    hostile = '#eval("1+1") $x^2$ = T *b* _i_ `r` \\ #include("/etc/passwd") <a> @b [c] "q" // -- ~'
    words = pdfs.text(paper.pdf(sheet(Text(hostile), Fields((Field(hostile, hostile),)))))
    flat = re.sub(r"\s+", "", words)
    assert flat.count(re.sub(r"\s+", "", hostile)) == 3


def test_the_fonts_draw_every_letter_that_is_let_through():
    """Under PDF/UA typst refuses a letter without a drawing."""
    assert paper.pdf(sheet(Text(" ".join(sorted(paper.LETTERS)))))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ñandú Ółę", "Ñandú Ółę"),
        ("Nguyễn", "Nguyen"),
        ("王 SA", "? SA"),
        ("a\u200bb\x00c\u0301", "abć"),
        ("x\ty\nz", "x y z"),
        ("ﬁn", "fin"),
    ],
)
def test_other_letters_lose_their_marks_or_become_a_question_mark(typed, shown):
    assert paper.drawable(typed) == shown
    assert paper.pdf(sheet(Text(typed)))


def test_the_same_sheet_gives_the_same_bytes():
    assert paper.pdf(sheet()) == paper.pdf(sheet())


def test_the_qr_holds_the_code_and_is_no_micro_qr():
    cells = qr.from_svg(Code("", CODE).drawing)
    assert len(cells) == 21 and qr.decode(cells) == CODE


def test_a_ticket_is_a_narrow_sheet():
    page = next(
        b for b in pdfs.objects(paper.pdf(sheet(size="ticket"))).values() if b"/MediaBox" in b
    )
    assert b"/MediaBox[0 0 226.77" in page


def test_in_the_demonstration_every_sheet_says_so(settings):
    settings.DEMO = False
    assert "Demostración" not in pdfs.text(paper.pdf(sheet()))
    settings.DEMO = True
    assert "Demostración con datos inventados." in pdfs.text(paper.pdf(sheet()))
