"""What the guide sends, to an address that the person types: a trial message, and the list of an answer (B09, B10).

Neither asks a register, and neither says anything of the address: what comes is the same for every one. Both spend
buckets of their own, so that nobody can use up the messages of somebody's recovery (ATTACKS 18).
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from clavero.audit import services as audit
from clavero.core import challenge
from clavero.core.errors import Refused
from clavero.core.guide import Advice
from clavero.guidance import asked as asking
from clavero.guidance import pages
from clavero.guidance.asked import Asked
from clavero.institution import profile
from clavero.notices import services as notices
from clavero.privacy import handles, tokens
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge

PURPOSE = "trial"
SLOW = 300
"""Seconds from which on a message came late: people give up, or ask for another."""


@dataclass(frozen=True)
class Asker:
    """Who asks at the page: network, browser and province, as a message says them."""

    network: str
    browser: str
    province: str
    lang: str


@dataclass(frozen=True)
class Trial:
    """A trial message under way. It rides sealed in its form: in no table, no cookie and no address."""

    address: str
    name: str
    code_hash: str
    sent_at: str

    def sealed(self) -> str:
        return handles.seal(asdict(self), PURPOSE)


def opened(text: str) -> Trial | None:
    """The trial of a form that was sent, while its code is good; else None."""
    held = handles.open(text, PURPOSE, profile().limits.code_minutes * 60)
    return Trial(**held) if held else None


def send_trial(address: str, by: Asker, now: datetime) -> Trial:
    """A code to `address`. Raises `Refused("throttle.wait")`."""
    _spend(address, by, now)
    name, code = tokens.new_token(16), challenge.code(secrets.token_bytes(5))
    with transaction.atomic():
        entry = audit.record("trial_sent", actor="anonymous")
        payload = _asked(by, entry, now) | {"code": code}
        notices.enqueue("trial", address=address, payload=payload, key=f"trial:{name}", now=now, language=by.lang)  # fmt: skip
    return Trial(address, name, tokens.hash(PURPOSE, code, name), now.isoformat())


def try_code(trial: Trial, typed: str, now: datetime) -> None:
    """Counted before it is looked at. Raises `Refused`: throttle.wait, ready.code_other."""
    _charged(Charge("ready_try", trial.name), now=now)
    if not tokens.matches(trial.code_hash, PURPOSE, challenge.normal(typed), trial.name):
        raise Refused("ready.code_other")


def mail_list(address: str, asked: Asked, advice: Advice, by: Asker, now: datetime) -> None:
    """The list of an answer to `address`. Raises `Refused("throttle.wait")`."""
    _spend(address, by, now)
    with transaction.atomic():
        entry = audit.record("list_mailed", actor="anonymous")
        payload = _asked(by, entry, now) | _says(asked, advice)
        key = f"list:{tokens.new_token(16)}"
        notices.enqueue("guide_list", address=address, payload=payload, key=key, now=now, language=by.lang)  # fmt: skip


def _spend(address: str, by: Asker, now: datetime) -> None:
    to_one = address.casefold()
    _charged(Charge("ready_asker", by.network), Charge("ready_mail", to_one), Charge("ready_all", "*"), now=now)  # fmt: skip


def _charged(*charges: Charge, now: datetime) -> None:
    decision = throttle.spend(*charges, now=now)
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)


def _asked(by: Asker, entry: audit.Entry, now: datetime) -> dict[str, object]:
    return {
        "browser": by.browser, "province": by.province, "asked_at": now.isoformat(),
        "entry_number": entry.number, "head12": entry.head12,
    }  # fmt: skip


def _says(asked: Asked, advice: Advice) -> dict[str, object]:
    """The advice by its codes: the letter has the words, in its own language."""
    days = [(f"{day:%Y-%m-%d}", codes) for day, codes in pages.days(advice.plan.steps)]
    return {
        "next": advice.next, "papers": [paper.code for paper in advice.bring], "days": days,
        "link": settings.BASE_URL + asking.address("guide_list", asked),
        "ics": settings.BASE_URL + asking.address("guide_list_ics", asked),
    }  # fmt: skip
