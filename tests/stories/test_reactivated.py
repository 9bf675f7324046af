"""Reactivated since the copy: from the visit's page, and from the counter, back to the online road. Only what the pages say."""

import pytest

from clavero import clock
from clavero.catastro.models import Inquiry
from clavero.core import triage
from clavero.demo import sri
from clavero.institution import profile
from clavero.notices.models import Message
from clavero.recovery import live, services
from clavero.recovery.models import Case
from tests import staff
from tests.cast import by_id
from tests.stories.test_circle import Desk
from tests.walk import NEW_KEY, Walker, sign_in

MARTA, PEDRO, NOBODY = by_id("ruc_suspendido"), by_id("ruc_cerrado"), by_id("no_existe")


@pytest.fixture(autouse=True)
def asks(settings):
    """This server asks the made-up SRI."""
    settings.SRI_TRANSPORT = "clavero.demo.sri.fetch"


def worker() -> int:
    return live.due(clock.now())


def at_the_visit(time, member=MARTA, situation="ruc_not_active") -> Walker:
    return Walker(time).validate(member).to_visit(situation)


def ask(walker: Walker) -> Walker:
    link = next(a for a in walker.page.select("main a") if "Consultar al SRI" in a.get_text())
    walker.open(link["href"])
    assert walker.h1 == "¿Ya reactivó su RUC?"
    return walker.press(button="ask")


def reload(walker: Walker) -> Walker:
    return walker.open(walker.path)


def test_a_reactivated_ruc_goes_on_online_to_a_tested_key(cast, time):
    home = ask(at_the_visit(time))
    assert home.h1 == "Estamos preguntando al SRI" and home.response.headers["Refresh"] == "3"
    sri.say(MARTA.ruc, "ACTIVO")
    assert worker() == 1
    assert reload(home).h1 == "El SRI dice que su RUC está activo"
    assert "Refresh" not in home.response.headers
    home.press(button="online")
    assert home.step == "code"
    home.prove(MARTA)
    while home.step == "contact":
        home.press()
    home.finish()
    assert home.h1 == "Acceso comprobado"
    assert Case.objects.get().grant_rule == "recover_key.contact_code"
    page = sign_in(Walker(time), MARTA, NEW_KEY)
    assert page.path == "/cuenta/" and "limitada" not in page.text


@pytest.mark.parametrize("state, h1", [("SUSPENDIDO", "sigue suspendido"), ("PASIVO", "sigue cerrado"), ("", "El SRI no nos contestó")])  # fmt: skip
def test_anything_but_active_leaves_the_visit_as_it_was(cast, time, state, h1):
    home = ask(at_the_visit(time))
    sri.say(MARTA.ruc, state)
    worker()
    assert h1 in reload(home).h1 and not home.page.select("[name=online]")
    home.client.post(home.path, {"online": "1"})
    assert Case.objects.get().state == "visit_needed"
    home.open(home.page.select_one("main a.govuk-button")["href"])
    assert home.routes == {"visit"}


def test_a_name_of_the_sri_that_is_not_found_leaves_the_visit_as_it_was(cast, time, settings):
    settings.SRI_TRANSPORT, settings.SRI_URL = "clavero.catastro.sri.fetch", "https://sri.invalid"
    home = ask(at_the_visit(time))
    worker()
    assert reload(home).h1 == "El SRI no nos contestó"
    assert Case.objects.get().state == "visit_needed"
    home.open(home.page.select_one("main a.govuk-button")["href"])
    assert home.routes == {"visit"}


def test_a_page_that_nobody_answers_stops_asking_for_itself(cast, time):
    home = ask(at_the_visit(time))
    time.wait(61)
    assert reload(home).h1 == "El SRI no nos contestó" and "Refresh" not in home.response.headers


def test_one_case_asks_three_times_an_hour(cast, time):
    home = ask(at_the_visit(time))
    for _ in range(2):
        worker()
        reload(home).press(button="ask")
    worker()
    reload(home).press(button="ask")
    assert home.status == 429 and Inquiry.objects.count() == 3


def test_while_the_service_rests_the_page_says_until_when(cast, time):
    from clavero.catastro.models import Breaker

    home = at_the_visit(time)
    Breaker.objects.create(pk=1, failures=3, open_until=clock.now() + profile_rest())
    home.open(f"/empleadores/recuperar-clave/caso/{Case.objects.get().ref}/sri/")
    home.press(button="ask")
    assert home.errors == ["sri.resting"] and not Inquiry.objects.exists()


def profile_rest():
    from datetime import timedelta

    return timedelta(minutes=profile().live.rest_minutes)


def test_an_active_ruc_alone_opens_nothing_and_says_nothing_of_the_register(cast, time):
    """A RUC that nobody has here, and one whose key was never had: the same bytes, and no message to anybody."""
    from tests.rooms.recovery.test_disclosure import bare

    seen = []
    for member in (by_id("primera_clave"), NOBODY):
        sri.say(member.ruc, "SUSPENDIDO")
        home = at_the_visit(time, member)
        case = Case.objects.order_by("opened_at").last()
        inquiry = Inquiry.objects.create(ruc_lookup="x", case_id=case.pk, asked_at=clock.now())
        Inquiry.objects.filter(pk=inquiry.pk).update(state="answered", status="active", answered_at=clock.now())  # fmt: skip
        home.open(f"/empleadores/recuperar-clave/caso/{case.ref}/sri/")
        before = Message.objects.count()
        home.press(button="online")
        assert home.errors == ["desk.not_in_order"] and Message.objects.count() == before
        seen.append(bare(home.response.content.decode()))
    assert seen[0] == seen[1]


