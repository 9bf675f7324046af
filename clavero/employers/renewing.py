"""What the register makes of its rows with a key: look-ups, and the seals of contacts (S-136)."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from clavero.core.identifiers import email as emails
from clavero.employers.formats import Record
from clavero.employers.models import Contact, Employer, Representative
from clavero.privacy import keyring, lookups, macs
from clavero.privacy.rotation import Lapse, Renewal


def _employer(row: Employer) -> dict[str, object]:
    return {"ruc_lookup": lookups.renewed(row.ruc_lookup, "ruc", row.ruc)}


def _representative(row: Representative) -> dict[str, object]:
    lookup = lookups.renewed(row.identification_lookup, "person", row.identification)
    return {"identification_lookup": lookup}


def _contact(row: Contact) -> dict[str, object]:
    text = emails.comparable(row.value) if row.kind == Contact.EMAIL else row.value
    return {
        "value_lookup": lookups.renewed(row.value_lookup, f"contact|{row.kind}", text),
        "mac": macs.renewed("contact", row.mac, *row.parts()),
    }


RENEWS = (
    Renewal(Employer, _employer),
    Renewal(Representative, _representative),
    Renewal(Contact, _contact),
)
LAPSES = (Lapse(Contact, "mac"),)


def before_import(records: Iterable[Record]) -> None:
    """While a newer key takes over: what an import is about to look for stands under that one. In a transaction."""
    if not keyring.older():
        return
    known = [each for record in records for each in lookups.all_of("ruc", record.ruc)]
    owners = Employer.objects.filter(ruc_lookup__in=known)
    ids = list(owners.values_list("pk", flat=True))
    for renewal in RENEWS:
        name = "pk" if renewal.model is Employer else "employer_id"
        _renew(renewal, renewal.model._default_manager.filter(**{f"{name}__in": ids}))


def _renew(renewal: Renewal, rows: "models.QuerySet[Any]") -> None:
    for row in rows:
        changes = {n: v for n, v in renewal.anew(row).items() if getattr(row, n) != v}
        if changes:
            renewal.model._default_manager.filter(pk=row.pk).update(**changes)
