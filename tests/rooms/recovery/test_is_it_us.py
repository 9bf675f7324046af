"""«¿Es de verdad?»: the record at the foot of a message is checked, and nothing else is told (A25)."""

import pytest

from clavero.audit.models import Entry
from tests.house.test_languages import check
from tests.walk import Walker

PAGE = "/es-de-verdad/"


@pytest.fixture
def record(cast):
    entry = Entry.objects.order_by("-number").first()
    return {"entry": str(entry.number), "head12": bytes(entry.seal).hex()[:12]}


def said(walker: Walker) -> str:
    return walker.page.select_one("[data-record]")["data-record"]


def test_a_record_of_ours_is_known_with_its_day_and_a_warning(record, time):
    walker = Walker(time).open(PAGE).press(record)
    assert said(walker) == "ours" and "se puede copiar" in walker.text
    spelt = {"entry": f" {record['entry']} ", "head12": record["head12"].upper()}
    assert said(walker.press(spelt)) == "ours"


@pytest.mark.parametrize(
    "other", [{"head12": "0" * 12}, {"entry": "999999"}, {"entry": "x"}, {"entry": "9" * 30}, {"head12": "ñ"}, {"head12": "a"}]
)  # fmt: skip
def test_any_other_is_not_found_and_says_what_to_do(record, time, other):
    walker = Walker(time).open(PAGE).press(record | other)
    assert said(walker) == "unknown" and "no pulse sus enlaces" in walker.text


def test_nothing_typed_is_said_at_the_fields_and_guessing_is_counted(record, time):
    walker = Walker(time).open(PAGE)
    assert walker.press({"entry": "", "head12": ""}).errors == ["record.entry", "record.seal"]
    for _ in range(60):
        walker.client.post(PAGE, record | {"head12": "0" * 12})
    assert walker.client.post(PAGE, record).status_code == 429


@pytest.mark.parametrize("lang", ["es", "en"])
def test_every_state_of_it_speaks_one_language(record, time, lang):
    walker = Walker(time, lang).open(f"{'/en' if lang == 'en' else ''}{PAGE}")
    check(walker.press({}).page, lang, "nothing typed")
    check(walker.press(record).page, lang, "ours")
    check(walker.press({"entry": "1", "head12": "0"}).page, lang, "unknown")
