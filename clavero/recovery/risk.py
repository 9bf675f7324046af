"""What is known of an employer and of a proof that may be a sign of a takeover: one statement (D13).

The table of signals stands in `core.evidence`; here its `History` is read.
"""

from datetime import date, datetime, timedelta

from django.db import connection

from clavero import rows
from clavero.core import evidence, journey
from clavero.institution import profile
from clavero.keys import second
from clavero.keys import services as keys
from clavero.recovery import queries
from clavero.recovery.models import Case

_READ = """SELECT
    (SELECT count(*) FROM employers_contact WHERE employer_id = %s AND kind = 'email' AND state = 'on_record'),
    (SELECT max(coalesce(changed_on, as_of)) FROM employers_contact
        WHERE employer_id = %s AND (state = 'on_record' OR state = 'replaced' AND changed_on IS NOT NULL)),
    (SELECT count(DISTINCT o.employer_id) FROM employers_contact o JOIN employers_contact c ON c.value_lookup = o.value_lookup
        WHERE c.id = %s AND o.kind = c.kind AND o.state = 'on_record'),
    (SELECT coalesce(last_access_at, key_set_at) FROM keys_account WHERE username IN ({names})),
    (SELECT count(*) FROM keys_keyevent e JOIN keys_account a ON a.id = e.account_id
        WHERE a.username IN ({names}) AND e.event = %s AND e.at >= %s),
    (SELECT count(*) FROM mfa_authenticator m JOIN keys_account a ON a.id = m.user_id
        WHERE a.username IN ({names}) AND m.type = 'totp')"""


def signals(case: Case, now: datetime) -> tuple[str, ...]:
    """The signals that stand for this case as it has been proved so far, by `evidence.RISKS`."""
    return evidence.signals(history(case, now), frozenset(case.proofs))


def by_now(case: Case) -> list[str]:
    """The signals that the case stored, and the second step of the account where it has one by now (S-002).

    One that is set up after the contact was settled, or while the case waits, counts as one that was there before.
    Read once for each row that was read: one request, a key's hash included, asks once.
    """
    found = [one for one in case.risks if one != evidence.SECOND_FACTOR]
    stood = len(found) < len(case.risks)
    if not stood and case.second_is_on is None:
        case.second_is_on = second.is_on(queries.number_of(case))
    return [*found, evidence.SECOND_FACTOR] if stood or case.second_is_on else found


def history(case: Case, now: datetime) -> evidence.History:
    """The employer's history, as far as this system knows it."""
    told, changed_on, owners, last_at, guesses, factors = _read(case, now)
    case.second_is_on = bool(factors)
    return evidence.History(
        by_contact=bool(journey.CONTACT & frozenset(case.proofs)),
        told=told,
        waits_for_only_contact=profile().wait_for_only_contact,
        contact_changed_days=_days_since(changed_on, now),
        address_employers=owners,
        silent_days=_days_since(last_at, now),
        guessed=bool(guesses),
        second_factor=case.second_is_on,
    )


def _read(case: Case, now: datetime) -> tuple[int, object, int, object, int, int]:
    names = keys.usernames(queries.number_of(case))
    since = now - timedelta(days=evidence.CHANGED_DAYS)
    at = connection.ops.adapt_datetimefield_value(since)
    owner, contact = case.employer_id or 0, case.contact_id or 0
    with connection.cursor() as cursor:
        text = _READ.format(names=rows.marks(names))
        given = [owner, owner, contact, *names, *names, keys.AFTER_FAILURES, at, *names]
        cursor.execute(text, given)
        row: tuple[int, object, int, object, int, int] = cursor.fetchone()
    return row


def _days_since(value: object, now: datetime) -> int | None:
    """Days since a date or instant, as either database gives it; None where there is none."""
    if value is None:
        return None
    return (now.date() - date.fromisoformat(str(value)[:10])).days
