"""Writing to the outbox with the fact; sending from it afterwards, once, whatever dies on the way."""

import json
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F
from django.utils.module_loading import import_string

from clavero import clock, rows
from clavero.audit import services as audit
from clavero.notices import letters, mail, sms
from clavero.notices.models import Delivery, Heartbeat, Message
from clavero.privacy.fields import opened

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
BACK_OFF = tuple(
    timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1800, 3600, 7200, 14400)
)
OWNER = secrets.token_hex(8)
REFUSED, TOLD = "refused.", "closed."
"""How the error of a message begins that the mail server refused because of its address, and once `employers` knows."""


class TemporaryFailure(Exception):
    """The message did not go and may go later. The text is a code."""


class PermanentFailure(Exception):
    """The message will never go to this address. The text is a code."""


class Transport(Protocol):
    """What takes a finished mail: SMTP, or the demonstration's mailbox."""

    def send(self, address: str, finished: mail.Mail) -> None: ...


class Phones(Protocol):
    """What takes a finished SMS: the institution's gateway, a folder, or the demonstration's page."""

    def send(self, number: str, finished: sms.Sms) -> None: ...


def enqueue(
    kind: str,
    *,
    address: str,
    payload: dict[str, Any],
    key: str,
    now: datetime,
    employer_id: int | None = None,
    case_id: int | None = None,
    language: str = "es",
    channel: str = Message.MAIL,
) -> bool:
    """Put a message into the outbox, once per `key`; whether it was new. In the transaction of the fact it tells.

    `void` needs no address: it leaves the same row as any other, and the worker drops it.
    """
    if kind != letters.VOID and (kind not in letters.KINDS or not address):
        raise ValueError(f"{kind} is no message, or has no address")
    if all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise transaction.TransactionManagementError("notices.enqueue outside a transaction")
    message = Message(
        kind=kind, channel=channel, key=key, address=address or "-", payload=json.dumps(payload), language=language,
        employer_id=employer_id, case_id=case_id, made_at=now, due_at=now,
    )  # fmt: skip
    return rows.insert_once(message)


def withdraw(employer_id: int, cases: Collection[int], goes: Callable[[Message, str], bool]) -> int:
    """Wipe what waits for an employer or of these cases and `goes` (message, address): nobody sends it any more. How many.

    So goes an address which a mail server refused and nobody noted yet. In the transaction of the deed.
    """
    about = models.Q(employer_id=employer_id) | models.Q(case_id__in=cases)
    waits = Message.objects.filter(about, state__in=(Message.QUEUED, Message.LEASED, Message.DEAD))
    found = waits.exclude(address="").exclude(kind=letters.VOID).select_for_update()
    gone = [each.pk for each in found if goes(each, opened(each, "address"))]
    wiped: dict[str, Any] = {"state": Message.DROPPED, "payload": "", "address": ""}
    return Message.objects.filter(pk__in=gone).update(**wiped)


def is_written(key: str) -> bool:
    """Whether a message of this key stands in the outbox, sent or not."""
    return Message.objects.filter(key=key).exists()


def transport() -> Transport:
    """The transport of this server (settings.MAIL_TRANSPORT)."""
    return import_string(settings.MAIL_TRANSPORT)()  # type: ignore[no-any-return]


def phones() -> Phones:
    """What sends to mobiles (settings.SMS_TRANSPORT). Raises `TemporaryFailure` where nothing does."""
    if not sms.is_on():
        raise TemporaryFailure("sms.off")
    carrier: Phones = import_string(settings.SMS_TRANSPORT)()
    return carrier


def deliver_due(now: datetime, carrier: Transport | None = None, limit: int = 100) -> int:
    """Send what is due. Returns how many messages were taken. Called by the worker."""
    taken = _lease(now, limit)
    carrier = carrier or (transport() if taken else None)
    for message in taken:
        if _is_ours_still(message, now):
            _deliver(message, carrier, now)
    return len(taken)


