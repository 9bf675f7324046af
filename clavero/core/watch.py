"""What is watched: two tables of rules. Attacks from outside by their numbers (S-054), the work of staff by its pace (S-076).

Pure: counts and deeds in, what is out of the ordinary out. What is found about a person is a question, never an
accusation: each rule has a sentence that says what was counted and another that asks. Words: `watch.CODE` and, for
questions, `watch.CODE.ask`, in clavero.words.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clavero.core import slots
from clavero.core.profile import Watch
from clavero.core.slots import Site
from clavero.core.workdays import Calendar

HOUR = timedelta(hours=1)


# --- attacks ------------------------------------------------------------------------------------------


METRICS: dict[str, str] = {
    "requests": "cases opened in the last hour",
    "challenges": "human checks handed out and not spent",
    "codes_right": "proofs by a code or link in the last hour",
    "employers_right": "employers for whom there was one",
    "codes_wrong": "wrong codes, answers and links in the last hour",
    "signins": "good sign-ins in the last hour",
    "accounts_in": "accounts of those sign-ins",
    "signins_failed": "failed sign-ins in the last hour",
    "staff_signins_failed": "failed sign-ins of staff in the last hour",
    "throttled": "requests that the limits refused which are full now",
    "accounts_tried": "accounts, known or not, that somebody tried in the last hour without getting in",
    "employers_asked": "employer numbers, known or not, for which a case was asked in the last hour",
    "networks_asked": "networks that asked for a case in the last hour",
    "employers_per_network": "employer numbers for each of those networks, on average",
    "employers_of_one_network": "about how many employer numbers the one network asked for in its hour that asked for most, shared ones left out",
    "accounts_of_one_network": "about how many accounts the one network tried in its hour that tried most, shared ones left out",
    "fullest_network_percent": "how full the fullest limit of one network is",
    "networks_refused": "networks that are refused now",
    "networks_refused_without_signin": "of them, those from which nobody signed in",
    "messages": "messages put into the outbox in the last hour",
    "messages_dead": "of them, given up",
    "sms_day_percent": "how much of the day's budget of messages to mobiles is spent",
}
"""What /mesa/metrics says, in its order: name → what it counts. Nothing of anybody."""


@dataclass(frozen=True)
class Alarm:
    """An attack shows: `counts` stands above `limit`, and is at least `percent` of itself and `beside` together.

    `beside` is what an attacker cannot make much of: how many got in or were reached, never how often one of them did.
    """

    code: str
    counts: str
    limit: int
    beside: str = ""
    percent: int = 0

    @property
    def said(self) -> str:
        """The code of its sentence."""
        return f"watch.{self.code}"

    def fires(self, numbers: Mapping[str, float]) -> bool:
        """Whether these numbers ring it."""
        found = numbers[self.counts]
        whole = found + (numbers[self.beside] if self.beside else 0)
        return found > self.limit and found * 100 >= self.percent * whole


ALARMS: tuple[Alarm, ...] = (
    Alarm("spray", "accounts_tried", 100, beside="accounts_in", percent=50),
    Alarm("network", "networks_refused_without_signin", 0),
    Alarm("enumeration", "employers_of_one_network", 40),
    Alarm("guessing", "codes_wrong", 200, beside="employers_right", percent=50),
    Alarm("failures", "signins_failed", 500, beside="accounts_in", percent=60),
    Alarm("challenges", "challenges", 5000),
    Alarm("sms", "sms_day_percent", 80),
    Alarm("undelivered", "messages_dead", 50, beside="messages", percent=10),
    Alarm("staff", "staff_signins_failed", 20),
)
"""Limits are ours, for one server of a country: docs/operations.md says what each means and what to do."""


def ringing(numbers: Mapping[str, float]) -> list[Alarm]:
    """The alarms that these numbers ring, in the order of the table."""
    return [alarm for alarm in ALARMS if alarm.fires(numbers)]


# --- the work of staff --------------------------------------------------------------------------------


VISIT, ASKED, DECIDED = "visit", "asked", "decided"
APPROVED = "approved"


@dataclass(frozen=True)
class Deed:
    """Something that a member of staff did: opened a visit, asked for a second decision, or made one.

    `employer` is a keyed hash; `open` whether the centre was; `outcome` how it was decided, "" for a visit.
    """

    kind: str
    staff: int
    at: datetime
    employer: str = ""
    open: bool = True
    outcome: str = ""


@dataclass(frozen=True)
class Question:
    """What is out of the ordinary about one member of staff, by number: how much, where `limit` is usual."""

    code: str
    staff: int
    count: int
    limit: int
    days: int

    @property
    def said(self) -> str:
        """The code of the sentence that says what was counted."""
        return f"watch.{self.code}"

    @property
    def asks(self) -> str:
        """The code of the sentence that asks."""
        return f"watch.{self.code}.ask"


@dataclass(frozen=True)
class Answered:
    """What somebody answered to a question: about whom, at which count, when."""

    code: str
    staff: int
    count: int
    at: datetime


def is_answered(question: Question, answers: Iterable[Answered], now: datetime) -> bool:
    """Whether this count, or a higher one, was answered within the days that it is about. One more is asked anew."""
    since = now - timedelta(days=question.days)
    return any(
        (one.code, one.staff) == (question.code, question.staff)
        and one.count >= question.count
        and one.at >= since
        for one in answers
    )


@dataclass(frozen=True)
class Rule:
    """One count over the deeds of one person. The profile's `watch.CODE` says how much is usual."""

    code: str
    days: int
    count: Callable[[Sequence[Deed]], int]


