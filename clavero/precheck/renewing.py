"""Lists that are kept are followed by a token; both are gone within the hour (S-136)."""

from clavero.precheck.models import SentList
from clavero.privacy.rotation import Lapse

RENEWS = ()
LAPSES = (Lapse(SentList, "token_hash"),)
