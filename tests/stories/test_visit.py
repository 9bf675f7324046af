"""Who cannot be served online ends on the visit page, with both secrets, and loses nothing."""

import pytest

from tests.cast import CAST, by_id
from tests.walk import Walker

VISIT = [member for member in CAST if member.ends != "online" and member.id != "ya_no_tengo"]


@pytest.mark.parametrize("member", VISIT, ids=lambda member: member.id)
def test_the_page_has_two_halves_and_then_the_visit(walker, member):
    walker.validate(member)
    assert walker.routes == {"visit", "correct_data"}
    walker.to_visit()
    assert walker.h1 == "Necesita ir una vez a un centro"
    assert len(walker.secret("secret")) == 26 and len(walker.secret("continuation")) == 16


def test_who_no_longer_has_the_mail_goes_over_with_the_same_case(walker):
    elena = by_id("ya_no_tengo")
    walker.validate(elena)
    assert walker.step == "code"
    walker.press(button="no_access")
    assert walker.routes == {"visit"}
    walker.to_visit("no_email")
    assert walker.page.select_one("[data-reason=email_not_valid]")


def test_the_case_secret_finds_the_case_in_another_browser(walker, time):
    walker.validate(by_id("primera_clave")).to_visit("first_key")
    secret = walker.secret("secret")
    other = Walker(time).open("/caso/")
    assert other.press({"secret": "0" * 26}).errors == ["case.secret_unknown"]
    grouped = "-".join(secret[n : n + 4] for n in range(0, 26, 4)).lower()
    assert other.press({"secret": grouped}).h1 == "Necesita ir una vez a un centro"


def test_one_corrected_retry_is_free_and_only_one(walker, time):
    luis = by_id("tres_sucursales")
    wrong = type(luis)(**{**luis.__dict__, "branch": "0009"})
    walker.validate(wrong)
    assert walker.routes == {"visit", "correct_data"}
    walker.open(walker.page.select_one("a[href*=corregir]")["href"] + "?dato=ruc")
    walker.press({"branch": "0002"})
    time.wait(int(walker.page.select_one("[data-wait]")["data-wait"]))
    assert walker.press().step == "code"
