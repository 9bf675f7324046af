"""Walking the desk: with the demonstration's codes, or with security keys of software."""

from clavero import clock
from clavero.demo import staff
from clavero.demo.staff import STAFF, by_id
from clavero.desk import people
from clavero.desk.models import Staff
from clavero.desk.people import Newcomer
from clavero.keys import passkeys
from tests.authenticator import Authenticator
from tests.walk import Walker

ORIGIN = "http://localhost:8000"
__all__ = ["ORIGIN", "STAFF", "Staff", "answer", "by_id", "enrol", "enter", "enter_with", "newcomer", "next_code", "person"]  # fmt: skip


def next_code(time, name: str) -> str:
    """A code that was not used yet: half a minute later."""
    time.wait(31)
    return staff.code_now(by_id(name))


def enter(time, name: str, language: str = "es") -> Walker:
    """A browser in which `name` is signed in at the desk by a code of the demonstration."""
    walker = Walker(time, language)
    walker.open(f"{walker.prefix}/mesa/entrar/")
    return walker.press({"name": name, "code": next_code(time, name)})


def person(name: str) -> Staff:
    """A member of staff by the name to sign in with."""
    found = people.by_sign_in_name(name)
    assert found is not None
    return found


def newcomer(name: str, role: str = "officer", centre: str = "ambato", **more) -> Staff:
    """Somebody new, admitted without a second person: for tests of what comes after."""
    number = more.pop("identification", "2458264187")
    new = Newcomer(name, name.title(), number, role, centre, people.local_day(clock.now()), **more)
    return people.admit(new, None, clock.now())


def options(walker: Walker) -> str:
    """What the page asks the browser's authenticator."""
    return walker.page.select_one("[data-passkey]")["data-options"]


def answer(walker: Walker, key: Authenticator, **fields: str) -> Walker:
    """Press the page's button and answer with this key."""
    return walker.press({**fields, "credential": key.sign(options(walker))})


def enrol(walker: Walker, name: str, code: str) -> tuple[Authenticator, Authenticator]:
    """From a code of enrolment to two passkeys."""
    walker.open("/mesa/alta/").press({"name": name, "code": code})
    keys = Authenticator(ORIGIN), Authenticator(ORIGIN)
    for label, key in zip(("azul", "roja"), keys, strict=True):
        walker.press({"label": label, "credential": key.make(options(walker))})
    return keys


def with_passkeys(one: Staff) -> tuple[Authenticator, Authenticator]:
    """Two passkeys for somebody, without the pages."""
    keys = Authenticator(ORIGIN), Authenticator(ORIGIN)
    for key in keys:
        asked = passkeys.begin_adding(one.account, "x")
        passkeys.add(one.account, "llave", asked.state, key.make(asked.options), clock.now())
    return keys


def enter_with(time, name: str, key: Authenticator) -> Walker:
    """A browser in which `name` signs in with a passkey."""
    walker = Walker(time).open("/mesa/entrar/")
    return answer(walker, key, name=name)
