"""The deeds of a visit: the code that opens the case at the desk, the code that is handed over, the key with both secrets.

What the desk decides stands in `desk.services`; nothing here trusts it with more than a move of the
journey. A key after a visit needs the case secret *and* the binding code, in a browser where nobody
of staff has worked (ARCHITECTURE, step 6).
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from clavero.audit import services as audit
from clavero.core import challenge, journey, papers, triage
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.employers import queries as employers
from clavero.employers import services as employer_deeds
from clavero.employers.models import Contact, Employer, Representative
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.privacy import tokens
from clavero.privacy.fields import closed
from clavero.recovery import queries, services
from clavero.recovery.models import Case
from clavero.recovery.services import advance, advance_each, number_of

BINDING_MINUTES = 10  # S-027
AHEAD_HOURS = 72  # a code handed over before the approval: 80 bits, and the case secret beside it
BINDING_TRIES = 5
PICKUP_MINUTES = 10
BEFORE_THE_DESK = journey.MOVES["declare"].sources


# --- contact data, asked once ----------------------------------------------------------------------------


def give_contact(case: Case, given: dict[str, str], now: datetime) -> Case:
    """Contact data proposed for the visit: sealed in the case, in no register, the same for who is known or not.

    They fill the papers and the desk's page; nothing is replaced and nobody is told before an officer has
    seen the person (A22, S-113). Raises `Refused("case.move_not_allowed")` once the case is at the desk.
    """
    kept = services.contact_data(case, given)
    with transaction.atomic():
        row = Case.objects.filter(pk=case.pk, state__in=BEFORE_THE_DESK)
        if not row.update(contact_data=kept):
            raise Refused("case.move_not_allowed")
        audit.record("contact_given", actor="claimant", case_id=case.pk, subject=case.employer_id)
    case.contact_data = kept  # type: ignore[assignment]
    return case


def say_who_goes(case: Case, who: str, now: datetime) -> Case:
    """Who goes to the centre in the place of the one who represents: it decides which papers are asked for (D17)."""
    others = [said for said in case.declared if said not in papers.WHO_GOES]
    declared = sorted({*others, who}) if who in papers.WHO_GOES else others
    with transaction.atomic():
        advance(case, "declare", now=now, declared=declared)
    return case


# --- the continuation code ------------------------------------------------------------------------------


def by_continuation(typed: str, now: datetime) -> Case:
    """The case that the code of the letter opens. Count the try first (`desk_code`).

    Raises `Refused`: continuation.length, .is_secret, .is_letter_code, .unknown, .expired (day), .over.
    """
    text = challenge.normal(typed)
    _look_like_one(text)
    case = Case.objects.filter(continuation_hash__in=tokens.hashes("continuation", text)).first()
    if case is None:
        raise Refused("continuation.unknown")
    if case.state in journey.FINAL:
        raise Refused("continuation.over")
    if case.continuation_expires_at is None or now > case.continuation_expires_at:
        raise Refused("continuation.expired", day=_day(case.continuation_expires_at))
    return case


def _look_like_one(text: str) -> None:
    if len(text) == challenge.CONTINUATION_LENGTH:
        return
    if len(text) == challenge.SECRET_LENGTH:
        raise Refused("continuation.is_secret")
    if len(text) == challenge.CODE_LENGTH:
        raise Refused("continuation.is_letter_code")
    raise Refused("continuation.length")


def _day(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d}" if instant else ""


def arrive(case: Case, *, staff: int, centre: str, now: datetime) -> Case:
    """The code opened the case at a counter: once per visit; after `leave` it works again (S-026, S-067).

    Raises `Refused`: continuation.open, continuation.frozen. In the desk's transaction.
    """
    moves = {"visit_needed": "arrive", "booked": "arrive", "observed": "resubmit"}
    if case.state == "frozen":
        raise Refused("continuation.frozen")
    if case.state not in moves:
        raise Refused("continuation.open")
    advance(case, moves[case.state], now=now, actor="officer", staff=staff, centre=centre)
    return case


# --- facts at the desk ----------------------------------------------------------------------------------


def refresh_facts(case: Case) -> triage.Facts:
    """What the registers say now, kept in the case: rules at the desk judge today's facts. In a transaction.

    No register is asked about a made-up case: its facts are those it was made with.
    """
    if case.training:
        return services.facts_of(case)
    dossier = employers.gather(number_of(case))
    facts = services.facts_now(number_of(case), dossier, frozenset(case.declared))
    found = {
        "facts": services.storable(facts),
        "employer_id": dossier.employer_id,
        "representative_id": dossier.representative_id,
    }
    services.rewrite(case, found)
    return facts


def reopen_online(case: Case, now: datetime, *, staff: int = 0) -> None:
    """The registers are in order now, say a reactivated RUC: the online road opens, with the address on record.

    In the deed's transaction; `services.resend` sends the message afterwards. Raises `Refused("desk.not_in_order")`.
    In mode `nothing` a person at home comes to the one page that everybody waits on, whatever the registers say (T1).
    """
    facts = _without_the_cured(refresh_facts(case))
    contact = provable_contact(case)
    in_order = contact is not None and triage.assess(facts).route == triage.ONLINE
    if not in_order and (staff or profile().disclosure == "route"):
        raise Refused("desk.not_in_order")
    changes = _online(case, contact) if in_order and contact else {"route": triage.VISIT}
    advance(
        case, "reopen_online", now=now, actor="system", staff=staff, declared=sorted(facts.declared),
        facts=services.storable(facts), **changes,
    )  # fmt: skip


def _online(case: Case, contact: Contact) -> dict[str, Any]:
    """What a case has that was opened online: where its message goes, and the institution's questions."""
    return {
        "contact": contact,
        "mask": closed(case, "mask", services.mask(contact.value)),
        "route": triage.ONLINE,
        "questions": services.questions_for(employers.gather(number_of(case))),
        "answered": 0,
        "answers_right": 0,
    }


