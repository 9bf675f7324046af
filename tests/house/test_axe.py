"""No page without axe: every template is looked at in a test of the browser, or its reason stands here (S-121)."""

import ast
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = {
    path.as_posix().rpartition("/templates/")[2]
    for path in (ROOT / "clavero").rglob("templates/**/*.html")
}
SEEN = json.loads((ROOT / "tests" / "browser" / "seen.json").read_text(encoding="utf-8"))
PART = "a part of every page, made once for a language and kept: axe sees it with each of them"
OTHERWISE = {
    "notices/mail.html": "test_every_mail_is_accessible_and_readable_without_pictures",
    "ui/frame/address.html": PART,
    "ui/frame/check_address.html": PART,
    "ui/frame/end.html": PART,
    "ui/frame/head.html": PART,
    "ui/frame/header.html": PART,
    "ui/frame/never_ask.html": PART,
    "notices/offline.html": "test_the_pages_that_stand_without_the_portal",
    "notices/offline_said.html": "test_the_pages_that_stand_without_the_portal",
    "notices/announced.html": "test_an_announcement_above_a_page",
}
"""Templates that no `look` of the browser's tests notes: the test that looks at each all the same, or the reason."""


def _tests() -> set[str]:
    found = set()
    for path in (ROOT / "tests" / "browser").glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found.add(node.name)
    return found


def test_axe_sees_every_template():
    """S-121: `python scripts/axe_seen.py` writes what was seen; a new page needs a `look`."""
    unseen = TEMPLATES - set(SEEN) - set(OTHERWISE)
    assert sorted(unseen) == []
    assert not set(OTHERWISE) & set(SEEN) and set(OTHERWISE) <= TEMPLATES


def test_what_axe_saw_it_saw_in_a_test_that_is_there():
    assert set(SEEN.values()) <= _tests()
    assert {said for said in OTHERWISE.values() if said != PART} <= _tests()
