"""Staff of tests: made by hand, on duty at a counter."""

from datetime import timedelta

from clavero import clock
from clavero.desk.models import Duty, Staff
from clavero.keys.models import Account
from clavero.privacy import lookups

CEDULAS = ("2450000015", "2450000023", "2450000031", "2450000049", "2450000056", "2450000064")


def member(
    number: int, role: str = "officer", centre: str = "ambato", *, duty: bool = True
) -> Staff:
    """One of staff, by a made-up number, on duty unless said otherwise."""
    now = clock.now()
    account = Account.objects.create(
        kind=Account.STAFF, username=f"staff:n{number}", role=role, opened_at=now
    )
    cedula = CEDULAS[number]
    staff = Staff.objects.create(
        account=account, number=number + 101, name=f"Persona {number}", identification=cedula,
        identification_lookup=lookups.of("person", cedula), centre=centre, made_at=now,
        qualified_until=now.date() + timedelta(days=200),
    )  # fmt: skip
    if duty:
        on_duty(staff)
    return staff


def on_duty(staff: Staff) -> Duty:
    """At a counter, seen just now."""
    now = clock.now()
    Duty.objects.filter(staff=staff, until=None).update(until=now)
    return Duty.objects.create(
        staff=staff, centre=staff.centre, counter=str(staff.number), since=now, seen_at=now
    )
