"""Advice in words: what each part of the answer's page says. The codes come from `core.guide`."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from clavero import dates, words
from clavero.core import guide, triage
from clavero.core.guide import Advice
from clavero.core.profile import Estimate
from clavero.core.triage import NONE
from clavero.core.wording import Match, Ranked
from clavero.guidance.asked import Asked, address, said
from clavero.recovery import timeline as times
from clavero.ui.plain_html import language

SURE, RIVAL = 0.7, 0.15
"""One scenario is answered at once where its share is at least SURE and the next one's below RIVAL."""
MOST_QUOTED = 600  # letters of a text that are shown again

GOES_TO: dict[str, str] = {
    "replace_email": "who", "ask_new_code": "who", "prepare_first_key": "who", "visit_as_it_is": "who",
    "check_the_person": "who", "new_person_visits": "who", "correct_number": "who", "tick_domestic": "who",
    "change_browser": "start", "unlock_online": "who", "recover_online": "start", "find_slot": "visits",
    "use_employer_key": "start", "visit_instead_of_questions": "who", "come_back_later": "guide_reminder",
    "report_now": "guide_report", "answer_questions": "guide_questions",
}  # fmt: skip
"""Next action → the page where it is done (B04)."""


@dataclass(frozen=True)
class Action:
    """The one thing to do: the sentence, the button's words, where it leads."""

    code: str
    text: str
    button: str
    address: str


def action(code: str, asked: Asked = Asked()) -> Action:  # noqa: B008 (frozen)
    """The next action `code` as a button that goes there; what was answered goes along inside the guide."""
    place = GOES_TO[code]
    inside = place == "guide_questions"
    where = address(place, asked) if inside else reverse(place)
    return Action(code, _say("next", code), _say("button", code), where)


def words_of(code: str) -> str:
    """The sentence of a code in the language of the page."""
    return words.say(code, language())


def _say(table: str, code: str) -> str:
    return words.say(f"guide.{table}.{code}", language())


# --- time ------------------------------------------------------------------------------------------------


def span(found: Estimate) -> str:
    """A range as people say it, inside a sentence."""
    said = times.said(found)
    return said[:1].lower() + said[1:]


def days(steps: tuple[guide.Step, ...]) -> list[tuple[date, list[str]]]:
    """The days of a plan, each once, with the codes of what belongs on it. A last day to start that has passed is no plan."""
    today = next(step.on for step in steps if step.code == "triage")
    found: dict[date, list[str]] = {}
    for step in steps:
        if step.code != "latest_start" or step.on >= today:
            found.setdefault(step.on, []).append(step.code)
    return [*found.items()]


# --- why -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Why:
    """A reason: its scenario, from what, and the rule that said it. `change`: where to answer otherwise, or ""."""

    code: str
    question: str
    answer: str
    change: str
    rule: triage.Rule

    @property
    def next(self) -> str:
        """What solves this one."""
        return guide.TABLE[self.code].next


_RULES = {rule.id: rule for rule in triage.RULES}


def reasons(advice: Advice, asked: Asked) -> list[Why]:
    """Every reason, the leading one first, each with what was said."""
    return [_why(reason, asked) for reason in advice.reasons]


def _why(reason: triage.Reason, asked: Asked) -> Why:
    rule = _RULES[reason.rule]
    if reason.because == guide.WORDING:
        return Why(reason.code, "", _("lo que escribió"), "", rule)
    codes = said(reason.because)
    if "key" not in codes:
        return Why(reason.code, "", _("lo que eligió"), "", rule)
    question, answer = (words.say(codes[part], language()) for part in ("question", "answer"))
    change = address("guide_questions", asked, change=codes["key"])
    return Why(reason.code, question, answer, change, rule)


@dataclass(frozen=True)
class Other:
    """With this answer instead, that route."""

    question: str
    answer: str
    route: str


def changes(advice: Advice) -> list[Other]:
    """What would change the answer; nothing where no single answer would."""
    found = []
    for each in advice.what_would_change:
        codes = said(each.if_) if "=" in each.if_ else {}
        if "key" in codes:
            question, answer = (words.say(codes[part], language()) for part in ("question", "answer"))  # fmt: skip
            found.append(Other(question, answer, _say("route", each.then)))
    return found


