"""What goes out of what is stored: everything that is this person's, and nothing else (S-130)."""

import json

import pytest
from django.apps import apps
from django.db import transaction

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.desk.models import Staff
from clavero.employers.models import Contact, Representative
from clavero.keys.models import Account
from clavero.privacy import dictionary
from clavero.recovery import visits
from clavero.recovery.models import Case
from clavero.rights import pages, subject, texts
from clavero.ui.paper import pdf
from tests.cast import by_id
from tests.stories.test_circle import prepare
from tests.walk import Walker, sign_in

ANA, LUIS, JORGE = by_id("en_orden"), by_id("tres_sucursales"), by_id("domestica")


def test_every_table_with_personal_columns_is_given_or_says_why_not():
    """S-130"""
    personal = {t.name for t in dictionary.read().tables if any(c.kind == "personal" for c in t.columns)}  # fmt: skip
    assert personal <= set(subject.SOURCES) | set(subject.NOT_GIVEN)
    assert not set(subject.SOURCES) & set(subject.NOT_GIVEN)


def test_no_secret_no_look_up_and_no_hash_goes_out_of_any_table():
    kinds = {(t.name, c.name): c.kind for t in dictionary.read().tables for c in t.columns}
    for table in subject.SOURCES:
        for column in subject.given(table):
            assert kinds[table, column.name] in ("personal", "trace"), (table, column.name)
            assert not any(word in column.name for word in ("hash", "mac", "lookup", "seal", "secret")), column  # fmt: skip


def test_every_personal_column_that_goes_out_has_a_label_and_every_group_words():
    for table in subject.SOURCES:
        assert table in texts.GROUPS
        tables = {each.name: each for each in dictionary.read().tables}
        assert subject.kept(tables[table].keeps) and tables[table].basis in texts.BASES
        for column in subject.given(table):
            assert column.kind != "personal" or table == "desk_visit" and column.name == "marked" or f"{table}.{column.name}" in texts.LABELS or (table, column.name) in SAID_IN_THE_FILE, column  # fmt: skip


SAID_IN_THE_FILE = {
    ("employers_representative", "through"),
    ("recovery_case", "ruc"),
    ("catastro_inquiry", "ruc"),
    ("recovery_case", "mask"),
    ("recovery_case", "contact_data"),
    ("rights_request", "who"),
    ("rights_request", "what"),
    ("rights_request", "reach"),
}
"""Personal columns that only the file names: what was typed, again."""


def test_what_is_kept_back_exists():
    columns = {f"{m._meta.db_table}.{f.column}" for m in apps.get_models() for f in m._meta.concrete_fields}  # fmt: skip
    assert set(subject.KEPT_BACK) <= columns


def written(member) -> str:
    who = subject.find(member.ruc, member.identification)
    return json.dumps(subject.document(who, clock.now()), ensure_ascii=False)


def test_a_person_who_walked_the_whole_road_finds_their_data_and_no_secret(walker):
    walker.to_key(ANA).finish()
    found, case, account = written(ANA), Case.objects.get(), Account.objects.get(employer__isnull=False, sessions__isnull=False)  # fmt: skip
    for held in (ANA.email, ANA.ruc, ANA.identification, ANA.name, case.number):
        assert held in found
    secrets = [account.key_hash, account.key_mac, account.username, case.employer_key, case.used_code_hash, case.ref, *Contact.objects.values_list("mac", flat=True), *Contact.objects.values_list("value_lookup", flat=True)]  # fmt: skip
    assert not any(secret and secret in found for secret in secrets)
    assert not any(bytes(entry.seal).hex() in found for entry in Entry.objects.all())


def test_nothing_of_another_employer_and_nothing_that_a_stranger_typed(cast, time):
    home = Walker(time).validate(LUIS)  # a stranger knows Ana's numbers and nothing of hers
    Walker(time).validate(ANA)
    found = written(ANA)
    assert LUIS.email not in found and LUIS.name not in found
    rows = json.loads(found)["tables"]["recovery_case"]["rows"]
    assert len(rows) == 1 and "identification" not in rows[0] and "browser" not in rows[0]
    assert home.status == 200


