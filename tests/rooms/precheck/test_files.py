"""Lists in every form they come in: delimiters, encodings, workbooks; the same rows from each."""

import codecs
import io
import zipfile

import openpyxl
import pytest

from clavero.precheck import files
from tests.rooms.precheck.lists import ANA, FIRM, judged, person, run, table

ROWS = [
    (ANA, FIRM, "0001", "Peñaflor, José «Ñandú»"),
    (person(7), "993370026001", "1", 'dijo "sí"'),
]
NAMES = ("Identificación", "RUC", "Sucursal", "Razón social")


def read(path):
    from datetime import date

    from clavero.core.sheet import Plan
    from clavero.institution import profile
    from clavero.precheck import checking

    with files.opened(path) as source:
        checking.survey(source, Plan.of(profile(), date(2026, 11, 20)))
        return source, list(files.records(source))


EXPECTED = [(2, list(ROWS[0])), (3, list(ROWS[1]))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", ":"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("cp1252", b""), ("latin-1", b""), ("utf-16-le", codecs.BOM_UTF16_LE),
     ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-16-le", b""), ("utf-16-be", b"")],
)  # fmt: skip
def test_any_delimiter_and_encoding_gives_the_same_rows(tmp_path, delimiter, encoding, mark):
    path = tmp_path / "lista.csv"
    path.write_bytes(mark + table(*ROWS, names=NAMES, delimiter=delimiter).encode(encoding))
    source, rows = read(path)
    assert rows == EXPECTED and source.delimiter == delimiter


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_end_of_line_will_do(tmp_path, end):
    path = tmp_path / "lista.csv"
    path.write_bytes(table(*ROWS, names=NAMES).replace("\r\n", end).encode())
    assert read(path)[1] == EXPECTED


def test_excels_own_first_line_names_the_delimiter_and_is_no_row(tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text("sep=;\r\n" + table(*ROWS, names=NAMES, delimiter=";"), newline="")
    assert read(path)[1] == EXPECTED


def test_a_quoted_newline_belongs_to_its_cell_and_row_numbers_stay_those_of_the_sheet(tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text(table((ANA, FIRM, "0001", "dos\nlíneas"), ROWS[1], names=NAMES), newline="")
    rows = read(path)[1]
    assert [number for number, _ in rows] == [2, 3] and rows[0][1][3] == "dos\nlíneas"


def test_an_empty_row_is_kept_where_it_stands_and_what_trails_is_not(tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text(
        table(ROWS[0], ("", " ", "", ""), ROWS[1], ("", "", "", ""), names=NAMES) + "\r\n\r\n",
        newline="",
    )
    documents = judged(path)
    assert [each["row"] for each in documents] == [2, 3, 4]
    assert (
        documents[1]["reasons"] == [{"code": "row.empty"}]
        and documents[1]["route"] == "correct_data"
    )


def test_standard_input_is_a_list_too():
    done = run("precheck", "-", "--format", "jsonl", stdin=table(*ROWS, names=NAMES))
    assert len(done.stdout.splitlines()) == 2


def book(path, rows=ROWS, names=NAMES, before=()):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (*before, names, *rows):
        sheet.append(list(row))
    workbook.save(path)
    return workbook


def ods(path, rows):
    """The least that is an ODS file."""

    def cell(value):
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    names = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
                         f'<table:table table:name="Lista">{body}</table:table></office:spreadsheet></office:body></office:document-content>')  # fmt: skip


def test_a_workbook_is_read_with_its_numbers_as_people_see_them(tmp_path):
    path = tmp_path / "lista.xlsx"
    book(
        path,
        [
            (2453622207, 993370026001, 1, "Una"),
            (ANA, 1793213150001.0, "001-001", True),
            ("x", 1.5, 1e22, None),
        ],
    )
    _, rows = read(path)
    assert rows[0] == (2, ["2453622207", "993370026001", "1", "Una"])
    assert rows[1] == (3, [ANA, "1793213150001", "001-001", "true"])
    assert rows[2][1][1:3] == ["1.5", "1.000000E+22"]


def test_an_ods_is_a_list(tmp_path):
    ods(tmp_path / "lista.ods", [NAMES, (ANA, 993370026001, 1, "Una")])
    assert read(tmp_path / "lista.ods")[1] == [(2, [ANA, "993370026001", "1", "Una"])]


def test_the_sheet_with_the_list_is_found_and_the_others_are_named(tmp_path):
    path = tmp_path / "lista.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.append(["Notas"])
    for title in ("Clientes", "Antiguos"):
        sheet = workbook.create_sheet(title)
        sheet.append(NAMES)
        sheet.append(ROWS[0])
    workbook.save(path)
    source, rows = read(path)
    assert (source.sheet, source.other_sheets, len(rows)) == ("Clientes", ("Antiguos",), 1)


def test_rows_of_a_workbook_keep_their_numbers_below_titles_and_beside_margins(tmp_path):
    path = tmp_path / "lista.xlsx"
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["C2"] = "Clientes de noviembre"
    for at, name in enumerate(NAMES, start=3):
        sheet.cell(4, at, name)
        sheet.cell(5, at, ROWS[0][at - 3])
    workbook.save(path)
    assert judged(path)[0]["row"] == 5


def test_merged_cells_and_formulas_without_a_value_are_said_with_row_and_column(tmp_path):
    path = tmp_path / "lista.xlsx"
    book(
        path,
        [
            (ANA, FIRM, "0001", "A"),
            (person(2), FIRM, "0002", None),
            (person(3), '="0"&"993370026001"', "0003", "B"),
        ],
    )
    workbook = openpyxl.load_workbook(path)
    workbook.active.merge_cells("B2:B3")
    workbook.save(path)
    documents = judged(path)
    assert documents[1]["ruc"]["value"] == FIRM
    assert {"code": "cell.merged", "column": "RUC"} in documents[1]["notes"]
    assert documents[2]["notes"] == [{"code": "cell.formula_without_value", "column": "RUC"}]
    assert documents[2]["reasons"] == [{"code": "ruc.empty"}]


def test_a_limit_of_rows_is_kept_before_anything_is_written(tmp_path):
    path = tmp_path / "lista.csv"
    path.write_text(table(*ROWS, names=NAMES), newline="")
    from datetime import date

    from clavero.core.errors import Refused
    from clavero.core.sheet import Plan
    from clavero.institution import profile
    from clavero.precheck import checking

    with files.opened(path) as source, pytest.raises(Refused, match="sheet.too_many_rows"):
        checking.survey(source, Plan.of(profile(), date(2026, 11, 20)), files.Limits(rows=1))


def test_what_an_earlier_precheck_added_is_not_carried_on(tmp_path):
    path, again = tmp_path / "lista.csv", tmp_path / "otra.csv"
    path.write_text(table(*ROWS, names=NAMES), newline="")
    run("precheck", path, "-o", again)
    first = again.read_text(encoding="utf-8").splitlines()[0]
    run("precheck", again, "-o", tmp_path / "tercera.csv")
    assert (tmp_path / "tercera.csv").read_text(encoding="utf-8").splitlines()[0] == first


def test_the_parser_of_csv_is_only_asked_for_what_was_measured():
    assert files.csv.field_size_limit() >= 131_072 and io is not None
