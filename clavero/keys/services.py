"""The deeds on keys: prepare, issue, check, keep, revoke; saved codes; sessions.

What is hashed is Argon2id of HMAC(pepper, account id ‖ key version ‖ NFC key) (STANDARDS, ruling on
S-037). Hashing takes long, so it happens outside every transaction and one at a time in a process:
eight threads hashing freely sweep the caches and make each other slower (PERFORMANCE, 5).
"""

import gzip
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, InvalidHashError, VerifyMismatchError
from django.db import connection, transaction

from clavero import rows
from clavero.audit import services as audit
from clavero.clock import now as this_instant
from clavero.core import challenge, evidence, key_policy
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.employers import queries as employers
from clavero.employers.models import Employer
from clavero.institution import profile
from clavero.keys.models import Account, Device, KeyEvent, SavedCode, Session
from clavero.notices import post
from clavero.notices import services as notices
from clavero.privacy import lookups, macs, pepper, tokens
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge

log = structlog.get_logger()
_ONE_AT_A_TIME = threading.Lock()
AFTER_FAILURES = "signin_after_failures"
_NOBODY = 0  # the account id that a try for an unknown employer is hashed under


@dataclass(frozen=True)
class Prepared:
    """A key as it will be stored: made outside the transaction that stores it."""

    version: int
    key_hash: str


