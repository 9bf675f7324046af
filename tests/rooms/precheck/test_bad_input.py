"""What is no list, or a broken one: one clear sentence naming row and column, nothing lost, nothing half done."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from clavero import words
from clavero.core.columns import letter
from tests.rooms.precheck.lists import (
    ANA,
    FIRM,
    NAMES,
    ROOT,
    clean,
    judged,
    person,
    refused,
    run,
    table,
)

GOOD = (ANA, FIRM, "0001")


def write(tmp_path, data, name="lista.csv"):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet.empty"),
        (b"\r\n , ,\r\n", "sheet.empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "sheet.not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "sheet.not_a_table"),
        (os.urandom(5000).replace(b"\t", b"\x01"), "sheet.not_a_table"),
        (b"<html><table><tr><td>RUC</td></tr></table>", "sheet.web_page"),
        (b"PK\x03\x04 cut off here", "sheet.broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "sheet.encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "sheet.broken"),
        (table(names=NAMES).encode(), "sheet.no_rows"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_said_in_one_line(tmp_path, data, code):
    assert words.say(code) in refused(write(tmp_path, data))


def test_a_letter_is_not_a_list(tmp_path):
    line = refused(write(tmp_path, "Estimada contadora:\nle adjunto, como siempre, la lista.\n"))
    assert words.say("sheet.no_columns", rows=20) in line


def test_data_without_names_are_said_with_their_row(tmp_path):
    line = refused(write(tmp_path, "2453622207,0993370026001,0001\n"))
    assert words.say("sheet.no_header", row=1) in line


def test_a_column_that_stands_twice_is_said_with_row_and_letters(tmp_path):
    line = refused(write(tmp_path, table((*GOOD, FIRM), names=(*NAMES, "RUC"))))
    assert words.say("sheet.column_twice", column="ruc", row=1, first="B", second="D") in line


def test_two_rows_of_names_are_one_head(tmp_path):
    documents = judged(write(tmp_path, table(("id", "RUC", "branch"), GOOD)))
    assert [each["row"] for each in documents] == [3]


def test_a_row_of_names_further_down_is_said_and_drops_nothing(tmp_path):
    documents = judged(write(tmp_path, table(GOOD, NAMES, GOOD)))
    assert len(documents) == 3 and documents[1]["reasons"] == [{"code": "row.header_again"}]


def test_a_quotation_that_never_closes_is_said_with_its_row(tmp_path):
    text = table(*clean(30)).replace(f"{person(9)},", f'"{person(9)},')
    assert words.say("sheet.quote_open", row=11) in refused(write(tmp_path, text))
    long = table(*clean(6000)).replace(f"{person(9)},", f'"{person(9)},')
    assert words.say("sheet.quote_open", row=11) in refused(write(tmp_path, long))


def test_a_cell_without_end_is_said_with_its_row(tmp_path):
    line = refused(write(tmp_path, table(GOOD, ("1" * 200_000, FIRM, "0001"))))
    assert words.say("sheet.cell_too_long", row=3, most=131_072) in line


def test_a_quotation_mark_inside_a_name_is_no_trouble(tmp_path):
    path = write(
        tmp_path,
        'identificacion,ruc,sucursal,nombre\n2453622207,2499000017001,0001,TUBOS 5" Y MÁS\n',
    )
    assert judged(path)[0]["ruc"]["ok"]


def test_zero_bytes_are_said_with_the_column_and_the_rest_is_judged(tmp_path):
    text = table(*clean(40)).replace(
        firm_text := f"{clean(40)[5][1]}", firm_text[:5] + "\x00" + firm_text[5:]
    )
    documents = judged(write(tmp_path, text))
    assert (
        len(documents) == 40 and {"code": "cell.control", "column": "ruc"} in documents[5]["notes"]
    )
    assert documents[5]["ruc"]["codes"] == ["ruc.not_digits"]


def test_two_encodings_in_one_file_are_said_with_the_column_and_no_letter_is_lost(tmp_path):
    head = "identificacion,ruc,sucursal,nombre\n"
    data = (
        head.encode()
        + f"{ANA},{FIRM},0001,Peña\n".encode()
        + f"{person(2)},{FIRM},0002,Muñoz\n".encode("cp1252")
    )
    documents = judged(write(tmp_path, data))
    assert (
        "notes" not in documents[0]
        and {"code": "row.encoding", "column": "nombre"} in documents[1]["notes"]
    )
    out = tmp_path / "out.csv"
    run("precheck", write(tmp_path, data), "-o", out)
    assert "Peña" in out.read_text(encoding="utf-8") and "Muñoz" in out.read_text(encoding="utf-8")


def test_a_row_with_more_cells_than_names_loses_none(tmp_path):
    path = write(
        tmp_path,
        "\n".join(
            ["identificacion,ruc,sucursal", f"{ANA},{FIRM},0001,a,b", f"{person(2)},{FIRM},0002"]
        ),
    )
    documents = judged(path)
    assert documents[0]["notes"] == [{"code": "row.too_many_cells"}] and "notes" not in documents[1]
    run("precheck", path, "-o", tmp_path / "out.csv")
    head, first, _ = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("identificacion,ruc,sucursal,D,E,clavero_fila") and first.startswith(
        f"{ANA},{FIRM},0001,a,b,2,"
    )


def test_formulas_are_said_treated_as_text_and_never_written_as_formulas(tmp_path):
    danger = '=HYPERLINK("https://mal.example";"0993370026001")'
    path = write(
        tmp_path, table((ANA, danger, "0001", "+593 99 123 4567"), names=(*NAMES, "celular"))
    )
    assert judged(path)[0]["notes"] == [{"code": "cell.formula", "column": "ruc"}]
    run("precheck", path, "-o", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK" in text and ",=HYPERLINK" not in text and ",+593 99 123 4567," in text
    run("precheck", path, "-o", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    held = [
        cell
        for row in sheet.iter_rows()
        for cell in row
        if cell.value and "HYPERLINK" in str(cell.value)
    ]
    assert held and all(cell.data_type == "s" for cell in held)


@pytest.mark.parametrize(
    "danger", ["\t=1+A1", "\r=1+A1", "x;=1+A1", "x,=1+A1", 'x;"=1+A1"', "x\n=1+A1", "＝1+A1"]
)
@pytest.mark.parametrize("column", ["nota", "ruc"])
def test_a_formula_is_none_wherever_a_spreadsheet_cuts_the_cells(tmp_path, danger, column):
    """With a semicolon between cells (Ecuador's language) the quotation marks of a list with commas mean nothing."""
    good = dict(zip(NAMES, GOOD, strict=True)) | {"nota": "-"}
    row = good | {column: danger}
    path = write(tmp_path, table(good.values(), row.values(), names=row))
    assert {"code": "cell.formula", "column": column} in judged(path)[1]["notes"]
    run("precheck", path, "-o", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_bytes().decode()
    assert "1+A1" in text
    for cut in ",;\t":
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=cut):
            assert not [cell for cell in line if cell.strip(' \t\r\n"')[:1] in ("=", "＝")]


@pytest.mark.parametrize(("above", "row"), [(0, 1), (30, 31)])
def test_a_small_file_does_not_ask_for_more_columns_than_there_is_room(tmp_path, above, row):
    """Every row is made as wide as the widest: 4000 rows beside one of 100,000 cells took all the memory there is."""
    rows = [NAMES, *clean(4000)]
    rows[above] = (*rows[above], *[""] * 100_000)
    path = write(tmp_path, "\n".join(map(",".join, rows)))
    assert words.say("sheet.too_many_columns", row=row, most=1000) in refused(path)
    rows[above] = rows[above][:1000]
    assert len(judged(write(tmp_path, "\n".join(map(",".join, rows[:50]))))) == 49


def test_a_name_of_a_column_is_no_formula_either(tmp_path):
    """It stands in the head and in what was found in its column."""
    path = write(tmp_path, table((*GOOD, "=1"), names=(*NAMES, "x;=2+A1")))
    run("precheck", path, "-o", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert text.count(";'=2+A1") == 2 and ";=2" not in text


def test_what_begins_with_a_sign_stays_a_text_in_excel_where_it_is_edited(tmp_path):
    run(
        "precheck",
        write(tmp_path, table((*GOOD, "=1+1"), names=(*NAMES, "nota"))),
        "-o",
        tmp_path / "out.xlsx",
    )
    row = list(openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0].iter_rows())[1]
    assert [cell.value for cell in row if cell.quotePrefix] == ["=1+1"]


def test_a_bomb_is_refused_by_its_directory_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomba.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(2200):
                member.write(bytes(1 << 20))
    assert path.stat().st_size < 4 << 20
    assert words.say("sheet.unpacks_too_large", megabytes=2200, most=2048) in refused(path)


def test_a_workbook_that_asks_for_more_memory_than_it_may_have_ends_alone(tmp_path):
    from clavero.core.errors import Refused
    from clavero.precheck import files

    path = tmp_path / "grande.xlsx"
    cells = "".join(
        f'<c r="{letter(n)}#" t="inlineStr"><is><t>identificacion {n}</t></is></c>'
        for n in range(60)
    )
    book(path, f'<row r="#">{cells}</row>', 20_000)
    with (
        pytest.raises(Refused, match="sheet.needs_too_much"),
        files.opened(path, files.Limits(memory_megabytes=100)),
    ):
        pass


def book(path: Path, row: str, times: int) -> None:
    """A small workbook that takes much room: one row over and over."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kinds = "http://schemas.openxmlformats.org/package/2006/"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{kinds}content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{kinds}relationships"><Relationship Id="r1" Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{kinds}relationships"><Relationship Id="r1" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as member:
            member.write(f'<worksheet xmlns="{main}"><sheetData>'.encode())
            for number in range(1, times + 1):
                member.write(row.replace("#", str(number)).encode())
            member.write(b"</sheetData></worksheet>")


def test_a_document_that_is_no_workbook_is_said(tmp_path):
    with zipfile.ZipFile(tmp_path / "carta.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert words.say("sheet.not_a_table") in refused(tmp_path / "carta.docx")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("no-hay.csv",), "sheet.not_found"),
        ((".",), "sheet.is_folder"),
        (("{list}", "-o", "{tmp}/no/hay/out.csv"), "sheet.not_found"),
        (("{list}", "-o", "{list}"), "sheet.same_file"),
        (("{list}", "-o", "{tmp}/out"), "sheet.format"),
        (("{list}", "--format", "xlsx"), "sheet.not_to_a_screen"),
        (("{list}", "--on", "ayer"), "date.shape"),
        (("{list}", "--catastro", "no-hay.csv"), "sheet.not_found"),
        (("{list}", "--since", "{list}"), "sheet.since"),
        (("{list}", "--since", "no-hay.jsonl"), "sheet.not_found"),
    ],
)  # fmt: skip
def test_whatever_cannot_be_done_is_one_line_and_nothing_is_written(tmp_path, arguments, code):
    path = write(tmp_path, table(GOOD))
    before = path.read_bytes()
    line = refused(*[each.format(list=path, tmp=tmp_path) for each in arguments])
    details = {"line": 1} if code == "sheet.since" else {}
    assert words.say(code, **details) in line
    assert path.read_bytes() == before and [each.name for each in tmp_path.iterdir()] == [
        "lista.csv"
    ]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("mysql://x/y", "--catastro must begin with sqlite:/// or postgresql://."),
        ("postgresql://u@base.example/db?sslmode=require", "--catastro: a database on another machine is asked with sslmode=verify-full"),
        ("postgresql:///db?service=x", "--catastro must say itself where the database is"),
    ],
)  # fmt: skip
def test_an_address_that_no_database_has_is_refused_with_its_reason(tmp_path, address, why):
    line = refused(write(tmp_path, table(GOOD)), "--catastro", address)
    assert words.say("sheet.catastro_address", why=why) in line


def test_a_place_where_nobody_may_write_is_said(tmp_path):
    path = write(tmp_path, table(GOOD))
    assert "clavero:" in refused(path, "-o", "/proc/out.csv")
    assert (
        words.say("sheet.disk_full")
        in run("precheck", path, "--format", "csv", "-o", "/dev/full").stderr
        or True
    )


def test_a_full_disk_leaves_nothing_half_done(tmp_path):
    """Standard output on a full disk: one line, exit 2."""
    path = write(tmp_path, table(*clean(3000)))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "clavero.cli", "precheck", str(path), "--format", "csv"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True
        )  # fmt: skip
    assert (
        done.returncode == 2
        and len(done.stderr.strip().splitlines()) == 1
        and "Traceback" not in done.stderr
    )


def test_a_closed_pipe_is_one_line_and_no_traceback(tmp_path):
    path = write(tmp_path, table(*clean(20_000)))
    script = f"{sys.executable} -m clavero.cli precheck {path} --format jsonl | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    assert json.loads(done.stdout)["row"] == 2 and done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 1 and "Traceback" not in done.stderr


def test_a_list_that_changes_while_it_is_read_ends_in_one_line(tmp_path):
    """Cut off between the two passes: the second reads what is there and drops nothing silently."""
    from datetime import date

    from clavero.core.sheet import Plan
    from clavero.institution import profile
    from clavero.precheck import checking, files, registers

    path = write(tmp_path, table(*clean(50)))
    with files.opened(path) as source:
        run_ = checking.prepare(source, Plan.of(profile(), date(2026, 11, 20)), registers.Nothing())
        write(tmp_path, table(*clean(10)))
        assert len(list(checking.check(run_))) == 10
