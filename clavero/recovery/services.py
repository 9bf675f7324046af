"""The deeds of a case. Each is one transaction: lock → decide → save → record → enqueue.

Tries are spent and keys hashed before the transaction begins; nothing leaves the building inside it.
"""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse

from clavero import rows
from clavero.audit import services as audit
from clavero.catastro import queries as catastro
from clavero.core import challenge, evidence, journey, key_policy, triage, workdays
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.employers import queries as employers
from clavero.employers import services as employer_deeds
from clavero.employers.models import Contact, Employer
from clavero.employers.queries import Dossier
from clavero.institution import profile
from clavero.keys import second
from clavero.keys import services as keys
from clavero.keys.models import Account
from clavero.notices import post
from clavero.notices import services as notices
from clavero.privacy import handles, lookups, tokens
from clavero.privacy.fields import closed
from clavero.recovery import queries, risk, telling
from clavero.recovery.models import Case, ContactProof
from clavero.recovery.queries import number_of
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge

CODE_FIELDS = (
    "code_hash",
    "link_tries",
    "code_sent_at",
    "code_expires_at",
    "codes_sent",
    "past_codes",
)
JUST_NOW = timedelta(minutes=2)
NOT_YET = (
    "account_id", "continuation_expires_at", "observed_until", "binding_expires_at", "binding_typed_at",
    "pickup_expires_at", "frozen_until", "wait_until", "proved_at", "key_set_at", "tested_at", "closed_at",
)  # fmt: skip
"""What no case has when it is opened."""
LAPSING = journey.MOVES["lapse"].sources


@dataclass(frozen=True)
class Opening:
    """What arrives at *Validar*: the numbers, and what the notice says of who asked (N17).

    `known`: the browser has signed in with these numbers before; its budgets are its own (S-045, C13).
    """

    number: EmployerNumber
    asker: str
    browser: str
    province: str
    language: str
    ticket: str = ""
    retry_of: Case | None = None
    known: bool = False


# --- the one writer of a case's state -------------------------------------------------------------


def advance(
    case: Case,
    move: str,
    *,
    now: datetime,
    actor: str = "claimant",
    reason: str = "",
    gives: str = "",
    staff: int = 0,
    then: str = "",
    **changes: object,
) -> audit.Entry:
    """Make `move`, or refuse: the only place that writes a case's state. Needs the deed's transaction.

    `staff` is the number of the member of staff who acts, for the record; `then` is a move that follows
    at once, recorded apart.

    The row decides, not the object in hand: of two that arrive together, one is refused with
    `case.move_not_allowed` and rolls back whatever else its deed wrote.
    """
    if staff:
        # The person's own browser may have moved on meanwhile: a desk never undoes what they proved.
        known = case.state
        case.look_again()
        if case.state != known:
            raise Refused("case.move_not_allowed")
    came_from = target = case.state
    proofs = frozenset(case.proofs)
    moves = [name for name in (move, then) if name]
    if case.training and not journey.PRACTICE.issuperset(moves):
        raise Refused("training.not_here")
    for name in moves:
        target = journey.move(target, name, frozen_from=case.frozen_from)
        proofs = journey.evidence_after(name, proofs, gives if name == move else "")
    changes |= {"state": target, "moved_at": now, "proofs": sorted(proofs)}
    if target in journey.FINAL:
        changes["closed_at"] = now
    rewrite(case, changes, handle_version=case.handle_version)
    entries = [
        audit.record(
            f"case_{name}",
            actor=actor,
            case_id=case.pk,
            subject=case.employer_id,
            reason=reason if name == move else "",
            data={"staff": staff} if staff else None,
        )
        for name in moves
    ]
    telling.follow(case, came_from, move, entries[0], now)
    return entries[0]


def rewrite(case: Case, changes: Mapping[str, object], **here: object) -> None:
    """Write `changes` into the row as `case` knows it, and bind it anew (ATTACKS 31, 32): every write of what is bound.

    Raises `Refused`: case.move_not_allowed where the row moved on meanwhile, case.tampered where another hand wrote in it.
    """
    if not case.is_genuine:
        _look_again(case)
        raise Refused("case.move_not_allowed" if case.is_genuine else "case.tampered")
    if not (
        _written(case, changes, here) or (_stands(case, changes) and _written(case, changes, here))
    ):
        raise Refused("case.move_not_allowed")


def _written(case: Case, changes: Mapping[str, object], here: Mapping[str, object]) -> bool:
    new = {**changes, "mac": case.mac_with(changes)}
    if not rows.update(Case, {"id": case.pk, "mac": case.mac, **here}, new):
        return False
    for name, value in new.items():
        setattr(case, name, value)
    return True


def _look_again(case: Case) -> None:
    try:
        case.look_again()
    except Case.DoesNotExist:
        raise Refused("case.move_not_allowed") from None


def _stands(case: Case, changes: Mapping[str, object]) -> bool:
    """Whether a row that somebody else wrote meanwhile stands where it stood, with no proof that `changes` would take away.

    Of two presses of one button the second is the one whose page is seen.
    """
    before = (case.state, case.handle_version)
    _look_again(case)
    kept = changes.get("proofs", case.proofs)
    lost = set(case.proofs) - set(kept) if isinstance(kept, list) else set()
    return case.is_genuine and before == (case.state, case.handle_version) and not lost


def _proved(case: Case, now: datetime) -> dict[str, Any]:
    """What changes with every proof: code and link are spent, and the handle is new (S-088)."""
    return {
        "proved_at": now,
        "code_hash": "",
        "used_code_hash": case.code_hash,
        "link_hash": "",
        "handle_version": case.handle_version + 1,
    }