@cache
def _hasher() -> PasswordHasher:
    cost = profile().hash
    return PasswordHasher(time_cost=cost.time, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@cache
def _common() -> frozenset[str]:
    """The list of common keys of 15 characters or more, from the package: nothing is asked of anybody (E03)."""
    packed = (files("clavero.keys") / "data" / "common.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))


def is_common(text: str) -> bool:
    """Whether a key stands on the list as it is."""
    return text in _common()


@cache
def _decoy() -> str:
    """What a try for an unknown account is compared with: the same cost, no match."""
    return prepare(_NOBODY, 0, secrets.token_urlsafe(24)).key_hash


def _nobody() -> Account:
    """The account of nobody, as the database would give it: where there is none, it is read and weighed instead (S-056)."""
    return rows.from_values(Account, _kept_of_nobody())


@cache
def _kept_of_nobody() -> list[Any]:
    account = Account(
        pk=_NOBODY, username="-" * 43, key_version=0, key_hash="-" * 97, opened_at=this_instant()
    )
    account.key_mac = macs.make("key", *_mac_parts(account))
    return rows.stored_values(account)


def prepare(account_id: int, version: int, key: str) -> Prepared:
    """Hash `key` for `version` of this account. Slow by design; call it outside a transaction."""
    bound = pepper.apply(account_id, version, key)
    with _ONE_AT_A_TIME:
        hashed = _hasher().hash(bound.digest)
    return Prepared(version, f"{bound.pepper_id}:{hashed}")


def matches(account: Account | None, key: str) -> bool:
    """Whether `key` opens `account`. An unknown one, or a row changed by hand, costs the same and is False.

    Raises argon2's `VerificationError` where the hash gets no memory: that is nobody's wrong key (K07).
    """
    asked, decoy = account or _nobody(), _decoy()
    genuine = bool(asked.key_hash) and _is_genuine(asked) and account is not None
    stored = asked.key_hash if genuine else decoy
    owner, version = (asked.pk, asked.key_version) if genuine else (_NOBODY, 0)
    pepper_id, _, hashed = stored.partition(":")
    bound = pepper.apply(owner, version, key, pepper_id)
    with _ONE_AT_A_TIME:
        try:
            return _hasher().verify(hashed, bound.digest) and genuine
        except (VerifyMismatchError, InvalidHashError):
            return False


def _mac_parts(account: Account) -> tuple[object, ...]:
    return (
        account.pk,
        account.employer_id,
        account.representative_id,
        account.key_version,
        account.key_hash,
        account.state,
        *([account.scope] if account.scope != Account.FULL else []),
    )


def _is_genuine(account: Account) -> bool:
    return macs.check("key", account.key_mac, *_mac_parts(account))


def username(number: EmployerNumber) -> str:
    """The opaque name of an account: the keyed look-up of what a person types to sign in."""
    return usernames(number)[0]


def usernames(number: EmployerNumber) -> list[str]:
    """The same under each key in use, newest first."""
    parts = [number.identification, number.ruc]
    if profile().key_scope == "branch":
        parts.append(number.branch)
    return lookups.all_of("account", "|".join(parts))


# As `employers.gather` does: where there is none, who stands next is read.
_OF_NUMBER = """SELECT {columns} FROM keys_account WHERE id = COALESCE(
    (SELECT id FROM keys_account WHERE username IN ({names}) AND kind = %s LIMIT 1),
    (SELECT id FROM keys_account WHERE username > %s ORDER BY username LIMIT 1),
    (SELECT id FROM keys_account ORDER BY username LIMIT 1))"""


def account_of(number: EmployerNumber) -> Account | None:
    """The account that these numbers open, if there is one. Else another is read, and forgotten (S-056)."""
    names = usernames(number)
    text = _OF_NUMBER.format(columns=rows.columns(Account), names=rows.marks(names))
    for account in rows.read(Account, text, [*names, Account.EMPLOYER, names[0]]):
        if account.username in names and account.kind == Account.EMPLOYER:
            return account
    return None


def account_for(
    number: EmployerNumber, employer: Employer, representative_id: int, now: datetime
) -> Account:
    """The account of this person for this employer number; a new one is stored by `issue`, with its key."""
    return account_of(number) or Account(
        username=username(number),
        employer=employer,
        representative_id=representative_id,
        branch=number.branch if profile().key_scope == "branch" else "",
        opened_at=now,
    )


def issue(
    account: Account,
    prepared: Prepared,
    *,
    how: str,
    case_id: int | None,
    now: datetime,
    scope: str = Account.FULL,
) -> audit.Entry:
    """Store a prepared key, end every session and device, clear the counters. Needs the deed's transaction.

    Passkeys go too, unless who sets the key knew the former one: whoever stole it may have added theirs. The second
    step stays, unless the person was seen at a centre: a mailbox does not take it away (S-002).
    `scope` is `full` or `limited` (D17). Raises `Refused("key.changed_meanwhile")` where another hand was first (ATTACKS 11).
    """
    account.key_version, account.key_hash = prepared.version, prepared.key_hash
    account.state, account.must_change, account.scope = Account.ACTIVE, False, scope
    account.key_set_at = now
    account.key_mac = macs.make("key", *_mac_parts(account))
    if not (rows.insert_once(account) if account._state.adding else _replaced(account)):
        raise Refused("key.changed_meanwhile")
    _end_all(account)
    if how != "current_key":
        gone = {} if evidence.was_seen(how) else {"type": "webauthn"}
        rows.delete(Authenticator, user_id=account.pk, **gone)
    entry = audit.record(
        "key_set", actor="employer", case_id=case_id, subject=account.pk, reason=how
    )
    note_event(account, "key_set", entry, now)
    return entry


_OF_A_KEY = ("key_version", "key_hash", "key_mac", "state", "must_change", "key_set_at", "scope")


def _replaced(account: Account) -> bool:
    """Store the new key over the former version, and over no other."""
    former = {"id": account.pk, "key_version": account.key_version - 1}
    return bool(rows.update(Account, former, {name: getattr(account, name) for name in _OF_A_KEY}))


def keep(account: Account, *, case_id: int | None, now: datetime) -> audit.Entry:
    """Unlock an account without changing a key that is known (E09). Needs the deed's transaction."""
    account.state = Account.ACTIVE
    account.key_mac = macs.make("key", *_mac_parts(account))
    Account.objects.filter(pk=account.pk).update(state=account.state, key_mac=account.key_mac)
    entry = audit.record("key_unlocked", actor="employer", case_id=case_id, subject=account.pk)
    note_event(account, "key_unlocked", entry, now)
    return entry


def block(account: Account, *, reason: str, now: datetime) -> audit.Entry:
    """Close an account to sign-in until its owner proves who they are; the key itself stays."""
    return _close(account, Account.BLOCKED, "key_blocked", reason, now)


def revoke(account: Account, *, reason: str, now: datetime) -> audit.Entry:
    """End an account for good: another person represents the employer now. Its saved codes and passkeys are void too (A24)."""
    SavedCode.objects.filter(account_id=account.pk, used_at=None).update(used_at=now)
    rows.delete(Authenticator, user_id=account.pk)
    return _close(account, Account.REVOKED, "key_revoked", reason, now)


def freeze(
    account: Account, until: datetime, *, case_id: int | None, now: datetime, actor: str = "contact"
) -> audit.Entry:
    """Nobody signs in until then: a contact on record said «no fui yo» (I03), or who looked again doubts (S-076).

    The key stays. In a transaction.
    """
    Account.objects.filter(pk=account.pk).update(frozen_until=until)
    account.frozen_until = until
    _end_all(account)
    entry = audit.record("key_frozen", actor=actor, case_id=case_id, subject=account.pk)
    note_event(account, "key_frozen", entry, now)
    return entry


def thaw(
    account: Account, *, case_id: int | None, staff: int, reason: str, now: datetime
) -> audit.Entry:
    """End the freeze that was read of `account` before its time: a supervisor (`staff`, by number) saw the evidence.

    In a transaction. Raises `Refused("freeze.none")` where it is another by now: lifted, or said anew a moment ago.
    """
    row = Account.objects.filter(pk=account.pk, frozen_until=account.frozen_until)
    if not row.update(frozen_until=None):
        raise Refused("freeze.none")
    account.frozen_until = None
    entry = audit.record(
        "key_thawed", actor="supervisor", case_id=case_id, subject=account.pk, reason=reason,
        data={"staff": staff},
    )  # fmt: skip
    note_event(account, "key_thawed", entry, now)
    return entry


def _close(account: Account, state: str, event: str, reason: str, now: datetime) -> audit.Entry:
    account.state = state
    account.key_mac = macs.make("key", *_mac_parts(account))
    Account.objects.filter(pk=account.pk).update(state=state, key_mac=account.key_mac)
    _end_all(account)
    entry = audit.record(event, subject=account.pk, reason=reason)
    note_event(account, event, entry, now)
    return entry


def force_reissue(account: Account, *, actor: str, reason: str, now: datetime) -> audit.Entry:
    """The institution asks for a new key (E13): the present one opens only the page that changes it.

    Every session ends and every contact on record is told. Needs the deed's transaction.
    """
    Account.objects.filter(pk=account.pk).update(must_change=True)
    account.must_change = True
    _end_all(account)
    entry = audit.record("key_reissue_forced", actor=actor, subject=account.pk, reason=reason)
    note_event(account, "key_reissue_forced", entry, now)
    tell_contacts(account, "force_reissue", entry, now)
    return entry


def end_others(account: Account, here: str) -> None:
    """End every session of the account but `here`, the key of one. In a transaction."""
    Session.objects.filter(account_id=account.pk).exclude(session_key=here).delete()


def _end_all(account: Account) -> None:
    rows.delete(Session, account_id=account.pk)
    rows.delete(Device, account_id=account.pk)


def note_event(
    account: Account, event: str, entry: audit.Entry, now: datetime, where: str = ""
) -> None:
    rows.insert(
        KeyEvent(
            account_id=account.pk,
            at=now,
            event=event,
            where=where,
            audit_number=entry.number,
            head12=entry.head12,
        )
    )


def clear_counters(account: Account) -> None:
    """A proven recovery or a good sign-in clears the failed ones (E10, S-046). Outside a transaction."""
    throttle.reset(account.username, "signin_unknown", "signin_known")


@dataclass(frozen=True)
class Try:
    """One attempt to sign in: who asks, from which remembered browser, and how the page names it.

    `case_id` is set by the case that tests its new key, and by nothing else.
    """

    asker: str
    device_token: str = ""
    browser: str = ""
    case_id: int | None = None


def let_in(account: Account, attempt: Try, now: datetime) -> None:
    """Record a sign-in that was checked, and forget the failed ones."""
    with transaction.atomic():
        record_sign_in(account, attempt, now)
    clear_counters(account)
    throttle.saw_employer(attempt.asker, account.pk)


def check(number: EmployerNumber, key: str, attempt: Try, now: datetime) -> Account:
    """The account that `number` and `key` open. Nothing is recorded but a failure.

    Counted before checked. A remembered browser and a case that has been proved have a budget of their
    own, which no stranger can spend, not even one in the same network (S-042, S-045). Raises
    `Refused("signin.no_match")`, the same for an unknown employer, a wrong key and a blocked account
    (S-055), or `Refused("throttle.wait", seconds=…)`.
    """
    account = account_of(number)
    known = attempt.case_id is not None or knows_device(account, attempt.device_token)
    name = account.username if account else username(number)
    charges = [Charge("signin_known" if known else "signin_unknown", name)]
    if not known:
        charges.append(Charge("signin_asker", attempt.asker, about=name))
    decision = throttle.spend(*charges, now=now)
    if not decision.allowed:
        record_throttled(account, attempt, decision)
        raise Refused("throttle.wait", seconds=decision.wait_seconds)
    if not matches(account, key) or account is None or not is_open(account, now):
        record_failure(account, attempt, "no_match")
        raise Refused("signin.no_match")
    if decision.spent.get("signin_unknown", 0) - 1 > evidence.MANY_FAILURES - 0.5:
        _tell_of_guesses(account, attempt, now)
    _renew_hash(account, key)
    return account


def _tell_of_guesses(account: Account, attempt: Try, now: datetime) -> None:
    """An unknown browser knows the key after many that did not: everybody on record hears of it (S-084)."""
    with transaction.atomic():
        entry = audit.record(AFTER_FAILURES, actor="employer", subject=account.pk)
        note_event(account, AFTER_FAILURES, entry, now, attempt.browser)
        tell_contacts(account, AFTER_FAILURES, entry, now, attempt)


def _renew_hash(account: Account, key: str) -> None:
    """A hash of another cost or an older pepper is made anew while the key is at hand (S-037). Sessions stay."""
    old = account.key_hash
    pepper_id, _, hashed = old.partition(":")
    if pepper_id == pepper.newest_id() and not _hasher().check_needs_rehash(hashed):
        return
    try:
        account.key_hash = prepare(account.pk, account.key_version, key).key_hash
    except (HashingError, MemoryError) as hungry:  # no memory: the next sign-in does it (K07)
        log.warning("hash_not_renewed", error=type(hungry).__name__)
        return
    account.key_mac = macs.make("key", *_mac_parts(account))
    row = Account.objects.filter(pk=account.pk, key_hash=old, state=account.state)
    row.update(key_hash=account.key_hash, key_mac=account.key_mac)


def is_open(account: Account, now: datetime) -> bool:
    """Whether an account takes sign-ins: neither blocked nor ended nor frozen."""
    return account.state == Account.ACTIVE and stopped_until(account, now) is None


def stopped_until(account: Account | None, now: datetime) -> datetime | None:
    """Until when nobody signs in with this key (I03, S-076); None where nothing stops it."""
    until = account.frozen_until if account is not None else None
    return until if until is not None and until > now else None


def knows_device(account: Account | None, token: str) -> bool:
    """Whether this browser has signed in to this account before."""
    if account is None or not token:
        return False
    return Device.objects.filter(
        account_id=account.pk, token_hash__in=tokens.hashes("device", token)
    ).exists()


_KNOWS = """SELECT 1 FROM keys_device d JOIN keys_account a ON a.id = d.account_id
WHERE d.token_hash IN ({tokens}) AND a.username IN ({names}) AND a.kind = %s"""


def knows_browser(number: EmployerNumber, token: str) -> bool:
    """Whether this browser has signed in with these numbers before. One statement, whoever exists; none without a token."""
    if not token:
        return False
    hashed, names = tokens.hashes("device", token), usernames(number)
    marks = {"tokens": rows.marks(hashed), "names": rows.marks(names)}
    text = _KNOWS.format(**marks)
    with connection.cursor() as cursor:
        cursor.execute(text, [*hashed, *names, Account.EMPLOYER])
        return cursor.fetchone() is not None


def record_throttled(account: Account | None, attempt: Try, decision: throttle.Decision) -> None:
    """That too many tries were refused, unlooked at: the 1st, the 10th, the 100th in a row (ADR 18)."""
    if decision.stands_out:
        record_failure(account, attempt, "throttled", times=decision.stands_out)


def record_failure(account: Account | None, attempt: Try, reason: str, **data: int) -> None:
    """That somebody could not sign in, as a deed of its own."""
    with transaction.atomic():
        audit.record(
            "signin_failed",
            actor="anonymous",
            case_id=attempt.case_id,
            subject=account.pk if account else None,
            outcome="refused",
            reason=reason,
            data=dict(data),
        )


def record_sign_in(account: Account, attempt: Try, now: datetime) -> None:
    """That this account signed in: in the record and in what its owner reads. In a transaction."""
    entry = audit.record("signin", actor="employer", case_id=attempt.case_id, subject=account.pk)
    rows.update(Account, {"id": account.pk}, {"last_access_at": now})
    note_event(account, "signin", entry, now, attempt.browser)


def remember_device(account: Account, browser: str, now: datetime) -> str:
    """A new device token for this browser, stored hashed. The token goes into a cookie and nowhere else."""
    token = tokens.new_marked("device")
    rows.insert(
        Device(
            account_id=account.pk,
            token_hash=tokens.hash("device", token),
            browser=browser[:60],
            first_seen_at=now,
            last_seen_at=now,
        )
    )
    return token


def save_code(account: Account, *, case_id: int | None, now: datetime) -> str:
    """A new saved recovery code of 80 bits, shown once; the former ones are void, every contact is told (S-019).

    Needs the deed's transaction.
    """
    code = challenge.continuation(secrets.token_bytes(10))
    SavedCode.objects.filter(account_id=account.pk, used_at=None).update(used_at=now)
    SavedCode.objects.create(
        account_id=account.pk, code_hash=tokens.hash("saved_code", code, account.pk), made_at=now
    )
    entry = audit.record("saved_code_made", actor="employer", case_id=case_id, subject=account.pk)
    note_event(account, "saved_code_made", entry, now)
    tell_contacts(account, "saved_code", entry, now)
    return code


def has_saved_code(account: Account) -> bool:
    """Whether a saved code of this account still works."""
    return rows.one(SavedCode, account_id=account.pk, used_at=None) is not None


def use_saved_code(
    account: Account | None, code: str, *, case_id: int | None, now: datetime
) -> bool:
    """Whether `code` is this account's saved code; true once. The same statement for no account (S-056).

    Count the try first, call in a transaction.
    """
    owner = account.pk if account else _NOBODY
    hashed = tokens.hashes("saved_code", challenge.normal(code), owner)
    row = SavedCode.objects.filter(account_id=owner, code_hash__in=hashed, used_at=None)
    if not row.update(used_at=now):
        return False
    audit.record("saved_code_used", actor="claimant", case_id=case_id, subject=owner)
    return True


def end_session(account: Account, session_key: str) -> None:
    """End one open session of this account."""
    with transaction.atomic():
        Session.objects.filter(account_id=account.pk, session_key=session_key).delete()
        audit.record("session_ended", actor="employer", subject=account.pk)


def check_current(account: Account, current: str, attempt: Try, now: datetime) -> None:
    """That who is signed in knows the key. Counted first. Raises `Refused`: throttle.wait, key.wrong_current."""
    decision = throttle.spend(Charge("signin_known", account.username), now=now)
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)
    if not matches(account, current):
        record_failure(account, attempt, "wrong_current")
        raise Refused("key.wrong_current")


def change(account: Account, current: str, new: str, attempt: Try, now: datetime) -> None:
    """A new key by the one who knows the current one. Every session ends, everybody on record is told.

    Raises `Refused`: throttle.wait, key.wrong_current, or what the key policy says.
    """
    check_current(account, current, attempt, now)
    register = employers.known(account.employer_id or 0)
    found = key_policy.judge(new, _own_data(account, register), profile().key, is_common)
    if found or new == current:
        raise found[0] if found else Refused("key.same_as_before")
    prepared = prepare(account.pk, account.key_version + 1, new)
    with transaction.atomic():
        entry = issue(account, prepared, how="current_key", case_id=None, now=now)
        tell_contacts(account, "key_changed", entry, now, attempt)
    clear_counters(account)


def _own_data(account: Account, register: employers.Known) -> frozenset[str]:
    """What the new key must not be: the employer's data and the person's own number (E04)."""
    person = account.representative
    return frozenset(register.names | ({person.identification} if person else set()))


def tell_contacts(
    account: Account, kind: str, entry: audit.Entry, now: datetime, attempt: Try | None = None
) -> None:
    """A notice about the account to every e-mail on record, in the deed's transaction (S-079).

    `attempt` says which browser asked, where the person was at one of our pages.
    """
    employer = account.employer
    payload = {
        "browser": attempt.browser if attempt else "",
        "asked_at": now.isoformat(),
        "ruc_ending": employer.ruc[-4:] if employer else "",
        "entry_number": entry.number,
        "head12": entry.head12,
    }
    told = employers.contacts_to_tell(account.employer_id)
    post.queue(
        kind, reached=len(told), payload=payload, once=str(account.pk), now=now,
        employer_id=account.employer_id,
    )  # fmt: skip
    for contact in told:
        notices.enqueue(
            kind,
            address=contact.value,
            employer_id=account.employer_id,
            payload=payload,
            key=f"{account.pk}:{kind}:{entry.number}:{lookups.of('notice', contact.value)[:12]}",
            now=now,
        )
