"""K02: the pages that stand where the portal does not, by the portal itself."""

import re
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from django.test import Client

from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.notices import offline
from clavero.project.middleware import Offline

pytestmark = pytest.mark.django_db
KINDS = (offline.MAINTENANCE, offline.MAINTENANCE + offline.OF_THE_DESK, *offline.ALWAYS)
NOW = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
UNTIL = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)


@pytest.fixture
def folder(settings, tmp_path):
    settings.OFFLINE = str(tmp_path)
    return tmp_path


class Outside(HTMLParser):
    """Every address that a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.named: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.named += [
            value or "" for name, value in attrs if name in ("src", "href", "action", "srcset")
        ]
        assert tag not in ("script", "form", "iframe", "object", "link", "img")


@pytest.mark.parametrize("kind", KINDS)
def test_each_page_is_whole_by_itself(kind):
    text = offline.page(kind, UNTIL if kind.startswith(offline.MAINTENANCE) else None)
    looked = Outside()
    looked.feed(text)
    assert {name for name in looked.named if not name.startswith("tel:")} == (
        {"", "#english"} if kind != "too_large" else {"#english"}
    )
    (css,) = re.findall(r"<style>(.*)</style>", text, re.S)
    assert b64encode(sha256(css.encode()).digest()).decode() in text.split("</head>")[0]
    assert "url(" not in css
    assert "@import" not in css
    assert profile().institution.help_phone in text


@pytest.mark.parametrize("kind", KINDS)
def test_each_page_speaks_both_languages_and_says_what_to_do_next(kind):
    spanish, english = offline.page(kind, UNTIL).split('<section lang="en"')
    assert "Llame al" in spanish
    assert "Call" in english
    assert "Nunca le pedimos su clave" in spanish
    assert "never ask" in english
    for half, again in ((spanish, "Probar de nuevo"), (english, "Try again")):
        assert (again in half) == (kind != "too_large")


def test_the_page_says_until_when_on_the_mainlands_clock():
    text = offline.page(
        offline.MAINTENANCE,
        UNTIL,
        {"es": "Cambiamos <de> servidor.", "en": "We change the server."},
    )
    assert "jueves 26 de noviembre de 2026, a las 6:00" in text
    assert "Thursday 26 November 2026" in text
    assert "Cambiamos &lt;de&gt; servidor." in text


def test_while_it_is_shut_every_address_answers_the_page_and_a_post_does_nothing(
    folder, client: Client
):
    offline.shut(UNTIL, NOW)
    for answer in (client.get("/"), client.get("/en/"), client.get("/nada/"), client.post("/entrar/", {"a": "b"}),
                   client.get("/mesa/")):  # fmt: skip
        assert answer.status_code == 503
        assert "cerrado por mantenimiento" in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Frame-Options"] == "DENY"
        assert "style-src 'sha256-" in answer["Content-Security-Policy"]
        assert not answer.cookies


@pytest.mark.parametrize("path", ["/mesa/", "/en/mesa/dia/", "/mesa/nada/"])
def test_the_desk_is_told_to_go_on_with_paper(folder, client: Client, path):
    offline.shut(UNTIL, NOW)
    text = client.get(path).content.decode()
    assert "cerrado por mantenimiento" in text
    assert "hoja de atención en papel" in text
    assert "Go on with the paper sheet" in text
    assert "hoja de atención" not in client.get("/").content.decode()
    offline.open_again()
    assert not list(folder.glob("maintenance*"))


def test_the_desks_own_host_is_told_whatever_the_address(folder, client: Client, settings):
    settings.DESK_URL, settings.ALLOWED_HOSTS = "https://mesa.instituto.example", ["*"]
    offline.shut(UNTIL, NOW)
    answer = client.get("/", headers={"host": "mesa.instituto.example"})
    assert "hoja de atención en papel" in answer.content.decode()
    assert "hoja de atención" not in client.get("/").content.decode()


def test_it_costs_no_statement_and_no_look_at_the_database(
    folder, client: Client, django_assert_num_queries
):
    offline.shut(UNTIL, NOW)
    with django_assert_num_queries(0):
        client.get("/")


def test_programs_are_told_when_to_come_back(folder, client: Client, monkeypatch):
    offline.shut(UNTIL, NOW)
    monkeypatch.setattr("clavero.clock.now", lambda: UNTIL - timedelta(minutes=10))
    assert client.get("/")["Retry-After"] == "600"
    monkeypatch.setattr("clavero.clock.now", lambda: UNTIL + timedelta(hours=1))
    assert client.get("/")["Retry-After"] == "120"


def test_it_stays_shut_beyond_its_hour_until_somebody_opens_it(folder, client: Client, monkeypatch):
    offline.shut(UNTIL, NOW)
    monkeypatch.setattr("clavero.clock.now", lambda: UNTIL + timedelta(hours=1))
    assert client.get("/").status_code == 503
    assert offline.open_again()
    assert client.get("/").status_code == 200
    assert not offline.open_again()


def test_another_hour_replaces_the_page_at_once(folder, client: Client):
    offline.shut(UNTIL, NOW)
    client.get("/")
    offline.shut(UNTIL + timedelta(hours=2), NOW)
    assert "a las 8:00" in client.get("/").content.decode()


def test_the_health_of_a_server_is_told_while_it_is_shut_too(folder, client: Client, monkeypatch):
    offline.shut(UNTIL, NOW)
    answer = client.get("/health")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_whoever_hammers_the_health_costs_the_database_a_statement_a_second(
    db, client: Client, monkeypatch, django_assert_num_queries
):
    from clavero.project import views

    monkeypatch.setattr(views, "_health", {"until": 0.0, "answers": False})
    with django_assert_num_queries(1):
        assert {client.get("/health").status_code for _ in range(20)} == {200}
    views._health["until"] = 0.0
    monkeypatch.setattr(views, "_database_answers", lambda: False)
    assert client.get("/health").status_code == 503
    monkeypatch.undo()
    views._health["until"] = 0.0
    assert client.get("/health").status_code == 200


def test_a_database_that_is_silent_holds_one_who_asks_and_not_all(client: Client, monkeypatch):
    from clavero.project import views

    over, asked = threading.Event(), threading.Event()
    a_moment_ago = {"until": time.monotonic() - 0.1, "answers": True}
    monkeypatch.setattr(views, "_health", a_moment_ago)
    monkeypatch.setattr(views, "_database_answers", lambda: asked.set() or not over.wait(30))
    first = threading.Thread(target=Client().get, args=("/health",))
    first.start()
    try:
        assert asked.wait(10)
        assert [client.get("/health").status_code for _ in range(5)] == [200] * 5
        a_moment_ago["until"] -= views.HOLDS
        assert client.get("/health").status_code == 503
    finally:
        over.set()
        first.join()
    assert client.get("/health").status_code == 503


def test_what_nobody_can_keep_is_refused(folder):
    for until in (NOW, NOW - timedelta(minutes=1), NOW + timedelta(days=8)):
        with pytest.raises(Refused, match=r"offline\.until"):
            offline.shut(until, NOW)
    with pytest.raises(Refused, match=r"announcement\.empty"):
        offline.shut(UNTIL, NOW, ("Solo en español.", ""))
    with pytest.raises(Refused, match=r"announcement\.too_long"):
        offline.shut(UNTIL, NOW, ("a" * 201, "b"))
    assert not list(folder.iterdir())


def test_without_a_folder_it_says_so_and_the_portal_asks_no_disk(settings, tmp_path):
    from django.core.exceptions import MiddlewareNotUsed

    settings.OFFLINE = str(tmp_path / "nowhere")
    with pytest.raises(Refused, match=r"offline\.folder"):
        offline.shut(UNTIL, NOW)
    settings.OFFLINE = ""
    with pytest.raises(Refused, match=r"offline\.folder"):
        offline.keep()
    with pytest.raises(MiddlewareNotUsed):
        Offline(lambda request: None)


def test_the_proxy_may_read_what_a_strict_umask_wrote(folder):
    import os

    before = os.umask(0o077)
    try:
        offline.keep()
        offline.shut(UNTIL, NOW)
    finally:
        os.umask(before)
    assert {oct(path.stat().st_mode & 0o777) for path in folder.iterdir()} == {"0o644"}


def test_pages_of_another_profile_or_version_are_noticed(folder):
    assert offline.stale(folder)
    offline.keep()
    assert not offline.stale(folder)
    (folder / "outage.html").write_text("older", encoding="utf-8")
    assert offline.stale(folder)
