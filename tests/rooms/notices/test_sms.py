"""A message to a mobile: short, plain, of nobody's name; handed over within a time limit, or tried again."""

import json
import threading
import time as real_time
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import transaction

from clavero import clock, environment
from clavero.core.errors import Refused
from clavero.demo.models import Text
from clavero.notices import gateway, services, sms
from clavero.notices.models import Message
from clavero.notices.services import PermanentFailure, TemporaryFailure

GSM = set("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\n") | {
    chr(n) for n in range(48, 58)
}
GSM |= {chr(n) for n in (*range(65, 91), *range(97, 123))}
VISIT = {"starts_at": "2026-12-14T13:30:00+00:00", "zone": "America/Guayaquil", "centre": "Centro Ambato",
         "where": "Av. de los Guaytambos 45", "canton": "Ambato"}  # fmt: skip
UNTIL = {"expires_at": "2026-12-14T13:30:00+00:00", "code": "K7QM3PTX"}
SAID = sms.Sms("hola", "abc")


def message(kind: str, payload: dict, lang: str = "es") -> Message:
    return Message(
        kind=kind, key=f"1:{kind}", address="0991234567", payload=json.dumps(payload), language=lang
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [("0991234567", "+593991234567"), ("+593 99 123 4567", "+593991234567"), ("00593991234567", "+593991234567"),
     ("022345678", None), ("0191234567", None), ("+57 300 1234567", None), ("nada", None)],
)  # fmt: skip
def test_only_a_mobile_of_this_country_is_sent_to(typed, found):
    if found:
        assert sms.e164(typed) == found
    else:
        with pytest.raises(Refused, match="phone.shape"):
            sms.e164(typed)


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(
    "kind", ["booking_firm", "booking_reminder", "booking_moved", "booking_cancelled", "booking_missed", "earlier_slot", "booking_to_confirm"]
)  # fmt: skip
def test_every_notice_of_an_appointment_fits_a_message_of_the_plain_alphabet(kind, lang):
    payload = VISIT | UNTIL if kind == "booking_to_confirm" else VISIT
    payload = payload | {
        "before": VISIT["starts_at"],
        "until": VISIT["starts_at"],
        "why": "closure",
    }
    said = sms.finish(message(kind, payload, lang)).text
    assert len(said) <= sms.LONGEST and set(said) <= GSM, set(said) - GSM
    assert "localhost:8000" in said and not said.endswith(" ")


def test_the_code_stands_in_the_message_and_says_where_it_belongs():
    said = sms.finish(message("booking_to_confirm", UNTIL)).text
    assert "K7QM 3PTX" in said and "Escribalo solo en localhost:8000" in said


# --- handing over ------------------------------------------------------------------------------------------


