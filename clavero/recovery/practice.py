"""Made-up cases for a centre in training (H13): what they are about, and how one is opened.

Nothing real hangs on them: no employer, contact, account or secret (a constraint of the table), no register is
asked, no message written, and `core.journey.PRACTICE` is all they can do. Nobody here exists.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from clavero.audit import services as audit
from clavero.core import challenge, journey, triage
from clavero.core.profile import Words
from clavero.privacy import lookups, tokens
from clavero.recovery import services
from clavero.recovery.models import Case

LIVES = timedelta(hours=12)


@dataclass(frozen=True)
class MadeUp:
    """One made-up employer: what stands on the page, and what whoever plays the person says and brings."""

    code: str
    name: str
    identification: str
    ruc: str
    facts: triage.Facts
    says: Words
    declared: tuple[str, ...] = ()
    branch: str = "0001"


USUAL = triage.Facts(
    known=True, branch="match", representative="match", email="valid", key="active", ruc="active", kind="company"
)  # fmt: skip
"""Everything in order; each made-up employer differs in what is to be practised."""


EVERYBODY: tuple[MadeUp, ...] = (
    MadeUp(
        "lost_email", "Práctica: Casa de Nadie Uno", "2459000002", "2459000002000",
        replace(USUAL, email="none", ruc="not_applicable", domestic=True, kind="domestic"),
        Words("«Empleo a una persona en mi casa y ya no tengo el correo de antes.»",
              "“I employ somebody at my home and no longer have the old e-mail.”"),
        declared=("no_email",),
    ),
    MadeUp(
        "first_key", "Práctica: Taller de Nadie Dos S.A.S.", "2459000010", "2499900001001", replace(USUAL, key="never"),
        Words("«Acabo de abrir mi taller y nunca tuve clave.»", "“I have just opened my workshop and never had a key.”"),
        declared=("first_key",),
    ),
    MadeUp(
        "suspended", "Práctica: Bazar de Nadie Tres", "2459000028", "2459000028001", replace(USUAL, ruc="suspended", kind="natural"),
        Words("«Mi RUC está suspendido y tengo que avisar la salida de un trabajador.»",
              "“My RUC is suspended and I have to give notice that a worker left.”"),
        declared=("ruc_not_active",),
    ),
    MadeUp(
        "representative", "Práctica: Cooperativa de Nadie Cuatro", "2459000036", "2499900002001",
        replace(USUAL, representative="changed"),
        Words("«Soy quien representa ahora a la cooperativa. Traigo el nombramiento.»",
              "“I represent the cooperative now. I have brought the appointment.”"),
        declared=("representative_changed",),
    ),
    MadeUp(
        "stranger", "Práctica: Empresa de Nadie Cinco S.A.", "2459000044", "2499900003001", replace(USUAL, email="bounced"),
        Words("Trae una cédula que no es suya y tiene prisa. No la atienda hasta el final: pida una revisión.",
              "Brings a cédula that is not theirs and is in a hurry. Do not go through with it: ask for a review."),
        declared=("no_email",),
    ),
)  # fmt: skip


def by_code(code: str) -> MadeUp | None:
    return next((one for one in EVERYBODY if one.code == code), None)


def name_of(case: Case) -> str:
    """What the desk calls the employer of a made-up case."""
    return next((one.name for one in EVERYBODY if one.ruc == case.ruc), "")


def open_case(
    made_up: MadeUp, *, staff: int, language: str, now: datetime
) -> tuple[Case, str]:  # fmt: skip
    """A made-up case and its continuation code, which the trainee types at the counter like any other."""
    code = challenge.continuation(secrets.token_bytes(10))
    case = _case(made_up, code, language, now)
    with transaction.atomic():
        case.state = journey.move(journey.START, "open_visit")
        entry = audit.record(
            "practice_opened", actor="officer", case_id=case.pk, data={"staff": staff}
        )
        case.number = f"P{now:%y}-{entry.number:06d}"
        case.seal()
        case.save(force_insert=True)
    return case, code


def _case(made_up: MadeUp, code: str, language: str, now: datetime) -> Case:
    ref = challenge.code(secrets.token_bytes(5))
    return Case(
        ref=ref,
        training=True,
        opened_at=now,
        moved_at=now,
        language=language,
        employer_key=lookups.of("case_practice", ref),
        identification=made_up.identification,
        ruc=made_up.ruc,
        branch=made_up.branch,
        domestic=made_up.facts.domestic,
        facts=services.storable(made_up.facts),
        declared=list(made_up.declared),
        route=triage.VISIT,
        retry_left=False,
        continuation_hash=tokens.hash("continuation", code),
        continuation_expires_at=now + LIVES,
    )