# --- opening ---------------------------------------------------------------------------------------


def open_case(opening: Opening, now: datetime) -> Case:
    """Validar: find the employer, ask the rules, store the case, send what there is to send.

    One path for the known and the unknown: the same statements, one audit entry, one message in the
    outbox (of kind `void` where there is nothing to say). Raises `Refused("throttle.wait")`.
    """
    employer_key = employer_lookup(opening.number)
    spend(*_opening_charges(opening, employer_key), now=now)
    dossier = employers.gather(opening.number)
    facts = facts_now(opening.number, dossier, frozenset())
    verdict = triage.assess(facts)
    has_budget = may_send(employer_key, dossier.contact, now, known=opening.known)
    case = _new_case(opening, employer_key, dossier, facts, verdict, now)
    code, link = fresh_code(case, now)
    case.link_hash = hash_of_link(link)
    with transaction.atomic():
        if opening.retry_of is not None:
            _use_retry(opening.retry_of)
        move = _opening_move(verdict)
        entry = audit.record(
            f"case_{move}", actor="claimant", case_id=case.pk, subject=case.employer_id
        )
        case.number = f"{now:%y}-{entry.number:06d}"
        case.state = journey.MOVES[move].target
        case.seal()
        rows.insert(case, later=NOT_YET if opening.known else (*NOT_YET, "known_browser"))
        _first_message(case, dossier, verdict, has_budget, code, link, entry, now)
    return case


def _opening_charges(opening: Opening, employer_key: str) -> list[Charge]:
    """The one corrected retry costs its asker nothing; another employer's budget pays for another employer."""
    budget = apart(keys.username(opening.number), True) if opening.known else employer_key
    if opening.retry_of is None:
        asker = Charge("asker_open", opening.asker, about=employer_key)
        return [asker, Charge("employer_open", budget), Charge("global_open", "all")]
    same = opening.retry_of.employer_key in employer_lookups(opening.number)
    return [] if same else [Charge("employer_open", budget)]


def apart(subject: str, known: bool | None) -> str:
    """What a budget of an employer or an address is counted under: a browser that signed in before has one of its own,
    which no stranger can spend (S-045, C13)."""
    return f"{subject}|known" if known else subject


def try_charges(case: Case, asker: str, typed: str = "", signed: bool = False) -> list[Charge]:
    """What a typed code costs, or the answer of a passkey (`signed`).

    A saved code has 80 bits, a signature more: nobody guesses it, and strangers must not keep it out (S-045). In a case of a known browser neither the employer's strangers nor the network's others are counted.
    """
    if case.known_browser:
        return [Charge("employer_try", apart(case.employer_key, True))]
    of_asker = Charge("asker_try", asker)
    if signed or len(challenge.normal(typed)) == challenge.SAVED_CODE_LENGTH:
        return [of_asker]
    return [Charge("employer_try", case.employer_key), of_asker]


def _opening_move(verdict: triage.Verdict) -> str:
    """In mode `nothing` every case waits on the one page that everybody sees, also where no message went (T1)."""
    everybody_waits = profile().disclosure == "nothing"
    return "open_online" if everybody_waits or verdict.route == "online" else "open_visit"


def employer_lookup(number: EmployerNumber) -> str:
    """What budgets and other cases of one employer number are counted under."""
    return employer_lookups(number)[0]


def employer_lookups(number: EmployerNumber) -> list[str]:
    """The same under each key in use, newest first."""
    return lookups.all_of("case_employer", f"{number.ruc}|{number.branch}")


def of_same_number(case: Case) -> tuple[str, ...]:
    """What the cases of this case's number may stand under."""
    return tuple(dict.fromkeys((case.employer_key, *employer_lookups(queries.number_of(case)))))


def spend(*charges: Charge, now: datetime) -> None:
    """Count before anything is checked; record a refusal that stands out. Raises `Refused("throttle.wait")`."""
    decision = throttle.spend(*charges, now=now)
    if not decision.allowed:
        _record_refusal(decision)
        raise Refused("throttle.wait", seconds=decision.wait_seconds)


def _record_refusal(decision: throttle.Decision) -> None:
    if not decision.stands_out:
        return
    data: dict[str, int | bool | str] = {"times": decision.stands_out}
    with transaction.atomic():
        audit.record(
            "throttled", actor="anonymous", outcome="refused", reason=decision.bucket, data=data
        )


def may_send(
    employer_key: str, contact: Contact | None, now: datetime, *, known: bool | None = False
) -> bool:
    """Whether employer and address may get one more message; beyond it the page stays the same (S-048).

    Where there is no address, the number stands for it: as many buckets, known or not.
    """
    destination = contact.value_lookup if contact else employer_key
    charges = (
        Charge("employer_mail_hour", apart(employer_key, known)),
        Charge("employer_mail_day", apart(employer_key, known)),
        Charge("destination_mail", apart(destination, known)),
    )
    return throttle.spend(*charges, now=now).allowed


def facts_now(number: EmployerNumber, dossier: Dossier, declared: frozenset[str]) -> triage.Facts:
    """What the registers say at this moment, with what the person declared."""
    status = catastro.newest(number.ruc)
    return triage.Facts(
        known=dossier.known,
        branch=dossier.branch_fact,
        representative=dossier.representative_fact,
        email=dossier.email_fact,
        key=dossier.key_fact,
        ruc="not_applicable" if number.domestic else status.status,
        ruc_as_of=status.as_of,
        ruc_source=status.source,
        domestic=number.domestic,
        kind=dossier.kind,
        declared=declared,
    )


