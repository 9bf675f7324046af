"""A centre in training: everybody there works on made-up cases, and nothing counts (H13, docs/adr/0013).

Begun and ended by whoever answers for the centre, with a reason. Two sides that never meet: who works at a
centre in training touches made-up cases alone (`refuse_mixed`), everybody else real ones alone.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from clavero.appointments.models import Booking, Centre
from clavero.audit import services as audit
from clavero.core import journey
from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.desk.models import Approval, Duty, Photo, Staff, Ticket, Training, Visit
from clavero.recovery import services as recovery
from clavero.recovery.models import Case

PRACTISED = frozenset({"case.open", "case.check", "case.decide"})
"""What one may practise before the qualification that it asks for: at a centre in training it attests nothing."""
WAITING = (Ticket.WAITING, Ticket.CALLED, Ticket.HELD)


def is_on(centre: str) -> bool:
    """Whether this centre is in training."""
    return bool(centre) and Centre.objects.filter(code=centre, training=True).exists()


def places() -> set[str]:
    """The centres that are in training, by their codes."""
    return set(Centre.objects.filter(training=True).values_list("code", flat=True))


def of(staff: Staff) -> bool:
    """Whether this member of staff practises: by the centre, whatever the role."""
    return is_on(staff.centre)


def refuse_mixed(staff: Staff, case: Case) -> None:
    """Practice and work never meet. Raises `Refused`: training.real_case, training.practice_case."""
    if of(staff) and not case.training:
        raise Refused("training.real_case")
    if case.training and not of(staff):
        raise Refused("training.practice_case")


def refuse_here(staff: Staff) -> None:
    """What makes a real case is not done by who practises. Raises `Refused("training.real_case")`."""
    if of(staff):
        raise Refused("training.real_case")


def open_of(centre: str) -> Training | None:
    return Training.objects.filter(centre=centre, ended_at=None).select_related("begun_by").first()


# --- beginning and ending -----------------------------------------------------------------------------------


def begin(staff: Staff, code: str, reason: str, now: datetime) -> Training:
    """From now on this centre works on made-up cases. Everybody there goes off duty once.

    Raises `Refused`: desk.reason_empty, centre.unknown, training.not_yours, training.on, training.busy (count).
    """
    centre = _theirs(staff, code, reason)
    try:
        with transaction.atomic():
            made = Training.objects.create(
                centre=centre.code, reason=reason.strip()[:500], begun_by=staff, begun_at=now
            )
            Centre.objects.filter(pk=centre.pk).update(training=True)
            _refuse_busy(centre)
            _change_shift(centre.code, now)
            _record("training_begun", staff, made)
    except IntegrityError:
        raise Refused("training.on") from None
    return made


def _theirs(staff: Staff, code: str, reason: str) -> Centre:
    if not reason.strip():
        raise Refused("desk.reason_empty")
    centre = Centre.objects.filter(code=code.strip().lower()).first()
    if centre is None:
        raise Refused("centre.unknown")
    if staff.role == rules.MANAGER and staff.centre != centre.code:
        raise Refused("training.not_yours")
    return centre


def _refuse_busy(centre: Centre) -> None:
    """People who are expected or being served come first. Looked at after the flag: nobody books in between."""
    expected = Booking.objects.filter(centre=centre, state__in=[Booking.HELD, Booking.BOOKED, Booking.FIRM, Booking.ARRIVED])  # fmt: skip
    served = Visit.objects.filter(centre=centre.code, closed_at=None, case__training=False)
    waiting = Ticket.objects.filter(centre=centre.code, state__in=WAITING)
    found = expected.count() + served.count() + waiting.count()
    if found:
        raise Refused("training.busy", count=found)


def _change_shift(centre: str, now: datetime) -> None:
    Duty.objects.filter(centre=centre, until=None).update(until=now)


def _record(event: str, staff: Staff, made: Training) -> None:
    audit.record(event, actor=staff.role, subject=made.pk, data={"staff": staff.number})


def end(staff: Staff, code: str, reason: str, now: datetime) -> None:
    """Back to work: what is left of the practice is closed, its numbers are gone, everybody goes off duty once.

    Raises `Refused`: desk.reason_empty, centre.unknown, training.not_yours, training.off.
    """
    centre = _theirs(staff, code, reason)
    with transaction.atomic():
        row = Training.objects.filter(centre=centre.code, ended_at=None)
        made = row.first()
        if made is None or not row.update(ended_at=now, ended_by=staff):
            raise Refused("training.off")
        _close_practice(centre.code, now)
        Ticket.objects.filter(centre=centre.code, training=True).delete()
        _change_shift(centre.code, now)
        Centre.objects.filter(pk=centre.pk).update(training=False)
        _record("training_ended", staff, made)


def _close_practice(centre: str, now: datetime) -> None:
    visits = Visit.objects.filter(centre=centre, closed_at=None, case__training=True)
    cases = Case.objects.filter(training=True, state__in=sorted(journey.LIVE))
    theirs = set(visits.values_list("case_id", flat=True)) | set(
        cases.filter(centre=centre).values_list("pk", flat=True)
    )
    Photo.objects.filter(visit__in=visits).delete()
    visits.update(closed_at=now, outcome="practice")
    Approval.objects.filter(case_id__in=theirs, decision="").update(decision="over", decided_at=now)
    recovery.advance_each(cases.filter(pk__in=theirs), "close_unfinished", now)
