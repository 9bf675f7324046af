"""The shape of an e-mail address, and the domain that was probably meant.

Deliverability is not a rule: `employers` and `precheck` ask a library for it. What is compared is
NFKC and casefolded (ATTACKS 4); what is sent to is the address as it stands on record.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from clavero.core.errors import Refused
from clavero.core.identifiers.reading import Reading, Repair

LONGEST = 254
_SHAPE = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
KNOWN = (
    "gmail.com", "hotmail.com", "hotmail.es", "outlook.com", "outlook.es", "yahoo.com", "yahoo.es",
    "live.com", "icloud.com", "msn.com", "proton.me", "protonmail.com", "andinanet.net",
)  # fmt: skip


@dataclass(frozen=True)
class Email:
    """An address as typed, without white space around it; its domain in lower case."""

    value: str


def parse(text: str) -> Email:
    """Raises `Refused`: email.empty, .too_long, .shape."""
    found = text.strip()
    if not found.isascii():
        found = "".join(c for c in found if unicodedata.category(c) != "Cf")
    if not found:
        raise Refused("email.empty")
    if len(found) > LONGEST:
        raise Refused("email.too_long")
    if not _SHAPE.fullmatch(found):
        raise Refused("email.shape")
    name, _, domain = found.rpartition("@")
    return Email(f"{name}@{domain.lower()}")


def comparable(address: str) -> str:
    """The form in which two addresses are compared, and looked up."""
    return unicodedata.normalize("NFKC", address).casefold().strip()


def read(text: str) -> Reading:
    """The same as a reading; a domain one slip away from a known one is offered."""
    try:
        value = parse(text).value
    except Refused as refused:
        return Reading(text, "email", codes=(refused.code,))
    meant = likely_domain(value.rpartition("@")[2])
    if meant is None:
        return Reading(text, "email", value, True)
    repair = Repair(f"{value.rpartition('@')[0]}@{meant}", "email.domain_typo", source=text)
    return Reading(text, "email", value, True, notes=("email.domain_typo",), repairs=(repair,))


@lru_cache(maxsize=4096)
def likely_domain(domain: str) -> str | None:
    """The known domain that is one slip away from `domain`, where exactly one is."""
    if domain in KNOWN:
        return None
    near = [known for known in KNOWN if _one_slip(domain, known)]
    return near[0] if len(near) == 1 else None


def _one_slip(a: str, b: str) -> bool:
    """One character more, less, other, or two neighbours exchanged."""
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    rest_a, rest_b = a[start:], b[start:]
    exchanged = rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:] and len(rest_a) > 1
    return exchanged or rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]