def _new_case(
    opening: Opening,
    employer_key: str,
    dossier: Dossier,
    facts: triage.Facts,
    verdict: triage.Verdict,
    now: datetime,
) -> Case:
    number = opening.number
    online = verdict.route == "online"
    if not dossier.known:
        employers.weigh_nobody()
    return Case(
        ref=challenge.code(secrets.token_bytes(5)),
        opened_with=tokens.hash("opened_with", opening.ticket) if opening.ticket else None,
        opened_at=now,
        moved_at=now,
        language=opening.language,
        purpose="unlock" if dossier.key_fact == "blocked" else "recover",
        employer_key=employer_key,
        identification=number.identification,
        ruc=number.ruc,
        branch=number.branch,
        domestic=number.domestic,
        employer_id=dossier.employer_id,
        representative_id=dossier.representative_id if facts.representative == "match" else None,
        contact_id=dossier.contact_id,
        facts=storable(facts),
        route=verdict.route,
        retry_left=opening.retry_of is None,
        known_browser=opening.known or None,
        browser=opening.browser[:60],
        province=opening.province[:60],
        mask=mask(dossier.contact.value) if online and dossier.contact else "",
        questions=questions_for(dossier) if online else [],
    )


def storable(facts: triage.Facts) -> dict[str, object]:
    """Facts as JSON; `facts_of` reads them back."""
    row = asdict(facts)
    row["declared"] = sorted(facts.declared)
    row["ruc_as_of"] = facts.ruc_as_of.isoformat() if facts.ruc_as_of else None
    return row


def questions_for(dossier: Dossier) -> list[str]:
    """The names of the institution's questions for this employer; none where the profile asks none."""
    if not profile().ask_questions:
        return []
    return [question.name for question in challenge.questions(dossier.facts)]


def mask(address: str) -> str:
    """`j•••@g•••.example`: first letters and last label; always three dots, so that length says nothing."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"


def fresh_code(case: Case, now: datetime) -> tuple[str, str]:
    """A new code and link for `case`, which keeps the code's keyed hash only. Tries are not given back (S-020).

    The link's hash is bound: whoever stores the row writes it (`hash_of_link`).
    """
    code, link = challenge.code(secrets.token_bytes(5)), tokens.new_token(32)
    if case.code_hash:
        case.past_codes = [*case.past_codes, case.code_hash][-5:]
    case.code_hash = tokens.hash("case_code", code, case.pk)
    case.link_tries = 0
    case.code_sent_at = now
    case.code_expires_at = now + timedelta(minutes=profile().limits.code_minutes)
    case.codes_sent += 1
    return code, link


def hash_of_link(link: str) -> str:
    """What a case keeps of the link of its message."""
    return tokens.hash("case_link", link)


def _use_retry(case: Case) -> None:
    """One corrected retry is free, once (A05)."""
    if not Case.objects.filter(pk=case.pk, retry_left=True).update(retry_left=False):
        raise Refused("case.retry_used")


def _first_message(
    case: Case,
    dossier: Dossier,
    verdict: triage.Verdict,
    has_budget: bool,
    code: str,
    link: str,
    entry: audit.Entry,
    now: datetime,
) -> None:
    contact = dossier.contact if has_budget else None
    _message(case, contact, verdict, code, link, entry, now)


def _message(
    case: Case,
    contact: Contact | None,
    verdict: triage.Verdict,
    code: str,
    link: str,
    entry: audit.Entry,
    now: datetime,
) -> None:
    """Code and link, or the exact reasons for a visit (S-059), or nothing that looks like something.

    Both are composed for everybody, so that what it takes says nothing (S-056).
    """
    told = asked(case, entry, now)
    with_code = told | _code_and_link(case, code, link)
    with_reasons = told | {"reasons": [reason.code for reason in verdict.reasons]}
    if contact is None:
        _enqueue_nothing(case, with_code, entry, now)
    elif case.route == "online":
        _enqueue(case, "code", contact.value, with_code, entry, now)
    else:
        _enqueue(case, "email_needs_visit", contact.value, with_reasons, entry, now)


def _enqueue_nothing(
    case: Case, payload: dict[str, object], entry: audit.Entry, now: datetime
) -> None:
    """Nothing to nobody, as long as what somebody would have been told."""
    _enqueue(case, "void", "", {"nothing": "-" * len(json.dumps(payload))}, entry, now)


def asked(case: Case, entry: audit.Entry, now: datetime) -> dict[str, object]:
    """What every message of a case says of who asked and where it is recorded."""
    return {
        "case_number": case.number,
        "browser": case.browser,
        "province": case.province,
        "asked_at": now.isoformat(),
        "ruc_ending": case.ruc[-4:],
        "entry_number": entry.number,
        "head12": entry.head12,
    }


def _code_and_link(case: Case, code: str, link: str) -> dict[str, object]:
    return {
        "code": code if profile().codes_in_mail else "",
        "link": settings.BASE_URL + _localized(case.language, "mail_link", link),
        "expires_at": case.code_expires_at.isoformat() if case.code_expires_at else "",
    }


def enqueue_visit_code(
    case: Case, contact: Contact | None, code: str, entry: audit.Entry, now: datetime
) -> None:
    """The code that proves a contact while a visit is prepared; nothing to nobody where there is none."""
    payload = asked(case, entry, now) | {
        "code": code,
        "expires_at": case.code_expires_at.isoformat() if case.code_expires_at else "",
        "not_me": not_me_link(case, contact.pk if contact else employers.nobodys_contact_id()),
    }
    if contact is None:
        _enqueue_nothing(case, payload, entry, now)
    else:
        _enqueue(case, "visit_code", contact.value, payload, entry, now)


def _localized(language: str, name: str, *args: object) -> str:
    from django.utils import translation

    with translation.override(language):
        return reverse(name, args=args)


def _enqueue(
    case: Case,
    kind: str,
    address: str,
    payload: dict[str, object],
    entry: audit.Entry,
    now: datetime,
) -> None:
    """One message a deed and address: a void one, too, is as new as any other."""
    notices.enqueue(
        kind,
        address=address,
        employer_id=case.employer_id,
        case_id=case.pk,
        language=case.language,
        payload=payload,
        key=f"{case.pk}:{kind}:{entry.number}:{lookups.of('notice', address)[:12]}",
        now=now,
    )


# --- the code and the link -------------------------------------------------------------------------


def resend(case: Case, now: datetime) -> Case:
    """Another code and link; the former ones die, the tries stay spent. Silent beyond the budget (S-048).

    Beyond it nothing is sent, and what was delivered goes on working until its own end.
    """
    delivered = {name: getattr(case, name) for name in CODE_FIELDS}
    code, link = fresh_code(case, now)
    contact = queries.bound_contact(case)
    has_budget = may_send(case.employer_key, contact, now, known=case.known_browser)
    with transaction.atomic():
        changes = {name: getattr(case, name) for name in CODE_FIELDS} if has_budget else delivered
        if has_budget:
            changes["link_hash"] = hash_of_link(link)
        entry = advance(case, "resend", now=now, **changes)
        verdict = triage.assess(facts_of(case))
        told = contact if has_budget else None
        _message(case, told, verdict, code, link, entry, now)
    return case


def prove_by_code(case: Case, typed: str, asker: str, now: datetime) -> Case:
    """Check a typed code: counted first, in the row and in the employer's budget, then compared.

    A saved recovery code may stand in the same field. Raises `Refused` with `code.wrong` (and the
    tries left), `code.expired`, `code.superseded`, `code.no_tries_left` or `throttle.wait`.
    """
    spend(*try_charges(case, asker, typed), now=now)
    text = challenge.normal(typed)
    tries = count_code_try(case)
    if _is_saved_code(case, text, now):
        return case
    compare_code(case, text, tries, now)
    _prove(case, "contact_code", now)
    return case


def compare_code(case: Case, text: str, tries: int, now: datetime) -> None:
    """Nothing where `text` is the case's code and lives; else the `Refused` that says which it is not (S-061)."""
    if not tokens.matches(case.code_hash, "case_code", text, case.pk):
        _refuse_code(case, text, tries)
    if case.code_expires_at is None or now > case.code_expires_at:
        _record(case, "code_expired")
        raise Refused("code.expired", at=case.code_expires_at)


