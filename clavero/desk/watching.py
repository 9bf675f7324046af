"""The work of the counter as `core.watch` judges it: what each did lately, and what is out of the ordinary (S-076).

Questions are worked out anew each time and stored nowhere; each goes as its days pass. What is stored is an answer: by
anybody who reads them but the person asked about, once, on record. A person of staff never reads a question about
themselves, nor its answer.
"""

from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from clavero.appointments.models import Centre
from clavero.audit import services as audit
from clavero.core import watch
from clavero.core.errors import Refused
from clavero.core.slots import Site
from clavero.core.watch import Answered, Deed, Question
from clavero.desk import attacks, queries, training
from clavero.desk.models import Answer, Approval, Staff, Visit
from clavero.institution import profile
from clavero.notices import services as notices

SHOWN, LONGEST_WORDS = 20, 500
_done_on: dict[str, date] = {}
"""The day on which this process last looked at the work of staff: a message has a key of its own, and is one message."""


def questions(now: datetime) -> list[Question]:
    """What is out of the ordinary in the work of anybody of staff. Practice does not count."""
    return watch.questions(_deeds(now), profile().watch, now)


def open_questions(now: datetime) -> list[Question]:
    """Those that nobody has answered yet, at the count that they have now."""
    rows = Answer.objects.filter(answered_at__gte=now - watch.LONGEST)
    columns = rows.values_list("code", "about__number", "count", "answered_at")
    answers = [Answered(*row) for row in columns]
    return [one for one in questions(now) if not watch.is_answered(one, answers, now)]


def questions_for(reader: Staff, now: datetime) -> list[Question]:
    """The open ones without those about who reads; nothing for who practises."""
    if training.of(reader):
        return []
    return [one for one in open_questions(now) if one.staff != reader.number]


def answers_for(reader: Staff) -> list[Answer]:
    """What was answered lately, newest first, without those about who reads."""
    if training.of(reader):
        return []
    found = Answer.objects.exclude(about=reader).select_related("about", "answered_by")
    return list(found.order_by("-answered_at")[:SHOWN])


def answer(question: Question, staff: Staff, text: str, now: datetime) -> Answer:
    """Settle a question that `questions_for` this person shows, with words. Of two who answer at once one does.

    Raises `Refused`: question.empty, question.answered.
    """
    if not text.strip():
        raise Refused("question.empty")
    with transaction.atomic():
        about = Staff.objects.select_for_update().get(number=question.staff)
        if question not in questions_for(staff, now):
            raise Refused("question.answered")
        made = Answer.objects.create(
            code=question.code, about=about, count=question.count, answered_by=staff, answered_at=now,
            words=text.strip()[:LONGEST_WORDS],
        )  # fmt: skip
        audit.record(
            "question_answered", actor=staff.role, reason=question.code,
            data={"staff": staff.number, "about": about.number, "count": question.count},
        )  # fmt: skip
    return made


def _deeds(now: datetime) -> Iterator[Deed]:
    sites = {centre.code: centre.site for centre in Centre.objects.all()}
    since = now - watch.LONGEST
    visits = Visit.objects.filter(opened_at__gte=since, case__training=False)
    columns = ("staff__number", "opened_at", "case__employer_key", "centre")
    for staff, at, employer, centre in visits.values_list(*columns):
        yield Deed(watch.VISIT, staff, at, employer, _was_open(sites, centre, at))
    yield from _decisions(since, sites)


def _decisions(since: datetime, sites: dict[str, Site]) -> Iterator[Deed]:
    decided = Approval.objects.filter(decided_at__gte=since, case__training=False)
    decided = decided.filter(decision__in=queries.DECISIONS)
    columns = ("asked_by__number", "decided_by__number", "decided_by__centre", "decided_at", "decision")  # fmt: skip
    for asked_by, decided_by, centre, at, decision in decided.values_list(*columns):
        yield Deed(watch.ASKED, asked_by, at, outcome=decision)
        yield Deed(watch.DECIDED, decided_by, at, "", _was_open(sites, centre, at), decision)


def _was_open(sites: dict[str, Site], centre: str, at: datetime) -> bool:
    """Where nobody knows the centre, nothing is asked."""
    return centre not in sites or watch.in_hours(sites[centre], at, profile().calendar)


# --- telling the operators ------------------------------------------------------------------------------


def due(now: datetime) -> int:
    """Tell the operators: once a day of the same alarms, once of questions. Called by the worker."""
    today = queries.local_day(now)
    ringing = [(alarm.code, count) for alarm, count in attacks.ringing(now)]
    done = _tell(f"{today}:{'-'.join(code for code, _ in ringing)}", ringing, 0, now)
    if _done_on.get("staff") != today:
        _done_on["staff"] = today
        done += _tell(f"{today}:staff", [], len(open_questions(now)), now)
    return done


def _tell(what: str, ringing: list[tuple[str, int]], asked: int, now: datetime) -> int:
    """A mail to each operator where there is something: which alarms, how many questions. Nothing of anybody."""
    if not ringing and not asked:
        return 0
    with transaction.atomic():
        for n, address in enumerate(settings.OPERATORS_MAIL):
            notices.enqueue(
                "watch", address=address, key=f"watch:{what}:{n}", now=now,
                payload={"alarms": ringing, "questions": asked},
            )  # fmt: skip
    return len(settings.OPERATORS_MAIL)
