"""Where a case can be, and every move it can make: one table.

Buttons, deeds, the diagram in `docs/journey.md` and the database's list of states all derive from it. A move says
who makes it, what the deed must check first (`needs`), which evidence it may add (`gives`, one of them
per move) and which it takes away (`drops`). Whether the evidence is enough is `core.evidence`'s word,
asked by every move that needs a `grant`. A duress hold is no state: the claimant's page must not change
(S-071); it adds the token `held`, which no rule of evidence forgives.
"""

from dataclasses import dataclass, field

from clavero.core.errors import Refused

START = "start"  # before the case exists; never stored
STAY = "stay"  # a move that changes something, but not the place

STATES: dict[str, str] = {
    "code_sent": "a link and a code went to the contact on record",
    "proved": "the contact on record, a saved code or a passkey was proved",
    "questioned": "the institution's questions are over, or none were asked",
    "contact_settled": "contact data confirmed or proposed; a key may be set",
    "waiting": "a risk asks for time; every contact was told and may stop it",
    "visit_needed": "these data need a visit; two secrets are handed out",
    "booked": "an appointment is held or firm",
    "at_desk": "the person is at a counter and the case is open there",
    "observed": "something is missing; a date to bring it, no new queue",
    "in_review": "a second person of staff decides",
    "approved": "approved; a binding code may be handed over",
    "binding_handed": "the binding code is in the claimant's hand",
    "frozen": "a contact on record said «no fui yo»; at most 72 hours",
    "key_set": "a key was set or kept; the access is still untested",
    "access_tested": "the person signed in with it",
    "cancelled": "the claimant ended it",
    "expired": "nobody came back in time",
    "refused": "refused with a reason and a way to complain",
    "superseded": "another case of this number was proved first",
    "closed_unfinished": "the ground went: another representative, or never tested",
}
FINAL = frozenset(
    {"access_tested", "cancelled", "expired", "refused", "superseded", "closed_unfinished"}
)
LIVE = frozenset(STATES) - FINAL
UNPROVED = frozenset({"code_sent", "visit_needed", "booked"})
ONLINE_PROVED = frozenset({"proved", "questioned", "contact_settled"})
APPROVED = frozenset({"approved", "binding_handed", "key_set", "access_tested"})
"""Where a case of the desk stands once it was approved: what was seen is signed, and changes no more."""
AT_A_COUNTER = frozenset({"at_desk", "in_review", "approved", "binding_handed"})
"""Where a case stands that somebody of staff attends; where its visit ended without a move, the next one goes on there."""
ACTORS = ("claimant", "contact", "officer", "approver", "supervisor", "system")

# What was proved in this browser, and no longer stands after half an hour without use (S-089).
IN_THE_ROOM = frozenset(
    {"contact_code", "contact_link", "saved_code", "passkey", "questions", "totp"}
)
CONTACT = frozenset({"contact_code", "contact_link"})
CORRECTIONS = frozenset(
    {
        "contact_replaced",
        "representative_replaced",
        "ruc_overridden",
        "employer_registered",
        "exception_made",
    }
)

# Where a case stands again when a freeze ends: proofs that live minutes are not waiting for it.
AFTER_FREEZE: dict[str, str] = {
    "code_sent": "code_sent",
    "proved": "code_sent",
    "questioned": "code_sent",
    "contact_settled": "code_sent",
    "waiting": "waiting",
    "visit_needed": "visit_needed",
    "booked": "visit_needed",
    "at_desk": "at_desk",
    "observed": "observed",
    "in_review": "in_review",
    "approved": "approved",
    "binding_handed": "approved",
    "key_set": "visit_needed",
}


@dataclass(frozen=True)
class Move:
    """One way from some places to one. `says` is the line of the generated table."""

    name: str
    sources: frozenset[str]
    target: str
    actor: str
    says: str
    needs: tuple[str, ...] = ()
    gives: frozenset[str] = field(default_factory=frozenset)
    drops: frozenset[str] = field(default_factory=frozenset)

    def reaches(self, state: str) -> str:
        """The place after this move from `state`; `state` itself where the move stays."""
        return state if self.target == STAY else self.target