def is_replay(case: Case, typed: str, now: datetime) -> bool:
    """Whether `typed` is the code that has just proved this case: a second press, not a second proof."""
    if not case.used_code_hash or case.proved_at is None or now - case.proved_at > JUST_NOW:
        return False
    return tokens.matches(case.used_code_hash, "case_code", challenge.normal(typed), case.pk)


_COUNT_TRY = """UPDATE recovery_case SET code_tries = code_tries + 1
WHERE id = %s AND state = %s AND code_tries < %s RETURNING code_tries, code_hash"""


def count_code_try(case: Case) -> int:
    """The number of this try, counted before anything is compared; with it the code's hash as it stands now."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TRY, [case.pk, case.state, profile().limits.code_tries])
        row = cursor.fetchone()
    if row is None:
        case.look_again()
        if case.state != "code_sent":
            raise Refused("case.move_not_allowed")
        _record(case, "no_tries_left")
        raise Refused("code.no_tries_left")
    case.code_tries, case.code_hash = row
    return case.code_tries


def _refuse_code(case: Case, text: str, tries: int) -> None:
    _record(case, "wrong_code")
    if any(tokens.matches(past, "case_code", text, case.pk) for past in case.past_codes):
        raise Refused("code.superseded")
    left = profile().limits.code_tries - tries
    raise Refused("code.wrong", left=left) if left > 0 else Refused("code.no_tries_left")


def _record(case: Case, reason: str) -> None:
    with transaction.atomic():
        audit.record(
            "proof_failed",
            actor="claimant",
            case_id=case.pk,
            subject=case.employer_id,
            outcome="refused",
            reason=reason,
        )


def _is_saved_code(case: Case, text: str, now: datetime) -> bool:
    """The same statements whoever exists, so that a typed code says nothing of the employer."""
    if len(text) != challenge.SAVED_CODE_LENGTH:
        return False
    account = keys.account_of(number_of(case))
    with transaction.atomic():
        if not keys.use_saved_code(account, text, case_id=case.pk, now=now):
            return False
        _prove_inside(case, "saved_code", now)
    return True


def _prove(case: Case, proof: str, now: datetime) -> None:
    with transaction.atomic():
        _prove_inside(case, proof, now)


def _prove_inside(case: Case, proof: str, now: datetime) -> None:
    """The proof is taken: once, under a new handle; the other unproved cases of this number close.

    Raises `Refused("code.void")` where the message's address or key is no longer the one it was sent for.
    """
    if proof != "saved_code" and queries.bound_contact(case) is None:
        raise Refused("code.void")
    enough = _still_enough(case, proof, now)
    then = "skip_questions" if enough and not case.questions else ""
    proved = _proved(case, now)
    advance(case, "prove", then=then, now=now, reason=proof, gives=proof, **proved)
    if not enough:
        advance(case, "prefer_visit", now=now, actor="system", reason="facts_changed")
    supersede_others(case, now)


def _still_enough(case: Case, proof: str, now: datetime) -> bool:
    """Whether this proof still opens what it was asked for; facts older than a code are looked up again."""
    old = now - case.opened_at > timedelta(minutes=profile().limits.code_minutes)
    if old:
        number = number_of(case)
        fresh = facts_now(number, employers.gather(number), frozenset(case.declared))
        rewrite(case, {"facts": storable(fresh)})
    try:
        granted_for(case, proof)
    except Refused:
        return False
    return True


def supersede_others(case: Case, now: datetime) -> None:
    """The first case that is proved closes the unproved others of the same number (ATTACKS 37)."""
    found = rows.some(Case, lock=True, employer_key=of_same_number(case), state=queries.UNPROVED)
    for other in found:
        if other.pk != case.pk and other.is_genuine:
            advance(other, "supersede", now=now, actor="system")


def prove_by_link(case: Case, identification: str | None, now: datetime) -> Case:
    """The link of the message, opened and confirmed by a POST.

    `identification` is None in the browser that asked; elsewhere the number typed at the start is asked,
    and five wrong ones end the link while the code lives (ruling on S-021).
    """
    if case.code_expires_at is None or now > case.code_expires_at:
        _record(case, "link_expired")
        raise Refused("link.expired", at=case.code_expires_at)
    if identification is not None:
        _check_identification(case, identification)
    _prove(case, "contact_link", now)
    return case


def _check_identification(case: Case, identification: str) -> None:
    row = Case.objects.filter(pk=case.pk, link_tries__lt=profile().limits.link_tries)
    if not row.exclude(link_hash="").update(link_tries=F("link_tries") + 1):
        raise Refused("link.dead")
    if tokens.same(identification, case.identification):
        return
    _record(case, "wrong_identification")
    case.refresh_from_db(fields=["link_tries"])
    left = profile().limits.link_tries - case.link_tries
    if left <= 0:
        rewrite(case, {"link_hash": ""})
        raise Refused("link.dead")
    raise Refused("link.other_identification", left=left)


def give_up_contact(case: Case, now: datetime) -> Case:
    """«Ya no tengo ese correo»: the same case goes over to the visit road, nothing typed again."""
    with transaction.atomic():
        declared = sorted({*case.declared, "no_email"})
        advance(case, "give_up_contact", now=now, declared=declared, code_hash="", link_hash="")
    return case


# --- the institution's questions -------------------------------------------------------------------


def answer(case: Case, text: str, now: datetime) -> Case:
    """One answer about the institution's own dated facts. A wrong one leads to a visit, never to a lock (D07)."""
    facts = {fact.name: fact for fact in employers.dated_facts(case.employer_id)}
    name = case.questions[case.answered]
    good = name in facts and challenge.right(challenge.question(facts[name]), text)
    with transaction.atomic():
        row = Case.objects.filter(pk=case.pk, state="proved", answered=case.answered)
        if not row.update(answered=F("answered") + 1, answers_right=F("answers_right") + int(good)):
            raise Refused("case.move_not_allowed")
        case.answered, case.answers_right = case.answered + 1, case.answers_right + int(good)
        audit.record(
            "question_answered", actor="claimant", case_id=case.pk, subject=case.employer_id
        )
        if case.answered == len(case.questions):
            _close_questions(case, now)
    return case


