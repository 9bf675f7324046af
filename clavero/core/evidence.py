"""What counts as proof for which purpose: a table (S-001). Questions and knowledge count for nothing.

A `contact_code` or `contact_link` is by definition one that answered from a contact on record since at
least 72 hours before the case was opened; what answers from a newer one is `new_contact`, and no rule
takes it. A right answer raises nothing; a wrong one lowers (T2). A grant names the rule that fired.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from clavero.core.errors import Refused
from clavero.core.journey import CONTACT, CORRECTIONS
from clavero.core.triage import Facts

VERSION = "2026-11"

PROOFS: dict[str, str] = {
    "contact_code": "a code typed from a message to a contact on record for 72 hours or more",
    "contact_link": "the link of such a message, confirmed by a POST",
    "saved_code": "the recovery code of 80 bits handed out when a key was set",
    "passkey": "a passkey bound to the account: signs in; as the one proof for a new key not in force",
    "visit": "an officer saw the person, the document and the papers, item by item",
    "second_approval": "another person of staff, drawn by the system, approved",
    "case_secret": "the claimant's own secret of 130 bits",
    "binding_code": "the one-time code handed over at the desk",
    "continuation_code": "the 80 bits of the letter: opens the case at the desk",
    "freeze_link": "the «no fui yo» of a message to a contact on record",
    "cancel_link": "the cancel link of the notice of a waiting case",
    "second_proof": "the saved code or an old enough passkey, beside a contact that was proved: it answers a risk (D12)",
    "waited": "the hours that a risk asks for have passed, every contact told (D13)",
    "new_contact": "a link sent to a proposed contact",
    "key": "the key itself",
    "totp": "a code of the authenticator app bound to the account, or one of its one-time codes (D11)",
}
NEVER: dict[str, str] = {
    "questions": "right answers to the institution's questions (S-003, D07)",
    "knowledge": "cédula, RUC, sucursal, names, dates: they identify, they never verify (S-003)",
    "new_contact": "a contact proposed in this case, or on record for less than 72 hours (S-075)",
}
BARS = frozenset({"held"})  # a duress or fraud hold: no rule forgives it (S-071)
AT_RISK = frozenset({"at_risk"})
"""A signal of risk stands, and neither a second proof nor the wait has answered it (D12, D13)."""

# What the facts must be before a rule may fire. A value that is not listed, `unknown` too, is a no.
_IN_ORDER: dict[str, frozenset[str]] = {
    "known": frozenset({"yes"}),
    "branch": frozenset({"match"}),
    "representative": frozenset({"match"}),
    "key": frozenset({"active", "blocked", "disabled"}),
    "ruc": frozenset({"active", "not_applicable"}),
}
_WITH_EMAIL = _IN_ORDER | {"email": frozenset({"valid"})}
_HAD_A_KEY = {"key": frozenset({"active", "blocked"})}


@dataclass(frozen=True)
class Rule:
    """All of `proofs`, none of `bars`, and facts as `facts` says: enough for `purpose`."""

    id: str
    purpose: str
    proofs: frozenset[str]
    source: str
    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bars: frozenset[str] = frozenset()
    in_force: bool = True
    version: int = 1


@dataclass(frozen=True)
class Granted:
    """The rule that fired, its policy's version, and how far the key reaches: `full` or `limited`."""

    rule: str
    purpose: str
    scope: str = "full"
    version: str = VERSION


def _rule(
    id: str,
    proofs: str,
    source: str,
    facts: Mapping[str, frozenset[str]] | None = None,
    bars: frozenset[str] = frozenset(),
    in_force: bool = True,
) -> Rule:
    purpose = id.partition(".")[0]
    return Rule(id, purpose, frozenset(proofs.split()), source, facts or {}, bars, in_force)


_FAILED = frozenset({"questions_failed"})
_ONLINE_BARS = (
    _FAILED | CORRECTIONS | AT_RISK
)  # what a desk corrected waits for a second person, whatever was proved online
_DESK = "visit case_secret binding_code"


