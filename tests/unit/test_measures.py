"""A measured range says how long it takes, and nothing of anybody."""

from hypothesis import given
from hypothesis import strategies as st

from clavero.core.measures import LONGEST, STEP, Spread, spread


def test_eight_of_ten_are_in_the_range_rounded_outwards():
    assert spread([2, *([12] * 8), 90], least=10) == Spread(10, 10, 15)
    assert spread([*range(1, 101)], least=20) == Spread(100, 10, 90)


def test_below_the_least_nothing_is_said():
    assert spread([10] * 19, least=20) is None
    assert spread([10] * 20, least=20) == Spread(20, 10, 15)


def test_a_number_that_nobody_ended_is_no_visit():
    assert spread([10] * 20 + [LONGEST + 1] * 20, least=20) == Spread(20, 10, 15)
    assert spread([10] * 10 + [-3] * 10, least=20) is None


@given(st.lists(st.floats(0, LONGEST), min_size=20, max_size=200))
def test_the_range_never_shows_a_minute_of_one_person(minutes):
    found = spread(minutes, least=20)
    assert found.low % STEP == found.high % STEP == 0 and found.low < found.high
    inside = [one for one in minutes if found.low <= one <= found.high]
    assert len(inside) >= len(minutes) * 8 // 10
