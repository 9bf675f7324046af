"""Passkeys: WebAuthn by fido2, kept as allauth's authenticators, each asked for one host and one origin alone.

Those of staff belong to the desk's address, those of employers to the public one (S-008, S-072). A challenge lives
five minutes in a sealed field of the page, is bound to what it is for, and is spent by the first good answer. What
is approved is signed: the challenge is SHA-256(nonce ‖ message_hash), so that the kept answer proves later what was
agreed to.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.keys.models import Account, SpentChallenge
from clavero.privacy import handles, macs, retention, tokens

SIGN_IN, UNLOCK, ENROL, APPROVE, CASE = "sign_in", "unlock", "enrol", "approve", "case"
STAFF, EMPLOYER = Account.STAFF, Account.EMPLOYER
LIVES = timedelta(minutes=5)
LONGEST = 20_000  # characters of an answer; refused unread beyond it


@dataclass(frozen=True)
class Ceremony:
    """What a page hands to the browser: the options for its authenticator, and a sealed note to self."""

    options: str
    state: str


@dataclass(frozen=True)
class Signed:
    """A good answer, as it is kept. Binary parts are base64url."""

    nonce: str
    credential_id: str
    public_key: str
    client_data: str
    authenticator_data: str
    signature: str


def _server(kind: str) -> Fido2Server:
    """For the host of this kind of account, and answers from its own origin alone."""
    address = settings.DESK_URL if kind == STAFF else settings.BASE_URL
    rp = PublicKeyCredentialRpEntity(
        id=urlsplit(address).hostname or "", name=profile().institution.short_name
    )
    return Fido2Server(rp, verify_origin=lambda origin: origin == address)


# --- what is kept -----------------------------------------------------------------------------------------


def of(account: Account) -> list[Authenticator]:
    """This person's passkeys, oldest first. A row written by another hand is none (ATTACKS 31)."""
    found = Authenticator.objects.filter(user=account, type=Authenticator.Type.WEBAUTHN)
    return [one for one in found.order_by("created_at", "pk") if _is_genuine(one)]


def count(account: Account) -> int:
    return len(of(account))


def _mac_parts(account_id: int, credential: dict[str, Any]) -> tuple[object, ...]:
    return account_id, credential["rawId"], credential["response"]["attestationObject"]


def _is_genuine(kept: Authenticator) -> bool:
    parts = _mac_parts(kept.user_id, kept.data["credential"])
    return macs.check("passkey", kept.data.get("mac", ""), *parts)


def _since_parts(account_id: int, credential: dict[str, Any], since: str) -> tuple[object, ...]:
    return account_id, credential["rawId"], since


def added_at(account: Account, credential_id: str) -> datetime | None:
    """When this person added the passkey of this id (base64url), as it was bound then.

    None where they have none of that id, or where its moment is not bound: it was added before moments were, or
    another hand wrote it (ATTACKS 31).
    """
    for kept in of(account):
        if kept.data["credential"]["rawId"] == credential_id:
            since = kept.data.get("since", "")
            parts = _since_parts(account.pk, kept.data["credential"], since)
            bound = macs.check("passkey_since", kept.data.get("since_mac", ""), *parts)
            return datetime.fromisoformat(since) if bound else None
    return None


def forget(account: Account, number: int) -> bool:
    """Delete one passkey; whether there was one. In a transaction."""
    gone, _ = Authenticator.objects.filter(
        user=account, pk=number, type=Authenticator.Type.WEBAUTHN
    ).delete()
    return bool(gone)


def forget_all(account: Account) -> int:
    """Delete everything this person signs in with. In a transaction."""
    gone, _ = Authenticator.objects.filter(user=account).delete()
    return gone


def _credential(kept: Authenticator) -> AttestedCredentialData:
    return _attested(RegistrationResponse.from_dict(kept.data["credential"]))


def _attested(read: RegistrationResponse) -> AttestedCredentialData:
    found = read.response.attestation_object.auth_data.credential_data
    if found is None:
        raise ValueError("no credential")
    return found


