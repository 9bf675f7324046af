"""The deeds on employers: propose, confirm and mark contacts; register, represent; say what became of a key."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from clavero.audit import services as audit
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.core.identifiers import email as emails
from clavero.core.identifiers.employer import EmployerNumber
from clavero.employers.models import Branch, Change, Contact, Employer, Representative
from clavero.institution import profile
from clavero.privacy import lookups
from clavero.privacy.fields import opened


def contact_lookup(kind: str, value: str) -> str:
    """How an address or number is found, whatever its case or Unicode form (ATTACKS 4)."""
    return contact_lookups(kind, value)[0]


def contact_lookups(kind: str, value: str) -> list[str]:
    """The same under each key in use, newest first."""
    text = emails.comparable(value) if kind == Contact.EMAIL else value
    return lookups.all_of(f"contact|{kind}", text)


def propose_contact(
    employer: Employer, kind: str, value: str, *, case_id: int | None, now: datetime
) -> Contact:
    """A contact that somebody typed: it replaces nothing, receives no code and stops no notice. In a transaction.

    What is on record already stays what it is; an address marked dead, replaced or frozen is not re-opened.
    """
    found = Contact.objects.filter(
        employer=employer, kind=kind, value_lookup__in=contact_lookups(kind, value)
    ).first()
    if found is not None:
        return found
    contact = Contact(
        employer=employer,
        kind=kind,
        value=value,
        value_lookup=contact_lookup(kind, value),
        state=Contact.PROPOSED,
        source="clavero",
        as_of=now.date(),
        changed_on=now.date(),
        usable_from=now + timedelta(hours=profile().limits.contact_rest_hours),
    )
    contact.seal()
    contact.save(force_insert=True)
    entry = audit.record(
        "contact_proposed", actor="claimant", case_id=case_id, subject=employer.pk, reason=kind
    )
    _note_change(employer, f"{kind}_proposed", value, entry, now)
    return contact


def confirm_contact(contact: Contact, now: datetime) -> None:
    """The address answered its own code. It goes on record when its rest is over. In a transaction."""
    if contact.state != Contact.PROPOSED or not contact.is_genuine:
        raise Refused("contact.not_proposed")
    Contact.objects.filter(pk=contact.pk).update(confirmed_at=now)
    audit.record(
        "contact_confirmed", actor="contact", subject=contact.employer_id, reason=contact.kind
    )


def due(now: datetime) -> int:
    """Put on record what was confirmed and has rested. Called by the worker."""
    ready = Contact.objects.filter(
        state=Contact.PROPOSED, confirmed_at__isnull=False, usable_from__lte=now
    )
    settled = 0
    for contact in ready[:500]:
        with transaction.atomic():
            settled += _settle(contact, now)
    return settled


def _settle(contact: Contact, now: datetime) -> int:
    if not contact.is_genuine:
        _say_tampered(contact, now)
        return 0
    waits = Contact.objects.filter(pk=contact.pk, mac=contact.mac, state=Contact.PROPOSED)
    contact.state = Contact.ON_RECORD
    contact.seal()
    if not waits.update(state=contact.state, mac=contact.mac):
        return 0  # another worker was faster
    entry = audit.record("contact_settled", subject=contact.employer_id, reason=contact.kind)
    _note_change(contact.employer, f"{contact.kind}_on_record", contact.value, entry, now)
    return 1


def _say_tampered(contact: Contact, now: datetime) -> None:
    """On record once a day, not with every round."""
    lately = Entry.objects.filter(event="contact_tampered", subject=contact.employer_id)
    if not lately.filter(at__gt=now - timedelta(days=1)).exists():
        audit.record("contact_tampered", subject=contact.employer_id, now=now)


def mark_contact(contact: Contact, state: str, *, actor: str, reason: str, now: datetime) -> None:
    """Say that an address is bounced, dead, replaced or frozen. An import never re-opens it. In a transaction."""
    if state not in Contact.GONE:
        raise Refused("contact.state")
    _change_state(contact, state)
    Contact.objects.filter(pk=contact.pk).update(changed_on=now.date())
    entry = audit.record(
        "contact_marked", actor=actor, subject=contact.employer_id, reason=f"{state}:{reason}"
    )
    _note_change(contact.employer, f"{contact.kind}_{state}", contact.value, entry, now)


def _change_state(contact: Contact, state: str) -> None:
    contact.state = state
    contact.seal()
    Contact.objects.filter(pk=contact.pk).update(state=contact.state, mac=contact.mac)


def replace_contact(
    employer: Employer, kind: str, value: str, *, case_id: int | None, now: datetime
) -> tuple[Contact, list[Contact]]:
    """What the desk corrected and a second person approved: the new contact, and the old ones that it replaces.

    The old ones receive nothing any more; the new one must answer its own link and rest 72 hours before it
    serves online recovery (S-025, S-075, S-080). In a transaction. Raises `Refused("contact.closed")` for a
    value that is marked dead, replaced or frozen.
    """
    fresh = propose_contact(employer, kind, value, case_id=case_id, now=now)
    if fresh.state in Contact.GONE:
        raise Refused("contact.closed")
    live = Contact.objects.filter(employer=employer, kind=kind, state=Contact.ON_RECORD)
    old = list(live.exclude(pk=fresh.pk))
    for contact in old:
        mark_contact(contact, "replaced", actor="officer", reason="desk", now=now)
    audit.record(
        "contact_replaced", actor="approver", case_id=case_id, subject=employer.pk, reason=kind
    )
    return fresh, old


def register(
    number: EmployerNumber, kind: str, name: str, *, case_id: int | None, now: datetime
) -> Employer:
    """A new employer with its branch, from papers seen and a second approval (F15). In a transaction.

    Raises `Refused("employer.known")` where the register has it already.
    """
    lookup = lookups.of("ruc", number.ruc)
    if Employer.objects.filter(ruc_lookup__in=lookups.all_of("ruc", number.ruc)).exists():
        raise Refused("employer.known")
    employer = Employer(
        ruc=number.ruc, ruc_lookup=lookup, name=name, kind=kind, key_state="never", source="clavero",
        as_of=now.date(),
    )  # fmt: skip
    employer.save(force_insert=True)
    Branch.objects.create(employer=employer, number=number.branch)
    entry = audit.record(
        "employer_registered", actor="approver", case_id=case_id, subject=employer.pk, reason=kind
    )
    _note_change(employer, "registered", name, entry, now)
    return employer


def add_representative(
    employer: Employer, identification: str, name: str, *, case_id: int | None, now: datetime
) -> Representative:
    """A person who represents `employer` from now on, alone. In a transaction."""
    known = lookups.all_of("person", identification)
    found = Representative.objects.filter(employer=employer, identification_lookup__in=known)
    person = found.first() or Representative(
        employer=employer,
        identification=identification,
        identification_lookup=lookups.of("person", identification),
    )
    person.name, person.state, person.mode = name or person.name, Representative.CURRENT, "alone"
    person.as_of = now.date()
    person.save()
    entry = audit.record(
        "representative_added", actor="approver", case_id=case_id, subject=employer.pk
    )
    _note_change(employer, "representative_added", identification, entry, now)
    return person


def end_representatives(
    employer: Employer, keep: Representative, *, case_id: int | None, now: datetime
) -> list[Representative]:
    """Everybody who represented `employer` until now, except `keep`: ended. Their keys are the caller's to end."""
    former = list(
        Representative.objects.filter(employer=employer, state=Representative.CURRENT).exclude(
            pk=keep.pk
        )
    )
    for person in former:
        Representative.objects.filter(pk=person.pk).update(
            state=Representative.ENDED, as_of=now.date()
        )
        entry = audit.record(
            "representative_ended", actor="approver", case_id=case_id, subject=employer.pk
        )
        _note_change(employer, "representative_ended", person.identification, entry, now)
    return former


