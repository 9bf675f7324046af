"""What cases make of their rows with a key: look-ups, and those of their appointments (S-136)."""

from django.db.models import Q

from clavero.appointments.models import Booking
from clavero.core import journey
from clavero.core.identifiers import email as emails
from clavero.employers.models import Contact
from clavero.privacy import lookups, macs
from clavero.privacy.rotation import Lapse, Renewal
from clavero.recovery.models import Case, CaseContact, ContactProof, parts

LIVE = Q(state__in=sorted(journey.LIVE))


def _case(row: Case) -> dict[str, object]:
    purpose, text = ("case_practice", row.ref) if row.training else _number(row)
    return {
        "employer_key": lookups.renewed(row.employer_key, purpose, text),
        "mac": macs.renewed("case", row.mac or "", *parts(row)),
    }


def _number(row: Case) -> tuple[str, str]:
    return "case_employer", f"{row.ruc}|{row.branch}"


def _contact_lookup(kind: str, stored: str, address: str) -> str:
    text = emails.comparable(address) if kind == Contact.EMAIL else address
    return lookups.renewed(stored, f"contact|{kind}", text)


def _reach(row: CaseContact) -> dict[str, object]:
    return {"lookup": _contact_lookup(row.kind, row.lookup, row.address)}


def _booking(row: Booking) -> dict[str, object]:
    case = Case.objects.filter(pk=row.case_id).first()
    found: dict[str, object] = {}
    if row.contact:
        found["contact_lookup"] = _contact_lookup(row.contact_kind, row.contact_lookup, row.contact)
    if case is not None:
        found["number_key"] = lookups.renewed(row.number_key, *_number(case))
        found["person_lookup"] = lookups.renewed(row.person_lookup, "person", case.identification)
    return found


RENEWS = (Renewal(Case, _case), Renewal(CaseContact, _reach), Renewal(Booking, _booking))
LAPSES = (
    Lapse(Case, "mac", LIVE),
    *(
        Lapse(Case, column, LIVE)
        for column in (
            "code_hash", "link_hash", "secret_hash", "continuation_hash", "binding_hash", "pickup_hash",
        )
    ),
    Lapse(ContactProof, "token_hash", Q(used_at=None)),
    Lapse(CaseContact, "code_hash", Q(case__state__in=sorted(journey.LIVE))),
)  # fmt: skip
