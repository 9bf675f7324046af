"""The deeds: a request is received, answered or refused; a copy goes out; what may be erased is; the clock reminds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from clavero.audit import services as audit
from clavero.core import journey, rights
from clavero.core import staff as roles
from clavero.core.errors import Refused
from clavero.core.identifiers import email as emails
from clavero.desk import training
from clavero.desk.models import Staff
from clavero.desk.people import local_day
from clavero.employers import queries as employers
from clavero.employers import services as employer_deeds
from clavero.employers.models import Contact, Employer
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.precheck import kept
from clavero.precheck.models import SentList
from clavero.privacy.fields import opened
from clavero.recovery import services as recovery
from clavero.recovery.models import Case
from clavero.rights import breaches
from clavero.rights.models import Request
from clavero.rights.subject import Subject

MOST_OPEN = 5
"""Open requests of one account: beyond them the ones that wait are answered first."""


@dataclass(frozen=True)
class Asked:
    """What somebody asks, as it was written. `reach` is where the answer goes, `who` who asks."""

    kind: str
    what: str
    who: str = ""
    reach: str = ""
    proof: str = rights.ACCOUNT
    language: str = "es"


def receive(asked: Asked, about: Subject | None, staff: Staff | None, now: datetime) -> Request:
    """Note a request: the clock runs from today, and every contact on record is told.

    Raises `Refused`: rights.too_many, training.real_case.
    """
    if staff is not None:
        training.refuse_here(staff)
    elif about and open_of(about).count() >= MOST_OPEN:
        raise Refused("rights.too_many", most=MOST_OPEN)
    request = Request(
        kind=asked.kind, what=asked.what, who=asked.who, reach=asked.reach, proof=asked.proof,
        language=asked.language, received_at=now, due_on=rights.due_on(local_day(now)),
        employer_id=about.employer.pk if about else None,
        representative_id=about.person.pk if about and about.person else None,
        noted_by=staff.number if staff else 0,
    )  # fmt: skip
    with transaction.atomic():
        entry = _record("data_asked", request, staff, reason=asked.kind)
        request.number = f"D{now:%y}-{entry.number:06d}"
        request.save(force_insert=True)
        _tell(request, "data_asked", entry, now)
    return request


def open_of(about: Subject) -> QuerySet[Request]:
    """The requests about this subject that wait for an answer."""
    return of(about).filter(state=rights.RECEIVED)


def of(about: Subject) -> QuerySet[Request]:
    """Every request about this subject, the newest first."""
    person = about.person.pk if about.person else None
    found = Request.objects.filter(employer_id=about.employer.pk, representative_id=person)
    return found.order_by("-received_at")


def decide(
    request: Request, decision: str, reason: str, words: str, staff: Staff, now: datetime
) -> Request:
    """Answer or refuse, once. Raises what `core.rights.may_answer` raises."""
    noted_it = request.noted_by == staff.number
    rights.may_answer(request.state, request.proof, decision, reason, noted_it=noted_it)
    kept_reason = reason if decision == rights.REFUSED else ""
    fresh = {
        "state": decision,
        "reason": kept_reason,
        "answered_at": now,
        "answered_by": staff.number,
    }
    with transaction.atomic():
        if not Request.objects.filter(pk=request.pk, state=rights.RECEIVED).update(**fresh):
            raise Refused("rights.answered")
        request.refresh_from_db()
        request.answer = words
        request.save(update_fields=["answer"])
        event = "data_refused" if decision == rights.REFUSED else "data_answered"
        entry = _record(event, request, staff, reason=kept_reason)
        _tell(request, "data_answered", entry, now)
    return request


def note_copy(about: Subject, staff: Staff | None, now: datetime, how: str) -> audit.Entry:
    """A copy goes out: on record before it does. `how` is account, desk or command."""
    with transaction.atomic():
        return audit.record(
            "data_exported", actor=staff.role if staff else "employer" if how == "account" else "operator",
            subject=about.employer.pk, reason=how,
            data={"staff": staff.number} if staff else None,
        )  # fmt: skip


def _record(event: str, request: Request, staff: Staff | None, reason: str = "") -> audit.Entry:
    return audit.record(
        event, actor=staff.role if staff else "employer", subject=request.employer_id, reason=reason,
        data={"staff": staff.number} if staff else None,
    )  # fmt: skip


def _tell(request: Request, kind: str, entry: audit.Entry, now: datetime) -> None:
    """Every e-mail on record of the employer is told (S-079). Nothing of what was asked stands in it."""
    for contact in employers.contacts_to_tell(request.employer_id):
        notices.enqueue(
            kind,
            address=contact.value,
            payload={
                "number": request.number, "what": request.kind, "state": request.state,
                "due_on": request.due_on.isoformat(), "entry_number": entry.number, "head12": entry.head12,
            },
            key=f"{request.pk}:{kind}:{contact.pk}",
            now=now,
            employer_id=request.employer_id,
            language=request.language,
        )  # fmt: skip


# --- the clock ----------------------------------------------------------------------------------------------


def due(now: datetime) -> int:
    """Remind the operators of what waits: requests, and the terms of a breach. Called by the worker."""
    today = local_day(now)
    waiting = Request.objects.filter(state=rights.RECEIVED)
    last = today + timedelta(days=rights.REMINDERS[0])
    done = sum(_remind(one, now) for one in waiting.filter(due_on__lte=last).order_by("due_on"))
    return done + breaches.remind(now)


def _remind(request: Request, now: datetime) -> int:
    """A mail to each operator, where `CLAVERO_OPERATORS_MAIL` names them; on record either way, once each time."""
    wanted = rights.reminders(request.due_on, local_day(now))
    with transaction.atomic():
        held = Request.objects.filter(pk=request.pk, reminded__lt=wanted)
        if not held.update(reminded=wanted):
            return 0
        left = rights.days_left(request.due_on, local_day(now))
        entry = audit.record(
            "data_reminded", subject=request.employer_id, outcome="late" if left < 0 else "done"
        )
        for n, address in enumerate(settings.OPERATORS_MAIL):
            notices.enqueue(
                "data_due", address=address, key=f"{request.pk}:due:{wanted}:{n}", now=now,
                payload={
                    "number": request.number, "left": left, "due_on": request.due_on.isoformat(),
                    "entry_number": entry.number, "head12": entry.head12,
                },
            )  # fmt: skip
    return 1


# --- erasing and correcting -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Erased:
    """How many of each were erased; what stays is `core.rights.STAYS`."""

    contacts: int
    cases: int
    lists: int


def erasable(about: Subject) -> tuple[QuerySet[Contact], QuerySet[Case]]:
    """What an erasure would take: addresses that are not on record, and cases in which nothing was proved.

    Of one person's: the cases that are theirs, and addresses only while they represent the employer. A case that is held or
    frozen stays until that is decided.
    """
    contacts = Contact.objects.filter(employer=about.employer).exclude(state=Contact.ON_RECORD)
    cases = Case.objects.filter(employer=about.employer, training=False, proved_at=None, held=False)
    if about.person is not None:
        cases = cases.filter(representative=about.person)
    if not about.speaks_for_it:
        contacts = contacts.none()
    cases = cases.filter(visits=None, approvals=None).exclude(state="frozen")
    return contacts.exclude(value=""), cases


def erase(about: Subject, staff: Staff | None, now: datetime, link: str = "") -> Erased:
    """Erase what may be. A case still open ends first; a closed address leaves its keyed mark, so that no import opens it."""
    (contacts, cases), sent = erasable(about), _list(link, now)
    recovery.advance_each(cases.filter(state__in=sorted(journey.LIVE)), "expire", now)
    with transaction.atomic():
        for one in sent:
            kept.forget(one)
        over, held = (
            cases.filter(state__in=sorted(journey.FINAL)),
            list(contacts.select_for_update()),
        )
        ended = list(over.values_list("pk", flat=True))
        silenced = _silence(about, ended, held)
        told = employer_deeds.forget_values(
            about.employer, {opened(each, "value") for each in held}
        )
        wiped = sum(_wipe(contact, now) for contact in held)
        over.filter(pk__in=ended).delete()
        counts: dict[str, int | bool | str] = {
            "contacts": wiped, "cases": len(ended), "lists": len(sent), "messages": silenced, "changes": told,
            "staff": staff.number if staff else 0,
        }  # fmt: skip
        actor = staff.role if staff else roles.OPERATOR
        audit.record("data_erased", actor=actor, subject=about.employer.pk, data=counts)
    return Erased(wiped, len(ended), len(sent))


def _silence(about: Subject, cases: list[int], erased: list[Contact]) -> int:
    """What waits in the outbox for an address that was only proposed, or only typed in these cases, is not sent any more.

    What tells an address that is on record or was stays until it is sent: whoever erases silences no warning (A22).
    """
    proposed = {
        _comparable(opened(each, "value")) for each in erased if each.state == Contact.PROPOSED
    }
    register = Contact.objects.filter(employer=about.employer).exclude(state=Contact.PROPOSED)
    warned = {_comparable(each.value) for each in register.exclude(value="") if each.is_genuine}

    def goes(message: Message, address: str) -> bool:
        to = _comparable(address)
        return to in proposed or (message.case_id in cases and to not in warned)

    return notices.withdraw(about.employer.pk, cases, goes)


def _comparable(address: str) -> str:
    return emails.comparable(address) if "@" in address else address


def _wipe(contact: Contact, now: datetime) -> int:
    """A proposal goes with its row, so that it may be made again; of a closed address only the value goes."""
    if contact.state == Contact.PROPOSED and not Case.objects.filter(contact=contact).exists():
        contact.delete()
        return 1
    contact.state = "replaced" if contact.state == Contact.PROPOSED else contact.state
    contact.value = ""
    contact.seal()
    fresh = {"state": contact.state, "mac": contact.mac, "changed_on": local_day(now)}
    return Contact.objects.filter(pk=contact.pk).update(value="", confirmed_at=None, **fresh)


def _list(link: str, now: datetime) -> list[SentList]:
    """The list of a precheck, by the link that its sender has; none where no link is given. Raises `Refused("rights.no_list")`."""
    if not link:
        return []
    found = kept.find(link.rstrip("/").rpartition("/")[2], now)
    if found is None:
        raise Refused("rights.no_list")
    return [found]


def rename(employer: Employer, name: str, now: datetime, branch: str = "") -> None:
    """Correct the name of an employer or of one of its branches. Contacts and representatives go by the desk (S-075).

    Raises `Refused`: rights.name_empty, rights.no_branch.
    """
    if not name.strip():
        raise Refused("rights.name_empty")
    employer_deeds.rename(employer, name.strip(), branch, now=now)
