"""A second step for employers: set up by who knows the key, each code once, kept by a recovery, gone with proof (D11, S-002, S-028)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, transaction

from clavero import clock
from clavero.audit.models import Entry
from clavero.core import totp
from clavero.core.errors import Refused
from clavero.demo.models import Mail
from clavero.keys import passkeys, second
from clavero.keys import services as keys
from clavero.keys.models import FactorCode, Session
from clavero.keys.services import Try
from clavero.recovery.models import Case
from tests.authenticator import Authenticator as SoftwareKey
from tests.cast import by_id
from tests.rooms.keys.test_keys import account
from tests.staff import ORIGIN, options
from tests.walk import NEW_KEY, Walker, deliver, sign_in

ANA, LUIS, TERESA = by_id("en_orden"), by_id("tres_sucursales"), by_id("correo_nuevo")
PAGE = "/cuenta/segundo-paso/"


def code_of(secret: str, ahead: int = 0) -> str:
    return totp.code(secret, totp.step(clock.now()) + ahead)


def shown_secret(home: Walker) -> str:
    return home.page.select_one("[data-totp]").get_text("").replace(" ", "")


def set_up(time, member=LUIS) -> tuple[Walker, str, list[str]]:
    """The second step through the pages: the browser, the secret, the one-time codes."""
    home = sign_in(Walker(time), member, member.key).open(PAGE)
    secret = shown_secret(home)
    home.press({"code": code_of(secret), "current": member.key})
    assert home.h1 == "Guarde estos códigos", home.errors
    codes = [one.get_text() for one in home.page.select("[data-factor-codes] code")]
    time.wait(60)
    return home, secret, codes


# --- setting it up -----------------------------------------------------------------------------------


def test_it_is_set_up_with_the_key_and_a_first_code_and_everybody_is_told(cast, time):
    home, secret, codes = set_up(time)
    assert len(set(codes)) == 8 and len(secret) == 32
    assert "segundo paso está activo" in home.mail(LUIS.email).subject
    assert "Activo desde el" in home.open(PAGE).text
    assert home.open(f"{PAGE}codigos/").h1 == "Crear códigos nuevos"


def test_neither_a_wrong_code_nor_a_wrong_key_sets_it_up(cast, time):
    home = sign_in(Walker(time), LUIS, LUIS.key).open(PAGE)
    secret = shown_secret(home)
    assert home.press({"code": "", "current": LUIS.key}).errors == ["second.app_empty"]
    assert home.press({"code": "000000", "current": LUIS.key}).errors == ["second.app_wrong"]
    assert shown_secret(home) == secret
    home.press({"code": code_of(secret), "current": "otra-clave-que-no-es"})
    assert home.errors == ["key.wrong_current"]
    assert not Authenticator.objects.filter(user=account(LUIS)).exists()


def test_the_secret_and_the_codes_stand_nowhere_in_clear(cast, time):
    _, secret, codes = set_up(time)
    kept = Authenticator.objects.get(user=account(LUIS))
    assert secret not in str(kept.data)
    hashes = set(FactorCode.objects.values_list("code_hash", flat=True))
    assert not hashes & {code.replace(" ", "") for code in codes} and len(hashes) == 8


def test_a_row_copied_from_another_account_opens_nothing(cast, time):
    """ATTACKS 31: what is sealed is bound to its account."""
    _, secret, _ = set_up(time)
    data = Authenticator.objects.get(user=account(LUIS)).data
    other = account(by_id("en_orden"))
    Authenticator.objects.create(user=other, type="totp", data=data, created_at=clock.now())
    with pytest.raises(Exception) as refused:
        second.check(other, code_of(secret), Try("test"), clock.now())
    assert not isinstance(refused.value, Refused) or refused.value.code == "second.wrong"


# --- signing in --------------------------------------------------------------------------------------


def test_the_key_alone_opens_nothing(cast, time):
    set_up(time)
    before = Session.objects.count()
    walker = sign_in(Walker(time), LUIS, LUIS.key)
    assert walker.h1 == "Escriba el código de su aplicación"
    assert Session.objects.count() == before and walker.open("/cuenta/").path != "/cuenta/"


def test_key_and_code_open_the_account_and_go_where_one_wanted(cast, time):
    _, secret, _ = set_up(time)
    walker = Walker(time).open("/cuenta/historia/")
    walker.press({"identification": LUIS.identification, "ruc": LUIS.ruc, "key": LUIS.key})
    walker.press({"code": code_of(secret)})
    assert walker.path == "/cuenta/historia/"


def test_a_code_is_taken_once(cast, time):
    """S-028: the same half minute a second time is refused, whoever types it."""
    _, secret, _ = set_up(time)
    code = code_of(secret)
    assert sign_in(Walker(time), LUIS, LUIS.key).press({"code": code}).path == "/cuenta/"
    thief = sign_in(Walker(time), LUIS, LUIS.key).press({"code": code})
    assert thief.errors == ["second.used"]
    assert sign_in(Walker(time), LUIS, LUIS.key).press({"code": code_of(secret, -1)}).errors == [
        "second.used"
    ]
    time.wait(30)
    assert thief.press({"code": code_of(secret)}).path == "/cuenta/"


def test_the_code_of_an_hour_ago_is_wrong(cast, time):
    _, secret, _ = set_up(time)
    walker = sign_in(Walker(time), LUIS, LUIS.key)
    assert walker.press({"code": code_of(secret, -120)}).errors == ["second.wrong"]
    assert walker.press({"code": code_of(secret, 2)}).errors == ["second.wrong"]
    assert walker.press({"code": code_of(secret, 1)}).path == "/cuenta/"


def test_a_one_time_code_serves_once_without_the_telephone(cast, time):
    home, _, codes = set_up(time)
    assert sign_in(Walker(time), LUIS, LUIS.key).press({"code": codes[0]}).path == "/cuenta/"
    again = sign_in(Walker(time), LUIS, LUIS.key).press({"code": codes[0]})
    assert again.errors == ["second.wrong"]
    assert "Le quedan 7" in home.open(PAGE).text


def test_tries_are_counted_before_the_code_is_looked_at(cast, time):
    """After the budget even the right code is not looked at; a browser that signed in before has its own (S-045)."""
    home, secret, _ = set_up(time)
    thief = sign_in(Walker(time), LUIS, LUIS.key)
    for _ in range(50):
        thief.press({"code": "123456"})
    assert thief.press({"code": code_of(secret)}).errors == ["throttle.wait"]
    assert thief.status == 429
    sign_in(home, LUIS, LUIS.key).press({"code": code_of(secret)})
    assert home.path == "/cuenta/"
    assert Entry.objects.filter(event="signin_failed", reason="second_step").count() == 4


def test_a_new_key_voids_a_sign_in_that_stands_half_way(cast, time):
    home, secret, _ = set_up(time)
    thief = sign_in(Walker(time), LUIS, LUIS.key)
    home.open("/cuenta/clave/").press({"current": LUIS.key, "key": NEW_KEY})
    assert thief.press({"code": code_of(secret)}).path.startswith("/entrar/")
    assert thief.step == "signin"


def test_who_jumps_to_the_code_without_the_key_begins_at_the_key(cast, time):
    set_up(time)
    assert Walker(time).open("/entrar/codigo/").step == "signin"


# --- taking it away ----------------------------------------------------------------------------------


def test_it_goes_with_key_and_code_alone_and_everybody_is_told(cast, time):
    home, secret, _ = set_up(time)
    home.open(f"{PAGE}quitar/")
    assert home.press({"code": "000000", "current": LUIS.key}).errors == ["second.wrong"]
    home.press({"code": code_of(secret), "current": "otra-clave-que-no-es"})
    assert home.errors == ["key.wrong_current"]
    assert Authenticator.objects.filter(user=account(LUIS)).exists()
    home.press({"code": code_of(secret), "current": LUIS.key})
    assert "No activo" in home.open("/cuenta/").text
    assert "se quitó el segundo paso" in home.mail(LUIS.email).subject.lower()
    assert not FactorCode.objects.exists()
    assert sign_in(Walker(time), LUIS, LUIS.key).path == "/cuenta/"


def test_new_one_time_codes_void_the_former(cast, time):
    home, secret, codes = set_up(time)
    home.open(f"{PAGE}codigos/").press({"code": code_of(secret), "current": LUIS.key})
    fresh = [one.get_text() for one in home.page.select("[data-factor-codes] code")]
    assert len(set(fresh)) == 8 and not set(fresh) & set(codes)
    assert sign_in(Walker(time), LUIS, LUIS.key).press({"code": codes[1]}).errors == [
        "second.wrong"
    ]
    deliver()
    assert Mail.objects.filter(subject="Hay códigos nuevos de un solo uso").exists()


# --- recovery ----------------------------------------------------------------------------------------


def test_a_recovery_with_the_mailbox_alone_stops_at_the_second_step(cast, time):
    """S-002: one code and a still bound authenticator, never the code alone; and nothing is taken away."""
    _, secret, _ = set_up(time)
    thief = Walker(time).to_key(LUIS)
    assert thief.h1 == "Escriba el código de su aplicación"
    case = Case.objects.get()
    thief.client.post(f"/empleadores/recuperar-clave/caso/{case.ref}/clave/", {"key": NEW_KEY})
    case.refresh_from_db()
    assert case.key_set_at is None
    assert thief.press({"code": "000000"}).errors == ["second.wrong"]
    thief.press({"code": code_of(secret)})
    assert thief.step == "key"
    thief.finish()
    assert thief.h1 == "Acceso comprobado"
    time.wait(60)
    again = sign_in(Walker(time), LUIS, NEW_KEY)
    assert again.h1 == "Escriba el código de su aplicación"


@pytest.mark.parametrize(("how", "stays"), [("recover_key.contact_code", True), ("recover_key.visit_and_second", False)])  # fmt: skip
def test_only_who_was_seen_at_a_centre_begins_without_it(cast, time, how, stays):
    """S-002: by the rule that fired, whatever it is called."""
    set_up(time)
    owner = account(LUIS)
    made = keys.prepare(owner.pk, owner.key_version + 1, NEW_KEY)
    with transaction.atomic():
        keys.issue(owner, made, how=how, case_id=None, now=clock.now())
    assert Authenticator.objects.filter(user=owner, type="totp").exists() is stays


def test_without_telephone_and_codes_a_visit_is_open(cast, time):
    set_up(time)
    walker = Walker(time).to_key(LUIS)
    walker.press(button="prefer_visit")
    assert walker.step == "situation"


def test_a_second_step_answers_a_risk_too(cast, time):
    """Two independent proofs: no wait (D12)."""
    _, secret, _ = set_up(time, TERESA)
    walker = Walker(time).to_key(TERESA)
    assert walker.h1 == "Escriba el código de su aplicación"
    walker.press({"code": code_of(secret)})
    assert walker.step == "key"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_twenty_that_bring_one_code_at_once_one_comes_in(time):
    """S-017 on a real server: the half minute is taken by one."""
    from clavero.audit.models import Head
    from clavero.demo import services as demo

    Head.objects.get_or_create(pk=1)
    demo.bring_cast()
    _, secret, _ = set_up(time)
    owner, code = account(LUIS), code_of(secret)

    def attempt(_n: int) -> bool:
        try:
            second.check(owner, code, Try("test"), clock.now())
            return True
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(20))) == 1


@pytest.mark.parametrize("path", ["/cuenta/segundo-paso/quitar/", "/cuenta/segundo-paso/codigos/"])
def test_without_a_second_step_its_pages_lead_to_where_it_is_set_up(cast, time, path):
    walker = sign_in(Walker(time), LUIS, LUIS.key).open(path)
    assert walker.path == "/cuenta/segundo-paso/" and walker.status == 200


# --- who opened something before it was there -------------------------------------------------------------


@pytest.mark.parametrize("minutes", [10, 60 * 24 * 3])
def test_a_page_that_tests_the_key_asks_for_the_code_of_a_second_step_set_up_meanwhile(
    cast, time, minutes
):
    """The tab of a recovery, left open by somebody who knows the key: it is no way around the code (S-002)."""
    tab = Walker(time).to_key(LUIS)
    tab.press({"key": NEW_KEY})
    assert tab.step == "test"
    home = sign_in(Walker(time), LUIS, NEW_KEY).open(PAGE)
    secret = shown_secret(home)
    home.press({"code": code_of(secret), "current": NEW_KEY})
    time.wait(minutes * 60)
    before = account(LUIS).last_access_at
    tab.press({"key": NEW_KEY})
    assert tab.h1 == "Escriba el código de su aplicación"
    assert tab.open("/cuenta/").path != "/cuenta/"
    assert account(LUIS).last_access_at == before, "nobody has signed in yet"
    tab.open("/entrar/codigo/").press({"code": code_of(secret)})
    assert account(LUIS).last_access_at > before
    assert tab.h1 == "Acceso comprobado" and tab.open("/cuenta/").path == "/cuenta/"


def test_setting_it_up_ends_every_other_session(cast, time):
    """Each was opened with the key alone, and could add a passkey with it."""
    other = sign_in(Walker(time), LUIS, LUIS.key)
    home, _, _ = set_up(time)
    assert other.open("/cuenta/llaves/").path != "/cuenta/llaves/"
    assert home.open("/cuenta/").path == "/cuenta/"


def key_made(home: Walker) -> dict[str, str]:
    """What the page of passkeys is sent by a new key of software, without a code."""
    home.open("/cuenta/llaves/")
    made = SoftwareKey(ORIGIN).make(options(home))
    return {"label": "mi teléfono", "current": LUIS.key, "credential": made}


def test_a_passkey_is_bound_with_the_second_step_where_there_is_one(cast, time):
    """S-002: it opens without the code, so that who adds one has the step itself; a wrong code adds nothing."""
    home, secret, _ = set_up(time)
    for code, refused in (("", "second.empty"), ("000000", "second.wrong")):
        assert home.press({**key_made(home), "code": code}).errors == [refused]
    home.client.post("/cuenta/llaves/", key_made(home))
    assert not passkeys.of(account(LUIS))
    time.wait(60)
    assert not home.press({**key_made(home), "code": code_of(secret)}).errors
    assert len(passkeys.of(account(LUIS))) == 1


def test_passkeys_of_before_are_named_where_the_second_step_is_seen(cast, time):
    """They open without the code: whoever sets the step up because of a stolen key sees them before and afterwards."""
    home = sign_in(Walker(time), LUIS, LUIS.key)
    assert not home.open(PAGE).page.select("[data-passkeys]")
    home.press(key_made(home))
    assert home.open(PAGE).page.select_one("[data-passkeys] a")["href"] == "/cuenta/llaves/"
    walker, _, _ = set_up(time)
    assert walker.open(PAGE).page.select("[data-passkeys]")


def test_whoever_has_the_mailbox_spends_no_try_of_the_owners_browser(cast, time):
    """S-045: codes typed in a case are counted apart from those of a browser that signed in before."""
    home, secret, _ = set_up(time)
    thief = Walker(time, REMOTE_ADDR="203.0.113.9").to_key(LUIS)
    presses = 0
    while thief.status == 200 and presses < 200:
        thief.press({"code": f"{presses:06d}"})
        presses += 1
    assert thief.status == 429 and presses > 3
    home.client.post("/salir/")
    time.wait(60)
    sign_in(home, LUIS, LUIS.key).press({"code": code_of(secret)})
    assert home.path == "/cuenta/"


def test_fresh_codes_are_shown_to_their_own_account_alone(cast, time):
    """The redirect to them was never followed, and somebody else signs in at the same browser."""
    home = sign_in(Walker(time), LUIS, LUIS.key).open(PAGE)
    secret = shown_secret(home)
    home.client.post(PAGE, home.typed(home.form) | {"code": code_of(secret), "current": LUIS.key})
    home.client.post("/salir/")
    page = sign_in(home, ANA, ANA.key).open(f"{PAGE}codigos/")
    assert not page.page.select("[data-factor-codes] code")
