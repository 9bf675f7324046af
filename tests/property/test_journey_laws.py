"""Laws of the journey: whatever the sequence of moves."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clavero.core import evidence, journey
from clavero.core.errors import Refused
from clavero.core.triage import Facts

GOOD = Facts(True, "match", "match", "valid", "active", "active")
SETS_A_KEY = [name for name, move in journey.MOVES.items() if move.target == "key_set"]


def graph() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for move in journey.MOVES.values():
        for source in move.sources:
            found.setdefault(source, set()).add(move.reaches(source))
    return found


def reachable(start: str) -> set[str]:
    seen, open_ = set(), [start]
    while open_:
        state = open_.pop()
        if state not in seen:
            seen.add(state)
            open_ += graph().get(state, set())
    return seen


def test_every_state_is_reached():
    assert set(journey.STATES) <= reachable(journey.START)


def test_every_live_state_can_end_and_no_final_one_moves():
    for state in journey.LIVE:
        assert reachable(state) & journey.FINAL
        assert graph()[state] & journey.FINAL, "and with a single move"
    assert not any(journey.FINAL & move.sources for move in journey.MOVES.values())


def test_from_every_live_state_there_is_a_way_to_a_key():
    for state in journey.LIVE:
        assert "key_set" in reachable(state), state


def test_every_move_that_sets_a_key_asks_for_a_grant():
    assert SETS_A_KEY and all("grant" in journey.MOVES[name].needs for name in SETS_A_KEY)


class AnyWalk(RuleBasedStateMachine):
    """Random moves by anybody; a key is set only where the evidence that the moves gave is granted."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.held, self.granted = journey.START, frozenset(), False

    @precondition(lambda self: self.state not in journey.FINAL)
    @rule(data=st.data())
    def move(self, data) -> None:
        names = [name for name, move in journey.MOVES.items() if self.state in move.sources]
        name = data.draw(st.sampled_from(names))
        if "grant" in journey.MOVES[name].needs:
            try:
                evidence.sufficient("recover_key", self.held, GOOD)
            except Refused:
                return
            self.granted = True
        given = sorted(journey.MOVES[name].gives)
        token = data.draw(st.sampled_from(["", *given])) if given else ""
        self.held = journey.evidence_after(name, self.held, token)
        self.state = journey.move(self.state, name)

    @precondition(lambda self: self.state in journey.FINAL)
    @rule()
    def nothing_moves_any_more(self) -> None:
        assert journey.buttons(self.state, "claimant") == ()

    @invariant()
    def a_key_was_set_only_with_proof(self) -> None:
        if self.state in ("key_set", "access_tested"):
            assert self.granted

    @invariant()
    def knowledge_alone_is_never_held(self) -> None:
        assert "knowledge" not in self.held


TestAnyWalk = AnyWalk.TestCase
TestAnyWalk.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def staff_alone() -> set[frozenset[str]]:
    """All evidence that one member of staff can gather with a claimant who proves no contact and no second person."""
    one_person = {"claimant", "officer", "system", "supervisor"}
    never = {"contact_code", "contact_link", "saved_code", "passkey", "second_approval"}
    seen: set[tuple[str, frozenset[str]]] = set()
    open_ = [(journey.START, frozenset[str]())]
    while open_:
        state, held = open_.pop()
        if (state, held) in seen or state in journey.FINAL:
            continue
        seen.add((state, held))
        for name, move in journey.MOVES.items():
            if state not in move.sources or move.actor not in one_person or "grant" in move.needs:
                continue
            for token in ["", *(move.gives - never)]:
                open_.append((move.reaches(state), journey.evidence_after(name, held, token)))
    return {held for _, held in seen}


def test_with_one_member_of_staff_no_key_can_be_set():
    """Nobody alone (ATTACKS 36): whatever the moves, what they gather is granted by no rule."""
    gathered = staff_alone()
    assert any("binding_code" in held for held in gathered)
    for held in gathered:
        for facts in (GOOD, Facts(**{**GOOD.__dict__, "key": "never"})):
            for purpose in ("recover_key", "unlock_key", "first_key"):
                try:
                    evidence.sufficient(purpose, held, facts)
                except Refused:
                    continue
                raise AssertionError((purpose, sorted(held)))


days = st.integers(0, 90)


@given(
    opened=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    later=st.integers(0, 40),
    changed=days,
    added=days,
)
def test_a_passkey_that_answers_a_risk_is_older_than_the_change_that_is_the_risk(
    opened, later, changed, added
):
    """ADR 19: whoever changed the contact may have added the passkey. The risk is looked for `later` than the opening."""
    settled, changed_on = opened + timedelta(later), opened + timedelta(later) - timedelta(changed)
    history = evidence.History(contact_changed_days=(settled - changed_on).days)
    if "contact_changed" in evidence.signals(history, frozenset()) and evidence.passkey_answers(
        added
    ):
        assert opened - timedelta(added) < changed_on


@given(opened=st.datetimes(), later=st.integers(0, 40), ago=st.timedeltas(timedelta(0), timedelta(90)), added=st.timedeltas(timedelta(0), timedelta(90)))  # fmt: skip
def test_a_passkey_that_answers_a_risk_is_older_than_any_guess_that_is_the_risk(
    opened, later, ago, added
):
    """A guess counts for `CHANGED_DAYS`, to the second (`recovery.risk`)."""
    is_risk = ago <= timedelta(evidence.CHANGED_DAYS)
    if is_risk and evidence.passkey_answers(added.days):
        assert timedelta(later) + added > ago


def test_what_ends_a_wait_early_is_a_second_proof_and_nothing_else_gives_one():
    """Only from `waiting`; and the token answers a risk, it makes no key."""
    giving = {name: move for name, move in journey.MOVES.items() if "second_proof" in move.gives}
    assert set(giving) == {"prove_again", "prove_by_passkey"}
    for move in giving.values():
        assert (
            move.sources == {"waiting"}
            and move.target == "contact_settled"
            and move.gives == {"second_proof"}
        )
