"""Facts → verdict: one route, every reason, every doubt, one next action, and what would change it.

A list of rules; all that apply are reported; the route is the most demanding. Unknown is a value: it
raises a doubt and never a guess. Source of the three official conditions: DOMAIN §1.3; of the rest:
FEATURES A04, A05, A12, A14, A26. Every reason has a class of visibility (S-058).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

RULES_VERSION = "2026-11"
SCENARIOS = (
    "email_not_valid", "code_expired", "first_key", "ruc_not_active", "representative_mismatch", "representative_changed",
    "branch_or_ruc_mismatch", "domestic_format", "captcha_loop", "key_blocked", "key_forgotten", "no_appointment",
    "wrong_key_kind", "questions_failed", "portal_down", "suspected_fraud",
)  # fmt: skip
NONE = "none"
"""No scenario: cannot tell."""

PUBLIC, AFTER_PROOF, STAFF = "public", "after_proof", "staff"

ONLINE, VISIT, CORRECT_DATA, WAIT, ELSEWHERE, REPORT, UNKNOWN = (
    "online", "visit", "correct_data", "wait", "elsewhere", "report", "unknown",
)  # fmt: skip
_DEMAND = (ONLINE, UNKNOWN, CORRECT_DATA, WAIT, ELSEWHERE, VISIT, REPORT)
"""Later wins. A report goes before everything: until somebody's deed is stopped, nothing else is safe."""

SITUATIONS = ("first_key", "representative_changed", "no_email", "ruc_not_active", "unknown")
"""What a person may declare before proof (field `situation`)."""


@dataclass(frozen=True)
class Facts:
    """What is known when somebody presses *Validar*. Every field has a value that says "not known"."""

    known: bool | None = None
    branch: str = "unknown"  # match mismatch unknown
    representative: str = (
        "unknown"  # match mismatch changed vacant unknown; in a list declared not_the_rucs
    )
    email: str = "unknown"  # valid shared invalid bounced none unknown
    key: str = "unknown"  # never active blocked disabled unknown
    ruc: str = "unknown"  # active suspended closed unknown not_applicable
    ruc_as_of: date | None = None
    ruc_source: str = "catastro"  # catastro online
    domestic: bool = False
    kind: str = "unknown"
    declared: frozenset[str] = frozenset()

    def value(self, name: str) -> str:
        """A fact as a word: `known` is yes, no or unknown."""
        if name == "known":
            return {True: "yes", False: "no", None: "unknown"}[self.known]
        return str(getattr(self, name))


@dataclass(frozen=True)
class Reason:
    """Why the route is what it is: a scenario code, who may know it, the rule that said it, and from what."""

    code: str
    cls: str
    rule: str
    because: str


@dataclass(frozen=True)
class Doubt:
    """Something that could not be looked up and might matter."""

    code: str
    because: str


@dataclass(frozen=True)
class Change:
    """With another value of one fact, another route."""

    if_: str
    then: str


@dataclass(frozen=True)
class Verdict:
    """`retry_allowed`: a slip in what was typed would explain it, so that one corrected try is free."""

    route: str
    reasons: tuple[Reason, ...]
    doubts: tuple[Doubt, ...]
    next: str
    what_would_change: tuple[Change, ...] = ()
    retry_allowed: bool = False
    rules: str = RULES_VERSION


@dataclass(frozen=True)
class Rule:
    """One condition on facts. `raises` is the scenario code, `route` what it demands."""

    id: str
    raises: str
    cls: str
    route: str
    applies: Callable[[Facts], str]
    source: str
    valid_from: date = date(2024, 1, 1)
    version: int = 1


def _is(field: str, *values: str) -> Callable[[Facts], str]:
    def applies(facts: Facts) -> str:
        value = getattr(facts, field)
        return f"{field}={value}" if value in values else ""

    return applies


def _declared(value: str) -> Callable[[Facts], str]:
    return lambda facts: f"declared={value}" if value in facts.declared else ""


def _not_known(facts: Facts) -> str:
    return "known=no" if facts.known is False else ""


def still_says(as_of: date | None, today: date, days: int) -> bool:
    """Whether a copy of that date may still say how a RUC stands; `days` 0: whatever its age (S-073).

    A copy whose date nobody knows, or of a day that has not come, says nothing where an age is asked for.
    """
    return days == 0 or (as_of is not None and 0 <= (today - as_of).days <= days)


