"""What an erasure takes, column by column: canaries in all that is personal, in every state a row can be in (S-130).

The dictionary says what is personal. What still stands after the erasure is listed here, each with what `core.rights.STAYS`
tells the person about it, and nothing else stands anywhere.
"""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction

from clavero import clock
from clavero.appointments.models import Booking, Counter, Waiting
from clavero.audit.models import Entry
from clavero.catastro.models import Inquiry
from clavero.core import journey, rights
from clavero.demo.models import Mail, Text
from clavero.desk.models import Approval, Correction, Photo, SecondLook, Visit
from clavero.employers import services as employer_deeds
from clavero.employers.models import Branch, Change, Contact, Employer, Fact, Representative
from clavero.employers.services import contact_lookup
from clavero.keys.models import Account, KeyEvent
from clavero.notices import services as notices
from clavero.notices.models import Message, PostLetter
from clavero.precheck.models import Piece, SentList
from clavero.privacy import dictionary, tokens
from clavero.privacy.fields import opened
from clavero.recovery import booking
from clavero.recovery.models import Case, CaseContact, ContactProof, ReadyPaper
from clavero.rights import services, subject
from clavero.rights.models import Request
from tests.cast import by_id
from tests.rooms.desk.people import member
from tests.walk import Walker, as_if, deliver

CARLOS, ANA = by_id("correo_rebota"), by_id("en_orden")
LINK = "a" * 43
NEW = "nuevo@trigo.example"

STAYS = {
    "employers_employer.name": "register",
    "employers_branch.name": "register",
    "employers_representative.name": "register",
    "employers_representative.through": "register",
    "employers_fact.value": "register",
    "employers_contact.value": "contacts_on_record",
    "employers_change.value": "contacts_on_record",
    "keys_keyevent.where": "keys",
    "recovery_case.contact_data": "proven_cases",
    "recovery_case.mask": "proven_cases",
    "recovery_casecontact.address": "proven_cases",
    "recovery_readypaper.image": "proven_cases",
    "appointments_booking.contact": "proven_cases",
    "desk_visit.marked": "proven_cases",
    "desk_visit.reason": "proven_cases",
    "desk_correction.value": "proven_cases",
    "desk_approval.reason": "proven_cases",
    "desk_secondlook.reason": "proven_cases",
    "desk_photo.image": "proven_cases",
    "notices_message.address": "warnings",
    "notices_message.payload": "warnings",
    "notices_postletter.payload": "warnings",
    "rights_request.who": "requests",
    "rights_request.what": "requests",
    "rights_request.reach": "requests",
    "rights_request.answer": "requests",
}
"""Column → what of `core.rights.STAYS` it is. Only canaries that say `stays` may be there."""

NUMBERS = {
    "employers_employer.ruc", "employers_representative.identification", "recovery_case.identification", "recovery_case.ruc",
    "catastro_inquiry.ruc",
}  # fmt: skip
"""The numbers of the register itself: they stay with it, so that no canary can stand for them."""
NOT_OF_AN_EMPLOYER = {
    "account_emailaddress": "stays empty",
    "throttle_refusing": "a network, of nobody in particular",
    "desk_training": "of staff",
    "desk_staff": "of staff",
    "desk_enrolment": "of staff",
    "desk_answer": "of staff",
    "rights_breach": "what happened to the institution",
    "demo_mail": "nobody real stands there",
    "demo_text": "nobody real stands there",
}


class Planted:
    """Canaries: `text(column, "goes"|"stays")` gives one, and remembers where it was put."""

    def __init__(self) -> None:
        self.all: dict[str, tuple[str, bool]] = {}

    def __call__(self, column: str, fate: str, shape: str = "canario-{}") -> str:
        text = shape.format(f"{len(self.all):03d}x")
        self.all[text] = (column, fate == "stays")
        return text

    def mail(self, column: str, fate: str) -> str:
        return self(column, fate, "canario-{}@erase.example")

    def standing(self) -> set[str]:
        held = "\n".join(text for _, text in dump())
        return {text for text in self.all if text in held}