def _for_a_key(purpose: str, more: Mapping[str, frozenset[str]]) -> tuple[Rule, ...]:
    """The roads to a key that was had before: online, at the desk with a proved contact, with a second person."""
    online, mail = {**_IN_ORDER, **more}, {**_WITH_EMAIL, **more}
    one = f"{purpose}.visit_and_contact"
    return (
        _rule(f"{purpose}.contact_code", "contact_code", "S-001 D01", mail, _ONLINE_BARS),
        _rule(f"{purpose}.contact_link", "contact_link", "S-001 D02", mail, _ONLINE_BARS),
        _rule(f"{purpose}.saved_code", "saved_code", "S-001 S-019 D09", online, _ONLINE_BARS),
        _rule(f"{purpose}.passkey", "passkey", "S-001 S-008", online, _ONLINE_BARS, in_force=False),
        _rule(f"{one}_code", f"{_DESK} contact_code", "T4 E12", mail, CORRECTIONS),
        _rule(f"{one}_link", f"{_DESK} contact_link", "T4 E12", mail, CORRECTIONS),
        _rule(f"{purpose}.visit_and_second", f"{_DESK} second_approval", "S-066 T4 H03", more),
    )


POLICY: tuple[Rule, ...] = (
    *_for_a_key("recover_key", {}),
    *_for_a_key("unlock_key", _HAD_A_KEY),
    _rule("first_key.visit_and_second", f"{_DESK} second_approval", "S-005 S-066 F15"),
    _rule("replace_contact.second", "visit second_approval", "S-066 S-075"),
    _rule("change_representative.second", "visit second_approval", "S-066 A24"),
    _rule("override_ruc.second", "visit second_approval", "S-066 A12"),
    _rule("register_employer.second", "visit second_approval", "S-066 F15"),
    _rule("make_exception.second", "visit second_approval", "S-066 S-077"),
    _rule("confirm_contact.its_own_link", "new_contact", "S-025"),
    _rule("freeze_case.link", "freeze_link", "S-082 I03"),
    _rule("stop_wait.link", "cancel_link", "D13"),
    _rule("open_at_desk.continuation", "continuation_code", "S-026 S-067"),
    _rule("resume_case.secret", "case_secret", "S-063"),
    _rule("sign_in.key", "key", "S-004 S-012"),
    _rule("sign_in.key_and_totp", "key totp", "D11 S-002"),
    _rule("sign_in.passkey", "passkey", "S-008"),
)


def was_seen(rule: str) -> bool:
    """Whether the rule of this id asks that the person was seen at a centre. An id of no rule was not."""
    return any(one.id == rule and "visit" in one.proofs for one in POLICY)


def answers_second_step(held: Collection[str], rule: str) -> bool:
    """Whether a key that was granted by `rule` on these proofs opens without the code of a second step: it was shown, or the
    person was (S-002)."""
    return "totp" in held or was_seen(rule)


PURPOSES = tuple(dict.fromkeys(rule.purpose for rule in POLICY))


def sufficient(purpose: str, evidence: frozenset[str], facts: Facts) -> Granted:
    """The grant for `purpose`, or `Refused("evidence.not_sufficient")`.

    A key asked for an employer who never had one, or of whom that is unknown, is a first key, whatever
    the purpose says (S-005): then `Refused("evidence.first_key_needs_visit")`.
    """
    asked = _strictest(purpose, facts)
    for rule in POLICY:
        if rule.purpose == asked and _fires(rule, evidence, facts):
            return Granted(rule.id, asked, _scope(asked, evidence, facts))
    if asked != purpose:
        raise Refused("evidence.first_key_needs_visit")
    raise Refused("evidence.not_sufficient", purpose=purpose)


def _strictest(purpose: str, facts: Facts) -> str:
    never = facts.value("key") in ("never", "unknown")
    return "first_key" if never and purpose in ("recover_key", "unlock_key") else purpose


def _fires(rule: Rule, evidence: frozenset[str], facts: Facts) -> bool:
    if not rule.in_force or evidence & (rule.bars | BARS) or not rule.proofs <= evidence:
        return False
    return all(facts.value(name) in values for name, values in rule.facts.items())


def _scope(purpose: str, evidence: frozenset[str], facts: Facts) -> str:
    """A RUC that is still suspended or closed opens a limited key only (issue of the visit; D17)."""
    closed = facts.value("ruc") in ("suspended", "closed") and "ruc_overridden" not in evidence
    return "limited" if purpose.endswith("_key") and closed else "full"


