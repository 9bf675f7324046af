"""What people hold is a witness against whoever rewrites the record: number and seal at the foot of every message (S-102)."""

import re

from clavero.audit import queries as audit
from clavero.demo.models import Mail
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, deliver, sign_in

LUIS = by_id("tres_sucursales")


def test_every_message_carries_a_number_and_a_seal_that_the_record_has(walker, time):
    walker.to_key(LUIS).finish()
    sign_in(Walker(time), LUIS, NEW_KEY)
    Walker(time).validate(by_id("en_orden"))
    deliver()
    feet = [
        re.search(r"Registro (\d+), sello ([0-9a-f]{12})", mail.text) for mail in Mail.objects.all()
    ]
    assert len(feet) >= 3 and all(feet)
    for foot in feet:
        assert audit.sealed_at(int(foot[1]), foot[2])
        other = "0" * 12 if foot[2] != "0" * 12 else "1" * 12
        assert audit.sealed_at(int(foot[1]), other) is None
