"""The papers of a case: what they say, what they never say, the same for whoever exists or not."""

import pytest

from tests import pdfs, qr
from tests.cast import by_id
from tests.walk import Walker


@pytest.fixture
def at_visit(walker) -> Walker:
    return walker.validate(by_id("ruc_suspendido")).press({"situation": "no_email"})


def sheet_path(walker: Walker) -> str:
    return walker.path.replace("/visita/", "/hoja/")


def test_the_sheet_shows_the_continuation_code_and_never_the_case_secret(at_visit):
    secret, continuation = at_visit.secret("secret"), at_visit.secret("continuation")
    page = sheet_path(at_visit)
    at_visit.open(page)
    assert at_visit.secret("continuation") == continuation
    assert secret not in at_visit.response.content.decode().replace(" ", "")
    answer = at_visit.client.get(page.rstrip("/") + ".pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    words = pdfs.text(answer.content).replace("\n", "")
    assert continuation in words and secret not in words
    assert "No muestre a nadie su clave de caso." in words


def test_page_pdf_and_qr_carry_the_same_code(at_visit):
    """S-026: the QR on the page and in the PDF decodes to the code that is printed beside it."""
    continuation = at_visit.secret("continuation")
    at_visit.open(sheet_path(at_visit))
    drawn = str(at_visit.page.select_one(".cl-continue__qr svg")).replace("viewbox", "viewBox")
    assert qr.decode(qr.from_svg(drawn)) == continuation
    from clavero.ui.paper import Code

    assert qr.from_svg(drawn) == qr.from_svg(Code("", continuation).drawing)


def test_a_browser_that_may_no_longer_see_the_code_is_sent_to_ask_for_another(at_visit, time):
    page = sheet_path(at_visit)
    time.wait(31 * 60)
    at_visit.open(page)
    assert at_visit.path.endswith("/visita/") and not at_visit.page.select("[data-continuation]")


def test_nobody_else_opens_the_papers_of_a_case(at_visit, time):
    page = sheet_path(at_visit)
    stranger = Walker(time)
    for path in (page, page.rstrip("/") + ".pdf"):
        assert stranger.open(path).status == 404
