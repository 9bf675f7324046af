"""Sealed columns, look-ups, MACs, handles."""

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from clavero.employers.models import Employer
from clavero.privacy import handles, keyring, lookups, macs, pepper, sealing, tokens


def employer(ruc="2499000017001", name="Inventada"):
    return Employer.objects.create(ruc=ruc, ruc_lookup=lookups.of("ruc", ruc), name=name)


@pytest.mark.django_db
def test_what_is_sealed_reads_as_it_was_and_stands_as_ciphertext():
    row = employer()
    assert Employer.objects.get().ruc == "2499000017001"
    with connection.cursor() as cursor:
        cursor.execute("SELECT ruc, name FROM employers_employer")
        assert all(text.startswith("f1.") and "2499" not in text for text in cursor.fetchone())
    row.name = "Otra"
    row.save()
    assert Employer.objects.get().name == "Otra"


@pytest.mark.django_db
def test_a_value_moved_to_another_row_or_column_does_not_open():
    one, two = employer(), employer("2499000025001")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE employers_employer SET name = (SELECT name FROM employers_employer WHERE id = %s) WHERE id = %s",
            [one.pk, two.pk],
        )
        cursor.execute("UPDATE employers_employer SET name = ruc WHERE id = %s", [one.pk])
    for pk in (one.pk, two.pk):
        with pytest.raises(sealing.Unreadable):
            _ = Employer.objects.get(pk=pk).name


@pytest.mark.django_db
def test_saving_a_row_that_was_not_opened_keeps_it():
    employer()
    row = Employer.objects.get()
    row.kind = "public"
    row.save()
    assert Employer.objects.get().ruc == "2499000017001"


@pytest.mark.django_db
def test_an_update_seals_only_through_its_row():
    from clavero import rows
    from clavero.privacy.fields import closed

    row = employer()
    with pytest.raises(TypeError):
        rows.update(Employer, {"id": row.pk}, {"name": "En claro"})
    rows.update(Employer, {"id": row.pk}, {"name": closed(row, "name", "Una")})
    assert Employer.objects.get().name == "Una"
    Employer.objects.filter(pk=row.pk).update(name=closed(row, "name", "Otra"))
    assert Employer.objects.get().name == "Otra"
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM employers_employer")
        assert cursor.fetchone()[0].startswith("f1.")


@pytest.mark.django_db
def test_sealed_columns_cannot_be_searched():
    with pytest.raises(FieldError):
        list(Employer.objects.filter(name__contains="Inv"))


def test_look_ups_are_apart_by_purpose_and_say_nothing():
    assert lookups.of("ruc", "1") == lookups.of("ruc", "1") != lookups.of("person", "1")
    assert len(lookups.of("ruc", "1")) == 43


def test_a_newer_key_reads_what_the_older_wrote(settings, monkeypatch):
    sealed, found, mac = sealing.seal("x", "place"), lookups.of("ruc", "1"), macs.make("k", 1)
    settings.FIELD_KEYS = "f2:" + "B" * 43 + "," + settings.FIELD_KEYS
    for cached in (keyring.field_keys, keyring.derived, sealing._cipher, lookups._key, macs._key):
        cached.cache_clear()
    try:
        assert sealing.unseal(sealed, "place") == "x" and sealing.seal("x", "place").startswith(
            "f2."
        )
        assert found in lookups.all_of("ruc", "1") and lookups.of("ruc", "1") != found
        assert macs.check("k", mac, 1)
    finally:
        settings.FIELD_KEYS = settings.FIELD_KEYS.partition(",")[2]
        for cached in (
            keyring.field_keys,
            keyring.derived,
            sealing._cipher,
            lookups._key,
            macs._key,
        ):
            cached.cache_clear()


@pytest.mark.parametrize("text", ["", "nokey", "f1:short", "F1:" + "A" * 43, "f1:" + "!" * 43])
def test_bad_keys_are_named_by_their_setting(text):
    with pytest.raises(keyring.BadKeys, match="CLAVERO_FIELD_KEYS"):
        keyring.parse(text, "CLAVERO_FIELD_KEYS")


def test_a_mac_binds_every_part_and_its_borders():
    mac = macs.make("contact", "ab", "c")
    assert macs.check("contact", mac, "ab", "c")
    assert not macs.check("contact", mac, "a", "bc") and not macs.check("key", mac, "ab", "c")
    assert not macs.check("contact", "", "ab", "c")


def test_a_handle_is_for_one_purpose_and_some_time():
    text = handles.seal({"a": 1}, "draft")
    assert handles.open(text, "draft", 60) == {"a": 1}
    assert handles.open(text, "cases", 60) is None and handles.open(text, "draft", -1) is None
    for garbage in ("", "x", "f1.", "f1.AAAA", text[:-2], "é" * 40, "a" * 9999):
        assert handles.open(garbage, "draft", 60) is None


def test_the_pepper_binds_account_and_version():
    assert pepper.apply(1, 1, "k").digest != pepper.apply(2, 1, "k").digest
    assert pepper.apply(1, 1, "k").digest != pepper.apply(1, 2, "k").digest
    assert pepper.apply(1, 1, "contraseña").digest == pepper.apply(1, 1, "contrasen\u0303a").digest


def test_tokens_are_long_and_never_the_same():
    made = {tokens.new_token() for _ in range(1000)}
    assert len(made) == 1000 and min(map(len, made)) >= 43
    assert tokens.same("a", "a") and not tokens.same("a", "b")
