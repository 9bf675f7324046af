"""The deeds on staff: admit, hand a code of enrolment, move, prolong, end. By another person, with a reason.

A code of enrolment is asked for by one person and handed over by another, by hand and never by mail (S-066,
H08): whoever could enrol somebody alone would be two people at once.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet

from clavero.audit import services as audit
from clavero.core import challenge
from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.desk import casework, codes, duty
from clavero.desk.models import Enrolment, Staff
from clavero.keys import passkeys
from clavero.keys import services as keys
from clavero.keys.models import Account, Session
from clavero.privacy import lookups, tokens

REASON_MOST = 300


@dataclass(frozen=True)
class Newcomer:
    """Who is admitted: the name to sign in with, the person, the role, the centre."""

    sign_in_name: str
    name: str
    identification: str
    role: str
    centre: str = ""
    examined_on: date | None = None
    training: bool = False


def local_day(now: datetime) -> date:
    """The day at the institution."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


# --- reading --------------------------------------------------------------------------------------------


def at_work() -> QuerySet[Staff]:
    """Everybody who has not left, by number."""
    return Staff.objects.filter(left_at=None).select_related("account").order_by("number")


def by_sign_in_name(name: str) -> Staff | None:
    """Who signs in with this name, while at work."""
    return at_work().filter(account__username=f"staff:{name.strip().lower()}").first()


def mark_ready(staff: Staff, now: datetime) -> None:
    """Note the first moment at which this person may work. In a transaction."""
    if is_ready(staff):
        Staff.objects.filter(pk=staff.pk, ready_at=None).update(ready_at=now)


def is_ready(staff: Staff) -> bool:
    """Whether this person may work: two passkeys, or the demonstration's codes."""
    if settings.DESK_CODES and codes.has(staff.account):
        return True
    return passkeys.count(staff.account) >= rules.PASSKEYS


def visible_to(staff: Staff) -> QuerySet[Staff]:
    """The people whom a manager (the own centre), an operator or an auditor (all) reads about."""
    found = at_work()
    return found.filter(centre=staff.centre) if staff.role == rules.MANAGER else found


def open_enrolments() -> QuerySet[Enrolment]:
    """Codes that were asked for and not handed over yet, oldest first."""
    found = Enrolment.objects.filter(approved_at=None, dropped_at=None, asked_by__isnull=False)
    return found.select_related("staff__account", "asked_by__account").order_by("asked_at")


# --- admitting ------------------------------------------------------------------------------------------


def admit(new: Newcomer, by: Staff | None, now: datetime) -> Staff:
    """A new member of staff, who can do nothing yet. `by` is None for the first operator alone.

    Raises `Refused`: staff.may_not_admit, staff.name_shape, staff.name_taken, staff.already_here, staff.not_yet.
    """
    if by is not None:
        rules.may_admit(by.role, new.role, same_centre=by.centre == new.centre)
    name = _sign_in_name(new.sign_in_name)
    if new.examined_on and new.examined_on > local_day(now):
        raise Refused("staff.not_yet")
    known = lookups.all_of("person", new.identification or f"staff:{name}")
    if at_work().filter(identification_lookup__in=known).exists():
        raise Refused("staff.already_here")
    with transaction.atomic():
        account = _open_account(name, new.role, now)
        audit.record(
            "staff_created", actor=by.role if by else "bootstrap", subject=account.pk,
            reason=new.role, data={"by": by.number if by else 0},
        )  # fmt: skip
        return Staff.objects.create(
            account=account, number=_next_number(), name=new.name, identification=new.identification or "-",
            identification_lookup=known[0], centre=new.centre, training=new.training, made_at=now,
            qualified_until=rules.qualified_from(new.examined_on) if new.examined_on else None,
        )  # fmt: skip


def _sign_in_name(typed: str) -> str:
    name = typed.strip().lower()
    if not (name.isascii() and name.replace(".", "_").isidentifier() and len(name) < 40):
        raise Refused("staff.name_shape")
    return name


def _open_account(name: str, role: str, now: datetime) -> Account:
    account, is_new = Account.objects.get_or_create(
        username=f"staff:{name}", defaults={"kind": Account.STAFF, "role": role, "opened_at": now}
    )
    if not is_new:
        raise Refused("staff.name_taken")
    return account


def _next_number() -> int:
    """Behind the audit's lock, so that two never get the same."""
    return (Staff.objects.aggregate(last=Max("number"))["last"] or 0) + 1


# --- enrolment ------------------------------------------------------------------------------------------


