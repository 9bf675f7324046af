"""The sheet of a visit by mail (B09): what to bring, where and when, with neither of the two secrets.

It goes to the address that confirmed the appointment of this case, else to the contact on record that may
receive; never to one that was only typed. Where there is none, page, statements and outbox are the same (S-055).
"""

from datetime import datetime

from django.db import transaction

from clavero.appointments import calendar_file
from clavero.appointments import queries as appointments
from clavero.audit import services as audit
from clavero.notices import letters
from clavero.notices import services as notices
from clavero.recovery import queries, services, sheets, telling, visits
from clavero.recovery.models import Case


def mail_sheet(case: Case, now: datetime) -> None:
    """Send it, once a day and within the budgets of every message (S-048)."""
    key = f"{case.pk}:visit_sheet:{queries.local_day(now)}"
    if notices.is_written(key):
        return
    own, contact = queries.confirmed_email(case), visits.provable_contact(case)
    address = own or (contact.value if contact else "")
    if not services.may_send(case.employer_key, contact, now, known=case.known_browser):
        address = ""
    not_me = services.not_me_link(case, contact.pk) if contact and not own else ""
    with transaction.atomic():
        entry = audit.record(
            "sheet_asked", actor="claimant", case_id=case.pk, subject=case.employer_id
        )
        payload = services.asked(case, entry, now) | _says(case) | {"not_me": not_me}
        notices.enqueue(
            letters.VISIT_SHEET if address else letters.VOID,
            address=address,
            payload=payload if address else {},
            key=key,
            now=now,
            employer_id=case.employer_id,
            case_id=case.pk,
            language=case.language,
        )


def _says(case: Case) -> dict[str, object]:
    """The papers by their codes, and the appointment where there is one."""
    booked = appointments.of_case(case.pk)
    said: dict[str, object] = {"papers": [paper.code for paper in sheets.papers_of(case)]}
    if booked is None:
        return said
    return said | telling.about(case, booked) | {"ics": calendar_file.text(booked, case.language)}
