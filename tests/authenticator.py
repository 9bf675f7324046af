"""A security key made of software: ES256, no attestation, one finger that always fits. For Django's client."""

import hashlib
import json
import secrets
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class Authenticator:
    """`make` answers a registration, `sign` a challenge; both give the JSON that the page's script sends."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin, self.counts = origin, counts
        self.host = urlsplit(origin).hostname or ""
        self.id, self.counter = secrets.token_bytes(32), 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.flags = PRESENT | VERIFIED

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data).encode()

    def _authenticator_data(self, more: bytes = b"", flags: int = 0) -> bytes:
        if self.counts:
            self.counter += 1
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | flags]) + self.counter.to_bytes(4, "big") + more

    def make(self, options: str) -> str:
        wanted = json.loads(options)
        public = cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        made = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._authenticator_data(credential, ATTESTED),
        }
        client = self._client_data("webauthn.create", wanted["challenge"])
        return self._answer(
            clientDataJSON=websafe_encode(client),
            attestationObject=websafe_encode(cbor.encode(made)),
        )

    def sign(self, options: str) -> str:
        wanted = json.loads(options)
        client = self._client_data("webauthn.get", wanted["challenge"])
        data = self._authenticator_data()
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=websafe_encode(client),
            authenticatorData=websafe_encode(data),
            signature=websafe_encode(signed),
        )

    def _answer(self, **response: str) -> str:
        name = websafe_encode(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