def dump() -> Iterator[tuple[str, str]]:
    """Every value of every column of every table, the sealed ones opened."""
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        fields = [f for f in model._meta.local_concrete_fields if f.column]
        for row in model._default_manager.all():
            for field in fields:
                sealed = getattr(field, "is_sealed", False)
                value = opened(row, field.attname) if sealed else getattr(row, field.attname)
                raw = bytes(value) if isinstance(value, (bytes, memoryview)) else value
                yield f"{table}.{field.column}", raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)  # fmt: skip


# --- planting -------------------------------------------------------------------------------------------


def a_contact(
    employer: Employer, value: str, state: str, now, kind: str = "email", **more
) -> Contact:
    one = Contact(
        employer=employer, kind=kind, value=value, value_lookup=contact_lookup(kind, value), state=state, usable_from=now,
        **more,
    )  # fmt: skip
    one.seal()
    one.save(force_insert=True)
    return one


def contacts(employer: Employer, plant: Planted, now) -> dict[str, Contact]:
    """One in every state, each with the line of what was changed."""
    states = {
        "on_record": "stays", "proposed": "goes", "bounced": "goes", "dead": "goes", "replaced": "goes", "frozen": "goes",
    }  # fmt: skip
    found = {}
    for state, fate in states.items():
        value = plant.mail("employers_contact.value", fate)
        found[state] = a_contact(employer, value, state, now)
        Change.objects.create(employer=employer, on=now, what=f"email_{state}", value=value)
    value = plant.mail("employers_contact.value", "goes")
    found["rests"] = a_contact(
        employer, value, "proposed", now + timedelta(days=3), confirmed_at=now
    )
    Change.objects.create(employer=employer, on=now, what="email_proposed", value=value)
    Change.objects.create(
        employer=employer, on=now, what="name", value=plant("employers_change.value", "stays")
    )
    return found


def a_case(who: subject.Subject, plant: Planted, now, fate: str, state: str, **more) -> Case:
    """With everything that can hang on it."""
    made = len(Case.objects.all())
    given = json.dumps({"email": plant.mail("recovery_case.contact_data", fate)})
    case = as_if(
        Case(
            ref=f"E{made:05d}", number=f"26-{made:06d}", opened_at=now, moved_at=now, employer_key="k", branch="0001",
            identification=CARLOS.identification, ruc=CARLOS.ruc, employer=who.employer, representative=who.person,
            route="visit", mask=plant("recovery_case.mask", fate), contact_data=given,
        ),
        state=state, **more,
    )  # fmt: skip
    address = plant.mail("recovery_casecontact.address", fate)
    CaseContact.objects.create(case=case, kind="email", address=address, lookup=f"l{made}", confirmed_at=now)  # fmt: skip
    ReadyPaper.objects.create(
        case=case, item="id_card", image=plant("recovery_readypaper.image", fate)
    )
    Inquiry.objects.create(ruc=CARLOS.ruc, ruc_lookup="x", case_id=case.pk, asked_at=now)
    if state == "booked":
        book(case, plant.mail("appointments_booking.contact", fate), now)
    for n, one in enumerate((Message.QUEUED, Message.LEASED, Message.DEAD)):
        kept = {
            "address": address,
            "payload": json.dumps({"where": plant("notices_message.payload", fate)}),
        }
        error = "refused.550" if one == Message.DEAD else ""
        Message.objects.create(
            kind="booking_firm", state=one, key=f"{case.pk}:{n}", made_at=now, due_at=now, case_id=case.pk,
            employer_id=who.employer.pk, last_error=error, lease_until=now + timedelta(hours=1), **kept,
        )  # fmt: skip
    return case