def _busiest_hour(deeds: Sequence[Deed]) -> int:
    """The most visits that were opened within any sixty minutes."""
    times = sorted(deed.at for deed in deeds if deed.kind == VISIT)
    first, most = 0, 0
    for n, at in enumerate(times):
        while at - times[first] >= HOUR:
            first += 1
        most = max(most, n - first + 1)
    return most


def _out_of_hours(deeds: Sequence[Deed]) -> int:
    return sum(not deed.open for deed in deeds if deed.kind != ASKED)


def _same_employer(deeds: Sequence[Deed]) -> int:
    """How often the employer came up whom this person attended most."""
    times: dict[str, int] = defaultdict(int)
    for deed in deeds:
        if deed.kind == VISIT:
            times[deed.employer] += 1
    return max(times.values(), default=0)


GRACE = 60
"""Minutes before opening and after closing that are no question."""


def in_hours(site: Site, at: datetime, calendar: Calendar) -> bool:
    """Whether a centre was open then, with an hour's grace; one whose hours nobody wrote down always is."""
    if not any(site.hours):
        return True
    local = at.astimezone(ZoneInfo(site.zone))
    if slots.why_closed(site, local.date(), (), calendar):
        return False
    minute = local.hour * 60 + local.minute
    spans = slots.open_spans(site, local.date(), ())
    return any(first - GRACE <= minute <= last + GRACE for first, last in spans)


FEW, ENOUGH = 10, 50
"""From fewer decisions no share is reckoned: of what was asked for, and of what was decided."""


def _not_approved(deeds: Sequence[Deed]) -> int:
    """Of a hundred decisions that this person asked for, how many were no approval."""
    found = [deed for deed in deeds if deed.kind == ASKED]
    return _percent(found, FEW, lambda deed: deed.outcome != APPROVED)


def _approved(deeds: Sequence[Deed]) -> int:
    """Of a hundred decisions that this person made as the second one, how many were approvals."""
    found = [deed for deed in deeds if deed.kind == DECIDED]
    return _percent(found, ENOUGH, lambda deed: deed.outcome == APPROVED)


def _percent(deeds: Sequence[Deed], least: int, wanted: Callable[[Deed], bool]) -> int:
    return 100 * sum(map(wanted, deeds)) // len(deeds) if len(deeds) >= least else 0


RULES: tuple[Rule, ...] = (
    Rule("visits_an_hour", 7, _busiest_hour),
    Rule("out_of_hours", 30, _out_of_hours),
    Rule("same_employer", 30, _same_employer),
    Rule("not_approved_percent", 30, _not_approved),
    Rule("approved_percent", 30, _approved),
)
LONGEST = timedelta(days=max(rule.days for rule in RULES))


def questions(deeds: Iterable[Deed], usual: Watch, now: datetime) -> list[Question]:
    """What is out of the ordinary, rule by rule, and of each the person with the most first."""
    by_person: dict[int, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_person[deed.staff].append(deed)
    found = [each for rule in RULES for each in _asked(rule, by_person, usual, now)]
    return found


def _asked(
    rule: Rule, by_person: Mapping[int, Sequence[Deed]], usual: Watch, now: datetime
) -> list[Question]:
    limit, since = getattr(usual, rule.code), now - timedelta(days=rule.days)
    found = []
    for staff, deeds in sorted(by_person.items()):
        count = rule.count([deed for deed in deeds if deed.at >= since])
        if count > limit:
            found.append(Question(rule.code, staff, count, limit, rule.days))
    return sorted(found, key=lambda each: -each.count)
