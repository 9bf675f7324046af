"""On a deadline: which duty, when it falls due and why, and a plan back to today (B07)."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from clavero import clock
from clavero.core import workdays
from clavero.institution import profile
from clavero.recovery.queries import local_day
from tests.house.test_languages import check
from tests.rooms.guidance.test_pages import choose
from tests.walk import Walker

pytestmark = pytest.mark.django_db


def plan(query: str) -> BeautifulSoup:
    return BeautifulSoup(Client().get(f"/guia/plazo/?when=1&{query}").content.decode(), "html.parser")  # fmt: skip


def due(query: str) -> str:
    return plan(query).select_one("[data-due]")["data-due"]


def test_from_the_duty_to_the_plan(time):
    walker = Walker(time).open("/guia/plazo/")
    choose(walker, "contributions")
    form = walker.page.select_one("main form")
    fields = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    fields["month"] = form.select_one("select[name=month] option")["value"]
    walker._land(walker.client.get(form["action"], fields, follow=True), "")
    assert walker.h1.startswith("Vence el")
    assert [each["data-road"] for each in walker.page.select("[data-road]")] == ["online", "visit"]
    assert len(walker.page.select(".govuk-button")) == 1


def test_no_duty_chosen_is_said():
    page = BeautifulSoup(Client().get("/guia/plazo/?duty=1").content.decode(), "html.parser")
    assert page.select_one("[data-error]")["data-error"] == "field.choose"


def test_the_15th_moves_and_says_why():
    found = plan("kind=contributions&month=2026-02")
    assert found.select_one("[data-due]")["data-due"] == "2026-02-18"
    assert "El 15 es domingo." in found.text and "Carnaval" in found.text


def test_a_province_may_have_its_own_day():
    assert due("kind=contributions&month=2025-10&province=imbabura") == "2025-12-10"
    assert due("kind=contributions&month=2025-10") == "2025-10-15"


@pytest.mark.parametrize("kind", ["entry_notice", "exit_notice", "salary_notice"])
@pytest.mark.parametrize("written", ["2026-12-01", "1/12/2026", "01.12.2026"])
def test_a_notice_counts_from_its_day_however_it_is_written(kind, written):
    expected = workdays.notice(kind, date(2026, 12, 1), profile().calendar).due_on
    assert due(f"kind={kind}&event={written}") == expected.isoformat()
    assert "artículo 73" in plan(f"kind={kind}&event={written}").text


@pytest.mark.parametrize(
    ("query", "code"),
    [("kind=exit_notice&event=ayer", "date.shape"), ("kind=exit_notice&event=99999999999-01-01", "date.shape"),
     ("kind=exit_notice&event=1/2", "date.shape"), ("kind=entry_notice&event=31/12/9999", "date.far"), ("kind=contributions&month=0001-01", "date.far"),
     ("kind=contributions&month=2026-12&slot=9999-12-31", "date.far"), ("kind=exit_notice", "field.empty"), ("kind=contributions&month=febrero", "deadline.month"),
     ("kind=contributions&month=2026-13", "deadline.month"), ("kind=contributions&month=2026-12&slot=2020-01-01", "date.past"), ("kind=exit_notice&event=2026-12-01&slot=x", "date.shape")],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field(query, code):
    assert plan(query).select_one("[data-error]")["data-error"] == code


def test_a_slot_that_comes_too_late_says_what_to_do(time):
    today = local_day(clock.now())
    event = today - timedelta(days=1)
    last = workdays.notice("exit_notice", event, profile().calendar).due_on
    late = plan(f"kind=exit_notice&event={event}&slot={last + timedelta(days=7)}")
    road = late.select_one("[data-road=visit]")
    assert road.select_one("[data-late]") and "otro cantón" in road.text
    assert road.select_one("a")["href"] == "/citas/"


def test_a_deadline_that_has_passed_is_said():
    assert "ya pasó" in plan("kind=contributions&month=2026-02").text


def test_with_a_known_obstacle_there_is_one_plan_and_its_own_action(time):
    found = plan("kind=contributions&month=2030-02&scenario=first_key")
    assert [each["data-road"] for each in found.select("[data-road]")] == ["visit"]
    assert found.select_one(".govuk-button")["data-action"] == "prepare_first_key"


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_state_speaks_one_language(time, lang):
    walker = Walker(time, lang)
    paths = ["", "?duty=1"] + [f"?kind={kind}" for kind in workdays.KINDS]
    paths += ["?when=1&kind=contributions&month=2026-02", "?when=1&kind=contributions&month=2025-10&province=imbabura",
              "?when=1&kind=exit_notice&event=x", "?when=1&kind=entry_notice&event=2026-12-01&scenario=ruc_not_active"]  # fmt: skip
    for path in paths:
        check(walker.open(f"{walker.prefix}/guia/plazo/{path}").page, lang, path, {"imbabura", "Imbabura"})  # fmt: skip
