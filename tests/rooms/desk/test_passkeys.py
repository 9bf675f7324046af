"""Passkeys of staff: there is no password, a challenge works once, for one purpose, for one person, at one host."""

import json

import pytest

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.demo.staff import STAFF
from clavero.desk import people, signing
from clavero.desk.models import Assertion, Enrolment
from clavero.keys import passkeys
from tests.authenticator import PRESENT, Authenticator
from tests.staff import (
    ORIGIN,
    answer,
    enter,
    enter_with,
    newcomer,
    options,
    person,
    with_passkeys,
)
from tests.walk import Walker

HASH = "ab" * 32


@pytest.fixture
def one(cast, settings):
    """An officer with two passkeys, on a server where codes of six digits do not exist."""
    settings.DESK_CODES = False
    made = newcomer("lucia")
    return made, with_passkeys(made)


def refusal(call, *args, **more) -> str:
    with pytest.raises(Refused) as refused:
        call(*args, **more)
    return refused.value.code


def test_from_a_code_to_two_passkeys_to_work(cast, time, settings):
    settings.DESK_CODES = False
    made, olga, hernan = newcomer("lucia"), person("olga"), person("hernan")
    asked = people.ask_enrolment(made, Enrolment.FIRST, "first", olga, clock.now())
    code = people.approve_enrolment(asked, hernan, clock.now())
    walker = Walker(time).open("/mesa/alta/").press({"name": "lucia", "code": code})
    assert walker.h1 == "Mis llaves de acceso" and "faltan 2" in walker.text
    assert walker.open("/mesa/").h1 == "Mis llaves de acceso"
    first = Authenticator(ORIGIN)
    walker.press({"label": "azul", "credential": first.make(options(walker))})
    assert "falta una llave" in walker.text
    assert walker.open("/mesa/").h1 == "Mis llaves de acceso"
    second = Authenticator(ORIGIN)
    walker.press({"label": "roja", "credential": second.make(options(walker))})
    assert walker.open("/mesa/").h1 == "Mostrador"
    assert enter_with(time, "lucia", second).h1 == "Mostrador"
    assert Walker(time).open("/mesa/alta/").press({"name": "lucia", "code": code}).errors


def test_signing_in_with_a_passkey_marks_and_opens(one, time):
    _, (key, _spare) = one
    walker = enter_with(time, "lucia", key)
    assert walker.h1 == "Mostrador" and "Lucia" in walker.text
    assert Entry.objects.filter(event="staff_signin", reason="passkey").count() == 1


def test_no_password_opens_the_desk(one, time):
    """There is no field for one, no hash, and whatever else is sent opens nothing (S-072)."""
    made, _ = one
    walker = Walker(time).open("/mesa/entrar/")
    assert not walker.page.select("input[type=password]")
    assert made.account.key_hash == "" and not made.account.has_key
    for sent in (
        {"code": "123456"},
        {"key": "volcan-tren-mesa-azul"},
        {"password": "x"},
        {"credential": "{}"},
    ):
        walker.open("/mesa/entrar/").press({"name": "lucia"} | sent)
        assert walker.errors == ["staff.no_match"] and walker.step == "signin"
    with pytest.raises(TypeError):
        made.account.check_password("x")


def test_staff_are_no_employers_at_the_public_door(one, time):
    """A staff account has no way through the employers' sign-in or recovery (N10)."""
    from clavero.keys import services as keys
    from clavero.keys.models import Account

    made, _ = one
    assert not keys.matches(made.account, "x")
    opened = Account.objects.filter(kind=Account.EMPLOYER, username__startswith="staff:")
    assert not opened.exists() and made.account.employer_id is None
    walker = enter_with(time, "lucia", one[1][0])
    assert walker.client.get("/cuenta/").headers["Location"].startswith("/entrar/")


def test_the_demonstrations_codes_do_not_exist_elsewhere(cast, time, settings):
    settings.DESK_CODES = False
    walker = Walker(time).open("/mesa/entrar/")
    assert not walker.page.select("input[name=code]")
    assert enter(time, "veronica").errors == ["staff.no_match"]