def _without_the_cured(facts: triage.Facts) -> triage.Facts:
    """What the person declared of the RUC no longer counts where the register says that it is active."""
    if facts.ruc != "active":
        return facts
    return replace(facts, declared=facts.declared - {"ruc_not_active"})


# --- a contact on record, proved while the visit is prepared or under way -------------------------------


def provable_contact(case: Case) -> Contact | None:
    """The address that a code may go to in a visit's case: usable before the case was opened (nobody alone)."""
    dossier = employers.gather(number_of(case))
    contact = dossier.contact
    if contact is None or contact.usable_from > case.opened_at:
        return None
    return contact


def send_contact_code(case: Case, now: datetime) -> None:
    """A code to the address on record, where there is one: the page says the same to everybody, and so do the statements.

    Beyond the budget nothing is sent, and what was delivered goes on working until its own end.
    """
    contact = provable_contact(case)
    has_budget = services.may_send(case.employer_key, contact, now, known=case.known_browser)
    delivered = {name: getattr(case, name) for name in services.CODE_FIELDS}
    code, _ = services.fresh_code(case, now)
    changes = (
        {name: getattr(case, name) for name in services.CODE_FIELDS} if has_budget else delivered
    )
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**changes)
        entry = audit.record(
            "contact_code_sent", actor="claimant", case_id=case.pk, subject=case.employer_id
        )  # fmt: skip
        services.enqueue_visit_code(case, contact if has_budget else None, code, entry, now)


def prove_contact(case: Case, typed: str, asker: str, now: datetime) -> Case:
    """The code of that message: a contact on record since before the case was proved in it, so that one officer is enough.

    Raises as `services.prove_by_code`.
    """
    services.spend(*services.try_charges(case, asker), now=now)
    tries = services.count_code_try(case)
    services.compare_code(case, challenge.normal(typed), tries, now)
    with transaction.atomic():
        advance(
            case, "prove_contact", now=now, gives="contact_code", code_hash="",
            used_code_hash=case.code_hash, proved_at=case.proved_at or now,
            handle_version=case.handle_version + 1,
        )  # fmt: skip
    return case


