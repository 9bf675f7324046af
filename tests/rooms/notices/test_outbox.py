"""Messages leave once, after the fact, whatever dies on the way; real SMTP."""

import re
import smtplib
import socket
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import TextField, Value

from clavero import clock
from clavero.audit.models import Entry
from clavero.institution import profile
from clavero.notices import letters, mail, retention, services
from clavero.notices.models import Delivery, Message
from clavero.notices.smtp import Smtp

pytestmark = pytest.mark.django_db
PAYLOAD = {
    "case_number": "26-000001", "browser": "Firefox · Android", "province": "Cotopaxi", "asked_at": "2026-11-24T15:00:00+00:00",
    "ruc_ending": "7001", "entry_number": 7, "head12": "0123456789ab", "code": "K7QM3PTX",
    "link": "http://localhost:8000/empleadores/recuperar-clave/enlace/abc/", "expires_at": "2026-11-24T15:30:00+00:00",
    "usable_at": "2026-11-27T15:00:00+00:00", "kinds": ["email"], "papers": ["id_card", "request"], "reasons": ["ruc_not_active", "first_key"],
    "before": "2026-12-15T15:00:00+00:00", "until": "2026-12-12T15:00:00+00:00",
    "starts_at": "2026-12-14T15:00:00+00:00", "zone": "America/Guayaquil", "centre": "Centro Ambato",
    "where": "Av. de los Guaytambos 45", "canton": "Ambato",
    "place": "Ambato", "asked": ["email", "key"], "outcome": "approved", "not_me": "http://localhost:8000/no-fui-yo/abc/",
    "cancel": "http://localhost:8000/cancelar/abc/", "due_at": "2026-11-25T15:00:00+00:00",
    "alarms": [["spray", 125]], "questions": 2, "proof": "passkey",
    "to": "authority", "late": False,
    "number": "D26-000123", "what": "erasure", "state": "answered", "due_on": "2026-12-09", "left": 5,
    "first": "2026-10-01", "last": "2026-10-31", "data": {"es": ["El empleador"], "en": ["The employer"]},
    "next": "prepare_first_key", "days": [["2026-12-15", ["due"]]], "ics": "http://localhost:8000/guia/plan.ics?scenario=first_key",
}  # fmt: skip


def put(kind="code", key="k1", address="ana@trigo.example"):
    with transaction.atomic():
        services.enqueue(kind, address=address, payload=PAYLOAD, key=key, now=clock.now())


class Kept:
    def __init__(self, *failures):
        self.sent, self.failures = [], list(failures)

    def send(self, address, finished):
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        self.sent.append((address, finished))


def test_a_message_is_delivered_by_smtp_and_then_forgotten(smtp):
    inbox = smtp()
    put()
    assert services.deliver_due(clock.now(), Smtp()) == 1
    (envelope,) = inbox.received
    assert envelope.rcpt_tos == ["ana@trigo.example"]
    text = envelope.content.decode()
    for header in (
        "Auto-Submitted: auto-generated",
        "Message-ID: <",
        "Content-Type: multipart/alternative",
    ):
        assert header in text
    message = Message.objects.get()
    assert (message.state, message.payload, message.address) == ("sent", "", "")
    assert services.deliver_due(clock.now(), Smtp()) == 0 and len(inbox.received) == 1


@pytest.mark.parametrize(
    ("answer", "state"), [("550 no such user", "dead"), ("451 try later", "queued")]
)
def test_a_refusal_for_good_and_one_for_now_are_told_apart(smtp, answer, state):
    smtp(answer)
    put()
    services.deliver_due(clock.now(), Smtp())
    assert Message.objects.get().state == state
    assert Delivery.objects.get().outcome == ("dead" if state == "dead" else "later")


def test_a_server_that_is_down_is_tried_again_later(settings):
    settings.SMTP_URL = "smtp://127.0.0.1:9"
    put()
    now = clock.now()
    services.deliver_due(now, Smtp())
    message = Message.objects.get()
    assert (
        message.state == "queued"
        and message.last_error.startswith("smtp.")
        and message.due_at > now
    )
    assert services.deliver_due(now, Smtp()) == 0


@pytest.mark.parametrize("failure", [services.PermanentFailure("smtp.554"), services.TemporaryFailure("smtp.451")])  # fmt: skip
def test_what_is_given_up_keeps_neither_words_nor_address(failure):
    """As the dictionary says; what the server refused because of its address keeps that until it is noted."""
    put()
    now = clock.now()
    while Message.objects.get().state == "queued":
        services.deliver_due(now, Kept(failure))
        now = max(now, Message.objects.get().due_at)
    raw = Message.objects.values("state", "payload", "address").get()
    assert raw == {"state": "dead", "payload": "", "address": ""}


