"""What the desk makes of its rows with a key: who somebody of staff is, and which employers are theirs (S-136)."""

from django.db.models import Q

from clavero.desk.models import Enrolment, Interest, Staff
from clavero.employers.models import Employer
from clavero.privacy import lookups
from clavero.privacy.rotation import Lapse, Renewal
from clavero.privacy.sealing import Unreadable


def _staff(row: Staff) -> dict[str, object]:
    texts = (row.identification, row.account.username)
    return {"identification_lookup": lookups.renewed(row.identification_lookup, "person", *texts)}


def _interest(row: Interest) -> dict[str, object]:
    """Only the hash of the RUC stands here: the register knows the RUC. One that it does not know stays as it is, and is said."""
    owner = Employer.objects.filter(ruc_lookup=row.ruc_lookup).first()
    if owner is None:
        raise Unreadable("a RUC that the register does not have")
    return {"ruc_lookup": lookups.renewed(row.ruc_lookup, "ruc", owner.ruc)}


RENEWS = (Renewal(Interest, _interest), Renewal(Staff, _staff))
LAPSES = (Lapse(Enrolment, "code_hash", Q(used_at=None, dropped_at=None)),)
