"""The guide: two ways in, one action out, nobody asked and nothing kept."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clavero import words
from clavero.core import guide, triage
from clavero.core.profile import Estimate
from clavero.guidance import asked as asking
from clavero.guidance import pages, queries
from clavero.guidance.asked import Asked
from clavero.guidance.views import reading
from tests import pdfs
from tests.cast import by_id
from tests.house.test_languages import check
from tests.walk import Walker

ACTIONS = {entry.next for entry in guide.TABLE.values()} | set(guide.FAQ.values())
SITUATIONS = (*triage.SCENARIOS, "none")


def page(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.content.decode(), "html.parser")


def tell(text: str, lang: str = "", client=None):
    return (client or Client()).post(f"{lang}/guia/", {"wording": text})


def at(scenario: str = "none", **answers: str) -> str:
    return asking.address("guide_answer", Asked(answers, scenario))


# --- in words ----------------------------------------------------------------------------------------


def test_a_clear_text_is_answered_at_once_and_shows_the_words_that_told_it():
    found = page(tell("no me llega nada"))
    assert found.select_one("[data-scenario]")["data-scenario"] == "email_not_valid"
    assert found.select_one("[data-route]")["data-route"] == "visit"
    assert [mark.text for mark in found.select("mark")] == ["no me llega nada"]
    assert len(found.select(".govuk-button")) == 1


def test_an_unclear_text_gives_three_to_choose_from(monkeypatch):
    monkeypatch.setattr(pages, "SURE", 1.1)
    found = page(tell("pongo el codigo y dice que la cuenta esta bloqueada"))
    cards = found.select("[data-scenario]")
    assert len(cards) == 3 and len(found.select(".govuk-button")) == 1
    for card in cards:
        there = card.select_one("a")["href"]
        shown = page(Client().get(there)).select_one("[data-scenario]")["data-scenario"]
        assert shown == card["data-scenario"]


def test_what_cannot_be_told_is_said_and_the_questions_are_offered():
    found = page(tell("hola buenas tardes"))
    assert not found.select("[data-scenario]")
    assert found.select_one(".govuk-button")["href"] == "/guia/preguntas/"


def test_nothing_written_is_said_at_the_field():
    found = page(tell("   "))
    assert found.select_one("[data-error]")["data-error"] == "guide.wording_empty"
    assert found.title.text.startswith("Error: ")


@pytest.mark.parametrize("text", ["<script>alert(1)</script> clave bloqueada", "clave bloqueada " * 600, "\u202eclave\u0301 bloqueada", "clave bloqueada\n\n\tsí"])  # fmt: skip
def test_any_text_is_shown_as_text_and_never_as_markup(text):
    answer = tell(text)
    assert answer.status_code == 200 and b"<script>alert" not in answer.content


def test_a_very_long_or_odd_text_is_refused_with_a_sentence():
    assert page(tell("a" * 10_001)).select_one("[data-error]")["data-error"] == "field.too_long"
    assert page(tell("clave\x00")).select_one("[data-error]")["data-error"] == "field.control_characters"  # fmt: skip


def test_the_text_stands_in_no_address_and_leaves_no_cookie():
    client = Client(enforce_csrf_checks=True)
    answer = tell("clave bloqueada de 2453622207", client=client)
    assert answer.status_code == 200 and not client.cookies
    links = [link["href"] for link in page(answer).select("a[href]")]
    assert not any("2453622207" in link for link in links)


# --- in questions ------------------------------------------------------------------------------------


def choose(walker: Walker, value: str) -> Walker:
    """Press a choice and *Continuar*: the form's own fields, by GET."""
    form = walker.page.select_one("main form")
    fields = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    name = form.select_one("input[type=radio]")["name"]
    return walker._land(walker.client.get(form["action"], fields | {name: value}, follow=True), "")


def test_six_times_no_se_ends_in_an_action_all_the_same(time):
    walker = Walker(time).open("/guia/preguntas/")
    asked = []
    while walker.page.select("input[type=radio]"):
        asked.append(walker.page.select_one("input[type=radio]")["name"])
        assert walker.page.select("input[type=radio]")[-1]["value"] == "unknown"
        assert len(walker.page.select("h1")) == 1
        choose(walker, "unknown")
    assert len(asked) == 6 == len(set(asked))
    assert walker.page.select_one("[data-action]")["data-action"] == "recover_online"


def test_an_obstacle_ends_the_questions_at_once(time):
    walker = choose(Walker(time).open("/guia/preguntas/"), "blocked")
    assert walker.page.select_one("[data-scenario]")["data-scenario"] == "key_blocked"
    assert parse_qs(urlsplit(walker.path).query)["key"] == ["blocked"]


def test_no_choice_is_said_at_the_question_and_nothing_is_lost(time):
    walker = choose(Walker(time).open("/guia/preguntas/"), "unknown")
    form = walker.page.select_one("main form")
    fields = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    walker._land(walker.client.get(form["action"], fields, follow=True), "")
    assert walker.errors == ["field.choose"] and "key" in fields
    assert "Error: " in walker.page.title.text


