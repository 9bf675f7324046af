"""What a browser sends in place of a passkey's answer: of whatever shape, it is a clear no at every door, counted and on record."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from django.db import transaction
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import example, given
from hypothesis import strategies as st

from clavero import clock
from clavero.audit.models import Entry
from clavero.core.errors import Refused
from clavero.keys import passkeys
from tests.authenticator import Authenticator
from tests.cast import by_id
from tests.property.test_parser_laws import ONE_FILE, json_values
from tests.rooms.keys.test_passkeys import account, bound
from tests.rooms.recovery.test_wait_by_passkey import (
    changed,
    reasons,
    sent,
    state_of,
    still_waits,
    waiting,
)
from tests.staff import ORIGIN, options
from tests.walk import Walker, sign_in

TERESA = by_id("correo_nuevo")
DEEP_CBOR = b"\x81" * 9000
Answer = dict[str, Any]


def inside(name: str, change: Callable[[bytes], bytes]) -> Callable[[Answer], Answer]:
    """One part of the response, changed as bytes; left alone where the answer has none of that name."""

    def made(answer: Answer) -> Answer:
        response = dict(answer["response"])
        if name in response:
            response[name] = websafe_encode(change(websafe_decode(response[name])))
        return {**answer, "response": response}

    return made


def flagged(extensions: bytes) -> Callable[[bytes], bytes]:
    """Authenticator data that say that extensions follow."""
    return lambda data: data[:32] + bytes([data[32] | 0x80]) + data[33:37] + extensions


SHAPES: dict[str, Callable[[Answer], Answer]] = {
    "extension results are a number": lambda answer: {**answer, "clientExtensionResults": 5},
    "extension results are a list": lambda answer: {**answer, "clientExtensionResults": [1]},
    "client data are a number": inside("clientDataJSON", lambda _: b"5"),
    "client data are a list": inside("clientDataJSON", lambda _: b"[]"),
    "client data are null": inside("clientDataJSON", lambda _: b"null"),
    "client data hold a number": inside("clientDataJSON", lambda _: b'{"type":5,"challenge":5,"origin":5}'),
    "extensions cut off": inside("authenticatorData", flagged(b"\xa1\x01")),
    "extensions that follow unsaid": inside("authenticatorData", lambda data: data + b"\xa1\x01"),
    "extensions without end": inside("authenticatorData", flagged(b"\xbf" * 30)),
    "extensions nested deep": inside("authenticatorData", flagged(DEEP_CBOR)),
    "data of five bytes": inside("authenticatorData", lambda data: data[:5]),
    "attestation is a number": inside("attestationObject", lambda _: b"\x05"),
    "attestation cut off": inside("attestationObject", lambda data: data[:20]),
    "attestation nested deep": inside("attestationObject", lambda _: DEEP_CBOR),
    "no credential attested": inside("attestationObject", lambda data: data.replace(b"hauthData", b"hauthDatb")),
    "an id that is a number": lambda answer: {**answer, "id": 5, "rawId": 5},
}  # fmt: skip
OF_ONE_KIND = {"attestation is a number", "attestation cut off", "attestation nested deep", "no credential attested"}  # fmt: skip
SIGNED = [name for name in SHAPES if name not in OF_ONE_KIND]
MADE = [name for name in SHAPES if not name.startswith(("extensions", "data", "an id"))]
"""What a new passkey is called is not read from what was sent: it is kept under the id that was attested."""


def odd(answer: str, shape: str, **more: str) -> str:
    made = SHAPES[shape](json.loads(answer))
    made["response"] |= more
    return json.dumps(made)


@pytest.fixture
def teresa(cast, time) -> tuple[Walker, Authenticator]:
    walker = sign_in(Walker(time), TERESA, TERESA.key)
    return walker, bound(walker, TERESA)


@pytest.mark.parametrize("shape", SIGNED)
def test_an_odd_answer_at_the_wait_is_a_no_on_record(teresa, time, shape):
    _, key = teresa
    changed(TERESA, 3)
    walker = Walker(time)
    case = waiting(walker)
    sent(walker, state_of(walker), odd(key.sign(options(walker)), shape))
    assert walker.status == 200 and walker.errors == ["passkey.answer"] and still_waits(case)
    assert reasons() == ["passkey_answer"]


@pytest.mark.parametrize("shape", SIGNED)
def test_an_odd_answer_signs_nobody_in_and_is_on_record(teresa, time, shape):
    _, key = teresa
    owner = websafe_encode(str(account(TERESA).pk).encode())
    walker = Walker(time).open("/entrar/llave/")
    answer = odd(key.sign(options(walker)), shape, userHandle=owner)
    assert walker.press({"credential": answer}).errors == ["passkey.no_match"]
    assert Entry.objects.filter(event="signin_failed", reason="passkey.answer").count() == 1


@pytest.mark.parametrize("shape", MADE)
def test_an_odd_answer_adds_nothing(teresa, shape):
    walker, _ = teresa
    walker.open("/cuenta/llaves/")
    answer = odd(Authenticator(ORIGIN).make(options(walker)), shape)
    walker.press({"label": "otra", "current": TERESA.key, "credential": answer})
    assert walker.status == 200 and walker.errors == ["passkey.answer"]
    assert passkeys.count(account(TERESA)) == 1


def test_what_else_a_good_answer_carries_is_not_kept(cast, time):
    """Under the id that was attested, whatever the browser calls it; a database refuses some texts outright."""
    walker = sign_in(Walker(time), TERESA, TERESA.key).open("/cuenta/llaves/")
    key = Authenticator(ORIGIN)
    answer = json.loads(key.make(options(walker)))
    answer |= {
        "id": "AAAA",
        "rawId": "AAAA",
        "more": "\x00",
        "clientExtensionResults": {"x": "\x00"},
    }
    answer["response"] |= {
        "clientDataJSON": answer["response"]["clientDataJSON"] + "\x00",
        "transports": ["\ud800"],
    }
    walker.press({"label": "otra", "current": TERESA.key, "credential": json.dumps(answer)})
    (kept,) = passkeys.of(account(TERESA))
    assert kept.data["credential"]["rawId"] == websafe_encode(key.id)
    assert "\\u0000" not in json.dumps(kept.data) and "transports" not in json.dumps(kept.data)
    assert passkeys.added_at(account(TERESA), websafe_encode(key.id)) is not None


# --- any answer at all ------------------------------------------------------------------------------

parts = st.one_of(
    json_values,
    st.binary(max_size=80).map(websafe_encode),
    json_values.map(lambda found: websafe_encode(json.dumps(found).encode())),
)
places = st.sampled_from([
    ("id",), ("rawId",), ("type",), ("response",), ("clientExtensionResults",), ("authenticatorAttachment",),
    *(("response", name) for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")),
])  # fmt: skip
changes = st.lists(st.tuples(places, parts), min_size=1, max_size=3)
tails = st.binary(max_size=40)


def put(answer: str, found: list[tuple[tuple[str, ...], object]]) -> str:
    made = json.loads(answer)
    for place, value in found:
        at = made if len(place) == 1 else made["response"]
        if isinstance(at, dict):
            at[place[-1]] = value
    return json.dumps(made)


def gives_or_refuses(deed: Callable[[], object]) -> None:
    """It may be good, or a no of its own; it is never anything else, and leaves nothing behind here."""
    with transaction.atomic():
        try:
            deed()
        except Refused as refused:
            assert refused.code in ("passkey.answer", "passkey.copied")
        transaction.set_rollback(True)


def test_any_answer_is_taken_or_refused(teresa):
    _, key = teresa
    owner, now = account(TERESA), clock.now()
    asked = passkeys.begin(passkeys.SIGN_IN, kind=passkeys.EMPLOYER)
    good = key.sign(asked.options)

    def checked(answer: str) -> None:
        gives_or_refuses(lambda: passkeys.check(owner, passkeys.SIGN_IN, asked.state, answer, now))
        passkeys.owner_of(answer)

    @ONE_FILE
    @given(found=changes)
    @example(found=[(("clientExtensionResults",), 5)])
    @example(found=[(("response", "clientDataJSON"), websafe_encode(b"5"))])
    def in_its_parts(found: list[tuple[tuple[str, ...], object]]) -> None:
        checked(put(good, found))

    @ONE_FILE
    @given(flags=st.integers(0, 255), tail=tails)
    @example(flags=0x85, tail=b"\xa1\x01")
    def in_its_data(flags: int, tail: bytes) -> None:
        data = websafe_decode(json.loads(good)["response"]["authenticatorData"])
        made = websafe_encode(data[:32] + bytes([flags]) + data[33:] + tail)
        checked(put(good, [(("response", "authenticatorData"), made)]))

    in_its_parts()
    in_its_data()


def test_any_answer_is_added_or_refused(teresa):
    owner, now = account(TERESA), clock.now()
    asked = passkeys.begin_adding(owner, "x")
    good = Authenticator(ORIGIN).make(asked.options)

    def added(answer: str) -> None:
        gives_or_refuses(lambda: passkeys.add(owner, "x", asked.state, answer, now))

    @ONE_FILE
    @given(found=changes)
    @example(found=[(("response", "attestationObject"), websafe_encode(b"\x05"))])
    def in_its_parts(found: list[tuple[tuple[str, ...], object]]) -> None:
        added(put(good, found))

    @ONE_FILE
    @given(at=st.integers(0, 200), byte=st.integers(0, 255), cut=st.integers(0, 200))
    def in_its_attestation(at: int, byte: int, cut: int) -> None:
        data = bytearray(websafe_decode(json.loads(good)["response"]["attestationObject"]))
        data[at % len(data)] = byte
        made = websafe_encode(bytes(data[: len(data) - cut]))
        added(put(good, [(("response", "attestationObject"), made)]))

    in_its_parts()
    in_its_attestation()


def test_a_kept_answer_of_any_shape_is_true_or_false(teresa):
    """A row that another hand wrote: no signature, and no failure of the page."""
    _, key = teresa
    asked = passkeys.begin(passkeys.SIGN_IN, kind=passkeys.EMPLOYER)
    with transaction.atomic():
        signed = passkeys.check(
            account(TERESA), passkeys.SIGN_IN, asked.state, key.sign(asked.options), clock.now()
        )
    assert passkeys.verify(signed, "", passkeys.EMPLOYER)
    names = st.sampled_from([one.name for one in fields(signed)])
    texts = st.one_of(st.text(max_size=30), st.binary(max_size=80).map(websafe_encode))

    @ONE_FILE
    @given(name=names, text=texts)
    @example(name="client_data", text=websafe_encode(b"5"))
    @example(name="public_key", text="")
    def of_it(name: str, text: str) -> None:
        assert passkeys.verify(replace(signed, **{name: text}), "", passkeys.EMPLOYER) in (
            True,
            False,
        )

    of_it()
