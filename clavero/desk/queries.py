"""Reading at the desk: what is asked for, what was seen, who is on duty, what waits."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from clavero.appointments import queries as appointments
from clavero.appointments.models import Centre, Closure
from clavero.audit import queries as audit
from clavero.audit import services as recording
from clavero.core import counter, staff, triage
from clavero.core import papers as catalogue
from clavero.core.counter import Mark, OnDuty
from clavero.core.errors import Refused
from clavero.desk import training
from clavero.desk.models import Approval, Duty, Interest, SecondLook, Staff, Ticket, Visit
from clavero.employers.formats import KINDS
from clavero.institution import profile
from clavero.privacy import lookups
from clavero.recovery import practice
from clavero.recovery import services as recovery
from clavero.recovery.models import Case

__all__ = ["KINDS"]
ON_DUTY = timedelta(minutes=20)
DECISIONS = ("approved", "sent_back", "refused")


# --- a visit ----------------------------------------------------------------------------------------------


def papers(case: Case) -> list[str]:
    """The codes of the papers that an officer must see, by today's facts and what was declared."""
    facts = recovery.facts_of(case)
    reasons = [reason.code for reason in triage.assess(facts).reasons]
    kind = "domestic" if case.domestic else facts.kind
    found = catalogue.needed(
        profile().papers, reasons, kind, case.declared, local_day(case.opened_at)
    )
    return list(catalogue.to_see(found))


def asked(visit: Visit, *, third_party: bool | None = None) -> tuple[str, ...]:
    """The items of this visit, in order."""
    by_third = visit.third_party if third_party is None else third_party
    made = visit.corrections.filter(kind="exception").first()
    return counter.items(
        papers(visit.case),
        third_party=by_third,
        exception=json.loads(made.value).get("exception", "") if made else "",
    )


def marks(visit: Visit) -> dict[str, Mark]:
    """What the officer saw, item by item."""
    return {code: Mark(one["state"], one["note"]) for code, one in marked(visit).items()}


def marked(visit: Visit) -> dict[str, dict[str, str]]:
    """The same as it is stored: item → {"state", "note"}."""
    return json.loads(visit.marked) if visit.marked else {}


def marks_before(case: Case) -> dict[str, dict[str, str]]:
    """What an earlier visit of this case saw of the papers: nobody is asked twice. Identity is looked at anew."""
    last = case.visits.exclude(closed_at=None).order_by("-opened_at").first()
    if last is None:
        return {}
    anew = counter.CORROBORATION.union(counter.IDENTITY)
    return {
        code: one
        for code, one in marked(last).items()
        if one["state"] == counter.SEEN and code not in anew
    }


def corrected(visit: Visit) -> dict[str, dict[str, str]]:
    """The corrections of a visit: kind → value."""
    return {one.kind: json.loads(one.value) for one in visit.corrections.order_by("made_at")}


def visit_of(case: Case) -> Visit | None:
    """The open visit of a case."""
    return case.visits.filter(closed_at=None).select_related("staff", "case").first()


def open_visits(one: Staff) -> list[Visit]:
    """What this officer has open, newest first."""
    found = Visit.objects.filter(staff=one, closed_at=None, **like(one)).select_related("case")
    return list(found.order_by("-opened_at")[:10])


def employer_name(case: Case) -> str:
    """What the page calls the employer; "" for who is not registered yet."""
    if case.training:
        return practice.name_of(case)
    return case.employer.name if case.employer else ""


def centre_name(code: str) -> str:
    """The name of a centre by its code; the code where there is none of it."""
    return known_centre(code) or code


def known_centre(code: str) -> str | None:
    """The name of a centre that there is, else None."""
    found = centre(code)
    return found.name if found else None


def centre(code: str) -> Centre | None:
    """The centre of that code, if there is one."""
    return Centre.objects.filter(code=code).first()


def local_minute(site: Centre, moment: datetime) -> int:
    """Minutes since midnight on the clock of a centre."""
    local = on_the_clock_of(site, moment)
    return local.hour * 60 + local.minute


