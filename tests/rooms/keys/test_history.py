"""What an employer reads of what happened: staff acts and looks too, never a duress hold."""

from django.db import transaction

from clavero import clock
from clavero.audit import services as audit
from clavero.audit.vocabulary import EVENTS
from clavero.core import journey
from clavero.keys import history
from clavero.keys.models import Account
from clavero.recovery import visits
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.walk import Walker


def test_staff_acts_and_looks_are_shown_with_number_and_record(walker, time):
    walker.to_key(by_id("en_orden")).finish()
    account, case = Account.objects.get(sessions__isnull=False), Case.objects.get()
    with transaction.atomic():
        audit.record(
            "sensitive_read", actor="officer", case_id=case.pk, subject=account.employer_id, data={"staff": 7}
        )  # fmt: skip
        visits.hold(case, staff=7, now=clock.now())
    page = walker.open("/cuenta/historia/")
    assert page.status == 200
    assert "miró los datos" in page.text and "Personal número 7." in page.text
    assert "Se creó una clave nueva." in page.text
    assert page.text.count("Personal número 7.") == 1


def test_every_sentence_is_of_an_event_there_is_and_every_move_that_matters_has_one():
    assert set(history.SENTENCES) <= EVENTS
    told = {name.removeprefix("case_") for name in history.SENTENCES if name.startswith("case_")}
    staff = {move.name for move in journey.MOVES.values() if move.actor in ("officer", "approver")}
    silent = {"escalate", "leave", "resubmit", "type_paper", "hand_ahead"}
    assert staff - told <= silent


def test_nobody_else_sees_it(cast, time):
    assert Walker(time).open("/cuenta/historia/").path.startswith("/entrar/")
