"""A passkey as the second proof of a risky recovery: old enough, of this account, for this case, once (D12, ADR 19)."""

import json
from datetime import timedelta

import pytest

from clavero import clock
from clavero.audit.models import Entry
from clavero.core import evidence
from clavero.core.errors import Refused
from clavero.demo.models import Mail
from clavero.employers.models import Contact
from clavero.institution import profile
from clavero.keys import passkeys
from clavero.keys import services as keys
from clavero.keys.models import SavedCode, SpentChallenge
from clavero.recovery import services
from clavero.recovery.models import Case
from tests.authenticator import Authenticator
from tests.cast import by_id
from tests.rooms.keys.test_passkeys import account, bound
from tests.rooms.keys.test_second_step import code_of, set_up
from tests.rooms.recovery.test_waits import with_saved_code
from tests.staff import ORIGIN, newcomer, options, with_passkeys
from tests.walk import NEW_KEY, Walker, as_if, deliver, sign_in

TERESA, LUIS = by_id("correo_nuevo"), by_id("tres_sucursales")
PLENTY = evidence.CHANGED_DAYS + 10


def grow(time, days: int) -> None:
    time.wait(days * 86400)


def changed(member, days: int) -> None:
    """The e-mail of this employer changed so many days ago, as the register says."""
    on = clock.now().date() - timedelta(days=days)
    Contact.objects.filter(employer_id=account(member).employer_id).update(changed_on=on)


def has_passkey(
    time, member=TERESA, days: int = PLENTY, key: Authenticator | None = None
) -> Authenticator:
    """A passkey that this employer added so many days ago; a contact changed three days ago."""
    key = bound(sign_in(Walker(time), member, member.key), member, key=key)
    grow(time, days)
    changed(member, 3)
    return key


def waiting(walker: Walker, member=TERESA) -> Case:
    walker.to_key(member)
    assert walker.h1 == "Su pedido espera por seguridad"
    return Case.objects.latest("opened_at")


def sent(walker: Walker, state: str, credential: str) -> Walker:
    data = {"state": state, "credential": credential}
    return walker._land(walker.client.post(walker.path, data, follow=True), walker.path)


def state_of(walker: Walker) -> str:
    return str(walker.page.select_one("input[name=state]")["value"])


def shown(walker: Walker, key: Authenticator) -> Walker:
    """The passkey, at the page of the wait."""
    return sent(walker, state_of(walker), key.sign(options(walker)))


def reasons() -> list[str]:
    found = Entry.objects.filter(event="proof_failed").order_by("number")
    return list(found.values_list("reason", flat=True))


def still_waits(case: Case) -> bool:
    case.refresh_from_db()
    return case.state == "waiting" and "second_proof" not in case.proofs


def test_an_old_passkey_beside_the_contact_ends_the_wait(walker, time):
    key = has_passkey(time)
    case = waiting(walker)
    before = dict(walker.client.cookies)
    shown(walker, key)
    assert walker.step == "key"
    thief = Walker(time)
    thief.client.cookies.update(before)
    assert "Crear" not in thief.open(walker.path).h1 and thief.step != "key"
    walker.finish()
    case.refresh_from_db()
    assert walker.h1 == "Acceso comprobado" and case.grant_rule == "recover_key.contact_code"
    assert case.proofs.count("second_proof") == 1 and "passkey" not in case.proofs
    assert Entry.objects.filter(event="case_prove_by_passkey", case_id=case.pk).count() == 1


def test_everybody_who_was_told_of_the_wait_hears_by_which_proof_it_ended(walker, time):
    """As the other ends of a wait; the link stops the case."""
    key = has_passkey(time)
    waiting(walker)
    shown(walker, key)
    for address in (TERESA.email, TERESA.former):
        mail = walker.mail(address)
        assert "ya no espera" in mail.subject and "Usaron una llave de acceso" in mail.text
        assert "/no-fui-yo/" in mail.text
    own = sign_in(Walker(time), TERESA, TERESA.key).open("/cuenta/historia/")
    assert "Se comprobó además una llave de acceso." in own.text


def test_a_saved_code_that_ends_the_wait_is_told_too(walker, time):
    saved = with_saved_code(TERESA)
    waiting(walker)
    walker.press({"code": saved})
    deliver()
    told = Mail.objects.filter(subject="El pedido ya no espera. ¿Fue usted?")
    assert {mail.to for mail in told} == {TERESA.email, TERESA.former}
    assert all("Usaron un código de respaldo" in mail.text for mail in told)


def test_a_passkey_voids_no_saved_code(walker, time):
    """The code on paper was not used: it goes on working, and no other is made."""
    key = has_passkey(time)
    with_saved_code(TERESA)
    waiting(walker)
    shown(walker, key).finish()
    assert walker.h1 == "Acceso comprobado" and not walker.page.select("[data-saved-code]")
    assert SavedCode.objects.count() == 1 and keys.has_saved_code(account(TERESA))


