"""Importing the institution's register: set by set, in one transaction, what Clavero changed staying changed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Q

from clavero.audit import services as audit
from clavero.core.errors import Refused
from clavero.employers import renewing
from clavero.employers.formats import Address, Findings, Record, records
from clavero.employers.models import (
    Branch,
    Change,
    Conflict,
    Contact,
    Employer,
    Fact,
    Representative,
)
from clavero.employers.services import contact_lookup
from clavero.institution import profile
from clavero.privacy import lookups
from clavero.privacy.fields import update_each

BATCH = 1000


@dataclass
class Report:
    """What an import did, in counts; where it found something, the first line numbers."""

    rows: int = 0
    employers_new: int = 0
    employers_changed: int = 0
    contacts_new: int = 0
    contacts_kept_closed: int = 0
    representatives_ended: int = 0
    conflicts: int = 0
    shared_addresses: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def import_file(
    path: Path, now: datetime, tick: Callable[[int, int], None] | None = None
) -> Report:
    """Import a register. Raises `Refused` for a file that cannot be read; then nothing has changed."""
    report, findings = Report(), Findings()
    with transaction.atomic():
        seen: set[str] = set()
        for batch in _batches(records(path, findings)):
            fresh = _once(batch, seen, findings)
            _import_batch(fresh, report, now)
            report.rows += len(batch)
            if tick:
                tick(batch[-1].line, findings.lines_in_file)
        if report.rows == 0 and not findings.counts:
            raise Refused("employers.no_rows")
        report.shared_addresses = flag_shared()
        report.findings, report.lines = findings.counts, findings.lines
        audit.record(
            "employers_import",
            data={"rows": report.rows, "new": report.employers_new, "conflicts": report.conflicts},
        )
    return report


def _batches(found: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(found, BATCH)):
        yield batch


def _once(batch: list[Record], seen: set[str], findings: Findings) -> list[Record]:
    """Each employer once a file; a second line of the same RUC is a finding."""
    fresh = []
    for record in batch:
        key = lookups.of("ruc", record.ruc)
        if key in seen:
            findings.add("employers.twice", record.line)
        else:
            seen.add(key)
            fresh.append(record)
    return fresh


def _import_batch(batch: list[Record], report: Report, now: datetime) -> None:
    by_key = {lookups.of("ruc", record.ruc): record for record in batch}
    renewing.before_import(by_key.values())
    known = {e.ruc_lookup: e for e in Employer.objects.filter(ruc_lookup__in=by_key)}
    employers = {
        key: known.get(key) or _new_employer(key, record) for key, record in by_key.items()
    }
    Employer.objects.bulk_create([e for key, e in employers.items() if key not in known])
    report.employers_new += len(employers) - len(known)
    pairs = [(employers[key], record) for key, record in by_key.items()]
    _update_known([(e, r) for e, r in pairs if e.ruc_lookup in known], report, now)
    ids = [e.pk for e, _ in pairs]
    _branches(pairs, ids)
    _people(pairs, ids, report)
    _contacts(pairs, ids, report, now)
    _facts(pairs, ids)


def _new_employer(key: str, record: Record) -> Employer:
    return Employer(
        ruc=record.ruc,
        ruc_lookup=key,
        name=record.name,
        kind=record.kind,
        key_state=record.key,
        source="import",
        as_of=record.as_of,
    )


def _update_known(pairs: list[tuple[Employer, Record]], report: Report, now: datetime) -> None:
    changed, corrected = [], _corrected([employer.pk for employer, _ in pairs])
    for employer, record in pairs:
        before = (employer.kind, employer.name, employer.key_state)
        if not _is_newer(corrected.get(employer.pk), record):
            employer.name = record.name
        employer.kind, employer.as_of = record.kind, record.as_of
        _key_state(employer, record, report, now)
        if before != (employer.kind, employer.name, employer.key_state):
            changed.append(employer)
    update_each(changed, ["kind", "name", "as_of", "key_state", "key_changed_on"])
    report.employers_changed += len(changed)


def _corrected(ids: list[int]) -> dict[int, date]:
    """When the name of each was last corrected in Clavero."""
    found = Change.objects.filter(employer_id__in=ids, what="name").order_by("on")
    return {owner: on.date() for owner, on in found.values_list("employer_id", "on")}


def _is_newer(corrected_on: date | None, record: Record) -> bool:
    """A name that was corrected here wins until the import carries a later date."""
    return corrected_on is not None and not (record.as_of and record.as_of > corrected_on)


def _key_state(employer: Employer, record: Record, report: Report, now: datetime) -> None:
    """What Clavero did to the key wins until the import says the same or carries a later date."""
    if (
        employer.key_changed_on is None
        or record.key == employer.key_state
        or record.as_of
        and record.as_of > employer.key_changed_on
    ):
        employer.key_state, employer.key_changed_on = record.key, None
    else:
        _conflict(employer, "key", record, report, now)


def _conflict(employer: Employer, what: str, record: Record, report: Report, now: datetime) -> None:
    Conflict.objects.create(employer=employer, at=now, what=what, line=record.line)
    report.conflicts += 1


def _held(model: type[models.Model], ids: list[int], *names: str) -> dict[tuple[Any, ...], Any]:
    """The rows of these employers by the given columns."""
    rows = model._default_manager.filter(employer_id__in=ids)
    return {tuple(getattr(row, name) for name in ("employer_id", *names)): row for row in rows}


def _branches(pairs: Iterable[tuple[Employer, Record]], ids: list[int]) -> None:
    held = _held(Branch, ids, "number")
    fresh = [
        Branch(employer=employer, number=number, name=name)
        for employer, record in pairs
        for number, name in dict(record.branches).items()
        if (employer.pk, number) not in held
    ]
    Branch.objects.bulk_create(fresh)


def _people(pairs: list[tuple[Employer, Record]], ids: list[int], report: Report) -> None:
    """Who is named is current or ended as the file says; who is no longer named has ended."""
    held = _held(Representative, ids, "identification_lookup")
    fresh, changed, named = [], [], set()
    for employer, record in pairs:
        for person in record.people:
            key = (employer.pk, lookups.of("person", person.identification))
            named.add(key)
            row = held.get(key)
            if row is None:
                fresh.append(
                    Representative(
                        employer=employer,
                        identification=person.identification,
                        identification_lookup=key[1],
                        name=person.name,
                        mode=person.mode,
                        state=person.state,
                        through=person.through,
                        as_of=record.as_of,
                    )  # fmt: skip
                )
            elif (row.state, row.mode) != (person.state, person.mode):
                row.state, row.mode = person.state, person.mode
                changed.append(row)
    gone = [
        row for key, row in held.items() if key not in named and row.state == Representative.CURRENT
    ]
    for row in gone:
        row.state = Representative.ENDED
    Representative.objects.bulk_create(fresh)
    update_each([*changed, *gone], ["state", "mode"])
    report.representatives_ended += len(gone)


def _contacts(
    pairs: list[tuple[Employer, Record]], ids: list[int], report: Report, now: datetime
) -> None:
    held = _held(Contact, ids, "kind", "value_lookup")
    fresh: list[Contact] = []
    changed: list[Contact] = []
    for employer, record in pairs:
        for address in record.contacts:
            key = (employer.pk, address.kind, contact_lookup(address.kind, address.value))
            row = held.get(key)
            if row is None:
                fresh.append(_new_contact(employer, address, key[2], now))
            else:
                _meet(row, address, employer, record, report, changed, now)
        changed += _no_longer_named(employer, record, held, report, now)
    Contact.objects.bulk_create(fresh)
    update_each(changed, ["state", "mac", "changed_on", "as_of"])
    report.contacts_new += len(fresh)


def _new_contact(employer: Employer, address: Address, key: str, now: datetime) -> Contact:
    since = datetime.combine(address.as_of, time(), UTC) if address.as_of else now
    contact = Contact(
        employer=employer,
        kind=address.kind,
        value=address.value,
        value_lookup=key,
        state=address.state,
        source="import",
        as_of=address.as_of,
        usable_from=min(since, now),
    )
    contact.seal()
    return contact


def _meet(
    row: Contact,
    address: Address,
    employer: Employer,
    record: Record,
    report: Report,
    changed: list[Contact],
    now: datetime,
) -> None:
    """A contact that is here already: never re-opened, and what Clavero changed stays."""
    if row.state == address.state:
        return
    if row.state in Contact.GONE:
        report.contacts_kept_closed += 1
        if row.changed_on:
            _conflict(employer, "contact_closed", record, report, now)
    elif row.state == Contact.PROPOSED or address.state in Contact.GONE:
        row.state, row.changed_on, row.as_of = address.state, None, address.as_of
        row.seal()
        changed.append(row)


def _no_longer_named(
    employer: Employer,
    record: Record,
    held: dict[tuple[Any, ...], Any],
    report: Report,
    now: datetime,
) -> list[Contact]:
    """Imported addresses that the file no longer names are replaced; what Clavero put on record is a conflict."""
    named = {(a.kind, contact_lookup(a.kind, a.value)) for a in record.contacts}
    gone = []
    for (owner, kind, key), row in held.items():
        if owner != employer.pk or (kind, key) in named or row.state != Contact.ON_RECORD:
            continue
        if row.changed_on and not (record.as_of and record.as_of > row.changed_on):
            _conflict(employer, "contact_missing", record, report, now)
            continue
        row.state = "replaced"
        row.seal()
        gone.append(row)
    return gone


def _facts(pairs: list[tuple[Employer, Record]], ids: list[int]) -> None:
    held = _held(Fact, ids, "name")
    fresh, changed = [], []
    for employer, record in pairs:
        for name, value, as_of in record.facts:
            row = held.get((employer.pk, name))
            if row is None:
                fresh.append(
                    Fact(employer=employer, name=name, value=value, as_of=as_of or record.as_of)
                )
            elif row.value != value:
                row.value, row.as_of = value, as_of or record.as_of
                changed.append(row)
    Fact.objects.bulk_create(fresh)
    update_each(changed, ["value", "as_of"])


def flag_shared() -> int:
    """Flag the addresses that stand for more employers than the profile allows (A26). Returns how many there are."""
    most = profile().limits.shared_contact_employers
    live = Contact.objects.filter(state=Contact.ON_RECORD).exclude(kind=Contact.POSTAL)
    many = (
        live.values("value_lookup")
        .annotate(owners=Count("employer_id", distinct=True))
        .filter(owners__gt=most)
    )
    keys = many.values("value_lookup")
    Contact.objects.filter(~Q(value_lookup__in=keys), shared=True).update(shared=False)
    Contact.objects.filter(value_lookup__in=keys, shared=False).update(shared=True)
    return many.count()
