"""Answers and a scenario → advice: the reasons, one next action, what will not help, what to bring, dates.

The decision table of FEATURES B01 to B07, B13 to B15, tier 0: everything is declared by the person, no
register is asked. A scenario comes from `core.wording` or from the person's own choice; answers come
from at most six questions, each with *unknown*. Everything here is a code; the sentences stand in
`clavero/guide_words.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from clavero.core import papers, triage, workdays
from clavero.core.errors import Refused
from clavero.core.profile import Basis, Estimate, Paper, Profile
from clavero.core.triage import NONE, SCENARIOS, Change, Doubt, Facts, Reason
from clavero.core.wording import Match
from clavero.core.workdays import Calendar, Deadline

UNKNOWN = "unknown"
WORDING = "wording"
"""What a reason says it comes from where the text alone says so."""
MOST_QUESTIONS = 6
Answers = Mapping[str, str]
"""Key → value, as `parse_answers` returns them. A key that is missing is as good as `unknown`."""

_NO_MATTER = {
    "si": "yes", "sí": "yes", "y": "yes", "true": "yes", "1": "yes", "n": "no", "false": "no", "0": "no",
    "": UNKNOWN, "?": UNKNOWN, "no sé": UNKNOWN, "no se": UNKNOWN, "no_se": UNKNOWN, "unsure": UNKNOWN,
}  # fmt: skip

VALUES: dict[str, tuple[str, ...]] = {
    "email": ("yes", "no"),
    "first_key": ("yes", "no"),
    "ruc_state": ("active", "suspended", "closed"),
    "representative": ("same", "changed", "mismatch"),
    "message": ("arrives", "late", "never", "not_asked"),
    "robot": ("passes", "loops", "page_down"),
    "domestic": ("yes", "no"),
    "branch": ("found", "not_found"),
    "key": ("known", "forgotten", "blocked", "other_kind"),
    "deadline": ("none", *workdays.KINDS),
}
"""What may be answered (INTERFACES), besides `unknown`. `deadline` takes a date (YYYY-MM-DD) too."""

_ALSO: dict[str, dict[str, str]] = {
    "email": dict.fromkeys(("valid", "opens", "ok", "works"), "yes")
    | dict.fromkeys(("none", "invalid", "bounced", "lost", "forgotten", "shared", "dead"), "no"),
    "first_key": {"never": "yes", "had": "no", "first": "yes"},
    "ruc_state": {"activo": "active", "suspendido": "suspended", "cerrado": "closed", "pasivo": "closed", "cancelled": "closed"},
    "representative": dict.fromkeys(("match", "ok", "yes"), "same")
    | dict.fromkeys(("new", "vacant", "left"), "changed")
    | dict.fromkeys(("no", "not_recognised"), "mismatch"),
    "message": dict.fromkeys(("yes", "received", "ok"), "arrives")
    | dict.fromkeys(("expired", "refused"), "late")
    | dict.fromkeys(("no", "none"), "never")
    | dict.fromkeys(("unexpected", "suspicious"), "not_asked"),
    "robot": dict.fromkeys(("yes", "ok", "works"), "passes")
    | dict.fromkeys(("no", "fails", "loop"), "loops")
    | {"down": "page_down"},
    "branch": dict.fromkeys(("yes", "match", "ok", "known"), "found")
    | dict.fromkeys(("no", "mismatch", "wrong"), "not_found"),
    "key": dict.fromkeys(("yes", "active", "remembered"), "known")
    | dict.fromkeys(("no", "lost"), "forgotten")
    | dict.fromkeys(("locked", "disabled"), "blocked")
    | {"wrong_kind": "other_kind"},
    "deadline": {"no": "none", "yes": workdays.CONTRIBUTIONS},
}  # fmt: skip


def parse_answers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Answers as typed → canonical ones; the last of a key wins.

    Raises `Refused("answer.key")` (known) and `Refused("answer.value")` (key, choices).
    """
    found = {}
    for key, value in pairs:
        found[key.strip().casefold()] = parse_answer(key.strip().casefold(), value)
    return found


