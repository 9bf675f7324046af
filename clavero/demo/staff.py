"""The made-up staff of the demonstration: who signs in as whom, with a code of six digits that `/demo/` shows.

Nobody here exists. Secrets are known to everybody, which is why they work in the demonstration alone.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from clavero import clock
from clavero.core import totp
from clavero.desk import codes, people
from clavero.desk.models import Staff
from clavero.desk.people import Newcomer


@dataclass(frozen=True)
class Clerk:
    """One of the staff: the name to sign in with, the person, the role, the centre's code."""

    id: str
    name: str
    identification: str
    role: str
    centre: str = ""

    @property
    def secret(self) -> str:
        """The secret of the codes, in base 32: made of the name, so that every demonstration has the same."""
        digest = hashlib.sha256(f"clavero demonstration {self.id}".encode()).digest()
        return base64.b32encode(digest[:20]).decode()


STAFF: tuple[Clerk, ...] = (
    Clerk("veronica", "Verónica Salazar", "2454239274", "officer", "ambato"),
    Clerk("tomas", "Tomás Andrade", "2453970150", "officer", "guayaquil"),
    Clerk("beatriz", "Beatriz Loor", "2457426480", "supervisor", "guayaquil"),
    Clerk("hernan", "Hernán Paredes", "2458033632", "manager", "ambato"),
    Clerk("olga", "Olga Mina", "2450927005", "operator"),
    Clerk("ramiro", "Ramiro Tola", "2455438941", "auditor"),
)


def bring(now: datetime) -> None:
    """Admit the staff and give them their codes. Once."""
    if Staff.objects.exists():
        return
    for clerk in STAFF:
        new = Newcomer(
            clerk.id,
            clerk.name,
            clerk.identification,
            clerk.role,
            clerk.centre,
            people.local_day(now),
        )
        admitted = people.admit(new, None, now)
        codes.give(admitted.account, clerk.secret, now)
        people.mark_ready(admitted, now)


def code_now(clerk: Clerk) -> str:
    """The code that opens the desk at this moment of the demonstration's clock."""
    return totp.code(clerk.secret, totp.step(clock.now()))


def by_id(name: str) -> Clerk:
    """One of the staff."""
    return next(clerk for clerk in STAFF if clerk.id == name)
