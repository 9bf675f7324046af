"""Whatever a person or a program types: a clear sentence at the field, nothing lost, never a 500."""

import pytest

from tests.cast import by_id
from tests.walk import Walker

ANA = by_id("en_orden")
STRANGE = {
    "empty": "",
    "long": "9" * 10_240,
    "control": "24536\x0022207\x07",
    "alphabet": "двадцать",
    "emoji": "🔑🔑🔑",
    "right-to-left": "\u202e7022263542",
    "markup": "<script>alert(1)</script>",
    "sql": "' OR 1=1 --",
    "braces": "{{ 7*7 }} {% debug %}",
    "half a surrogate": "\ud83d",
    "spreadsheet": "2,45362E+09",
}


def strange(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("typed", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("field", ["identification", "ruc", "branch"])
def test_every_field_of_the_first_pages_says_what_it_needs(walker, field, typed):
    walker.open("/empleadores/recuperar-clave/identificacion/")
    if field != "identification":
        walker.press({"identification": ANA.identification})
    good = {"identification": ANA.identification, "ruc": ANA.ruc, "branch": ANA.branch}
    fields = {name: good[name] for name in walker.typed(walker.form) if name in good}
    walker.press(fields | {field: strange(typed)})
    assert walker.status == 200 and walker.page.select_one(f"#{field}_error"), walker.text[:300]
    assert "Error:" in walker.page.title.string
    for other in fields.keys() - {field}:
        assert walker.page.select_one(f"#{other}")["value"] == fields[other]
    assert "<script>alert" not in str(walker.page.main)


@pytest.mark.parametrize("typed", STRANGE.values(), ids=STRANGE)
def test_the_code_field_takes_anything_without_falling(walker, typed):
    walker.validate(ANA).press({"code": strange(typed)})
    assert walker.status == 200 and walker.page.select_one("#code_error")


@pytest.mark.parametrize("typed", STRANGE.values(), ids=STRANGE)
def test_the_key_field_takes_anything_and_never_shows_it_again(walker, typed):
    walker.to_key(by_id("domestica")).press({"key": strange(typed)})
    assert walker.status == 200
    field = walker.page.select_one("input[name=key]")
    assert not field.get("value")


@pytest.mark.parametrize("typed", STRANGE.values(), ids=STRANGE)
def test_contact_data_and_case_secret_take_anything(walker, time, typed):
    walker.validate(by_id("domestica")).prove(by_id("domestica"))
    walker.press({"email": strange(typed), "mobile": strange(typed), "landline": strange(typed)})
    assert walker.status == 200
    assert Walker(time).open("/caso/").press({"secret": strange(typed)}).status in (200, 429)


@pytest.mark.parametrize(
    "name", ["identification", "ruc", "branch", "code", "key", "email", "secret"]
)
def test_an_array_where_a_text_is_expected_is_refused(walker, name):
    walker.validate(by_id("domestica"))
    for path in (
        "/empleadores/recuperar-clave/identificacion/",
        "/empleadores/recuperar-clave/numero/",
        walker.path,
        "/entrar/",
        "/caso/",
    ):
        response = walker.client.post(path, {name: ["a@uno.example", "b@dos.example"]}, follow=True)
        assert response.status_code < 500


def test_a_draft_or_cookie_of_somebody_elses_making_is_no_draft(walker):
    for cookie in ("borrador", "caso", "visita", "enlace"):
        walker.client.cookies[cookie] = "f1.AAAA" + "x" * 300
    assert walker.open("/empleadores/recuperar-clave/numero/").step == "who"
    walker.press({"identification": ANA.identification, "draft": "f1.garbage"})
    assert walker.step == "number"


def test_unicode_numbers_and_noise_are_understood(walker):
    walker.open("/empleadores/recuperar-clave/identificacion/")
    walker.press({"identification": " ２４５-362.220\u00a07 "})
    assert walker.step == "number"
    walker.press({"ruc": f"{ANA.ruc[:10]}-{ANA.ruc[10:]}", "branch": "1"})
    assert walker.step == "check"


def test_an_offered_repair_is_one_tap(walker):
    walker.open("/empleadores/recuperar-clave/identificacion/").press(
        {"identification": ANA.identification}
    )
    walker.press({"ruc": "993370026001", "branch": "0001"})
    button = walker.page.select_one("button[name=ruc_repair]")
    assert button["value"] == "0993370026001"
    walker.press(button="ruc_repair", value=button["value"])
    assert walker.step == "check"