def test_a_page_says_the_same_of_a_name_that_does_not_exist(one, time):
    """Options carry no list of passkeys, answers one sentence (S-055)."""
    stranger = Authenticator(ORIGIN)
    pages = []
    for name in ("lucia", "nadie"):
        walker = Walker(time).open("/mesa/entrar/")
        asked = json.loads(options(walker))
        assert not asked.get("allowCredentials") and asked["userVerification"] == "required"
        answer(walker, stranger, name=name)
        pages.append((walker.errors, walker.text.replace(name, "")))
    assert pages[0] == pages[1] and pages[0][0] == ["staff.no_match"]


def test_an_answer_works_once(one, time):
    made, (key, _) = one
    asked = passkeys.begin(passkeys.SIGN_IN)
    sent = key.sign(asked.options)
    signing.by_passkey("lucia", asked.state, sent, "asker", clock.now())
    assert (
        refusal(signing.by_passkey, "lucia", asked.state, sent, "asker", clock.now())
        == "passkey.late"
    )


def test_an_answer_is_for_one_purpose_and_one_person(one, time):
    made, (key, _) = one
    unlocking = passkeys.begin(passkeys.UNLOCK, made.pk)
    sent = key.sign(unlocking.options)
    assert (
        refusal(signing.by_passkey, "lucia", unlocking.state, sent, "a", clock.now())
        == "passkey.late"
    )
    other = newcomer("mario", identification="2457080170")
    assert refusal(signing.unlock, other, unlocking.state, sent, "", clock.now()) == "passkey.late"
    signing.unlock(made, unlocking.state, sent, "", clock.now())


@pytest.mark.parametrize(
    "origin", ["http://localhost:9000", "https://localhost:8000", "http://evil.example", "http://mesa.localhost:8000"]
)  # fmt: skip
def test_an_answer_from_another_origin_is_refused(one, origin):
    """A clone that relays the challenge gets an answer for its own origin, which opens nothing."""
    _, (key, _) = one
    key.origin = origin
    asked = passkeys.begin(passkeys.SIGN_IN)
    sent = key.sign(asked.options)
    assert (
        refusal(signing.by_passkey, "lucia", asked.state, sent, "a", clock.now())
        == "staff.no_match"
    )


def test_a_finger_is_needed(one):
    _, (key, _) = one
    key.flags = PRESENT
    asked = passkeys.begin(passkeys.SIGN_IN)
    sent = key.sign(asked.options)
    assert (
        refusal(signing.by_passkey, "lucia", asked.state, sent, "a", clock.now())
        == "staff.no_match"
    )


def test_a_copied_passkey_is_noticed(one):
    _, (key, _) = one
    for _ in range(2):
        asked = passkeys.begin(passkeys.SIGN_IN)
        signing.by_passkey("lucia", asked.state, key.sign(asked.options), "a", clock.now())
    key.counter = 0
    asked = passkeys.begin(passkeys.SIGN_IN)
    sent = key.sign(asked.options)
    assert (
        refusal(signing.by_passkey, "lucia", asked.state, sent, "a", clock.now())
        == "passkey.copied"
    )
    assert Entry.objects.filter(event="staff_signin_failed", reason="passkey.copied").exists()


def test_a_passkey_that_never_counts_is_taken(cast, settings):
    settings.DESK_CODES = False
    made = newcomer("lucia")
    key = Authenticator(ORIGIN, counts=False)
    asked = passkeys.begin_adding(made.account, "x")
    passkeys.add(made.account, "teléfono", asked.state, key.make(asked.options), clock.now())
    for _ in range(2):
        asked = passkeys.begin(passkeys.SIGN_IN)
        signing.by_passkey("lucia", asked.state, key.sign(asked.options), "a", clock.now())


def test_the_same_passkey_is_not_two(one):
    made, (key, _) = one
    asked = passkeys.begin_adding(made.account, "x")
    sent = key.make(asked.options)
    assert (
        refusal(passkeys.add, made.account, "otra", asked.state, sent, clock.now())
        == "passkey.known"
    )


