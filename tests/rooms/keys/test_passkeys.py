"""Passkeys of employers: bound by who knows the key, told to everybody on record, useless on a fake site, gone with a recovery."""

import json

import pytest
from allauth.mfa.models import Authenticator as Kept
from django.db import transaction

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.core.identifiers.employer import EmployerNumber
from clavero.keys import bindings, passkeys
from clavero.keys import services as keys
from clavero.keys.models import Account, SpentChallenge
from clavero.keys.services import Try
from tests.authenticator import Authenticator
from tests.cast import by_id
from tests.staff import ORIGIN, options
from tests.walk import NEW_KEY, Walker, sign_in

ANA, LUIS = by_id("en_orden"), by_id("tres_sucursales")


def account(member) -> Account:
    number = EmployerNumber(member.identification, member.ruc, member.branch, member.domestic)
    found = keys.account_of(number)
    assert found is not None
    return found


def bound(
    walker: Walker, member, label: str = "mi teléfono", key: Authenticator | None = None
) -> Authenticator:
    """A passkey added by the pages."""
    key = key or Authenticator(ORIGIN)
    walker.open("/cuenta/llaves/")
    typed = {"label": label, "current": member.key, "credential": key.make(options(walker))}
    walker.press(typed)
    return key


def answered(walker: Walker, key: Authenticator, owner: Account | None) -> Walker:
    """*Ingresar con una llave de acceso*."""
    walker.open("/entrar/llave/")
    sent = json.loads(key.sign(options(walker)))
    if owner is not None:
        sent["response"]["userHandle"] = passkeys.websafe_encode(str(owner.pk).encode())
    return walker.press({"credential": json.dumps(sent)})


@pytest.fixture
def ana(cast, time):
    walker = sign_in(Walker(time), ANA, ANA.key)
    return walker, bound(walker, ANA)


def refusal(call, *args) -> str:
    with pytest.raises(Refused) as refused:
        call(*args)
    return refused.value.code


def test_a_passkey_signs_in_without_the_key(ana, time):
    """S-008: offered, bound, and enough."""
    walker, key = ana
    assert walker.h1 == "Sus llaves de acceso" and "mi teléfono" in walker.text
    other = answered(Walker(time), key, account(ANA))
    assert other.path.endswith("/cuenta/") and other.h1 == ANA.name
    assert Entry.objects.filter(event="signin", subject=account(ANA).pk).count() == 2


def test_whoever_has_one_way_in_is_asked_to_bind_another(ana, time):
    """S-008: the account says so while the key is the only way, and no longer afterwards."""
    walker, _ = ana
    assert "otra forma de entrar" not in walker.open("/cuenta/").text
    other = sign_in(Walker(time), LUIS, LUIS.key).open("/cuenta/")
    assert "otra forma de entrar" in other.text
    assert Walker(time).open("/entrar/").page.select("a[href='/entrar/llave/']")


def test_everybody_on_record_is_told_what_is_bound_and_unbound(ana):
    """S-079."""
    walker, _ = ana
    assert "Añadieron una llave" in walker.mail(ANA.email).subject
    walker.open("/cuenta/llaves/")
    walker.open(walker.page.select_one("main dl a.govuk-link")["href"]).press()
    assert "Quitaron una llave" in walker.mail(ANA.email).subject
    assert passkeys.count(account(ANA)) == 0


def test_binding_needs_the_key(ana):
    """Whoever finds an open session binds nothing; tries are counted."""
    walker, _ = ana
    for _ in range(2):
        walker.open("/cuenta/llaves/")
        made = Authenticator(ORIGIN).make(options(walker))
        walker.press({"label": "mía", "current": "no es la clave", "credential": made})
        assert walker.errors == ["key.wrong_current"]
    assert passkeys.count(account(ANA)) == 1
    assert Entry.objects.filter(event="signin_failed", reason="wrong_current").count() == 2


def test_a_recovery_ends_every_passkey(ana, time):
    """Whoever stole the key may have added theirs: the owner who recovers is alone again."""
    _, key = ana
    Walker(time).to_key(ANA).finish()
    assert answered(Walker(time), key, account(ANA)).errors == ["passkey.no_match"]


def test_whoever_no_longer_represents_loses_them(ana, time):
    """A24: with the key, the sessions and the devices."""
    with transaction.atomic():
        keys.revoke(account(ANA), reason="representative", now=clock.now())
    assert passkeys.count(account(ANA)) == 0


