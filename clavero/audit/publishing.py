"""Sending the head out: signed with a key that is not in the database, to a place the database cannot reach."""

import base64
import binascii
import json
import syslog
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from clavero import environment
from clavero.audit import services
from clavero.audit.models import Head, Publication

EVERY = timedelta(hours=1)


def signing_key() -> Ed25519PrivateKey:
    """From `CLAVERO_AUDIT_KEY`: base64url of 32 bytes. Raises ValueError naming the setting."""
    text = settings.AUDIT_KEY or ""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return Ed25519PrivateKey.from_private_bytes(raw)
    except (binascii.Error, ValueError):
        raise ValueError("CLAVERO_AUDIT_KEY: base64url text of 32 bytes is expected.") from None


def signed_head(now: datetime) -> dict[str, Any]:
    """The head as a document that anybody with the public key can check."""
    head = Head.objects.get(pk=1)
    key = signing_key()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    document: dict[str, Any] = {
        "number": head.number,
        "seal": bytes(head.seal).hex(),
        "at": now.isoformat(timespec="seconds"),
        "public_key": base64.b64encode(public).decode(),
    }
    document["signature"] = base64.b64encode(key.sign(_text(document))).decode()
    return document


def _text(document: dict[str, object]) -> bytes:
    signed = {name: document[name] for name in ("number", "seal", "at", "public_key")}
    return json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()


def is_genuine(document: dict[str, object], public_key: str = "") -> bool:
    """Whether the signature holds, under `public_key` where one is given."""
    named = public_key or str(document.get("public_key", ""))
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(named))
        key.verify(base64.b64decode(str(document["signature"])), _text(document))
    except (InvalidSignature, ValueError, KeyError, binascii.Error):
        return False
    return True


def publish(now: datetime) -> dict[str, Any]:
    """Sign the head, send it to the sink, and record that it went."""
    document = signed_head(now)
    sink = send(document)
    with transaction.atomic():
        Publication.objects.create(
            at=now,
            number=document["number"],
            seal_hex=document["seal"],
            signature=document["signature"],
            sink=sink,
        )
        services.record("audit_published", data={"number": int(str(document["number"]))})
    return document


def send(document: dict[str, object]) -> str:
    """Send a head to where `CLAVERO_AUDIT_SINK` says; the kind of place."""
    kind, where = place()
    line = json.dumps(document, sort_keys=True)
    if kind == "syslog":
        syslog.syslog(syslog.LOG_NOTICE, f"clavero audit head {line}")
    elif kind == "mail":
        import_string(settings.HEAD_POST)(where, f"clavero audit head {document['number']}", line)
    else:
        with Path(where).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    return kind


def place() -> tuple[str, str]:
    """`file:PATH` (a line is added), `syslog:`, or `mail:ADDRESS`. Raises ValueError naming the setting."""
    text = environment.read("CLAVERO_AUDIT_SINK") or f"file:{_beside_the_database()}"
    kind, _, where = text.partition(":")
    if kind not in ("file", "syslog", "mail") or (kind != "syslog" and not where):
        raise ValueError("CLAVERO_AUDIT_SINK must be file:PATH, syslog: or mail:ADDRESS.")
    return kind, where


def _beside_the_database() -> str:
    name = str(settings.DATABASES["default"]["NAME"])
    folder = (
        Path(name).parent if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else Path()
    )
    return str(folder / "audit-heads.jsonl")


def due(now: datetime) -> int:
    """Once an hour, where something happened since. Called by the worker."""
    last = Publication.objects.order_by("-number").first()
    head = Head.objects.get(pk=1)
    if last and (now - last.at < EVERY or head.number <= last.number + 1):
        return 0
    if head.number == 0:
        return 0
    publish(now)
    return 1