@dataclass(frozen=True)
class Given:
    """An answer that was given, and where to change it."""

    question: str
    answer: str
    change: str


def given(asked: Asked) -> list[Given]:
    """What was answered, in order."""
    return [_given(key, value, asked) for key, value in asked.answers.items()]


def _given(key: str, value: str, asked: Asked) -> Given:
    change = address("guide_questions", asked, change=key)
    if key == "deadline" and value not in (*guide.VALUES["deadline"], guide.UNKNOWN):
        answer = dates.long_date(date.fromisoformat(value), language())
    else:
        answer = words.say(said(f"{key}={value}")["answer"], language())
    return Given(words.say(f"guide.question.{key}", language()), answer, change)


# --- what the text said --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A part of a text; `loud` where it spoke for what was found."""

    text: str
    loud: bool


def quoted(text: str, ranked: tuple[Ranked, ...]) -> list[Piece]:
    """The beginning of `text` in pieces, the words that spoke for `ranked` marked."""
    shown, at, found = text[:MOST_QUOTED], 0, []
    for start, end in _places(ranked, len(shown)):
        found += [Piece(shown[at:start], False), Piece(shown[start:end], True)]
        at = end
    rest = shown[at:] + ("…" if len(text) > MOST_QUOTED else "")
    return [piece for piece in (*found, Piece(rest, False)) if piece.text]


def _places(ranked: tuple[Ranked, ...], length: int) -> list[tuple[int, int]]:
    """Where the marked words stand: in order, none twice, none beyond `length`."""
    spots = sorted({(why.start, why.end) for each in ranked for why in each.because})
    kept: list[tuple[int, int]] = []
    for start, end in spots:
        if end <= length and (not kept or start >= kept[-1][1]):
            kept.append((start, end))
    return kept


def is_sure(match: Match) -> bool:
    """Whether the text says one scenario so clearly that its answer can be given at once."""
    first, second = match.ranked[:2]
    return match.best == first.scenario and first.score >= SURE and second.score < RIVAL


@dataclass(frozen=True)
class Possible:
    """One of the three likeliest: its scenario, its place (1 first), where its answer stands."""

    code: str
    place: int
    address: str


def possible(match: Match) -> list[Possible]:
    """The likeliest three, each with the page of its answer."""
    return [
        Possible(each.scenario, place, address("guide_answer", Asked({}, each.scenario, "wording")))
        for place, each in enumerate(match.ranked[:3], start=1)
    ]


# --- the answer ------------------------------------------------------------------------------------------


def answer(advice: Advice, asked: Asked, on: date) -> dict[str, object]:
    """Everything that the page of an answer says."""
    return {
        "advice": advice, "asked": asked, "today": on, "action": action(advice.next, asked),
        "heading": heading(advice), "whys": reasons(advice, asked), "others": changes(advice), "given": given(asked),
        "span": span(advice.time) if advice.time else "", "basis": times.source(advice.time) if advice.time else "",
        "days": days(advice.plan.steps),
        "plan_ahead": "" if "deadline" in asked.answers else address("guide_deadline", asked),
        "list": address("guide_list", asked), "at_hand": at_hand(),
        "questions": _more_questions(advice, asked),
    }  # fmt: skip


def at_hand() -> tuple[str, ...]:
    """What one needs near where nothing is to be brought."""
    return (
        _("La cédula o el código de quien representa"),
        _("El RUC y la sucursal, de 4 dígitos; quien emplea en su casa no los necesita"),
        _("El correo registrado, abierto"),
    )


def heading(advice: Advice) -> str:
    """What is wrong; where no obstacle was found, that it can be tried."""
    if advice.scenario == NONE and advice.next != "answer_questions":
        return _("No vemos nada que lo impida")
    return _say("title", advice.scenario)


def _more_questions(advice: Advice, asked: Asked) -> str:
    """Where the next question stands, while one would still tell something."""
    left = guide.next_question(asked.answers, advice.scenario)
    return address("guide_questions", asked) if left and advice.next != "answer_questions" else ""
