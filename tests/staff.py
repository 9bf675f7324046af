"""Walking the desk: signing in as one of the demonstration's staff, with the code of six digits."""

from clavero.demo import staff
from clavero.demo.staff import STAFF, by_id
from tests.walk import Walker

__all__ = ["STAFF", "by_id", "enter", "next_code"]


def next_code(time, name: str) -> str:
    """A code that was not used yet: half a minute later."""
    time.wait(31)
    return staff.code_now(by_id(name))


def enter(time, name: str, language: str = "es") -> Walker:
    """A browser in which `name` is signed in at the desk."""
    walker = Walker(time, language)
    walker.open(f"{walker.prefix}/mesa/entrar/")
    return walker.press({"name": name, "code": next_code(time, name)})
