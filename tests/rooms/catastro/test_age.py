"""A copy of the SRI's register that is too old says nothing: a visit, where the certificate is looked at (S-073)."""

from datetime import timedelta

from clavero.catastro import queries
from clavero.catastro.models import Snapshot
from clavero.demo.services import bring_cast
from clavero.institution import profile
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.walk import Walker

ANA, JORGE = by_id("en_orden"), by_id("domestica")


def test_a_stale_copy_leads_to_a_visit_and_a_new_one_back_online(cast, time):
    """S-073: what was relied on is kept with its date."""
    assert Walker(time).validate(ANA).step == "code"
    assert queries.newest(ANA.ruc).status == "active"
    time.wait(timedelta(days=profile().limits.register_days).total_seconds())
    stale = queries.newest(ANA.ruc)
    assert (stale.known, stale.status) == (True, "unknown")
    assert "visit" in Walker(time).validate(ANA).routes
    facts = Case.objects.latest("opened_at").facts
    assert (facts["ruc"], facts["ruc_as_of"]) == ("unknown", stale.as_of.isoformat())
    bring_cast()
    assert Snapshot.objects.get(live=True).as_of > stale.as_of
    assert queries.newest(ANA.ruc).status == "active"
    assert Walker(time).validate(ANA).step == "code"


def test_who_employs_at_home_needs_no_register(cast, time):
    time.wait(timedelta(days=profile().limits.register_days + 1).total_seconds())
    assert Walker(time).validate(JORGE).step == "code"