def test_who_has_no_saved_code_gets_one_in_place_of_the_passkey(walker, time):
    """A recovery ends every passkey: whoever used one is not left without a second proof."""
    key = has_passkey(time)
    waiting(walker)
    shown(walker, key).finish()
    assert walker.page.select_one("[data-saved-code]")
    assert passkeys.count(account(TERESA)) == 0


@pytest.mark.parametrize("days", [0, 1, evidence.CHANGED_DAYS])
def test_a_passkey_that_was_added_lately_ends_no_wait(walker, time, days):
    """Whoever found an open session, or the key, may have added it; the sentence says what else works."""
    key = has_passkey(time, days=days)
    case = waiting(walker)
    shown(walker, key)
    assert walker.errors == ["passkey.too_new"] and still_waits(case)
    assert "al menos 31 días antes" in walker.text and "código de respaldo" in walker.text
    assert reasons() == ["passkey_too_new"]


def test_the_days_are_counted_to_the_opening_not_to_the_answer(walker, time):
    """A case that waits makes no passkey old enough."""
    key = has_passkey(time, days=evidence.CHANGED_DAYS)
    case = waiting(walker)
    time.wait(profile().limits.risk_wait_hours * 3600 - 60)
    time.wait(3600)
    walker.open(walker.path)
    assert shown(walker, key).errors == ["passkey.too_new"] and still_waits(case)


def test_a_passkey_younger_than_the_change_of_the_contact_ends_no_wait(walker, time):
    """Added on the day of the change, the last one that is still a sign of risk."""
    key = has_passkey(time, days=evidence.CHANGED_DAYS)
    changed(TERESA, evidence.CHANGED_DAYS)
    case = waiting(walker)
    assert case.risks == ["contact_changed"]
    assert shown(walker, key).errors == ["passkey.too_new"] and still_waits(case)


def test_how_old_a_passkey_is_is_said_to_nobody_without_it(walker, time):
    """Another key under the id of a young one: as wrong as any."""
    key = has_passkey(time, days=1)
    other = Authenticator(ORIGIN)
    other.id = key.id
    case = waiting(walker)
    assert shown(walker, other).errors == ["passkey.answer"] and still_waits(case)


def test_the_page_is_the_same_with_and_without_a_passkey(walker, time):
    """The choice is always there, and its challenge names no credential."""
    changed(LUIS, 3)
    has_passkey(time)
    changed(LUIS, 3)
    waiting(walker)
    other = Walker(time)
    waiting(other, LUIS)
    for one in (walker, other):
        asked = json.loads(options(one))
        assert "allowCredentials" not in asked and asked["userVerification"] == "required"
        assert one.page.select_one("[data-passkey-offer]").has_attr("hidden")
        assert len(one.page.select("#passkey")) == 1
    assert len(options(walker)) == len(options(other))
    assert shown(other, Authenticator(ORIGIN)).errors == ["passkey.answer"]


def test_a_passkey_of_another_account_ends_no_wait(walker, time):
    theirs = bound(sign_in(Walker(time), LUIS, LUIS.key), LUIS)
    has_passkey(time)
    case = waiting(walker)
    assert shown(walker, theirs).errors == ["passkey.answer"] and still_waits(case)
    assert reasons() == ["passkey_answer"]


def test_a_challenge_of_another_case_or_of_another_purpose_ends_no_wait(walker, time):
    """Of the same account all the same: a signature for one case is none for the next, nor is one to sign in."""
    key = has_passkey(time)
    waiting(walker)
    first, asked = state_of(walker), options(walker)
    other = Walker(time)
    case = waiting(other)
    sent(other, first, key.sign(asked))
    assert other.errors == ["passkey.late"] and still_waits(case)
    for purpose, owner in (
        (passkeys.SIGN_IN, 0),
        (passkeys.SIGN_IN, case.pk),
        (passkeys.CASE, account(TERESA).pk),
    ):
        made = passkeys.begin(purpose, owner, kind=passkeys.EMPLOYER)
        sent(other, made.state, key.sign(made.options))
        assert other.errors == ["passkey.late"] and still_waits(case)


def test_what_was_signed_elsewhere_ends_no_wait(walker, time, settings):
    """A false site, and the desk's own address; without finger, face or PIN."""
    key = has_passkey(time)
    case = waiting(walker)
    settings.DESK_URL = "https://mesa.example"
    for origin in ("https://clave-falsa.example", settings.DESK_URL):
        key.origin = origin
        assert shown(walker, key).errors == ["passkey.answer"] and still_waits(case)
    walker.open(walker.path)
    assert json.loads(options(walker))["rpId"] == "localhost"
    key.origin, key.flags = ORIGIN, 1
    assert shown(walker, key).errors == ["passkey.answer"] and still_waits(case)


