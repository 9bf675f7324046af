"""Strangers learn nothing: every private state and nobody at all, step by step, byte for byte, statement for statement.

S-055 to S-060, in both modes. Time is `make check-security`'s; here are the same bytes, statements, hashes,
outbox rows and records.
"""

import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clavero.audit.models import Entry
from clavero.core import triage
from clavero.demo import services as demo
from clavero.demo.cast import Member
from clavero.institution import profile
from clavero.keys import services as keys
from clavero.notices import letters
from clavero.notices.models import Message
from clavero.recovery import queries
from clavero.recovery.models import Case
from tests.cast import by_id
from tests.walk import NEW_KEY, Walker

BASE = by_id("tres_sucursales")


def variant(n: int, **more: object) -> Member:
    """An employer like the others, with one private thing otherwise."""
    given = {"id": f"v{n}", "ruc": f"24990{n:05}001", "name": f"Inventada {n:05} S.A.", "key": "", "branches": ("0001",),
             "branch": "0001", "email": f"correo{n:05}@sitio.example", "facts": {}}  # fmt: skip
    return replace(BASE, **(given | more))


FACTS = {"workers_last_sheet": "4", "first_entry_month": "2019-03"}
IN_ORDER = {
    "in order": variant(71001),
    "in order, with facts": variant(71002, facts=FACTS),
    "blocked": variant(71003, key_state="blocked", key="canoa-brisa-tambor-nogal"),
}
PRIVATE = {
    "first key": variant(71004, key_state="never"),
    "no e-mail": variant(71005, email=""),
    "bounced": variant(71006, email_state="bounced"),
    "dead": variant(71007, email_state="dead"),
    "other representative": variant(71008, on_record="2457359574"),
    "other sucursal": variant(71009, branches=("0002",)),
    "no key is known": variant(71010, key_state="unknown"),
    "disabled, no e-mail": variant(71011, key_state="disabled", email=""),
    "everything at once": variant(71012, key_state="never", email="", on_record="2457359574"),
}
NOBODY = variant(71013, exists=False)
CONTACT = {"email": "nuevo@casa.example", "mobile": "0991234567", "address": "Calle Una 1, Ambato"}


@pytest.fixture(params=["route", "nothing"])
def mode(request, db, time, tmp_path, monkeypatch):
    """A portal in one of the two modes, with these employers on it."""
    from clavero.ui import context

    monkeypatch.setenv("CLAVERO_PROFILE", {"route": "iess", "nothing": "example"}[request.param])
    for cached in (profile, context.frame):
        cached.cache_clear()
    everybody = (*IN_ORDER.values(), *PRIVATE.values(), NOBODY)
    monkeypatch.setattr(demo, "CAST", everybody)
    monkeypatch.setattr(demo, "NEIGHBOURS", ())
    demo.bring_cast()
    keys._decoy()
    yield request.param
    for cached in (profile, context.frame):
        cached.cache_clear()


def bare(html: str) -> str:
    """A page without what differs by chance: references, tokens, codes, hours, the typed numbers."""
    html = re.sub(r'value="[^"]{20,}"', "VALUE", html)
    html = re.sub(r"/caso/[0-9A-Z]{8}/", "/caso/REF/", html)
    html = re.sub(r'<span class="cl-(num|code)[^"]*".*?</span></span>', "NUM", html)
    html = re.sub(r'<div class="cl-continue__qr".*?</div>', "QR", html, flags=re.S)
    html = re.sub(r"\d\d-\d{6}", "CASE", html)
    html = re.sub(r'data-(session-)?seconds="\d+"', "SECONDS", html)
    html = re.sub(r">000\d<", ">BRANCH<", html)
    return re.sub(r"\d{1,2}:\d{2}", "HOUR", html)


