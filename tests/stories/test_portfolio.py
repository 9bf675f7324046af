"""An accountant's portfolio of real firms with everything that Excel does to it: uploaded, read, and known whom to call first."""

import csv
import json
from collections import Counter
from datetime import datetime

import openpyxl
import pytest
from django.test import Client

from clavero import clock
from clavero.catastro import services as catastro
from tests.rooms.precheck.lists import person
from tests.rooms.precheck.test_pages import send
from tests.walk import Walker

pytestmark = [pytest.mark.shared, pytest.mark.django_db]
STATES = {"ACTIVO": "active", "SUSPENDIDO": "suspended", "PASIVO": "closed"}
NAMES = ("Cliente", "Identificación", "RUC", "Sucursal", "Correo", "Observaciones", "Observaciones")
FIRST = 5
"""The first row with data: below a title over all columns, an empty row, names of groups, names."""
LOST = "1.79281E+12"
BRANCHES = ("1", 1, 1.0, "001-001", "0001", "'0001")


def firms(shared_data) -> list[tuple[str, str, str]]:
    """(RUC, name, state) of every firm of the SRI's open data for Galápagos, once."""
    with (shared_data / "SRI_RUC_Galapagos.csv").open(encoding="utf-8", newline="") as file:
        rows = {each["NUMERO_RUC"]: each for each in csv.DictReader(file, delimiter="|")}
    return [(ruc, row["RAZON_SOCIAL"], STATES[row["ESTADO_CONTRIBUYENTE"]]) for ruc, row in rows.items()]  # fmt: skip


def damaged(at: int, ruc: str):
    """(RUC, cédula) as they stand in the cells of client number `at`."""
    cedula = person(at)
    kinds = (
        (int(ruc), cedula), (f"{ruc}.0", cedula), (f"  {ruc} ", f" {cedula}"), (f"{ruc[:10]}-{ruc[10:]}", f"{cedula[:9]}-{cedula[9]}"),
        (cedula, ruc), (float(ruc), int(cedula)), (f"'{ruc}", cedula), (ruc, cedula), (ruc.replace("0", "O", 1), cedula), (LOST, cedula),
    )  # fmt: skip
    return kinds[at % len(kinds)]


def workbook(path, clients, names=NAMES):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Cartera de clientes, noviembre"])
    sheet.merge_cells("A1:G1")
    sheet.append([])
    sheet.append(["Empresa", None, "Datos tributarios", None, "Contacto"])
    sheet.merge_cells("A3:B3")
    sheet.merge_cells("C3:D3")
    sheet.append(names)
    for at, (ruc, name, _) in enumerate(clients):
        number, cedula = damaged(at, ruc)
        label = '=HYPERLINK("http://ejemplo.example","ver")' if at % 40 == 3 else name
        sheet.append([label, cedula, number, BRANCHES[at % len(BRANCHES)], f"contador{at}@oficina{at}.example", "=1+1", "llamar"])  # fmt: skip
    book.save(path)
    return path.read_bytes()


@pytest.fixture
def clients(cast, time, shared_data):
    catastro.import_file(shared_data / "SRI_RUC_Galapagos.csv", clock.now())
    return firms(shared_data)


def test_every_number_comes_back_as_the_sri_has_it_or_is_not_guessed(clients, tmp_path):
    data = workbook(tmp_path / "cartera.xlsx", clients)
    answer = send(data, "jsonl", name="cartera.xlsx").content.decode()
    lines = [json.loads(line) for line in answer.splitlines()]
    assert [each["row"] for each in lines] == list(range(FIRST, FIRST + len(clients)))
    for at, ((ruc, _, state), line) in enumerate(zip(clients, lines, strict=True)):
        offered = {each["field"]: each["to"] for each in line["repairs"]}
        found = line["ruc"]["value"] or offered.get("ruc")
        if damaged(at, ruc)[0] == LOST:
            assert found is None and line["route"] == "correct_data", line
            continue
        assert found == ruc, line
        assert (line["person"]["value"] or offered.get("person")) == person(at), line
        assert line["sucursal"]["value"] == "0001" or offered["sucursal"] == "0001", line
        if line["ruc"]["ok"]:
            assert line["ruc_status"]["value"] == state, line
            assert line["route"] == ("online" if state == "active" else "visit") or line["repairs"]


def test_the_accountant_reads_whom_to_call_first(clients, tmp_path, time):
    while not 17 <= clock.now().day <= 25:  # the next 15th is far enough to say "until"
        time.wait(24 * 3600)
    data = workbook(tmp_path / "cartera.xlsx", clients)
    walker = Walker(time).open("/precheck/")
    walker._land(send(data, name="cartera.xlsx", client=walker.client), "/precheck/")
    assert walker.h1 == f"Revisamos {len(clients)} empleadores"
    rows = walker.page.select("tr[data-row]")
    by_row = {FIRST + at: state for at, (_, _, state) in enumerate(clients)}
    states = [by_row[int(row["data-row"])] for row in rows]
    assert len(rows) > 5 and set(states[:5]) <= {"suspended", "closed"}
    assert "Reservar turno y preparar la visita: hasta el" in walker.text
    assert "RUC suspendido" in walker.text and "RUC cerrado" in walker.text
    figures = [each.select_one("strong").text for each in walker.page.select(".cl-figures li")]
    assert sum(int(each) for each in figures) == len(clients)
    counts = Counter(
        state for at, (ruc, _, state) in enumerate(clients) if at % 10 not in (4, 8, 9)
    )
    assert int(figures[1]) >= counts["suspended"] + counts["closed"]
    assert "HYPERLINK" not in str(walker.page.select(".cl-figures"))


def test_a_second_column_of_rucs_is_said_with_its_letters_and_the_list_goes_up_again(
    clients, tmp_path
):
    twice = ("Cliente", "Identificación", "RUC", "Sucursal", "Correo", "RUC", "Observaciones")
    answer = send(
        workbook(tmp_path / "a.xlsx", clients[:30], twice), name="a.xlsx"
    ).content.decode()
    assert 'data-error="sheet.column_twice"' in answer and "C y F" in answer
    assert "Revisamos 30 empleadores" in send(workbook(tmp_path / "b.xlsx", clients[:30]), name="b.xlsx").content.decode()  # fmt: skip


def test_the_excel_that_comes_back_begins_with_whom_to_call_and_reckons_nothing(clients, tmp_path):
    data = workbook(tmp_path / "cartera.xlsx", clients)
    (tmp_path / "result.xlsx").write_bytes(
        send(data, "xlsx", name="cartera.xlsx", client=Client()).content
    )
    book = openpyxl.load_workbook(tmp_path / "result.xlsx")
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(clients) and sheet.freeze_panes and sheet.auto_filter.ref
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    names = [cell.value for cell in sheet[1]]
    acts = [row[names.index("clavero_actuar_hasta")] for row in rows]
    assert isinstance(acts[0], datetime) and acts[0] <= acts[-1]
    routes = [row[1] for row in rows]
    assert routes[0] == "Con una visita" and routes[-1] == "En línea"