def ask_enrolment(staff: Staff, kind: str, reason: str, by: Staff, now: datetime) -> Enrolment:
    """Ask that `staff` be given a code. Raises `Refused`: enrolment.own, enrolment.asked, staff.reason_empty."""
    if by.pk == staff.pk:
        raise Refused("enrolment.own")
    words = _reason(reason)
    if open_enrolments().filter(staff=staff).exists():
        raise Refused("enrolment.asked")
    with transaction.atomic():
        audit.record(
            "enrolment_asked", actor=by.role, subject=staff.account_id, reason=kind,
            data={"by": by.number, "staff": staff.number},
        )  # fmt: skip
        return Enrolment.objects.create(
            staff=staff, kind=kind, reason=words, asked_by=by, asked_at=now
        )


def approvers() -> tuple[set[int], set[int]]:
    """Who could hand a code over today, and who ever could: the others left since, or lost their passkeys. Row ids."""
    of_the_role = [
        one
        for one in Staff.objects.select_related("account")
        if rules.may(one.role, "staff.approve")
    ]
    able = {one.pk for one in of_the_role if one.left_at is None and is_ready(one)}
    return able, able | {one.pk for one in of_the_role if one.ready_at}


def approve_enrolment(enrolment: Enrolment, by: Staff, now: datetime) -> str:
    """The code, for the hand of who enrols: 80 bits, 48 hours, once. Codes that were handed before die.

    Raises `Refused`: enrolment.own, enrolment.same_person, enrolment.nobody_else, enrolment.over.
    """
    able, ever = approvers()
    asked_by = enrolment.asked_by_id or 0
    alone = rules.second_person(enrolment.staff_id, asked_by, by.pk, able=able, ever=ever)
    code = challenge.continuation(secrets.token_bytes(10))
    with transaction.atomic():
        _drop_older(enrolment, now)
        row = Enrolment.objects.filter(pk=enrolment.pk, approved_at=None, dropped_at=None)
        changed = row.update(
            approved_by=by, approved_at=now, alone=alone,
            code_hash=_hashed(code), expires_at=now + rules.ENROLMENT,
        )  # fmt: skip
        if not changed:
            raise Refused("enrolment.over")
        audit.record(
            "enrolment_approved", actor=by.role, subject=enrolment.staff.account_id, reason=enrolment.kind,
            data={"by": by.number, "staff": enrolment.staff.number, "alone": alone},
        )  # fmt: skip
    return code


def _drop_older(enrolment: Enrolment, now: datetime) -> None:
    older = Enrolment.objects.filter(staff=enrolment.staff_id, used_at=None, dropped_at=None)
    older.exclude(pk=enrolment.pk).update(dropped_at=now, code_hash=None)


def drop_enrolment(enrolment: Enrolment, by: Staff, now: datetime) -> None:
    """Do not hand it over. Raises `Refused("enrolment.over")`."""
    with transaction.atomic():
        row = Enrolment.objects.filter(pk=enrolment.pk, approved_at=None, dropped_at=None)
        if not row.update(dropped_at=now):
            raise Refused("enrolment.over")
        audit.record(
            "enrolment_dropped", actor=by.role, subject=enrolment.staff.account_id,
            data={"by": by.number, "staff": enrolment.staff.number},
        )  # fmt: skip


def bootstrap(name: str, person: str, identification: str, now: datetime) -> str:
    """An operator and the code to enrol with, for the command alone (S-138).

    It serves while the pages cannot: nobody can hand a code over yet, or who is left of several may not do it alone.
    Until that operator can work, the same name gets a new code; before the first one can, no other name gets any.
    Raises `Refused`: staff.bootstrapped, staff.name_shape, staff.name_taken, staff.already_here.
    """
    able, ever = approvers()
    there = by_sign_in_name(name)
    has_first = not ever and at_work().exclude(pk=there.pk if there else 0).exists()
    if has_first or not rules.command_may_enrol(able, ever):
        raise Refused("staff.bootstrapped")
    if there is not None and there.role == rules.OPERATOR and not is_ready(there):
        return _first_code(there, now)
    return _first_code(
        admit(Newcomer(name, person or name, identification, rules.OPERATOR), None, now), now
    )


def _first_code(staff: Staff, now: datetime) -> str:
    code = challenge.continuation(secrets.token_bytes(10))
    with transaction.atomic():
        audit.record("enrolment_approved", actor="bootstrap", subject=staff.account_id)
        older = Enrolment.objects.filter(staff=staff, used_at=None, dropped_at=None)
        older.update(dropped_at=now, code_hash=None)
        Enrolment.objects.create(
            staff=staff, asked_at=now, code_hash=_hashed(code), expires_at=now + rules.ENROLMENT
        )
    return code


