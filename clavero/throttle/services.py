"""Spending from buckets, atomically, before anything is checked.

A bucket of `limit` in `per_seconds` leaks evenly. A try that finds it full is refused and adds nothing,
so that hammering does not keep the owner out longer. All charges of a request are one statement on
both databases, and a limit survives a flow that is started again (ATTACKS 7, 8, 9).
"""

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from clavero import rows
from clavero.core import networks, pacing
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.privacy import lookups, tokens
from clavero.throttle import doorstep
from clavero.throttle.models import Bucket, Refusing, Ticket

OF_A_NETWORK = frozenset(
    """asker_open asker_try signin_asker ticket_asker hold_asker booking_asker record_asker ready_asker
    photo_asker precheck_asker precheck_long_asker precheck_one_asker""".split()
)
"""The buckets whose subject is a network: larger where many people share it (C12)."""


Spent = tuple[str, float, float, float, bool, int, float, float]
"""A bucket after a try: key, level, most, rate, whether it took the try, refusals in a row, quick, when it last took one."""


@dataclass(frozen=True)
class Charge:
    """One unit from the bucket `bucket` (a name of profile.buckets) of `subject`, which is stored hashed.

    `about` is the employer that is asked for, where the bucket shall know of how many it was spent: one of 62 bits.
    """

    bucket: str
    subject: str
    about: str = ""

    @property
    def key(self) -> str:
        return f"{self.bucket}:{lookups.of('throttle', self.subject)}"

    @property
    def most(self) -> int:
        """How much this bucket of this subject holds."""
        limit = profile().buckets[self.bucket].limit
        return limit * households(self.subject) if self.bucket in OF_A_NETWORK else limit


@dataclass(frozen=True)
class Decision:
    """`bucket` names the one that was full; `wait_seconds` until it takes one more; `level` the fullest in [0, 1].

    `spent` says how much stands in each bucket after this try. `stands_out`: the 1st, 10th, 100th, … refusal in a row
    of a bucket, as that number; 0 for every other, which the log has and the record has not (ADR 18).
    """

    allowed: bool
    wait_seconds: int = 0
    bucket: str = ""
    level: float = 0.0
    spent: Mapping[str, float] = field(default_factory=dict)
    stands_out: int = 0


def spend(*charges: Charge, now: datetime) -> Decision:
    """Charge every bucket in one statement. Raises inside a transaction: a rollback would give the try back."""
    if _inside_a_deed():
        raise transaction.TransactionManagementError("throttle.spend inside a transaction")
    if not charges:
        return Decision(True)
    by_key = {charge.key: charge for charge in charges}
    away = {key: _turned_away(charge) for key, charge in by_key.items()}
    found = _upsert([_row(key, by_key[key], now, away[key]) for key in sorted(by_key)])
    for each in found:
        charge = by_key[each[0]]
        if not each[4] and charge.bucket in OF_A_NETWORK:
            _refuse_network(charge, each, away[each[0]] + 1, now)
    return _decide(found, away, now)


def _turned_away(charge: Charge) -> int:
    return (
        doorstep.turned_away(charge.bucket, charge.subject) if charge.bucket in OF_A_NETWORK else 0
    )


def _refuse_network(charge: Charge, full: Spent, new: int, now: datetime) -> None:
    """The first refusal of an episode is noted for the operators, each for the doorstep."""
    if not networks.is_one(charge.subject):
        return
    if full[5] == new:
        _note_refusing(charge.subject, now)
    doorstep.hear(doorstep.Said(charge.subject, charge.bucket, now.timestamp() + _wait(full, now)))


def _row(key: str, charge: Charge, now: datetime, away: int) -> tuple[Any, ...]:
    bucket, at = profile().buckets[charge.bucket], now.timestamp()
    rate = charge.most / bucket.per_seconds
    asked = 1 << seat_of(charge.about) if charge.about else 0
    return key, 1.0, at, float(charge.most), rate, True, float(bucket.quick), at, away, asked, at


