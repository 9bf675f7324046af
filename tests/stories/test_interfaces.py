"""A script that knows INTERFACES ("Pages a script may walk") and `cast.json`, and nothing else, over real HTTP."""

import json

import pytest

from tests.cast import CAST
from tests.running import Browser, Demo

pytestmark = pytest.mark.once
NEW_KEY = "tortuga-vapor-cinta-lunes"
STEPS = set(
    "who number check code question contact key test done situation visit book signin".split()
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    running = Demo(tmp_path_factory.mktemp("demo"))
    yield running
    code, _, _ = running.end()
    assert code == 0


def to_check(demo: Demo, member: dict) -> Browser:
    browser = Browser(demo.base).open("/")
    assert browser.status == 200 and browser.url == demo.base + "/"
    browser.open("/empleadores/recuperar-clave/")
    browser.open(browser.page.select_one("a[data-start]")["href"])
    assert browser.step == "who"
    browser.send(
        identification=member["identification"], **({"domestic": "1"} if member["domestic"] else {})
    )
    if browser.step == "number":
        browser.send(ruc=member["ruc"], branch=member["branch"])
    assert browser.step == "check", browser.errors
    return browser


def validate(demo: Demo, member: dict) -> Browser:
    browser = to_check(demo, member)
    browser.wait(demo)
    return browser.send()


def last_code(demo: Demo, member: dict) -> str:
    """The code of the newest message so far: another walk may have had one."""
    sent = [mail for mail in demo.json("/demo/correo.json") if mail["to"] == member["email"]]
    return next((mail["code"] for mail in sent if mail["code"]), "")


def walk(demo: Demo, member: dict) -> set[str]:
    """Everything that this member's road ends as; the key is changed where the road is online."""
    before = last_code(demo, member)
    browser = validate(demo, member)
    for _ in range(20):
        assert browser.status == 200 and len(browser.forms) <= 1 and {browser.step} - {""} <= STEPS
        if browser.step == "code":
            if member["ends"] == "visit":
                browser.send(no_access="1")
            else:
                browser.send(code=demo.mail(member["email"], before)["code"])
        elif browser.step == "question":
            name = browser.page.select_one("[data-fact]")["data-fact"]
            browser.send(answer=member["facts"][name])
        elif browser.step == "contact":
            browser.send()
        elif browser.step in ("key", "test"):
            browser.send(key=NEW_KEY)
        elif browser.step == "situation":
            return browser.routes
        elif browser.step == "done":
            return {"online"}
    raise AssertionError(f"the road does not end: {browser.step} {browser.errors}")


def test_the_cast_is_as_promised(demo):
    members = demo.json("/demo/cast.json")
    assert len(members) == len(CAST)
    for member in members:
        assert set(member) == {
            "id",
            "identification",
            "ruc",
            "branch",
            "domestic",
            "email",
            "key",
            "facts",
            "ends",
        }
        assert member["ends"] in ("online", "visit", "correct_data") and isinstance(
            member["facts"], dict
        )


@pytest.mark.parametrize("name", [member.id for member in CAST])
def test_each_member_of_the_cast_ends_as_the_cast_says(demo, name):
    (member,) = [each for each in demo.json("/demo/cast.json") if each["id"] == name]
    found = walk(demo, member)
    assert member["ends"] in found, found
    if member["ends"] == "online":
        browser = Browser(demo.base).open("/entrar/")
        assert browser.step == "signin"
        typed = {
            "identification": member["identification"],
            "ruc": "" if member["domestic"] else member["ruc"],
            "key": NEW_KEY,
        }
        browser.send(**typed, **({"domestic": "1"} if member["domestic"] else {}))
        assert browser.status == 200 and not browser.errors and "/entrar/" not in browser.url
        assert Browser(demo.base).open("/salir/").status == 200


def member(demo: Demo, name: str) -> dict:
    return next(each for each in demo.json("/demo/cast.json") if each["id"] == name)


def test_who_cannot_go_online_gets_the_visit_with_both_secrets(demo):
    browser = validate(demo, member(demo, "primera_clave"))
    assert browser.step == "situation" and browser.routes == {"visit", "correct_data"}
    situations = [option["value"] for option in browser.page.select("[name=situation]")]
    browser.send(situation=situations[0])
    for _ in range(5):
        if browser.step in ("", "done") or "visit" in browser.routes:
            break
        browser.send()
    assert "visit" in browser.routes and browser.status == 200


def test_a_wait_says_how_long_and_too_early_says_so(demo):
    browser = to_check(demo, member(demo, "domestica")).send()
    assert "human_check.too_early" in browser.errors
    assert int(browser.page.select_one("[data-wait]")["data-wait"]) >= 0


def test_errors_stand_in_elements_that_say_their_code(demo):
    browser = (
        Browser(demo.base)
        .open("/empleadores/recuperar-clave/identificacion/")
        .send(identification="12")
    )
    assert browser.errors and browser.status == 200
    browser = validate(demo, member(demo, "sin_modulo_11")).send(code="ZZZZZZZZ")
    assert "code.wrong" in browser.errors


def test_the_link_of_the_mail_opens_the_road_in_another_browser(demo):
    known = member(demo, "extranjera")
    before = last_code(demo, known)
    validate(demo, known)
    link = demo.mail(known["email"], before)["link"]
    assert link.startswith(demo.base)
    browser = Browser(demo.base).open(link)
    assert browser.step == "code" and browser.url.count("/") < 7
    assert browser.send(identification=known["identification"]).step == "contact"


def test_the_mailbox_is_as_promised(demo):
    known = member(demo, "publica")
    before = last_code(demo, known)
    validate(demo, known)
    assert demo.mail(known["email"], before)
    mails = demo.json("/demo/correo.json")
    assert mails and [mail["sent_at"] for mail in mails] == sorted(
        (mail["sent_at"] for mail in mails), reverse=True
    )
    assert {json.dumps(sorted(mail)) for mail in mails} == {
        json.dumps(sorted(["to", "subject", "text", "html", "sent_at", "link", "code"]))
    }


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/en/",
        "/empleadores/recuperar-clave/",
        "/entrar/",
        "/salir/",
        "/caso/",
        "/citas/",
        "/precheck/",
        "/demo/",
        "/demo/correo/",
    ],
)
def test_the_promised_pages_are_there(demo, path):
    browser = Browser(demo.base).open(path)
    assert browser.status == 200 and browser.url == demo.base + path and len(browser.forms) <= 1


def test_every_page_says_that_it_is_a_demonstration_of_nobody(demo):
    for path in (
        "/",
        "/en/",
        "/entrar/",
        "/demo/",
        "/demo/correo/",
        "/nada/",
        "/empleadores/recuperar-clave/identificacion/",
    ):
        banner = Browser(demo.base).open(path).page.select_one(".cl-demo")
        assert banner and ("Demostración" in banner.text or "Demonstration" in banner.text), path
