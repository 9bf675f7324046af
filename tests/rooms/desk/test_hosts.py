"""The desk has a host of its own, and a browser in which staff works is known on the public one."""

import pytest

from clavero.keys import doors as browsers
from tests.staff import enter, next_code
from tests.walk import Walker

PUBLIC, DESK = "localhost:8000", "mesa.localhost:8000"


@pytest.fixture
def two_hosts(cast, settings):
    settings.BASE_URL, settings.DESK_URL = f"http://{PUBLIC}", f"http://{DESK}"
    settings.ALLOWED_HOSTS = ["localhost", "mesa.localhost"]


def test_each_host_answers_for_its_own_pages(two_hosts, time):
    walker = Walker(time)

    def status(path: str, host: str) -> int:
        return walker.client.get(path, headers={"host": host}).status_code

    for path in ("/mesa/", "/mesa/entrar/", "/en/mesa/entrar/", "/mesa/nada/", "/mesa/personal/"):
        assert status(path, PUBLIC) == 404, path
    for path in ("/entrar/", "/empleadores/recuperar-clave/", "/caso/", "/cuenta/", "/en/entrar/", "/demo/",
                 "/marca/x/", "/admin/", "/mesa"):  # fmt: skip
        assert status(path, DESK) == 404, path
    assert status("/", PUBLIC) == 200 and status("/mesa/entrar/", DESK) == 200
    home = walker.client.get("/", headers={"host": DESK})
    assert (home.status_code, home.headers["Location"]) == (302, "/mesa/")
    assert walker.client.post("/mesa/entrar/", headers={"host": PUBLIC}).status_code == 404


def test_a_missing_page_of_the_desk_looks_like_the_desk(two_hosts, time):
    answer = Walker(time).client.get("/mesa/nada/", headers={"host": DESK})
    assert answer.status_code == 404 and b"cl-desk" in answer.content


def test_signing_in_marks_the_browser_at_the_public_host(two_hosts, time):
    """Desk → public host, which sets the mark → desk (S-078)."""
    client = Walker(time).client
    page = client.get("/mesa/entrar/", headers={"host": DESK})
    assert page.headers["Content-Security-Policy"].endswith(f"form-action 'self' http://{PUBLIC}")
    sent = {"name": "veronica", "code": next_code(time, "veronica")}
    first = client.post("/mesa/entrar/", sent, headers={"host": DESK})
    over = first.headers["Location"]
    assert over.startswith(f"http://{PUBLIC}/marca/") and browsers.STAFF_MARK not in first.cookies
    second = client.get(over.removeprefix(f"http://{PUBLIC}"), headers={"host": PUBLIC})
    assert second.cookies[browsers.STAFF_MARK]["max-age"] == 24 * 3600
    assert second.cookies[browsers.STAFF_MARK]["httponly"]
    assert second.headers["Location"] == f"http://{DESK}/mesa/"


def test_the_way_of_the_mark_lives_a_minute_and_leads_nowhere_else(two_hosts, time):
    from clavero.privacy import handles

    client = Walker(time).client
    for token in (
        "x",
        handles.seal({"back": "/mesa/"}, "other"),
        handles.seal({"staff": 1}, "staff_mark"),
    ):
        got = client.get(f"/marca/{token}/", headers={"host": PUBLIC})
        assert got.status_code == 404 and browsers.STAFF_MARK not in got.cookies


def test_no_key_is_set_where_staff_worked(cast, time):
    """On one host too: the mark stays after signing out (S-078)."""
    walker = enter(time, "veronica")
    assert browsers.STAFF_MARK in walker.client.cookies
    walker.client.post("/mesa/salir/")
    request = walker.client.get("/").wsgi_request
    assert browsers.held_staff_session(request)
    assert not browsers.held_staff_session(Walker(time).client.get("/").wsgi_request)


def test_with_one_host_both_answer(cast, time):
    walker = Walker(time)
    assert walker.open("/mesa/entrar/").step == "signin" and walker.open("/").status == 200
