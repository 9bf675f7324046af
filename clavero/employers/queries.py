"""Reading who is known. `gather` runs the same statements for an employer who exists and one who does not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection

from clavero import rows
from clavero.clock import now as this_instant
from clavero.core.challenge import DatedFact
from clavero.core.identifiers.employer import EmployerNumber
from clavero.employers.models import Contact, Employer, Fact, Representative
from clavero.institution import profile
from clavero.privacy import lookups
from clavero.privacy.fields import opened


@dataclass(frozen=True)
class Dossier:
    """What the register says of an employer number, as facts for triage and as rows for the case."""

    employer: Employer | None = None
    representative: Representative | None = None
    contact: Contact | None = None
    contacts: tuple[Contact, ...] = ()
    facts: tuple[DatedFact, ...] = ()
    branch_fact: str = "unknown"
    representative_fact: str = "unknown"
    email_fact: str = "unknown"
    key_fact: str = "unknown"
    kind: str = "unknown"

    @property
    def known(self) -> bool:
        return self.employer is not None

    @property
    def employer_id(self) -> int | None:
        return self.employer.pk if self.employer else None

    @property
    def representative_id(self) -> int | None:
        return self.representative.pk if self.representative else None

    @property
    def contact_id(self) -> int | None:
        return self.contact.pk if self.contact else None


_UNKNOWN = Dossier()


# The employer of a number, or, where there is none, the one whose look-up stands next: it is read as it would be, and
# forgotten (S-056). With it, in one row, its branch of this number and its representative of this identification.
_FIND = """SELECT b.id, r.id, r.state, r.mode, e.ruc_lookup IN ({rucs}),
    EXISTS (SELECT 1 FROM employers_representative c WHERE c.employer_id = e.id AND c.state = 'current'), {columns}
FROM employers_employer e
LEFT JOIN employers_branch b ON b.employer_id = e.id AND b.number = %s
LEFT JOIN employers_representative r ON r.employer_id = e.id AND r.identification_lookup IN ({people})
WHERE e.id = COALESCE({older}
    (SELECT id FROM employers_employer WHERE ruc_lookup >= %s ORDER BY ruc_lookup LIMIT 1),
    (SELECT id FROM employers_employer ORDER BY ruc_lookup LIMIT 1))"""
_OLDER = "(SELECT id FROM employers_employer WHERE ruc_lookup IN ({rucs}) LIMIT 1),"
_NOBODY = -1


@dataclass(frozen=True)
class _Found:
    """An employer with what its branch and representative of the typed numbers say."""

    branch_id: int | None
    person_id: int | None
    person_state: str | None
    person_mode: str | None
    has_current: bool
    is_known: bool
    employer: Employer


def gather(number: EmployerNumber) -> Dossier:
    """Three statements, known or not: the employer, its contacts, its dated facts.

    For an unknown one the rows of another are read and weighed, and forgotten: what it takes says nothing (S-056).
    """
    found = _find(number)
    owner = found.employer.pk if found else _NOBODY
    contacts = tuple(rows.some(Contact, employer_id=owner))
    facts = tuple(dated_facts(owner)) if profile().ask_questions else ()
    dossier = _dossier(found, contacts, facts) if found else _UNKNOWN
    return dossier if found and found.is_known else _UNKNOWN


def _find(number: EmployerNumber) -> _Found | None:
    """The employer of this number, or who is read in their place; None where the register is empty."""
    people = lookups.all_of("person", number.identification)
    rucs = lookups.all_of("ruc", number.ruc)
    newest, *older = rucs
    text = _FIND.format(
        columns=rows.columns(Employer, "e."),
        people=rows.marks(people),
        rucs=rows.marks(rucs),
        older=_OLDER.format(rucs=rows.marks(older)) if older else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(text, [*rucs, number.branch, *people, *older, newest])
        row = cursor.fetchone()
    if row is None:
        return None
    branch_id, person_id, state, mode, is_known, has_current, *values = row
    employer = rows.from_values(Employer, values)
    if not is_known:
        branch_id, person_id, state, mode = _NOBODY, _NOBODY, Representative.CURRENT, "alone"
    return _Found(branch_id, person_id, state, mode, has_current, bool(is_known), employer)


def _dossier(found: _Found, contacts: tuple[Contact, ...], facts: tuple[DatedFact, ...]) -> Dossier:
    employer = found.employer
    emails = [contact for contact in contacts if contact.kind == Contact.EMAIL]
    usable = usable_email(emails)
    return Dossier(
        employer=employer,
        representative=Representative(pk=found.person_id) if found.person_id else None,
        contact=usable,
        contacts=contacts,
        facts=facts,
        branch_fact="match" if found.branch_id else "mismatch",
        representative_fact=_representative_fact(found),
        email_fact=email_fact(emails, usable),
        key_fact=employer.key_state,
        kind=employer.kind,
    )


# --- nobody, who is asked for where there is no address -------------------------------------------------


def nobodys_contact_id() -> int:
    """What stands for a contact's id in what is composed for nobody."""
    return int(_kept_of_nobody()[0])


