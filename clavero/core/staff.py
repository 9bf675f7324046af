"""Who at a centre may do what: one table of acts, and how long a session of the desk lives.

Five roles that do not add up: a person has one. An act that `writes` changes something and is the only
kind that answers a POST (ATTACKS 21); one that `attests` says that somebody was seen or that something is
right, and needs a qualification in force (S-070).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from clavero.core.errors import Refused

OFFICER, SUPERVISOR, MANAGER, AUDITOR, OPERATOR = (
    "officer supervisor manager auditor operator".split()
)
ROLES = (OFFICER, SUPERVISOR, MANAGER, AUDITOR, OPERATOR)

IDLE = timedelta(minutes=15)  # S-072, S-090
WHOLE = timedelta(hours=12)
QUALIFIED_MONTHS = 12  # S-070
PASSKEYS = 2  # to be active: one in use, one spare
ENROLMENT = timedelta(hours=48)
ENROLLING = timedelta(minutes=30)


@dataclass(frozen=True)
class Act:
    """Something a member of staff does: by which roles, whether it changes anything, whether it attests."""

    code: str
    roles: frozenset[str]
    writes: bool = False
    attests: bool = False


def _act(code: str, roles: str, *, writes: bool = False, attests: bool = False) -> Act:
    known = ROLES if roles == "all" else tuple(roles.split())
    return Act(code, frozenset(known), writes, attests)


_COUNTER, _FLOOR = "officer supervisor", "officer supervisor manager"

ACTS: dict[str, Act] = {
    act.code: act
    for act in (
        # one's own place
        _act("desk.home", "all"),
        _act("own.keys", "all", writes=True),
        _act("duty.change", _FLOOR, writes=True),
        # the day
        _act("agenda.read", _FLOOR),
        _act("queue.run", _FLOOR, writes=True),
        _act("count.read", "supervisor manager auditor"),
        # a case at the counter
        _act("case.read", _COUNTER),
        _act("case.open", _COUNTER, writes=True, attests=True),
        _act("case.check", _COUNTER, writes=True, attests=True),
        _act("case.hand", _COUNTER, writes=True),
        _act("case.flag", _FLOOR, writes=True),
        _act("case.make", _COUNTER, writes=True),
        _act("paper.type", _COUNTER, writes=True, attests=True),
        # the second person, and what only a supervisor undoes
        _act("case.decide", _FLOOR, writes=True, attests=True),
        _act("case.release", SUPERVISOR, writes=True, attests=True),
        _act("case.unfreeze", SUPERVISOR, writes=True, attests=True),
        _act("case.unhold", SUPERVISOR, writes=True, attests=True),
        # the centre
        _act("centre.shut", "supervisor manager", writes=True),
        _act("centre.change", "manager operator", writes=True),
        # the people
        _act("staff.read", "manager auditor operator"),
        _act("staff.admit", "manager operator", writes=True),
        _act("staff.change", "manager operator", writes=True),
        _act("staff.approve", "supervisor manager operator", writes=True),
        # what people ask about their own data
        _act("rights.note", "officer supervisor operator", writes=True),
        _act("rights.answer", OPERATOR, writes=True),
        _act("post.send", OPERATOR, writes=True),
        # the limits
        _act("limits.lift", OPERATOR, writes=True),
        # looking back; a second look attests nothing, it can only stop what was decided
        _act("audit.read", AUDITOR),
        _act("watch.read", "supervisor auditor"),
        _act("watch.answer", "supervisor auditor", writes=True),
        _act("case.look", "supervisor auditor", writes=True),
    )
}

ADMITS: dict[str, frozenset[str]] = {
    OPERATOR: frozenset(ROLES),
    MANAGER: frozenset({OFFICER, SUPERVISOR}),
}
"""Who may admit whom: a manager the people of the own counter, the operator everybody."""


def may(role: str, act: str) -> bool:
    """Whether a role may do this at all. Raises KeyError for an act that is not in the table."""
    return role in ACTS[act].roles


def check(act: Act, role: str, *, qualified_until: date | None, today: date) -> None:
    """Nothing, or `Refused`: staff.not_your_role, staff.qualification_over (an expired agent cannot attest)."""
    if role not in act.roles:
        raise Refused("staff.not_your_role")
    if act.attests and (qualified_until is None or today > qualified_until):
        raise Refused("staff.qualification_over")


def may_admit(admitting: str, admitted: str, *, same_centre: bool) -> None:
    """Nothing, or `Refused("staff.may_not_admit")`: a manager admits at the own centre only."""
    if admitted not in ADMITS.get(admitting, frozenset()):
        raise Refused("staff.may_not_admit")
    if admitting == MANAGER and not same_centre:
        raise Refused("staff.may_not_admit")


def qualified_from(day: date) -> date:
    """The last day of a qualification that was examined on `day`: twelve months (S-070)."""
    year, month = day.year + 1, day.month
    return day.replace(year=year) if (month, day.day) != (2, 29) else date(year, 2, 28)


def second_person(
    staff: int, asked_by: int, approver: int, *, able: Collection[int], ever: Collection[int]
) -> bool:
    """Whether `approver` hands the code that enrols `staff`, asked for by `asked_by`, alone; all by their row ids.

    `able` are those who could hand a code over today, `ever` those who ever could, also whoever left since.
    Nobody hands themselves a code, and who asked does not approve, except while nobody else ever could: the first
    days of a server. Whoever became the only one later, by ending the others, is not alone (S-066, ATTACKS 36).
    Raises `Refused`: enrolment.own, enrolment.same_person, enrolment.nobody_else (the command's turn).
    """
    if approver == staff:
        raise Refused("enrolment.own")
    if approver != asked_by:
        return False
    if set(ever) - {asked_by}:
        others = set(able) - {asked_by, staff}
        raise Refused("enrolment.same_person" if others else "enrolment.nobody_else")
    return True


def command_may_enrol(able: Collection[int], ever: Collection[int]) -> bool:
    """Whether the command on the server hands a code: nobody could today, or one who may not do it alone (S-138)."""
    return not able or (len(set(able)) == 1 and bool(set(ever) - set(able)))