def shut_since(code: str, now: datetime) -> Closure | None:
    """The closing of this centre that stands at this minute of its day, if somebody shut it (H11)."""
    site = centre(code)
    return closings_now(site, now).order_by("-made_at").first() if site else None


def closings_now(site: Centre, now: datetime) -> QuerySet[Closure]:
    """Every closing of this centre alone that stands at this minute of its day."""
    minute, day = local_minute(site, now), appointments.local_day(now, site.zone)
    return Closure.objects.filter(centre=site, day=day, opens=False, first__lte=minute, last__gt=minute)  # fmt: skip


def times(code: str) -> dict[str, appointments.Times]:
    """What was measured at a centre, by its code (G12)."""
    found = centre(code)
    return appointments.times([found]) if found else {}


def on_the_clock_of(site: Centre | None, moment: datetime) -> datetime:
    """A moment as the clock of a centre shows it; without one, as the institution's."""
    return moment.astimezone(ZoneInfo(site.zone if site else settings.TIME_ZONE))


def has_turn_today(case: Case, centre: str, now: datetime) -> bool:
    """Whether this case has an appointment here today."""
    booked = appointments.of_case(case.pk)
    return booked is not None and booked.centre.code == centre and booked.day == local_day(now)


# --- people -----------------------------------------------------------------------------------------------


def has_interest(one: Staff, case: Case) -> bool:
    """Whether this member of staff is who asks, represents this employer, or declared it (H06)."""
    person = lookups.all_of("person", one.identification)
    if one.identification_lookup in lookups.all_of("person", case.identification):
        return True
    if case.employer is not None:
        known = case.employer.representatives.filter(identification_lookup__in=person)
        if known.exists():
            return True
    rucs = lookups.all_of("ruc", case.ruc)
    return Interest.objects.filter(staff=one, ruc_lookup__in=rucs).exists()


def acted(case: Case) -> set[int]:
    """Everybody of staff who acted on this case, by row id: whoever attended, asked, decided or looked at it again."""
    found = set(Visit.objects.filter(case=case).values_list("staff_id", flat=True))
    looked = SecondLook.objects.filter(case=case).exclude(looked_by=None)
    found.update(looked.values_list("looked_by_id", flat=True))
    for asked_by, decided_by in Approval.objects.filter(case=case).values_list(
        "asked_by_id", "decided_by_id"
    ):
        found |= {asked_by, decided_by} - {None}
    return found


def on_duty(now: datetime, case: Case, only: Staff | None = None) -> list[OnDuty]:
    """Who is at work now on the same side of practice and work, and what bars them from this case; of `only`, if given."""
    duties = Duty.objects.filter(until=None, seen_at__gte=now - ON_DUTY, staff__left_at=None)
    duties = duties.filter(staff=only) if only else duties
    here = training.places()
    duties = duties.filter(centre__in=here) if case.training else duties.exclude(centre__in=here)
    return [
        OnDuty(
            duty.staff_id,
            duty.centre,
            _may_decide(duty.staff, now, case.training),
            has_interest(duty.staff, case),
        )
        for duty in duties.select_related("staff__account")
    ]


def _may_decide(one: Staff, now: datetime, practice: bool) -> bool:
    if practice:
        return staff.may(one.role, "case.decide")
    try:
        staff.check(
            staff.ACTS["case.decide"], one.role, qualified_until=one.qualified_until, today=now.date()
        )  # fmt: skip
    except Refused:
        return False
    return not one.training


def record_of(one: Staff, now: datetime) -> dict[str, int]:
    """An officer's last 30 days as the second person sees them: visits, sent back, refused (S-076)."""
    since = now - timedelta(days=30)
    asked_for = Approval.objects.filter(asked_by=one, asked_at__gte=since, case__training=False)
    visits = Visit.objects.filter(staff=one, opened_at__gte=since, case__training=False)
    return {
        "visits": visits.count(),
        **{name: asked_for.filter(decision=name).count() for name in DECISIONS},
    }