def book(case: Case, contact: str, now) -> None:
    at = now + timedelta(days=2, minutes=30 * Booking.objects.count())
    counter = Counter.objects.select_related("centre").first()
    Booking.objects.create(
        centre=counter.centre, counter=counter, service="any", starts_at=at, ends_at=at, state=Booking.FIRM,
        case_id=case.pk, person_lookup="p", number_key="n", made_at=now, contact=contact, contact_kind="email",
        contact_lookup=f"c{case.pk}"[:43],
    )  # fmt: skip
    Waiting.objects.create(case_id=case.pk, centre=counter.centre, service="any", made_at=now, state=Waiting.WAITING)  # fmt: skip


def cases(who: subject.Subject, plant: Planted, now) -> list[Case]:
    """In every state with nothing proved, which goes; and frozen, held, proved and attended, which stay."""
    gone = [a_case(who, plant, now, "goes", state) for state in sorted(journey.LIVE - {"frozen"})]
    gone += [
        a_case(who, plant, now, "goes", state, closed_at=now) for state in sorted(journey.FINAL)
    ]
    a_case(who, plant, now, "stays", "frozen", frozen_from="code_sent")
    a_case(who, plant, now, "stays", "booked", held=True)
    a_case(who, plant, now, "stays", "waiting", proved_at=now, wait_until=now)
    a_case(who, plant, now, "stays", "expired", proved_at=now, closed_at=now)
    attended(a_case(who, plant, now, "stays", "at_desk"), plant, now)
    return gone


def attended(case: Case, plant: Planted, now) -> None:
    ana = member(0)
    visit = Visit.objects.create(
        case=case, staff=ana, centre="x", counter="1", opened_at=now, marked=plant("desk_visit.marked", "stays"),
        reason=plant("desk_visit.reason", "stays"),
    )  # fmt: skip
    Correction.objects.create(visit=visit, kind="email", value=plant.mail("desk_correction.value", "stays"), made_at=now)  # fmt: skip
    Photo.objects.create(visit=visit, item="id", kind="jpeg", image=plant("desk_photo.image", "stays"), taken_at=now)  # fmt: skip
    Approval.objects.create(
        case=case, visit=visit, asked_by=ana, asked_at=now, evidence_hash="h", reason=plant("desk_approval.reason", "stays"),
    )  # fmt: skip
    SecondLook.objects.create(
        case=case, drawn_at=now, reason=plant("desk_secondlook.reason", "stays")
    )


def outbox(employer: Employer, held: dict[str, Contact], plant: Planted, now) -> None:
    """A message that waits for each contact: those of the register are warned, a proposal hears nothing more."""
    for name, contact in held.items():
        fate = "goes" if contact.state == Contact.PROPOSED else "stays"
        payload = json.dumps({"place": plant("notices_message.payload", fate)})
        Message.objects.create(
            kind="contact_proposed", key=f"out:{name}", address=contact.value, payload=payload, made_at=now, due_at=now,
            employer_id=employer.pk,
        )  # fmt: skip
    for batch in ("", "2026-1"):
        PostLetter.objects.create(
            kind="key_changed", key=f"letter{batch}", batch=batch, payload=plant("notices_postletter.payload", "stays"),
            employer_id=employer.pk, made_at=now,
        )  # fmt: skip


