"""«No fui yo»: a contact on record stops a case, and the key that it set, for 72 hours at most; a supervisor ends that before (I03).

The link of a case stops what that case did. A key that somebody set later after being seen at a centre is no business of an
older link: whoever was told of the later case has a link of its own.
"""

from datetime import datetime, timedelta

from django.db import transaction

from clavero.audit import services as audit
from clavero.core import evidence, journey
from clavero.core.errors import Refused
from clavero.employers import queries as employers
from clavero.employers.models import Contact
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.privacy import handles
from clavero.recovery import services
from clavero.recovery.models import Case, Objection
from clavero.recovery.services import advance, number_of

FREEZE_HOURS = 72
FREEZE = timedelta(hours=FREEZE_HOURS)
LINK = timedelta(days=30)


def read(token: str) -> tuple[Case, Contact] | None:
    """Case and contact of a «no fui yo» link, while it lives."""
    held = handles.open(token, "not_me", int(LINK.total_seconds()))
    if not held:
        return None
    case = Case.objects.filter(pk=held["case"]).first()
    contact = Contact.objects.filter(pk=held["contact"]).first()
    return (case, contact) if case and contact and contact.is_genuine else None


def freeze(case: Case, contact: Contact, now: datetime) -> None:
    """A contact on record says «no fui yo»: the case stops for 72 hours at most, and so does a key that it set.

    Once per contact and case; it does nothing else. Everybody on record hears of it: who asked must know what stopped them.
    Raises `Refused`: freeze.once, freeze.over.
    """
    until = now + FREEZE
    account = case.account if case.account is not None and not _seen_since(case) else None
    with transaction.atomic():
        _object_once(case, contact, now)
        entry = _stop(case, until, now)
        if account is not None:
            entry = keys.freeze(account, until, case_id=case.pk, now=now)
        elif case.state == "access_tested":
            raise Refused("freeze.over")
        if entry is not None:
            _tell(case, "objection_made", entry, now, until=until.isoformat())


def _stop(case: Case, until: datetime, now: datetime) -> audit.Entry | None:
    if not case.is_genuine:
        # It makes no move any more; the key that it may have set is stopped all the same.
        services.record_useless(case)
    elif case.state in journey.LIVE and case.state != "frozen":
        return advance(
            case, "freeze", now=now, actor="contact", frozen_from=case.state, frozen_until=until,
            binding_hash="", binding_typed_at=None,
        )  # fmt: skip
    elif case.state not in ("frozen", "access_tested"):
        raise Refused("freeze.over")
    return None


def _object_once(case: Case, contact: Contact, now: datetime) -> None:
    made = Objection.objects.bulk_create(
        [Objection(case=case, contact=contact, at=now)], ignore_conflicts=True
    )
    if not Objection.objects.filter(pk=made[0].pk).exists():
        raise Refused("freeze.once")


def _seen_since(case: Case) -> bool:
    """Whether a later case of this employer set or kept the key of this account after the person was seen at a centre.

    By the rule that granted it, and by the proofs, which are bound: seen and then sent back, or a rule written by another
    hand, is not enough.
    """
    later = Case.objects.filter(
        account=case.account,
        employer=case.employer,
        key_set_at__gt=case.key_set_at or case.opened_at,
    ).exclude(pk=case.pk)
    seen = (one for one in later if evidence.was_seen(one.grant_rule) and "visit" in one.proofs)
    return any(one.is_genuine for one in seen)


def account_of(case: Case) -> Account | None:
    """The account whose key the numbers of this case open, whichever case set it."""
    return case.account or keys.account_of(number_of(case))


def stopping(account: Account | None, now: datetime) -> list[Objection]:
    """What stops this key at this moment, newest first. Empty where nothing does, or something else than a «no fui yo»."""
    until = keys.stopped_until(account, now)
    if account is None or until is None:
        return []
    said = list(
        Objection.objects.filter(case__account=account, at__gt=now - FREEZE)
        .select_related("case")
        .order_by("-at")
    )
    return said if any(one.at + FREEZE == until for one in said) else []


def shown(account: Account | None, now: datetime) -> dict[str, object]:
    """What a page says of a key: until when it is stopped, if it is, and whether by a «no fui yo»."""
    until = keys.stopped_until(account, now)
    return {"stopped": until, "by_contact": bool(until and stopping(account, now))}


def lift(case: Case, *, staff: int, reason: str, now: datetime) -> None:
    """A supervisor who has seen the evidence ends the freeze: the case stands where it stood, the key opens again.

    Also of a key that another case of these numbers set, which is over. Raises `Refused("freeze.none")`.
    """
    account = account_of(case)
    stopped = stopping(account, now)
    if case.state != "frozen" and not stopped:
        raise Refused("freeze.none")
    with transaction.atomic():
        if case.state == "frozen":
            entry = advance(case, "lift_freeze", now=now, actor="supervisor", staff=staff, reason=reason, frozen_until=None)  # fmt: skip
        if account is not None and stopped:
            entry = keys.thaw(account, case_id=case.pk, staff=staff, reason=reason, now=now)
        _tell(case, "objection_lifted", entry, now)


def _tell(case: Case, kind: str, entry: audit.Entry, now: datetime, **more: object) -> None:
    if case.employer_id is not None:
        services.tell(case, employers.contacts_to_tell(case.employer_id), kind, entry, now, **more)
