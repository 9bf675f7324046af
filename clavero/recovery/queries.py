"""Reading cases."""

import json
import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q

from clavero import rows
from clavero.core import challenge, evidence, workdays
from clavero.core.identifiers.employer import EmployerNumber
from clavero.core.profile import Estimate
from clavero.employers import queries as employers
from clavero.employers.models import Contact
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.privacy import tokens
from clavero.recovery.models import Case, CaseContact, ContactProof

UNPROVED = ("code_sent", "visit_needed", "booked")
CONTACT_DATA = ("email", "mobile", "landline", "address")


def by_ref(ref: str) -> Case | None:
    """The case of an address. The caller checks the handle. Every page of the road asks this."""
    return rows.one(Case, ref=ref)


_BOUND = """SELECT {columns} FROM employers_contact c LEFT JOIN keys_account a ON a.username IN ({names})
WHERE c.id = COALESCE(%s, (SELECT MIN(id) FROM employers_contact)) AND (a.key_set_at IS NULL OR a.key_set_at <= %s)"""


def bound_contact(case: Case) -> Contact | None:
    """The address that this case's message went to, while it may receive one and the key is still that one (N07).

    Where it went to none another is read and weighed, and forgotten (S-056).
    """
    sent_at = connection.ops.adapt_datetimefield_value(case.code_sent_at)
    names = keys.usernames(number_of(case))
    text = _BOUND.format(columns=rows.columns(Contact, "c."), names=rows.marks(names))
    usable = employers.usable_email(rows.read(Contact, text, [*names, case.contact_id, sent_at]))
    return usable if case.contact_id else None


def number_of(case: Case) -> EmployerNumber:
    """The numbers that were typed when the case was opened."""
    return EmployerNumber(case.identification, case.ruc, case.branch, case.domestic)


def told_of_a_wait(case: Case, now: datetime) -> list[Contact]:
    """Every e-mail on record, and those that were replaced lately: the one that a thief put away is told too."""
    since = (now - timedelta(days=evidence.CHANGED_DAYS)).date()
    found = Contact.objects.filter(employer=case.employer_id, kind=Contact.EMAIL).filter(
        Q(state=Contact.ON_RECORD) | Q(state="replaced", changed_on__gte=since)
    )
    return [contact for contact in found.order_by("pk") if contact.is_genuine]


def by_link(token: str) -> Case | None:
    """The case whose message carried this link, while the link lives."""
    return Case.objects.filter(link_hash__in=tokens.hashes("case_link", token)).first()


def by_secret(text: str) -> Case | None:
    """The case of a case secret, typed with spaces, hyphens or lower case."""
    return Case.objects.filter(
        secret_hash__in=tokens.hashes("case_secret", challenge.normal(text))
    ).first()


def just_opened(ticket: str, now: datetime) -> Case | None:
    """The case that this waiting ticket opened a moment ago, while nothing has been proved in it."""
    opened_with = tokens.hashes("opened_with", ticket)
    recently = now - timedelta(minutes=10)
    return Case.objects.filter(
        opened_with__in=opened_with, opened_at__gte=recently, proved_at=None
    ).first()


def contact_proof(token: str, now: datetime) -> ContactProof | None:
    """What a link to a proposed address confirms, while it lives."""
    hashed = tokens.hashes("contact_proof", token)
    live = ContactProof.objects.filter(token_hash__in=hashed, used_at=None, expires_at__gt=now)
    return live.select_related("contact").first()


def contact_data(case: Case) -> dict[str, str]:
    """What the person proposed for the visit: email, mobile, landline, address, each "" where it was left out."""
    given: dict[str, str] = json.loads(case.contact_data) if case.contact_data else {}
    return {name: given.get(name, "") for name in CONTACT_DATA}


def local_day(now: datetime) -> date:
    """The day it is at the institution."""
    return local(now).date()


def local(now: datetime) -> datetime:
    """A moment on the institution's clock."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE))


def confirmed_email(case: Case) -> str:
    """The address that a code of this case's appointment came back from, or ""."""
    reach = CaseContact.objects.filter(case=case, kind=Contact.EMAIL).exclude(confirmed_at=None)
    found = reach.first()
    return str(found.address) if found else ""


# --- how long it took here ------------------------------------------------------------------------------

ENOUGH, MOST = 50, 1000
"""Closed cases below which nothing is said of them; the newest that are read."""


def durations(now: datetime) -> tuple[Estimate, ...]:
    """How long cases took from their first page to a tested key, by road, over half a year: the middle eight of ten.

    Online in minutes, with a visit in working days. A road with fewer than `ENOUGH` cases is left out.
    """
    done = Case.objects.filter(tested_at__gte=now - timedelta(days=180), tested_at__lte=now)
    rows = done.order_by("-tested_at").values_list("centre", "opened_at", "tested_at")[:MOST]
    minutes, days = [], []
    for centre, opened_at, tested_at in rows:
        if tested_at is None:
            continue
        if centre:
            days.append(
                workdays.between(local_day(opened_at), local_day(tested_at), profile().calendar)
            )
        else:
            minutes.append(math.ceil((tested_at - opened_at).total_seconds() / 60))
    found = (("online", "minutes", minutes), ("visit", "working_days", days))
    return tuple(_measured(*each) for each in found if len(each[2]) >= ENOUGH)


def _measured(scenario: str, unit: str, taken: list[int]) -> Estimate:
    """From the tenth to the ninetieth of a hundred."""
    taken.sort()
    least, most = taken[len(taken) // 10], taken[len(taken) * 9 // 10]
    return Estimate(scenario, least, most, unit, f"{len(taken)}", "measured here")