def _close_questions(case: Case, now: datetime) -> None:
    if case.answers_right == len(case.questions):
        advance(case, "answer_questions", now=now, gives="questions")
    else:
        advance(case, "fail_questions", now=now, gives="questions_failed")


def prefer_visit(case: Case, now: datetime) -> Case:
    """«Prefiero ir»: from the questions to the visit, with no mark against anybody."""
    with transaction.atomic():
        advance(case, "prefer_visit", now=now)
    return case


# --- contact data ----------------------------------------------------------------------------------


def settle_contact(case: Case, proposed: dict[str, str], now: datetime) -> str:
    """Contact data *proposed*: nothing is replaced, every contact on record is told at once (A22).

    Where a risk asks for time the case waits (D13): the case secret with which to come back, else "".
    """
    found = risk.signals(case, now)
    told = employers.contacts_to_tell(case.employer_id) if proposed else []
    with transaction.atomic():
        entry = advance(
            case, "settle_contact", now=now, contact_data=contact_data(case, proposed), risks=list(found)
        )  # fmt: skip
        kinds = [
            kind for kind, value in proposed.items() if _propose(case, kind, value, entry, now)
        ]
        if kinds:
            tell_all(
                case, told, "contact_proposed", entry, now, kinds=sorted(kinds), usable_at=_usable_at(now)
            )  # fmt: skip
        return _wait(case, found, now) if found and not asks_factor(case) else ""


def asks_factor(case: Case) -> bool:
    """Whether the second step that the account has by now is still to be shown in this case (S-002)."""
    return "totp" not in case.proofs and evidence.SECOND_FACTOR in risk.by_now(case)


def _wait(case: Case, found: tuple[str, ...], now: datetime) -> str:
    """The case waits and everybody on record may stop it; the secret to come back with. In a transaction."""
    secret = challenge.case_secret(secrets.token_bytes(17))
    until = now + timedelta(hours=profile().limits.risk_wait_hours)
    entry = advance(
        case, "wait", now=now, actor="system", reason=".".join(found), gives="case_secret",
        wait_until=until, secret_hash=tokens.hash("case_secret", secret),
    )  # fmt: skip
    for contact in queries.told_of_a_wait(case, now):
        payload = asked(case, entry, now) | {
            "cancel": cancel_link(case, contact.pk), "not_me": not_me_link(case, contact.pk),
            "until": until.isoformat(), "hours": profile().limits.risk_wait_hours,
        }  # fmt: skip
        _enqueue(case, "case_waits", contact.value, payload, entry, now)
    return secret


