"""What is blocked, since when and until when, and lifting a block with a reason (C14).

Buckets stand under keyed hashes: a block is found from what somebody types, and nobody can list whom it concerns. Only
networks that were refused lately are listed, because an attack is seen there. Lifting a block gives half of the bucket
back: the other half stays spent, so that many failures remain what they are (`core.evidence`).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from clavero.audit import services as audit
from clavero.core import pacing
from clavero.core.errors import Refused
from clavero.throttle import services
from clavero.throttle.models import Bucket, Refusing
from clavero.throttle.services import OF_A_NETWORK, SEATS, Charge

OF_AN_EMPLOYER = ("employer_open", "employer_try", "employer_mail_hour", "employer_mail_day")
OF_AN_ADDRESS = ("destination_mail",)
KNOWN = "|known"
"""How the subject of a budget ends that only browsers can spend which signed in before (S-045, C13)."""
SECOND, SECOND_OF_A_CASE = "|second", "|second|case"
"""How the subject of an account's budget ends that codes of its second step spend: at sign-in, and in a case (S-045, D11)."""
ENDINGS = {KNOWN: "_known", SECOND_OF_A_CASE: "_second_case", SECOND: "_second"}
"""How a subject ends → how the name of its bucket does, as it is shown and typed."""
OF_AN_ACCOUNT = ("signin_unknown", "signin_known")
OF_EVERYBODY = (("global_open", "all"), ("global_ticket", "all"), ("sms_day", "everybody"), ("ready_all", "*"), ("sri_all", "all"))  # fmt: skip
REASONS = ("shared_address", "person_waits", "attack_over", "own_test")
SHOWN, LOOKED_AT, FEW = 30, 200, 0.5


@dataclass(frozen=True)
class Standing:
    """How one bucket stands: what is spent of how much, whether it blocks, and what lifting it would give."""

    charge: Charge
    spent: int
    most: int
    blocks: bool
    since: datetime | None
    next_at: datetime
    empty_at: datetime
    refused: int
    gives: int

    @property
    def name(self) -> str:
        """The bucket, and what of its subject spends it."""
        return named(self.charge)

    @property
    def code(self) -> str:
        """The code of the words for it."""
        return f"budget.{self.name}"


@dataclass(frozen=True)
class Network:
    """A network that blocks now, with the buckets that do."""

    row: Refusing
    name: str
    standing: list[Standing]

    @property
    def refused(self) -> int:
        """How often, over all its buckets."""
        return sum(each.refused for each in self.standing)

    @property
    def employers(self) -> int:
        """About how many employers signed in from it since it was first refused."""
        return about(self.row.employers)


def of(charges: Iterable[Charge], now: datetime) -> list[Standing]:
    """How these buckets stand, those that block first; what has leaked away is not there."""
    by_key = {charge.key: charge for charge in charges}
    found = [_standing(by_key[row.key], row, now) for row in Bucket.objects.filter(key__in=by_key)]
    kept = [each for each in found if each.spent]
    return sorted(
        kept, key=lambda each: (not each.blocks, -each.spent / each.most, each.charge.bucket)
    )


def of_network(asker: str, now: datetime) -> list[Standing]:
    """How the buckets of a network stand (`services.prefix` makes it of an address)."""
    return of((Charge(bucket, asker) for bucket in sorted(OF_A_NETWORK)), now)


def named(charge: Charge) -> str:
    """A bucket's name as it is shown and typed, with what `ENDINGS` says of its subject."""
    endings = (name for end, name in ENDINGS.items() if charge.subject.endswith(end))
    return charge.bucket + next(endings, "")


def charges_of(employer_key: str, address: str, username: str) -> list[Charge]:
    """The buckets of an employer number and of the address its messages go to, strangers' and known browsers'; and of an
    account, at sign-in and at its second step, where `username` is not empty."""
    whose = [(bucket, employer_key) for bucket in OF_AN_EMPLOYER]
    whose += [(bucket, address) for bucket in OF_AN_ADDRESS]
    both = [Charge(bucket, subject + end) for bucket, subject in whose for end in ("", KNOWN)]
    return both + (_of_an_account(username) if username else [])


