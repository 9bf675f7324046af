"""Reading cases."""

from datetime import datetime, timedelta

from clavero.core import challenge
from clavero.privacy import tokens
from clavero.recovery.models import Case, ContactProof

UNPROVED = ("code_sent", "visit_needed", "booked")


def by_ref(ref: str) -> Case | None:
    """The case of an address. The caller checks the handle."""
    return Case.objects.filter(ref=ref).first()


def by_link(token: str) -> Case | None:
    """The case whose message carried this link, while the link lives."""
    return Case.objects.filter(link_hash=tokens.hash("case_link", token)).first()


def by_secret(text: str) -> Case | None:
    """The case of a case secret, typed with spaces, hyphens or lower case."""
    return Case.objects.filter(
        secret_hash=tokens.hash("case_secret", challenge.normal(text))
    ).first()


def just_opened(ticket: str, now: datetime) -> Case | None:
    """The case that this waiting ticket opened a moment ago, while nothing has been proved in it."""
    opened_with = tokens.hash("opened_with", ticket)
    recently = now - timedelta(minutes=10)
    return Case.objects.filter(
        opened_with=opened_with, opened_at__gte=recently, proved_at=None
    ).first()


def contact_proof(token: str, now: datetime) -> ContactProof | None:
    """What a link to a proposed address confirms, while it lives."""
    hashed = tokens.hash("contact_proof", token)
    live = ContactProof.objects.filter(token_hash=hashed, used_at=None, expires_at__gt=now)
    return live.select_related("contact").first()
