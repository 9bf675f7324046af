"""«Reactivated since the copy»: a case asks the SRI online about its RUC, and what follows from the answer.

Asking is counted first and done by the worker; a page only writes the question and reads the answer. An answer
opens nothing by itself: the online road opens by `visits.reopen_online`, on the rules of every other case.
"""

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from clavero import clock
from clavero.audit import services as audit
from clavero.catastro import live
from clavero.catastro import queries as catastro
from clavero.catastro.models import Inquiry
from clavero.core import journey, triage
from clavero.core.errors import Refused
from clavero.recovery import services, visits
from clavero.recovery.models import Case
from clavero.throttle.services import Charge

WORTH_ASKING = frozenset({"suspended", "closed", "unknown"})
ASKING = journey.MOVES["reopen_online"].sources
AT_ONCE = 3
"""How many are asked in one round of the worker: mails do not wait for a slow service."""


def can_ask(case: Case, facts: triage.Facts) -> bool:
    """Whether asking might change something: turned on, a RUC of the SRI's, and not active as far as we know."""
    apart = case.domestic or case.training
    return live.is_on() and not apart and facts.ruc in WORTH_ASKING


def ask(case: Case, now: datetime, *, staff: int = 0) -> None:
    """Note that the SRI is to be asked for this case.

    Raises `Refused`: sri.off, sri.resting (at), throttle.wait, case.move_not_allowed.
    """
    if case.state not in ASKING or not can_ask(case, services.public_facts(case)):
        raise Refused("case.move_not_allowed" if live.is_on() else "sri.off")
    charges = Charge("sri_case", f"case:{case.pk}"), Charge("sri_all", "all")
    services.spend(*charges, now=now)
    with transaction.atomic():
        live.ask(case.ruc, case_id=case.pk, staff=staff, now=now)


def go_online(case: Case, asker: str, now: datetime) -> None:
    """The SRI says active: the online road, counted like *Validar*, because the answer says as much as that one.

    Raises `Refused`: desk.not_in_order, throttle.wait, case.move_not_allowed.
    """
    if services.public_facts(case).ruc != "active":
        raise Refused("case.move_not_allowed")
    budget = services.apart(case.employer_key, case.known_browser)
    charges = Charge("asker_open", asker, about=case.employer_key), Charge("employer_open", budget)
    services.spend(*charges, now=now)
    try:
        with transaction.atomic():
            visits.reopen_online(case, now)
    except Refused as refused:
        _record(case, refused)
        raise
    services.resend(case, now)


def _record(case: Case, refused: Refused) -> None:
    with transaction.atomic():
        audit.record(
            "reopen_refused", actor="claimant", case_id=case.pk, outcome="refused",
            reason=refused.code,
        )  # fmt: skip


# --- the worker -------------------------------------------------------------------------------------------


def due(now: datetime) -> int:
    """Ask what is to be asked, outside every transaction, and keep the answers. Called by the worker each second."""
    done = 0
    while done < AT_ONCE and (inquiry := live.take(now)) is not None:
        answer = live.look(inquiry, now)
        with transaction.atomic():
            live.keep(inquiry, answer, clock.now())
        _bring_to_the_desk(inquiry)
        done += 1
    return done


def _bring_to_the_desk(inquiry: Inquiry) -> None:
    """At the counter the rules judge today's facts: the officer's page knows the answer at once."""
    case = Case.objects.filter(pk=inquiry.case_id, state="at_desk").first()
    if case is None:
        return
    with (
        suppress(Refused),
        transaction.atomic(),
    ):  # the officer was faster: their next page asks the register anyway
        visits.refresh_facts(case)


def asked(case: Case) -> Inquiry | None:
    """What this case asked last."""
    return catastro.inquiry_of(case.pk)
