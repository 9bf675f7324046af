"""The table of routes is true: every address, walked as everybody there is, lets in whom it declares and nobody else."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver

from clavero.core import staff as rules
from clavero.project.routes import CASE, EMPLOYER, POSTS, READS, ROUTES, Route
from tests.cast import by_id
from tests.staff import enter
from tests.walk import Walker, sign_in

LUIS, ANA = by_id("tres_sucursales"), by_id("en_orden")
STAFF = {"officer": "veronica", "supervisor": "beatriz", "manager": "hernan", "auditor": "ramiro", "operator": "olga"}  # fmt: skip
PERSONS = ("anonymous", "employer", "other employer", "holder", *STAFF)
ENDING = ("kiosk_clear", "desk_sign_out", "desk_lock", "account_logout", "account_sessions", "desk_duty_begin", "desk_duty_end")  # fmt: skip
TRACES = {"keys_session", "desk_duty", "audit_entry", "audit_head", "throttle_bucket"}
"""What having been there leaves behind: the session's last use, the duty's, the record of a look, a budget."""


def addresses(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield pattern.name, route, pattern.callback


FOUND = {name: (route, view) for name, route, view in addresses(get_resolver().url_patterns)}


def path_of(name: str, ref: str) -> str:
    """A real address of this name; the case is the holder's, every other part points at nothing."""
    route = FOUND[name][0].replace("<slug:ref>", ref if name.startswith("case_") else "AAAAAAAA")
    return "/" + re.sub(r"<int:\w+>", "1", re.sub(r"<(slug|str):\w+>", "AAAAAAAA", route))


def test_every_address_is_declared_and_nothing_else_is():
    assert set(ROUTES) == set(FOUND), "declare it in clavero/project/routes.py, then make docs"


def test_the_desks_guard_asks_for_the_act_that_is_declared():
    guards = {name: view.act.code for name, (_, view) in FOUND.items() if hasattr(view, "act")}
    assert guards == {name: each.who for name, each in ROUTES.items() if each.who in rules.ACTS}
    writing = {
        each.who for each in ROUTES.values() if each.who in rules.ACTS and each.kind != READS
    }
    assert all(rules.ACTS[act].writes for act in writing)


def outcome(response) -> str:
    """in · sign_in · barred · not_here · method"""
    where = response.headers.get("Location", "")
    shown = {template.name for template in getattr(response, "templates", ())}
    if response.status_code == 405:
        return "method"
    if response.status_code == 403:
        return "barred"
    if where.startswith(("/entrar/?next", "/mesa/entrar/?next")):
        return "sign_in"
    if "recovery/not_here.html" in shown or where == "/empleadores/recuperar-clave/":
        return "not_here"
    assert response.status_code < 500
    return "in"


def declared(route: Route, person: str, method: str) -> str:
    """What the table says of this person at this address."""
    if (route.kind, method) in ((READS, "post"), (POSTS, "get")):
        return "method"
    if route.who == CASE:
        return "in" if person == "holder" else "not_here"
    if route.who == EMPLOYER:
        return "in" if "employer" in person else "sign_in"
    if route.who in rules.ACTS:
        return "sign_in" if person not in STAFF else "in" if person in route.roles else "barred"
    return "in"


@pytest.fixture
def ref(cast, time):
    """The holder's case, and everybody's browser."""
    holder = Walker(time).validate(LUIS)
    return holder, re.search(r"/caso/([^/]+)/", holder.path)[1]


def browser(person: str, holder: Walker, time) -> Walker:
    """Somebody of this kind, signed in as they do."""
    if person in STAFF:
        return enter(time, STAFF[person])
    if person == "holder":
        return holder
    if person == "anonymous":
        return Walker(time)
    member = LUIS if person == "employer" else ANA
    walker = sign_in(Walker(time), member, member.key)
    assert walker.path == "/cuenta/", walker.text[:300]
    return walker


def writes_of(statements: list[str]) -> set[str]:
    found = (re.match(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', sql) for sql in statements)
    return {match[1] for match in found if match}


@pytest.mark.parametrize("person", PERSONS)
def test_each_address_lets_in_whom_it_declares(person, ref, time):
    holder, number = ref
    walker, wrong, written, pages = browser(person, holder, time), [], {}, []
    statements: list[str] = []

    def listen(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    for name in sorted(ROUTES, key=lambda name: (name in ENDING, name)):
        for method in ("get", "post"):
            if (
                method == "post"
                and name in ENDING
                and declared(ROUTES[name], person, "post") == "in"
            ):
                continue
            statements.clear()
            with connection.execute_wrapper(listen):
                response = getattr(walker.client, method)(path_of(name, number))
            if (met := outcome(response)) != declared(ROUTES[name], person, method):
                wrong.append((name, method, met, response.status_code))
            if method == "get" and (more := writes_of(statements) - TRACES):
                written[name] = more
            if not response.streaming and not name.startswith("demo"):
                pages.append(response.content.decode(errors="ignore"))
    assert wrong == []
    assert written == {}, "a GET changes nothing"
    if person == "other employer":
        assert any(ANA.name in page for page in pages)
        assert not any(LUIS.ruc in page or LUIS.name in page for page in pages)


def test_every_address_that_takes_a_post_wants_a_token(ref):
    """S-092: all of them, whoever may use them; those without are named in test_only_named_forms_go_without_their_token."""
    strict = Client(enforce_csrf_checks=True)
    for name, route in ROUTES.items():
        if route.kind == READS:
            continue
        page = strict.post(path_of(name, ref[1]), {})
        wants = page.status_code == 403 and "estuvo abierta mucho tiempo" in page.content.decode()
        assert wants != getattr(FOUND[name][1], "csrf_exempt", False), name