def households(asker: str) -> int:
    """For how many households this network counts: 1, or what the profile says of addresses that many share (C12)."""
    for shared in profile().shared_networks:
        if networks.lies_in(asker, shared.cidrs):
            return shared.factor
    return 1


def _inside_a_deed() -> bool:
    """Whether a deed's transaction is open. One that Django's test case opened is no deed's."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _upsert(rows: Sequence[tuple[Any, ...]]) -> list[Spent]:
    on_postgres = connection.vendor == "postgresql"
    most, least = ("GREATEST", "LEAST") if on_postgres else ("MAX", "MIN")
    left = f"{most}(0.0, b.level - {most}(0.0, excluded.at - b.at) * excluded.rate)"
    over = f"CAST({'FLOOR' if on_postgres else ''}({left} + 0.5) AS INTEGER) - CAST(excluded.quick AS INTEGER)"
    gap = f"{least}({pacing.LONGEST}, {pacing.FIRST} << {least}({pacing.DOUBLINGS}, {over}))"
    is_apart = f"excluded.quick = 0 OR {over} < 0 OR b.taken_at IS NULL OR excluded.at - b.taken_at >= {gap}"
    is_new = f"(b.asked_since IS NULL OR excluded.at - b.asked_since >= {ASKED_SECONDS})"
    takes = f"({left} + 1 <= excluded.most AND ({is_apart}))"
    places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    statement = f"""INSERT INTO throttle_bucket AS b (key, level, at, most, rate, allowed, quick, taken_at, refused, asked, asked_since) VALUES {places}
    ON CONFLICT (key) DO UPDATE SET
        allowed = {takes},
        level = CASE WHEN {takes} THEN {left} + 1 ELSE {left} END,
        taken_at = CASE WHEN {takes} THEN excluded.at ELSE b.taken_at END,
        full_at = CASE WHEN NOT {takes} THEN COALESCE(b.full_at, excluded.at)
            WHEN {left} * 2 <= excluded.most THEN NULL ELSE b.full_at END,
        refused = CASE WHEN NOT {takes} THEN b.refused + excluded.refused + 1
            WHEN {left} * 2 <= excluded.most THEN 0 ELSE b.refused + excluded.refused END,
        asked = CASE WHEN {is_new} THEN excluded.asked ELSE COALESCE(b.asked, 0) | excluded.asked END,
        asked_since = CASE WHEN {is_new} THEN excluded.at ELSE b.asked_since END,
        at = {most}(b.at, excluded.at), most = excluded.most, rate = excluded.rate, quick = excluded.quick
    RETURNING key, level, most, rate, allowed, refused, quick, taken_at"""  # noqa: S608 (no input in the text)
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for row in rows for value in row])
        return cursor.fetchall()  # type: ignore[no-any-return]


def _note_refusing(asker: str, now: datetime) -> None:
    """From here on this network is refused: where it stands already, the newer instant. Twice an episode at most."""
    lookup = lookups.of("throttle", asker)
    if not rows.update(Refusing, {"lookup": lookup}, {"at": now}):
        rows.insert_once(Refusing(lookup=lookup, network=asker, at=now))


SEATS = 62
ASKED_SECONDS = 3600
"""For so long a bucket adds up for how many employers it was spent."""


def seat_of(employer: int | str) -> int:
    """The seat of an employer, below `SEATS`: each as likely as any other."""
    return int.from_bytes(base64.urlsafe_b64decode(lookups.of("seat", str(employer)) + "=")) % SEATS


def saw_employer(asker: str, employer: int) -> None:
    """An employer signed in from this network. One statement, which changes a row only where the network was refused lately."""
    seat = 1 << seat_of(employer)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE throttle_refusing SET employers = employers | %s WHERE lookup = %s",
            [seat, lookups.of("throttle", asker)],
        )


def _decide(found: list[Spent], away: Mapping[str, int], now: datetime) -> Decision:
    fullest = max((level / most for _, level, most, *_ in found), default=0.0)
    refused = [each for each in found if not each[4]]
    if not refused:
        spent = {key.partition(":")[0]: level for key, level, *_ in found}
        return Decision(True, level=fullest, spent=spent)
    wait, key = max((_wait(each, now), each[0]) for each in refused)
    noted = max(_round(each[5] - away[each[0]] - 1, each[5]) for each in refused)
    return Decision(False, max(wait, 1), key.partition(":")[0], fullest, stands_out=noted)


def _wait(full: Spent, now: datetime) -> int:
    """Seconds until this bucket takes one more: until there is room, and until the last try lies far enough back."""
    _, level, most, rate, _, _, quick, taken_at = full
    apart = taken_at + pacing.gap(level, int(quick)) - now.timestamp() if quick else 0.0
    return math.ceil(max((level + 1 - most) / rate, apart))


def _round(before: int, times: int) -> int:
    """The power of ten that was reached since `before`, the greatest; 0 where none was."""
    greatest = 10 ** (len(str(times)) - 1)
    return greatest if before < greatest else 0


def reset(subject: str, *buckets: str) -> None:
    """Empty these buckets of one subject, after a proof. One statement."""
    rows.delete(Bucket, key=tuple(Charge(bucket, subject).key for bucket in buckets))


# --- the human check without script ---------------------------------------------------------------


@dataclass(frozen=True)
class Minted:
    """A ticket as the browser holds it, from when on it is taken, and how many times the usual work it asks."""

    token: str
    not_before: datetime
    factor: int = 1


def mint_ticket(binding: str, asker: str, now: datetime) -> Minted:
    """A ticket for these typed numbers and this asker. Minting spends what using spends.

    The wait grows with what this asker has spent lately, and with the load. Raises `Refused("throttle.wait")`.
    """
    decision = spend(Charge("ticket_asker", asker), now=now)
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)
    load = spend(Charge("global_ticket", "all"), now=now).level
    limits = profile().limits
    factor = 1 + int(max(decision.level, load) * 10)
    wait = timedelta(seconds=limits.wait_seconds * factor)
    minted = Minted(tokens.new_token(16), now + wait, factor)
    _end_oldest(lookups.all_of("ticket", asker), limits.live_tickets * households(asker) - 1)
    rows.insert(
        Ticket(
            token_hash=tokens.hash("ticket", minted.token),
            binding=lookups.of("ticket", binding),
            asker=lookups.of("ticket", asker),
            not_before=minted.not_before,
            expires_at=now + timedelta(minutes=limits.ticket_minutes),
        )
    )
    return minted


def _end_oldest(asker: list[str], keep: int) -> None:
    """Of one asker's tickets only the newest `keep` live on: nobody lays in a store of them."""
    oldest = Ticket.objects.filter(asker__in=asker).order_by("-expires_at").values("token_hash")
    gone = [found["token_hash"] for found in oldest[keep:]]
    if gone:
        rows.delete(Ticket, token_hash=tuple(gone))


def spend_ticket(token: str, binding: str, asker: str, now: datetime, done: bool = False) -> None:
    """Take a ticket once; `done` where the work was done instead of the wait.

    Raises `Refused`: human_check.too_early (seconds), .expired, .spent.
    """
    here: dict[str, Any] = {
        "token_hash": tokens.hashes("ticket", token),
        "binding": tuple(lookups.all_of("ticket", binding)),
        "asker": tuple(lookups.all_of("ticket", asker)),
    }
    waited: dict[str, Any] = {} if done else {"not_before__lte": now}
    if rows.delete(Ticket, **here, **waited, expires_at__gt=now):
        return
    found = rows.one(Ticket, **here)
    if found is None:
        raise Refused("human_check.spent")
    if found.expires_at <= now:
        raise Refused("human_check.expired")
    raise Refused(
        "human_check.too_early", seconds=max(1, math.ceil((found.not_before - now).total_seconds()))
    )


def prefix(address: str) -> str:
    """The network an address belongs to: /24 or /56, so that one household is one asker; narrower where the profile says so."""
    shared = (each for one in profile().shared_networks for each in one.cidrs)
    return networks.asker(networks.address(address), shared)