def _move(
    name: str,
    sources: str,
    target: str,
    actor: str,
    says: str,
    *,
    needs: str = "",
    gives: frozenset[str] = frozenset(),
    drops: frozenset[str] = frozenset(),
) -> Move:
    return Move(
        name, frozenset(sources.split()), target, actor, says, tuple(needs.split()), gives, drops
    )


_ALL_LIVE = " ".join(sorted(LIVE))
_NOT_FROZEN = " ".join(sorted(LIVE - {"frozen"}))
_BEFORE_A_KEY = " ".join(sorted(LIVE - {"key_set"}))
_APPROVAL = frozenset({"visit", "second_approval", "binding_code"})

_OPENING = (
    _move("open_online", START, "code_sent", "claimant", "Validar: the data are in order"),
    _move("open_visit", START, "visit_needed", "claimant", "Validar: not online with these data"),
    _move(
        "open_counter",
        START,
        "at_desk",
        "supervisor",
        "a case made at the counter, without a code",
        needs="reason",
    ),
)

_ONLINE = (
    _move("resend", "code_sent", STAY, "claimant", "another link and code; the former ones die"),
    _move(
        "prove",
        "code_sent",
        "proved",
        "claimant",
        "link, code, saved code or passkey",
        needs="proof",
        gives=frozenset({"contact_code", "contact_link", "saved_code", "passkey"}),
    ),
    _move(
        "give_up_contact",
        "code_sent",
        "visit_needed",
        "claimant",
        "«Ya no tengo ese correo»: the same case, nothing typed again",
    ),
    _move(
        "answer_questions",
        "proved",
        "questioned",
        "claimant",
        "right answers: no proof, nothing is raised",
        needs="answers",
        gives=frozenset({"questions"}),
    ),
    _move("skip_questions", "proved", "questioned", "system", "no questions, or too few facts"),
    _move(
        "fail_questions",
        "proved",
        "visit_needed",
        "claimant",
        "a wrong answer: a visit, never a lock",
        gives=frozenset({"questions_failed"}),
    ),
    _move(
        "prefer_visit",
        "code_sent proved questioned contact_settled waiting",
        "visit_needed",
        "claimant",
        "«Prefiero ir»",
    ),
    _move(
        "settle_contact", "questioned", "contact_settled", "claimant", "keep or propose contacts"
    ),
    _move(
        "add_factor",
        "contact_settled",
        STAY,
        "claimant",
        "the second step that the account has: a mailbox does not take it away",
        needs="proof",
        gives=frozenset({"totp"}),
    ),
    _move(
        "wait",
        "contact_settled",
        "waiting",
        "system",
        "a risk asks for time; contacts are told, and the claimant gets a case secret to come back with",
        gives=frozenset({"case_secret"}),
    ),
    _move(
        "prove_again",
        "waiting",
        "contact_settled",
        "claimant",
        "a second proof beside the first: the saved code",
        needs="proof",
        gives=frozenset({"second_proof"}),
    ),
    _move(
        "prove_by_passkey",
        "waiting",
        "contact_settled",
        "claimant",
        "a second proof beside the first: a passkey, old enough",
        needs="proof",
        gives=frozenset({"second_proof"}),
    ),
    _move(
        "stop_wait",
        "waiting",
        "cancelled",
        "contact",
        "the cancel link of the notice: once, and nothing else changes",
        needs="cancel_link",
    ),
    _move(
        "release",
        "waiting",
        "code_sent",
        "system",
        "the time has passed and nobody objected: the contact is proved once more",
        needs="time",
        gives=frozenset({"waited"}),
        drops=IN_THE_ROOM,
    ),
    _move("set_key", "contact_settled", "key_set", "claimant", "a new key", needs="grant"),
    _move(
        "keep_key", "contact_settled", "key_set", "claimant", "unlock the known key", needs="grant"
    ),
    _move(
        "change_key",
        "key_set",
        "contact_settled",
        "claimant",
        "another key: this one does not sign in",
    ),
    _move("test_access", "key_set", "access_tested", "claimant", "a real sign-in", needs="sign_in"),
    _move(
        "lapse",
        "proved questioned contact_settled",
        "code_sent",
        "system",
        "half an hour without use: prove again",
        drops=IN_THE_ROOM,
    ),
)

