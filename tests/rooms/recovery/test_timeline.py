"""How long it takes, before one starts: every range with who says so, none without (B18)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from clavero import clock
from clavero.core.profile import Estimate
from clavero.institution import profile
from clavero.recovery import queries, timeline
from clavero.recovery.models import Case
from tests.walk import Walker


def estimate(least: int, most: int, unit: str) -> Estimate:
    return Estimate("online", least, most, unit, "x", "our choice")


@pytest.mark.parametrize(
    ("least", "most", "unit", "words"),
    [
        (10, 20, "minutes", "entre 10 y 20 minutos"),
        (1, 3, "working_days", "entre 1 y 3 días hábiles"),
        (0, 3, "working_days", "hasta 3 días hábiles"),
        (1, 1, "working_days", "1 día hábil"),
        (15, 960, "minutes", "entre 15 minutos y 2 días hábiles"),
        (0, 0, "working_days", "El mismo día"),
    ],
)
def test_a_range_reads_as_one_says_it(least, most, unit, words):
    assert timeline.said(estimate(least, most, unit)) == words


def test_both_roads_are_told_in_steps_with_their_sources(walker):
    walker.open("/empleadores/recuperar-clave/")
    walker.open(walker.page.select_one("a[href$='/tiempos/']")["href"])
    assert walker.status == 200 and len(walker.page.select("ol.cl-dates")) == 2
    known = {one.scenario: one for one in profile().estimates}
    assert f"Desde su casa: {timeline.said(known['online'])}" in walker.text
    assert f"Con una visita: {timeline.said(known['visit'])} desde el turno" in walker.text
    assert "Orientativo. Lo cuentan páginas" in walker.text and "no una promesa" in walker.text


def test_every_number_stands_beside_its_source(walker):
    walker.open("/tiempos/")
    for place in walker.page.select("ol.cl-dates li, .govuk-summary-list__row"):
        takes = place.select_one("strong, .govuk-summary-list__value")
        if re.search(r"\d", takes.get_text()):
            assert place.select_one(".cl-source").get_text().strip(), place.get_text()
    assert "%" not in walker.page.select_one("main").get_text()


def closed(count: int, **how: object) -> None:
    """So many closed cases, made by hand: the road is not what is tested here."""
    now = clock.now()
    for n in range(count):
        at = {"opened_at": now - how["took"], "tested_at": now - timedelta(seconds=n)}
        Case.objects.create(
            ref=f"{how['kind']}{n:06}", number=f"26-{n:06}", state="access_tested", route="online", moved_at=now,
            employer_key="x", identification="2450000015", ruc="", branch="0001", centre=how["centre"],
            proved_at=now, **at,
        )  # fmt: skip


def test_with_enough_closed_cases_the_ranges_are_measured_here(cast, walker):
    closed(queries.ENOUGH - 1, kind="A", took=timedelta(minutes=7), centre="")
    assert queries.durations(clock.now()) == ()
    closed(1, kind="B", took=timedelta(minutes=7), centre="")
    found = queries.durations(clock.now())
    assert [(one.scenario, one.min, one.max, one.quality) for one in found] == [("online", 7, 7, "measured here")]  # fmt: skip
    walker.open("/tiempos/")
    assert "Desde su casa: 7 minutos" in walker.text and "Medido aquí" in walker.text
    assert "desde el turno" in walker.text


def test_a_visit_is_counted_in_working_days_from_the_first_page(cast):
    closed(queries.ENOUGH, kind="C", took=timedelta(days=14), centre="ambato")
    (found,) = queries.durations(clock.now())
    assert (found.scenario, found.unit) == ("visit", "working_days") and 8 <= found.max <= 10


def test_an_old_case_counts_no_longer(cast):
    closed(queries.ENOUGH, kind="D", took=timedelta(minutes=9), centre="")
    assert queries.durations(clock.now() + timedelta(days=200)) == ()


def test_a_profile_without_a_scenario_leaves_it_out():
    known = {one.scenario: one for one in profile().estimates}
    without = {name: one for name, one in known.items() if name != "first_key"}
    assert len(timeline.longer(without)) == len(timeline.longer(known)) - 1
    assert replace(known["online"], quality="news").quality in timeline.SOURCES


@pytest.mark.parametrize("lang", ["es", "en"])
def test_its_page_speaks_one_language(cast, time, lang):
    from tests.house.test_languages import check

    walker = Walker(time, lang)
    check(walker.open(f"{walker.prefix}/tiempos/").page, lang, "tiempos")
