"""Who of the staff may do what, and who may let whom in: to the edge of each rule (S-070, S-072)."""

from datetime import date, timedelta

import pytest

from clavero.core import staff
from clavero.core.errors import Refused

TODAY = date(2026, 12, 1)
ATTESTS, LOOKS = staff.ACTS["case.check"], staff.ACTS["case.read"]


def refused(deed, *given, **named) -> str:
    try:
        deed(*given, **named)
    except Refused as found:
        return found.code
    return ""


@pytest.mark.parametrize(
    ("act", "role", "until", "said"),
    [
        (ATTESTS, staff.OFFICER, TODAY, ""),
        (ATTESTS, staff.OFFICER, TODAY - timedelta(1), "staff.qualification_over"),
        (ATTESTS, staff.OFFICER, None, "staff.qualification_over"),
        (LOOKS, staff.OFFICER, None, ""),
        (LOOKS, staff.AUDITOR, TODAY, "staff.not_your_role"),
        (ATTESTS, staff.OPERATOR, TODAY, "staff.not_your_role"),
    ],
)
def test_an_act_asks_for_its_role_and_what_attests_for_a_qualification_of_today(
    act, role, until, said
):
    assert refused(staff.check, act, role, qualified_until=until, today=TODAY) == said


@pytest.mark.parametrize("role", staff.ROLES)
def test_a_manager_admits_the_people_of_the_own_counter_and_the_operator_everybody(role):
    counter = role in (staff.OFFICER, staff.SUPERVISOR)
    no = "staff.may_not_admit"
    assert refused(staff.may_admit, staff.OPERATOR, role, same_centre=False) == ""
    assert refused(staff.may_admit, staff.MANAGER, role, same_centre=True) == (
        "" if counter else no
    )
    assert refused(staff.may_admit, staff.MANAGER, role, same_centre=False) == no
    for nobody in (staff.OFFICER, staff.SUPERVISOR, staff.AUDITOR):
        assert refused(staff.may_admit, nobody, role, same_centre=True) == no


@pytest.mark.parametrize(
    ("examined", "until"),
    [(date(2026, 3, 1), date(2027, 3, 1)), (date(2028, 2, 29), date(2029, 2, 28)), (date(2027, 2, 28), date(2028, 2, 28)),
     (date(2026, 2, 1), date(2027, 2, 1)), (date(2026, 5, 29), date(2027, 5, 29))],
)  # fmt: skip
def test_a_qualification_lasts_to_the_same_day_of_the_next_year(examined, until):
    assert staff.qualified_from(examined) == until


def test_nobody_hands_themselves_a_code_and_who_asked_hands_none_unless_nobody_else_ever_could():
    """Of 1, who enrols, and 2, who asked. Whoever is the only one left is not the first one (ATTACKS 36)."""
    for able, ever in ((set(), set()), ({2}, {2}), ({2, 3}, {2, 3}), ({1, 2}, {1, 2})):
        assert refused(staff.second_person, 1, 2, 1, able=able, ever=ever) == "enrolment.own"
        assert refused(staff.second_person, 1, 2, 3, able=able, ever=ever) == ""
    assert staff.second_person(1, 2, 2, able={2}, ever={2})
    assert not staff.second_person(1, 2, 3, able={2, 3}, ever={2, 3})
    for able, ever, code in (
        ({2, 3}, {2, 3}, "enrolment.same_person"),
        ({2}, {2, 3}, "enrolment.nobody_else"),
        ({1, 2}, {1, 2}, "enrolment.nobody_else"),
    ):
        assert refused(staff.second_person, 1, 2, 2, able=able, ever=ever) == code


@pytest.mark.parametrize(
    ("able", "ever", "may"),
    [
        (set(), set(), True), (set(), {1, 2}, True), ({1}, {1, 2}, True),
        ({1}, {1}, False), ({1, 2}, {1, 2}, False), ({1, 2}, {1, 2, 3}, False),
    ],
)  # fmt: skip
def test_the_command_enrols_an_operator_while_the_pages_cannot(able, ever, may):
    assert staff.command_may_enrol(able, ever) is may


def test_the_times_of_the_desk_are_those_of_the_standards():
    """S-070, S-072, S-090; the code of enrolment lives two days, and adding the passkeys half an hour."""
    assert (timedelta(minutes=15), timedelta(hours=12)) == (staff.IDLE, staff.WHOLE)
    assert (staff.QUALIFIED_MONTHS, staff.PASSKEYS) == (12, 2)
    assert (timedelta(hours=48), timedelta(minutes=30)) == (staff.ENROLMENT, staff.ENROLLING)


WRITES = {
    "own.keys", "duty.change", "queue.run", "case.open", "case.check", "case.hand", "case.flag", "case.make", "paper.type",
    "case.decide", "case.release", "case.unfreeze", "case.unhold", "centre.shut", "centre.change", "staff.admit", "staff.change",
    "staff.approve", "rights.note", "rights.answer", "post.send", "limits.lift", "case.look", "watch.answer",
}  # fmt: skip
ATTESTED = {
    "case.open",
    "case.check",
    "paper.type",
    "case.decide",
    "case.release",
    "case.unfreeze",
    "case.unhold",
}


def test_what_writes_and_what_attests_is_said_twice():
    """Once in the table and once here: a slip of one word shows."""
    assert {code for code, act in staff.ACTS.items() if act.writes} == WRITES
    assert {code for code, act in staff.ACTS.items() if act.attests} == ATTESTED
    assert all(code == act.code for code, act in staff.ACTS.items())
    assert staff.may(staff.OPERATOR, "limits.lift") and not staff.may(staff.OFFICER, "limits.lift")