def test_a_member_of_staff_has_no_passkey_here(walker, time):
    staff = newcomer("lucia")
    key, _ = with_passkeys(staff)
    grow(time, PLENTY)
    changed(TERESA, 3)
    case = waiting(walker)
    assert shown(walker, key).errors == ["passkey.answer"] and still_waits(case)


def test_an_answer_counts_once_and_five_minutes(walker, time):
    key = has_passkey(time)
    case = waiting(walker)
    time.wait(6 * 60)
    assert shown(walker, key).errors == ["passkey.late"] and still_waits(case)
    state, answer = state_of(walker), key.sign(options(walker))
    sent(walker, state, answer)
    assert walker.step == "key" and SpentChallenge.objects.count() == 2
    case.refresh_from_db()
    as_if(case, state="waiting", proofs=["contact_code"])
    walker.open(walker.path)
    sent(walker, state, answer)
    assert walker.errors == ["passkey.late"] and still_waits(case)


def test_the_second_of_two_presses_is_led_on(walker, time):
    """Both found the case waiting: the later one says nothing of a wrong passkey."""
    from clavero.recovery import waits

    key = has_passkey(time)
    case = waiting(walker)
    late, state, answer = Case.objects.get(pk=case.pk), state_of(walker), key.sign(options(walker))
    waits.prove_by_passkey(case, state, answer, "asker", clock.now())
    for found in (late, Case.objects.get(pk=case.pk)):
        with pytest.raises(Refused, match=r"case.move_not_allowed"):
            waits.prove_by_passkey(found, state, answer, "asker", clock.now())
    assert reasons() == []


def test_so_is_the_second_of_two_saved_codes(walker, time):
    from clavero.recovery import waits

    code = with_saved_code(TERESA)
    changed(TERESA, 3)
    case = waiting(walker)
    waits.prove_again(case, code, "asker", clock.now())
    with pytest.raises(Refused, match=r"case.move_not_allowed"):
        waits.prove_again(Case.objects.get(pk=case.pk), code, "asker", clock.now())
    assert reasons() == []


def test_a_copied_passkey_is_noticed_and_spends_nothing(walker, time):
    key = has_passkey(time)
    case = waiting(walker)
    spent = SpentChallenge.objects.count()
    key.counter = 0
    assert shown(walker, key).errors == ["passkey.copied_here"] and still_waits(case)
    assert "un centro" in walker.text and SpentChallenge.objects.count() == spent
    assert reasons() == ["passkey_copied"]


def test_where_the_case_moved_on_nothing_is_spent(walker, time):
    """The challenge and the step stand or fall together."""
    from clavero.recovery import waits

    key = has_passkey(time)
    case = waiting(walker)
    spent = SpentChallenge.objects.count()
    state, answer = state_of(walker), key.sign(options(walker))
    stale = Case.objects.get(pk=case.pk)
    walker.press(button="prefer_visit")
    with pytest.raises(Exception, match=r"case.move_not_allowed"):
        waits.prove_by_passkey(stale, state, answer, "asker", clock.now())
    assert SpentChallenge.objects.count() == spent
    case.refresh_from_db()
    assert case.state == "visit_needed" and "second_proof" not in case.proofs


def test_beside_no_message_a_passkey_is_no_second_proof(walker, time):
    """The first proof was a saved code: page and deed say no, as to a second saved code."""
    key = has_passkey(time)
    case = waiting(walker)
    asked, state = options(walker), state_of(walker)
    as_if(case, proofs=["case_secret", "saved_code"])
    walker.open(walker.path)
    assert not walker.page.select("[data-passkey]") and not walker.page.select("#code")
    sent(walker, state, key.sign(asked))
    assert walker.status == 200 and still_waits(case) and reasons() == ["passkey_answer"]


def test_a_passkey_does_not_stand_for_the_second_step(walker, time):
    """S-002: an account with an authenticator app is asked its code; there is no page for the passkey."""
    key = has_passkey(time)
    set_up(time, TERESA)
    walker.to_key(TERESA)
    case = Case.objects.latest("opened_at")
    assert case.risks == ["second_factor"] and case.state == "contact_settled"
    assert not walker.page.select("[data-passkey]")
    made = passkeys.begin(passkeys.CASE, case.pk, kind=passkeys.EMPLOYER)
    walker.path = walker.path.replace("segundo-paso", "espera")
    sent(walker, made.state, key.sign(made.options))
    case.refresh_from_db()
    assert "second_proof" not in case.proofs and walker.path.endswith("/segundo-paso/")