REPORTED = "DOMAIN §1.3, reported practice"
OURS = date(2026, 11, 1)
ROUTES: dict[str, str] = {
    "email_not_valid": VISIT, "code_expired": ONLINE, "first_key": VISIT, "ruc_not_active": VISIT,
    "representative_mismatch": CORRECT_DATA, "representative_changed": VISIT, "branch_or_ruc_mismatch": CORRECT_DATA,
    "domestic_format": CORRECT_DATA, "captcha_loop": ONLINE, "key_blocked": ONLINE, "key_forgotten": ONLINE,
    "no_appointment": VISIT, "wrong_key_kind": ELSEWHERE, "questions_failed": VISIT, "portal_down": WAIT,
    "suspected_fraud": REPORT,
}  # fmt: skip
"""Where each scenario leads when a person declares it and no register is asked (FEATURES B01, tier 0)."""

RULES: tuple[Rule, ...] = (
    Rule("ruc-1", "ruc_not_active", PUBLIC, VISIT, _is("ruc", "suspended", "closed"), REPORTED),
    Rule("ruc-2", "ruc_not_active", PUBLIC, VISIT, _declared("ruc_not_active"), REPORTED),
    Rule("first-1", "first_key", AFTER_PROOF, VISIT, _is("key", "never"), REPORTED),
    Rule("first-2", "first_key", PUBLIC, VISIT, _declared("first_key"), REPORTED),
    Rule("mail-1", "email_not_valid", AFTER_PROOF, VISIT, _is("email", "none", "invalid", "bounced"), REPORTED),
    Rule("mail-2", "email_not_valid", PUBLIC, VISIT, _declared("no_email"), REPORTED),
    Rule("mail-3", "email_not_valid", AFTER_PROOF, VISIT, _is("email", "shared"), "FEATURES A26", OURS),
    Rule("who-1", "representative_mismatch", AFTER_PROOF, VISIT, _is("representative", "mismatch"), "FEATURES A04"),
    Rule("who-2", "representative_changed", AFTER_PROOF, VISIT, _is("representative", "changed", "vacant"), "FEATURES A21"),
    Rule("who-3", "representative_changed", PUBLIC, VISIT, _declared("representative_changed"), "FEATURES A21"),
    Rule("who-4", "representative_mismatch", PUBLIC, CORRECT_DATA, _is("representative", "not_the_rucs"), "FEATURES A05"),
    Rule("what-1", "branch_or_ruc_mismatch", AFTER_PROOF, VISIT, _is("branch", "mismatch"), "FEATURES A05"),
    Rule("what-2", "branch_or_ruc_mismatch", AFTER_PROOF, VISIT, _not_known, "FEATURES A05"),
    Rule("key-1", "key_blocked", AFTER_PROOF, ONLINE, _is("key", "blocked", "disabled"), "FEATURES A01"),
    *(
        Rule(f"said-{scenario}", scenario, PUBLIC, ROUTES[scenario], _declared(scenario), "FEATURES B01")
        for scenario in SCENARIOS if scenario not in SITUATIONS
    ),
)  # fmt: skip

SLIPS = frozenset(("representative_mismatch", "branch_or_ruc_mismatch"))
"""Scenarios that a slip of the finger explains."""

_DOUBTS = (
    ("ruc", "ruc_not_active", "the register of RUCs has nothing on this number"),
    ("email", "email_not_valid", "the e-mail on record is not known here"),
    ("key", "first_key", "whether a key was ever issued is not known here"),
    ("representative", "representative_mismatch", "who represents the employer is not known here"),
    ("branch", "branch_or_ruc_mismatch", "the employer's branches are not known here"),
)


def assess(facts: Facts, on: date | None = None) -> Verdict:
    """The verdict on `facts` by the rules in force on that day (all of them, where no day is given).

    Total: every combination has exactly one route, and no route is a dead end.
    """
    base = _assess(facts, on)
    return replace(base, what_would_change=_changes(facts, base.route))


def in_force(on: date | None) -> tuple[Rule, ...]:
    """The rules valid on that day."""
    return RULES if on is None else tuple(rule for rule in RULES if rule.valid_from <= on)


def _assess(facts: Facts, on: date | None = None) -> Verdict:
    fired = [(rule, why) for rule in in_force(on) if (why := rule.applies(facts))]
    reasons = _once(Reason(rule.raises, rule.cls, rule.id, why) for rule, why in fired)
    doubts = _doubts(facts, {reason.code for reason in reasons})
    route = max((rule.route for rule, _ in fired), key=demand, default=ONLINE)
    if route == ONLINE and doubts and not facts.declared:
        route = UNKNOWN
    slip = bool(SLIPS & {reason.code for reason in reasons})
    return Verdict(route, reasons, doubts, _next(route), retry_allowed=slip)


