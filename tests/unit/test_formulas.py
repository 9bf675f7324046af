"""What goes out as CSV is reckoned with by no spreadsheet, wherever its language cuts the cells."""

import time

import pytest

from clavero.core import formulas


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1", "'=1"), ("@x", "'@x"), ("+A1", "'+A1"), ("-SUM(1,2)", "'-SUM(1,2)"), ("＝1", "'＝1"), ("＋A1", "'＋A1"),
        ("\t=1", "\t'=1"), ("\r=1", "\r'=1"), ("x\n=1", "x\n'=1"), (' "=1', '\' "=1'), ("\u00a0=1", "'\u00a0=1"),
        ("x;=1+1", "x;'=1+1"), ("x, @SUM(1)", "x,' @SUM(1)"), ('x;"=1"', 'x;\'"=1"'), ("x|=1;y\t=2", "x|'=1;y\t'=2"),
        ("+1,cmd|' /C calc'!A0", "'+1,cmd|' /C calc'!A0"), ("x;-2+A1", "x;'-2+A1"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_reckons_with_is_known_and_made_harmless(cell, safe):
    assert formulas.is_formula(cell) and formulas.harmless(cell) == safe
    assert not formulas.is_formula(safe) and formulas.harmless(safe) == safe
    assert formulas.may_stand_in(f"a|b|{cell}|c")


@pytest.mark.parametrize(
    "cell",
    ["", "-", "+593 99 123 4567", "-1,50", "GUAYAS - QUITO", "a=b", "a@correo.example; b@correo.example", "'=1", "2 + 2 = 4", "x;-1", "A-1,B+2"],
)  # fmt: skip
def test_what_is_only_text_stays_as_it_is(cell):
    assert not formulas.is_formula(cell) and formulas.harmless(cell) == cell


@pytest.mark.parametrize("part", ["\t", ",", " ", '"', ",-", ",=", ', "', "-"])
def test_a_long_cell_takes_no_long_time(part):
    cell = part * (130_000 // len(part))
    began = time.process_time()
    formulas.harmless(f"={cell}"), formulas.harmless(f"{cell}=")
    assert time.process_time() - began < 1
