"""What stands in the logs: routes, kinds and numbers; never a token, a key, a code or what somebody typed."""

import json
import logging
import re
import subprocess
import sys
from pathlib import Path

import structlog
from django.apps import apps
from django.db import connection
from django.test import Client

from clavero.demo.models import Mail
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker, deliver, sign_in

LUIS, MARTA = by_id("tres_sucursales"), by_id("ruc_suspendido")
TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789abcdefg"
MAIL_LINK = f"/empleadores/recuperar-clave/enlace/{TOKEN}/"


def test_the_servers_settings_write_logs_so():
    """Django calls the function at its start: settings, not habit."""
    code = "import django, logging; django.setup(); logging.getLogger('x').warning('a %s', 'ana@trigo.example')"
    env = {"DJANGO_SETTINGS_MODULE": "clavero.project.settings_test", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env=env,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stderr)["event"] == "a …"


def test_the_token_of_a_link_stands_in_no_line(db, lines):
    """S-023, S-098: a scanner that posts the link is refused, and its token is not written down."""
    Client(enforce_csrf_checks=True).post(MAIL_LINK)
    Client().get(f"/nada/{TOKEN}/{LUIS.identification}")
    Client().get("/", HTTP_HOST="evil.example\n\x1b[31m")
    found = lines()
    text = json.dumps(found)
    assert [line["status"] for line in found] == [403, 404, 400]
    assert found[0]["route"].endswith("enlace/<str:token>/")
    assert TOKEN not in text and LUIS.identification not in text and "evil" not in text


def test_a_failure_is_one_line_with_the_number_that_the_page_shows(db, lines, monkeypatch):
    """S-064: a plain page with a number; kind and place in the log, the words of the failure nowhere."""

    def falls(*args, **kwargs):
        raise RuntimeError("ana@trigo.example 2453622207")

    monkeypatch.setattr("clavero.recovery.views.plain.render", falls)
    response = Client(raise_request_exception=False).get("/ayuda/")
    (line,) = lines()
    page = response.content.decode()
    assert response.status_code == 500 and line["number"] in page
    assert (line["error"], line["event"]) == ("RuntimeError", "request_failed")
    assert any("plain.py" in place for place in line["in"])
    for secret in ("ana@trigo", "2453622207", "Traceback", "RuntimeError", "Django"):
        assert secret not in page and (secret == "RuntimeError" or secret not in json.dumps(line))


def test_nothing_typed_breaks_a_line(db, lines):
    """S-099."""
    logging.getLogger("anything").error("typed: %s", "x\r\n\x1b[31m{} ana@trigo.example")
    structlog.get_logger().error("event", value="x\r\n\x1b[31m{}")
    first, second = lines()
    assert "ana@" not in first["event"] and second["event"] == "event"


def everything_stored() -> str:
    """Every value of every table, but the demonstration's mailbox and the SRI's public register."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model is not Mail and model._meta.app_label != "catastro":
                cursor.execute(f"SELECT * FROM {model._meta.db_table}")
                found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)


def test_no_secret_of_a_whole_journey_stands_in_the_tables_or_the_log(cast, time, lines):
    """S-018, S-039, S-098: code, link, keys, saved code, the visit's two secrets, and who it was."""
    walker = Walker(time).to_key(LUIS)
    walker.finish().press(button="save_code")
    saved = re.search(r"(?:[0-9A-Z]{4} ){3}[0-9A-Z]{4}", walker.text)[0]
    visit = Walker(time).validate(MARTA).to_visit("no_email")
    wrong = sign_in(Walker(time), LUIS, "no-es-la-clave-de-luis")
    deliver()
    mails = list(Mail.objects.all())
    secrets = {NEW_KEY, LUIS.key, saved, visit.secret("secret"), visit.secret("continuation")}
    secrets |= {mail.code for mail in mails} | {
        mail.link.rstrip("/").rpartition("/")[2] for mail in mails
    }
    people = {
        LUIS.identification,
        LUIS.ruc,
        LUIS.email,
        LUIS.name,
        MARTA.identification,
        "no-es-la-clave",
    }
    stored, written = everything_stored(), json.dumps(lines())
    assert wrong.errors == ["signin.no_match"] and len(secrets - {""}) >= 7
    for secret in (secrets | people) - {""}:
        plain = secret.replace(" ", "")
        assert plain not in stored.replace(" ", "") and plain not in written
    for mail in mails:
        assert NEW_KEY not in mail.text and LUIS.key not in mail.text