def _propose(case: Case, kind: str, value: str, entry: audit.Entry, now: datetime) -> bool:
    """One contact; False where the register has it already, on record or closed: nobody is written to."""
    contact = employer_deeds.propose_contact(owner(case), kind, value, case_id=case.pk, now=now)
    if contact.state != Contact.PROPOSED:
        return False
    if kind == Contact.EMAIL:
        ask_to_confirm(case, contact, value, entry, now)
    return True


def contact_data(case: Case, given: dict[str, str]) -> object:
    """What was typed, as the case keeps it: sealed, asked once and never again, whichever road follows (S-113)."""
    text = json.dumps({name: given.get(name, "") for name in queries.CONTACT_DATA})
    return closed(case, "contact_data", text)


def _usable_at(now: datetime) -> str:
    return (now + timedelta(hours=profile().limits.contact_rest_hours)).isoformat()


def ask_to_confirm(
    case: Case, contact: Contact, value: str, entry: audit.Entry, now: datetime
) -> None:
    """A link to a proposed address, which must answer it (S-025). In a transaction."""
    token = tokens.new_token(32)
    expires_at = now + timedelta(hours=profile().limits.contact_rest_hours)
    ContactProof.objects.create(
        contact=contact,
        case=case,
        token_hash=tokens.hash("contact_proof", token),
        expires_at=expires_at,
    )
    link = settings.BASE_URL + _localized(case.language, "contact_link", token)
    payload = asked(case, entry, now) | {"link": link, "expires_at": expires_at.isoformat()}
    _enqueue(case, "confirm_contact", value, payload, entry, now)


def confirm_contact(proof: ContactProof, now: datetime) -> None:
    """The proposed address answered: it is confirmed, and rests until its 72 hours have passed."""
    with transaction.atomic():
        row = ContactProof.objects.filter(pk=proof.pk, used_at=None, expires_at__gt=now)
        if not row.update(used_at=now):
            raise Refused("link.used")
        employer_deeds.confirm_contact(proof.contact, now)


# --- the key ---------------------------------------------------------------------------------------


def judge_key(case: Case, key: str, account: Account | None, names: set[str]) -> None:
    """Raises the first `Refused` of the key policy, or `key.same_as_before`. Costs the evidence nothing (E06)."""
    context = frozenset(names | {case.identification, case.ruc})
    found = key_policy.judge(key, context, profile().key, keys.is_common)
    if found:
        raise found[0]
    if account is not None and account.has_key and keys.matches(account, key):
        raise Refused("key.same_as_before")


def set_key(case: Case, key: str, now: datetime) -> Case:
    """Set the new key. Everything happens in one transaction, or nothing (S-011).

    Raises the key policy's `Refused`; the code stays spent and the case stays where it is.
    """
    return store_key(case, key, "set_key", now)


def store_key(case: Case, key: str, move: str, now: datetime) -> Case:
    """What setting a key is, online (`set_key`) and after a visit (`set_key_with_binding`)."""
    journey.move(case.state, move)
    granted = _granted_by_now(case)
    register = employers.known(_required(case.employer_id))
    case.employer = register.employer
    account = keys.account_for(
        number_of(case), register.employer, _required(case.representative_id), now
    )
    _judge_unless_overtaken(case, key, account, register.names, move)
    prepared = keys.prepare(account.pk, account.key_version + 1, key)
    with transaction.atomic():
        advance(case, move, now=now, account=account, key_set_at=now, grant_rule=granted.rule)
        entry = keys.issue(
            account, prepared, how=granted.rule, case_id=case.pk, now=now, scope=granted.scope
        )
        employer_deeds.set_key_state(register.employer, "active", case_id=case.pk, now=now)
        tell_all(case, register.to_tell, "key_changed", entry, now)
    keys.clear_counters(account)
    return case


def _judge_unless_overtaken(
    case: Case, key: str, account: Account, names: set[str], move: str
) -> None:
    """A second press finds the key of the first in its place: that is no fault of the key."""
    try:
        judge_key(case, key, account, names)
    except Refused:
        case.look_again()
        journey.move(case.state, move)
        raise


def _required(row_id: int | None) -> int:
    """A row that every proved case has; every move that needs it stands behind a proof."""
    if row_id is None:
        raise Refused("case.move_not_allowed")
    return row_id


def owner(case: Case) -> Employer:
    """The employer of a case that has one. Every move that needs it stands behind a proof, which only they have."""
    if "employer" not in case._state.fields_cache:
        case.employer = rows.one(Employer, id=_required(case.employer_id))
    if case.employer is None:
        raise Refused("case.move_not_allowed")
    return case.employer


def register_of(case: Case) -> employers.Known:
    """The employer of a proved case with its contacts."""
    return employers.known(_required(case.employer_id))


def _granted_by_now(case: Case) -> evidence.Granted:
    """The rule by which a key is set at this moment: a second step that the account has by now bars the online ones.

    A visit goes without (S-002).
    """
    return granted_for(case, risks=risk.by_now(case))