def parse_answer(key: str, value: str) -> str:
    """One answer in its canonical form. Raises as `parse_answers`."""
    if key not in VALUES:
        raise Refused("answer.key", known=" ".join(VALUES))
    plain = value.strip().casefold()
    for table in (_ALSO.get(key, {}), _NO_MATTER):
        plain = table.get(plain, plain)
    if plain in (*VALUES[key], UNKNOWN) or (key == "deadline" and _is_date(plain)):
        return plain
    raise Refused("answer.value", key=key, choices=" ".join((*VALUES[key], UNKNOWN)))


def _is_date(text: str) -> bool:
    try:
        workdays.day_of(text)
    except Refused:
        return False
    return True


# --- from answers to scenarios ------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """`key=value` declares `raises`. `unless`: not where this other answer stands too (key=value)."""

    id: str
    key: str
    values: tuple[str, ...]
    raises: str
    source: str = "FEATURES B01"
    when: str = ""
    unless: str = ""
    valid_from: date = date(2024, 1, 1)
    version: int = 1


RULES: tuple[Rule, ...] = (
    Rule("answer-fraud", "message", ("not_asked",), "suspected_fraud", "DOMAIN §7.2, §7.6"),
    Rule("answer-ruc", "ruc_state", ("suspended", "closed"), "ruc_not_active", triage.REPORTED),
    Rule("answer-changed", "representative", ("changed",), "representative_changed", "FEATURES A21"),
    Rule("answer-first", "first_key", ("yes",), "first_key", triage.REPORTED),
    Rule("answer-email", "email", ("no",), "email_not_valid", triage.REPORTED),
    Rule("answer-nothing", "message", ("never",), "email_not_valid", "FEATURES A14, A16"),
    Rule("answer-domestic", "branch", ("not_found",), "domestic_format", "FEATURES A07", when="domestic=yes"),
    Rule("answer-branch", "branch", ("not_found",), "branch_or_ruc_mismatch", "FEATURES A05, A09", unless="domestic=yes"),
    Rule("answer-person", "representative", ("mismatch",), "representative_mismatch", "FEATURES A04"),
    Rule("answer-kind", "key", ("other_kind",), "wrong_key_kind", "DOMAIN §1.1"),
    Rule("answer-down", "robot", ("page_down",), "portal_down"),
    Rule("answer-robot", "robot", ("loops",), "captcha_loop", "FEATURES C04"),
    Rule("answer-late", "message", ("late",), "code_expired", "FEATURES D20"),
    Rule("answer-blocked", "key", ("blocked",), "key_blocked", "FEATURES A01"),
    Rule("answer-forgot", "key", ("forgotten",), "key_forgotten", "FEATURES A01"),
)  # fmt: skip
"""In the order of causes: somebody else's deed, then the cause, then its symptom."""

RULED_OUT: dict[str, tuple[str, ...]] = {
    "email_not_valid": ("email=yes", "message=arrives", "message=late"),
    "code_expired": ("message=arrives", "message=never"),
    "first_key": ("first_key=no",),
    "ruc_not_active": ("ruc_state=active",),
    "representative_changed": ("representative=same",),
    "representative_mismatch": ("representative=same",),
    "branch_or_ruc_mismatch": ("branch=found", "domestic=yes"),
    "domestic_format": ("domestic=no", "branch=found"),
    "captcha_loop": ("robot=passes", "robot=page_down"),
    "portal_down": ("robot=passes", "robot=loops"),
    "key_blocked": ("key=known", "key=forgotten"),
    "key_forgotten": ("key=known", "key=blocked"),
    "wrong_key_kind": ("key=known", "key=blocked", "key=forgotten"),
}
"""The answers that say a scenario is not it, whatever the wording suggested."""


def declared(answers: Answers, on: date | None = None) -> dict[str, str]:
    """Scenario → the answer that raises it, causes first."""
    found: dict[str, str] = {}
    for rule in RULES:
        said = f"{rule.key}={answers.get(rule.key, UNKNOWN)}"
        if answers.get(rule.key) in rule.values and _holds(rule, answers, on):
            found.setdefault(rule.raises, said)
    return found


def _holds(rule: Rule, answers: Answers, on: date | None) -> bool:
    said = {f"{key}={value}" for key, value in answers.items()}
    if on is not None and rule.valid_from > on:
        return False
    return (not rule.when or rule.when in said) and rule.unless not in said


def is_ruled_out(scenario: str, answers: Answers) -> bool:
    """Whether an answer says that it cannot be this."""
    said = {f"{key}={value}" for key, value in answers.items()}
    return bool(said & set(RULED_OUT.get(scenario, ())))


