"""What each number accepts, notes, offers and refuses."""

import csv

import pytest

from clavero.core.errors import Refused
from clavero.core.identifiers import (
    cedula,
    email,
    employer,
    foreign_id,
    identify,
    phone,
    reading,
    ruc,
    sucursal,
)
from clavero.core.identifiers.employer import EmployerNumber, Refusals

CEDULA = "2453622207"


@pytest.mark.shared
def test_every_real_entity_is_accepted_as_a_ruc(shared_data):
    with (shared_data / "rucs_entities.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 236
    assert [row["ruc"] for row in rows if ruc.read(row["ruc"]).value != row["ruc"]] == []
    noted = {row["ruc"] for row in rows if ruc.NOT_COMPUTABLE in ruc.read(row["ruc"]).notes}
    assert {row["ruc"] for row in rows if row["mod11_ok"] == "no" and row["ruc"][2] == "9"} <= noted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"), ("245362220", "length"), ("2453622208", "checksum"), ("2553622207", "province"),
        ("2473622207", "third_digit"), ("24536A2207", "not_digits"), ("2.45E+09", "digits_lost"), ("9" * 400, "too_long"),
    ],
)  # fmt: skip
def test_a_cedula_says_what_it_needs(text, code):
    assert cedula.read(text).codes == (f"cedula.{code}",)


@pytest.mark.parametrize(
    "text",
    [" 245-362.220 7", "２４５３６２２２０７", "245\u200b3622207", "٢٤٥٣٦٢٢٢٠٧", "'2453622207"],
)
def test_noise_around_a_cedula_is_no_matter(text):
    assert cedula.parse(text).value == CEDULA


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2453622207002x", "not_digits"), ("24536222070", "length"), ("2453622208001", "cedula"), ("2473622207001", "third_digit"),
        ("2453622207000", "establishment"), ("9990000000001", "province"), ("9,93E+11", "digits_lost"),
    ],
)  # fmt: skip
def test_a_ruc_says_what_it_needs(text, code):
    assert ruc.read(text).codes == (f"ruc.{code}",)


@pytest.mark.parametrize(
    "text", ["1793213150001", "0993381661001", "0993370026001", "1793189906001", "0993366721001"]
)
def test_a_company_that_fails_modulo_11_is_accepted_with_a_note(text):
    reading = ruc.read(text)
    assert reading.ok and reading.notes == (ruc.NOT_COMPUTABLE,)


def test_a_lost_zero_is_given_back_only_where_nothing_else_is_meant():
    assert [repair.to for repair in ruc.read("993370026001").repairs] == ["0993370026001"]
    assert ruc.read("993370026002").repairs == () and not ruc.read("993370026002").ok
    assert ruc.read("993370026001.0").value == "0993370026001"
    assert cedula.read("245000001").value is None


@pytest.mark.parametrize(
    ("text", "value"), [("1", "0001"), ("0021", "0021"), (" 002 ", "0002"), ("3.0", "0003")]
)
def test_a_branch_has_four_digits(text, value):
    assert sucursal.read(text).value == value


def test_an_invoice_number_is_offered_as_a_branch_and_not_taken():
    reading = sucursal.read("001-001")
    assert not reading.ok and [repair.to for repair in reading.repairs] == ["0001"]
    assert sucursal.read("0000").codes == ("sucursal.zero",)


def test_a_domestic_employer_needs_no_ruc():
    expected = EmployerNumber(CEDULA, CEDULA + "000", "0001", True)
    assert employer.parse(CEDULA, "", "", domestic=True) == expected
    assert employer.parse(CEDULA, CEDULA + "000", "1") == expected
    assert employer.parse("EXT24057", "", "", domestic=True, foreign=True).ruc == "EXT24057000"


def test_a_domestic_employer_who_types_001_is_offered_000():
    with pytest.raises(Refusals) as refused:
        employer.parse(CEDULA, CEDULA + "001", "2", domestic=True)
    assert (
        refused.value.repairs["ruc"].to == CEDULA + "000"
        and refused.value.repairs["branch"].to == "0001"
    )
    assert identify.read(CEDULA + "001", domestic=True).repairs[0].to == CEDULA + "000"


def test_all_bad_fields_are_said_at_once():
    with pytest.raises(Refusals) as refused:
        employer.parse("1", "2", "x")
    assert list(refused.value.fields) == ["identification", "ruc", "branch"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [(CEDULA, "cedula"), (CEDULA + "001", "ruc"), (CEDULA + "000", "domestic"), ("0001", "sucursal"), ("EXT2405718", "foreign_id"), ("hola", "unknown"), ("123456", "unknown")],
)  # fmt: skip
def test_the_kind_of_a_text_is_told(text, kind):
    assert identify.read(text).kind == kind


@pytest.mark.parametrize("text", ["A1", "ñandú1", "a" * 30, "<b>1234", ""])
def test_a_foreigners_code_is_letters_and_digits(text):
    with pytest.raises(Refused):
        foreign_id.parse(text)


def test_an_address_keeps_its_shape_and_typos_are_offered():
    assert email.parse(" Ana@Trigo.EXAMPLE ").value == "Ana@trigo.example"
    assert email.comparable("ANA@trigo.example") == email.comparable("ana@TRIGO.example")
    assert email.read("ana@gmial.com").repairs[0].to == "ana@gmail.com"
    assert email.read("ana@gmail.com").repairs == ()
    for bad in (
        "ana",
        "ana@",
        "a b@c.com",
        "ana@c",
        "a..b@c.com",
        "ana@c.com\r\nBcc: x@y.com",
        "x" * 250 + "@c.com",
    ):
        assert not email.read(bad).ok, bad


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("099 123-4567", "0991234567"),
        ("+593 99 123 4567", "0991234567"),
        ("(02) 255 5555", "022555555"),
        ("00593 2 255 5555", "022555555"),
    ],
)
def test_a_telephone_number_in_its_many_forms(text, value):
    assert phone.parse(text).value == value


def test_mobile_and_landline_are_told_apart():
    with pytest.raises(Refused, match="phone.not_mobile"):
        phone.parse_mobile("022555555")
    with pytest.raises(Refused, match="phone.not_landline"):
        phone.parse_landline("0991234567")


@pytest.mark.parametrize(
    ("text", "whole"),
    [("993370026001.0", "993370026001"), ("123456,00", "123456"), ("12345.0", None), ("123456.", None), ("123456.10", None), ("123456", None), ("12345a.0", None)],
)  # fmt: skip
def test_what_a_spreadsheet_added_is_taken_away(text, whole):
    assert reading.without_float(text) == whole


def test_who_employs_at_home_has_the_one_branch():
    right, empty, other = (employer.read_domestic_branch(text) for text in ("0001", " ", "2"))
    assert right.ok and right.repairs == ()
    assert empty.ok and empty.value == "0001" and empty.repairs[0].code == "domestic.branch"
    assert (
        not other.ok and other.codes == ("domestic.other_branch",) and other.repairs[0].to == "0001"
    )