def _lease(now: datetime, limit: int) -> list[Message]:
    """Take what is due, and what a dead worker left: a conditional UPDATE, row by row."""
    due = models.Q(state=Message.QUEUED, due_at__lte=now) | models.Q(
        state=Message.LEASED, lease_until__lt=now
    )
    ids = list(Message.objects.filter(due).order_by("due_at").values_list("pk", flat=True)[:limit])
    taken = [
        pk
        for pk in ids
        if Message.objects.filter(due, pk=pk).update(
            state=Message.LEASED,
            lease_until=now + LEASE,
            lease_owner=OWNER,
            attempts=F("attempts") + 1,
        )
    ]
    return list(Message.objects.filter(pk__in=taken).order_by("made_at"))


def _held(message: Message) -> models.QuerySet[Message]:
    """The row, while this lease is the newest: `attempts` goes up with each."""
    return Message.objects.filter(pk=message.pk, state=Message.LEASED, attempts=message.attempts)


def _is_ours_still(message: Message, now: datetime) -> bool:
    """Renew the lease before each sending; False where another worker took it, because those before it were slow."""
    return bool(_held(message).update(lease_until=max(now, clock.now()) + LEASE))


def _deliver(message: Message, carrier: Transport | None, now: datetime) -> None:
    """Outside every transaction: nothing leaves the building inside one.

    Whatever a message does, the ones after it are sent: a failure of ours is tried again later like any other.
    """
    if message.kind == letters.VOID:
        _finish(message, Message.DROPPED, now)
        return
    assert carrier is not None
    try:
        if message.channel == Message.SMS:
            phones().send(message.address, sms.finish(message))
        else:
            carrier.send(message.address, mail.finish(message))
    except PermanentFailure as failure:
        _fail(message, str(failure), now, for_good=True)
    except TemporaryFailure as failure:
        _fail(message, str(failure), now, for_good=message.attempts > len(BACK_OFF))
    except Exception as error:
        code = f"internal.{type(error).__name__.lower()}"
        log.error("message_not_made", kind=message.kind, code=code)
        _fail(message, code, now, for_good=message.attempts > len(BACK_OFF))
    else:
        _finish(message, Message.SENT, now)


def _finish(message: Message, state: str, now: datetime) -> None:
    """Sent or dropped: what it said and to whom is wiped."""
    with transaction.atomic():
        done = _held(message).update(state=state, sent_at=now, payload="", address="")
        if done and state == Message.SENT:
            Delivery.objects.create(message=message, at=now, outcome="sent")


def _fail(message: Message, code: str, now: datetime, *, for_good: bool) -> None:
    wait = BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1]
    changes: dict[str, Any] = {
        "state": Message.QUEUED,
        "due_at": now + wait,
        "last_error": code[:40],
    }
    if for_good:
        changes |= {"state": Message.DEAD, "payload": ""}
        if not code.startswith(REFUSED):  # else `take_refused` needs it once more
            changes["address"] = ""
    with transaction.atomic():
        if not _held(message).update(**changes):
            return
        Delivery.objects.create(
            message=message, at=now, outcome="dead" if for_good else "later", detail=code[:40]
        )
        if for_good:
            audit.record(
                "notice_failed",
                case_id=message.case_id,
                subject=message.employer_id,
                reason=message.kind,
            )


def refused_for_good() -> list[Message]:
    """Mails of which the mail server said that their address is none, until `take_refused`."""
    found = Message.objects.filter(state=Message.DEAD, last_error__startswith=REFUSED)
    return list(found.order_by("due_at")[:500])


def take_refused(message: Message) -> bool:
    """Whether this deed is the one that acts on it; its address is wiped then. In a transaction."""
    held = Message.objects.filter(pk=message.pk, last_error=message.last_error)
    told = TOLD + message.last_error.removeprefix(REFUSED)
    return bool(held.update(last_error=told, address=""))


def beat(now: datetime) -> None:
    """Say that this worker is alive."""
    Heartbeat.objects.update_or_create(owner=OWNER, defaults={"at": now})


def due(now: datetime) -> int:
    """Called by the worker in every round."""
    return deliver_due(now)
