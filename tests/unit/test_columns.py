"""Which column is what, and what is said where that cannot be told."""

import pytest

from clavero.core import columns
from clavero.core.errors import Refused


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Identificación", "identification"), ("CÉDULA", "identification"), ("Nº de cédula", "identification"), ("id", "identification"),
        ("Cédula del representante legal", "identification"), ("código de identificación", "identification"), ("RUC", "ruc"),
        ("Número de RUC", "ruc"), ("R.U.C.", "ruc"), ("Sucursal", "branch"), ("branch number", "branch"), ("Cód. Sucursal IESS", ""),
        ("Código de sucursal", "branch"), ("Doméstico", "domestic"), ("domestic", "domestic"), ("Correo electrónico", "email"),
        ("E-mail", "email"), ("Representante legal", "representative"), ("RAZÓN SOCIAL", "name"), ("Teléfono", "phone"),
        ("¿Tiene clave?", "key"), ("Situación", "situation"), ("Nombre de la sucursal", ""), ("Estado del RUC", ""), ("Honorarios", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_column_is_known_by_its_name_in_two_languages(name, field):
    assert columns.meaning(name)[0] == field


def test_columns_stand_in_any_order_and_the_rest_is_carried():
    found = columns.find([["Honorarios", "branch", "RUC", "Cédula", "clavero_ruta"], ["9"] * 5])
    assert found.at == {"branch": 1, "ruc": 2, "identification": 3}
    assert (found.row, found.last, found.other) == (1, 1, (0,))


def test_the_surer_of_two_names_wins():
    found = columns.find([["id", "cedula", "ruc"], ["1", "2", "3"]])
    assert found.at["identification"] == 1 and found.other == (0,)


def test_titles_above_and_a_second_row_of_names_belong_to_the_head():
    rows = [
        ["Clientes de noviembre", "", ""],
        ["", "", ""],
        ["Cédula", "RUC", "Sucursal"],
        ["id", "ruc", "branch"],
        ["2453622207", "", ""],
    ]
    found = columns.find(rows)
    assert (found.row, found.last) == (3, 4)


@pytest.mark.parametrize(
    ("rows", "code", "details"),
    [
        ([], "sheet.empty", {}),
        ([["", " "], []], "sheet.empty", {}),
        ([["2453622207", "0993370026001"]], "sheet.no_header", {"row": 1}),
        ([["Estimada contadora:"], ["le adjunto la lista"]], "sheet.no_columns", {"rows": 20}),
        ([["RUC", "Correo", "ruc"]], "sheet.column_twice", {"row": 1, "column": "RUC", "first": "A", "second": "C"}),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_naming_row_and_column(rows, code, details):
    with pytest.raises(Refused) as refused:
        columns.find(rows)
    assert (refused.value.code, refused.value.details) == (code, details)


def test_letters_are_those_of_a_spreadsheet():
    assert [columns.letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
