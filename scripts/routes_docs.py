"""Writes docs/routes.md: every address, who may use it, whether it changes anything."""

import os
import re
import sys
from collections.abc import Iterable
from typing import Any

import django
from django.urls import get_resolver
from generated import keep, table

from clavero.core import staff
from clavero.project.routes import CASE, DEMO, EMPLOYER, EVERYONE, ROUTES, Route

WHO = {
    EVERYONE: "everybody",
    CASE: "the browser that holds the case",
    EMPLOYER: "the signed-in owner of the account",
    DEMO: "everybody, in the demonstration alone",
}
KIND = {
    "reads": "nothing; takes no POST",
    "asks": "by POST, after the page asked",
    "posts": "by POST alone",
}
HEAD = """# Who may use which address

Every address of the portal, from the table in `clavero/project/routes.py`. Under `/en/` the same holds. An address that does not
stand there fails `test_every_address_is_declared_and_nothing_else_is`; `test_each_address_lets_in_whom_it_declares` walks all of
them, with GET and POST, as a stranger, an employer, another employer, the browser that holds a case, an officer, a supervisor, a
manager, an auditor and an operator, and compares. A GET changes nothing beyond the traces of having been there.
Who is not let in is led to the sign-in, sees that the case is not here (404), or that the page is not of their role (403).
"""


def places(patterns: Iterable[Any], prefix: str = "") -> dict[str, str]:
    """Address by name, of Django's patterns and of what they include."""
    found: dict[str, str] = {}
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        more = getattr(pattern, "url_patterns", None)
        found |= places(more, route) if more is not None else {pattern.name: route}
    return found


def who(route: Route) -> str:
    """In words."""
    if route.who not in staff.ACTS:
        return WHO[route.who]
    order = [role for role in staff.ROLES if role in route.roles]
    return f"{', '.join(order)} (`{route.who}`)"


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clavero.project.settings_test"
    django.setup()
    where = places(get_resolver().url_patterns)
    rows = [
        (f"`/{re.sub(r'<[a-z]+:', '<', where[name])}`", who(route), KIND[route.kind])
        for name, route in ROUTES.items()
    ]
    return keep(
        "routes.md",
        "routes_docs.py",
        f"{HEAD}\n{table(('address', 'who', 'changes something'), rows)}\n",
    )


if __name__ == "__main__":
    sys.exit(main())
