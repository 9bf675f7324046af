"""`clavero doctor` says everything that INTERFACES promises, and finds what an operator does wrong."""

import os
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from clavero import clock
from clavero.audit import publishing
from clavero.audit import services as audit
from clavero.cli import doctor
from clavero.employers.models import Contact
from clavero.notices import services as notices
from clavero.notices.models import Message
from clavero.privacy import keyring

pytestmark = pytest.mark.django_db
PROMISED = "profile database mail clock keys disk versions hash".split()


def said(name: str) -> dict[str, bool]:
    """What a check says: its codes, and whether each is in order."""
    return {each.code: each.ok for each in doctor._asked(doctor.CHECKS[name])}


def test_everything_that_is_promised_is_looked_at_and_said_in_both_languages(cast):
    assert set(PROMISED) <= set(doctor.CHECKS)
    for check in doctor.CHECKS.values():
        for each in doctor._asked(check):
            assert each.code != "failed" and each.text("es") != each.text("en")


def test_a_check_that_falls_over_says_so_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda place: 1 / 0)
    assert said("disk") == {"failed": False} and said("versions") == {"versions": True}


def test_the_sri_that_does_not_answer_is_found(cast, settings):
    from clavero.catastro.models import Breaker

    assert said("sri") == {"sri_off": True}
    settings.SRI_TRANSPORT = "clavero.demo.sri.fetch"
    assert said("sri") == {"sri": True}
    until = clock.now() + timedelta(minutes=5)
    Breaker.objects.create(pk=1, failures=3, open_until=until, last_why="slow")
    assert said("sri") == {"sri_resting": False}
    Breaker.objects.update(open_until=clock.now() - timedelta(seconds=1))
    assert said("sri") == {"sri": True}


def test_whether_reports_of_failed_delivery_come_back_is_said(settings):
    assert said("bounces") == {"bounces_off": True}
    settings.BOUNCES = "rebotes@instituto.example"
    assert said("bounces") == {"bounces": True}


def test_nobody_to_remind_of_a_term_of_the_law_is_found(settings):
    settings.SECRET_KEY, settings.DEMO, settings.OPERATORS_MAIL = "x" * 50, False, []
    assert said("settings") == {"settings": True, "settings_operators": False}
    settings.OPERATORS_MAIL = ["olga@instituto.example"]
    assert said("settings") == {"settings": True}


def test_a_copy_of_a_day_that_has_not_come_is_found_and_says_nothing(cast, time):
    from clavero.catastro import queries
    from clavero.catastro.models import Snapshot
    from tests.cast import by_id

    ana = by_id("en_orden")
    assert queries.newest(ana.ruc).status == "active"
    Snapshot.objects.update(as_of=clock.now().date() + timedelta(days=3))
    assert said("catastro")["catastro_future"] is False
    assert queries.newest(ana.ruc).status == "unknown"
    time.wait(3 * 86400)
    assert "catastro_future" not in said("catastro")


def test_https_without_a_trusted_proxy_is_found(settings):
    settings.SECURE, settings.TRUSTED_PROXIES, settings.SECRET_KEY = True, [], "x" * 49
    settings.OPERATORS_MAIL = ["olga@instituto.example"]
    assert said("settings") == {"settings": True, "settings_proxy": False, "settings_short": False}
    settings.TRUSTED_PROXIES, settings.SECRET_KEY = ["127.0.0.1"], "x" * 50
    assert said("settings") == {"settings": True}


def test_a_calendar_without_this_year_is_found(time):
    time.wait(20 * 366 * 86400)
    found = [each for each in doctor._profile() if each.code == "profile_calendar"]
    assert [each.ok for each in found] == [False, True]


def test_keys_of_another_copy_are_found(cast, monkeypatch):
    assert said("keys") == {"keys": True}
    other = {"f1": bytes(range(32))}
    monkeypatch.setattr(keyring, "field_keys", lambda: other)
    for kept in (
        "clavero.privacy.macs._key",
        "clavero.privacy.sealing._cipher",
        "clavero.privacy.keyring.derived",
    ):
        target = __import__(kept.rpartition(".")[0], fromlist=["x"])
        getattr(target, kept.rpartition(".")[2]).cache_clear()
    try:
        assert said("keys") == {"keys_other": False}
    finally:
        for name, kept in (("macs", "_key"), ("sealing", "_cipher"), ("keyring", "derived")):
            getattr(__import__(f"clavero.privacy.{name}", fromlist=["x"]), kept).cache_clear()


def test_a_contact_changed_by_hand_is_no_whole_register(cast):
    newest = Contact.objects.order_by("-pk")[0]
    Contact.objects.filter(pk=newest.pk).update(mac="f1.nothing")
    assert said("keys") == {"keys_other": False}