def test_what_was_refused_because_of_its_address_keeps_it_until_that_is_noted():
    put()
    services.deliver_due(clock.now(), Kept(services.PermanentFailure(f"{services.REFUSED}5.1.1")))
    message = Message.objects.get()
    assert message.state == "dead" and message.address == "ana@trigo.example"
    with transaction.atomic():
        assert services.take_refused(message)
    assert Message.objects.values_list("address", flat=True).get() == ""


def test_a_server_whose_name_is_not_found_is_tried_again_until_it_is(settings, smtp):
    """K07: a real look-up of a name that nobody has (RFC 6761 §6.4)."""
    settings.SMTP_URL = "smtp://correo.invalid:25"
    put()
    services.deliver_due(clock.now(), Smtp())
    message = Message.objects.get()
    assert (message.state, message.last_error) == ("queued", "smtp.gaierror")
    inbox = smtp()  # the name is found again
    services.deliver_due(message.due_at, Smtp())
    assert Message.objects.get().state == "sent" and len(inbox.received) == 1


def test_the_wait_grows_and_ends():
    put()
    now, waits = clock.now(), []
    for _ in range(9):
        services.deliver_due(now, Kept(services.TemporaryFailure("smtp.451")))
        message = Message.objects.get()
        waits.append(message.due_at - now)
        now = message.due_at
    assert message.state == "dead" and waits == sorted(waits) and waits[0] == timedelta(seconds=10)


def test_what_a_dead_worker_left_is_sent_by_another_with_the_same_message_id():
    put()
    kept, now = Kept(), clock.now()
    (taken,) = services._lease(now, 10)
    first = mail.finish(taken).message_id
    assert services.deliver_due(now, kept) == 0
    assert services.deliver_due(now + services.LEASE + timedelta(seconds=1), kept) == 1
    assert kept.sent[0][1].message_id == first


def test_one_key_is_one_message():
    put()
    put()
    assert Message.objects.count() == 1


def test_void_is_dropped_and_looks_like_any_other_in_the_outbox():
    put("void", "k2", "")
    put()
    rows = {
        m.kind: [bool(getattr(m, f.attname)) for f in Message._meta.fields]
        for m in Message.objects.all()
    }
    assert rows["void"] == rows["code"]
    kept = Kept()
    services.deliver_due(clock.now(), kept)
    assert len(kept.sent) == 1 and Message.objects.get(kind="void").state == "dropped"


def test_a_message_needs_the_transaction_of_its_fact(django_db_blocker):
    with pytest.raises(transaction.TransactionManagementError):
        services.enqueue("code", address="a@b.example", payload=PAYLOAD, key="k", now=clock.now())


def test_code_and_address_never_stand_in_the_outbox_in_clear():
    from django.db import connection

    put()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM notices_message")
        dumped = str(cursor.fetchall())
    assert "K7QM3PTX" not in dumped and "trigo" not in dumped


@pytest.mark.parametrize("kind", sorted(letters.KINDS))
@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_message_reads_well_in_both_languages(kind, lang):
    put(kind)
    Message.objects.update(language=lang)
    finished = mail.finish(Message.objects.get())
    assert len(finished.subject) <= 50 and "K7QM" not in finished.subject
    assert finished.html.startswith("<!DOCTYPE html>") and "<img" not in finished.html
    folded = " ".join(finished.text.split())
    for block in letters.write(kind, PAYLOAD, lang).blocks:
        assert block.text in folded and block.url in finished.html
    assert all(len(line) <= 72 or line.startswith("http") for line in finished.text.splitlines())
    outside = re.findall(r"https?://(?!localhost:8000/)[^\s\"<]+", finished.html + finished.text)
    assert outside == []


ASKED_FOR = frozenset(
    "code visit_code visit_sheet confirm_contact trial guide_list booking_to_confirm".split()
)
"""Messages that carry a code or a link because who receives them asked for it; all others only tell."""


@pytest.mark.parametrize("kind", sorted(set(letters.KINDS) - ASKED_FOR))
def test_no_notice_carries_a_secret_a_whole_number_or_a_way_to_a_new_key(kind):
    """S-083."""
    put(kind)
    finished = mail.finish(Message.objects.get())
    read = finished.text + finished.html
    assert PAYLOAD["code"] not in read and PAYLOAD["link"] not in read
    assert not re.findall(r"\b\d{10}(?:\d{3})?\b", re.sub(r"https?://\S+", "", read))
    assert "@" not in re.sub(r"https?://\S+|<style>.*?</style>", "", finished.text)


def test_the_notice_of_a_visit_says_who_writes_which_centre_what_day_and_how_to_stop_it():
    """S-085."""
    put("desk_visit")
    text = " ".join(mail.finish(Message.objects.get()).text.split())
    assert profile().institution.name in text and "centro Ambato" in text
    assert "24 de noviembre de 2026" in text and PAYLOAD["not_me"] in text and "72 horas" in text