def granted_for(case: Case, *more: str, risks: Collection[str] | None = None) -> evidence.Granted:
    """The rule that lets this case set a key, on the facts as they were stored last: when its code was sent, or at the desk.

    `more` are proofs that are being taken; `risks` are the signals, by default as the case stored them.
    """
    purpose = "unlock_key" if case.purpose == "unlock" else "recover_key"
    held = frozenset((*case.proofs, *more, *(("held",) if case.held else ())))
    stored = case.risks if risks is None else risks
    return evidence.sufficient(purpose, held | evidence.at_risk(stored, held), facts_of(case))


def facts_of(case: Case) -> triage.Facts:
    """The facts of a case as they were stored."""
    row = dict(case.facts)
    as_of = row["ruc_as_of"]
    row |= {
        "declared": frozenset(case.declared),
        "ruc_as_of": date.fromisoformat(as_of) if as_of else None,
    }
    return triage.Facts(**row)


def tell_all(
    case: Case,
    contacts: Iterable[Contact],
    kind: str,
    entry: audit.Entry,
    now: datetime,
    **more: object,
) -> None:
    """A notice to each of these contacts, each with a «no fui yo» of its own (S-079, S-082).

    Where it reaches fewer than two, a letter is queued for post besides.
    """
    told, said = list(contacts), asked(case, entry, now) | more
    for contact in told:
        link = {"not_me": not_me_link(case, contact.pk)}
        _enqueue(case, kind, contact.value, said | link, entry, now)
    post.queue(
        kind, reached=len(told), payload=said, once=f"{case.pk}:{entry.number}", now=now,
        employer_id=case.employer_id, case_id=case.pk, language=case.language,
    )  # fmt: skip


def tell(
    case: Case,
    contacts: Iterable[Contact],
    kind: str,
    entry: audit.Entry,
    now: datetime,
    **more: object,
) -> None:
    """A notice to each of these contacts that needs no link to stop anything."""
    for contact in contacts:
        _enqueue(case, kind, contact.value, asked(case, entry, now) | more, entry, now)


def cancel_link(case: Case, contact_id: int) -> str:
    """The link that ends a waiting case, once, and does nothing else (D13)."""
    token = handles.seal({"case": case.pk, "contact": contact_id}, "cancel_wait")
    return settings.BASE_URL + _localized(case.language, "stop_link", token)


def not_me_link(case: Case, contact_id: int) -> str:
    """The link that freezes, and does nothing else. Sealed: it names case and contact to nobody but us."""
    token = handles.seal({"case": case.pk, "contact": contact_id}, "not_me")
    return settings.BASE_URL + _localized(case.language, "not_me_link", token)


def keep_key(case: Case, now: datetime) -> Case:
    """Keep the key the person knows; the account is unlocked (E09)."""
    return store_kept(case, "keep_key", now)


def store_kept(case: Case, move: str, now: datetime) -> Case:
    """What keeping a known key is, online (`keep_key`) and after a visit (`keep_key_with_binding`)."""
    granted = _granted_by_now(case)
    account = keys.account_of(number_of(case))
    if account is None or not account.has_key:
        raise Refused("key.none_to_keep")
    told = employers.contacts_to_tell(case.employer_id)
    with transaction.atomic():
        advance(case, move, now=now, account=account, key_set_at=now, grant_rule=granted.rule)
        entry = keys.keep(account, case_id=case.pk, now=now)
        employer_deeds.set_key_state(owner(case), "active", case_id=case.pk, now=now)
        tell_all(case, told, "key_unlocked", entry, now)
    keys.clear_counters(account)
    return case


def can_keep(case: Case) -> bool:
    """Whether there is a key that the person may know: the account is here and only blocked."""
    if case.purpose != "unlock":
        return False
    account = keys.account_of(number_of(case))
    return account is not None and account.has_key


def change_key(case: Case, now: datetime) -> Case:
    """Back to the key page: the new key does not sign in, or the kept one is not remembered after all."""
    with transaction.atomic():
        advance(case, "change_key", now=now)
    return case


@dataclass(frozen=True)
class Access:
    """Whose key was tested, and the saved code that takes the place of the one this case used (S-019).

    Nobody has signed in yet where a second step `asks_code`.
    """

    account: Account
    saved_code: str = ""
    asks_code: bool = False


def prove_access(case: Case, key: str, attempt: keys.Try, now: datetime) -> Access:
    """The new key opens the account, recorded in the case (B21): a real sign-in, but for the code of a second step that was set
    up after the case had its evidence. Raises what `keys.check` raises, and key.stopped while a «no fui yo» lasts: nothing is looked at.

    The second of two presses signs in as well, and the case is tested once.
    """
    if keys.stopped_until(case.account, now):
        raise Refused("key.stopped")
    attempt = replace(attempt, case_id=case.pk)
    account = keys.check(number_of(case), key, attempt, now)
    answered = evidence.answers_second_step(case.proofs, case.grant_rule)
    asks = not answered and second.kept(account) is not None
    try:
        saved = _tested(case, account, None if asks else attempt, now)
    except Refused:
        case.look_again()
        if case.state != "access_tested":
            raise
        if not asks:
            keys.let_in(account, attempt, now)
        return Access(account, asks_code=asks)
    if not asks:
        keys.clear_counters(account)
    return Access(account, saved, asks)


def _tested(case: Case, account: Account, signs_in: keys.Try | None, now: datetime) -> str:
    """The case is over; the saved code in place of a used one, or of a passkey that ended with the old key; else ""."""
    with transaction.atomic():
        if signs_in is not None:
            keys.record_sign_in(account, signs_in, now)
        advance(case, "test_access", now=now, tested_at=now)
        used = {"saved_code", "second_proof"} & set(case.proofs)
        if not used or keys.has_saved_code(account):
            return ""
        return keys.save_code(account, case_id=case.pk, now=now)