class Answer(BaseHTTPRequestHandler):
    """Answers what its server was told to, after `wait` seconds."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.seen.append(
            (self.path, self.headers.get("Authorization"), json.loads(self.rfile.read(length)))
        )
        if self.server.drips:
            with suppress(OSError):
                for _ in range(200):
                    self.wfile.write(b"H")
                    self.wfile.flush()
                    real_time.sleep(0.1)
            return
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def server(settings):
    made = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    made.daemon_threads = True
    made.seen, made.status, made.drips = [], 202, False
    threading.Thread(target=made.serve_forever, daemon=True).start()
    settings.SMS_URL = f"http://127.0.0.1:{made.server_port}/send?from=clave"
    settings.SMS_TOKEN = "ficha"
    yield made
    made.shutdown()
    made.server_close()


def test_a_gateway_gets_number_text_and_the_same_id_each_time(server):
    for _ in range(2):
        gateway.Http().send("0991234567", SAID)
    assert (
        server.seen
        == [
            (
                "/send?from=clave",
                "Bearer ficha",
                {"to": "+593991234567", "text": "hola", "id": "abc"},
            )
        ]
        * 2
    )


@pytest.mark.parametrize("status", [301, 401, 403, 404, 429, 500, 503])
def test_what_time_or_an_operator_mends_is_tried_again(server, status):
    server.status = status
    with pytest.raises(TemporaryFailure, match=f"sms.{status}"):
        gateway.Http().send("0991234567", SAID)
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 410, 422])
def test_what_is_wrong_with_the_message_is_given_up(server, status):
    server.status = status
    with pytest.raises(PermanentFailure, match=f"sms.{status}"):
        gateway.Http().send("0991234567", SAID)


def test_a_gateway_that_drips_for_ever_is_left_at_the_limit(server, monkeypatch):
    monkeypatch.setattr(gateway, "LIMIT", 1)
    server.drips, began = True, real_time.monotonic()
    with pytest.raises(TemporaryFailure, match="sms."):
        gateway.Http().send("0991234567", SAID)
    assert real_time.monotonic() - began < 5


def test_a_gateway_that_is_not_there_is_tried_again(settings):
    settings.SMS_URL = "http://127.0.0.1:9/"
    with pytest.raises(TemporaryFailure, match="sms.connectionrefusederror"):
        gateway.Http().send("0991234567", SAID)


def test_a_folder_gets_one_whole_file_a_message(settings, tmp_path):
    settings.SMS_URL = f"file://{tmp_path}"
    for _ in range(2):
        gateway.Folder().send("0991234567", SAID)
    (file,) = tmp_path.iterdir()
    assert file.name == "abc.json" and file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_text())["to"] == "+593991234567"
    settings.SMS_URL = f"file://{tmp_path}/nada"
    with pytest.raises(TemporaryFailure):
        gateway.Folder().send("0991234567", SAID)


def test_a_number_that_is_no_mobile_is_given_up_without_asking_the_gateway(server):
    with pytest.raises(PermanentFailure, match="sms.number"):
        gateway.Http().send("022345678", SAID)
    assert server.seen == []


# --- the outbox --------------------------------------------------------------------------------------------


def queued(kind: str = "booking_firm", channel: str = Message.SMS) -> Message:
    with transaction.atomic():
        services.enqueue(
            kind,
            address="0991234567",
            payload=VISIT,
            key=f"1:{kind}",
            now=clock.now(),
            channel=channel,
        )
    return Message.objects.get(key=f"1:{kind}")


def test_the_worker_sends_it_once_and_wipes_number_and_text(db, time):
    queued()
    assert services.deliver_due(clock.now()) == 1 and services.deliver_due(clock.now()) == 0
    found = Message.objects.get()
    assert (found.state, found.address, found.payload) == (Message.SENT, "", "")
    assert Text.objects.get().to == "+593991234567"


def test_where_nothing_sends_to_mobiles_it_waits_and_mail_goes_on(db, time, settings):
    queued()
    settings.SMS_TRANSPORT = ""
    services.deliver_due(clock.now())
    found = Message.objects.get()
    assert (found.state, found.last_error) == (Message.QUEUED, "sms.off")
    settings.SMS_TRANSPORT = "clavero.demo.mailbox.Phones"
    services.deliver_due(clock.now() + timedelta(minutes=1))
    assert Message.objects.get().state == Message.SENT


def test_the_number_is_sealed_in_the_database(db, time):
    from django.db import connection

    queued()
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, payload FROM notices_message")
        assert "0991234567" not in str(cursor.fetchone())


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "http://host.example/",
        "https://",
        "file://host/x",
        "file:///",
        "https://user:secret@host/",
    ],
)
def test_a_wrong_address_stops_the_start_with_one_line(url):
    with pytest.raises(environment.BadSetting, match="CLAVERO_SMS_URL"):
        environment.sms_url(url)


@pytest.mark.parametrize(
    "url", ["", "https://sms.example/v1", "http://localhost:9000/", "file:///var/spool/sms"]
)
def test_a_right_one_is_taken(url):
    assert environment.sms_url(url) == url