def test_back_leads_to_the_question_before_with_its_answer(time):
    walker = Walker(time).open("/guia/preguntas/")
    first = walker.page.select_one("input[type=radio]")["name"]
    choose(walker, "unknown")
    walker.open(walker.page.select_one(".govuk-back-link")["href"])
    chosen = walker.page.select_one("input[checked]")
    assert (chosen["name"], chosen["value"]) == (first, "unknown")
    assert walker.page.select_one(".govuk-back-link")["href"] == "/guia/"


def test_what_is_known_from_the_text_is_not_asked_again(time):
    walker = Walker(time).open("/guia/preguntas/?scenario=ruc_not_active&by=wording")
    assert walker.page.select_one("input[type=radio]")["name"] == "ruc_state"
    choose(walker, "active")
    assert walker.page.select_one("[data-scenario]") is None  # it is not this: the questions go on


def test_an_answer_can_be_changed_from_its_page(time):
    walker = Walker(time).open(at(email="no", first_key="yes"))
    link = next(a for a in walker.page.select("article a") if "change=email" in a["href"])
    walker.open(link["href"])
    choose(walker, "yes")
    assert {each["data-reason"] for each in walker.page.select("[data-reason]")} == {"first_key"}


@pytest.mark.parametrize("query", ["email=quizas", "scenario=<b>", "nada=1", "email=no&email=yes", "deadline=2026-13-45", "change=nada&asked=nada", "by=x"])  # fmt: skip
def test_an_odd_address_is_read_as_far_as_it_makes_sense(query):
    for path in ("respuesta", "preguntas"):
        answer = Client().get(f"/guia/{path}/?{query}", follow=True)
        assert answer.status_code == 200
        main = str(page(answer).main)
        assert not any(odd in main for odd in ("<b>", "quizas", "2026-13-45", "nada="))


# --- the answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", triage.SCENARIOS)
def test_every_scenario_has_one_button_that_leads_somewhere(cast, scenario):
    client = Client()
    found = page(client.get(at(scenario)))
    (button,) = found.select(".govuk-button")
    assert button["data-action"] == guide.TABLE[scenario].next
    there = client.get(button["href"], follow=True)
    assert there.status_code == 200, button["href"]
    assert found.select_one("[data-route]")["data-route"] == triage.ROUTES[scenario]
    assert found.select_one("[data-reason]")["data-reason"] == scenario
    assert "No ayuda" in found.text and "Se resolvió cuando" in found.text


def test_every_action_has_a_page():
    assert set(pages.GOES_TO) == ACTIONS


def test_all_reasons_stand_there_the_most_demanding_first():
    found = page(Client().get(at(email="no", first_key="yes", key="forgotten")))
    assert [each["data-reason"] for each in found.select("[data-reason]")][0] == "first_key"
    assert len(found.select("[data-reason]")) == 3 and "Motivo 2 de 3" in found.text


def test_the_answer_explains_itself():
    found = page(Client().get(at(email="no")))
    told = re.sub(r"\s+", " ", found.select_one("#explica").text)
    assert "Regla said-email_not_valid, versión 1." in told
    assert "«No, o ya no lo recuerdo»" in told and "«Sí, lo puedo abrir»: No se sabe." in told
    assert "Fuente: FEATURES B01" in told


def test_a_range_carries_its_source_and_says_what_it_is_worth():
    found = page(Client().get(at("first_key")))
    assert "entre 1 y 5 días hábiles" in found.text
    assert found.select_one("[data-quality]")["data-quality"] == "reported, unverified"
    assert "Orientativo" in found.select_one("[data-quality]").text


def test_a_deadline_becomes_dates_and_says_whether_it_is_met(time):
    found = page(Client().get(at("ruc_not_active", deadline="contributions")))
    assert found.select_one(".cl-deadline") and found.select_one(".cl-dates .is-deadline")
    assert not page(Client().get(at("ruc_not_active"))).select_one(".cl-deadline")


def test_checks_that_nobody_skips_are_named_with_their_why():
    found = page(Client().get(at("email_not_valid")))
    assert "saberlos no prueba que es usted" in found.text


# --- what one may read -----------------------------------------------------------------------------


def test_the_table_has_every_situation_once_with_its_way(db):
    found = page(Client().get("/guia/tabla/"))
    rows = [row["data-scenario"] for row in found.select("tr[data-scenario]")]
    assert sorted(rows) == sorted(triage.SCENARIOS)
    assert len(found.select(".govuk-button")) == 1


def test_every_question_ends_in_its_action():
    found = page(Client().get("/guia/preguntas-frecuentes/"))
    shown = {each["data-question"]: each.select_one("[data-action]")["data-action"] for each in found.select("[data-question]")}  # fmt: skip
    assert shown == guide.FAQ and len(guide.FAQ) == 11


def test_each_datum_says_why_what_if_it_is_wrong_and_where_it_is():
    found = page(Client().get("/guia/datos/"))
    assert [each["id"] for each in found.select("main h2[id]") if each["id"] in reading.DATA] == [
        *reading.DATA
    ]
    assert len(found.select("main dd")) == 3 * len(reading.DATA)
    assert "Puede corregirla una vez sin esperar" in found.text