@pytest.mark.parametrize("by", ["passkey", "saved_code"])
def test_a_second_step_set_up_during_the_wait_is_asked_all_the_same(walker, time, by):
    """S-002: neither second proof stands for it, and no key is set without its code."""
    key, saved = has_passkey(time), with_saved_code(TERESA)
    case = waiting(walker)
    asked, state = options(walker), state_of(walker)
    _, secret, _ = set_up(time, TERESA)
    version = account(TERESA).key_version
    if by == "passkey":
        sent(walker, state, key.sign(asked))
    else:
        walker.press({"code": saved})
    assert walker.path.endswith("/segundo-paso/") and Entry.objects.filter(
        event=f"case_{'prove_by_passkey' if by == 'passkey' else 'prove_again'}"
    )
    case.refresh_from_db()
    assert case.risks == ["contact_changed", "second_factor"] and "second_proof" in case.proofs
    sets_no_key(walker, case)
    assert account(TERESA).key_version == version
    walker.press({"code": code_of(secret)})
    assert walker.step == "key"
    walker.finish()
    assert walker.h1 == "Acceso comprobado" and account(TERESA).key_version == version + 1


def sets_no_key(walker: Walker, case: Case) -> None:
    """By its page, which leads back to the second step, and by the deed itself."""
    at_step = walker.path
    walker.client.post(at_step.replace("segundo-paso", "clave"), {"key": NEW_KEY})
    assert walker.open(at_step).status == 200
    for deed in (lambda: services.set_key(case, NEW_KEY, clock.now()), lambda: services.keep_key(case, clock.now())):  # fmt: skip
        with pytest.raises(Refused, match=r"evidence\.not_sufficient"):
            deed()


@pytest.mark.parametrize("risky", [True, False])
def test_a_second_step_set_up_before_the_key_is_set_is_asked_all_the_same(walker, time, risky):
    """After the wait ended, or where there was none: what counts is what the account has when the key is set."""
    key = has_passkey(time)
    if not risky:
        changed(TERESA, 90)
        walker.to_key(TERESA)
    else:
        waiting(walker)
        shown(walker, key)
    assert walker.step == "key"
    case, page = Case.objects.latest("opened_at"), walker.path
    _, secret, _ = set_up(time, TERESA)
    assert walker.open(page).path.endswith("/segundo-paso/")
    sets_no_key(walker, case)
    walker.press({"code": code_of(secret)})
    assert walker.step == "key" and walker.finish().h1 == "Acceso comprobado"


def test_a_moment_written_by_another_hand_counts_for_nothing(walker, time):
    """ATTACKS 31: and a passkey from before its moment was kept is of unknown age, which is a no."""
    from allauth.mfa.models import Authenticator as Kept

    key = has_passkey(time, days=1)
    row = Kept.objects.get(user=account(TERESA))
    long_ago = clock.now() - timedelta(days=900)
    row.created_at, row.data["since"] = long_ago, long_ago.isoformat()
    row.save()
    case = waiting(walker)
    assert shown(walker, key).errors == ["passkey.too_new"] and still_waits(case)
    del row.data["since"], row.data["since_mac"]
    row.data["counter"] = 0
    row.save()
    assert shown(walker, key).errors == ["passkey.too_new"] and still_waits(case)


def test_it_is_counted_before_it_is_looked_at_and_locks_nothing(walker, time):
    """The budget of the network, as a saved code; a right one waits like any. The case goes on."""
    key = has_passkey(time)
    case = waiting(walker)
    limit = profile().buckets["asker_try"].limit
    statuses = [sent(walker, "x", "{}").status for _ in range(limit + 5)]
    walker.open(walker.path)
    assert 429 in statuses and set(statuses) == {200, 429}
    assert shown(walker, key).status == 429 and still_waits(case)
    assert set(reasons()) <= {"passkey_late", "passkey_answer"} and len(reasons()) <= limit
    elsewhere = walker.client
    elsewhere.defaults["REMOTE_ADDR"] = "198.51.100.9"
    walker.open(f"/empleadores/recuperar-clave/caso/{case.ref}/espera/")
    assert shown(walker, key).step == "key"


@pytest.mark.parametrize("answer", ["", "x", "[]", "{}", '{"response": {}}', '{"rawId": 7, "response": {"clientDataJSON": 7}}', "9" * 20_001])  # fmt: skip
def test_whatever_a_browser_sends_is_a_clear_no(walker, time, answer):
    changed(TERESA, 3)
    case = waiting(walker)
    sent(walker, state_of(walker), answer)
    assert walker.status == 200 and walker.errors == ["passkey.answer"] and still_waits(case)


def test_the_page_speaks_english_too(time, cast):
    key = has_passkey(time, days=1)
    walker = Walker(time, "en").to_key(TERESA)
    assert "passkey" in walker.page.select_one("[data-passkey-offer]").get_text()
    shown(walker, key)
    assert "was on record at least 31 days" in walker.text and "backup code" in walker.text
