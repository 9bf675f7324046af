"""What everybody is told for a time: on the pages, in the mail, in both languages, and no longer than that."""

from datetime import timedelta

import pytest

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.notices import announcing
from tests.cast import by_id
from tests.walk import Walker

ES, EN = (
    "Mañana de 8 a 10 el sistema no atiende. <Vuelva> después.",
    "No service from 8 to 10 tomorrow.",
)
PAGES = ("/", "/empleadores/recuperar-clave/", "/empleadores/recuperar-clave/identificacion/", "/caso/", "/citas/", "/entrar/")  # fmt: skip


def announce(hours: int = 5, es: str = ES, en: str = EN):
    return announcing.announce(es, en, clock.now() + timedelta(hours=hours), clock.now())


def shown(walker: Walker) -> str:
    found = walker.page.select_one("[data-announced]")
    return found.get_text(" ", strip=True) if found else ""


@pytest.mark.parametrize("path", PAGES)
def test_it_stands_at_the_head_of_the_page_until_its_hour(cast, time, path):
    assert shown(Walker(time).open(path)) == ""
    announce()
    assert shown(Walker(time).open(path)).startswith(ES)
    assert shown(Walker(time).open(f"/en{path}")).startswith(EN)
    time.wait(5 * 3600 + 1)
    assert shown(Walker(time).open(path)) == ""


def test_every_message_says_it_in_both_languages_while_it_stands(walker, time):
    announce()
    luis = by_id("tres_sucursales")
    mail = walker.validate(luis).mail(luis.email)
    assert ES in mail.text.replace("\n", " ") and EN in mail.text.replace("\n", " ")
    assert "&lt;Vuelva&gt;" in mail.html
    announcing.withdraw(clock.now())
    other = by_id("en_orden")
    assert ES not in Walker(time).validate(other).mail(other.email).text.replace("\n", " ")


def test_a_person_whose_visit_is_prepared_reads_it_above_the_sheet(walker):
    announce()
    walker.validate(by_id("primera_clave")).to_visit("first_key")
    assert walker.h1 == "Necesita ir una vez a un centro" and shown(walker).startswith(ES)


def test_the_newest_replaces_what_stood_and_both_are_recorded(db, time):
    announce()
    announce(es="Ya atendemos.", en="We are back.")
    assert announcing.standing(clock.now()).es == "Ya atendemos."
    assert announcing.withdraw(clock.now()) == 1 and announcing.withdraw(clock.now()) == 0
    assert announcing.standing(clock.now()) is None
    events = list(
        Entry.objects.filter(event__startswith="announcement").values_list("event", flat=True)
    )
    assert sorted(events) == ["announcement_ended", "announcement_made", "announcement_made"]


@pytest.mark.parametrize(
    ("es", "en", "hours", "code"),
    [
        ("", EN, 1, "announcement.empty"),
        (ES, "  ", 1, "announcement.empty"),
        ("a" * 201, EN, 1, "announcement.too_long"),
        (ES, EN, 0, "announcement.until"),
        (ES, EN, 24 * 32, "announcement.until"),
    ],
)
def test_what_nobody_could_read_or_would_stay_for_ever_is_refused(db, time, es, en, hours, code):
    with pytest.raises(Refused) as refused:
        announce(hours, es, en)
    assert refused.value.code == code and announcing.standing(clock.now()) is None
