"""What a person may ask about their own data, until when it is answered, and why something stays.

Source: LOPDP arts. 13 (access), 14 (correction), 15 (erasure) and 18 (exceptions), S-130. Arts. 13 to 15 say *plazo* of
fifteen days (DOMAIN §5: 13 and 14 read on an official page, 15 and 18 in a transcription, counsel has to confirm), where
art. 43 says *término*, which are working days. So these fifteen are counted as calendar days: never later than the other
reading would be.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from clavero.core.errors import Refused

ACCESS, CORRECTION, ERASURE = KINDS = ("access", "correction", "erasure")
RECEIVED, ANSWERED, REFUSED = STATES = ("received", "answered", "refused")
DAYS = 15
REMINDERS = (5, 1, -1)
"""Days left at which the operators are reminded: in time, on the last day but one, and once when it has lapsed."""

ACCOUNT, DOCUMENT, AUTHORISATION, NOTHING = PROOFS = (
    "account", "document", "authorisation", "none",
)  # fmt: skip
"""What shows that who asks is the person: the key, a document seen, an authorisation with documents seen; or nothing yet."""

REASONS: dict[str, str] = {
    "not_proved": "LOPDP art. 13",
    "not_held": "LOPDP art. 13",
    "duty": "LOPDP art. 18",
    "record": "LOPDP arts. 10(k), 18",
    "others": "LOPDP art. 18",
}
"""Why a request may be refused, each with its article. There is no other reason."""


@dataclass(frozen=True)
class Stays:
    """Something that is not erased, by its code, and the reason of `REASONS` for it."""

    what: str
    why: str


STAYS = (
    Stays("record", "record"),
    Stays("keys", "record"),
    Stays("proven_cases", "record"),
    Stays("register", "duty"),
    Stays("contacts_on_record", "duty"),
    Stays("closed_marks", "duty"),
    Stays("warnings", "duty"),
    Stays("requests", "record"),
)
"""What an erasure leaves, always. `closed_marks`: the keyed mark of a closed address, without which an import would open it again.
`warnings`: what tells an address of the register of what was done, until it is sent: whoever erases silences none.
"""


def due_on(received: date) -> date:
    """The last day for an answer."""
    return received + timedelta(days=DAYS)


def days_left(due: date, today: date) -> int:
    """How many days remain; 0 on the last one, below it once it lapsed."""
    return (due - today).days


def reminders(due: date, today: date) -> int:
    """How many reminders should have left by `today`."""
    return sum(days_left(due, today) <= at for at in REMINDERS)


def may_answer(
    state: str, proof: str, decision: str, reason: str, *, noted_it: bool = False
) -> None:
    """Whether a request may be decided so. Raises `Refused`.

    rights.answered: it was. rights.reason: a refusal needs a reason of the law. rights.not_proved: nobody is told
    anything, and nothing is changed, for who has not shown to be the person. rights.same_person: who noted a request
    (`noted_it`) may refuse it, and hands nothing over: nobody of staff takes data out alone.
    """
    if state != RECEIVED:
        raise Refused("rights.answered")
    if decision == REFUSED and reason not in REASONS:
        raise Refused("rights.reason")
    if decision != REFUSED and proof == NOTHING:
        raise Refused("rights.not_proved")
    if decision != REFUSED and noted_it:
        raise Refused("rights.same_person")