@contextmanager
def _reading() -> Iterator[None]:
    """fido2 reads what was sent: whatever it raises is `Refused("passkey.answer")`, counted and recorded as any other no.

    It takes JSON, CBOR and keys of any shape as they come, and raises AttributeError, IndexError, struct.error or
    RecursionError besides ValueError. Therefore every exception, and therefore nothing but fido2's own calls stands inside.
    """
    try:
        yield
    except Exception:
        raise Refused("passkey.answer") from None


# --- adding one -------------------------------------------------------------------------------------------


def begin_adding(account: Account, name: str) -> Ceremony:
    """A new passkey: one that finds the person by itself and checks finger, face or PIN."""
    user = PublicKeyCredentialUserEntity(id=str(account.pk).encode(), name=name, display_name=name)
    options, state = _server(account.kind).register_begin(
        user,
        [_credential(kept) for kept in of(account)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _ceremony(options, state["challenge"], ENROL, account.pk)


def add(account: Account, label: str, state: str, answer: str, now: datetime) -> Authenticator:
    """Keep the passkey of a good answer. Raises `Refused`: passkey.late, passkey.answer, passkey.known."""
    note = _opened(state, ENROL, account.pk)
    response = _parsed(answer)
    wanted = {"challenge": note["c"], "user_verification": UserVerificationRequirement.REQUIRED}
    server = _server(account.kind)
    with _reading():
        made = server.register_complete(wanted, response)
        credential = _as_kept(RegistrationResponse.from_dict(response))
    if _is_known(credential["rawId"]):
        raise Refused("passkey.known")
    _spend(note, now)
    since = now.isoformat()
    data = {
        "name": label.strip()[:60],
        "credential": credential,
        "counter": made.counter,
        "mac": macs.make("passkey", *_mac_parts(account.pk, credential)),
        "since": since,
        "since_mac": macs.make("passkey_since", *_since_parts(account.pk, credential, since)),
    }
    return Authenticator.objects.create(
        user=account, type=Authenticator.Type.WEBAUTHN, data=data, created_at=now
    )


def _as_kept(read: RegistrationResponse) -> dict[str, Any]:
    """What is needed of an answer, as fido2 read it: under the id that was attested, and nothing else that was sent."""
    name = websafe_encode(_attested(read).credential_id)
    inside = {
        "clientDataJSON": websafe_encode(read.response.client_data),
        "attestationObject": websafe_encode(read.response.attestation_object),
    }
    return {"id": name, "rawId": name, "type": "public-key", "response": inside}


def _is_known(credential_id: str) -> bool:
    """Whether the credential of this id (base64url) is anybody's already."""
    kept = Authenticator.objects.filter(
        type=Authenticator.Type.WEBAUTHN, data__credential__rawId=credential_id
    )
    return kept.exists()


# --- answering --------------------------------------------------------------------------------------------


def begin(purpose: str, owner: int = 0, message_hash: str = "", kind: str = STAFF) -> Ceremony:
    """A challenge for `purpose`, for one person where one is known. Nothing in it says whether a name exists."""
    nonce = secrets.token_bytes(32)
    challenge = hashlib.sha256(nonce + bytes.fromhex(message_hash)).digest()
    options, state = _server(kind).authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge
    )
    return _ceremony(
        options, state["challenge"], purpose, owner, n=websafe_encode(nonce), m=message_hash
    )


def check(
    account: Account, purpose: str, state: str, answer: str, now: datetime,
    owner: int = 0, message_hash: str = "",
) -> Signed:  # fmt: skip
    """The answer of one of this person's passkeys to a challenge that was set for exactly this, once.

    Raises `Refused`: passkey.late, passkey.answer, passkey.copied.
    """
    note = _opened(state, purpose, owner)
    if not tokens.same(note.get("m", ""), message_hash):
        raise Refused("passkey.late")
    response = _parsed(answer)
    kept = {websafe_encode(_credential(one).credential_id): one for one in of(account)}
    wanted = {"challenge": note["c"], "user_verification": UserVerificationRequirement.REQUIRED}
    server, credentials = _server(account.kind), [_credential(one) for one in kept.values()]
    with _reading():
        used = server.authenticate_complete(wanted, credentials, response)
        read = AuthenticationResponse.from_dict(response)
    _spend(note, now)
    _count_up(
        kept[websafe_encode(used.credential_id)], read.response.authenticator_data.counter, now
    )
    return _signed(note, used, read)


def owner_of(answer: str) -> int:
    """The account that an answer says it is of, 0 where it says nothing: its signature is still to be checked."""
    try:
        return int(websafe_decode(str(_parsed(answer)["response"].get("userHandle", ""))))
    except (Refused, ValueError, TypeError):
        return 0


def _signed(
    note: dict[str, Any], used: AttestedCredentialData, read: AuthenticationResponse
) -> Signed:
    inside = read.response
    return Signed(
        nonce=note["n"],
        credential_id=websafe_encode(used.credential_id),
        public_key=websafe_encode(bytes(used)),
        client_data=websafe_encode(inside.client_data),
        authenticator_data=websafe_encode(inside.authenticator_data),
        signature=websafe_encode(inside.signature),
    )


def _count_up(kept: Authenticator, counter: int, now: datetime) -> None:
    """A passkey that counts must count up: one that does not was copied. Passkeys that never count say 0."""
    before = kept.data.get("counter", 0)
    if (counter or before) and counter <= before:
        raise Refused("passkey.copied")
    kept.data["counter"] = counter
    kept.last_used_at = now
    kept.save(update_fields=["data", "last_used_at"])


def verify(signed: Signed, message_hash: str, kind: str = STAFF) -> bool:
    """Whether a kept answer is a signature over this message: everything it needs is in it."""
    server = _server(kind)
    answer = {
        "id": signed.credential_id, "rawId": signed.credential_id, "type": "public-key",
        "response": {
            "clientDataJSON": signed.client_data, "authenticatorData": signed.authenticator_data,
            "signature": signed.signature,
        },
    }  # fmt: skip
    try:
        with _reading():
            nonce = websafe_decode(signed.nonce)
            wanted = {
                "challenge": websafe_encode(
                    hashlib.sha256(nonce + bytes.fromhex(message_hash)).digest()
                ),
                "user_verification": UserVerificationRequirement.REQUIRED,
            }
            credential = AttestedCredentialData(websafe_decode(signed.public_key))
            server.authenticate_complete(wanted, [credential], answer)
    except Refused:
        return False
    return True


# --- challenges -------------------------------------------------------------------------------------------


def _ceremony(options: Any, challenge: str, purpose: str, owner: int, **more: str) -> Ceremony:
    note = {"c": challenge, "o": owner, **more}
    return Ceremony(
        json.dumps(dict(options)["publicKey"]), handles.seal(note, f"passkey_{purpose}")
    )


def _opened(state: str, purpose: str, owner: int) -> dict[str, Any]:
    note = handles.open(state, f"passkey_{purpose}", int(LIVES.total_seconds()))
    if note is None or note["o"] != owner:
        raise Refused("passkey.late")
    return note


def _parsed(answer: str) -> dict[str, Any]:
    if not answer or len(answer) > LONGEST:
        raise Refused("passkey.answer")
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        raise Refused("passkey.answer") from None
    if not isinstance(found, dict) or not isinstance(found.get("response"), dict):
        raise Refused("passkey.answer")
    return found


def _spend(note: dict[str, Any], now: datetime) -> None:
    if SpentChallenge.objects.filter(token_hash__in=tokens.hashes("challenge", note["c"])).exists():
        raise Refused("passkey.late")
    try:
        with transaction.atomic():
            SpentChallenge.objects.create(
                token_hash=tokens.hash("challenge", note["c"]), spent_at=now
            )
    except IntegrityError:
        raise Refused("passkey.late") from None


def due(now: datetime) -> int:
    """Forget challenges that nobody could answer any more. Called by the worker."""
    return retention.sweep(SpentChallenge.objects.filter(spent_at__lt=now - 10 * LIVES))