@pytest.mark.parametrize(
    ("path", "data"),
    [("identificacion/", ("identification", "domestic")), ("numero/", ("ruc", "branch"))],
)
def test_where_a_datum_is_asked_for_the_page_says_why(cast, time, path, data):
    walker = Walker(time).open("/empleadores/recuperar-clave/identificacion/")
    if path == "numero/":
        walker.press({"identification": by_id("tres_sucursales").identification})
    said = " ".join(each.get_text(" ") for each in walker.page.select(".cl-why"))
    for datum in data:
        for part in ("why", "wrong", "find"):
            assert words.say(f"guide.datum.{datum}.{part}", "es") in said


def test_a_reminder_is_a_calendar_file():
    answer = Client().get("/guia/recordatorio.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert "BEGIN:VALARM" in text and "Volver a intentar" in text


def test_the_guide_asks_no_table_and_sets_no_cookie(db):
    client = Client()
    client.get("/guia/tabla/")
    with CaptureQueriesContext(connection) as ran:
        for path in ("/guia/", "/guia/preguntas/", at("first_key"), at(email="no", deadline="exit_notice"),
                     "/guia/tabla/", "/guia/preguntas-frecuentes/", "/guia/avisar/", "/guia/recordatorio.ics"):  # fmt: skip
            assert client.get(path).status_code == 200, path
        tell("no me llega nada", client=client)
    assert not ran.captured_queries and not client.cookies


def test_the_checklist_is_a_page_a_pdf_and_a_calendar(time):
    path = at("first_key", domestic="yes", deadline="contributions")
    walker = Walker(time).open(path)
    walker.open(next(a["href"] for a in walker.page.select("a") if "/guia/lista/" in a["href"]))
    assert walker.h1 == "Su lista: este empleador nunca tuvo clave"
    assert "planilla reciente de luz" in walker.text and "no ayuda" in walker.text.lower()
    pdf = Client().get(walker.page.select_one(".govuk-button")["href"])
    assert (
        pdf.content.startswith(b"%PDF") and pdfs.text(pdf.content).count("Su cédula original") == 1
    )
    calendar = Client().get(path.replace("respuesta/", "plan.ics")).content.decode()
    assert calendar.count("BEGIN:VEVENT") == 3 and "Vence" in calendar


def test_without_anything_to_list_the_guide_starts():
    assert Client().get("/guia/lista/").headers["Location"] == "/guia/"
    assert Client().get("/guia/lista.pdf").status_code == 200


@pytest.mark.parametrize("scenario", SITUATIONS)
def test_every_scenario_prints(scenario):
    pdf = Client().get(at(scenario, key="unknown").replace("respuesta/", "lista.pdf")).content
    assert (
        pdf.startswith(b"%PDF")
        and len(re.findall(rb"/Type/Page/", b" ".join(pdfs.objects(pdf).values()))) == 1
    )


def test_own_figures_replace_what_is_reported(monkeypatch):
    own = Estimate("visit", 2, 4, "working_days", "80", "measured here")
    monkeypatch.setattr(queries.cases, "durations", lambda now: (own,))
    found = page(Client().get(at("representative_changed")))
    assert "entre 2 y 4 días hábiles" in found.text
    assert found.select_one("[data-quality]")["data-quality"] == "measured here"
    assert "Medido aquí" in found.select_one("[data-quality]").text


def test_figures_are_asked_for_once_an_hour(monkeypatch, time):
    asked = []
    monkeypatch.setattr(queries.cases, "durations", lambda now: asked.append(now) or ())
    for wait in (0, 60, 3600):
        time.wait(wait)
        Client().get(at("first_key"))
    assert len(asked) == 2


def test_without_a_database_the_guide_goes_on(monkeypatch):
    def fails(now):
        raise OperationalError

    monkeypatch.setattr(queries.cases, "durations", fails)
    assert "entre 1 y 5 días hábiles" in page(Client().get(at("first_key"))).text


# --- languages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_page_speaks_one_language(cast, time, lang):
    walker = Walker(time, lang)
    for path in (
        "",
        "preguntas/",
        "preguntas/?asked=key",
        "tabla/",
        "preguntas-frecuentes/",
        "avisar/",
        "datos/",
    ):
        check(walker.open(f"{walker.prefix}/guia/{path}").page, lang, path)
    for key in guide.VALUES:
        check(walker.open(f"{walker.prefix}/guia/preguntas/?change={key}").page, lang, key)
    for scenario in triage.SCENARIOS:
        path = f"{walker.prefix}/guia/respuesta/?scenario={scenario}&deadline=contributions"
        check(walker.open(path).page, lang, scenario)
        check(walker.open(path.replace("respuesta", "lista")).page, lang, f"{scenario}, list")
    for text in ("clave bloqueada", "hola"):
        found = page(tell(text, walker.prefix))
        found.select_one(".cl-quote").decompose()
        check(found, lang, text)