def test_officers_are_a_role_and_a_number(counter, time):
    home, _secret, continuation = prepare(time, JORGE, "no_email")
    counter[0].press("Abrir", continuation=continuation)
    Case.objects.update(proved_at=clock.now())
    found = written(JORGE)
    officer = Staff.objects.get(account__username="staff:veronica")
    assert f"officer {officer.number}" in found
    assert not any(one.name in found or one.identification in found for one in Staff.objects.all())
    assert home.status == 200


def test_a_discreet_hold_shows_in_no_copy(walker, time):
    """S-071"""
    walker.to_key(ANA)
    who = subject.find(ANA.ruc, ANA.identification)
    before = subject.document(who, clock.now())["tables"]
    time.wait(120)
    with transaction.atomic():
        visits.hold(Case.objects.get(), staff=7, now=clock.now())
    assert subject.document(who, clock.now())["tables"] == before


def test_the_sheet_sets_as_a_pdf(walker):
    walker.to_key(ANA).finish()
    who = subject.find(ANA.ruc, ANA.identification)
    assert pdf(pages.sheet(who, clock.now())).startswith(b"%PDF")


def test_who_is_not_held_is_said_so(cast):
    member = by_id("no_existe")
    with pytest.raises(Refused, match="rights.not_held"):
        subject.find(member.ruc, member.identification)


def test_the_page_masks_addresses_and_the_copy_needs_the_key(walker, time):
    page = sign_in(walker, ANA, ANA.key).open("/cuenta/datos/")
    assert page.status == 200 and ANA.ruc in page.text.replace(" ", "")
    assert ANA.email not in page.text and "a•••@t•••.example" in page.text
    page.open("/cuenta/datos/copia/").press({"format": "json", "current": "otra-clave-que-no-es"})
    assert page.errors == ["key.wrong_current"]
    answer = page.client.post("/cuenta/datos/copia/", {"format": "json", "current": ANA.key})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sus-datos.json"'
    held = json.loads(answer.content)
    assert held["tables"]["employers_contact"]["rows"][0]["value"] == ANA.email
    assert "Se entregó una copia de sus datos." in page.open("/cuenta/historia/").text


def test_a_former_representative_is_given_nothing_of_the_employers(cast):
    """A24: whoever was ended learns no address of the one who came after."""
    who = subject.find(ANA.ruc, ANA.identification)
    assert any(
        table == "employers_contact" and subject.SOURCES[table](who).exists()
        for table in subject.SOURCES
    )
    Representative.objects.filter(pk=who.person.pk).update(state=Representative.ENDED)
    former = subject.find(ANA.ruc, ANA.identification)
    for table in (
        "employers_contact",
        "employers_fact",
        "employers_change",
        "notices_message",
        "notices_postletter",
    ):
        assert not subject.SOURCES[table](former).exists(), table
    assert subject.SOURCES["employers_representative"](former).count() == 1


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_file_explains_itself_in_the_language_of_who_reads_it(cast, lang):
    """What for, on what basis, how long, what each column is and why something stays out: in one language."""
    from django.utils import translation

    from tests.house.test_languages import ENGLISH, SPANISH

    with translation.override(lang):
        found = subject.document(subject.find(LUIS.ruc, LUIS.identification), clock.now())
    explained = [text for table in found["tables"].values() for text in (table["name"], table["purpose"], table["basis"], table["kept"], *table["columns"].values())]  # fmt: skip
    foreign = SPANISH if lang == "en" else ENGLISH
    assert len(explained) > 200
    for text in (*explained, *found["not_included"].values()):
        assert text and "%(" not in text and not foreign.search(text), text


def test_every_column_that_goes_out_and_all_that_stays_in_has_its_words():
    every = {f"{table}.{one.name}" for table in subject.SOURCES for one in subject.given(table)}
    assert every <= set(texts.LABELS) | set(texts.MORE_LABELS)
    assert set(texts.MORE_LABELS) <= every and not set(texts.MORE_LABELS) & set(texts.LABELS)
    assert set(texts.STAYS_OUT) == set(subject.NOT_GIVEN) | set(subject.KEPT_BACK)