_BEFORE_THE_DESK = (
    _move(
        "declare",
        "visit_needed booked",
        STAY,
        "claimant",
        "what happens, in the person's words; case secret and continuation code",
        gives=frozenset({"case_secret"}),
    ),
    _move(
        "prove_contact",
        "visit_needed booked at_desk observed in_review",
        STAY,
        "claimant",
        "a contact on record since 72 hours before the case",
        needs="proof",
        gives=CONTACT,
    ),
    _move(
        "reopen_online",
        "visit_needed booked at_desk observed",
        "code_sent",
        "system",
        "the data are in order now, say a reactivated RUC",
        needs="facts",
        drops=IN_THE_ROOM | CORRECTIONS | _APPROVAL,
    ),
    _move("book", "visit_needed observed", "booked", "claimant", "take an appointment"),
    _move("rebook", "booked", STAY, "claimant", "another time, twice at most"),
    _move("confirm", "booked", STAY, "claimant", "the appointment is firm", needs="case_secret"),
    _move("unbook", "booked", "visit_needed", "claimant", "give the appointment back"),
    _move("free_slot", "booked", "visit_needed", "system", "closure, or not confirmed in time"),
    _move("miss", "booked", "visit_needed", "system", "did not come"),
    _move(
        "arrive",
        "visit_needed booked",
        "at_desk",
        "officer",
        "the continuation code opens the case",
        needs="continuation_code",
    ),
)

_AT_THE_DESK = (
    _move("leave", "at_desk", "visit_needed", "officer", "the person left; the code works again"),
    _move("observe", "at_desk in_review", "observed", "officer", "what is missing, until when"),
    _move(
        "send_back", "in_review", "observed", "approver", "not yet: what is missing", needs="reason"
    ),
    _move(
        "resubmit",
        "observed",
        "at_desk",
        "officer",
        "back with what was missing, no new queue",
        needs="continuation_code",
    ),
    _move("miss_date", "observed", "visit_needed", "system", "the date passed"),
    _move(
        "correct",
        "at_desk",
        STAY,
        "officer",
        "a contact, the representative or the employer's record, by the papers seen",
        needs="papers reason",
        gives=CORRECTIONS,
    ),
    _move(
        "attest",
        "at_desk",
        "approved",
        "officer",
        "person and papers seen, and a contact on record proved in this case",
        needs="checklist contact_proof",
        gives=frozenset({"visit"}),
    ),
    _move(
        "ask_approval",
        "at_desk",
        "in_review",
        "officer",
        "person and papers seen; a second person decides",
        needs="checklist",
        gives=frozenset({"visit"}),
    ),
    _move("escalate", "at_desk", "in_review", "officer", "a doubt: let the second person decide"),
    _move(
        "type_paper",
        f"{START} visit_needed booked at_desk observed",
        "in_review",
        "officer",
        "the paper form of a power cut, typed in later",
        needs="reason",
        gives=frozenset({"visit"}),
    ),
    _move(
        "hand_ahead",
        "in_review",
        STAY,
        "officer",
        "nobody decided yet: a binding code that sleeps until the approval goes home too",
        gives=frozenset({"binding_code"}),
    ),
    _move(
        "approve",
        "in_review",
        "approved",
        "approver",
        "a second person, drawn by the system, who did not act on this case",
        needs="second_person visit",
        gives=frozenset({"second_approval"}),
    ),
    _move("refuse", "in_review frozen waiting", "refused", "approver", "no", needs="reason"),
    _move(
        "withdraw_approval",
        "approved binding_handed",
        "in_review",
        "supervisor",
        "the approval is taken back",
        needs="reason",
        drops=_APPROVAL,
    ),
    _move(
        "hand_binding",
        "approved",
        "binding_handed",
        "officer",
        "the binding code, by hand",
        gives=frozenset({"binding_code"}),
    ),
    _move(
        "lapse_binding",
        "binding_handed",
        "approved",
        "system",
        "ten minutes passed; the desk hands over another",
        drops=frozenset({"binding_code"}),
    ),
    _move(
        "set_key_with_binding",
        "approved binding_handed",
        "key_set",
        "claimant",
        "a new key, on an own phone or the kiosk",
        needs="case_secret binding_code grant",
    ),
    _move(
        "keep_key_with_binding",
        "approved binding_handed",
        "key_set",
        "claimant",
        "unlock the known key",
        needs="case_secret binding_code grant",
    ),
)