# --- the binding code -----------------------------------------------------------------------------------


def hand_binding(case: Case, *, staff: int, now: datetime) -> str:
    """The one-time code for the claimant's hand: 40 bits, ten minutes, never by e-mail (S-027).

    Asked again, a new one replaces the old. Raises `Refused("case.move_not_allowed")` before an approval.
    """
    code = challenge.code(secrets.token_bytes(5))
    until = now + timedelta(minutes=BINDING_MINUTES)
    with transaction.atomic():
        if case.state == "binding_handed":
            advance(case, "lapse_binding", now=now, actor="system")
        changes = _fresh_binding(case, code, until)
        advance(
            case, "hand_binding", now=now, actor="officer", staff=staff, gives="binding_code", **changes
        )  # fmt: skip
    return code


def hand_ahead(case: Case, *, staff: int, now: datetime) -> str:
    """A code that sleeps until the approval: nobody decided in time and the person goes home (80 bits)."""
    code = challenge.continuation(secrets.token_bytes(10))
    with transaction.atomic():
        changes = _fresh_binding(case, code, None)
        advance(
            case, "hand_ahead", now=now, actor="officer", staff=staff, gives="binding_code", **changes
        )  # fmt: skip
    return code


def _fresh_binding(case: Case, code: str, until: datetime | None) -> dict[str, Any]:
    return {
        "binding_hash": tokens.hash("binding", code, case.pk),
        "binding_expires_at": until,
        "binding_tries": 0,
        "binding_typed_at": None,
    }


def wake_binding(case: Case, now: datetime) -> dict[str, Any]:
    """What the approval changes where a code was handed ahead: it wakes, for 72 hours."""
    if not case.binding_hash:
        return {}
    return {"binding_expires_at": now + timedelta(hours=AHEAD_HOURS)}


_COUNT_TRY = """UPDATE recovery_case SET binding_tries = binding_tries + 1
WHERE id = %s AND binding_tries < %s AND binding_hash <> '' RETURNING binding_tries, binding_hash"""


def type_binding(case: Case, typed: str, now: datetime) -> Case:
    """The code of the desk, in the browser that holds the case by its secret: counted, compared, used up once.

    Afterwards a rejected key costs nothing. Raises `Refused`: binding.none, .asleep, .dead, .used, .wrong (left),
    .expired (at).
    """
    if case.state not in ("approved", "binding_handed"):
        raise Refused("binding.asleep" if case.binding_hash else "binding.none")
    tries = _count_try(case)
    if not tokens.matches(case.binding_hash, "binding", challenge.normal(typed), case.pk):
        _record_wrong(case)
        left = BINDING_TRIES - tries
        raise Refused("binding.wrong", left=left) if left > 0 else Refused("binding.dead")
    if case.binding_expires_at is None or now > case.binding_expires_at:
        raise Refused("binding.expired", at=case.binding_expires_at)
    _use_binding(case, now)
    return case


def _count_try(case: Case) -> int:
    if not case.binding_hash:
        raise Refused("binding.used" if case.binding_typed_at else "binding.none")
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TRY, [case.pk, BINDING_TRIES])
        row = cursor.fetchone()
    if row is None:
        case.refresh_from_db()
        raise Refused("binding.used" if case.binding_typed_at else "binding.dead")
    case.binding_tries, case.binding_hash = row
    return case.binding_tries


def _record_wrong(case: Case) -> None:
    with transaction.atomic():
        audit.record(
            "binding_wrong",
            actor="claimant",
            case_id=case.pk,
            subject=case.employer_id,
            outcome="refused",
        )


def _use_binding(case: Case, now: datetime) -> None:
    """Used up by a conditional UPDATE, under a new handle (S-088)."""
    changes: dict[str, Any] = {
        "binding_hash": "",
        "binding_typed_at": now,
        "handle_version": case.handle_version + 1,
        "proved_at": case.proved_at or now,
    }
    with transaction.atomic():
        services.rewrite(case, changes, binding_hash=case.binding_hash)
        audit.record(
            "binding_typed", actor="claimant", case_id=case.pk, subject=case.employer_id
        )  # fmt: skip


