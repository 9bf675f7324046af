"""The waits between failures: the rule in the core and the statement in the database say the same (S-043)."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clavero import clock
from clavero.core import pacing
from clavero.institution import profile
from clavero.throttle import services
from clavero.throttle.models import Bucket
from clavero.throttle.services import Charge

pytestmark = pytest.mark.django_db
PACED = profile().buckets["signin_unknown"]


@given(st.floats(0, 60), st.integers(1, 20))
def test_waits_only_grow_and_end_at_an_hour(level, quick):
    wait, later = pacing.gap(level, quick), pacing.gap(level + 1, quick)
    assert wait <= later <= max(2 * wait, pacing.FIRST) and later <= pacing.LONGEST
    assert (wait == 0) == (level + 0.5 < quick)


@given(st.lists(st.one_of(st.integers(0, 40), st.integers(0, 4000)), max_size=40))
@example([0] * 7)
@example([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
def test_a_try_is_taken_exactly_where_the_core_says(steps):
    subject, now, level, taken_at, at = (
        f"laws {clock.now().timestamp()} {steps}",
        clock.now(),
        0.0,
        None,
        0.0,
    )
    Bucket.objects.all().delete()
    rate = PACED.limit / PACED.per_seconds
    for step in steps:
        now += timedelta(seconds=step)
        level = max(0.0, level - (now.timestamp() - at) * rate) if taken_at is not None else 0.0
        apart = taken_at is None or now.timestamp() - taken_at >= pacing.gap(level, PACED.quick)
        taken = level + 1 <= PACED.limit and apart
        decision = services.spend(Charge("signin_unknown", subject), now=now)
        assert decision.allowed == taken, (level, decision)
        if taken:
            level, taken_at = level + 1, now.timestamp()
        else:
            waited = services.spend(Charge("signin_unknown", subject), now=now)
            assert 0 < waited.wait_seconds <= pacing.LONGEST * 3
        at = now.timestamp()
