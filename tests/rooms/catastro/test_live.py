"""Asking the SRI online: a real server on loopback that answers, drips, lies, redirects or breaks; and the breaker."""

import json
import socket
import threading
import time as real_time
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clavero import clock
from clavero.audit.models import Entry
from clavero.catastro import live, queries, sri
from clavero.catastro.models import Breaker, Inquiry
from clavero.core.errors import Refused
from clavero.environment import BadSetting, address
from clavero.institution import profile

RUC = "2452756550001"


class Service(BaseHTTPRequestHandler):
    """What a test says it does; it counts who came."""

    answer: bytes = b""
    status, wait, drip, place = 200, 0.0, False, ""
    came: list[str] = []

    def do_GET(self):
        type(self).came.append(self.path)
        real_time.sleep(self.wait)
        self.send_response(self.status)
        if self.place:
            self.send_header("Location", self.place)
        self.end_headers()
        try:
            for byte in self.answer:
                self.wfile.write(bytes([byte]))
                if self.drip:
                    self.wfile.flush()
                    real_time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, *args):
        pass


@pytest.fixture
def service(settings):
    """The service on loopback; `service.says(…)` changes what it does."""

    class Here(Service):
        came: list[str] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    settings.SRI_URL = f"http://127.0.0.1:{server.server_port}"
    settings.SRI_TRANSPORT = "clavero.catastro.sri.fetch"

    def says(body: bytes | str = b"", **more):
        Here.answer = body if isinstance(body, bytes) else body.encode()
        for name, value in more.items():
            setattr(Here, name, value)

    Here.says = staticmethod(says)
    yield Here
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Limits that a test can wait for."""
    brief = replace(profile(), live=replace(profile().live, seconds=1))
    monkeypatch.setattr(live, "profile", lambda: brief)


def row(state="ACTIVO", ruc=RUC, **more) -> str:
    return json.dumps([{"numeroRuc": ruc, "razonSocial": "INVENTADA", "estadoContribuyenteRuc": state} | more])  # fmt: skip


def silence(seconds=20.0) -> str:
    with pytest.raises(sri.Silent) as found:
        sri.read(sri.fetch(RUC, seconds), RUC)
    return str(found.value)


@pytest.mark.parametrize(
    "word, state", [("ACTIVO", "active"), ("SUSPENDIDO", "suspended"), ("PASIVO", "closed")]
)
def test_a_right_answer_says_the_state(service, word, state):
    service.says(row(word))
    assert sri.read(sri.fetch(RUC, 20), RUC) == state
    assert service.came == [sri.PATH + RUC]


def test_a_ruc_that_the_service_does_not_have_is_unknown(service):
    service.says("[]")
    assert sri.read(sri.fetch(RUC, 20), RUC) == "unknown"


@pytest.mark.parametrize(
    "body, why",
    [
        ("<html>Request Rejected</html>", "garbage"),
        (b"\xff\xfe", "garbage"),
        ("", "garbage"),
        ("[" * 30000, "garbage"),
        ("[1" + "0" * 5000 + "]", "garbage"),
        (row()[:-2] + ', "estadoContribuyenteRuc": "ACTIVO"}]', "garbage"),
        (row(ruc="2455312013001"), "foreign"),
        (row("activo"), "foreign"),
        (row("ACTIVO "), "foreign"),
        (json.dumps([{"numeroRuc": RUC, "estadoContribuyenteRuc": ["ACTIVO"]}]), "foreign"),
        (json.dumps([{"numeroRuc": int(RUC), "estadoContribuyenteRuc": "ACTIVO"}]), "foreign"),
        (json.dumps([{"estadoContribuyenteRuc": "ACTIVO"}]), "foreign"),
        (json.dumps({"numeroRuc": RUC, "estadoContribuyenteRuc": "ACTIVO"}), "foreign"),
        (json.dumps([json.loads(row())[0]] * 2), "foreign"),
        ('"ACTIVO"', "foreign"),
        (row(x="y" * sri.LARGEST), "huge"),
    ],
)  # fmt: skip
def test_whatever_is_not_exactly_an_answer_is_silence(service, body, why):
    service.says(body)
    assert silence() == why


@pytest.mark.parametrize("status, why", [(500, "broken"), (503, "broken"), (404, "refused"), (429, "refused"), (204, "broken")])  # fmt: skip
def test_another_status_than_200_is_silence_whatever_the_body_says(service, status, why):
    service.says(row(), status=status)
    assert silence() == why


def test_a_redirect_is_not_followed(service, settings):
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.settimeout(0.3)
        elsewhere = f"http://127.0.0.1:{trap.getsockname()[1]}/"
        service.says(row(), status=302, place=elsewhere)
        assert silence() == "moved"
        with pytest.raises(TimeoutError):
            trap.accept()


def test_a_service_that_waits_or_drips_is_cut_when_the_time_is_over(service):
    service.says(row(), wait=30.0)
    started = real_time.monotonic()
    assert silence(0.3) == "slow"
    service.says(row(x="y" * 400), wait=0.0, drip=True)
    assert silence(0.3) == "slow"
    assert real_time.monotonic() - started < 5


def test_nobody_there_is_silence(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.SRI_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert silence() == "unreachable"


def test_a_name_that_is_not_found_is_silence_and_the_copy_decides(cast, time, service, settings):
    """K07: a real look-up of a name that nobody has (RFC 6761 §6.4)."""
    settings.SRI_URL = "https://sri.invalid"
    asked()
    assert worked() in ("unreachable", "slow")
    assert queries.newest(RUC).status == "suspended"
    assert Breaker.objects.get().failures == 1


def test_a_certificate_that_nobody_signed_is_silence(service, settings):
    settings.SRI_URL = settings.SRI_URL.replace("http://", "https://")
    service.says(row())
    assert silence() == "unreachable"


def test_the_address_is_https_except_on_loopback():
    assert address("", "CLAVERO_SRI_URL") == ""
    assert address("https://sri.example", "CLAVERO_SRI_URL") == "https://sri.example"
    assert address("http://127.0.0.1:9", "CLAVERO_SRI_URL") == "http://127.0.0.1:9"
    for wrong in ("http://sri.example", "sri.example", "https://sri.example/rest", "ftp://sri.example", "https://u:p@sri.example"):  # fmt: skip
        with pytest.raises(BadSetting, match="CLAVERO_SRI_URL"):
            address(wrong, "CLAVERO_SRI_URL")


# --- the deeds and the breaker ------------------------------------------------------------------------------


def asked(case_id=1, ruc=RUC) -> Inquiry:
    with transaction.atomic():
        return live.ask(ruc, case_id=case_id, now=clock.now())


def worked() -> str:
    """One inquiry by the worker; what was kept."""
    inquiry = live.take(clock.now())
    assert inquiry is not None
    answer = live.look(inquiry, clock.now())
    with transaction.atomic():
        live.keep(inquiry, answer, clock.now())
    inquiry.refresh_from_db()
    return inquiry.why or inquiry.status


def test_an_answer_is_a_dated_fact_beside_the_copy(cast, time, service):
    service.says(row())
    assert queries.newest(RUC).status == "suspended"
    inquiry = asked()
    assert worked() == "active"
    found = queries.newest(RUC)
    assert (found.status, found.source, found.as_of) == (
        "active",
        "online",
        timezone.localtime(clock.now()).date(),
    )
    assert queries.status(RUC).status == "suspended" and queries.status(RUC).source == "catastro"
    inquiry.refresh_from_db()
    assert inquiry.ruc == "" and RUC not in str(Inquiry.objects.values())
    assert [RUC in one.body for one in Entry.objects.filter(event__startswith="ruc_")] == [
        False
    ] * 2


def test_an_answer_counts_for_some_days_and_never_against_a_newer_copy(cast, time, service):
    service.says(row())
    asked()
    worked()
    from clavero.catastro.models import Snapshot

    Snapshot.objects.update(as_of=clock.now().date() + timedelta(days=1))
    assert queries.newest(RUC).source == "catastro"
    Snapshot.objects.update(as_of=clock.now().date() - timedelta(days=1))
    assert queries.newest(RUC).source == "online"
    time.wait(8 * 24 * 3600)
    assert queries.newest(RUC).status == "suspended"
    assert live.due(clock.now()) == 1 and not Inquiry.objects.exists()


def test_turned_off_nothing_is_asked_and_no_answer_counts(cast, time, service, settings):
    service.says(row())
    asked()
    worked()
    settings.SRI_TRANSPORT = ""
    assert queries.newest(RUC).status == "suspended"
    with pytest.raises(Refused, match=r"sri\.off"):
        asked(2)


def test_silence_never_counts(cast, time, service):
    service.says("<html>")
    asked()
    assert worked() == "garbage"
    assert queries.newest(RUC).status == "suspended"
    service.says(row("PASIVO"))
    asked(2)
    worked()
    service.says("[]")
    asked(3)
    assert worked() == "unknown"
    assert queries.newest(RUC).status == "closed"


def test_the_database_itself_takes_no_state_from_silence(db):
    now = clock.now()
    for more in ({"state": "waiting", "status": "active"}, {"state": "answered", "status": "active", "why": "slow"}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Inquiry.objects.create(ruc_lookup="x", case_id=9, asked_at=now, **more)


def test_a_case_waits_for_one_answer_at_a_time(db, time, service):
    assert asked().pk == asked().pk and Inquiry.objects.count() == 1


def test_the_breaker_opens_after_failures_rests_and_lets_one_try(db, time, service):
    service.says(row(), status=500)
    for case_id in (1, 2, 3):
        asked(case_id)
        assert worked() == "broken"
    came = len(service.came)
    until = live.resting(clock.now())
    assert until == Breaker.objects.get().open_until
    with pytest.raises(Refused, match=r"sri\.resting"):
        asked(4)
    Inquiry.objects.create(ruc=RUC, ruc_lookup="x", case_id=4, asked_at=clock.now())
    assert worked() == "resting" and len(service.came) == came

    time.wait(11 * 60)
    assert live._may_try(clock.now()), "half open: the first comes through"
    assert not live._may_try(clock.now()), "and nobody beside it"
    time.wait(11 * 60)
    asked(5)
    assert worked() == "broken" and live.resting(clock.now()), "one failure opens it again"

    time.wait(11 * 60)
    service.says(row(), status=200)
    asked(6)
    assert worked() == "active"
    assert Breaker.objects.get().failures == 0 and live.resting(clock.now()) is None


def test_a_worker_that_dies_leaves_the_question_to_another_and_not_for_ever(db, time, service):
    service.says(row())
    asked()
    for _ in range(live.MOST_TAKEN):
        assert live.take(clock.now()) is not None
        assert live.take(clock.now()) is None, "under a lease"
        time.wait(61)
    assert worked() == "given_up" and not service.came


def test_an_answer_that_comes_after_the_lease_is_not_kept_twice(db, time, service):
    service.says(row("SUSPENDIDO"))
    asked()
    late = live.take(clock.now())
    time.wait(61)
    assert worked() == "suspended"
    with transaction.atomic():
        live.keep(late, live.Answer("active"), clock.now())
    assert Inquiry.objects.get().status == "suspended"


def test_a_fault_of_ours_is_unknown_too(db, time, service, settings, monkeypatch):
    def broken(ruc, seconds):
        raise RuntimeError("ours")

    monkeypatch.setattr(sri, "fetch", broken)
    asked()
    assert worked() == "broken"