def settle(ranked: Iterable[str], answers: Answers) -> str:
    """The first scenario of `ranked` (likeliest first) that no answer rules out, else `none`."""
    return next((each for each in ranked if not is_ruled_out(each, answers)), NONE)


def facts(answers: Answers, codes: Iterable[str] = ()) -> Facts:
    """What the answers say, in the terms of `core.triage`; `codes` are the scenarios that are declared."""
    domestic = answers.get("domestic") == "yes"
    ruc = "not_applicable" if domestic else answers.get("ruc_state", UNKNOWN)
    return Facts(
        email={"yes": "valid"}.get(answers.get("email", ""), UNKNOWN),
        key={"no": "active"}.get(answers.get("first_key", ""), UNKNOWN),
        representative={"same": "match"}.get(answers.get("representative", ""), UNKNOWN),
        branch={"found": "match"}.get(answers.get("branch", ""), UNKNOWN),
        ruc="unknown" if ruc in ("suspended", "closed") else ruc,
        domestic=domestic,
        declared=frozenset(codes),
    )


# --- what each scenario means ------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A row of the decision table: exactly one `next`, what will not help, which checks stand (B04, B15).

    `asks`: the questions that tell this scenario from its neighbours, most telling first.
    """

    next: str
    not_helpful: tuple[str, ...]
    bases: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


TABLE: dict[str, Entry] = {
    "email_not_valid": Entry("replace_email", ("more_tries", "new_mailbox", "somebody_elses_mail"), ("possession", "two_people"), ("email", "message")),
    "code_expired": Entry("ask_new_code", ("many_codes", "older_code"), ("possession",), ("message", "email")),
    "first_key": Entry("prepare_first_key", ("recovering_what_never_was", "somebody_elses_key"), ("first_key", "two_people"), ("first_key", "domestic")),
    "ruc_not_active": Entry("visit_as_it_is", ("more_tries", "other_ruc"), ("ruc_status",), ("ruc_state", "domestic")),
    "representative_mismatch": Entry("check_the_person", ("other_persons_number", "more_tries"), ("possession",), ("representative", "domestic")),
    "representative_changed": Entry("new_person_visits", ("old_key", "other_persons_number"), ("possession", "two_people"), ("representative", "email")),
    "branch_or_ruc_mismatch": Entry("correct_number", ("guessing_branches", "more_tries"), ("possession",), ("branch", "domestic")),
    "domestic_format": Entry("tick_domestic", ("business_ruc", "guessing_branches"), ("possession",), ("domestic", "branch")),
    "captcha_loop": Entry("change_browser", ("more_tries", "faster_clicks"), (), ("robot",)),
    "key_blocked": Entry("unlock_online", ("more_tries", "waiting_only"), ("possession",), ("key", "email")),
    "key_forgotten": Entry("recover_online", ("guessing_keys", "asking_for_the_key"), ("possession",), ("key", "email", "first_key")),
    "no_appointment": Entry("find_slot", ("paying_for_a_slot", "refreshing"), (), ("email", "first_key", "ruc_state")),
    "wrong_key_kind": Entry("use_employer_key", ("other_key", "changing_the_other_key"), ("possession",), ("key", "first_key")),
    "questions_failed": Entry("visit_instead_of_questions", ("guessing_answers",), ("possession", "two_people"), ("email",)),
    "portal_down": Entry("come_back_later", ("more_tries", "new_key_meanwhile"), (), ("robot",)),
    "suspected_fraud": Entry("report_now", ("answering_them", "paying"), ("possession", "two_people"), ("message", "email")),
    NONE: Entry("answer_questions", (), (), ("key", "message", "branch", "representative", "robot", "first_key")),
}  # fmt: skip
"""Scenario → its row. Every sentence of it stands in `clavero/guide_words.py`, in two languages."""

QUESTIONS = ("message", "email", "first_key", "representative", "branch", "robot", "key", "ruc_state", "domestic", "deadline")  # fmt: skip
"""The order in which questions are asked where nothing points elsewhere."""


def next_question(answers: Answers, scenario: str = NONE) -> str | None:
    """The key of the next question, or None when enough is known or six are asked. `unknown` counts as asked.

    An obstacle that was named ends the questions, but for the household's (it decides the papers).
    """
    if len(answers) >= MOST_QUESTIONS:
        return None
    raised = declared(answers)
    if raised or scenario != NONE:
        lead = lead_of(scenario, raised, answers)
        wanted: Iterable[str] = TABLE[lead].asks if not raised else ()
    else:
        wanted = (*TABLE[NONE].asks, *QUESTIONS)
    return next((key for key in wanted if key not in answers), None)


def lead_of(scenario: str, raised: Iterable[str], answers: Answers) -> str:
    """The scenario that decides: the most demanding route; where routes are equal, the one given, then the cause."""
    given = [scenario] if scenario in SCENARIOS and not is_ruled_out(scenario, answers) else []
    candidates = [*given, *raised]
    return max(candidates, key=lambda each: triage.demand(triage.ROUTES[each]), default=NONE)


# --- time --------------------------------------------------------------------------------------------

MINUTES, WORKING_DAYS = "minutes", "working_days"
_DAY_MINUTES = 480
_ESTIMATE_OF_ROUTE = {
    triage.ONLINE: "online", triage.CORRECT_DATA: "correct_data", triage.VISIT: "visit", triage.WAIT: "online",
    triage.ELSEWHERE: "online", triage.REPORT: "visit", triage.UNKNOWN: "visit",
}  # fmt: skip


def estimate(scenario: str, route: str, known: Iterable[Estimate]) -> Estimate | None:
    """How long it takes: the scenario's own range, else its route's. Earlier rows of `known` win.

    Put an institution's measured figures before the profile's reported ones. None where nobody knows.
    """
    rows: dict[str, Estimate] = {}
    for row in known:
        rows.setdefault(row.scenario, row)
    found = rows.get(scenario) or rows.get(_ESTIMATE_OF_ROUTE[route])
    return replace(found, min=0) if found and route == triage.UNKNOWN else found


def days_of(found: Estimate) -> tuple[int, int]:
    """The range in working days; minutes beyond a day of eight hours count as days."""
    if found.unit == WORKING_DAYS:
        return found.min, found.max
    return found.min // _DAY_MINUTES, found.max // _DAY_MINUTES


@dataclass(frozen=True)
class Dates:
    """`from_` and `to`: when it is likely solved. `slack_days`: working days left until `due_on`; negative: too late."""

    from_: date
    to: date
    due_on: date | None = None
    slack_days: int | None = None


def dates(found: Estimate | None, on: date, due_on: date | None, calendar: Calendar) -> Dates:
    """A range turned into days. Something online can be done on `on` itself, whatever day it is."""
    least, most = days_of(found) if found else (0, 0)
    first = on if least == 0 else workdays.add_workdays(on, least, calendar)
    last = on if most == 0 else workdays.add_workdays(on, most, calendar)
    return Dates(first, last, due_on, None if due_on is None else slack(last, due_on, calendar))


def slack(ready: date, due_on: date, calendar: Calendar) -> int:
    """Working days from `ready` to `due_on`; negative where it is ready only after."""
    if ready <= due_on:
        return workdays.between(ready, due_on, calendar)
    return -max(1, workdays.between(due_on, ready, calendar))


@dataclass(frozen=True)
class Step:
    """A day and what belongs on it: triage, fix, latest_start, ready_from, ready_to, due."""

    code: str
    on: date


@dataclass(frozen=True)
class Plan:
    """From the due day back to today (B07). `late`: it will not be ready in time; then `alternatives` are codes."""

    steps: tuple[Step, ...]
    late: bool
    alternatives: tuple[str, ...]


ALTERNATIVES: dict[str, tuple[str, ...]] = {
    triage.VISIT: ("other_centre", "waiting_list", "file_late"),
    triage.WAIT: ("other_hour", "visit", "file_late"),
}


def plan(
    on: date,
    found: Estimate | None,
    route: str,
    due_on: date | None,
    calendar: Calendar,
    slot_on: date | None = None,
) -> Plan:
    """Triage today, fix on the next working day (or at the appointment, `slot_on`), and the last day to start.

    What takes no whole day is fixed today where tomorrow would be too late.
    """
    fix = slot_on or workdays.add_workdays(on, 1, calendar)
    is_short = slot_on is None and found is not None and days_of(found)[1] == 0
    if is_short and due_on is not None and due_on < fix:
        fix = on
    ready = dates(found, fix, due_on, calendar)
    steps = [
        Step("triage", on),
        Step("fix", fix),
        Step("ready_from", ready.from_),
        Step("ready_to", ready.to),
    ]
    if due_on is not None:
        most = days_of(found)[1] if found else 0
        steps += [Step("latest_start", _before(due_on, most, calendar)), Step("due", due_on)]
    late = due_on is not None and ready.to > due_on
    steps.sort(key=lambda step: step.on)
    return Plan(tuple(steps), late, ALTERNATIVES.get(route, ("visit", "file_late")) if late else ())  # fmt: skip


def _before(due_on: date, days: int, calendar: Calendar) -> date:
    return workdays.add_workdays(due_on, -days, calendar) if days else due_on


def deadline(
    kind: str, on: date, profile: Profile, event_on: date | None = None, province: str = ""
) -> Deadline:
    """The next day on which a duty of `kind` falls due. Notices count from `event_on` (that day itself: `on`)."""
    if kind != workdays.CONTRIBUTIONS:
        return workdays.notice(kind, event_on or on, profile.calendar)
    month = f"{on:%Y-%m}"
    found = workdays.contributions(month, profile.calendar, profile.deadline_overrides, province)
    if found.due_on >= on:
        return found
    later = on.replace(year=on.year + on.month // 12, month=on.month % 12 + 1, day=1)
    return workdays.contributions(
        f"{later:%Y-%m}", profile.calendar, profile.deadline_overrides, province
    )


def due_from(answers: Answers, on: date, profile: Profile) -> date | None:
    """The due day that the answer `deadline` names: a date, or a kind of duty; None for none and unknown."""
    said = answers.get("deadline", UNKNOWN)
    if said in (UNKNOWN, "none"):
        return None
    return deadline(said, on, profile).due_on if said in workdays.KINDS else date.fromisoformat(said)  # fmt: skip


# --- advice ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Advice:
    """What to say to somebody who is stuck. `next`, `not_helpful` and the scenario are codes with sentences."""

    scenario: str
    route: str
    reasons: tuple[Reason, ...]
    doubts: tuple[Doubt, ...]
    next: str
    not_helpful: tuple[str, ...]
    bases: tuple[Basis, ...]
    bring: tuple[Paper, ...]
    time: Estimate | None
    dates: Dates
    plan: Plan
    what_would_change: tuple[Change, ...]
    rules: str = triage.RULES_VERSION


def advise(
    answers: Answers, scenario: str, on: date, profile: Profile, due_on: date | None = None,
    measured: Iterable[Estimate] = (), because: str = "",
) -> Advice:  # fmt: skip
    """The advice for these answers and this scenario (`none` where there is none).

    `answers` as `parse_answers` returns them; `on` today; `due_on` wins over the answer `deadline`;
    `measured` wins over the profile's reported times; `because` says where the scenario comes from.
    Raises `Refused("scenario.unknown")`.
    """
    if scenario not in (*SCENARIOS, NONE):
        raise Refused("scenario.unknown")
    lead, route, reasons, doubts = _verdict(answers, scenario, on, because)
    found = estimate(lead, route, (*measured, *profile.estimates))
    due = due_on or due_from(answers, on, profile)
    entry = TABLE[lead]
    return Advice(
        lead, route, reasons, doubts, _next(lead, route, answers), entry.not_helpful, bases(entry, profile),
        bring(reasons, route, answers, profile, on), found, dates(found, on, due, profile.calendar),
        plan(on, found, route, due, profile.calendar), changes(answers, scenario, on),
    )  # fmt: skip


def _verdict(
    answers: Answers, scenario: str, on: date | None, because: str = ""
) -> tuple[str, str, tuple[Reason, ...], tuple[Doubt, ...]]:
    """The scenario that leads, the route, every reason (leading one first) and every doubt."""
    raised = declared(answers, on)
    lead = lead_of(scenario, raised, answers)
    if scenario in SCENARIOS and not is_ruled_out(scenario, answers):
        raised = {scenario: because or f"scenario={scenario}"} | raised
    verdict = triage.assess(facts(answers, raised), on)
    given = sorted(verdict.reasons, key=lambda reason: (reason.code != lead, [*raised].index(reason.code)))  # fmt: skip
    reasons = tuple(replace(reason, because=raised[reason.code]) for reason in given)
    return lead, verdict.route, reasons, _doubts(verdict.doubts, lead)


def _doubts(found: tuple[Doubt, ...], lead: str) -> tuple[Doubt, ...]:
    """What is not known and might stop this person. Whoever got as far as the message has passed every look-up."""
    return () if lead in ("code_expired", "suspected_fraud") else found


def _next(lead: str, route: str, answers: Answers) -> str:
    """Without an obstacle: the questions, as long as one is left; then the try itself, which says what it meets."""
    if lead == NONE and (route == triage.ONLINE or next_question(answers) is None):
        return "recover_online"
    return TABLE[lead].next


def bases(entry: Entry, profile: Profile) -> tuple[Basis, ...]:
    """The checks that stand in this scenario and cannot be bypassed (B15)."""
    return tuple(basis for basis in profile.bases if basis.code in entry.bases)


def bring(
    reasons: Iterable[Reason], route: str, answers: Answers, profile: Profile, on: date
) -> tuple[Paper, ...]:
    """What to bring for all reasons together, so that one visit is enough; nothing where no visit is needed."""
    if route != triage.VISIT:
        return ()
    kind = "domestic" if answers.get("domestic") == "yes" else ""
    return papers.needed(profile.papers, (reason.code for reason in reasons), kind, (), on)


def changes(answers: Answers, scenario: str, on: date | None = None) -> tuple[Change, ...]:
    """What would change the route: each answer that, given otherwise, leads elsewhere; else what would solve it."""
    here = _verdict(answers, scenario, on)[1]
    found = []
    for key, values in VALUES.items():
        for value in values if key != "deadline" else ():
            then = _verdict({**answers, key: value}, scenario, on)[1]
            if answers.get(key) != value and then != here:
                found.append(Change(f"{key}={value}", then))
    return tuple(found) or (Change("everything above solved", triage.ONLINE),)


# --- the table and the questions people ask ----------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How a scenario stands after answers and wording: `score` of 1; `because`: an answer, or words of the text."""

    scenario: str
    score: float
    because: tuple[str, ...]