def save_code(case: Case, now: datetime) -> str:
    """A saved recovery code for the account of this case, shown once (D09)."""
    if case.account is None or case.state != "access_tested":
        raise Refused("case.move_not_allowed")
    with transaction.atomic():
        return keys.save_code(case.account, case_id=case.pk, now=now)


# --- the visit -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VisitSecrets:
    """The two secrets of a visit, in clear once: `case_secret` is theirs alone, `continuation` is shown."""

    case_secret: str
    continuation: str


def open_visit(case: Case, situations: list[str], now: datetime) -> VisitSecrets:
    """Declare what happens and receive the two secrets; asked again, new ones replace the old."""
    both = VisitSecrets(
        challenge.case_secret(secrets.token_bytes(17)),
        challenge.continuation(secrets.token_bytes(10)),
    )
    until = now + timedelta(days=profile().limits.continuation_days)
    with transaction.atomic():
        entry = advance(
            case,
            "declare",
            now=now,
            gives="case_secret",
            declared=sorted({*case.declared, *situations}),
            secret_hash=tokens.hash("case_secret", both.case_secret),
            continuation_hash=tokens.hash("continuation", both.continuation),
            continuation_expires_at=until,
        )
        contact = queries.bound_contact(case) if case.proved_at else None
        if contact:
            tell_all(case, [contact], "visit_opened", entry, now)
        else:
            _enqueue(case, "void", "", {}, entry, now)
    return both


def resume(
    secret: str, asker: str, now: datetime, only: Case | None = None, here: Collection[int] = ()
) -> Case:
    """The case of a case secret; with `only`, no other. Tries are counted per asker; 130 bits are not guessed.

    A new handle (S-088). A code of the desk that was typed elsewhere does not come along: one browser, of those
    that hold the cases `here`, brings both. Raises `Refused`: case.secret_unknown, throttle.wait, and as `rewrite`.
    """
    spend(Charge("asker_try", asker), now=now)
    case = queries.by_secret(secret)
    if case is None or (only is not None and case.pk != only.pk):
        raise Refused("case.secret_unknown")
    fresh: dict[str, object] = {"handle_version": case.handle_version + 1}
    if case.pk not in here:
        fresh["binding_typed_at"] = None
    rewrite(case, fresh, handle_version=case.handle_version)
    return case


def public_facts(case: Case) -> triage.Facts:
    """What may be said before proof: the public state of the RUC, and what the person declares."""
    status = catastro.newest(case.ruc)
    state = "not_applicable" if case.domestic else status.status
    return triage.Facts(
        ruc=state, ruc_as_of=status.as_of, ruc_source=status.source, domestic=case.domestic,
        declared=frozenset(case.declared),
    )  # fmt: skip


def home_zone() -> str:
    """The zone of the institution's own clock."""
    return str(settings.TIME_ZONE)


def next_deadline(now: datetime) -> workdays.Deadline:
    """The next day on which contributions are due."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    this = workdays.contributions(
        f"{today:%Y-%m}", profile().calendar, profile().deadline_overrides
    )
    if this.due_on >= today:
        return this
    following = today.replace(day=28) + timedelta(days=4)
    return workdays.contributions(
        f"{following:%Y-%m}", profile().calendar, profile().deadline_overrides
    )


def cancel(case: Case, now: datetime) -> Case:
    """The person ends the case. Nothing of the account changes."""
    with transaction.atomic():
        advance(case, "cancel", now=now)
    return case


def lapse(case: Case, now: datetime) -> Case:
    """Half an hour without use after a proof: the proof is no longer in this room; ask for another code."""
    with transaction.atomic():
        advance(case, "lapse", now=now, actor="system", answered=0, answers_right=0)
    return case


def due(now: datetime, limit: int = 500) -> int:
    """Close what nobody came back to. Called by the worker."""
    before = now - timedelta(days=profile().limits.case_days)
    old = Case.objects.filter(state__in=sorted(journey.LIVE), moved_at__lt=before)
    return sum(_close_old(case, now) for case in old.order_by("moved_at")[:limit])


def _close_old(case: Case, now: datetime) -> bool:
    """A key that was set and never tested stays set: its case says so. One that another hand changed ends without a move."""
    if not case.is_genuine:
        return _end_useless(case, now)
    return _advance_one(case, "close_unfinished" if case.state == "key_set" else "expire", now, {})


def _end_useless(case: Case, now: datetime) -> bool:
    """It could make no move; ended, it is forgotten like any other."""
    ends = {"state": "expired", "closed_at": now, "moved_at": now}
    with transaction.atomic():
        done = rows.update(Case, {"id": case.pk, "mac": case.mac, "closed_at": None}, ends)
        if done:
            record_useless(case)
    return bool(done)


def record_useless(case: Case) -> None:
    """Another hand changed what is bound: that stands in the record. In the transaction of whoever found it."""
    audit.record("case_tampered", case_id=case.pk, subject=case.employer_id, outcome="refused")


def advance_each(cases: Iterable[Case], move: str, now: datetime, **changes: object) -> list[bool]:
    """`move` for each case by the system, each in its own transaction; one that moved meanwhile is left."""
    return [_advance_one(case, move, now, changes) for case in cases]


def _advance_one(case: Case, move: str, now: datetime, changes: dict[str, object]) -> bool:
    try:
        with transaction.atomic():
            advance(case, move, now=now, actor="system", **changes)  # type: ignore[arg-type]
    except Refused:
        return False
    return True