@pytest.mark.parametrize(
    "sent", ["", "x", "[]", "{}", '{"response": {}}', '{"response": {"clientDataJSON": 1}}', "9" * 30_000, '{"id": "\\u0000", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "é", "authenticatorData": "", "signature": ""}}']
)  # fmt: skip
def test_whatever_a_browser_sends_is_a_clear_no(one, sent):
    asked = passkeys.begin(passkeys.SIGN_IN)
    assert (
        refusal(signing.by_passkey, "lucia", asked.state, sent, "a", clock.now())
        == "staff.no_match"
    )
    made, _ = one
    adding = passkeys.begin_adding(made.account, "x")
    assert (
        refusal(passkeys.add, made.account, "x", adding.state, sent, clock.now())
        == "passkey.answer"
    )


# --- signing what is approved ---------------------------------------------------------------------------


def test_a_signature_holds_over_its_message_alone(one):
    made, (key, _) = one
    asked = passkeys.begin(passkeys.APPROVE, made.pk, HASH)
    kept = signing.sign(made, HASH, asked.state, key.sign(asked.options), "", clock.now())
    kept = Assertion.objects.get(pk=kept.pk)
    assert kept.kind == "passkey" and signing.holds(kept)
    kept.message_hash = "cd" * 32
    assert not signing.holds(kept)
    people.lose_passkey(made, passkeys.of(made.account)[0].pk, "")
    assert signing.holds(Assertion.objects.get(pk=kept.pk))


def test_a_signature_over_something_else_approves_nothing(one):
    made, (key, _) = one
    asked = passkeys.begin(passkeys.APPROVE, made.pk, HASH)
    sent = key.sign(asked.options)
    assert (
        refusal(signing.sign, made, "cd" * 32, asked.state, sent, "", clock.now()) == "passkey.late"
    )
    assert not Assertion.objects.exists()
    assert Entry.objects.filter(event="staff_signin_failed", reason="passkey.late").count() == 1


def test_without_a_passkey_a_locked_desk_stays_locked_and_says_what_is_wanted(one, time):
    """A press that the script did not catch is no code of six digits."""
    walker = enter_with(time, "lucia", one[1][0])
    walker.client.post("/mesa/bloquear/")
    walker.open("/mesa/").press()
    assert walker.h1 == "Bloqueado" and "llave no respondió" in walker.text
    answer(walker, one[1][1])
    assert walker.h1 == "Mostrador"


def test_a_sign_in_cannot_stand_for_an_approval(one):
    made, (key, _) = one
    asked = passkeys.begin(passkeys.SIGN_IN)
    sent = key.sign(asked.options)
    assert refusal(signing.sign, made, HASH, asked.state, sent, "", clock.now()) == "passkey.late"


def test_in_the_demonstration_a_code_stands_in_and_the_record_says_so(cast, time):
    from clavero.demo import staff

    veronica = person("veronica")
    kept = signing.sign(veronica, HASH, "", "", staff.code_now(STAFF[0]), clock.now())
    assert kept.kind == "code" and not signing.holds(kept)
    assert Entry.objects.filter(event="assertion_made", reason="code").exists()
    used = staff.code_now(STAFF[0])
    assert refusal(signing.sign, veronica, HASH, "", "", used, clock.now()) == "staff.code_used"


def test_codes_are_counted_before_they_are_checked(cast, time):
    veronica = person("veronica")
    codes = [f"{n:06d}" for n in range(40)]
    said = {
        refusal(signing.by_code, "veronica", code, f"net{n}", clock.now())
        for n, code in enumerate(codes)
    }
    assert said == {"staff.no_match", "throttle.wait"}
    assert refusal(signing.sign, veronica, HASH, "", "", "000000", clock.now()) == "throttle.wait"


def test_a_stranger_does_not_lock_an_officer_out(one, time):
    """Failed tries are counted by network where a signature is asked for; nobody's name fills up (ATTACKS 18)."""
    made, (key, _) = one
    for n in range(30):
        refusal(signing.by_passkey, "lucia", "x", "{}", f"net{n}", clock.now())
    assert enter_with(time, "lucia", key).h1 == "Mostrador"
