"""The precheck in Chromium: axe on every state of a long list, on a phone, wide and printed."""

import time

import pytest

from clavero import clock
from clavero.catastro import services as catastro
from clavero.core.errors import Refused
from clavero.precheck import judging, kept
from clavero.precheck.models import SentList
from tests.browser.test_browser import follow, look, press
from tests.cast import by_id
from tests.rooms.precheck.lists import clean, table
from tests.stories.test_portfolio import firms, workbook

pytestmark = pytest.mark.browser
MARTA = by_id("ruc_suspendido")
PAGE = "/precheck/lista/"


@pytest.fixture(autouse=True)
def renewed_by_hand(monkeypatch):
    """A page that renews itself while it is looked at would be another page half way through."""
    monkeypatch.setattr("clavero.precheck.kept_views.ASK_AGAIN", 3600)


def send(page, rows: str, name: str = "cartera.csv") -> None:
    page.goto("/precheck/")
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": rows.encode()})
    press(page)


def fetched_whole(page, button: str, seconds: float = 10) -> None:
    """Look again until the result is gone: it is deleted once its last byte left, which the browser may learn first."""
    until = time.monotonic() + seconds
    page.goto(PAGE)
    while page.locator(button).count():
        assert time.monotonic() < until, "the result is still there"
        time.sleep(0.1)
        page.goto(PAGE)
    assert page.locator("button:has-text('CSV')").count() == 1


def test_a_long_list_on_every_page_that_it_has(page, tmp_path):
    send(page, table((MARTA.identification, MARTA.ruc, "1"), *clean(5000)))
    assert page.url.endswith(PAGE)
    look(page, "waiting")
    sent = kept.take(clock.now())
    kept.go_on(sent, 2500, 5001)
    page.goto(PAGE)
    look(page, "rows of rows")
    page.goto(f"{PAGE}?quieta=1")
    look(page, "standing still")
    kept.go_on(sent, 5001, 5001)
    page.goto(PAGE)
    look(page, "writing")
    judging.judge(sent, tmp_path)
    page.goto(PAGE)
    look(page, "report")
    page.click("summary:has-text('Volver')")
    look(page, "report, the link")
    with page.expect_download() as caught:
        page.click("button:has-text('Excel')")
    assert caught.value.suggested_filename == "clavero.xlsx"
    fetched_whole(page, "button:has-text('Excel')")
    page.emulate_media(media="print")
    assert not page.locator(".cl-downloads").is_visible()
    page.emulate_media(media="screen")
    page.click("summary:has-text('Volver')")
    follow(page, "button:has-text('Borrar todo')")
    look(page, "deleted")
    page.goto(PAGE)
    look(page, "gone")


def test_a_list_that_cannot_be_judged(page):
    send(page, table(*clean(5001)))
    kept.fail(kept.take(clock.now()), Refused("sheet.quote_open", row=7))
    page.goto(PAGE)
    look(page, "failed")
    assert SentList.objects.get().state == SentList.FAILED


def test_what_is_wrong_with_either_file_stands_at_its_field(page):
    page.goto("/precheck/")
    look(page, "upload")
    press(page)
    look(page, "no file")
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": table(*clean(2)).encode()})  # fmt: skip
    page.click("summary:has-text('antes')")
    page.set_input_files("#since", {"name": "b.jsonl", "mimeType": "text/plain", "buffer": b"nada"})
    press(page)
    look(page, "an earlier result that is none")
    assert page.locator("#since_error").is_visible()


@pytest.mark.shared
def test_the_portfolio_in_the_browser_on_a_phone_wide_and_printed(page, shared_data, tmp_path):
    catastro.import_file(shared_data / "SRI_RUC_Galapagos.csv", clock.now())
    data = workbook(tmp_path / "cartera.xlsx", firms(shared_data))
    page.goto("/precheck/")
    page.set_input_files("#file", {"name": "cartera.xlsx", "mimeType": "application/octet-stream", "buffer": data})  # fmt: skip
    press(page)
    look(page, "portfolio")
    for summary in page.locator("main summary").all():
        summary.click()
    look(page, "portfolio, all open")
    page.emulate_media(media="print")
    assert page.locator("tr[data-row]").first.is_visible()
    assert not page.locator(".govuk-button").first.is_visible()
    page.pdf(path=str(tmp_path / "report.pdf"))
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
