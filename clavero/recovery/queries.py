"""Reading cases."""

from clavero.core import challenge
from clavero.privacy import tokens
from clavero.recovery.models import Case

UNPROVED = ("code_sent", "visit_needed", "booked")


def by_ref(ref: str) -> Case | None:
    """The case of an address. The caller checks the handle."""
    return Case.objects.filter(ref=ref).first()


def by_link(token: str) -> Case | None:
    """The case whose message carried this link, while the link lives."""
    return Case.objects.filter(link_hash=tokens.hash("case_link", token)).first()


def by_secret(text: str) -> Case | None:
    """The case of a case secret, typed with spaces, hyphens or lower case."""
    return Case.objects.filter(secret_hash=tokens.hash("case_secret", challenge.normal(text))).first()
