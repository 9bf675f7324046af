"""S-086: a genuine report closes the address that the message went to; whatever else comes changes nothing."""

import base64
from datetime import timedelta

import pytest
from django.db import connection, transaction

from clavero import clock
from clavero.audit.models import Entry
from clavero.employers import bounces, queries, services
from clavero.employers.models import Change, Contact, Employer
from clavero.notices import mail, returns
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.notices.smtp import Smtp
from clavero.privacy import keyring
from tests.reports import report
from tests.rooms.employers.test_import import ANA as NUMBER
from tests.rooms.employers.test_import import bring, email, record
from tests.rooms.notices.test_outbox import PAYLOAD, Kept

pytestmark = pytest.mark.django_db
ANA, OTHER = "ana@uno.example", "otra@uno.example"
BOX = "rebotes@instituto.example"


@pytest.fixture(autouse=True)
def ours(settings, tmp_path):
    """An employer with two addresses."""
    settings.BOUNCES = BOX
    bring(tmp_path, record(contacts=[email(ANA), email(OTHER)]))


def sent(address=ANA, key="k1", **more) -> str:
    """The sender on the envelope of a message that left."""
    given = more or {"employer_id": Employer.objects.get().pk}
    with transaction.atomic():
        notices.enqueue("code", address=address, payload=PAYLOAD, key=key, now=clock.now(), **given)
    kept = Kept()
    notices.deliver_due(clock.now(), kept)
    return kept.sent[-1][1].returns


def take(raw: bytes, to: str = "") -> str:
    return bounces.take(raw, to, clock.now())


def states() -> dict[str, str]:
    return {contact.value: contact.state for contact in Contact.objects.all()}


OPEN = {ANA: "on_record", OTHER: "on_record"}
CLOSED = OPEN | {ANA: "bounced"}


@pytest.mark.parametrize("status", ["5.1.1", "5.4.4"])
def test_a_genuine_report_flips_the_state_and_is_recorded(status):
    to = sent()
    assert take(report(to, ANA, status=status)) == "closed"
    assert states() == CLOSED and all(contact.is_genuine for contact in Contact.objects.all())
    entry = Entry.objects.get(event="contact_marked")
    assert f"bounced:{status}" in entry.body and ANA not in entry.body
    assert Change.objects.filter(what="email_bounced").count() == 1


def test_with_its_only_address_closed_an_employer_is_led_to_a_visit():
    with transaction.atomic():
        other = Contact.objects.get(value_lookup=services.contact_lookup("email", OTHER))
        services.mark_contact(other, "replaced", actor="system", reason="test", now=clock.now())
    take(report(sent(), ANA))
    held = list(Contact.objects.all())
    assert queries.usable_email(held) is None and queries.email_fact(held, None) == "bounced"
    assert queries.gather(NUMBER).contact is None


def test_a_report_taken_again_changes_nothing():
    to = sent()
    take(report(to, ANA))
    before = Entry.objects.count(), Change.objects.count()
    assert take(report(to, ANA)) == take(report(to, ANA, status="5.2.1")) == "again"
    assert (Entry.objects.count(), Change.objects.count()) == before and states() == CLOSED


def test_the_tag_survives_capitals_and_stands_in_any_of_the_headers_or_in_the_option():
    to = sent()
    raw = report(to.upper(), ANA)
    for name in (b"Delivered-To", b"X-Original-To", b"To"):
        only = raw.replace(b"Delivered-To:", b"X-Was:").replace(b"\nTo: RE", b"\n" + name + b": RE")
        assert only.count(to.upper().encode()) == 2 and take(only) in ("closed", "again")
    assert states() == CLOSED
    bare = report("rebotes@instituto.example", OTHER)
    assert take(bare) == "no_tag" and take(bare, sent(OTHER, "k2")) == "closed"


