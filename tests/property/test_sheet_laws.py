"""Laws of lists: every row has a verdict, and what is offered is right."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clavero.core import sheet, triage
from clavero.core.identifiers import cedula, email, employer, ruc, sucursal
from clavero.core.sheet import Cells, Plan
from clavero.institution import profile
from tests.property.test_identifier_laws import cedulas, rucs

PLAN = Plan.of(profile(), date(2026, 11, 20))
texts = st.one_of(st.none(), st.text(max_size=30), cedulas(), rucs(), rucs().map(lambda r: r.lstrip("0")), st.sampled_from(
    ["", "si", "no", "1", "0001", "001-001", "9.93E+11", "a@gmial.com", "a@b.example", "no tiene", "nunca", "EXT2405718"]
))  # fmt: skip
rows = st.builds(Cells, *[texts] * len(Cells._fields))
states = st.sampled_from(["active", "suspended", "closed", "unknown"])
READ = {
    "person": lambda text: cedula.read(text).ok or not text.isdigit(),
    "ruc": lambda text: ruc.read(text).ok or employer.read_domestic(text).ok,
    "sucursal": lambda text: sucursal.read(text).ok,
    "email": lambda text: email.read(text).ok,
}


@given(rows, states, st.booleans(), st.booleans())
def test_every_row_has_one_route_and_one_next_action(cells, state, shared, dead):
    row = sheet.read(cells)
    found = sheet.judge(row.case, state, PLAN, shared=shared, dead=dead)
    assert found.route in (triage.ONLINE, triage.VISIT, triage.CORRECT_DATA, triage.UNKNOWN)
    assert found.next and (found.ready_from is None) == (found.ready_to is None)
    assert (
        found.route != triage.ONLINE or not found.reasons or set(found.reasons) == {"key_blocked"}
    )


@given(rows)
def test_what_is_offered_can_be_read_and_what_is_not_read_is_said(cells):
    row = sheet.read(cells)
    assert all(READ[repair.field](repair.to) for repair in row.repairs)
    for field in row[:4]:
        assert field is None or field.ok != bool(field.codes)


@given(st.one_of(st.none(), st.text(max_size=12)), rucs(), states)
def test_accepting_what_solves_a_row_leaves_nothing_to_correct(text, number, state):
    cells = Cells(text, number.lstrip("0"), "1")
    row = sheet.read(cells)
    if row.case.solved:
        fixed = {repair.field: repair.to for repair in row.repairs}
        again = sheet.read(
            Cells(
                fixed.get("person", text), fixed.get("ruc", cells.ruc), fixed.get("sucursal", "1")
            )
        )
        assert not again.case.faults and not again.case.offers


@given(rows, states)
def test_nothing_declared_makes_an_inactive_ruc_go_online(cells, state):
    found = sheet.judge(sheet.read(cells).case, state, PLAN)
    domestic = sheet.read(cells).case.domestic
    assert domestic or state == "active" or found.route != triage.ONLINE


@given(rows, st.one_of(cedulas(), rucs()), st.sampled_from(["0001", "1", "0000", "", None]))
def test_the_plain_road_says_what_the_long_one_says(cells, number, branch):
    for each in (
        cells,
        cells._replace(identification=number[:10], ruc=(number + "001")[:13], branch=branch),
    ):
        short, long = sheet.plain(each), sheet.read(each)
        if short is not None:
            assert short == (long.case, long.sucursal)
            assert all(
                field is None or (field.ok and not field.repairs)
                for field in (long.person, long.ruc, long.email)
            )
            assert (long.person.value, long.ruc.value) == (each.identification, each.ruc)


@given(cedulas(), st.sampled_from(["0001", "12"]), st.sampled_from(["ana@trigo.example", "", None]))
def test_a_row_in_order_takes_the_plain_road(number, branch, email):
    if number[2] < "6":
        assert (
            sheet.plain(
                Cells(number, number + "001", branch, "no", email, "Ana", "Ana", "0991234567")
            )
            is not None
        )