def rename(employer: Employer, name: str, branch: str, *, now: datetime) -> None:
    """Correct the name of an employer, or of its branch of that number. Raises `Refused("rights.no_branch")`."""
    row = employer.branches.filter(number=branch).first() if branch else employer
    if row is None:
        raise Refused("rights.no_branch")
    if row.name == name:
        return
    row.name = name
    with transaction.atomic():
        row.save(update_fields=["name"])
        entry = audit.record(
            "employer_renamed", actor="operator", subject=employer.pk, reason="branch" if branch else "name"
        )  # fmt: skip
        _note_change(employer, "branch_name" if branch else "name", name, entry, now)


def forget_values(employer: Employer, values: Collection[str]) -> int:
    """Of what was changed, these values go, and that it was changed stays. How many. In a transaction."""
    told = Change.objects.filter(employer=employer).exclude(value="").select_for_update()
    gone = [each.pk for each in told if opened(each, "value") in values]
    return Change.objects.filter(pk__in=gone).update(value="")


def set_key_state(employer: Employer, state: str, *, case_id: int | None, now: datetime) -> None:
    """What became of the employer's key. In the transaction that changed it."""
    if employer.key_state == state:
        return
    Employer.objects.filter(pk=employer.pk).update(key_state=state, key_changed_on=now.date())
    employer.key_state = state
    entry = audit.record("key_state_set", case_id=case_id, subject=employer.pk, reason=state)
    _note_change(employer, f"key_{state}", "", entry, now)


def _note_change(
    employer: Employer, what: str, value: str, entry: audit.Entry, now: datetime
) -> None:
    Change.objects.create(
        employer=employer, on=now, what=what, value=value, audit_number=entry.number
    )
