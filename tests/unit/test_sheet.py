"""A row of a list: what is read, offered, said, and done next."""

import doctest
from datetime import date

import pytest

from clavero.core import names, sheet, workdays
from clavero.core.identifiers import cedula
from clavero.core.sheet import Cells, Plan
from clavero.institution import profile

ON = date(2026, 11, 20)
PLAN = Plan.of(profile(), ON)
PERSON, FIRM = "2453622207", "0993370026001"
ZERO = "095000000" + cedula.check_digit("095000000")
"""A cédula that begins with a zero."""


def verdict(cells: Cells, state: str = "active", **more):
    return sheet.judge(sheet.read(cells).case, state, PLAN, **more)


def repairs(cells: Cells):
    return [(repair.field, repair.to, repair.code) for repair in sheet.read(cells).repairs]


def test_the_example_of_the_interfaces():
    row = sheet.read(Cells("245000001", "993370026001", "1"))
    assert row.person.codes == ("cedula.length",) and row.ruc.notes == (
        "ruc.checksum_not_computable",
    )
    assert [(r.field, r.source, r.to, r.code) for r in row.repairs] == [
        ("ruc", "993370026001", FIRM, "ruc.leading_zero_restored"), ("sucursal", "1", "0001", "sucursal.padded"),
    ]  # fmt: skip
    found = sheet.judge(row.case, "active", PLAN)
    assert (found.route, found.reasons, found.next) == (
        "correct_data",
        ("cedula.length",),
        "correct_data",
    )
    assert found.doubts == ("email_not_valid", "first_key")
    assert (found.ready_from, found.ready_to) == (date(2026, 11, 23), date(2026, 11, 25))


def test_a_row_in_order_goes_online_the_same_day():
    found = verdict(Cells(PERSON, FIRM, "0001", email="ana@trigo.example", key="si"))
    assert (found.route, found.reasons, found.doubts, found.next) == (
        "online",
        (),
        (),
        "recover_online",
    )
    assert found.ready_from == found.ready_to == ON


