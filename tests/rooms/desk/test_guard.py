"""The desk's door: every page has its act, every role its pages, and nobody gets in through what is left."""

import re
from datetime import timedelta

from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver, reverse
from django.utils import timezone

from clavero import clock, dates
from clavero.audit.models import Entry
from clavero.core import staff as rules
from clavero.core.errors import Refused
from clavero.core.staff import ACTS, ROLES
from clavero.demo.staff import STAFF
from clavero.desk import doors, people
from clavero.desk.models import Staff
from tests.staff import enter, newcomer, next_code, person
from tests.walk import Walker

OPEN = {"desk_sign_in", "desk_enrol", "desk_sign_out", "desk_lock", "desk_locked", "desk_mark"} | {
    "desk_board", "kiosk", "kiosk_number", "kiosk_clear",  # of the waiting room: no name, no case
}  # fmt: skip
"""Pages of the desk that stand before the guard: coming in, the lock, going."""
STANDING_IN = {"int": "1", "slug": "x", "str": "x", "uuid": "00000000-0000-0000-0000-000000000000"}


def pages() -> list[tuple[str, str, object]]:
    """Every page of the desk: its name, an address of it, its act (None for those that have none)."""
    found = []
    for pattern in _patterns(get_resolver().url_patterns):
        name = pattern.name or ""
        if not pattern.lookup_str.startswith("clavero.desk."):
            continue
        parts = re.findall(r"<(\w+):(\w+)>", str(pattern.pattern))
        values = {field: STANDING_IN[kind] for kind, field in parts}
        address = reverse(name, kwargs=values)
        found.append((name, address, getattr(pattern.callback, "act", None)))
    return found