def demand(route: str) -> int:
    """How much a route asks: the greatest of several decides."""
    return _DEMAND.index(route)


def _once(reasons) -> tuple[Reason, ...]:  # type: ignore[no-untyped-def]
    """Each scenario once; where two rules say it, the one that more people may know."""
    kept: dict[str, Reason] = {}
    for reason in reasons:
        if reason.code not in kept or reason.cls == PUBLIC:
            kept[reason.code] = reason
    return tuple(kept.values())


def _doubts(facts: Facts, said: set[str]) -> tuple[Doubt, ...]:
    return tuple(
        Doubt(code, because)
        for field, code, because in _DOUBTS
        if getattr(facts, field) == "unknown" and code not in said and facts.known is not False
    )


def _next(route: str) -> str:
    return {
        ONLINE: "recover_online", UNKNOWN: "try_online_then_visit", CORRECT_DATA: "correct_data", WAIT: "wait",
        ELSEWHERE: "go_elsewhere", VISIT: "prepare_visit", REPORT: "report",
    }[route]  # fmt: skip


_CURES: dict[str, tuple[str, ...]] = {
    "ruc": ("active",),
    "email": ("valid",),
    "key": ("active",),
    "representative": ("match",),
    "branch": ("match",),
}


def _changes(facts: Facts, route: str) -> tuple[Change, ...]:
    """What one fact would have to be; where no single one is enough, all of them together."""
    found = []
    for field, values in _CURES.items():
        for value in values:
            other = _assess(replace(facts, **{field: value})).route  # type: ignore[arg-type]
            if getattr(facts, field) not in (value, "not_applicable") and other != route:
                found.append(Change(f"{field}={value}", other))
    if found or route == ONLINE:
        return tuple(found) or _what_would_stop(facts)
    return (Change("everything above solved", ONLINE),)


def _what_would_stop(facts: Facts) -> tuple[Change, ...]:
    worse = {"ruc": "suspended", "email": "bounced", "representative": "changed"}
    if facts.domestic:
        del worse["ruc"]
    return tuple(Change(f"{field}={value}", VISIT) for field, value in worse.items())


def before_proof(facts: Facts) -> Verdict:
    """What may be said to a stranger: from what they declare and from the public state of the RUC, nothing else.

    Two employers with the same public state get the same verdict, and so does one who does not exist.
    """
    return assess(
        Facts(
            ruc=facts.ruc,
            ruc_as_of=facts.ruc_as_of,
            ruc_source=facts.ruc_source,
            domestic=facts.domestic,
            declared=facts.declared,
        )
    )


_LIST_NEXT = {CORRECT_DATA: "correct_data", UNKNOWN: "ask_the_sri", VISIT: "prepare_visit"}


def from_list(facts: Facts, *, faulty: bool = False) -> Verdict:
    """The verdict on a row of a list: how it is written, the public state of the RUC, what it declares.

    Nobody is asked who knows more, so that a doubt stays a doubt: it is said, and decides nothing. Only
    a RUC whose state nobody knows leaves the route open. `faulty` says that something written is to be corrected.
    """
    fired = [(rule, why) for rule in RULES if (why := rule.applies(facts))]
    fired.sort(key=lambda pair: -_DEMAND.index(pair[0].route))
    reasons = _once(Reason(rule.raises, rule.cls, rule.id, why) for rule, why in fired)
    doubts = _doubts(facts, {reason.code for reason in reasons})
    routes = [rule.route for rule, _ in fired] + [CORRECT_DATA] * faulty
    route = max(routes, key=_DEMAND.index, default=ONLINE)
    if route == ONLINE and facts.ruc == "unknown":
        route = UNKNOWN
    fallback = "try_online_then_visit" if doubts else "recover_online"
    return Verdict(route, reasons, doubts, _LIST_NEXT.get(route, fallback))


def visible(reason: Reason, tier: str) -> bool:
    """Whether `reason` may be shown to `tier` (public, after_proof, staff). An undeclared class is never shown."""
    order = (PUBLIC, AFTER_PROOF, STAFF)
    if reason.cls not in order or tier not in order:
        return False
    return order.index(reason.cls) <= order.index(tier)