def seen(response) -> tuple[object, ...]:
    """What reaches a stranger: page, status, headers, cookies and their lengths."""
    headers = {
        name: "" if name == "Location" else value
        for name, value in response.headers.items()
        if name != "Content-Length"
    }
    cookies = {name: len(str(morsel.value)) // 40 for name, morsel in response.cookies.items()}
    return bare(response.content.decode()), response.status_code, sorted(headers.items()), cookies


def statements(found) -> tuple[str, ...]:
    """The statements without their values."""
    values = r"'[^']*'|_x\d+|s\d{9,}|-?\b\d+(\.\d+)?(e[+-]\d+)?\b|NULL"
    return tuple(re.sub(values, "?", query["sql"]) for query in found)


def shape(found) -> tuple[str, ...]:
    """The kind and table of each statement."""
    texts = (re.sub(r"\s+", " ", sql) for sql in statements(found))
    return tuple(re.sub(r"\(\?(, \?)*\)", "(?)", sql)[:300] for sql in texts)


class Watched:
    """A stranger's browser; after each step, what they saw and what the server did for it."""

    def __init__(self, time) -> None:
        self.walker, self.steps = Walker(time), []

    def step(self, name: str, act) -> None:
        before = Message.objects.count(), Entry.objects.count()
        with CaptureQueriesContext(connection) as found:
            act()
        done = Message.objects.count() - before[0], Entry.objects.count() - before[1]
        self.steps.append((name, seen(self.walker.response), shape(found), done))


def walk(member: Member, time, mode: str) -> list[tuple[object, ...]]:
    """Everything that a stranger with the right numbers and no mailbox can do."""
    time.ahead = 0.0  # everybody comes at the same hour of the same day
    watched = Watched(time)
    walker = watched.walker.to_check(member)
    time.wait(10)
    watched.step("validate", walker.press)
    here = walker.path
    if mode == "nothing":
        for typed in ("", "ZZZZZZZZ", "Z" * 16, "ZZZZ-ZZZZ", "Z" * 16, "ZZZZZZZZ", "ZZZZZZZZ"):
            watched.step(f"code {typed}", lambda typed=typed: walker.press({"code": typed}))
        again = here.replace("codigo", "otro-mensaje")
        for n in range(5):
            watched.step(
                f"resend {n}", lambda: walker._land(walker.client.post(again, follow=True), here)
            )
        time.wait(3600)
        watched.step("an hour later", lambda: walker.open(here))
        for part in (
            "preguntas",
            "contacto",
            "clave",
            "probar",
            "listo",
            "visita",
            "estado",
            "situacion",
        ):
            watched.step(part, lambda part=part: walker.open(here.replace("codigo", part)))
            other = here.replace("codigo", part)
            watched.step(f"post {part}", lambda other=other: walker._land(walker.client.post(other, {"key": NEW_KEY, "answer": "4"}, follow=True), other))  # fmt: skip
        watched.step("no access", lambda: walker.open(here).press(button="no_access"))
    watched.step("nothing chosen", lambda: walker.press({}))
    watched.step("nonsense chosen", lambda: walker.press({"situation": "magic"}))
    watched.step("first key", lambda: walker.press({"situation": "first_key"}))
    watched.step("contact, a slip", lambda: walker.press({"email": "x", "address": "y" * 200}))
    watched.step("contact", lambda: walker.press(CONTACT))
    watched.step("reload", lambda: walker.open(walker.path))
    mailed = walker.path.replace("/visita/", "/hoja/correo/")
    watched.step("the sheet by mail", lambda: walker.open(mailed))
    for n in range(2):
        watched.step(f"mail it {n}", lambda: walker._land(walker.client.post(mailed, follow=True), mailed))  # fmt: skip
    mine = mailed.replace("/hoja/correo/", "/papeles/")
    watched.step("the papers", lambda: walker.open(mine))
    watched.step("tick", lambda: walker._land(walker.client.post(mine, {"have": ["request"]}, follow=True), mine))  # fmt: skip
    watched.step("photo", lambda: walker._land(walker.client.post(f"{mine}request/", follow=True), mine))  # fmt: skip
    walker.open(mailed.replace("/hoja/correo/", "/visita/"))
    secret = walker.secret("secret")
    other = Walker(time)
    watched.walker = other
    watched.step("find", lambda: other.open("/caso/").press({"secret": secret}))
    watched.step("cancel", lambda: other.open("/caso/").press({"secret": secret}, button="cancel"))
    watched.step("after", lambda: other.open("/caso/").press({"secret": secret}))
    return watched.steps


def test_whoever_exists_and_whatever_is_private_the_same_is_seen_and_done(mode, time):
    people = PRIVATE | {"nobody": NOBODY} | (IN_ORDER if mode == "nothing" else {})
    found = {name: walk(member, time, mode) for name, member in people.items()}
    first, expected = next(iter(found.items()))
    for name, steps in found.items():
        for mine, theirs in zip(steps, expected, strict=True):
            label = f"{mode}: {name} against {first}, at «{mine[0]}»"
            assert mine[1] == theirs[1], label
            assert mine[2] == theirs[2], label
            assert mine[3] == theirs[3], label


def test_before_proof_no_datum_of_the_register_is_shown(mode, time):
    """S-060: no address, no name of the employer, no name of a person."""
    for member in (*IN_ORDER.values(), *PRIVATE.values()):
        walker = Walker(time).validate(member)
        pages = [walker.page.get_text(" ")]
        if walker.step == "code":
            pages.append(walker.press({"code": "ZZZZZZZZ"}).page.get_text(" "))
            pages.append(walker.press(button="no_access").page.get_text(" "))
        pages.append(walker.to_visit(**CONTACT).page.get_text(" "))
        for text in pages:
            for secret in (member.name, member.email or "@", "Persona Inventada", "sitio.example"):
                assert secret not in text, (member.id, secret)


@pytest.mark.parametrize("field", ["identification", "ruc", "branch"])
def test_which_of_the_three_numbers_disagrees_is_never_told(mode, time, field):
    """S-057: one field changed at a time against a known employer."""
    good = IN_ORDER["in order"]
    others = {"identification": "2457359574", "ruc": NOBODY.ruc, "branch": "0007"}
    pages = {}
    for name, value in others.items():
        walker = Walker(time).validate(replace(good, **{name: value}))
        pages[name] = seen(walker.response)
    assert pages[field] == pages["identification"]


@pytest.mark.parametrize("mode", ["nothing"], indirect=True)
def test_in_mode_nothing_the_owner_finishes_and_everybody_else_has_a_way(mode, time):
    good = IN_ORDER["in order"]
    walker = Walker(time).validate(good)
    assert (
        walker.routes == {"correct_data"} and "Si estos datos están en el registro" in walker.text
    )
    walker.prove(good).press()
    assert walker.finish().h1 == "Acceso comprobado"
    typed = {
        "identification": good.identification,
        "ruc": good.ruc,
        "branch": good.branch,
        "key": NEW_KEY,
    }
    assert Walker(time).open("/entrar/").press(typed).path == "/cuenta/"
    lost = Walker(time).validate(NOBODY)
    assert lost.press(button="no_access").routes == {"visit", "correct_data"}
    assert lost.to_visit().h1 == "Necesita ir una vez a un centro"


@pytest.mark.parametrize("mode", ["nothing"], indirect=True)
def test_in_mode_nothing_a_slip_is_corrected_once_for_free(mode, time):
    good = IN_ORDER["in order"]
    walker = Walker(time).validate(replace(good, branch="0009"))
    walker.open(walker.page.select_one("a[href*=corregir][href*=ruc]")["href"])
    walker.press({"branch": good.branch})
    time.wait(int(walker.page.select_one("[data-wait]")["data-wait"]))
    walker.press().prove(good)
    assert walker.step == "contact"


def test_the_exact_reasons_reach_the_contact_on_record(mode, time):
    """S-059: the entitled person learns why, in the message."""
    for member in (
        PRIVATE["first key"],
        PRIVATE["other representative"],
        PRIVATE["other sucursal"],
    ):
        walker = Walker(time).validate(member)
        mail = walker.mail(member.email)
        assert "hace falta una visita" in mail.subject and not mail.code
        folded = " ".join(mail.text.split())
        assert any(text in folded for text in letters.REASONS.values()), member.id


def test_every_reason_after_proof_has_words_and_a_way_to_arrive():
    codes = {rule.raises for rule in triage.RULES if rule.cls == triage.AFTER_PROOF}
    assert codes <= set(letters.REASONS) and letters.KINDS["email_needs_visit"]


@pytest.mark.parametrize("mode", ["nothing"], indirect=True)
def test_in_mode_nothing_a_saved_code_helps_who_lost_the_mail(mode, time, tmp_path):
    """D09: with the RUC in order and the address gone, the saved code proves; for anybody else it says nothing."""
    good = IN_ORDER["in order"]
    walker = Walker(time).validate(good).prove(good).press().finish().press(button="save_code")
    code = walker.page.select_one("[data-saved-code]").get_text("").replace(" ", "")
    from clavero.employers.models import Contact

    found = Contact.objects.get(employer=Case.objects.get().employer)
    found.state = "bounced"
    found.seal()
    found.save()
    later = Walker(time).validate(good)
    assert later.press({"code": code}).step == "contact"
    assert later.press().finish("otra-clave-bien-distinta").h1 == "Acceso comprobado"


def test_a_case_whose_message_went_to_nobody_is_bound_to_no_address(cast, time):
    """Another's address is read in its place, and forgotten: it proves nothing here."""
    for name, address in (("tres_sucursales", True), ("no_existe", False), ("sin_correo", False)):
        Walker(time).validate(by_id(name))
        case = Case.objects.latest("opened_at")
        assert bool(case.contact_id) is address, name
        assert (queries.bound_contact(case) is not None) is address, name