def _of_an_account(username: str) -> list[Charge]:
    found = [Charge(bucket, username + end) for bucket in OF_AN_ACCOUNT for end in ("", SECOND)]
    return [*found, Charge("signin_known", username + SECOND_OF_A_CASE)]


def of_everybody(now: datetime) -> list[Standing]:
    """How the buckets stand that everybody spends. They are not lifted: the profile says how large they are."""
    return of((Charge(bucket, subject) for bucket, subject in OF_EVERYBODY), now)


def refusing(now: datetime) -> list[Network]:
    """The networks that block now, the one that is refused most often first."""
    rows = {row.network: row for row in Refusing.objects.order_by("-at")[:LOOKED_AT]}
    blocking: dict[str, list[Standing]] = {}
    for each in of((Charge(bucket, name) for bucket in OF_A_NETWORK for name in rows), now):
        if each.blocks:
            blocking.setdefault(each.charge.subject, []).append(each)
    found = [Network(rows[name], name, standing) for name, standing in blocking.items()]
    return sorted(found, key=lambda each: -each.refused)[:SHOWN]


def refusing_one(pk: int) -> str | None:
    """The network of one row of `refusing`, while it is kept."""
    row = Refusing.objects.filter(pk=pk).first()
    return row.network if row else None


def about(seats: int) -> int:
    """About how many took these seats, each at random (linear counting); beyond some 250 nobody can tell."""
    free = max(SEATS - seats.bit_count(), 1)
    return round(SEATS * math.log(SEATS / free))


def _standing(charge: Charge, row: Bucket, now: datetime) -> Standing:
    level = max(0.0, row.level - max(0.0, now.timestamp() - row.at) * row.rate)
    apart = (row.taken_at or 0.0) + pacing.gap(level, int(row.quick or 0)) - now.timestamp()
    blocks = row.full_at is not None and (level * 2 > row.most or apart > 0)
    left = level if level > FEW else 0.0
    return Standing(
        charge=charge,
        spent=math.ceil(left),
        most=int(row.most),
        blocks=blocks,
        since=_instant(row.full_at) if blocks and row.full_at is not None else None,
        next_at=_instant(now.timestamp() + max(0.0, (level + 1 - row.most) / row.rate, apart)),
        empty_at=_instant(now.timestamp() + level / row.rate),
        refused=row.refused if blocks else 0,
        gives=1 if apart > 0 else max(0, _half(row.most) - math.floor(row.most - level)),
    )


def _half(most: float) -> int:
    return math.ceil(most / 2)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def lift(charge: Charge, reason: str, *, by: int, subject: int | None, now: datetime) -> Standing:
    """Give half of a bucket that blocks back, or the one try that it keeps waiting. `by` is the number of the operator (0: the command), `subject` a row id.

    Counted first: three times a day for one bucket, thirty for one operator (`clear_block`, `clear_staff`). Raises
    `Refused`: block.reason, block.none, block.too_often.
    """
    if reason not in REASONS:
        raise Refused("block.reason", reasons=", ".join(REASONS))
    _refuse_unless_blocking(charge, now)
    often = services.spend(Charge("clear_block", charge.key), Charge("clear_staff", f"staff:{by}"), now=now)  # fmt: skip
    if not often.allowed:
        raise Refused("block.too_often", hours=math.ceil(often.wait_seconds / 3600))
    with transaction.atomic():
        row = Bucket.objects.select_for_update().filter(key=charge.key).first()
        before = _refuse_unless_blocking(charge, now, row)
        Bucket.objects.filter(key=charge.key).update(
            level=min(before.spent, int(before.most) - _half(before.most)), at=now.timestamp(), full_at=None, refused=0,
            taken_at=None,
        )  # fmt: skip
        audit.record(
            "block_lifted", actor="operator", subject=subject, reason=reason,
            data={"staff": by, "bucket": before.name, "gave": before.gives},
        )  # fmt: skip
    return before


def _refuse_unless_blocking(charge: Charge, now: datetime, row: Bucket | None = None) -> Standing:
    row = row or Bucket.objects.filter(key=charge.key).first()
    found = _standing(charge, row, now) if row is not None else None
    if found is None or not found.blocks:
        raise Refused("block.none")
    return found