def second_approval(acted: frozenset[int], approver: int, drawn: int) -> str:
    """The token of a second person's approval, for people by their row ids.

    Raises `Refused("approval.same_person")` where the approver acted on this case before, and
    `Refused("approval.not_drawn")` where the system drew somebody else.
    """
    if approver in acted:
        raise Refused("approval.same_person")
    if approver != drawn:
        raise Refused("approval.not_drawn")
    return "second_approval"


@dataclass(frozen=True)
class History:
    """What is known of an employer and of a proof, for the table of risks. None: not known, which is no sign.

    `told` counts the e-mails on record, which hear of a case; `address_employers` those that the address stands
    for; `silent_days` since the last sign-in or key here; `guessed` is a sign-in from an unknown browser that
    followed ten failed ones, within the last 30 days.
    """

    by_contact: bool = True
    told: int = 2
    waits_for_only_contact: bool = True
    contact_changed_days: int | None = None
    address_employers: int = 1
    silent_days: int | None = None
    guessed: bool = False
    second_factor: bool = False


@dataclass(frozen=True)
class Risk:
    """A signal that a takeover may be under way (D13): when it fires, and the tokens that take this one away."""

    signal: str
    fires: Callable[[History], bool]
    because: str
    source: str
    unless: frozenset[str] = frozenset()


CHANGED_DAYS, SILENT_DAYS, MANY_EMPLOYERS, MANY_FAILURES = 30, 365, 3, 10

RISKS: tuple[Risk, ...] = (
    Risk(
        "only_contact",
        lambda h: h.waits_for_only_contact and h.by_contact and h.told <= 1,
        "the code went to the only e-mail on record, and no questions were answered",
        "D13 ADR-0014",
        frozenset({"questions"}),
    ),
    Risk(
        "contact_changed",
        lambda h: h.contact_changed_days is not None and h.contact_changed_days <= CHANGED_DAYS,
        "a contact of this employer changed in the last 30 days",
        "D13 S-075",
    ),
    Risk(
        "shared_address",
        lambda h: h.by_contact and h.address_employers > MANY_EMPLOYERS,
        "the address stands for more than three employers",
        "D13 A26",
    ),
    Risk(
        "long_silence",
        lambda h: h.silent_days is not None and h.silent_days > SILENT_DAYS,
        "nobody signed in for twelve months",
        "D13 S-084",
    ),
    Risk(
        "guessed_key",
        lambda h: h.guessed,
        "the first sign-in from an unknown browser followed ten failed ones or more",
        "D13 N15 S-084",
    ),
)
ANSWERS = frozenset({"second_proof", "waited", "totp"})
SECOND_FACTOR = "second_factor"
"""Stands with a case whose account has a second step: time does not answer it, only its code does (S-002)."""


def signals(history: History, held: frozenset[str]) -> tuple[str, ...]:
    """The risks that stand, in the order of the table; none where a second proof or the wait answered them.

    Where the account has a second step, that is asked instead: it is a second proof anyway.
    """
    if history.second_factor:
        return (SECOND_FACTOR,)
    if held & ANSWERS:
        return ()
    return tuple(risk.signal for risk in RISKS if risk.fires(history) and not held & risk.unless)


def takes_second_proof(held: Collection[str]) -> bool:
    """Whether a saved code or a passkey would be a second proof here: the first one was a message to a contact (D12)."""
    return bool(CONTACT & frozenset(held))


def passkey_answers(days: int | None) -> bool:
    """Whether a passkey added `days` before its case was opened answers a risk; None: not known, which is a no.

    More than `CHANGED_DAYS`, so that it is older than all that the table of risks calls lately: whoever changed the
    contact, guessed the key or found an open session in those days may have added it (D12, ADR-0019). The account's
    second step it does not answer: `at_risk` asks for its code then (S-002).
    """
    return days is not None and days > CHANGED_DAYS


def at_risk(stored: Collection[str], held: frozenset[str]) -> frozenset[str]:
    """The token that bars the online rules while the signals that a case stored are not answered."""
    enough = frozenset({"totp"}) if SECOND_FACTOR in stored else ANSWERS
    return AT_RISK if stored and not held & enough else frozenset()
