"""Keys: signing in, its two budgets, sessions that end, saved codes, a new key asked for by the institution."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from clavero import clock
from clavero.audit import queries as audit
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.institution import profile
from clavero.keys import retention
from clavero.keys import services as keys
from clavero.keys.models import Account, Device, SavedCode, Session
from clavero.notices.models import Message
from clavero.privacy import keyring
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge
from tests.cast import Member, by_id
from tests.walk import NEW_KEY, Walker, sign_in

ANA, LUIS = by_id("en_orden"), by_id("tres_sucursales")
KNOWN, UNKNOWN = (profile().buckets[name].limit for name in ("signin_known", "signin_unknown"))
AT_ONCE = profile().buckets["signin_unknown"].quick
PEPPERS = keyring.peppers()
IDLE = profile().limits.idle_minutes * 60


def number(member: Member) -> EmployerNumber:
    return EmployerNumber(member.identification, member.ruc, member.branch, member.domestic)


def account(member: Member) -> Account:
    found = keys.account_of(number(member))
    assert found is not None
    return found


def guess(member: Member, attempt: keys.Try, key: str = "una clave que no es") -> str:
    try:
        found = keys.check(number(member), key, attempt, clock.now())
        keys.let_in(found, attempt, clock.now())
    except Refused as refused:
        return refused.code
    return "in"


# --- the budgets of tries -----------------------------------------------------------------------------


def test_beyond_its_budget_an_unknown_device_is_refused_even_with_the_right_key(cast):
    answers = [guess(ANA, keys.Try(f"198.51.{n}.0/24")) for n in range(UNKNOWN)]
    assert answers == ["signin.no_match"] * AT_ONCE + ["throttle.wait"] * (UNKNOWN - AT_ONCE)
    assert guess(ANA, keys.Try("203.0.113.0/24"), ANA.key) == "throttle.wait"


def test_the_waits_between_failures_grow_from_half_a_minute_to_an_hour(cast, time):
    """S-043: whoever guesses as fast as the waits allow needs a day and a half for 50 failures, more than four days for 100."""
    began, waits, hours = clock.now(), [], {}
    for failures in range(1, 101):
        if (wait := wait_of(ANA, f"guess {failures}")) is not None:
            waits.append(wait)
            time.wait(wait)
            assert wait_of(ANA, f"guess {failures}") is None, (
                "who waits as long as was said is heard"
            )
        hours[failures] = (clock.now() - began).total_seconds() / 3600
    assert hours[AT_ONCE] < 0.001 and waits[0] == 30 and max(waits[:40]) == 3600
    assert all(later <= 2 * wait + 1 for wait, later in pairwise(waits[:40])), "they double at most"
    assert 38 < hours[50] < 41 and 105 < hours[100] < 125, (hours[50], hours[100])


def test_who_must_wait_is_told_how_long_and_what_needs_no_waiting(cast, time):
    walker = Walker(time)
    for n in range(AT_ONCE):
        assert not sign_in(walker, ANA, f"no es esta {n}").page.select("[data-waits]")
    sign_in(walker, ANA, ANA.key)
    assert walker.status == 429 and "Espere 1 minuto y pruebe otra vez" in walker.text
    (link,) = walker.page.select("[data-waits] a")
    assert walker.open(link["href"]).status == 200
    walker.to_key(ANA).finish()
    assert sign_in(Walker(time), ANA, NEW_KEY).path == "/cuenta/", (
        "a recovery needs no waiting (E10)"
    )


def wait_of(member: Member, key: str) -> int | None:
    """The seconds to wait, or None where the key was looked at and is wrong."""
    try:
        keys.check(number(member), key, keys.Try("198.51.100.0/24"), clock.now())
    except Refused as refused:
        return refused.details["seconds"] if refused.code == "throttle.wait" else None
    raise AssertionError("a guess opened it")


HASHER = keys._hasher()


class Counting:
    """The hasher, with what it was asked for."""

    def __init__(self) -> None:
        self.inner, self.asked = HASHER, []

    def hash(self, text):
        self.asked.append("hash")
        return self.inner.hash(text)

    def verify(self, hashed, text):
        self.asked.append("verify")
        return self.inner.verify(hashed, text)

    def check_needs_rehash(self, hashed):
        return self.inner.check_needs_rehash(hashed)


def test_an_unknown_employer_costs_as_many_hashes_as_a_known_one_also_the_first_time(
    cast, monkeypatch
):
    """S-056: in a server that has just started the one who asks first pays for the decoy, whoever is asked for."""
    asked = []
    for member in (ANA, by_id("no_existe"), by_id("primera_clave"), by_id("clave_bloqueada")):
        counting = Counting()
        monkeypatch.setattr(keys, "_hasher", lambda counting=counting: counting)
        keys._decoy.cache_clear()
        assert guess(member, keys.Try("198.51.100.0/24")) == "signin.no_match"
        asked.append(counting.asked)
    assert asked == [["hash", "verify"]] * 4


@pytest.mark.parametrize("stands", ["first", "last"])
def test_the_account_of_nobody_is_nobodys_whoever_is_read_in_its_place(cast, stands, monkeypatch):
    """S-056: another account is read where there is none, from any place of the table, and no key of theirs opens."""
    read, real = [], keys.rows.read
    monkeypatch.setattr(keys.rows, "read", lambda *of: read.append(real(*of)) or read[-1])
    for pk in Account.objects.values_list("pk", flat=True):
        away = f"{'0' if stands == 'first' else 'zzzz'}{pk}"
        Account.objects.filter(pk=pk).update(username=away)
    for nobody in (by_id("no_existe"), ANA):
        assert keys.account_of(number(nobody)) is None
        with pytest.raises(Refused, match=r"signin.no_match"):
            keys.check(number(nobody), ANA.key, keys.Try("198.51.100.0/24"), clock.now())
    assert [len(found) for found in read] == [1] * 4


def test_strangers_cannot_spend_what_a_remembered_browser_has(cast, time):
    owner = sign_in(Walker(time), ANA, ANA.key)
    owner.client.post("/salir/")
    for n in range(UNKNOWN + 5):
        guess(ANA, keys.Try(f"198.51.{n}.0/24"))
    assert sign_in(owner, ANA, ANA.key).path == "/cuenta/"


def test_not_even_strangers_in_the_same_network(cast, time):
    """A mobile operator puts a whole town behind one address."""
    owner = sign_in(Walker(time), ANA, ANA.key)
    owner.client.post("/salir/")
    for _ in range(profile().buckets["signin_asker"].limit + 1):
        guess(LUIS, keys.Try("127.0.0.0/24"))
    assert sign_in(Walker(time), ANA, ANA.key).status == 429
    assert sign_in(owner, ANA, ANA.key).path == "/cuenta/"


def test_nor_what_a_proved_case_needs_to_test_its_key(walker):
    walker.to_key(ANA).press({"key": NEW_KEY})
    for n in range(UNKNOWN + 5):
        guess(ANA, keys.Try(f"198.51.{n}.0/24"))
    assert walker.press({"key": NEW_KEY}).h1 == "Acceso comprobado"


def test_a_remembered_browser_has_its_own_end(cast):
    token = keys.remember_device(account(ANA), "Firefox", clock.now())
    answers = [guess(ANA, keys.Try("a", token)) for _ in range(KNOWN + 1)]
    assert answers == ["signin.no_match"] * KNOWN + ["throttle.wait"]
    assert guess(ANA, keys.Try("b"), ANA.key) == "in"


def test_an_unknown_employer_spends_the_same_budget_and_gets_the_same_words(cast):
    nobody = by_id("no_existe")
    answers = {
        member.id: [guess(member, keys.Try(f"198.51.{n}.0/24")) for n in range(UNKNOWN + 1)]
        for member in (ANA, nobody)
    }
    assert answers[ANA.id] == answers[nobody.id]


def test_a_good_sign_in_clears_its_own_counters_and_no_others(cast):
    now = clock.now()
    for n in range(AT_ONCE - 1):
        guess(ANA, keys.Try(f"198.51.{n}.0/24"))
    throttle.spend(Charge("employer_try", "x"), now=now)
    assert guess(ANA, keys.Try("a"), ANA.key) == "in"
    assert guess(ANA, keys.Try("b")) == "signin.no_match"
    from clavero.throttle.models import Bucket

    assert Bucket.objects.get(pk=Charge("employer_try", "x").key).level > 0


# --- sessions -----------------------------------------------------------------------------------------


def test_the_session_id_is_new_at_sign_in(cast, time):
    walker = Walker(time)
    walker.client.cookies["clavero"] = "planted0planted0planted0planted0"
    sign_in(walker, ANA, ANA.key)
    held = walker.client.cookies["clavero"].value
    assert len(held) == 32 and not held.startswith("planted")
    assert Session.objects.get().session_key == held


def test_half_an_hour_without_use_ends_a_session(cast, time):
    walker = sign_in(Walker(time), ANA, ANA.key)
    time.wait(IDLE - 5)
    assert walker.open("/cuenta/").path == "/cuenta/"
    time.wait(IDLE - 5)
    assert walker.open("/cuenta/").path == "/cuenta/"
    time.wait(IDLE + 61)
    walker.open("/cuenta/")
    assert walker.path.startswith("/entrar/") and walker.errors == ["session.expired"]
    assert not Session.objects.exists()


def test_after_the_end_the_person_comes_back_to_the_page_they_wanted(cast, time):
    walker = sign_in(Walker(time), ANA, ANA.key)
    time.wait(IDLE + 61)
    walker.open("/cuenta/clave/")
    typed = {"identification": ANA.identification, "ruc": ANA.ruc, "key": ANA.key}
    assert walker.press(typed).path == "/cuenta/clave/"


def test_twelve_hours_end_a_session_however_much_it_is_used(cast, time):
    walker = sign_in(Walker(time), ANA, ANA.key)
    for _ in range(12 * 3600 // (IDLE - 60) + 1):
        time.wait(IDLE - 60)
        walker.open("/cuenta/")
    assert walker.path.startswith("/entrar/")


def test_a_page_that_is_used_all_the_time_writes_its_session_once_a_minute(cast, time, count_sql):
    walker = sign_in(Walker(time), ANA, ANA.key)
    walker.open("/cuenta/")
    before = Session.objects.get().session_data
    walker.open("/cuenta/")
    assert Session.objects.get().session_data == before


def test_a_new_key_ends_every_session_and_forgets_every_browser(walker, time):
    others = [sign_in(Walker(time), ANA, ANA.key) for _ in range(3)]
    assert Session.objects.count() == 3 and Device.objects.filter(account=account(ANA)).count() == 3
    walker.to_key(ANA).press({"key": NEW_KEY})
    assert not Session.objects.exists() and not Device.objects.filter(account=account(ANA)).exists()
    for other in others:
        assert other.open("/cuenta/").path.startswith("/entrar/")


@pytest.mark.parametrize("deed", [keys.block, keys.revoke])
def test_a_closed_account_has_no_session_left(cast, time, deed):
    walker = sign_in(Walker(time), ANA, ANA.key)
    with transaction.atomic():
        deed(account(ANA), reason="test", now=clock.now())
    assert walker.open("/cuenta/").path.startswith("/entrar/")
    assert sign_in(Walker(time), ANA, ANA.key).errors == ["signin.no_match"]


def test_the_owner_sees_the_open_sessions_and_ends_the_others(cast, time):
    other = sign_in(Walker(time), ANA, ANA.key)
    walker = sign_in(Walker(time), ANA, ANA.key)
    assert walker.text.count("Firefox · Android") == 2 and "esta" in walker.text
    walker.client.post("/cuenta/sesiones/")
    assert other.open("/cuenta/").path.startswith("/entrar/")
    assert walker.open("/cuenta/").path == "/cuenta/"


def test_the_worker_forgets_sessions_that_are_over(cast, time):
    sign_in(Walker(time), ANA, ANA.key)
    assert retention.due(clock.now()) == 0
    time.wait(3 * 86400)
    assert retention.due(clock.now()) == 1 and not Session.objects.exists()


def test_after_signing_out_the_account_is_closed_and_the_browser_told_to_forget(cast, time):
    walker = sign_in(Walker(time), ANA, ANA.key)
    assert "¿Quiere salir?" in walker.open("/salir/").h1 and Session.objects.exists()
    response = walker.client.post("/salir/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert walker.open("/cuenta/").path.startswith("/entrar/")


# --- the account's page -------------------------------------------------------------------------------


def test_the_account_page_says_what_happened_to_the_key(cast, time):
    walker = sign_in(Walker(time), LUIS, LUIS.key)
    assert LUIS.name in walker.h1
    for words in ("se creó una clave nueva", "usted ingresó", "registro", "Último acceso"):
        assert words in walker.text
    event = account(LUIS).history.first()
    assert event.head12 and event.head12 in walker.text


def test_with_a_key_for_the_ruc_one_signs_in_and_then_chooses_a_sucursal(cast, time):
    walker = sign_in(Walker(time), LUIS, LUIS.key)
    buttons = [button["value"] for button in walker.page.select("button[name=branch]")]
    assert buttons == ["0001", "0002", "0003"]
    walker._land(walker.client.post("/cuenta/", {"branch": "0003"}, follow=True), "/cuenta/")
    assert walker.page.select_one("button[aria-pressed=true]")["value"] == "0003"
    walker._land(walker.client.post("/cuenta/", {"branch": "0009"}, follow=True), "/cuenta/")
    assert walker.page.select_one("button[aria-pressed=true]")["value"] == "0003"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX:1", "\\\\evil.example",
     "///evil.example", "http:///evil.example", "entrar", " //evil.example", "\t//evil.example"],
)  # fmt: skip
def test_signing_in_leads_nowhere_but_here(cast, time, wanted):
    """N13, S-096."""
    typed = {"identification": ANA.identification, "ruc": ANA.ruc, "key": ANA.key, "next": wanted}
    response = Walker(time).client.post("/entrar/", typed)
    assert response.status_code == 303
    place = response.headers["Location"]
    assert place == "/cuenta/" or (
        place.startswith("/") and "evil" not in place and "\r" not in place
    )


# --- changing the key, and being asked to ---------------------------------------------------------------


def test_a_key_is_changed_by_who_knows_it_and_everybody_is_told(cast, time):
    walker = sign_in(Walker(time), ANA, ANA.key).open("/cuenta/clave/")
    assert walker.press({"current": "no es esta, no", "key": NEW_KEY}).errors == [
        "key.wrong_current"
    ]
    assert walker.press({"current": ANA.key, "key": "corta"}).errors == ["key.too_short"]
    assert walker.press({"current": ANA.key, "key": ANA.key}).errors == ["key.same_as_before"]
    own = f"{ANA.identification}12345"
    assert walker.press({"current": ANA.key, "key": own}).errors == ["key.own_data"]
    walker.press({"current": ANA.key, "key": NEW_KEY})
    assert walker.path.startswith("/entrar/")
    mail = Walker(time).mail(ANA.email)
    assert "cambió" in mail.subject and "Firefox · Android" in mail.text and "Caso" not in mail.text
    assert sign_in(Walker(time), ANA, NEW_KEY).path == "/cuenta/"


def test_wrong_current_keys_are_counted(cast, time):
    walker = sign_in(Walker(time), ANA, ANA.key)
    for _ in range(KNOWN):
        walker.client.post("/cuenta/clave/", {"current": "no es esta, no", "key": NEW_KEY})
    walker.open("/cuenta/clave/").press({"current": ANA.key, "key": NEW_KEY})
    assert walker.errors == ["throttle.wait"]


def test_a_new_key_asked_for_by_the_institution_comes_first_and_is_told(cast, time):
    """E13, S-040: the present key opens only the page that changes it."""
    before = sign_in(Walker(time), ANA, ANA.key)
    with transaction.atomic():
        keys.force_reissue(account(ANA), actor="operator", reason="leak", now=clock.now())
    assert before.open("/cuenta/").path.startswith("/entrar/")
    walker = sign_in(Walker(time), ANA, ANA.key)
    assert walker.path == "/cuenta/clave/" and "El instituto pide" in walker.text
    assert walker.open("/cuenta/").path == "/cuenta/clave/"
    assert "Cambie su clave" in walker.mail(ANA.email).subject
    walker.press({"current": ANA.key, "key": NEW_KEY})
    assert sign_in(Walker(time), ANA, NEW_KEY).path == "/cuenta/"
    assert not account(ANA).must_change


# --- saved codes --------------------------------------------------------------------------------------


def saved(walker: Walker) -> str:
    return walker.page.select_one("[data-saved-code]").get_text("").replace(" ", "")


def test_a_saved_code_is_shown_once_and_a_new_one_voids_it(walker):
    walker.to_key(LUIS).finish()
    assert "Quiere un código de respaldo" in walker.text
    first = saved(walker.press(button="save_code"))
    walker.open(walker.path)
    assert not walker.page.select_one("[data-saved-code]") and "Ya tiene un código" in walker.text
    second = saved(walker.press(button="save_code"))
    assert first != second
    with transaction.atomic():
        assert not keys.use_saved_code(account(LUIS), first, case_id=None, now=clock.now())
        assert keys.use_saved_code(account(LUIS), second, case_id=None, now=clock.now())
        assert not keys.use_saved_code(account(LUIS), second, case_id=None, now=clock.now())


def test_a_reload_of_the_page_that_shows_it_makes_no_other(walker):
    walker.to_key(LUIS).finish().press(button="save_code")
    made = SavedCode.objects.count()
    walker.open(walker.path).open(walker.path)
    assert SavedCode.objects.count() == made


def test_making_one_is_told_to_every_contact_and_stands_in_the_history(walker):
    walker.to_key(LUIS).finish().press(button="save_code")
    assert "código de respaldo" in walker.mail(LUIS.email).subject
    assert "se creó un código de respaldo" in walker.open("/cuenta/").text


def test_a_used_one_is_void_and_another_takes_its_place(walker, time):
    """S-019: use voids it, issues a replacement, and everybody is told."""
    code = saved(walker.to_key(LUIS).finish().press(button="save_code"))
    later = Walker(time).validate(LUIS)
    later.press({"code": code.lower()}).press()
    later.finish("otra-clave-bien-distinta")
    fresh = saved(later)
    assert fresh != code and SavedCode.objects.filter(used_at=None).count() == 1
    later.open(later.path)
    assert not later.page.select_one("[data-saved-code]")
    events = [entry.event for entry in audit.history(subject=account(LUIS).pk)]
    assert events.count("saved_code_used") == 1 and events.count("saved_code_made") == 2
    assert Message.objects.filter(kind="saved_code").count() == 2
    assert Walker(time).validate(LUIS).press({"code": code}).errors == ["code.wrong"]


def test_a_saved_code_is_of_one_account_and_not_in_the_table(walker, time):
    code = saved(walker.to_key(LUIS).finish().press(button="save_code"))
    with transaction.atomic():
        assert not keys.use_saved_code(account(ANA), code, case_id=None, now=clock.now())
        assert not keys.use_saved_code(None, code, case_id=None, now=clock.now())
    assert code not in str(list(SavedCode.objects.values()))


def test_after_signing_out_nobody_makes_a_saved_code_at_this_browser(walker):
    walker.to_key(LUIS).finish()
    path = walker.path
    walker.client.post("/salir/")
    assert walker.open(path).path.startswith("/entrar/")
    walker.client.post(path, {"save_code": "1"})
    assert not SavedCode.objects.exists()


# --- what stands in the row ---------------------------------------------------------------------------


def test_the_key_is_bound_to_account_and_version(cast):
    one = account(ANA)
    prepared = keys.prepare(one.pk, one.key_version + 1, NEW_KEY)
    with transaction.atomic():
        keys.issue(one, prepared, how="test", case_id=None, now=clock.now())
    assert keys.matches(account(ANA), NEW_KEY)
    Account.objects.filter(pk=one.pk).update(key_version=one.key_version + 1)
    assert not keys.matches(account(ANA), NEW_KEY)


def test_a_key_prepared_for_a_former_version_is_refused(cast):
    one, other = account(ANA), account(ANA)
    with transaction.atomic():
        keys.issue(one, keys.prepare(one.pk, 2, NEW_KEY), how="test", case_id=None, now=clock.now())
    with pytest.raises(Refused, match="key.changed_meanwhile"), transaction.atomic():
        keys.issue(
            other, keys.prepare(other.pk, 2, "otra-clave-bien-distinta"), how="test", case_id=None, now=clock.now(),
        )  # fmt: skip
    assert keys.matches(account(ANA), NEW_KEY)


def test_two_first_keys_of_one_person_are_one_account(cast):
    from clavero.employers import queries as employers

    dossier = employers.gather(number(LUIS))
    Account.objects.filter(pk=account(LUIS).pk).delete()
    two = [keys.account_for(number(LUIS), dossier.employer, dossier.representative.pk, clock.now()) for _ in range(2)]  # fmt: skip
    with transaction.atomic():
        keys.issue(two[0], keys.prepare(two[0].pk, 1, NEW_KEY), how="test", case_id=None, now=clock.now())  # fmt: skip
    with pytest.raises(Refused, match="key.changed_meanwhile"), transaction.atomic():
        keys.issue(two[1], keys.prepare(two[1].pk, 1, NEW_KEY), how="test", case_id=None, now=clock.now())  # fmt: skip
    assert Account.objects.filter(username=keys.username(number(LUIS))).count() == 1


@pytest.mark.true_hash
def test_what_is_stored_is_argon2id_of_the_profiles_cost_and_names_its_pepper(cast):
    """S-037: 19 MiB, two passes, one lane, a salt of its own each time."""
    first = keys.prepare(1, 1, NEW_KEY).key_hash
    assert (
        first.startswith("p1:$argon2id$v=19$m=19456,t=2,p=1$")
        and first != keys.prepare(1, 1, NEW_KEY).key_hash
    )


def test_a_dearer_hash_and_a_newer_pepper_are_taken_over_at_the_next_sign_in(
    cast, time, monkeypatch
):
    """S-037, S-136: the old one still opens, the new one is stored, the open session stays."""
    from argon2 import PasswordHasher

    walker, before = sign_in(Walker(time), ANA, ANA.key), account(ANA)
    monkeypatch.setattr(keyring, "peppers", lambda: {"p2": b"x" * 32} | {"p1": PEPPERS["p1"]})
    monkeypatch.setattr(
        keys, "_hasher", lambda: PasswordHasher(time_cost=3, memory_cost=19456, parallelism=1)
    )
    sign_in(Walker(time), ANA, ANA.key)
    after = account(ANA)
    assert (
        after.key_hash.startswith("p2:$argon2id$v=19$m=19456,t=3,p=1$")
        and after.key_version == before.key_version
    )
    assert walker.open("/cuenta/").path == "/cuenta/"
    assert (
        sign_in(Walker(time), ANA, ANA.key).path == "/cuenta/"
        and account(ANA).key_hash == after.key_hash
    )


def test_composed_and_decomposed_accents_are_the_same_key(cast):
    import unicodedata

    one, text = account(ANA), "contraseña con tildes áéí"
    with transaction.atomic():
        keys.issue(one, keys.prepare(one.pk, 2, text), how="test", case_id=None, now=clock.now())
    assert keys.matches(account(ANA), unicodedata.normalize("NFD", text))
    assert not keys.matches(account(ANA), text + "x")


def test_an_old_browser_cookie_is_no_known_device(cast, time):
    token = keys.remember_device(account(ANA), "Firefox", clock.now())
    assert keys.knows_device(account(ANA), token)
    assert not keys.knows_device(account(LUIS), token) and not keys.knows_device(None, token)
    assert not keys.knows_device(account(ANA), "") and timedelta(0) == timedelta()


def test_of_ten_refusals_each_is_logged_and_the_first_and_the_tenth_are_sealed(cast, time, caplog):
    stranger = Walker(time)
    for _ in range(AT_ONCE):
        throttle.spend(Charge("signin_unknown", keys.username(number(LUIS))), now=clock.now())
    for n in range(12):
        assert sign_in(stranger, LUIS, f"no es esta {n}").errors == ["throttle.wait"]
    logged = [each for each in caplog.records if getattr(each, "status_code", 0) == 429]
    assert len(logged) == 12
    sealed = Entry.objects.filter(event="signin_failed", reason="throttled")
    times = [json.loads(each.body)["data"]["times"] for each in sealed]
    assert times == [1, 10]
