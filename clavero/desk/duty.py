"""Being at a counter: begin, be seen, end. Who decides for others is drawn from those who are (S-066)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.core.staff import IDLE
from clavero.desk.models import Duty, Staff


def of(staff: Staff) -> Duty | None:
    """Where this person is on duty."""
    return Duty.objects.filter(staff=staff, until=None).first()


def begin(staff: Staff, counter: str, now: datetime) -> Duty:
    """On duty at a counter of the own centre; an earlier place is left. One person a counter.

    Raises `Refused`: duty.no_centre, duty.counter_shape, duty.counter_taken.
    """
    if not staff.centre:
        raise Refused("duty.no_centre")
    place = counter.strip().upper()
    if not (place.isascii() and place.isalnum() and len(place) <= 4):
        raise Refused("duty.counter_shape")
    free_what_was_left(staff.centre, place, now)
    try:
        with transaction.atomic():
            end(staff, now)
            _record("duty_started", staff)
            return Duty.objects.create(
                staff=staff, centre=staff.centre, counter=place, since=now, seen_at=now
            )
    except IntegrityError:
        raise Refused("duty.counter_taken") from None


def free_what_was_left(centre: str, counter: str, now: datetime) -> None:
    """A counter whose officer has not been seen for the length of the idle lock is free."""
    idle = Duty.objects.filter(centre=centre, counter=counter, until=None, seen_at__lt=now - IDLE)
    idle.update(until=now)


def see(staff: Staff, now: datetime) -> None:
    """This person is at work: one statement at each page of the desk."""
    Duty.objects.filter(staff=staff, until=None).update(seen_at=now)


def end(staff: Staff, now: datetime) -> None:
    """Off duty. In a transaction."""
    if Duty.objects.filter(staff=staff, until=None).update(until=now):
        _record("duty_ended", staff)


def leave(staff: Staff, now: datetime) -> None:
    """Off duty, as a deed of its own."""
    with transaction.atomic():
        end(staff, now)


def _record(event: str, staff: Staff) -> None:
    audit.record(
        event, actor=staff.role, subject=staff.account_id, data={"staff": staff.number}
    )  # fmt: skip