def nobodys_contact() -> Contact:
    """An address of nobody, as the database would give it: it opens, and its MAC holds. It is never written to."""
    return rows.from_values(Contact, _kept_of_nobody())


def weigh_nobody() -> None:
    """As long as it takes a database to see that a case's employer, representative and contact are there (S-056).

    Measured: PostgreSQL, which looks again at the end of the deed, takes about twice as long as SQLite.
    """
    nobody = nobodys_contact()
    if connection.vendor == "postgresql":
        usable_email([nobody])


@cache
def _kept_of_nobody() -> list[Any]:
    day = this_instant()
    contact = Contact(
        employer_id=_NOBODY, kind=Contact.EMAIL, value="nadie@nadie.example", value_lookup="-" * 43,
        as_of=day.date(), usable_from=day,
    )  # fmt: skip
    contact.seal()
    return rows.stored_values(contact)


def _representative_fact(found: _Found) -> str:
    if found.person_state == Representative.CURRENT:
        return "match" if found.person_mode != "jointly" else "mismatch"
    if found.person_state == Representative.ENDED:
        return "changed"
    return "mismatch" if found.has_current else "vacant"


def usable_email(emails: Iterable[Contact]) -> Contact | None:
    """The one address that a code may go to: on record, rested, of this employer alone, as it was written (N08).

    Where there is none at all, nobody's is looked at as closely (S-056).
    """
    now, given = this_instant(), list(emails)
    found = [
        contact
        for contact in given or [nobodys_contact()]
        if contact.state == Contact.ON_RECORD
        and contact.usable_from <= now
        and not contact.shared
        and contact.is_genuine
    ]
    best = max(found, key=lambda contact: (contact.usable_from, contact.pk), default=None)
    return best if given else None


def email_fact(emails: list[Contact], usable: Contact | None) -> str:
    """What triage is told of the e-mail on record."""
    if usable is not None:
        return "valid"
    live = [contact for contact in emails if contact.state == Contact.ON_RECORD]
    if any(contact.shared for contact in live):
        return "shared"
    if live:
        return "invalid"
    return "bounced" if any(contact.state in Contact.GONE for contact in emails) else "none"


def dated_facts(employer_id: int | None) -> list[DatedFact]:
    """The institution's dated facts on one employer. One that another hand wrote is none."""
    found = rows.some(Fact, employer_id=employer_id or _NOBODY)
    return [
        DatedFact(row.name, value, row.as_of.isoformat() if row.as_of else "")
        for row in found
        if (value := opened(row, "value"))
    ]


def contacts_to_tell(employer_id: int | None) -> list[Contact]:
    """Every e-mail on record that a notice goes to: a proposed one silences none of them (A22)."""
    return known(employer_id).to_tell if employer_id else []


@dataclass(frozen=True)
class Known:
    """An employer and its contacts, read once for a deed: what must not be its key, and who is told."""

    employer: Employer
    contacts: tuple[Contact, ...]

    @property
    def names(self) -> set[str]:
        """What stands for the employer: number, name, addresses. What does not open is not named."""
        values = [contact.value for contact in self.contacts if contact.is_genuine]
        return {text for text in (self.employer.name, self.employer.ruc, *values) if text}

    @property
    def to_tell(self) -> list[Contact]:
        """Every e-mail on record: a proposed one silences none of them (A22)."""
        live = [
            c for c in self.contacts if c.kind == Contact.EMAIL and c.state == Contact.ON_RECORD
        ]
        return [contact for contact in live if contact.is_genuine]


def known(employer_id: int) -> Known:
    """Two statements. Raises `Employer.DoesNotExist`."""
    employer = rows.one(Employer, id=employer_id)
    if employer is None:
        raise Employer.DoesNotExist
    return Known(employer, tuple(rows.some(Contact, employer_id=employer_id)))


@dataclass(frozen=True)
class Summary:
    """What the signed-in page shows of an employer."""

    ruc: str
    name: str
    kind: str
    branches: list[tuple[str, str]] = field(default_factory=list)


def summary(employer: Employer) -> Summary:
    branches = [
        (branch.number, branch.name or "") for branch in employer.branches.order_by("number")
    ]
    return Summary(employer.ruc, employer.name or "", employer.kind, branches)