def test_in_the_mode_that_says_nothing_everybody_comes_to_the_one_page(cast, time, monkeypatch):
    from dataclasses import replace

    from clavero.recovery import visits

    quiet = replace(profile(), disclosure="nothing")
    monkeypatch.setattr(visits, "profile", lambda: quiet)
    for member in (MARTA, PEDRO, NOBODY):
        sri.say(member.ruc, "ACTIVO")
        home = at_the_visit(time, member)
        case = Case.objects.order_by("opened_at").last()
        if member is not NOBODY:
            home.open(f"/empleadores/recuperar-clave/caso/{case.ref}/sri/").press(button="ask")
            worker()
        home.open(f"/empleadores/recuperar-clave/caso/{case.ref}/sri/").press(button="online")
        assert home.step == "code", member.id


def test_the_online_road_that_was_reopened_judges_like_any_other(cast, time):
    """Proofs of the visit do not come along, the declaration of the RUC goes, the contact is the one on record."""
    home = ask(at_the_visit(time))
    sri.say(MARTA.ruc, "ACTIVO")
    worker()
    reload(home).press(button="online")
    case = Case.objects.get()
    assert case.declared == [] and set(case.proofs) == {"case_secret"}
    assert triage.assess(services.facts_of(case)).route == "online"
    assert services.facts_of(case).ruc_source == "online"


def test_at_the_desk_the_officer_asks_and_the_person_goes_on_online(cast, time):
    home = at_the_visit(time)
    secret, code = home.secret("secret"), home.secret("continuation")
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    officer.press("Abrir", continuation=code)
    assert "Suspendido" in officer.text
    officer.press("Consultar al SRI ahora")
    assert "Estamos preguntando al SRI" in officer.text
    sri.say(MARTA.ruc, "ACTIVO")
    worker()
    officer.walker.open(officer.walker.path)
    officer.press("Que siga en línea")
    assert Case.objects.get().state == "code_sent"
    phone = Walker(time).open("/caso/").press({"secret": secret})
    phone.prove(MARTA)
    while phone.step == "contact":
        phone.press()
    assert phone.finish().h1 == "Acceso comprobado"


def test_at_the_desk_a_ruc_that_is_active_again_makes_the_key_whole(cast, time):
    """Who cannot go on online stays at the counter; the facts of the case are the SRI's of today."""
    home = at_the_visit(time)
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    officer.press("Abrir", continuation=home.secret("continuation"))
    officer.press("Consultar al SRI ahora")
    sri.say(MARTA.ruc, "ACTIVO")
    worker()
    officer.walker.open(officer.walker.path)
    officer.follow("Volver al caso")
    assert "consulta en línea del" in officer.text and "RUC suspendido" not in officer.text
    assert services.facts_of(Case.objects.get()).ruc == "active"


def test_no_page_of_it_talks_to_anybody(no_sockets, time, settings):
    """The web process writes a question; it opens no connection, neither to ask nor to read the answer."""
    settings.SRI_TRANSPORT, settings.SRI_URL = "clavero.catastro.sri.fetch", "http://127.0.0.1:9"
    home = ask(at_the_visit(time))
    assert reload(home).h1 == "Estamos preguntando al SRI"
    assert Inquiry.objects.get().state == "waiting"
    officer = Desk(time, "veronica")
    officer.press("Empezar a atender", counter="3")
    other = at_the_visit(time, PEDRO)
    officer.press("Abrir", continuation=other.secret("continuation"))
    officer.press("Consultar al SRI ahora")
    assert "Estamos preguntando al SRI" in officer.text


def test_turned_off_no_page_offers_it(cast, time, settings):
    settings.SRI_TRANSPORT = ""
    home = at_the_visit(time)
    assert "Consultar al SRI" not in home.text
    home.open(f"/empleadores/recuperar-clave/caso/{Case.objects.get().ref}/sri/").press(
        button="ask"
    )
    assert home.errors == ["sri.off"]


def test_a_key_after_a_visit_without_a_new_answer_is_still_limited(cast, time):
    ask(at_the_visit(time))
    sri.say(MARTA.ruc, "")
    worker()
    assert services.public_facts(Case.objects.get()).ruc == "suspended"


def test_the_demonstration_changes_what_its_sri_says_by_data(cast, time):
    walker = Walker(time)
    staff_less = walker.client.post("/demo/sri", {"ruc": MARTA.ruc, "state": "ACTIVO"})
    assert staff_less.status_code == 302 and sri.state_of(MARTA.ruc) == "ACTIVO"
    assert walker.client.post("/demo/sri", {"ruc": "1790000000001", "state": "ACTIVO"}).status_code == 422  # fmt: skip
    assert walker.client.post("/demo/sri", {"ruc": MARTA.ruc, "state": "x"}).status_code == 422
    assert staff.by_id("veronica") and "SRI de la demostración" in walker.open("/demo/").text
