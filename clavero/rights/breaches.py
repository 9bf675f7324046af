"""A breach of personal data: opened, counted, told, reported. And the drill, which leaves nothing but its record (S-132)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from clavero import clock
from clavero.audit import services as audit
from clavero.audit.models import Entry
from clavero.core import breach as rules
from clavero.core.errors import Refused
from clavero.desk.people import local_day
from clavero.employers import queries as employers
from clavero.employers.models import Employer
from clavero.institution import profile
from clavero.keys.models import Account
from clavero.notices import services as notices
from clavero.privacy import dictionary
from clavero.recovery.models import Case
from clavero.rights import texts
from clavero.rights.models import Breach

USED, CASES, ALL = SCOPES = ("used", "cases", "all")
SIGNS_OF_USE = ("signin", "signin_after_failures", "key_set", "key_unlocked", "saved_code_used")
DRILL = "SIMULACRO"


@dataclass(frozen=True)
class Facts:
    """What is known of a breach, as it is typed. `tables` are names of the dictionary."""

    what: str
    known_at: datetime
    began_at: datetime
    ended_at: datetime
    scope: str = USED
    tables: tuple[str, ...] = ("keys_account", "employers_contact", "recovery_case")
    measures: str = ""
    risk_at: datetime | None = None
    processor: bool = False


def draft(facts: Facts, now: datetime) -> Breach:
    """A breach that is not stored. Raises `Refused`: breach.future, breach.interval, breach.scope, breach.table."""
    if facts.known_at > now or (facts.risk_at and facts.risk_at > now):
        raise Refused("breach.future")
    if facts.began_at >= facts.ended_at:
        raise Refused("breach.interval")
    if facts.scope not in SCOPES:
        raise Refused("breach.scope")
    known = {table.name for table in dictionary.read().tables}
    if not facts.tables or not set(facts.tables) <= known:
        raise Refused("breach.table")
    return Breach(**vars(facts) | {"tables": list(facts.tables), "made_at": now})


def open_breach(facts: Facts, now: datetime) -> Breach:
    """Open a breach: its clocks run from when it was known, not from now. Typed a second time it is the same breach.

    Raises what `draft` raises.
    """
    made = draft(facts, now)
    with transaction.atomic():
        # The record's lock first: two who open the same at once come here one after the other.
        entry = audit.record("breach_opened", actor="operator", reason=facts.scope)
        if standing := _same(made):
            transaction.set_rollback(True)
            return standing
        made.number = f"B{now:%y}-{entry.number:06d}"
        made.save(force_insert=True)
    return made


def _same(made: Breach) -> Breach | None:
    """The breach that is open already with the same facts."""
    facts = ("known_at", "began_at", "ended_at", "scope", "processor", "risk_at")
    open_ones = Breach.objects.filter(
        closed_at=None, **{name: getattr(made, name) for name in facts}
    )
    return next((one for one in open_ones if one.what == made.what), None)


def find(number: str) -> Breach:
    """By its number. Raises `Refused("breach.unknown")`."""
    found = Breach.objects.filter(number=number.strip().upper()).first()
    if found is None:
        raise Refused("breach.unknown")
    return found


def duties(breach: Breach, today: date) -> list[rules.Due]:
    """What is to be told to whom until when."""
    return rules.duties(
        local_day(breach.known_at), local_day(breach.risk_at) if breach.risk_at else None,
        processor=breach.processor, calendar=profile().calendar,
        told={to: date.fromisoformat(day) for to, day in breach.told.items()}, today=today,
    )  # fmt: skip


def tell(breach: Breach, to: str, on: date) -> None:
    """Note that somebody was told. Raises `Refused`: breach.recipient, breach.before, breach.future."""
    if on > local_day(clock.now()):
        raise Refused("breach.future")
    if to not in {due.to for due in duties(breach, on)}:
        raise Refused("breach.recipient")
    if on < local_day(breach.known_at):
        raise Refused("breach.before")
    with transaction.atomic():
        held = Breach.objects.select_for_update().get(pk=breach.pk)
        if held.told.get(to) != on.isoformat():
            held.told = held.told | {to: on.isoformat()}
            held.save(update_fields=["told"])
            audit.record("breach_told", actor="operator", reason=to)
    breach.told = held.told


def know_risk(breach: Breach, at: datetime) -> None:
    """From now on persons are to be told too: their rights are at risk. Raises `Refused("breach.before")`."""
    if at < breach.known_at:
        raise Refused("breach.before")
    with transaction.atomic():
        if Breach.objects.filter(pk=breach.pk).exclude(risk_at=at).update(risk_at=at):
            audit.record("breach_risk", actor="operator")
    breach.risk_at = at


def close(breach: Breach, now: datetime) -> None:
    """Nothing more is to be told. Raises `Refused("breach.not_told")` while something is."""
    if any(due.told_on is None for due in duties(breach, local_day(now))):
        raise Refused("breach.not_told")
    with transaction.atomic():
        if Breach.objects.filter(pk=breach.pk, closed_at=None).update(closed_at=now):
            audit.record("breach_closed", actor="operator")
            breach.closed_at = now


# --- the clock ------------------------------------------------------------------------------------------------


def remind(now: datetime) -> int:
    """Remind the operators of each term a working day before its last day. Called by the worker, through `services.due`."""
    open_ones = Breach.objects.filter(closed_at=None)
    return sum(
        _remind(breach, due, now)
        for breach in open_ones
        for due in duties(breach, local_day(now))
        if rules.is_near(due)
    )


def _remind(breach: Breach, due: rules.Due, now: datetime) -> int:
    """Once a term, on record whether or not `CLAVERO_OPERATORS_MAIL` names anybody."""
    term = f"{due.to}:{due.due_on}"
    with transaction.atomic():
        held = Breach.objects.select_for_update().get(pk=breach.pk)
        if term in held.reminded:
            return 0
        held.reminded = [*held.reminded, term]
        held.save(update_fields=["reminded"])
        late = "late" if rules.is_late(due) else "done"
        entry = audit.record("breach_reminded", reason=due.to, outcome=late)
        payload = {"number": breach.number, "to": due.to, "due_on": due.due_on.isoformat(), "late": late == "late", "entry_number": entry.number, "head12": entry.head12}  # fmt: skip
        for address in settings.OPERATORS_MAIL:
            key = f"breach:{breach.pk}:{term}:{address}"[:120]
            notices.enqueue("breach_due", address=address, payload=payload, key=key, now=now)
    return 1


# --- who is affected ----------------------------------------------------------------------------------------


def affected(breach: Breach) -> QuerySet[Employer]:
    """Whose data: by the record for accounts that were used, by the cases that moved, or everybody."""
    if breach.scope == ALL:
        return Employer.objects.all()
    span = (breach.began_at, breach.ended_at)
    if breach.scope == CASES:
        cases = Case.objects.filter(training=False, opened_at__lt=span[1], moved_at__gte=span[0])
        return Employer.objects.filter(pk__in=cases.exclude(employer=None).values("employer_id"))
    used = Entry.objects.filter(event__in=SIGNS_OF_USE, at__gte=span[0], at__lt=span[1])
    accounts = Account.objects.filter(pk__in=used.values("subject"), kind=Account.EMPLOYER)
    return Employer.objects.filter(pk__in=accounts.values("employer_id"))


def reachable(breach: Breach) -> tuple[int, int]:
    """How many of the affected have an e-mail on record, and how many do not."""
    every = list(affected(breach).values_list("pk", flat=True))
    told = sum(bool(employers.contacts_to_tell(pk)) for pk in every)
    return told, len(every) - told


def notify(breach: Breach, now: datetime) -> int:
    """Write to every e-mail on record of every affected employer; once each. Returns how many messages were new.

    Raises `Refused("breach.no_risk")` while no risk for persons was noted.
    """
    if breach.risk_at is None:
        raise Refused("breach.no_risk")
    payload = notice(breach)
    with transaction.atomic():
        entry = audit.record("breach_notified", actor="operator")
    stamped = payload | {"entry_number": entry.number, "head12": entry.head12}
    queued = sum(_tell_owner(breach, owner, stamped, now) for owner in list(affected(breach).values_list("pk", flat=True)))  # fmt: skip
    Breach.objects.filter(pk=breach.pk, queued_at=None).update(queued_at=now)
    return queued


def _tell_owner(breach: Breach, owner: int, payload: dict[str, object], now: datetime) -> int:
    """One employer in one transaction: the portal goes on meanwhile, and who breaks off begins again without a second message."""
    with transaction.atomic():
        return sum(
            notices.enqueue(
                "breach", address=contact.value, payload=payload, key=f"{breach.pk}:{contact.pk}", now=now,
                employer_id=owner,
            )
            for contact in employers.contacts_to_tell(owner)
        )  # fmt: skip


def notice(breach: Breach) -> dict[str, object]:
    """What the message to persons is filled with: its number, the days, the kinds of data in both languages."""
    kinds = {}
    for lang in ("es", "en"):
        with translation.override(lang):
            kinds[lang] = [category(name) for name in breach.tables]
    first, last = local_day(breach.began_at), local_day(breach.ended_at - timedelta(seconds=1))
    return {
        "number": breach.number, "first": first.isoformat(), "last": last.isoformat(), "data": kinds,
    }  # fmt: skip


def category(table: str) -> str:
    """A table as people call it; its name where it has no words."""
    return str(texts.GROUPS[table][0]) if table in texts.GROUPS else table


# --- the drill ------------------------------------------------------------------------------------------------


def drill(now: datetime) -> Breach:
    """A made-up breach of the last thirty days, known now: nothing is stored, nobody is written to; that it was done is on record."""
    made = draft(
        Facts(
            what=_(texts.DRILL_FACTS), measures=_(texts.DRILL_MEASURES), known_at=now, risk_at=now,
            began_at=now - timedelta(days=30), ended_at=now,
        ),
        now,
    )  # fmt: skip
    made.number = DRILL
    with transaction.atomic():
        audit.record("breach_drilled", actor="operator")
    return made
