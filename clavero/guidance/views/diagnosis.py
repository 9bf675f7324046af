"""From what somebody sees, or from at most six questions, to the answer. No cookie, no register, no table."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clavero import clock
from clavero.core import guide, wording
from clavero.core.errors import Refused
from clavero.core.wording import Match
from clavero.guidance import asked as asking
from clavero.guidance import forms, pages
from clavero.guidance.asked import BY_WORDING, Asked
from clavero.guidance.queries import measured
from clavero.recovery.queries import local_day
from clavero.recovery.views.common import AGAIN
from clavero.ui.forms import Form, choice


@csrf_exempt  # it changes nothing and knows nobody: a token would cost a cookie
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Two ways in: what the screen says, or the questions. A text comes by POST, so that no log or history keeps it."""
    form = forms.Wording.bind(request.POST) if request.method == "POST" else forms.Wording()
    if not form.is_bound or not form.ok:
        return render(request, "guidance/start.html", {"form": form}, status=AGAIN)
    return _found(request, form["wording"], wording.match(form["wording"]))


def _found(request: HttpRequest, text: str, match: Match) -> HttpResponse:
    """One answer where the text says it clearly, three to choose from where it does not, none where it says nothing."""
    known = match.ranked[:1] if pages.is_sure(match) else match.ranked[:3]
    context: dict[str, object] = {"pieces": pages.quoted(text, known if match.scenarios else ())}
    if not match.scenarios:
        return render(request, "guidance/cannot_tell.html", context)
    context |= {"possible": pages.possible(match)}
    if not pages.is_sure(match):
        return render(request, "guidance/three.html", context)
    return _answer(request, Asked({}, match.best, BY_WORDING), context)


def _answer(request: HttpRequest, asked: Asked, more: dict[str, object]) -> HttpResponse:
    today = local_day(clock.now())
    advice = asking.advise(asked, today, measured(clock.now()))
    return render(request, "guidance/answer.html", pages.answer(advice, asked, today) | more)


@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """What is wrong and what to do, for the answers and the scenario of the address."""
    asked = asking.read(request.GET)
    if not asked.answers and asked.scenario == guide.NONE:
        return HttpResponseRedirect(asking.address("guide", asked))
    return _answer(request, asked, {})


@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """One question; once enough is known, the answer. `asked` is the question that this address was sent from."""
    asked = asking.read(request.GET)
    answered = request.GET.get("asked", "")
    again = answered in guide.VALUES and answered not in asked.answers
    key = (answered if again else _wanted(request)) or guide.next_question(asked.answers, asked.scenario)  # fmt: skip
    if key is None:
        return HttpResponseRedirect(asking.address("guide_answer", asked))
    return _question_page(request, asked, key, again)


def _wanted(request: HttpRequest) -> str:
    """A question that somebody wants to answer otherwise (from the answer's page) or goes back to."""
    key = request.GET.get("change") or request.GET.get("back") or ""
    return key if key in guide.VALUES else ""


def _question_page(request: HttpRequest, asked: Asked, key: str, again: bool) -> HttpResponse:
    form = _form(key, asked.answers.get(key, ""))
    if again:
        form.refuse(key, Refused("field.choose"))
    others = asking.without(asked, key)
    context = {
        "form": form, "key": key, "hidden": asking.pairs(others), "number": len(others.answers) + 1,
        "most": guide.MOST_QUESTIONS, 
        "up": asking.address("guide_answer", asked) if "change" in request.GET else _up(asked, key),
    }  # fmt: skip
    return render(request, "guidance/question.html", context, status=AGAIN)


def _form(key: str, given: str) -> Form:
    """The question `key` as radios, *no sé* last and of the same rank."""
    values = (*guide.VALUES[key], guide.UNKNOWN)
    options = [(value, _label(key, value), "") for value in values]
    kind = type("Question", (Form,), {key: choice(pages.words_of(f"guide.question.{key}"), options)})  # fmt: skip
    form: Form = kind({key: given})
    return form


def _label(key: str, value: str) -> str:
    return pages.words_of(asking.said(f"{key}={value}")["answer"])


def _up(asked: Asked, key: str) -> str:
    """The step before: the question before this one, or where the questions began."""
    order = [*asked.answers]
    before = order[: order.index(key)] if key in order else order
    if before:
        return asking.address("guide_questions", asked, back=before[-1])
    return asking.address("guide" if asked.scenario == guide.NONE else "guide_answer", Asked({}, asked.scenario, asked.by))  # fmt: skip
