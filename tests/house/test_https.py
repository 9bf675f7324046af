"""With an https address, as an institution runs it: cookies, headers, forms behind a proxy (S-087, S-092, S-093)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = "clave.instituto.example"
SETTINGS = {
    "CLAVERO_BASE_URL": f"https://{HOST}", "CLAVERO_SECRET_KEY": "s" * 50, "CLAVERO_KEY_PEPPER": "p1:" + "A" * 43,
    "CLAVERO_FIELD_KEYS": "f1:" + "B" * 43, "CLAVERO_AUDIT_KEY": "C" * 43, "CLAVERO_PROFILE": "iess",
    "DJANGO_SETTINGS_MODULE": "clavero.project.settings",
}  # fmt: skip
WALK = """
import json, re, sys, tempfile
from datetime import timedelta
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["clave.instituto.example"]
from django.core.management import call_command
call_command("migrate", verbosity=0)
from bs4 import BeautifulSoup
from django.test import Client
from clavero import clock
from clavero.catastro import services as catastro
from clavero.demo.services import catastro_lines, register_lines
from clavero.employers import imports
from clavero.notices.models import Message

folder = Path(tempfile.mkdtemp())
for name, lines in (("c.csv", catastro_lines()), ("r.jsonl", register_lines())):
    (folder / name).write_text("\\n".join(lines) + "\\n")
catastro.import_file(folder / "c.csv", clock.now())
imports.import_file(folder / "r.jsonl", clock.now())

ahead = [0]
clock.move_by(lambda: timedelta(seconds=ahead[0]))
host = settings.ALLOWED_HOSTS[0]
client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"host": host})
seen = []

def keep(method, path, response):
    cookies = [morsel.OutputString() for morsel in response.cookies.values()]
    seen.append({"method": method, "path": path, "status": response.status_code, "headers": dict(response.headers), "cookies": cookies})
    return response

def get(path):
    return keep("GET", path, client.get(path))

def press(path, fields=None, button=None):
    page = BeautifulSoup(get(path).content.decode(), "html.parser")
    form = page.select_one("form[data-step]") or page.select_one("main form")
    data = {f["name"]: f.get("value") or "" for f in form.select("input[name]") if f.get("type") not in ("checkbox", "radio")}
    data |= (fields or {}) | ({button: "1"} if button else {})
    return keep("POST", path, client.post(form.get("action") or path, data, headers={"origin": f"https://{host}"}))["Location"]

START = "/empleadores/recuperar-clave/"
KEY = "tortuga-vapor-cinta-lunes"
for path in ("/", "/en/", START, "/nada/", "/static/clavero/clavero.css", "/static/clavero/nada.css", "/caso/", "/.well-known/change-password"):
    get(path)
keep("POST", START, client.post(START))
keep("PUT", START, Client(headers={"host": host}).put(START))
keep("GET", "/", client.get("/", headers={"host": "evil.example"}))
path = press(START + "identificacion/", {"identification": "2459640906"})
path = press(path, {"ruc": "2499000025001", "branch": "0002"})
ahead[0] += 60
path = press(path)
payload = json.loads(Message.objects.get(kind="code").payload)
keep("GET", "link", client.get(payload["link"].removeprefix(settings.BASE_URL)))
get(START + "enlace/")
path = press(path, {"code": payload["code"]})
path = press(path)
path = press(path, {"key": KEY})
path = press(path, {"key": KEY})
path = press(path, button="save_code")
get(path); get("/cuenta/"); press("/salir/"); get("/cuenta/")
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    base = tmp_path_factory.mktemp("https") / "x.sqlite3"
    env = {n: v for n, v in os.environ.items() if not n.startswith("CLAVERO_")} | SETTINGS
    env["CLAVERO_DATABASE_URL"] = f"sqlite:///{base}"
    done = subprocess.run(
        [sys.executable, "-c", WALK], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_the_whole_journey_works_behind_a_proxy_that_says_nothing(seen):
    """The forms of our own origin are taken, also where no header says that the browser spoke https."""
    posts = [
        answer
        for answer in seen
        if answer["method"] == "POST" and answer["path"] != "/empleadores/recuperar-clave/"
    ]
    assert len(posts) >= 9 and {answer["status"] for answer in posts} == {303}


def test_every_cookie_is_for_this_host_alone_and_out_of_scripts_reach(seen):
    cookies = [cookie for answer in seen for cookie in answer["cookies"] if "1970" not in cookie]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert len(names) >= 6 and all(name.startswith("__Host-") for name in names), names
    for cookie in cookies:
        said = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= said, cookie
        assert not any(part.startswith("domain") for part in said) and len(cookie) <= 4096


def test_every_answer_carries_the_headers_files_and_failures_too(seen):
    assert {answer["status"] for answer in seen} >= {200, 302, 303, 400, 404, 405}
    for answer in seen:
        headers, place = answer["headers"], (answer["method"], answer["path"], answer["status"])
        assert headers["Strict-Transport-Security"].startswith(
            "max-age=63072000; includeSubDomains"
        ), place
        assert "default-src 'self'" in headers["Content-Security-Policy"], place
        for name, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"),
                            ("Cross-Origin-Resource-Policy", "same-origin")):  # fmt: skip
            assert headers[name] == value, (place, name)
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), place
        assert "Server" not in headers and "X-Powered-By" not in headers
        if answer["path"].startswith("/static/clavero/clavero"):
            assert "max-age" in headers["Cache-Control"]
        else:
            assert headers["Cache-Control"] == "no-store", place


def test_the_link_of_the_mail_sends_no_referrer_and_keeps_no_token(seen):
    (link,) = [answer for answer in seen if answer["path"] == "link"]
    assert link["status"] == 303 and link["headers"]["Referrer-Policy"] == "no-referrer"
    assert link["headers"]["Location"] == "/empleadores/recuperar-clave/enlace/"