def test_a_header_takes_no_line_from_anybody():
    finished = mail.Mail("Hola\r\nBcc: eve@evil.example", "t", "<p>h</p>", "<x@y>", "", "")
    raw = mail.envelope("ana@trigo.example", finished).as_string()
    assert "\nBcc:" not in raw
    raw = mail.envelope("ana@trigo.example\r\nBcc: eve@evil.example", finished).as_string()
    assert "\nBcc:" not in raw


def test_a_message_that_cannot_be_made_does_not_stop_the_others():
    put(key="k1")
    put(key="k2", address="luis@tuercas.example")
    put(key="k3", address="rosa@hilo.example")
    Message.objects.filter(key="k1").update(kind="no_such_kind")
    spoilt = Value("not sealed for this place", TextField())
    Message.objects.filter(key="k2").update(address=spoilt)
    kept, now = Kept(), clock.now()
    assert services.deliver_due(now, kept) == 3
    assert [address for address, _ in kept.sent] == ["rosa@hilo.example"]
    errors = dict(Message.objects.exclude(key="k3").values_list("key", "last_error"))
    assert errors == {"k1": "internal.keyerror", "k2": "internal.unreadable"}
    assert set(Message.objects.exclude(key="k3").values_list("state", flat=True)) == {"queued"}
    assert services.deliver_due(now, kept) == 0


def test_a_carrier_that_breaks_is_tried_again_later_and_ends_some_day():
    put()
    now = clock.now()
    for _ in range(len(services.BACK_OFF) + 1):
        services.deliver_due(now, Kept(RuntimeError("on purpose")))
        message = Message.objects.get()
        now = message.due_at
    assert (message.state, message.payload) == ("dead", "")
    assert Entry.objects.get().event == "notice_failed"


def test_a_slow_worker_whose_lease_ran_out_sends_nothing_that_another_took():
    """Fifty messages to a mail server that takes its time: the lease of the last ones is over before their turn."""
    for n in range(3):
        put(key=f"k{n}", address=f"p{n}@uno.example")
    now = clock.now()
    mine = services._lease(now, 10)
    others, late = Kept(), now + services.LEASE + timedelta(seconds=1)
    assert services.deliver_due(late, others) == 3
    kept = Kept()
    for message in mine:
        if services._is_ours_still(message, late):
            services._deliver(message, kept, late)
    assert len(others.sent) == 3 and kept.sent == []


def test_a_worker_that_wakes_up_after_the_sending_changes_nothing():
    put()
    now = clock.now()
    (mine,) = services._lease(now, 10)
    late = now + services.LEASE + timedelta(seconds=1)
    services.deliver_due(late, Kept())
    services._fail(mine, "smtp.451", late, for_good=True)
    services._finish(mine, "dropped", late)
    assert Message.objects.get().state == "sent"
    assert Delivery.objects.count() == 1


def test_a_lease_is_renewed_while_the_messages_before_are_slow(time):
    for n in range(3):
        put(key=f"k{n}", address=f"p{n}@uno.example")

    class Slow(Kept):
        def send(self, address, finished):
            time.wait(90)
            assert services._lease(clock.now(), 10) == [] or self.sent
            super().send(address, finished)

    slow = Slow()
    services.deliver_due(clock.now(), slow)
    assert len(slow.sent) == len({finished.message_id for _, finished in slow.sent})


def test_what_was_sent_long_ago_is_forgotten_and_what_waits_is_not():
    put(key="k1")
    services.deliver_due(clock.now(), Kept())
    put(key="k2")
    retention.due(clock.now() + timedelta(days=400))
    assert list(Message.objects.values_list("key", flat=True)) == ["k2"]


@pytest.mark.parametrize(
    "answer", ["421 closing", "452 full", "535 who are you", "530 sign in first"]
)
def test_troubles_of_the_server_are_no_fault_of_the_address(smtp, answer):
    smtp(answer)
    put()
    services.deliver_due(clock.now(), Smtp())
    assert Message.objects.get().state == "queued"


def test_no_address_and_no_words_stand_in_an_error(smtp):
    smtp("550 no such user ana@trigo.example")
    put()
    services.deliver_due(clock.now(), Smtp())
    message, delivery = Message.objects.get(), Delivery.objects.get()
    assert (message.last_error, delivery.detail, message.payload) == ("smtp.550", "smtp.550", "")


def test_the_web_process_opens_no_connection_of_its_own(cast, time, monkeypatch):
    from tests.cast import by_id
    from tests.walk import Walker

    walker = Walker(time)

    def refuse(*args, **kwargs):
        raise AssertionError("a connection from the web process")

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert walker.validate(by_id("en_orden")).step == "code"