def the_rest(who: subject.Subject, plant: Planted, now) -> None:
    """What the register says, the key's history, requests, and a list whose link is given."""
    who.employer.name = plant("employers_employer.name", "stays")
    who.employer.save()
    who.person.name = plant("employers_representative.name", "stays")
    who.person.through = plant("employers_representative.through", "stays")
    who.person.save()
    Branch.objects.create(employer=who.employer, number="0009", name=plant("employers_branch.name", "stays"))  # fmt: skip
    Fact.objects.create(employer=who.employer, name="canary", value=plant("employers_fact.value", "stays"))  # fmt: skip
    account = who.account or Account.objects.first()
    KeyEvent.objects.create(account=account, at=now, event="signin", where=plant("keys_keyevent.where", "stays"))  # fmt: skip
    for n, state in enumerate(rights.STATES):
        said = {name: plant(f"rights_request.{name}", "stays") for name in ("who", "what", "reach", "answer")}  # fmt: skip
        Request.objects.create(
            number=f"D26-{n}", kind="erasure", state=state, employer_id=who.employer.pk, proof="account", received_at=now,
            due_on=now.date(), reason="duty", answered_at=None if state == rights.RECEIVED else now, **said,
        )  # fmt: skip
    for token, fate in ((LINK, "goes"),):
        sent = SentList.objects.create(
            token_hash=tokens.hash("precheck", token), state=SentList.READY, made_at=now, expires_at=now + timedelta(hours=1),
            **{name: plant(f"precheck_sentlist.{name}", fate) for name in ("name", "details", "facts")},
        )  # fmt: skip
        Piece.objects.create(sent=sent, kind="csv", number=1, body=plant("precheck_piece.body", fate))  # fmt: skip


@pytest.fixture
def planted(cast, time) -> Planted:
    plant, now = Planted(), clock.now()
    who = subject.find(CARLOS.ruc, CARLOS.identification)
    held = contacts(who.employer, plant, now)
    cases(who, plant, now)
    outbox(who.employer, held, plant, now)
    the_rest(who, plant, now)
    plant.who = who
    return plant


# --- what is left ---------------------------------------------------------------------------------------


def test_every_personal_column_has_a_canary_or_a_reason_why_not(planted):
    """S-130"""
    personal = {f"{t.name}.{c.name}" for t in dictionary.read().tables for c in t.columns if c.kind == "personal"}  # fmt: skip
    ours = {name for name in personal if name.partition(".")[0] not in NOT_OF_AN_EMPLOYER}
    put = {place for place, text in dump() if any(canary in text for canary in planted.all)}
    assert ours - NUMBERS == put & ours
    assert put - personal == set(), "a canary was planted in what is no personal column"
    assert planted.standing() == set(planted.all), "the search finds what is there"


def test_after_an_erasure_nothing_stands_but_what_is_listed_with_its_basis(planted):
    """S-130"""
    services.erase(planted.who, None, clock.now(), f"https://x.example/precheck/lista/{LINK}/")
    left = planted.standing()
    kept = {text for text, (_, stays) in planted.all.items() if stays}
    former = {opened(m, "address") for m in Message.objects.filter(key__startswith="out:", state=Message.QUEUED)}  # fmt: skip
    for text in left - kept:
        places = {place for place, value in dump() if text in value}
        assert places == {"notices_message.address"} and text in former, (planted.all[text], places)
    assert kept <= left, "and what has a basis is still there"
    places = {place for place, text in dump() if any(canary in text for canary in left)}
    assert {place: STAYS.get(place) for place in places} == {place: STAYS[place] for place in places & set(STAYS)}  # fmt: skip
    assert set(STAYS.values()) <= {one.what for one in rights.STAYS}
    assert set(STAYS) == places, "what is listed is there"


def test_nothing_erased_is_mailed_and_what_warns_the_register_is(planted):
    """A22, S-130"""
    now = clock.now()
    services.erase(planted.who, None, now)
    Message.objects.filter(state=Message.LEASED).update(lease_until=now)
    deliver()
    gone = {text for text, (_, stays) in planted.all.items() if not stays and "@" in text}
    to = {mail.to for mail in Mail.objects.all()} | {text.to for text in Text.objects.all()}
    warned = {each for each in to if each in gone}
    closed = {opened(c, "value_lookup") for c in Contact.objects.filter(employer=planted.who.employer).exclude(state="on_record")}  # fmt: skip
    assert {contact_lookup("email", each) for each in warned} <= closed, "only who stood on record"


# --- the ways that led there ------------------------------------------------------------------------------


