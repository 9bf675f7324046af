"""Letters for the post: where fewer than two e-mails can be told, what goes on paper, once a batch, again by its name (A22)."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from clavero import clock, dates
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.desk import post as printing
from clavero.desk.people import local_day
from clavero.desk.views import post as page
from clavero.employers.models import Contact, Employer
from clavero.employers.services import contact_lookup
from clavero.institution import load, profile
from clavero.notices import letters, post, retention
from clavero.notices.models import PostLetter
from clavero.recovery.models import Case
from clavero.ui import paper
from tests import pdfs
from tests.cast import by_id
from tests.staff import enter
from tests.walk import Walker, sign_in

ANA, TERESA, LUIS = by_id("en_orden"), by_id("correo_nuevo"), by_id("tres_sucursales")


@pytest.fixture
def by_post(monkeypatch):
    """A profile in which letters go by post."""
    held = replace(profile(), post_letters=True)
    for module in (post, printing, page):
        monkeypatch.setattr(module, "profile", lambda: held)


def employer(member) -> Employer:
    return Employer.objects.get(pk=Contact.objects.get(value_lookup=contact_lookup("email", member.email)).employer_id)  # fmt: skip


def house(member, address="Av. Inventada 12, Ambato") -> None:
    """The register has a postal address."""
    row = Contact(employer=employer(member), kind="postal", value=address, value_lookup=contact_lookup("postal", address), usable_from=clock.now())  # fmt: skip
    row.seal()
    row.save(force_insert=True)


def test_with_one_address_on_record_a_recovery_goes_on_paper_too(walker, by_post):
    walker.to_key(ANA).finish()
    letter = PostLetter.objects.get()
    assert letter.kind == "key_changed" and letter.case_id == Case.objects.get().pk
    assert "not_me" not in letter.payload and "code" not in letter.payload.replace("case", "")


def test_with_two_addresses_on_record_no_letter_is_needed(cast, time, by_post):
    with transaction.atomic():
        for reached in (2, 3):
            assert not post.queue("key_changed", reached=reached, payload={}, once="x", now=clock.now(), employer_id=1)  # fmt: skip
    assert not PostLetter.objects.exists()


def test_where_it_is_switched_off_nothing_is_queued(walker):
    assert not load("iess").post_letters and load("example").post_letters
    walker.to_key(ANA).finish()
    assert not PostLetter.objects.exists()


def test_a_change_of_key_by_its_owner_goes_on_paper_too(walker, by_post):
    sign_in(walker, ANA, ANA.key).open("/cuenta/clave/")
    walker.press({"current": ANA.key, "key": "tortuga-vapor-cinta-lunes"})
    assert PostLetter.objects.get().kind == "key_changed"


def test_no_letter_carries_a_code_or_a_link(cast):
    assert set(letters.KINDS) >= post.KINDS
    secrets = {"code", "visit_code", "booking_to_confirm", "confirm_contact", "trial", "email_needs_visit"}  # fmt: skip
    assert not post.KINDS & secrets


def test_a_deed_and_a_day_are_one_letter(cast, by_post):
    with transaction.atomic():
        queued = [post.queue("desk_done", reached=0, payload={}, once="7", now=clock.now(), employer_id=1) for _ in range(2)]  # fmt: skip
    assert queued == [True, False]


def test_a_batch_takes_each_letter_once_and_is_printed_again_by_its_name(cast, time, by_post):
    for member in (ANA, LUIS):
        Walker(time).to_key(member).finish()
    house(ANA)
    assert printing.waiting() == printing.Waiting(2, 1)
    batch = printing.export(None, clock.now())
    assert printing.waiting() == printing.Waiting(1, 1)
    with pytest.raises(Refused) as refused:
        printing.export(None, clock.now())
    assert refused.value.code == "post.nothing" and refused.value.details == {"homeless": 1}
    made = printing.again(batch, None)
    assert set(made) == {f"{batch}-001.pdf", f"{batch}.csv"}
    assert made == printing.again(batch, None)
    (row,) = csv.DictReader(io.StringIO(made[f"{batch}.csv"].decode("utf-8-sig")))
    assert (row["name"], row["address"]) == (ANA.name, "Av. Inventada 12, Ambato")
    assert Entry.objects.filter(event="letters_exported").count() == 3


def test_a_batch_that_cannot_be_set_is_fetched_again_by_its_name(
    walker, time, by_post, monkeypatch
):
    """K07: the page says so; the batch stays, and no letter leaves twice."""
    walker.to_key(ANA).finish()
    house(ANA)
    operator = enter(time, "olga")
    batch = printing.export(None, clock.now())
    with monkeypatch.context() as broken:
        broken.setattr("typst.compile", lambda *args, **kwargs: 1 / 0)
        page = operator.open(f"/mesa/cartas/{batch}.zip")
    assert page.status == 503 and "Pruebe otra vez en unos minutos" in page.text
    assert batch in page.text
    answer = operator.client.get(f"/mesa/cartas/{batch}.zip")
    assert answer["Content-Type"] == "application/zip"


def test_the_paper_says_what_the_mail_says_without_its_links(walker, by_post):
    walker.to_key(ANA).finish()
    house(ANA)
    made = printing.again(printing.export(None, clock.now()), None)
    text = pdfs.text(next(data for name, data in made.items() if name.endswith(".pdf")))
    case = Case.objects.get()
    assert case.number in text and ANA.name.split()[0] in text and "Av. Inventada 12" in text
    assert "no-fui-yo" not in text and case.ref not in text


def test_no_cell_of_the_addresses_is_a_formula(walker, by_post):
    walker.to_key(ANA).finish()
    house(ANA, "=HYPERLINK(1)")
    batch = printing.export(None, clock.now())
    assert b"'=HYPERLINK(1)" in printing.again(batch, None)[f"{batch}.csv"]


def test_an_address_that_was_written_into_the_database_by_hand_gets_no_letter(walker, by_post):
    """ATTACKS 32"""
    walker.to_key(ANA).finish()
    house(ANA)
    Contact.objects.filter(kind="postal").update(mac="x.y")
    assert printing.waiting() == printing.Waiting(1, 1)
    assert printing.address_of(employer(ANA)) == ""


def test_an_operator_makes_a_batch_and_fetches_it(walker, time, by_post):
    walker.to_key(ANA).finish()
    house(ANA)
    olga = enter(time, "olga").open("/mesa/cartas/")
    assert "En espera 1" in olga.text
    answer = olga.client.post("/mesa/cartas/", follow=True)
    batch = PostLetter.objects.get().batch
    assert batch and batch in answer.content.decode()
    fetched = olga.client.get(f"/mesa/cartas/{batch}.zip")
    assert fetched.headers["Content-Type"] == "application/zip" and fetched.content[:2] == b"PK"
    assert olga.client.get("/mesa/cartas/P99-000000.zip").status_code == 404


def test_letters_are_forgotten_after_their_period(walker, time, by_post):
    walker.to_key(ANA).finish()
    retention.due(clock.now() + timedelta(days=profile().retention_days["messages"] - 1))
    assert PostLetter.objects.count() == 1
    retention.due(clock.now() + timedelta(days=profile().retention_days["messages"] + 1))
    assert not PostLetter.objects.exists()


def test_two_presses_at_once_put_a_letter_into_one_batch(walker, by_post):
    walker.to_key(ANA).finish()
    house(ANA)
    printing.export(None, clock.now())
    with pytest.raises(Refused, match="post.nothing"):
        printing.export(None, clock.now())


def test_a_letter_says_of_which_day_its_today_is(walker, by_post):
    walker.to_key(ANA).finish()
    house(ANA)
    text = pdfs.text(paper.pdf(printing.sheet(PostLetter.objects.get(), employer(ANA))))
    assert dates.long_date(local_day(PostLetter.objects.get().made_at)) in " ".join(text.split())
