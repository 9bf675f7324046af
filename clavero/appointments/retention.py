"""What the calendar forgets: appointments whose day is long past, and who waited for one."""

from datetime import datetime

from clavero.appointments.models import Booking, Waiting
from clavero.privacy import retention
from clavero.privacy.retention import Rule

OVER = (Booking.RELEASED, Booking.MOVED, Booking.CANCELLED, Booking.MISSED, Booking.DONE)
RULES = (
    Rule(
        "appointments",
        ("appointments_booking", "appointments_cell"),
        lambda before: Booking.objects.filter(state__in=OVER, starts_at__lt=before),
    ),
    Rule(
        "appointments",
        ("appointments_waiting",),
        lambda before: Waiting.objects.filter(
            state__in=(Waiting.TAKEN, Waiting.GONE), made_at__lt=before
        ),
    ),
)


def due(now: datetime) -> int:
    """Called by the worker."""
    return retention.forget(RULES, now)