def spoilt(to: str, place: int) -> str:
    """The same address with one bit of its tag turned."""
    name, _, domain = to.partition("@")
    key_id, _, text = name.partition("+")[2].partition("-")
    raw = bytearray(base64.b32decode(text.upper()))
    raw[place] ^= 1
    return f"rebotes+{key_id}-{base64.b32encode(raw).decode().lower()}@{domain}"


@pytest.mark.parametrize("place", range(20))
def test_every_bit_of_a_tag_counts(place):
    to = sent()
    assert take(report(spoilt(to, place), ANA)) in ("no_message", "expired", "not_ours")
    assert states() == OPEN


def test_a_tag_of_another_message_and_the_other_addresses_stay_apart(tmp_path):
    """Whoever holds a tag closes the address that their own message went to, and no other one."""
    to = sent()
    assert take(report(to, OTHER)) == "not_about_it" and states() == OPEN
    other = sent(OTHER, "k2")
    assert take(report(other, ANA)) == "not_about_it" and states() == OPEN
    both = report(to, ANA).replace(b"\nTo: ", b"\nTo: " + other.encode() + b", ")
    assert take(both) == "tags" and states() == OPEN
    assert take(report(to, ANA)) == "closed" and states() == CLOSED


def test_the_same_address_of_another_employer_stays_as_it_is():
    first = Employer.objects.get()
    second = Employer(ruc="2499999999001", ruc_lookup="x", name="Firma Dos")
    second.save(force_insert=True)
    twin = Contact(employer=second, kind="email", value=ANA, value_lookup=services.contact_lookup("email", ANA), usable_from=clock.now())  # fmt: skip
    twin.seal()
    twin.save(force_insert=True)
    assert take(report(sent(employer_id=first.pk), ANA)) == "closed"
    twin.refresh_from_db()
    assert twin.state == "on_record" and twin.is_genuine


def test_an_address_that_changed_since_is_not_the_one_the_message_went_to():
    to = sent()
    contact = Contact.objects.get(value_lookup=services.contact_lookup("email", ANA))
    contact.value, contact.value_lookup = "nueva@uno.example", "y"
    contact.seal()
    contact.save()
    assert take(report(to, ANA)) == take(report(to, "nueva@uno.example")) == "not_ours"


def test_a_report_that_comes_after_ten_days_is_ignored_and_one_of_tomorrow_too(time):
    to = sent()
    ahead = returns.make(Message.objects.get().pk, ANA, clock.now() + timedelta(days=1))
    assert take(report(f"rebotes+{ahead}@instituto.example", ANA)) == "expired"
    time.wait(11 * 86400)
    assert take(report(to, ANA)) == "expired" and states() == OPEN


def test_a_report_of_a_message_that_is_forgotten_or_of_nobodys_is_ignored():
    to = sent()
    Message.objects.all().delete()
    assert take(report(to, ANA)) == "no_message"
    assert take(report(sent(key="k2", employer_id=None), ANA)) == "no_message" and states() == OPEN


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.7"), ("delivered", "2.1.5"), ("failed", "5.2.2"), ("failed", "5.7.1"), ("failed", "4.2.1")]
)  # fmt: skip
def test_a_genuine_report_of_something_else_closes_nothing(action, status):
    assert take(report(sent(), ANA, action, status)) == "not_about_it" and states() == OPEN


def test_an_answer_by_a_machine_and_anything_else_is_ignored():
    to = sent()
    away = (
        f"To: {to}\nSubject: Estoy de vacaciones\nAuto-Submitted: auto-replied\n\n5.1.1\n".encode()
    )
    assert [take(raw) for raw in (away, b"", b"\xff" * 99)] == ["other"] * 3
    assert take(report(to, ANA) + b" " * (1 << 20)) == "broken" and states() == OPEN


def test_what_is_ignored_leaves_its_kind_in_the_log_and_no_address(lines):
    to = sent()
    lines()
    take(report(spoilt(to, 19), ANA))
    (line,) = lines()
    assert (line["event"], line["kind"]) == ("bounce", "not_ours")
    assert "uno.example" not in str(line) and "rebotes" not in str(line)


