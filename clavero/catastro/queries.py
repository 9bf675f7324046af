"""What the SRI's register says of a RUC, with the date of the copy. No data is "unknown", never "active"."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from clavero import clock
from clavero.catastro.models import Inquiry
from clavero.core import triage
from clavero.institution import profile
from clavero.privacy import lookups

STATUSES = {1: "active", 2: "suspended", 3: "closed"}


@dataclass(frozen=True)
class RucStatus:
    """`as_of` is the date of the copy that says so; without an entry, of the newest live copy."""

    ruc: str
    known: bool
    status: str
    as_of: date | None
    name: str = ""
    establishments: int = 0
    source: str = "catastro"


# One statement whether the RUC is there or not; where two provinces hold it, the newer copy decides.
_LOOK_UP = """SELECT s.as_of, r.status, r.name, r.establishments
FROM (SELECT 1 AS one) AS always
LEFT JOIN catastro_ruc r ON r.ruc = %s AND r.snapshot_id IN (SELECT id FROM catastro_snapshot WHERE live)
LEFT JOIN catastro_snapshot s ON s.id = COALESCE(r.snapshot_id,
    (SELECT id FROM catastro_snapshot WHERE live ORDER BY as_of DESC LIMIT 1))
ORDER BY s.as_of DESC LIMIT 1"""


def status(ruc: str) -> RucStatus:
    """The status of a RUC in its normal form. A number that is none of the SRI's is unknown."""
    number = int(ruc) if ruc.isascii() and ruc.isdigit() and len(ruc) == 13 else -1
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [number])
        as_of, state, name, establishments = cursor.fetchone()
    if isinstance(as_of, str):
        as_of = date.fromisoformat(as_of)
    if state is None:
        return RucStatus(ruc, False, "unknown", as_of)
    return RucStatus(ruc, True, STATUSES[state], as_of, name, establishments)


def newest(ruc: str) -> RucStatus:
    """What is known of a RUC today: the copy, or what the SRI answered online since (source `online`).

    An answer counts for as many days as the profile says, and never against a newer copy. Silence never counts,
    and neither does a copy that is too old: its date stays, its state is unknown.
    """
    copy = status(ruc)
    if not triage.still_says(copy.as_of, clock.now().date(), profile().limits.register_days):
        copy = replace(copy, status="unknown")
    said = _said(ruc) if settings.SRI_TRANSPORT else None
    if said is None or said.answered_at is None:
        return copy
    on = timezone.localtime(said.answered_at).date()
    if copy.as_of is not None and on < copy.as_of:
        return copy
    return replace(copy, known=True, status=said.status, as_of=on, source="online")


def _said(ruc: str) -> Inquiry | None:
    since = clock.now() - timedelta(days=profile().live.answer_days)
    found = Inquiry.objects.filter(
        ruc_lookup__in=lookups.all_of("inquiry", ruc),
        state=Inquiry.ANSWERED,
        answered_at__gte=since,
    )
    return found.exclude(status="unknown").order_by("-answered_at").first()


def inquiry_of(case_id: int) -> Inquiry | None:
    """What this case asked last."""
    return Inquiry.objects.filter(case_id=case_id).order_by("-asked_at").first()