def _patterns(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def test_every_page_of_the_desk_has_an_act(db):
    without = {name for name, _, act in pages() if act is None}
    assert without == OPEN and len(pages()) > 15


def test_every_role_opens_its_own_pages_and_no_other(cast, time):
    """Role × page: what the table of acts says, and nothing else (S-065, H05)."""
    for clerk in STAFF:
        walker = enter(time, clerk.id)
        for name, address, act in pages():
            if act is None:
                continue
            got = walker.client.get(address).status_code
            may = clerk.role in act.roles
            if got == 405 and not may:
                got = walker.client.post(address).status_code
            assert (got != 403) == may and got < 500, (clerk.role, name, got)
    assert {clerk.role for clerk in STAFF} == set(ROLES)


def test_only_an_act_that_writes_answers_a_post(cast, time):
    """Each mutating address has a writing act (ATTACKS 21)."""
    for clerk in STAFF:
        walker = enter(time, clerk.id)
        for name, address, act in pages():
            if act is None or act.writes:
                continue
            got = walker.client.post(address, {}).status_code
            assert got in (403, 405), (clerk.role, name, got)


def test_the_guard_itself_refuses_a_post_under_an_act_that_reads(cast, time):
    """Whatever methods a view says it takes (ATTACKS 21)."""
    walker = enter(time, "veronica")
    for act, method, expected in (
        ("agenda.read", "post", 405), ("agenda.read", "put", 405), ("queue.run", "put", 405),
        ("queue.run", "delete", 405), ("queue.run", "post", 200), ("agenda.read", "get", 200),
    ):  # fmt: skip
        view = doors.desk(act)(lambda request, staff, now: HttpResponse("in"))
        request = getattr(RequestFactory(), method)("/mesa/")
        request.user, request.session = person("veronica").account, walker.client.session
        assert view(request).status_code == expected, (act, method)


def test_a_post_without_the_role_changes_nothing(cast, time):
    before = {one.pk: (one.centre, one.qualified_until, one.left_at) for one in Staff.objects.all()}
    for clerk in STAFF:
        walker = enter(time, clerk.id)
        for _name, address, act in pages():
            if act is not None and act.writes and clerk.role not in act.roles:
                sent = {"centre": "otro", "examined_on": "2026-01-01", "reason": "x"}
                assert walker.client.post(address, sent).status_code in (403, 405)
    after = {one.pk: (one.centre, one.qualified_until, one.left_at) for one in Staff.objects.all()}
    assert before == after


def test_looking_changes_nothing(cast, time):
    """A GET writes no record but that somebody was barred."""
    for clerk in STAFF:
        walker = enter(time, clerk.id)
        before = Entry.objects.exclude(event="staff_barred").count()
        for name, address, act in pages():
            if act is not None and clerk.role in act.roles:
                walker.client.get(address)
                assert Entry.objects.exclude(event="staff_barred").count() == before, name


def test_being_barred_is_recorded(cast, time):
    walker = enter(time, "veronica").open("/mesa/personal/")
    assert walker.status == 403 and walker.errors == ["staff.not_your_role"]
    found = Entry.objects.get(event="staff_barred")
    assert (found.reason, found.outcome) == ("staff.read", "refused")


def test_a_stranger_is_led_to_the_sign_in(cast, time):
    walker = Walker(time)
    for name, address, act in pages():
        if act is not None:
            got = walker.client.get(address)
            assert got.status_code in (303, 405) and got.status_code == 405 or got.headers["Location"].startswith("/mesa/entrar/?next="), name  # fmt: skip
            assert walker.client.post(address).status_code in (303, 405), name


def test_an_employer_is_a_stranger_at_the_desk(cast, time):
    from tests.cast import by_id
    from tests.walk import sign_in

    ana = by_id("en_orden")
    walker = sign_in(Walker(time), ana, ana.key)
    assert walker.path.endswith("/cuenta/")
    assert walker.open("/mesa/").step == "signin"


def test_an_act_that_attests_needs_a_qualification(cast, time):
    """On the last day it holds; a day later looking goes on, attesting does not (S-070)."""
    one = person("veronica")
    for act in (act for act in ACTS.values() if "officer" in act.roles):
        for days in (0, 1):
            today = one.qualified_until + timedelta(days=days)
            barred = act.attests and days == 1
            try:
                rules.check(act, "officer", qualified_until=one.qualified_until, today=today)
                assert not barred, act.code
            except Refused as refused:
                assert barred and refused.code == "staff.qualification_over", act.code


def test_who_is_not_qualified_gets_a_clear_page(cast, time):
    """The same through a page, a year and a day later (S-070)."""
    walker = enter(time, "veronica")
    time.wait(366 * 86400)
    view = doors.desk("case.open")(lambda request, staff, now: HttpResponse("in"))
    request = walker.client.get("/mesa/entrar/").wsgi_request
    request.user, request.session = person("veronica").account, walker.client.session
    request.session["opened"] = request.session["seen"] = clock.now().timestamp()
    answer = view(request)
    assert answer.status_code == 403 and b"staff.qualification_over" in answer.content


def test_no_page_of_the_desk_has_a_field_for_a_key(cast, time):
    """No role sees, chooses or types a key or a live code (S-065)."""
    for clerk in STAFF:
        walker = enter(time, clerk.id)
        for _name, address, act in pages():
            if act is None or clerk.role not in act.roles or address.endswith(".pdf"):
                continue
            page = walker.open(address)
            assert not page.page.select(
                "input[type=password], [autocomplete=new-password], [data-secret]"
            )
            assert "clave nueva" not in page.text.lower()


# --- the session ----------------------------------------------------------------------------------------


def test_it_locks_after_fifteen_minutes_without_use(cast, time):
    walker = enter(time, "olga")
    time.wait(14 * 60)
    assert walker.open("/mesa/personal/").h1 == "Personal"
    time.wait(14 * 60)
    assert walker.open("/mesa/personal/").h1 == "Personal"
    time.wait(15 * 60 + 1)
    walker.open("/mesa/personal/")
    assert walker.h1 == "Bloqueado" and "Olga" in walker.text and "Verónica" not in walker.text
    walker.press({"code": "000000"})
    assert walker.h1 == "Bloqueado" and walker.errors == ["staff.code_wrong"]
    walker.press({"code": next_code(time, "olga")})
    assert walker.h1 == "Personal"


def test_the_page_says_when_it_locks(cast, time):
    walker = enter(time, "olga").open("/mesa/")
    at = timezone.localtime(clock.now())
    hours = {dates.clock(at + timedelta(minutes=m)) for m in (14, 15)}
    assert any(f"Se bloquea a las {hour}" in walker.text for hour in hours)


def test_locking_by_hand_and_being_somebody_else(cast, time):
    walker = enter(time, "olga")
    walker.client.post("/mesa/bloquear/")
    assert walker.open("/mesa/personal/").h1 == "Bloqueado"
    walker.press({"code": next_code(time, "hernan")})
    assert walker.h1 == "Bloqueado"
    walker.client.post("/mesa/salir/")
    assert walker.open("/mesa/").step == "signin"


def test_what_was_sent_to_a_locked_desk_is_not_lost(cast, time):
    walker = enter(time, "olga").open("/mesa/personal/1/centro/")
    time.wait(16 * 60)
    walker.press({"centre": "guayaquil"})
    assert walker.h1 == "Bloqueado" and person("veronica").centre == "ambato"
    walker.press({"code": next_code(time, "olga")})
    assert walker.h1 == "Falta enviar lo que escribió" and person("veronica").centre == "ambato"
    walker.press()
    assert person("veronica").centre == "guayaquil"


def test_a_long_text_that_was_sent_to_a_locked_desk_is_not_lost_either(cast, time):
    """A reason with accents of a whole page, as an officer types it while the desk falls asleep."""
    words, desk = "Pidió su año de nómina. " * 400, enter(time, "olga").client
    time.wait(16 * 60)
    page = desk.post("/mesa/personal/1/centro/", {"centre": "guayaquil", "reason": words})
    kept = BeautifulSoup(page.content, "html.parser").select_one("input[name=kept]")["value"]
    sent = {"code": next_code(time, "olga"), "kept": kept}
    again = BeautifulSoup(desk.post("/mesa/bloqueado/", sent).content, "html.parser")
    assert again.select_one("input[name=reason]")["value"] == words


def test_what_is_kept_in_the_locked_page_holds_no_code_and_cannot_be_changed(cast, time):
    walker = enter(time, "olga").open("/mesa/personal/1/centro/")
    time.wait(16 * 60)
    walker.press({"centre": "guayaquil"})
    kept = walker.page.select_one("input[name=kept]")["value"]
    assert "guayaquil" not in kept
    walker.press({"code": next_code(time, "olga"), "kept": kept[:-4] + "AAAA"})
    assert walker.h1 == "Mostrador"


def test_it_ends_after_twelve_hours_however_busy(cast, time):
    walker = enter(time, "olga")
    for _ in range(12 * 6):
        time.wait(10 * 60)
        walker.client.get("/mesa/")
    time.wait(60)
    assert walker.open("/mesa/personal/").step == "signin"
    assert Entry.objects.filter(event="staff_signout", reason="twelve_hours").count() == 1


def test_a_locked_desk_ends_after_twelve_hours_too(cast, time):
    walker = enter(time, "olga")
    time.wait(12 * 3600 + 1)
    assert walker.open("/mesa/bloqueado/").step == "signin"


def test_the_session_is_new_at_every_sign_in(cast, time):
    walker = Walker(time)
    walker.client.get("/mesa/entrar/")
    before = walker.client.cookies.get("clavero")
    walker.open("/mesa/entrar/").press({"name": "olga", "code": next_code(time, "olga")})
    first = walker.client.cookies["clavero"].value
    assert before is None or before.value != first
    walker.client.post("/mesa/salir/")
    walker.open("/mesa/entrar/").press({"name": "olga", "code": next_code(time, "olga")})
    assert walker.client.cookies["clavero"].value != first


def test_a_leaver_is_out_at_once(cast, time):
    """In every browser, on duty or not, and with whatever they sign in with."""
    leaver, other = enter(time, "veronica"), enter(time, "veronica")
    leaver.press({"counter": "3"})
    people.end(person("veronica"), person("hernan"), clock.now())
    for walker in (leaver, other):
        assert walker.open("/mesa/").step == "signin"
    assert enter(time, "veronica").errors == ["staff.no_match"]
    assert Entry.objects.filter(event="duty_ended").exists()


def test_only_ways_inside_the_desk_are_gone_back_to(cast, time):
    for wanted in (
        "https://evil.example/",
        "//evil.example/mesa/",
        "/cuenta/",
        "/mesa/../cuenta/",
        "javascript:x",
    ):
        walker = Walker(time).open(f"/mesa/entrar/?next={wanted}")
        assert walker.page.select_one("input[name=next]")["value"] == "/mesa/"


def test_the_demonstration_hands_its_codes_to_scripts(cast, time):
    clerks = {one["id"]: one for one in Walker(time).client.get("/demo/staff.json").json()}
    assert clerks["veronica"]["role"] == "officer" and len(clerks) == len(STAFF)
    walker = Walker(time).open("/mesa/entrar/")
    assert walker.press({"name": "olga", "code": clerks["olga"]["code"]}).h1 == "Mostrador"


def test_in_english_it_is_all_english(cast, time):
    walker = enter(time, "olga", "en")
    assert walker.h1 == "Counter" and walker.path.endswith("/en/mesa/")
    assert newcomer("x.y").sign_in_name == "x.y"