def has_binding(case: Case, now: datetime) -> bool:
    """Whether the code of the desk was typed in this case, in the last half hour or while the code itself lives."""
    if case.binding_typed_at is None:
        return False
    span = timedelta(minutes=profile().limits.idle_minutes)
    return now <= max(case.binding_typed_at + span, case.binding_expires_at or now - span)


def set_key(case: Case, key: str, now: datetime) -> Case:
    """The key after a visit. Raises `Refused("binding.needed")` without the code, and the key policy's refusals."""
    if not has_binding(case, now):
        raise Refused("binding.needed")
    return services.store_key(case, key, "set_key_with_binding", now)


def keep_key(case: Case, now: datetime) -> Case:
    """Keep the known key after a visit. Raises as `set_key`."""
    if not has_binding(case, now):
        raise Refused("binding.needed")
    return services.store_kept(case, "keep_key_with_binding", now)


# --- a case made at the counter: its secret is fetched by the claimant ----------------------------------


AT_DESK: dict[str, tuple[str, list[str]]] = {
    "open_counter": ("supervisor", []),
    "type_paper": ("officer", ["visit"]),
}
"""The moves with which the desk makes a case, who makes each, and what it holds then: a case without a code, released with a reason,
whose secret the claimant fetches at the kiosk; the paper form of a power cut, which waits for the second person and yields no key."""


def begin_at_desk(
    move: str,
    number: EmployerNumber,
    may: Callable[[Case], None],
    *,
    staff: int,
    centre: str,
    reason: str,
    language: str,
    now: datetime,
) -> Case:
    """A case that the desk makes, by a move of `AT_DESK`.

    `may` looks at it before anything is stored, and raises where this person may not.
    """
    actor, proofs = AT_DESK[move]
    case = _case_of_the_desk(number, centre, language, now)
    case.proofs = list(proofs)
    may(case)
    with transaction.atomic():
        _store_first(case, move, actor, staff, reason, now)
    return case


def _case_of_the_desk(number: EmployerNumber, centre: str, language: str, now: datetime) -> Case:
    dossier = employers.gather(number)
    facts = services.facts_now(number, dossier, frozenset())
    return Case(
        ref=challenge.code(secrets.token_bytes(5)),
        opened_at=now,
        moved_at=now,
        language=language,
        purpose="unlock" if dossier.key_fact == "blocked" else "recover",
        employer_key=services.employer_lookup(number),
        identification=number.identification,
        ruc=number.ruc,
        branch=number.branch,
        domestic=number.domestic,
        employer=dossier.employer,
        representative=dossier.representative,
        facts=services.storable(facts),
        route=triage.VISIT,
        retry_left=False,
        centre=centre,
    )


def _store_first(case: Case, move: str, actor: str, staff: int, reason: str, now: datetime) -> None:
    """The first row of a case that the desk makes, as `advance` would write it: state, number, record."""
    case.state = journey.move(journey.START, move)
    entry = audit.record(
        f"case_{move}", actor=actor, case_id=case.pk, subject=case.employer_id, reason=reason,
        data={"staff": staff},
    )  # fmt: skip
    case.number = f"{now:%y}-{entry.number:06d}"
    case.seal()
    case.save(force_insert=True)


def make_pickup(case: Case, now: datetime) -> str:
    """A code of 40 bits with which the claimant, and nobody of staff, fetches the case secret at the kiosk.

    Raises `Refused("case.move_not_allowed")` for a case whose secret the claimant has already.
    """
    if case.secret_hash or case.training:
        raise Refused("case.move_not_allowed")
    code = challenge.code(secrets.token_bytes(5))
    until = now + timedelta(minutes=PICKUP_MINUTES)
    services.rewrite(case, {"pickup_hash": tokens.hash("pickup", code), "pickup_expires_at": until})
    return code


