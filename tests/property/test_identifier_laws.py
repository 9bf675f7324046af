"""Laws of identifiers."""

import string

from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.ec import ci
from stdnum.exceptions import ValidationError

from clavero.core.identifiers import (
    cedula,
    email,
    employer,
    foreign_id,
    identify,
    phone,
    ruc,
    sucursal,
)

READERS = (
    cedula.read,
    ruc.read,
    sucursal.read,
    foreign_id.read,
    email.read,
    phone.read,
    identify.read,
)
provinces = st.sampled_from([f"{n:02}" for n in range(1, 25)] + ["30"])


@st.composite
def cedulas(draw):
    nine = (
        draw(provinces)
        + draw(st.sampled_from("0123456"))
        + draw(st.text(string.digits, min_size=6, max_size=6))
    )
    return nine + cedula.check_digit(nine)


@st.composite
def rucs(draw):
    if draw(st.booleans()):
        return draw(cedulas()) + f"{draw(st.integers(1, 999)):03}"
    middle = draw(st.text(string.digits, min_size=7, max_size=7))
    return draw(provinces) + "9" + middle + f"{draw(st.integers(1, 999)):03}"


@given(st.text(max_size=400))
def test_reading_never_raises_and_offers_only_what_is_right(text):
    for read in READERS:
        reading = read(text)
        assert reading.ok == (reading.value is not None and not reading.codes)
        assert all(read(repair.to).ok for repair in reading.repairs)


@given(cedulas(), st.integers(0, 9), st.sampled_from(string.digits))
def test_one_other_digit_is_no_cedula(number, place, digit):
    assume(number[place] != digit)
    assert not cedula.is_right(number[:place] + digit + number[place + 1 :])


@given(cedulas())
def test_the_library_of_the_trade_agrees_on_cedulas(number):
    assume(number[2] < "6")
    ci.validate(number)


@given(st.text(string.digits, min_size=10, max_size=10))
def test_what_the_library_refuses_we_refuse_too(text):
    try:
        ci.validate(text)
    except ValidationError:
        assert not cedula.is_right(text) or text[2] == "6"


@given(rucs(), st.lists(st.sampled_from(" -.\u200b\u00a0\u2011"), max_size=6), st.randoms())
def test_noise_changes_nothing(number, noise, chance):
    typed = list(number)
    for char in noise:
        typed.insert(chance.randrange(len(typed) + 1), char)
    reading = ruc.read("".join(typed))
    assert reading.value == number and ruc.parse(number).value == number


@given(rucs())
def test_a_lost_zero_comes_back_or_nothing_does(number):
    if number[0] == "0":
        reading = ruc.read(number[1:])
        assert reading.value in (number, None)


@given(cedulas())
def test_the_domestic_form_is_understood_however_it_is_typed(number):
    expected = employer.parse(number, "", "", domestic=True)
    assert employer.parse(number, f"{number}000", "0001") == expected
    assert (
        identify.read(number, domestic=True).value
        == identify.read(f"{number}001", domestic=True).value
        == expected.ruc
    )


@given(st.text(string.digits, min_size=6, max_size=6), st.sampled_from("0123456789"))
def test_the_old_modulo_11_of_a_company_stands_tenth(six, tenth):
    """Weights 4 3 2 7 6 5 4 3 2, as the SRI gave them out before October 2021."""
    nine = "249" + six
    rest = sum(w * int(d) for w, d in zip((4, 3, 2, 7, 6, 5, 4, 3, 2), nine, strict=True)) % 11
    is_right = int(tenth) == (11 - rest) % 11
    assert ruc.has_modulo_11(f"{nine}{tenth}001") == is_right
    assert ruc.notes(f"{nine}{tenth}001") == (() if is_right else (ruc.NOT_COMPUTABLE,))


@given(st.text(string.digits, min_size=5, max_size=5), st.sampled_from("0123456789"))
def test_the_old_modulo_11_of_a_public_body_stands_ninth(five, ninth):
    eight = "246" + five
    rest = sum(w * int(d) for w, d in zip((3, 2, 7, 6, 5, 4, 3, 2), eight, strict=True)) % 11
    assert ruc.has_modulo_11(f"{eight}{ninth}0001") == (int(ninth) == (11 - rest) % 11)


@given(cedulas(), cedulas())
def test_the_domestic_form_is_offered_for_what_is_plainly_meant_and_for_nothing_else(number, other):
    meant = ["", number, f"{number}001"]
    if number[0] == "0":
        meant += [number[1:], f"{number[1:]}001"]
    for typed in meant:
        reading = employer.read_domestic(typed, number)
        assert reading.ok and reading.value == f"{number}000"
        assert [repair.code for repair in reading.repairs] == ["domestic.suffix"]
    if other != number:
        for typed in (other, f"{other}001", f"{number}002"):
            reading = employer.read_domestic(typed, number)
            assert not reading.ok and reading.codes == ("domestic.other_ruc",)
            assert reading.repairs[0].to == f"{number}000"


@given(cedulas())
def test_a_lost_zero_of_the_domestic_form_is_put_back(number):
    if number[0] == "0":
        reading = employer.read_domestic(f"{number[1:]}000", number)
        assert reading.ok and reading.repairs[0].code == "ruc.leading_zero_restored"
    assert employer.read_domestic(f"{number}000", number).repairs == ()


@given(st.integers(1, 9999))
def test_a_branch_is_itself_however_it_is_padded(number):
    assert {sucursal.parse(str(number).zfill(width)).value for width in range(1, 5)} == {
        f"{number:04}"
    }