def _hashed(code: str) -> str:
    return tokens.hash("enrolment", challenge.normal(code))


def redeem(name: str, typed: str, now: datetime) -> Staff:
    """Who enrols with this code; the code is used up, older passkeys are gone. Count the try first.

    Raises `Refused("enrolment.no_match")` for whatever does not match.
    """
    staff = by_sign_in_name(name)
    try:
        return _redeemed(staff, typed, now)
    except Refused:
        _record_failure(staff)
        raise


def _record_failure(staff: Staff | None) -> None:
    with transaction.atomic():
        audit.record(
            "enrolment_failed", actor="anonymous", outcome="refused",
            subject=staff.account_id if staff else None,
        )  # fmt: skip


def _redeemed(staff: Staff | None, typed: str, now: datetime) -> Staff:
    live = Enrolment.objects.filter(used_at=None, dropped_at=None, expires_at__gt=now)
    hashed = tokens.hashes("enrolment", challenge.normal(typed))
    row = live.filter(code_hash__in=hashed, staff_id=staff.pk if staff else 0)
    with transaction.atomic():
        if staff is None or not row.update(used_at=now, code_hash=None):
            raise Refused("enrolment.no_match")
        gone = passkeys.forget_all(staff.account)
        _end_sessions(staff)
        audit.record(
            "enrolment_used", actor=staff.role, subject=staff.account_id,
            data={"staff": staff.number, "gone": gone},
        )  # fmt: skip
    return staff


# --- changes --------------------------------------------------------------------------------------------


def move(staff: Staff, centre: str, by: Staff, now: datetime) -> None:
    """To another centre; duty and visits that are open end. Raises `Refused("enrolment.own")` on oneself."""
    _not_oneself(staff, by)
    with transaction.atomic():
        duty.end(staff, now)
        casework.free(staff, now)
        Staff.objects.filter(pk=staff.pk).update(centre=centre)
        _record("staff_moved", staff, by)


def prolong(staff: Staff, examined_on: date, by: Staff, now: datetime) -> None:
    """Twelve more months from the day of the examination (S-070). Raises `Refused`: staff.not_yet, enrolment.own."""
    _not_oneself(staff, by)
    if examined_on > local_day(now):
        raise Refused("staff.not_yet")
    with transaction.atomic():
        until = rules.qualified_from(examined_on)
        Staff.objects.filter(pk=staff.pk).update(qualified_until=until)
        _record("staff_qualified", staff, by)


def end(staff: Staff, by: Staff, now: datetime) -> None:
    """They left: account, sessions, passkeys, open codes, duty and visits end at once. Raises `Refused("enrolment.own")`."""
    _not_oneself(staff, by)
    with transaction.atomic():
        if not Staff.objects.filter(pk=staff.pk, left_at=None).update(left_at=now):
            return
        duty.end(staff, now)
        casework.free(staff, now)
        passkeys.forget_all(staff.account)
        open_ones = Enrolment.objects.filter(staff=staff, used_at=None, dropped_at=None)
        open_ones.update(dropped_at=now, code_hash=None)
        keys.revoke(staff.account, reason="left", now=now)
        _record("staff_ended", staff, by)


def lose_passkey(staff: Staff, number: int, session_key: str) -> None:
    """A passkey is lost: it opens nothing from now on, and every other session ends. Fewer than two bar the work."""
    with transaction.atomic():
        if not passkeys.forget(staff.account, number):
            raise Refused("passkey.unknown")
        _end_sessions(staff, but=session_key)
        audit.record(
            "passkey_lost", actor=staff.role, subject=staff.account_id, data={"staff": staff.number}
        )


def _end_sessions(staff: Staff, but: str = "") -> None:
    Session.objects.filter(account_id=staff.account_id).exclude(pk=but).delete()


def _not_oneself(staff: Staff, by: Staff) -> None:
    if staff.pk == by.pk:
        raise Refused("enrolment.own")


def _record(event: str, staff: Staff, by: Staff) -> None:
    audit.record(
        event, actor=by.role, subject=staff.account_id, data={"by": by.number, "staff": staff.number}
    )  # fmt: skip


def _reason(typed: str) -> str:
    if not typed.strip():
        raise Refused("staff.reason_empty")
    return typed.strip()[:REASON_MOST]