def standings(advice: Advice, match: Match | None, answers: Answers) -> tuple[Standing, ...]:
    """What leads, then what the answers say, then what the wording says; never fewer than three."""
    told = {each.code: each.because for each in advice.reasons if each.because != WORDING}
    read = {each.scenario: each for each in match.ranked} if match else {}
    lead = [advice.scenario] if advice.scenario != NONE else []
    open_ = [each for each in (*read, *SCENARIOS) if not is_ruled_out(each, answers)]
    order = tuple(dict.fromkeys((*lead, *told, *open_, *SCENARIOS)))
    return tuple(
        Standing(each, 1.0, (told[each],)) if each in told
        else Standing(each, read[each].score, tuple(b.words for b in read[each].because)) if each in read
        else Standing(each, 0.0, ())
        for each in order[: max(3, len(lead), len(told), len(read))]
    )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of the public decision table (B01): what is seen → scenario → route, next action, time."""

    scenario: str
    route: str
    next: str
    time: Estimate | None


def table(profile: Profile, measured: Iterable[Estimate] = ()) -> tuple[Row, ...]:
    """The whole decision table, causes first."""
    known = (*measured, *profile.estimates)
    order = dict.fromkeys((*(rule.raises for rule in RULES), *SCENARIOS))
    return tuple(
        Row(each, triage.ROUTES[each], TABLE[each].next, estimate(each, triage.ROUTES[each], known))
        for each in order
    )


FAQ: dict[str, str] = {
    "where_to_start": "answer_questions",
    "what_to_have": "recover_online",
    "no_message": "replace_email",
    "no_email": "replace_email",
    "ruc_closed": "visit_as_it_is",
    "first_key": "prepare_first_key",
    "domestic_numbers": "tick_domestic",
    "without_representative": "new_person_visits",
    "generate_and_recover": "answer_questions",
    "why_blocked": "unlock_online",
    "how_long": "answer_questions",
}
"""Question (B16) → the one next action that ends its answer."""

ACTIONS: tuple[str, ...] = tuple(dict.fromkeys(entry.next for entry in TABLE.values()))
