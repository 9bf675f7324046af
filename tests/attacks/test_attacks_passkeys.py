"""The attack table against the second proof of a risky recovery: from outside, over HTTP, SQL where that is the attacker."""

import json
from datetime import timedelta

from django.db import connection

from clavero import clock
from clavero.audit import queries as audit
from clavero.recovery.models import Case
from tests.authenticator import Authenticator
from tests.cast import by_id
from tests.staff import ORIGIN, options
from tests.walk import Walker, sign_in

TERESA = by_id("correo_nuevo")  # her e-mail changed twelve days ago: her recovery waits


def add_passkey(time) -> Authenticator:
    """By whoever knows the key, in a browser that is signed in."""
    walker, key = (
        sign_in(Walker(time), TERESA, TERESA.key).open("/cuenta/llaves/"),
        Authenticator(ORIGIN),
    )
    typed = {"label": "mía", "current": TERESA.key, "credential": key.make(options(walker))}
    assert walker.press(typed).h1 == "Sus llaves de acceso"
    return key


def until_it_waits(time) -> Walker:
    walker = Walker(time).to_key(TERESA)
    assert walker.h1 == "Su pedido espera por seguridad"
    return walker


def send(walker: Walker, state: str, credential: str) -> Walker:
    data = {"state": state, "credential": credential}
    return walker._land(walker.client.post(walker.path, data, follow=True), walker.path)


def state_of(walker: Walker) -> str:
    return str(walker.page.select_one("input[name=state]")["value"])


def still_waits(walker: Walker) -> bool:
    """Nothing was proved besides the mailbox, and the key page stays shut."""
    ref = walker.path.split("/")[-3]
    walker.open(f"/empleadores/recuperar-clave/caso/{ref}/clave/")
    case = Case.objects.get(ref=ref)
    events = [entry.event for entry in audit.history(case=case.pk)]
    return walker.h1 == "Su pedido espera por seguridad" and not {"case_prove_by_passkey", "case_prove_again"} & set(events)  # fmt: skip


def test_attack_01_a_passkey_added_lately_skips_no_wait(cast, time):
    """The attacker had the key for an hour, added a passkey of their own, and reads the mailbox by now."""
    key = add_passkey(time)
    time.wait(10 * 86400)
    thief = until_it_waits(time)
    send(thief, state_of(thief), key.sign(options(thief)))
    assert thief.errors == ["passkey.too_new"] and still_waits(thief)


def test_attack_01_a_signature_for_one_case_skips_the_wait_of_no_other(cast, time):
    """The attacker reads the mailbox and caught what the owner's passkey signed in the owner's case."""
    key = add_passkey(time)
    time.wait(40 * 86400)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE employers_contact SET changed_on = %s", [clock.now().date()])
    owner = until_it_waits(time)
    caught = state_of(owner), key.sign(options(owner))
    thief = until_it_waits(time)
    send(thief, *caught)
    assert thief.errors == ["passkey.late"] and still_waits(thief)
    send(owner, *caught)
    assert owner.step == "key"


def test_attack_31_a_passkey_made_older_by_hand_skips_no_wait(cast, time):
    """The attacker added a passkey yesterday, reads the mailbox, and is the database administrator."""
    key = add_passkey(time)
    time.wait(86400)
    old = clock.now() - timedelta(days=400)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, data FROM mfa_authenticator WHERE type = 'webauthn'")
        ((row, data),) = cursor.fetchall()
        changed = json.loads(data) if isinstance(data, str) else data
        changed["since"] = old.isoformat()
        moment = connection.ops.adapt_datetimefield_value(old)
        cursor.execute(
            "UPDATE mfa_authenticator SET data = %s, created_at = %s WHERE id = %s",
            [json.dumps(changed), moment, row],
        )
    thief = until_it_waits(time)
    send(thief, state_of(thief), key.sign(options(thief)))
    assert thief.errors == ["passkey.too_new"] and still_waits(thief)
