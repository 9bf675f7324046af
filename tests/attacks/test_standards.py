"""Standards that belong to no single room: ways in, cookies, the start page, what a form may carry."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory

from clavero.core import evidence, journey
from clavero.keys.backends import KeyBackend
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker

ROOT = Path(__file__).resolve().parents[2]
LUIS = by_id("tres_sucursales")


def test_no_backend_takes_an_address_or_a_code_as_a_sign_in():
    """S-004: the one backend answers nobody; signing in is `keys.services.check`, with the key."""
    assert settings.AUTHENTICATION_BACKENDS == ["clavero.keys.backends.KeyBackend"]
    for given in ({"username": LUIS.email}, {"email": LUIS.email, "code": "AAAAAAAA"}, {}):
        assert KeyBackend().authenticate(RequestFactory().get("/"), **given) is None
    assert not {
        r.purpose for r in evidence.POLICY if r.proofs & {"contact_code", "contact_link"}
    } & {"sign_in"}


def callers(verb: str) -> set[str]:
    """The functions that call `verb` of the keys room, as `file:function`."""
    found = set()
    for path in sorted((ROOT / "clavero").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    called = getattr(node, "func", None) if isinstance(node, ast.Call) else None
                    if getattr(called, "attr", getattr(called, "id", "")) == verb:
                        where = path.relative_to(ROOT / "clavero").as_posix()
                        if where.startswith("keys/") or ast.unparse(called).startswith("keys."):
                            found.add(f"{where}:{function.name}")
    return found


def test_every_way_to_a_key_is_in_the_document_and_there_is_no_other():
    """S-009: a key is stored by these deeds alone; what they ask is the table that docs/triage.md prints."""
    assert callers("issue") == {
        "recovery/services.py:store_key",
        "keys/services.py:change",
        "demo/services.py:_give_key",
    }
    assert callers("keep") == {"recovery/services.py:store_kept"}
    document = (ROOT / "docs" / "triage.md").read_text(encoding="utf-8")
    assert all(f"`{rule.id}`" in document for rule in evidence.POLICY)
    given = set().union(*(move.gives for move in journey.MOVES.values()))
    proofs = set().union(*(rule.proofs for rule in evidence.POLICY))
    assert proofs <= set(evidence.PROOFS) and "knowledge" not in proofs | given


def test_setting_a_key_signs_nobody_in(walker):
    """S-012: the person signs in with the new key; the page that sets it opens no session."""
    walker.to_key(LUIS).press({"key": NEW_KEY})
    assert walker.step == "test" and settings.SESSION_COOKIE_NAME not in walker.client.cookies
    assert walker.open("/cuenta/").path.startswith("/entrar/")


def test_another_message_gives_no_try_back(walker):
    """S-020, S-042: four wrong codes, another message, one more wrong code: five tries are spent."""
    walker.validate(LUIS)
    for n in range(4):
        assert walker.press({"code": f"ZZZZZZZ{n}"}).errors == ["code.wrong"]
    walker.client.post(walker.path.replace("codigo", "otro-mensaje"))
    assert walker.open(walker.path).press({"code": "ZZZZZZZZ"}).errors == ["code.no_tries_left"]
    assert walker.prove(LUIS).errors == ["code.no_tries_left"]
    assert Case.objects.get().code_tries == 5


@pytest.mark.parametrize("extra", ["state", "proofs", "contact", "employer", "is_staff", "ends"])
def test_what_a_form_does_not_declare_does_not_exist(walker, extra):
    """S-106."""
    walker.to_check(LUIS)
    walker.time.wait(10)
    form = walker.typed(walker.form) | {extra: "key_set", "handle_version": "9"}
    walker.client.post(walker.path, form)
    case = Case.objects.get()
    assert (case.state, case.proofs, case.handle_version) == ("code_sent", [], 1)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_start_page_says_what_to_have_how_long_and_what_else(cast, time, lang):
    """S-122, A18: papers, both routes with their time and its source, other ways, how to come here safely."""
    walker = Walker(time, lang)
    walker.open(f"{walker.prefix}/empleadores/recuperar-clave/")
    assert len(walker.page.select("a[data-start]")) == 1
    assert len(walker.page.select(".cl-ticks--row li")) == 3
    assert {tag["aria-labelledby"] for tag in walker.page.select("section")} == {
        "enlinea",
        "visita",
    }
    assert len(walker.page.select(".cl-source")) == 2 and walker.page.select(".cl-links a")
    numbers = [str(n) for e in profile_estimates() for n in (e.min, e.max)]
    assert all(number in walker.text for number in numbers)


def profile_estimates():
    from clavero.institution import profile

    return [e for e in profile().estimates if e.scenario in ("online", "visit")]


HTTPS_JOURNEY = """
import json
import django
django.setup()
from django.test.utils import setup_test_environment
from django.core.management import call_command
from django.http import SimpleCookie
call_command("migrate", verbosity=0)
from clavero import clock
from clavero.demo import services
services.bring_cast()
from django.test import Client
from tests.cast import by_id
from tests.walk import Walker

class Time:
    ahead = 0.0
    def wait(self, seconds):
        from datetime import timedelta
        self.ahead += seconds
        clock.move_by(lambda: timedelta(seconds=self.ahead))

seen = {}
class Https(Client):
    def request(self, **more):
        more |= {"wsgi.url_scheme": "http", "SERVER_NAME": "clave.instituto.example", "SERVER_PORT": "80",
                 "HTTP_HOST": "clave.instituto.example", "HTTP_X_FORWARDED_PROTO": "https"}
        response = super().request(**more)
        for name, morsel in response.cookies.items():
            seen.setdefault(name, []).append(morsel.OutputString())
        return response

walker = Walker(Time())
walker.client = Https(headers={"user-agent": "Firefox/140.0"})
luis = by_id("tres_sucursales")
walker.open("/en/").open("/")
walker.to_key(luis).finish().press(button="save_code")
walker.client.post("/salir/")
other = Walker(Time())
other.client = walker.client
other.validate(by_id("ruc_suspendido")).press({"situation": "no_email"})
walker.open(walker.mail(luis.email).link.removeprefix("https://clave.instituto.example"))
response = walker.client.get("/")
print(json.dumps({"cookies": seen, "hsts": response.headers["Strict-Transport-Security"]}))
"""


def test_every_cookie_of_the_road_is_bound_to_the_host_and_hidden_from_scripts(tmp_path):
    """S-087, S-093: the whole road as an institution serves it, behind a proxy with https."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "clavero.project.settings_test",
        "CLAVERO_BASE_URL": "https://clave.instituto.example",
        "CLAVERO_TRUSTED_PROXIES": "127.0.0.1",
        "CLAVERO_DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}",
        "CLAVERO_AUDIT_SINK": f"file:{tmp_path / 'heads'}",
    }
    done = subprocess.run(
        [sys.executable, "-c", HTTPS_JOURNEY], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert {
        "__Host-caso",
        "__Host-borrador",
        "__Host-csrf",
        "__Host-clavero",
        "__Host-equipo",
    } <= set(found["cookies"])
    for name, written in found["cookies"].items():
        for cookie in written:
            gone = "Max-Age=0" in cookie
            assert name.startswith("__Host-") and "Path=/" in cookie and "Domain" not in cookie
            assert gone or (
                "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
            )
            assert len(cookie) <= 4096
    assert "max-age=63072000; includeSubDomains" in found["hsts"]
