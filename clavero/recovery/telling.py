"""The appointment follows its case, and whoever has it is told: what `services.advance` and `booking` share."""

from datetime import datetime

from clavero.appointments import calendar_file, queries
from clavero.appointments import services as time
from clavero.appointments.models import Booking
from clavero.audit import services as audit
from clavero.employers.models import Contact
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.recovery.models import Case

WITH_FILE = frozenset({"booking_firm", "booking_moved", "booking_reminder"})
"""Notices that carry the appointment as a calendar file."""
ENDS_AS = {"miss": Booking.MISSED, "unbook": Booking.CANCELLED}
"""What an appointment becomes by the move that ends it; any other is not the person's doing: released."""


def follow(case: Case, came_from: str, move: str, entry: audit.Entry, now: datetime) -> None:
    """What a move of the case means for its appointment. Inside the transaction of `services.advance`.

    At the counter it has arrived, after it it is done; any other way out of `booked` gives the time back.
    """
    if came_from == "booked" and case.state == "at_desk":
        _each(case, time.arrive, now)
    elif came_from == "at_desk" and case.state != "at_desk":
        _each(case, time.done, now)
    elif came_from == "booked" and case.state != "booked":
        _give_back(case, move, entry, now)


def _each(case: Case, deed, now: datetime) -> None:  # type: ignore[no-untyped-def]
    booking = queries.of_case(case.pk)
    if booking is not None:
        deed(booking, now)


def _give_back(case: Case, move: str, entry: audit.Entry, now: datetime) -> None:
    booking = queries.of_case(case.pk)
    if booking is None:
        return
    time.release(booking, ENDS_AS.get(move, Booking.RELEASED), now)
    kind = "booking_missed" if move == "miss" else "booking_cancelled"
    tell(case, kind, booking, entry, now, why=move)


def tell(
    case: Case, kind: str, booking: Booking, entry: audit.Entry, now: datetime, **more: object
) -> None:
    """A notice to the contact of the appointment; nothing to nobody where it has none."""
    if not booking.contact:
        return
    payload = about(case, booking) | more
    if kind in WITH_FILE:
        payload["ics"] = calendar_file.text(booking, case.language)
    to = (booking.contact_kind, booking.contact)
    send(case, kind, to, payload, entry, now, str(booking.pk))


def about(case: Case, booking: Booking) -> dict[str, object]:
    """What a notice says of an appointment."""
    return {
        "starts_at": booking.starts_at.isoformat(),
        "zone": booking.centre.zone,
        "centre": booking.centre.name,
        "where": booking.centre.address,
        "canton": booking.centre.canton,
        "remote": booking.centre.kind if booking.centre.is_remote else "",
    }


def send(
    case: Case,
    kind: str,
    to: tuple[str, str],
    payload: dict[str, object],
    entry: audit.Entry,
    now: datetime,
    once: str,
) -> None:
    """A notice about an appointment, one for each `once`. In the transaction of the fact it tells.

    `to` is a kind of contact and its address: a mobile gets an SMS.
    """
    asked = {
        "case_number": case.number,
        "browser": case.browser,
        "province": case.province,
        "asked_at": now.isoformat(),
        "entry_number": entry.number,
        "head12": entry.head12,
    }
    notices.enqueue(
        kind,
        address=to[1],
        channel=Message.SMS if to[0] == Contact.MOBILE else Message.MAIL,
        payload=asked | payload,
        key=f"{case.pk}:{kind}:{once}:{payload.get('why', '')}",
        now=now,
        employer_id=case.employer_id,
        case_id=case.pk,
        language=case.language,
    )