def test_changing_the_key_one_knows_keeps_them(ana, time):
    walker, key = ana
    walker.open("/cuenta/clave/").press({"current": ANA.key, "key": NEW_KEY})
    assert answered(Walker(time), key, account(ANA)).h1 == ANA.name


def test_what_does_not_match_gets_one_sentence(ana, time):
    """Another's account, no account, a blocked one, a strange key, another origin (S-055)."""
    _, key = ana
    strange, elsewhere = Authenticator(ORIGIN), Authenticator("https://clave-falsa.example")
    elsewhere.id, elsewhere.key = key.id, key.key
    for used, owner in (
        (key, account(LUIS)),
        (key, None),
        (strange, account(ANA)),
        (elsewhere, account(ANA)),
    ):
        walker = answered(Walker(time), used, owner)
        assert walker.errors == ["passkey.no_match"] and "Trigo" not in walker.text
    Account.objects.filter(pk=account(ANA).pk).update(state=Account.BLOCKED)
    assert answered(Walker(time), key, account(ANA)).errors == ["passkey.no_match"]


def test_a_member_of_staff_is_no_employer(cast, time):
    """A passkey of the desk opens nothing here, nor one of an employer the desk (N10)."""
    from tests.staff import enter_with, newcomer, with_passkeys

    lucia = newcomer("lucia")
    key, _ = with_passkeys(lucia)
    assert answered(Walker(time), key, lucia.account).errors == ["passkey.no_match"]
    walker = sign_in(Walker(time), ANA, ANA.key)
    assert enter_with(time, "lucia", bound(walker, ANA)).errors == ["staff.no_match"]


def test_a_row_written_by_another_hand_is_no_passkey(ana, time):
    """ATTACKS 31: a database administrator moves their own passkey into the victim's account."""
    own = sign_in(Walker(time), LUIS, LUIS.key)
    key = bound(own, LUIS)
    Kept.objects.filter(user=account(LUIS)).update(user=account(ANA))
    assert answered(Walker(time), key, account(ANA)).errors == ["passkey.no_match"]
    assert passkeys.count(account(ANA)) == 1


def test_ten_are_enough(ana):
    walker, _ = ana
    row = Kept.objects.get(user=account(ANA))
    for _ in range(9):
        row.pk = None
        row.save()
    bound(walker, ANA, "once")
    assert walker.errors == ["passkey.most"]


def test_a_network_that_tries_too_often_waits(cast, time):
    said = set()
    asked = passkeys.begin(passkeys.SIGN_IN, kind=passkeys.EMPLOYER)
    for _ in range(130):
        said.add(refusal(bindings.sign_in, asked.state, "{}", Try("net"), clock.now()))
    assert said == {"passkey.no_match", "throttle.wait"}
    walker = Walker(time).open("/entrar/llave/")
    assert walker.step == "signin"


@pytest.mark.parametrize("sent", ["", "x", "{}", '{"response": {"userHandle": "AAAA"}}', '{"response": {"userHandle": 7}}', '{"response": {"userHandle": "LTE"}}', '{"response": {"userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"}}'])  # fmt: skip
def test_whatever_a_browser_sends_is_a_clear_no(cast, time, sent):
    walker = Walker(time).open("/entrar/llave/").press({"credential": sent})
    assert walker.status == 200 and walker.errors == ["passkey.no_match"]


def test_the_pages_speak_english_too(cast, time):
    walker = sign_in(Walker(time, "en"), ANA, ANA.key)
    assert walker.open("/en/cuenta/llaves/").h1 == "Your passkeys"
    assert walker.open("/en/entrar/llave/").h1 == "Sign in with a passkey"


@pytest.mark.parametrize("back", [1, 2])
def test_a_passkey_whose_counter_does_not_go_up_was_copied_and_opens_nothing(ana, time, back):
    _, key = ana
    assert answered(Walker(time), key, account(ANA)).h1 == ANA.name
    key.counter -= back
    refused = answered(Walker(time), key, account(ANA))
    assert refused.errors == ["passkey.copied_own"] and "Ingrese con su clave" in refused.text


def test_challenges_that_nobody_could_answer_any_more_are_forgotten(ana, time):
    _, key = ana
    answered(Walker(time), key, account(ANA))
    assert SpentChallenge.objects.count() == 2
    time.wait(10 * passkeys.LIVES.total_seconds() - 5)
    passkeys.due(clock.now())
    assert SpentChallenge.objects.count() == 2
    time.wait(10)
    assert passkeys.due(clock.now()) == 2 and SpentChallenge.objects.count() == 0
