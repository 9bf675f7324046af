"""The fifteen days, who may be answered, and the reasons there are."""

from datetime import date

import pytest

from clavero.core import rights
from clavero.core.errors import Refused
from clavero.rights import texts


def test_the_fifteen_days_are_of_the_calendar_as_the_law_s_plazo_reads():
    """S-130: over Christmas and a weekend they are no longer."""
    assert rights.due_on(date(2026, 12, 20)) == date(2027, 1, 4)


def test_three_reminders_in_time_on_the_last_day_but_one_and_when_it_lapsed():
    due = date(2026, 12, 20)
    days = {left: rights.reminders(due, date(2026, 12, 20 - left)) for left in (6, 5, 2, 1, 0, -1)}
    assert days == {6: 0, 5: 1, 2: 1, 1: 2, 0: 2, -1: 3}


@pytest.mark.parametrize(
    ("state", "proof", "decision", "reason", "code"),
    [
        ("answered", "account", "answered", "", "rights.answered"),
        ("received", "account", "refused", "", "rights.reason"),
        ("received", "account", "refused", "because", "rights.reason"),
        ("received", "none", "answered", "", "rights.not_proved"),
    ],
)
def test_no_answer_twice_no_refusal_without_a_reason_of_the_law_and_nothing_before_a_proof(
    state, proof, decision, reason, code
):
    with pytest.raises(Refused) as refused:
        rights.may_answer(state, proof, decision, reason)
    assert refused.value.code == code


def test_every_reason_has_its_article_and_everything_that_stays_has_a_reason_and_words():
    assert all(article.startswith("LOPDP art") for article in rights.REASONS.values())
    assert {one.why for one in rights.STAYS} <= set(rights.REASONS) == set(texts.REASONS)
    assert {one.what for one in rights.STAYS} == set(texts.STAYS)
    assert set(rights.KINDS) == set(texts.KINDS) and set(rights.STATES) == set(texts.STATES)
