"""Asking the SRI about one RUC whose state may have changed since the copy: off unless CLAVERO_SRI_URL is set.

Three deeds and a breaker. `ask` writes a row, in the deed of whoever asks; the worker takes it (`take`), looks outside
every transaction (`look`), and keeps what was answered (`keep`) as a dated fact beside the copy, never in its place.
The breaker: after some failures nobody is asked for some minutes; then one try decides (half open).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils.module_loading import import_string

from clavero.audit import services as audit
from clavero.catastro import sri
from clavero.catastro.models import Breaker, Inquiry
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.privacy import lookups, retention

log = structlog.get_logger()
LEASE = timedelta(minutes=1)
MOST_TAKEN = 3
Transport = Callable[[str, float], bytes]


@dataclass(frozen=True)
class Answer:
    """What the service said: a state, and where that is `unknown`, why. `counts` for the breaker, unless nobody was asked."""

    status: str
    why: str = ""
    counts: bool = True

    @property
    def failed(self) -> bool:
        return self.counts and bool(self.why)


def is_on() -> bool:
    """Whether this server asks the SRI at all."""
    return bool(settings.SRI_TRANSPORT)


def ask(ruc: str, *, case_id: int, now: datetime, staff: int = 0) -> Inquiry:
    """Note that this RUC is to be asked for this case, once while it waits. In a transaction.

    Raises `Refused`: sri.off, sri.resting (at).
    """
    if not is_on():
        raise Refused("sri.off")
    rests_until = resting(now)
    if rests_until is not None:
        raise Refused("sri.resting", at=rests_until)
    waiting = Inquiry.objects.filter(case_id=case_id, state=Inquiry.WAITING).first()
    if waiting is not None:
        return waiting
    actor = "officer" if staff else "claimant"
    audit.record(
        "ruc_asked", actor=actor, case_id=case_id, data={"staff": staff} if staff else None
    )
    return Inquiry.objects.create(
        ruc=ruc, ruc_lookup=lookups.of("inquiry", ruc), case_id=case_id, asked_at=now
    )


def resting(now: datetime) -> datetime | None:
    """Until when the breaker is open, where it is."""
    found = Breaker.objects.filter(pk=1).first()
    return found.open_until if found and found.open_until and now < found.open_until else None


# --- the worker's part ------------------------------------------------------------------------------------


def take(now: datetime) -> Inquiry | None:
    """The oldest inquiry that nobody is looking at, under a lease: one worker looks, whatever dies on the way."""
    free = models.Q(leased_until=None) | models.Q(leased_until__lt=now)
    waiting = Inquiry.objects.filter(free, state=Inquiry.WAITING)
    for pk in waiting.order_by("asked_at").values_list("pk", flat=True)[:10]:
        if waiting.filter(pk=pk).update(leased_until=now + LEASE, taken=F("taken") + 1):
            return Inquiry.objects.get(pk=pk)
    return None


def look(inquiry: Inquiry, now: datetime) -> Answer:
    """Ask the service, or not where the breaker is open. Outside every transaction. Whatever goes wrong is unknown."""
    if inquiry.taken > MOST_TAKEN:
        return Answer(sri.UNKNOWN, "given_up", counts=False)
    if not is_on() or not _may_try(now):
        return Answer(sri.UNKNOWN, "resting", counts=False)
    transport: Transport = import_string(settings.SRI_TRANSPORT)
    try:
        body = transport(inquiry.ruc, float(profile().live.seconds))
        return Answer(sri.read(body, inquiry.ruc))
    except sri.Silent as silent:
        return Answer(sri.UNKNOWN, str(silent))
    except Exception as error:
        log.error("sri_failed", kind=type(error).__name__)
        return Answer(sri.UNKNOWN, "broken")


def _may_try(now: datetime) -> bool:
    """Whether the service is asked now. Half open: of all who come when the rest is over, one."""
    found = Breaker.objects.filter(pk=1).first()
    if found is None or found.open_until is None:
        return True
    if now < found.open_until:
        return False
    row = Breaker.objects.filter(pk=1, open_until=found.open_until)
    return bool(row.update(open_until=now + _rest()))


def _rest() -> timedelta:
    return timedelta(minutes=profile().live.rest_minutes)


def keep(inquiry: Inquiry, answer: Answer, now: datetime) -> None:
    """The answer, once and dated; the number is wiped with it, and the breaker counts. In a transaction."""
    row = Inquiry.objects.filter(pk=inquiry.pk, state=Inquiry.WAITING, taken=inquiry.taken)
    changes = {
        "state": Inquiry.ANSWERED,
        "status": answer.status,
        "why": answer.why,
        "answered_at": now,
    }
    if not row.update(**changes, ruc=""):
        return
    if answer.counts:
        _count(answer, now)
    audit.record(
        "ruc_answered", case_id=inquiry.case_id, reason=answer.why or answer.status,
        outcome="failed" if answer.failed else "done",
    )  # fmt: skip


def _count(answer: Answer, now: datetime) -> None:
    Breaker.objects.get_or_create(pk=1)
    if not answer.failed:
        Breaker.objects.filter(pk=1).update(failures=0, open_until=None, last_why="")
        return
    Breaker.objects.filter(pk=1).update(failures=F("failures") + 1, last_why=answer.why)
    blown = Breaker.objects.filter(pk=1, failures__gte=profile().live.failures)
    if blown.update(open_until=now + _rest()):
        log.warning("sri_resting", why=answer.why)


def due(now: datetime) -> int:
    """Forget answers that no longer count. Called by the worker."""
    before = now - timedelta(days=profile().live.answer_days)
    over = Inquiry.objects.filter(
        state__in=(Inquiry.WAITING, Inquiry.ANSWERED), asked_at__lt=before
    )
    return retention.sweep(over)