@pytest.mark.parametrize(
    ("cells", "field", "to", "code"),
    [
        (Cells(PERSON, "993370026001", "0001"), "ruc", FIRM, "ruc.leading_zero_restored"),
        (Cells(PERSON, "993370026001.0", "0001"), "ruc", FIRM, "ruc.leading_zero_restored"),
        (Cells(PERSON, "1793213150001.0", "0001"), "ruc", "1793213150001", "ruc.decimals_removed"),
        (Cells(PERSON, "993,370,026,001", "0001"), "ruc", FIRM, "ruc.leading_zero_restored"),
        (Cells(PERSON, "'0993370026001", "0001"), "ruc", FIRM, "ruc.separators_removed"),
        (Cells(PERSON, "0993370026-001", "0001"), "ruc", FIRM, "ruc.separators_removed"),
        (Cells("245 362 220 7", FIRM, "0001"), "person", PERSON, "cedula.separators_removed"),
        (Cells(ZERO[1:], FIRM, "0001"), "person", ZERO, "cedula.leading_zero_restored"),
        (Cells("24536222O7", FIRM, "0001"), "person", PERSON, "cedula.letter_for_digit"),
        (Cells(PERSON, FIRM, "1"), "sucursal", "0001", "sucursal.padded"),
        (Cells(PERSON, FIRM, "001-001"), "sucursal", "0001", "sucursal.establishment_taken"),
        (Cells(PERSON, PERSON + "001", "0001", "si"), "ruc", PERSON + "000", "domestic.suffix"),
        (Cells(PERSON, "", "0001", "si"), "ruc", PERSON + "000", "domestic.suffix"),
        (Cells("", PERSON + "001", "0001"), "person", PERSON, "cedula.from_ruc"),
        (Cells(PERSON, FIRM, "0001", email="ana@gmial.com"), "email", "ana@gmail.com", "email.domain_typo"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_did_is_offered_back(cells, field, to, code):
    assert (field, to, code) in repairs(cells)


@pytest.mark.parametrize(
    "text", ["9.93E+11", "9,93370E+11", "99337002600", "99337002", "1790016919"]
)
def test_digits_that_are_gone_are_never_guessed(text):
    row = sheet.read(Cells(PERSON, text, "0001"))
    assert row.ruc.value is None and row.repairs == ()


def test_numbers_in_each_others_columns_are_offered_back():
    assert repairs(Cells(FIRM, PERSON, "0001")) == [
        ("person", PERSON, "columns.swapped"),
        ("ruc", FIRM, "columns.swapped"),
    ]
    assert repairs(Cells(PERSON, "1", FIRM)) == [
        ("ruc", FIRM, "columns.swapped"),
        ("sucursal", "0001", "columns.swapped"),
    ]
    assert verdict(Cells(FIRM, PERSON, "0001"), "unknown").next == "accept_repairs"


def test_what_changes_a_number_is_to_be_accepted_and_what_completes_it_is_not():
    assert verdict(Cells(PERSON, FIRM, "1")).route == "online"
    assert verdict(Cells(PERSON, "0993370026-001", "0001")).route == "online"
    offered = verdict(Cells(PERSON, "993370026001", "0001"))
    assert (offered.route, offered.reasons, offered.next) == (
        "correct_data",
        ("ruc.leading_zero_restored",),
        "accept_repairs",
    )
    assert offered.ready_to == ON


def test_who_employs_at_home_needs_only_the_tick():
    row = sheet.read(Cells(PERSON, "", "", "sí"))
    assert (row.ruc.kind, row.ruc.value, row.sucursal.value) == ("domestic", PERSON + "000", "0001")
    assert sheet.judge(row.case, "unknown", PLAN).route == "online"


def test_a_domestic_number_is_known_without_the_tick():
    row = sheet.read(Cells(PERSON, PERSON + "000", "0001"))
    assert row.ruc.kind == "domestic" and row.case.domestic
    lost = sheet.read(Cells(ZERO, ZERO[1:] + "000", "0001"))
    assert lost.ruc.value == ZERO + "000" and lost.case.offers == ("ruc.leading_zero_restored",)


def test_a_foreigners_code_stays_as_it_is():
    row = sheet.read(Cells("EXT2405718", "2499000092001", "0001"))
    assert (row.person.kind, row.person.value) == ("foreign_id", "EXT2405718")
    assert sheet.read(Cells("EXT2405718", "", "", "1")).ruc.value == "EXT2405718000"


@pytest.mark.parametrize(
    ("state", "route"),
    [("active", "online"), ("suspended", "visit"), ("closed", "visit"), ("unknown", "unknown")],
)
def test_the_state_of_the_ruc_decides_and_is_never_guessed(state, route):
    found = verdict(Cells(PERSON, FIRM, "0001", email="a@b.example", key="si"), state)
    assert found.route == route
    assert ("ruc_not_active" in found.doubts) == (state == "unknown")
    assert (found.ready_to is None) == (state == "unknown")


def test_all_reasons_are_said_the_most_demanding_first():
    found = verdict(Cells("2453622208", FIRM, "0001", key="nunca"), "closed")
    assert found.route == "visit" and found.reasons == (
        "ruc_not_active",
        "first_key",
        "cedula.checksum",
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (Cells(PERSON, FIRM, "0001", key="primera vez"), "first_key"),
        (Cells(PERSON, FIRM, "0001", email="no tiene"), "email_not_valid"),
        (
            Cells(PERSON, FIRM, "0001", situation="Cambio de representante"),
            "representative_changed",
        ),
    ],
)
def test_what_the_list_declares_counts(cells, reason):
    assert verdict(cells).route == "visit" and reason in verdict(cells).reasons


def test_the_cedula_is_compared_with_the_ruc_of_a_natural_person():
    found = verdict(Cells("2459640906", PERSON + "001", "0001"))
    assert (found.route, found.reasons) == ("correct_data", ("representative_mismatch",))
    assert verdict(Cells(PERSON, PERSON + "001", "0001")).reasons == ()
    assert verdict(Cells("2459640906", FIRM, "0001")).reasons == ()
    assert verdict(Cells(PERSON, FIRM, "0001", representative="2459640906")).reasons == (
        "representative_mismatch",
    )


def test_a_representative_that_is_a_number_stands_in_for_a_missing_column():
    row = sheet.read(Cells(ruc=FIRM, branch="0001", representative=PERSON))
    assert row.person.value == PERSON


def test_names_are_normalised_before_they_are_compared():
    natural = {"identification": PERSON, "ruc": PERSON + "001", "branch": "0001"}
    same = Cells(**natural, name="LINDERO PÁRAMO MARTA", representative="Marta Lindero")
    other = Cells(**natural, name="LINDERO PÁRAMO MARTA", representative="Pedro Loma")
    assert sheet.read(same).case.notes == () and sheet.read(other).case.notes == (
        "name.other_person",
    )
    assert doctest.testmod(names).failed == 0


def test_an_address_of_many_or_of_a_dead_domain_needs_a_visit():
    cells = Cells(PERSON, FIRM, "0001", email="ana@trigo.example", key="si")
    assert (
        verdict(cells, shared=True).reasons
        == verdict(cells, dead=True).reasons
        == ("email_not_valid",)
    )


def test_a_mistyped_address_is_to_be_confirmed_and_stops_nobody():
    found = verdict(Cells(PERSON, FIRM, "0001", email="ana@gmial.com", key="si"))
    assert (found.route, found.next, found.doubts) == (
        "online",
        "confirm_email",
        ("email_not_valid",),
    )


def test_a_column_that_is_missing_is_a_doubt_and_an_empty_cell_is_a_fault():
    without = verdict(Cells(ruc=FIRM))
    assert without.route == "online" and {
        "representative_mismatch",
        "branch_or_ruc_mismatch",
    } < set(without.doubts)
    assert verdict(Cells("", FIRM, "")).reasons == ("cedula.empty", "sucursal.empty")


def test_answers_that_are_none_are_said():
    cells = Cells(
        PERSON, FIRM, "0001", domestic="quizás", key="Zorro.2024!", situation="otra", phone="12"
    )
    assert sheet.read(cells).case.notes == (
        "domestic.answer",
        "key.answer",
        "situation.answer",
        "phone.shape",
    )


def test_whom_to_call_first():
    clean = {
        "identification": PERSON,
        "ruc": FIRM,
        "branch": "0001",
        "email": "a@b.example",
        "key": "si",
    }
    late = Plan.of(profile(), date(2026, 12, 14))
    order = [
        sheet.judge(sheet.read(Cells(**clean)).case, "suspended", late).order,
        verdict(Cells(**clean), "suspended").order,
        verdict(Cells(**clean | {"key": "nunca"})).order,
        verdict(Cells(**clean | {"identification": "1"})).order,
        verdict(Cells(**clean), "unknown").order,
        verdict(Cells(**clean | {"ruc": "993370026001"})).order,
        verdict(Cells(**clean | {"email": "a@gmial.com"})).order,
        verdict(Cells(**clean)).order,
    ]
    assert order == sorted(order) and len(set(order)) == len(order)


def test_an_empty_row_is_judged_too():
    found = sheet.judge(sheet.EMPTY.case, "unknown", PLAN)
    assert (found.route, found.reasons) == ("correct_data", ("row.empty",))


def test_the_last_day_to_begin_is_the_due_day_less_what_it_takes_at_most():
    row = Cells(PERSON, FIRM, "0001")
    visit = verdict(row, "suspended")
    takes = workdays.between(ON, visit.ready_to, PLAN.calendar)
    assert workdays.add_workdays(visit.act_by, takes, PLAN.calendar) == PLAN.due_on
    assert verdict(row).act_by == PLAN.due_on and verdict(row, "unknown").act_by is None
    late = sheet.judge(sheet.read(row).case, "suspended", PLAN._replace(due_on=ON))
    assert late.late and late.act_by == ON
