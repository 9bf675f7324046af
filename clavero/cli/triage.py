"""`clavero triage`: what is wrong, the one next action, what to bring, dates. Asks no register."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import click

from clavero import clock, dates, words
from clavero.cli.frame import DONE, Clavero
from clavero.core import guide, triage, wording, workdays
from clavero.core.errors import Refused
from clavero.core.guide import Advice
from clavero.core.wording import Match
from clavero.institution import profile


@click.command(
    help="Qué pasa, qué hacer ahora, qué llevar y para cuándo. / What is wrong, what to do now, what to bring, and by when."
)
@click.option(
    "--wording", "text", help="Lo que dice la pantalla; - lee líneas. / What the screen says."
)
@click.option("--scenario", "chosen", type=click.Choice((*triage.SCENARIOS, triage.NONE)))
@click.option("--answer", "answers", multiple=True, metavar="KEY=VALUE", help=" ".join(guide.VALUES))  # fmt: skip
@click.option("--what-if", "what_if", multiple=True, metavar="KEY=VALUE")
@click.option("--deadline", metavar="DATE")
@click.option("--on", metavar="DATE")
@click.option("--json", "machine", is_flag=True)
@click.pass_obj
def command(
    obj: Clavero, text: str | None, chosen: str | None, answers: tuple[str, ...],
    what_if: tuple[str, ...], deadline: str | None, on: str | None, machine: bool,
) -> int:  # fmt: skip
    said = guide.parse_answers(map(_pair, answers))
    other = guide.parse_answers(map(_pair, what_if))
    due, today = _day(deadline), _day(on) or clock.now().date()
    ask = Ask(chosen, said, other, today, due)
    for match in _matches(text):
        if machine:
            _show_line(_document(match, ask, obj.lang))
        else:
            changed = ask.answers | ask.what_if
            _show(_advise(match, ask, changed), match, changed, obj.lang)
    return DONE


@dataclass(frozen=True)
class Ask:
    """What was asked of every text alike."""

    scenario: str | None
    answers: dict[str, str]
    what_if: dict[str, str]
    on: date
    due_on: date | None


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise Refused("answer.shape")
    return key, value


def _day(text: str | None) -> date | None:
    return workdays.day_of(text) if text else None


def _matches(text: str | None) -> Iterator[Match | None]:
    """One for the text; one for each line of standard input where it is `-`; None where nothing was written."""
    if text == "-":
        for line in sys.stdin.buffer:
            yield wording.match(line.decode("utf-8", errors="replace").rstrip("\r\n"))
    else:
        yield wording.match(text) if text is not None else None


def _show_line(document: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _document(match: Match | None, ask: Ask, lang: str) -> dict[str, object]:
    """The machine form (INTERFACES). `what_if` holds the advice that the other answers would bring."""
    found = as_document(_advise(match, ask, ask.answers), match, ask.answers, lang)
    if ask.what_if:
        changed = ask.answers | ask.what_if
        other = as_document(_advise(match, ask, changed), match, changed, lang)
        found["what_if"] = {"answers": ask.what_if, **other}
    return found


def _advise(match: Match | None, ask: Ask, said: dict[str, str]) -> Advice:
    if ask.scenario or match is None:
        return guide.advise(said, ask.scenario or triage.NONE, ask.on, profile(), ask.due_on)
    found = guide.settle(match.scenarios, said)
    return guide.advise(said, found, ask.on, profile(), ask.due_on, because=guide.WORDING)


def as_document(
    advice: Advice, match: Match | None, said: dict[str, str], lang: str = "es"
) -> dict[str, object]:
    """`advice` in the machine form (INTERFACES), its texts in `lang`."""
    return {
        "scenario": {"best": advice.scenario, "ranked": _ranked(advice, match, said)},
        "route": advice.route,
        "reasons": [
            {"code": each.code, "class": each.cls, "rule": each.rule, "because": each.because}
            for each in advice.reasons
        ],
        "doubts": [{"code": each.code, "because": each.because} for each in advice.doubts],
        "next": {"code": advice.next, "text": words.say(f"guide.next.{advice.next}", lang)},
        "not_helpful": [words.say(f"guide.not_helpful.{each}", lang) for each in advice.not_helpful],
        "bases": [
            {"code": each.code, "check": each.check.say(lang), "why": each.why.say(lang), "source": each.source}
            for each in advice.bases
        ],
        "bring": [
            {"text": each.thing.say(lang), "source": each.source, "quality": each.quality}
            for each in advice.bring
        ],
        "time": _time(advice),
        "dates": _dates(advice),
        "what_would_change": [{"if": each.if_, "then": each.then} for each in advice.what_would_change],
        "rules": advice.rules,
        "wording": match and {"best": match.best, "ranked": _of_match(match)},
    }  # fmt: skip


def _time(advice: Advice) -> dict[str, object] | None:
    if advice.time is None:
        return None
    time = advice.time
    return {"min": time.min, "max": time.max, "unit": time.unit, "source": time.source, "quality": time.quality}  # fmt: skip


def _dates(advice: Advice) -> dict[str, object]:
    found = advice.dates
    return {
        "from": found.from_.isoformat(), "to": found.to.isoformat(),
        "due_on": found.due_on and found.due_on.isoformat(), "slack_days": found.slack_days,
    }  # fmt: skip


def _of_match(match: Match) -> list[dict[str, object]]:
    return [
        {"scenario": each.scenario, "score": each.score, "because": [why.words for why in each.because]}
        for each in match.ranked
    ]  # fmt: skip


def _ranked(advice: Advice, match: Match | None, said: dict[str, str]) -> list[dict[str, object]]:
    return [
        {"scenario": each.scenario, "score": each.score, "because": list(each.because)}
        for each in guide.standings(advice, match, said)
    ]


def _show(advice: Advice, match: Match | None, said: dict[str, str], lang: str) -> None:
    """The same for people: the answer first, then why, what to bring, by when."""
    click.echo(words.say(f"guide.title.{advice.scenario}", lang))
    click.echo(f"{_route(advice.route, lang)}. {words.say(f'guide.next.{advice.next}', lang)}")
    for line in (*_why(advice, lang), *_days(advice, lang), *_bring(advice, lang)):
        click.echo(f"  {line}")
    if advice.scenario == triage.NONE:
        for each in guide.standings(advice, match, said)[:3]:
            click.echo(f"  ? {words.say(f'guide.title.{each.scenario}', lang)}")


def _route(route: str, lang: str) -> str:
    return words.say(f"guide.route.{route}", lang)


def _why(advice: Advice, lang: str) -> Iterator[str]:
    yield words.say(f"guide.seen.{advice.scenario}", lang)
    for reason in advice.reasons[1:]:
        yield words.say(f"guide.title.{reason.code}", lang)
    for doubt in advice.doubts:
        yield words.say(f"guide.doubt.{doubt.code}", lang)
    for code in advice.not_helpful:
        yield words.say(f"guide.not_helpful.{code}", lang)


def _days(advice: Advice, lang: str) -> Iterator[str]:
    for step in advice.plan.steps:
        yield f"{dates.long_date(step.on, lang)}: {words.say(f'guide.plan.{step.code}', lang)}"
    for code in advice.plan.alternatives:
        yield words.say(f"guide.alternative.{code}", lang)
    if advice.time:
        yield f"{advice.time.quality}: {advice.time.source}"


def _bring(advice: Advice, lang: str) -> Iterator[str]:
    for paper in advice.bring:
        yield f"– {paper.thing.say(lang)} ({paper.quality})"