_ANYWHERE = (
    _move(
        "freeze",
        _NOT_FROZEN,
        "frozen",
        "contact",
        "«No fui yo»: at most 72 hours, once per contact and case",
        needs="freeze_link",
        drops=IN_THE_ROOM | frozenset({"binding_code"}),
    ),
    _move(
        "unfreeze", "frozen", "visit_needed", "system", "72 hours passed: back to where it stood"
    ),
    _move(
        "lift_freeze",
        "frozen",
        "visit_needed",
        "supervisor",
        "the evidence was seen: back to where it stood",
        needs="reason",
    ),
    _move(
        "end_held",
        _BEFORE_A_KEY,
        "refused",
        "supervisor",
        "a flagged case was looked into: it was not the employer",
        needs="held reason",
    ),
    _move("cancel", _BEFORE_A_KEY, "cancelled", "claimant", "the claimant ends it"),
    _move("expire", _ALL_LIVE, "expired", "system", "nobody came back in time"),
    _move(
        "supersede",
        " ".join(sorted(UNPROVED)),
        "superseded",
        "system",
        "another case of this number was proved",
    ),
    _move(
        "close_unfinished",
        _ALL_LIVE,
        "closed_unfinished",
        "system",
        "another representative, or a key never tested",
    ),
)

MOVES: dict[str, Move] = {
    each.name: each for each in (*_OPENING, *_ONLINE, *_BEFORE_THE_DESK, *_AT_THE_DESK, *_ANYWHERE)
}
RETURNS = frozenset({"unfreeze", "lift_freeze"})
PRACTICE = frozenset(
    """open_visit arrive leave observe send_back resubmit miss_date correct ask_approval escalate approve refuse
    withdraw_approval hand_ahead hand_binding lapse_binding end_held cancel expire close_unfinished""".split()
)
"""What a made-up case of a centre in training can do (H13): the counter, and never a key or the online road."""


def move(state: str, name: str, *, frozen_from: str = "") -> str:
    """The state after `name` from `state`. Raises `Refused("case.move_not_allowed")`.

    `frozen_from` is where a frozen case stood: the end of a freeze leads back there (`AFTER_FREEZE`).
    """
    found = MOVES.get(name)
    if found is None or state not in found.sources:
        raise Refused("case.move_not_allowed", state=state, move=name)
    if name in RETURNS and frozen_from:
        return AFTER_FREEZE.get(frozen_from, found.target)
    return found.reaches(state)


def evidence_after(name: str, held: frozenset[str], given: str = "") -> frozenset[str]:
    """The evidence of a case after `name`. Raises `Refused("evidence.not_given_here")` for a stray token."""
    made = MOVES[name]
    if given and given not in made.gives:
        raise Refused("evidence.not_given_here", move=name)
    return (held - made.drops) | ({given} if given else frozenset())


def buttons(state: str, actor: str) -> tuple[str, ...]:
    """The moves open to `actor` from `state`, in the order of the table."""
    return tuple(
        each.name for each in MOVES.values() if each.actor == actor and state in each.sources
    )


def state_names() -> tuple[str, ...]:
    """Every state that a database row may hold, sorted: for constraints."""
    return tuple(sorted(STATES))