def to_decide(one: Staff) -> list[Approval]:
    """The approvals that were drawn for this member of staff, oldest first."""
    found = Approval.objects.filter(decision="", drawn=one, **like(one))
    found = found.select_related("case", "asked_by")
    return list(found.order_by("asked_at"))


def open_approval(case: Case) -> Approval | None:
    return Approval.objects.filter(case=case, decision="").first()


def last_approval(case: Case) -> Approval | None:
    return Approval.objects.filter(case=case).order_by("-asked_at").first()


# --- the queue --------------------------------------------------------------------------------------------


def local_day(now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def queue(centre: str, day: date) -> list[Ticket]:
    """Who waits or was called today, in the order in which they are called: A before B that came at the same time."""
    live = Q(state__in=[Ticket.WAITING, Ticket.CALLED, Ticket.HELD])
    return list(Ticket.objects.filter(live, centre=centre, day=day).order_by("issued_at", "line"))


def called(centre: str, day: date) -> list[Ticket]:
    """What the board shows: the last that were called, newest first."""
    found = Ticket.objects.filter(centre=centre, day=day, called_at__isnull=False)
    return list(found.exclude(state=Ticket.LEFT).order_by("-called_at")[:6])


def service_minutes(centre: str, day: date) -> list[float]:
    """How long today's finished services took, in minutes."""
    done = Ticket.objects.filter(centre=centre, day=day, state=Ticket.SERVED).exclude(ended_at=None)
    return [
        (ended - called_at).total_seconds() / 60
        for called_at, ended in done.values_list("called_at", "ended_at")
        if called_at and ended
    ]


def counters_open(centre: str, now: datetime) -> int:
    return Duty.objects.filter(centre=centre, until=None, seen_at__gte=now - ON_DUTY).count()


def day_count(centre: str, day: date) -> dict[str, int]:
    """The end-of-day count: tickets by state, visits by outcome."""
    tickets = Ticket.objects.filter(centre=centre, day=day, training=False)
    found: dict[str, int] = {"tickets": tickets.count()}
    found |= _counted(tickets.values_list("state", flat=True))
    visits = Visit.objects.filter(centre=centre, opened_at__date=day, case__training=False)
    found["visits"] = visits.count()
    return found | _counted(visits.exclude(outcome="").values_list("outcome", flat=True))


def _counted(values: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


@dataclass(frozen=True)
class Turn:
    """One appointment as a counter sees it: when, which case, how it stands. No name (DESIGN §12)."""

    starts_at: datetime
    number: str
    state: str


def agenda(centre: str, day: date) -> list[Turn]:
    """Today's appointments of a centre, in order."""
    booked = appointments.agenda(centre, day)
    numbers = dict(
        Case.objects.filter(pk__in=[one.case_id for one in booked]).values_list("pk", "number")
    )
    return [Turn(one.local_start, numbers.get(one.case_id, "–"), one.state) for one in booked]


def people(case: Case) -> list[object]:
    """Who represents the employer in the register, now and before."""
    if case.employer is None:
        return []
    return list(case.employer.representatives.order_by("-state", "as_of"))


def last_deed(case: Case) -> recording.Entry:
    """The newest record of a case that is no look at it: what an acta prints, however often it is looked at."""
    return audit.last_of(case.pk, but="sensitive_read")


def looked(one: Staff, case: Case) -> None:
    """Everything that somebody of staff looks at is recorded and shown to the employer (H09)."""
    with transaction.atomic():
        recording.record(
            "sensitive_read", actor=one.role, case_id=case.pk, subject=case.employer_id,
            data={"staff": one.number},
        )  # fmt: skip


def held(one: Staff) -> list[Case]:
    """The live cases that were flagged for a review, oldest first: made-up ones to who practises, real ones to the others."""
    found = Case.objects.filter(held=True, closed_at=None, training=training.of(one))
    return list(found.order_by("moved_at")[:200])


def like(one: Staff) -> dict[str, bool]:
    """The condition on a row with a case that keeps practice and work apart."""
    return {"case__training": training.of(one)}
