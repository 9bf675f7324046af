"""Which papers a case needs: from the catalogue, by what was said, on a day."""

from datetime import date

import pytest

from clavero.core import papers
from clavero.institution import load

DAY = date(2026, 12, 1)
IESS = load("iess")
OFFICIAL = {"id_card", "foreign_id", "goer_card", "holder_authorisation", "holder_card_copy", "request"}  # fmt: skip
"""What DOMAIN §1.4 marks [O]. Nothing else may be called official."""


def codes(reasons="", kind="unknown", declared="", on=DAY) -> list[str]:
    found = papers.needed(IESS.papers, reasons.split(), kind, declared.split(), on)
    return [paper.code for paper in found]


@pytest.mark.parametrize(
    ("reasons", "kind", "declared", "expected"),
    [
        ("", "unknown", "", "id_card request phone"),
        ("email_not_valid", "unknown", "no_email", "id_card request phone"),
        ("first_key", "domestic", "first_key", "id_card request agreement utility_bill phone"),
        ("first_key", "company", "first_key", "id_card request agreement appointment phone"),
        ("first_key", "public", "first_key", "id_card request agreement appointment phone"),
        ("first_key", "natural", "first_key", "id_card request agreement phone"),
        ("first_key", "foreign", "first_key", "foreign_id request agreement appointment_if_any phone"),
        ("ruc_not_active", "unknown", "", "id_card request ruc_certificate phone"),
        ("representative_changed", "unknown", "", "id_card request agreement appointment phone"),
        ("", "unknown", "liquidator", "id_card request liquidator_appointment phone"),
        ("", "unknown", "heir", "id_card request death_certificate inheritance phone"),
        ("", "unknown", "third_party",
         "goer_card holder_authorisation holder_card_copy request phone"),
        ("", "foreign", "third_party",
         "goer_card holder_authorisation holder_card_copy request phone"),
    ],
)  # fmt: skip
def test_every_case_has_its_papers(reasons, kind, declared, expected):
    assert codes(reasons, kind, declared) == expected.split()


def test_all_reasons_count_so_that_one_visit_is_enough():
    both = codes("first_key ruc_not_active", "company")
    assert set(both) == set(codes("first_key", "company")) | set(codes("ruc_not_active", "company"))


def test_a_line_is_in_force_between_its_days():
    from dataclasses import replace

    line = replace(IESS.papers[0], valid_from=date(2026, 1, 1), valid_until=date(2026, 6, 30))
    for day, expected in ((date(2025, 12, 31), 0), (date(2026, 1, 1), 1), (date(2026, 6, 30), 1), (date(2026, 7, 1), 0)):  # fmt: skip
        assert len(papers.needed([line], [], "unknown", [], day)) == expected


@pytest.mark.parametrize("name", ["iess", "example"])
def test_only_what_an_official_page_says_is_called_official_and_every_line_has_its_source(name):
    for paper in load(name).papers:
        assert paper.source and (paper.quality == "official page") == (paper.code in OFFICIAL)
        assert paper.quality != "official page" or paper.checked_on, paper.code


@pytest.mark.parametrize(
    ("reasons", "kind", "expected"),
    [
        ("first_key", "natural", "request agreement"),
        ("first_key", "company", "request agreement appointment"),
        ("first_key", "domestic", "request agreement"),
        ("first_key ruc_not_active", "unknown", "request agreement"),
    ],
)
def test_what_is_only_advised_stops_no_approval(reasons, kind, expected):
    found = papers.needed(IESS.papers, reasons.split(), kind, [], DAY)
    assert papers.to_see(found) == tuple(expected.split())


def test_the_sheets_to_sign_are_those_of_the_catalogue():
    assert {paper.sheet for paper in IESS.papers if paper.sheet} == set(papers.SHEETS)
    first = papers.needed(IESS.papers, ["first_key"], "domestic", [], DAY)
    assert papers.to_sign(first) == ("request", "agreement")