def propose(now) -> Contact:
    """What a case or a desk does: proposed, on the list of changes, and a link to it in the outbox."""
    who = subject.find(ANA.ruc, ANA.identification)
    with transaction.atomic():
        fresh = employer_deeds.propose_contact(who.employer, "email", NEW, case_id=None, now=now)
        notices.enqueue("confirm_contact", address=NEW, payload={"link": "x"}, key="k", now=now, employer_id=who.employer.pk)  # fmt: skip
        notices.enqueue("contact_proposed", address=ANA.email, payload={"link": "x"}, key="l", now=now, employer_id=who.employer.pk)  # fmt: skip
    return fresh


def test_a_proposal_that_was_erased_gets_no_mail_any_more_and_the_address_on_record_is_warned(cast):
    now = clock.now()
    propose(now)
    services.erase(subject.find(ANA.ruc, ANA.identification), None, now)
    assert {m.key: m.state for m in Message.objects.filter(key__in="kl")} == {"k": "dropped", "l": "queued"}  # fmt: skip
    assert Message.objects.get(key="k").address == Message.objects.get(key="k").payload == ""
    change = Change.objects.get(what="email_proposed")
    assert change.value == "" and change.audit_number > 0
    entry = Entry.objects.get(event="data_erased")
    assert (
        json.loads(entry.body)["data"]["messages"] == 1 == json.loads(entry.body)["data"]["changes"]
    )


def test_a_worker_that_holds_the_message_does_not_send_it_after_the_erasure(cast):
    now = clock.now()
    propose(now)
    taken = notices._lease(now, 10)
    services.erase(subject.find(ANA.ruc, ANA.identification), None, now)
    assert {m.key: notices._is_ours_still(m, now) for m in taken if m.key in "kl"} == {"k": False, "l": True}  # fmt: skip


def test_an_appointment_ends_with_its_case_and_nobody_is_told_of_it_any_more(cast, time):
    who, now, plant = subject.find(CARLOS.ruc, CARLOS.identification), clock.now(), Planted()
    case = a_case(who, plant, now, "goes", "booked")
    services.erase(who, None, now)
    held = Booking.objects.get(case_id=case.pk)
    assert (held.state, held.contact, held.contact_lookup) == (Booking.RELEASED, "", "")
    booking.due(now + timedelta(days=3))
    deliver()
    assert not [mail for mail in Mail.objects.all() if "erase.example" in mail.to]


def test_an_address_that_another_hand_wrote_stops_no_erasure(cast):
    """S-134"""
    now = clock.now()
    fresh = propose(now)
    with connection.cursor() as cursor:
        for table, column in (
            ("employers_contact", "value"),
            ("employers_change", "value"),
            ("notices_message", "address"),
        ):
            cursor.execute(f"UPDATE {table} SET {column} = 'k1.AAAA'")
    services.erase(subject.find(ANA.ruc, ANA.identification), None, now)
    assert not Contact.objects.filter(pk=fresh.pk).exists()


def test_a_case_s_letter_to_nobody_stays_a_letter_to_nobody(cast, time):
    Walker(time).validate(CARLOS)
    who = subject.find(CARLOS.ruc, CARLOS.identification)
    services.erase(who, None, clock.now())
    assert not Case.objects.filter(employer=who.employer).exists()
    deliver()
    assert not Message.objects.exclude(address="", payload="").exists()


def test_a_proof_of_a_proposal_goes_with_it(cast, time):
    now, who, plant = clock.now(), subject.find(CARLOS.ruc, CARLOS.identification), Planted()
    case = a_case(who, plant, now, "stays", "expired", proved_at=now, closed_at=now)
    fresh = a_contact(who.employer, NEW, "proposed", now)
    ContactProof.objects.create(contact=fresh, case=case, token_hash="t", expires_at=now)
    services.erase(who, None, now)
    assert not ContactProof.objects.exists() and Representative.objects.filter(pk=who.person.pk).exists()  # fmt: skip