def test_without_the_setting_the_envelope_is_as_it_was_and_nothing_is_read(settings):
    to = sent()
    settings.BOUNCES = ""
    assert sent(key="k2") == "" and take(report(to, ANA)) == "off" and states() == OPEN


def test_a_tag_has_room_in_the_longest_name_and_changes_with_key_message_day_and_address(
    time, monkeypatch
):
    now, keys = clock.now(), keyring.field_keys()
    made = {
        returns.make(7, ANA, now),
        returns.make(8, ANA, now),
        returns.make(7, OTHER, now),
        returns.make(7, ANA, now + timedelta(1)),
    }
    assert len(made) == 4 and returns.make(2**62 - 1, ANA, now) == returns.make(
        2**62 - 1, ANA.upper(), now
    )
    monkeypatch.setattr(keyring, "field_keys", lambda: {"abcdefgh": b"k" * 32, **keys})
    longest = returns.make(2**62 - 1, ANA, now)
    assert longest not in made and len("a" * 22 + "+" + longest) == 64


def test_a_tag_holds_while_its_key_is_there_and_ends_with_it(monkeypatch):
    to, keys = sent(), keyring.field_keys()
    monkeypatch.setattr(keyring, "field_keys", lambda: {"z9": b"n" * 32})
    assert take(report(to, ANA)) == "wrong_tag"
    monkeypatch.setattr(keyring, "field_keys", lambda: {"z9": b"n" * 32, **keys})
    assert take(report(to, ANA)) == "closed" and sent(OTHER, "k2").startswith("rebotes+z9-")


def test_the_envelope_has_the_tag_and_the_letter_its_usual_sender(smtp):
    inbox = smtp()
    with transaction.atomic():
        notices.enqueue("code", address=ANA, payload=PAYLOAD, key="k", now=clock.now())
    notices.deliver_due(clock.now(), Smtp())
    (envelope,) = inbox.received
    assert envelope.mail_from.startswith("rebotes+") and envelope.mail_from.endswith(
        "@instituto.example"
    )
    text = envelope.content.decode()
    assert mail.sender() in text and "rebotes" not in text


# --- in the conversation itself ------------------------------------------------------------------------------


def refused(smtp, answer) -> Message:
    smtp(answer)
    given = {"address": ANA, "payload": PAYLOAD, "key": "k", "now": clock.now()}
    with transaction.atomic():
        notices.enqueue("code", employer_id=Employer.objects.get().pk, **given)
    notices.deliver_due(clock.now(), Smtp())
    return Message.objects.get()


def test_a_refusal_because_of_the_address_closes_it_once(smtp):
    assert refused(smtp, "550 5.1.1 no such user").last_error == "refused.5.1.1"
    assert bounces.due(clock.now()) == 1 and bounces.due(clock.now()) == 0
    assert states() == CLOSED and Entry.objects.filter(event="contact_marked").count() == 1
    message = Message.objects.get()
    assert (message.state, message.last_error, message.address) == ("dead", "closed.5.1.1", "")


@pytest.mark.parametrize("answer", ["550 no such user", "550 5.7.1 policy", "550 5.2.2 full"])
def test_any_other_refusal_ends_the_message_and_not_the_address(smtp, answer):
    assert refused(smtp, answer).last_error == "smtp.550"
    assert bounces.due(clock.now()) == 0 and states() == OPEN


def test_two_workers_that_read_the_same_refusal_act_once(smtp):
    message = refused(smtp, "550 5.1.1 no such user")
    assert [bounces._refused(message, clock.now()) for _ in range(2)] == [1, 0]


def test_a_refused_message_that_another_hand_changed_stops_no_other(smtp):
    refused(smtp, "550 5.1.1 no such user")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices_message SET address = 'f1.nothing'")
    assert bounces.due(clock.now()) == 0 and states() == OPEN
