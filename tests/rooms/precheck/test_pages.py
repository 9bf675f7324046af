"""The pages: a list up, a report or a file back; one employer; a quota; nothing private and nothing kept."""

import io
import json
import tempfile
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clavero.institution import profile
from tests.cast import by_id
from tests.house.test_languages import check
from tests.rooms.precheck.lists import table
from tests.walk import Walker

ANA, MARTA = by_id("en_orden"), by_id("ruc_suspendido")
ROWS = [(ANA.identification, ANA.ruc, "1"), (MARTA.identification, MARTA.ruc, "0001")]


def send(data, kind="html", lang="", name="lista.csv", client=None, since=None):
    file = SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())
    earlier = {"since": SimpleUploadedFile("antes.jsonl", since)} if since else {}
    return (client or Client()).post(
        f"{lang}/precheck/", {"file": file, "result": kind} | earlier, follow=True
    )


@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_list_goes_up_and_the_report_says_whom_to_call_first(cast, time, lang):
    walker = Walker(time, lang).open(f"{'/en' if lang == 'en' else ''}/precheck/")
    check(walker.page, lang, "upload")
    walker._land(send(table(*ROWS), lang=walker.prefix), "/precheck/")
    assert walker.h1 == ("We checked 2 employers" if lang == "en" else "Revisamos 2 empleadores")
    assert walker.page.select_one("tr[data-row]")["data-row"] == "3"
    assert ("RUC suspended" if lang == "en" else "RUC suspendido") in walker.text


def test_the_same_result_comes_as_excel_csv_or_json_lines(cast):
    book = openpyxl.load_workbook(io.BytesIO(send(table(*ROWS), "xlsx").content))
    assert [row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [3, 2]
    assert (
        send(table(*ROWS), "csv")
        .content.decode()
        .startswith("identificacion,ruc,sucursal,clavero_fila")
    )
    lines = [json.loads(line) for line in send(table(*ROWS), "jsonl").content.decode().splitlines()]
    assert [each["ruc_status"]["value"] for each in lines] == ["active", "suspended"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "sheet.empty"), (b"%PDF-1.7", "sheet.not_a_table"), (b"x" * (3 << 20), "sheet.cell_too_long"), (b"x" * (21 << 20), "sheet.too_large")],
)  # fmt: skip
def test_what_cannot_be_checked_is_said_at_the_field(cast, data, code):
    answer = send(data)
    assert f'data-error="{code}"' in answer.content.decode() and answer.status_code == 200


def test_an_earlier_result_may_have_the_mark_that_an_editor_adds(cast):
    earlier = send(table(*ROWS), "jsonl").content
    documents = (
        send(table(*ROWS), "jsonl", since=b"\xef\xbb\xbf" + earlier).content.decode().splitlines()
    )
    assert [json.loads(each)["change"] for each in documents] == ["same", "same"]


@pytest.mark.parametrize(
    "earlier",
    [b"\0", b"[]", b"null", b"9" * 100_000, b"[" * 100_000, b'{"a":' * 100_000, b"PK\x03\x04", "{}".encode("utf-16"), b"identificacion,ruc\n"],
    ids=range(9),
)  # fmt: skip
def test_an_earlier_result_that_is_none_is_said_at_its_field(cast, earlier):
    text = send(table(*ROWS), since=earlier).content.decode()
    assert 'data-error="sheet.since_file"' in text


MULTIPART = "multipart/form-data; boundary=b"
WHOLE = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nruc\r\n%s\r\n--b--\r\n'
    % ANA.ruc.encode()
)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(WHOLE, MULTIPART, 200), (WHOLE[:-30], MULTIPART, 200), (b"", MULTIPART, 200), (WHOLE, f"{MULTIPART}x", 200), (b"ruc", "text/csv", 200),
     (WHOLE, "multipart/form-data", 400), (WHOLE, f"{MULTIPART}{'b' * 300}", 400), (WHOLE[:-7] + b"\r\n" + WHOLE.replace(b"file", b"f") * 200, MULTIPART, 400)],
    ids=range(8),
)  # fmt: skip
def test_a_broken_upload_is_a_page_with_a_sentence_and_never_half_a_list(cast, body, kind, status):
    client = Client(raise_request_exception=False)
    answer = client.generic("POST", "/precheck/", body, content_type=kind)
    text = answer.content.decode()
    assert answer.status_code == status and "Algo falló" not in text
    assert ("Revisamos un empleador" in text) == ((body, kind) == (WHOLE, MULTIPART))


def test_no_file_is_said(cast):
    assert (
        'data-error="sheet.choose"'
        in Client().post("/precheck/", {"result": "html"}).content.decode()
    )


def test_a_list_is_kept_nowhere(cast):
    before = set(Path(tempfile.gettempdir()).glob("clavero-*"))
    send(table(*ROWS))
    assert set(Path(tempfile.gettempdir()).glob("clavero-*")) <= before


def test_whoever_sends_too_many_lists_waits_a_while(cast, time):
    client, most = Client(), profile().buckets["precheck_asker"].limit
    for _ in range(most):
        assert send(table(ROWS[0]), client=client).status_code == 200
    assert send(table(ROWS[0]), client=client).status_code == 429


def test_only_the_public_state_is_asked_and_never_the_institutions_register(cast, time):
    with CaptureQueriesContext(connection) as ran:
        text = (
            Walker(time)
            .open("/precheck/uno/")
            .press({"identification": ANA.identification, "ruc": ANA.ruc, "branch": "1"})
            .text
        )
        send(table(*ROWS))
    assert "En línea" in text and ANA.name not in text and ANA.email not in text
    assert {
        word
        for query in ran
        for word in ("employers_", "keys_", "recovery_")
        if word in query["sql"]
    } == set()


@pytest.mark.parametrize("lang", ["es", "en"])
def test_one_employer_is_told_before_starting(cast, time, lang):
    walker = Walker(time, lang)
    walker.open(f"{walker.prefix}/precheck/uno/")
    check(walker.page, lang, "one")
    walker.press({"identification": MARTA.identification, "ruc": MARTA.ruc, "branch": "1"})
    assert walker.routes == {"visit"}
    assert ("start by" if lang == "en" else "empiece hasta el") in walker.text
    check(walker.page, lang, "one, result")
    walker.open(f"{walker.prefix}/precheck/uno/").press({"identification": ""})
    assert walker.errors == ["cedula.empty"]
    walker.press({"identification": ANA.identification, "domestic": "1"})
    assert walker.routes == {"online"} and ANA.identification + "000" in walker.text.replace(
        " ", ""
    )


def test_what_a_page_costs(cast, count_sql):
    client = Client()
    client.get("/precheck/")
    with count_sql(0):
        client.get("/precheck/")
    with count_sql(3):  # the bucket, the live copies, the RUCs
        send(table(*ROWS), client=client)