def test_a_secret_that_others_can_read_is_found(tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text("x")
    monkeypatch.setenv("CLAVERO_SECRET_KEY_FILE", str(secret))
    secret.chmod(0o644)
    assert said("keys") == {"keys": True, "keys_readable": False}
    secret.chmod(0o640)
    assert said("keys") == {"keys": True}


def test_a_head_that_never_went_out_or_long_ago_is_found(tmp_path, monkeypatch, time):
    monkeypatch.setenv("CLAVERO_AUDIT_SINK", f"file:{tmp_path / 'heads'}")
    assert said("audit") == {"audit": True}
    for _ in range(3):
        with transaction.atomic():
            audit.record("signin")
    assert said("audit") == {"audit_never": False}
    publishing.publish(clock.now())
    assert said("audit") == {"audit": True}
    with transaction.atomic():
        audit.record("signin")
    time.wait(4 * 3600)
    assert said("audit") == {"audit_late": False}


def test_no_mail_server_is_found(settings):
    settings.SMTP_URL = ""
    assert said("mail") == {"mail_missing": False}
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    assert said("mail") == {"mail_silent": False}


def test_names_that_are_not_found_are_said(cast, settings):
    settings.DEMO = False
    settings.SMTP_URL = "smtp://correo.invalid"
    assert said("mail") == {"mail_silent": False}
    settings.SMS_TRANSPORT = "clavero.notices.gateway.Http"
    settings.SMS_URL = "https://sms.invalid/send"
    assert said("sms") == {"sms_silent": False}
    settings.SRI_TRANSPORT = "clavero.catastro.sri.fetch"
    settings.SRI_URL = "https://sri.invalid"
    assert said("sri") == {"sri_name": False}
    settings.SRI_URL = "https://localhost"
    assert said("sri") == {"sri": True}


def test_a_gateway_of_mobiles_that_does_not_listen_is_found(settings):
    settings.DEMO = False
    settings.SMS_TRANSPORT, settings.SMS_URL = "", ""
    assert said("sms") == {"sms_off": True}
    settings.SMS_TRANSPORT = "clavero.notices.gateway.Http"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.SMS_URL = f"http://127.0.0.1:{listening.getsockname()[1]}/send"
        assert said("sms") == {"sms": True}
    assert said("sms") == {"sms_silent": False}


def test_messages_to_mobiles_that_nobody_takes_are_found(settings, tmp_path):
    settings.DEMO = False
    settings.SMS_TRANSPORT, settings.SMS_URL = (
        "clavero.notices.gateway.Folder",
        f"file://{tmp_path}",
    )
    lying = tmp_path / "a.json"
    lying.write_text("{}")
    assert said("sms") == {"sms_waiting": True}
    os.utime(lying, (lying.stat().st_mtime - 700,) * 2)
    assert said("sms") == {"sms_waiting": False}
    settings.SMS_URL = f"file://{tmp_path / 'gone'}"
    assert said("sms") == {"sms_folder": False}


def test_messages_to_mobiles_that_were_given_up_are_found(settings, tmp_path):
    settings.DEMO = False
    settings.SMS_TRANSPORT, settings.SMS_URL = (
        "clavero.notices.gateway.Folder",
        f"file://{tmp_path}",
    )
    now = clock.now()
    Message.objects.create(
        kind="x",
        key="x",
        channel="sms",
        state="dead",
        last_error="sms.402",
        made_at=now,
        due_at=now,
    )
    assert said("sms") == {"sms_waiting": True, "sms_dead": False}


def test_a_worker_that_stopped_and_messages_that_wait_are_found(time):
    assert said("worker") == {"worker_never": False}
    notices.beat(clock.now())
    assert said("worker") == {"worker": True} and said("outbox") == {"outbox": True}
    now = clock.now()
    Message.objects.create(kind="void", key="x", made_at=now, due_at=now)
    time.wait(11 * 60)
    assert said("worker") == {"worker": False} and said("outbox") == {"outbox": False}


def test_no_copy_of_the_sri_or_an_old_one_is_found(cast, time):
    assert said("catastro") == {"catastro": True, "catastro_age": True}
    time.wait(100 * 86400)
    assert said("catastro")["catastro_age"] is False
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catastro_ruc")
        cursor.execute("DELETE FROM catastro_snapshot")
    assert said("catastro") == {"catastro_none": False}


def test_a_clock_that_went_back_is_found(monkeypatch):
    monkeypatch.setattr(doctor, "_is_kept_right", lambda: True)
    assert said("clock") == {"clock": True}
    with transaction.atomic():
        audit.record("signin", now=clock.now() + timedelta(minutes=5))
    assert said("clock") == {"clock_behind": False, "clock": True}
    monkeypatch.setattr(doctor, "_is_kept_right", lambda: False)
    assert said("clock")["clock_free"] is False


def test_a_clock_apart_from_the_databases_is_found(monkeypatch):
    monkeypatch.setattr(doctor, "_time_of_the_server", lambda: clock.now() - timedelta(seconds=9))
    assert said("clock")["clock_apart"] is False


def test_a_slow_hash_and_a_full_disk_are_found(monkeypatch):
    assert said("hash") == {"hash": True} and said("disk") == {"disk": True}
    monkeypatch.setattr(doctor, "SLOW_MS", 0)
    monkeypatch.setattr(doctor, "LOW_MIB", 10**9)
    assert said("hash") == {"hash": False} and said("disk") == {"disk": False}


def test_a_version_that_is_too_old_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "_server", lambda: ("postgresql", (13, 4)))
    assert said("versions") == {"versions": True, "versions_old": False}


def test_a_security_contact_that_is_missing_or_over_is_found(settings):
    today = clock.now().date()
    for days, code, ok in (
        (None, "security_none", False),
        (-1, "security_over", False),
        (20, "security_soon", False),
        (200, "security", True),
        (400, "security_far", False),
    ):
        settings.SECURITY_EXPIRES = today + timedelta(days) if days is not None else None
        assert said("security") == {code: ok}


def test_what_the_page_of_personal_data_lacks_is_found(monkeypatch):
    from clavero import institution

    whole = replace(
        institution.profile().institution, address="Calle 1", email="a@b.example", data_officer="X"
    )
    lacks = replace(whole, email="")
    for house, found in ((whole, {"informing": True}), (lacks, {"informing_lacks": False})):
        held = replace(institution.profile(), institution=house)
        monkeypatch.setattr("clavero.institution.profile", lambda held=held: held)
        assert said("informing") == found
