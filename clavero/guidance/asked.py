"""What an address of the guide says: answers, the scenario they are about, a province. Nothing personal, nothing kept.

The address is the state: every page can be linked, and going back repeats nothing. Only words of our own
tables are read from it; whatever else stands in an address is left unread, and never written back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from clavero.core import guide
from clavero.core.errors import Refused
from clavero.core.guide import Advice
from clavero.core.profile import Estimate
from clavero.core.triage import NONE, SCENARIOS
from clavero.institution import profile

BY_WORDING = "wording"


@dataclass(frozen=True)
class Asked:
    """`answers` in the order in which they were given; `by`: "wording" where the scenario was read in a text."""

    answers: dict[str, str] = field(default_factory=dict)
    scenario: str = NONE
    by: str = ""


def read(sent: QueryDict) -> Asked:
    """What `sent` asks. What is not one of our words is as if it were not there."""
    scenario = sent.get("scenario", NONE)
    return Asked(
        _answers(sent),
        scenario if scenario in SCENARIOS else NONE,
        BY_WORDING if sent.get("by") == BY_WORDING else "",
    )


def _answers(sent: QueryDict) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in sent.items():
        try:
            found |= guide.parse_answers([(key, str(value))])
        except Refused:
            continue
    return found


def pairs(asked: Asked) -> dict[str, str]:
    """The same as fields of an address or a form."""
    first = {"scenario": asked.scenario} if asked.scenario != NONE else {}
    return first | ({"by": asked.by} if asked.by else {}) | asked.answers


def address(name: str, asked: Asked, **more: str) -> str:
    """The page `name` about what is asked."""
    query = urlencode(pairs(asked) | more)
    return reverse(name) + (f"?{query}" if query else "")


def without(asked: Asked, key: str) -> Asked:
    """The same with one answer taken back."""
    kept = {each: value for each, value in asked.answers.items() if each != key}
    return replace(asked, answers=kept)


def advise(asked: Asked, on: date, measured: tuple[Estimate, ...] = ()) -> Advice:
    """The advice for it, with this institution's profile; `measured` wins over reported times."""
    because = guide.WORDING if asked.by else ""
    return guide.advise(
        asked.answers, asked.scenario, on, profile(), measured=measured, because=because
    )


def said(pair: str) -> Mapping[str, str]:
    """`email=no` as the codes of the question and of the answer, for `words.say`; of a scenario its title."""
    key, _, value = pair.partition("=")
    if key == "scenario":
        return {"answer": f"guide.title.{value}"}
    answer = "guide.question.unknown" if value == guide.UNKNOWN else f"guide.question.{key}.{value}"
    return {"key": key, "question": f"guide.question.{key}", "answer": answer}