def pick_up(typed: str, identification: str, now: datetime) -> tuple[Case, str]:
    """The case and its secret, once, for the code of the counter and the number typed. Count the try first.

    Raises `Refused`: pickup.wrong for whatever does not match, and as `rewrite`.
    """
    hashed = tokens.hashes("pickup", challenge.normal(typed))
    case = Case.objects.filter(pickup_hash__in=hashed, pickup_expires_at__gt=now).first()
    if case is None or not tokens.same(challenge.normal_id(identification), case.identification):
        raise Refused("pickup.wrong")
    secret = challenge.case_secret(secrets.token_bytes(17))
    with transaction.atomic():
        changes = {
            "pickup_hash": "",
            "secret_hash": tokens.hash("case_secret", secret),
            "proofs": sorted({*case.proofs, "case_secret"}),
        }
        services.rewrite(case, changes, pickup_hash=case.pickup_hash)
        audit.record("secret_picked_up", actor="claimant", case_id=case.pk)
    return case, secret


# --- holds, representatives -----------------------------------------------------------------------------


def hold(case: Case, *, staff: int, now: datetime, actor: str = "officer") -> None:
    """The discreet flag: the case goes on hold, no page changes, and no rule of evidence forgives it (S-071)."""
    services.rewrite(case, {"held": True})
    audit.record(
        "case_held", actor=actor, case_id=case.pk, subject=case.employer_id, data={"staff": staff}
    )  # fmt: skip


def release_hold(case: Case, *, staff: int, reason: str) -> None:
    """A supervisor looked into it: the case goes on."""
    services.rewrite(case, {"held": False})
    audit.record(
        "case_released", actor="supervisor", case_id=case.pk, subject=case.employer_id, reason=reason,
        data={"staff": staff},
    )  # fmt: skip


def end_held(case: Case, *, staff: int, now: datetime) -> audit.Entry:
    """A supervisor looked into it, and it was not the employer: the case ends, whatever it stood on (F12). In a transaction.

    Raises `Refused("case.move_not_allowed")` where a key was set already: then the key is what has to be stopped.
    """
    return advance(
        case, "end_held", now=now, actor="supervisor", staff=staff, reason="fraud",
        binding_hash="", binding_typed_at=None,
    )  # fmt: skip


def change_representative(
    employer: Employer, identification: str, name: str, *, case: Case, now: datetime
) -> Representative:
    """Another person represents the employer: in one transaction the former ones lose keys, sessions, devices,
    saved codes and open cases (A24). Contacts are told by the deed that calls this."""
    person = employer_deeds.add_representative(
        employer, identification, name, case_id=case.pk, now=now
    )
    former = employer_deeds.end_representatives(employer, person, case_id=case.pk, now=now)
    for one in former:
        _end_person(employer, one, case, now)
    return person


def _end_person(employer: Employer, person: Representative, case: Case, now: datetime) -> None:
    for account in Account.objects.filter(representative=person).exclude(state=Account.REVOKED):
        keys.revoke(account, reason="representative_ended", now=now)
    theirs = Case.objects.filter(employer=employer, state__in=sorted(journey.LIVE))
    for other in theirs.exclude(pk=case.pk).select_for_update():
        if other.identification == person.identification and other.is_genuine:
            advance(other, "close_unfinished", now=now, actor="system")


# --- what time ends -------------------------------------------------------------------------------------


def due(now: datetime) -> int:
    """Freezes, binding codes and dates that have passed. Called by the worker."""
    over = Case.objects.filter(state="frozen", frozen_until__lte=now)[:200]
    late = Case.objects.filter(state="binding_handed", binding_expires_at__lte=now, binding_typed_at=None)  # fmt: skip
    missed = Case.objects.filter(state="observed", observed_until__lt=queries.local_day(now))
    done = advance_each(over, "unfreeze", now, frozen_until=None)
    done += advance_each(late[:200], "lapse_binding", now, binding_hash="")
    done += advance_each(missed[:200], "miss_date", now)
    return sum(done)
