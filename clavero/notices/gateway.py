"""Handing an SMS over: by HTTPS to the institution's gateway, or into a folder from which a modem's program takes it."""

import json
import os
import socket
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from clavero.core.errors import Refused
from clavero.notices import sms
from clavero.notices.services import PermanentFailure, TemporaryFailure
from clavero.notices.sms import Sms

SILENCE, LIMIT = 5, 10
"""Seconds without a byte, and for one message together."""
LATER = (401, 403, 404, 408, 425, 429)
"""Answers that an operator or the time mends: everything else from 400 to 499 is about this message."""


class Http:
    """One POST a message: `{"to", "text", "id"}`; `id` is the same at every attempt. Redirects are not followed."""

    def send(self, number: str, finished: Sms) -> None:
        """Raises `TemporaryFailure` or `PermanentFailure`, each with a code and no number."""
        body = _body(number, finished)
        try:
            status = _posted(body)
        except (OSError, HTTPException) as error:
            raise TemporaryFailure(f"sms.{type(error).__name__.lower()}") from None
        if not 200 <= status < 300:
            for_good = 400 <= status < 500 and status not in LATER
            raise (PermanentFailure if for_good else TemporaryFailure)(f"sms.{status}")


class Folder:
    """One file a message, the same name at every attempt, never half written."""

    def send(self, number: str, finished: Sms) -> None:
        """Raises `TemporaryFailure` where it cannot be written."""
        target = Path(unquote(urlsplit(settings.SMS_URL).path)) / f"{finished.id}.json"
        half = target.with_suffix(".half")
        try:
            with os.fdopen(
                os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as file:
                file.write(_body(number, finished))
            half.replace(target)
        except OSError as error:
            raise TemporaryFailure(f"sms.{type(error).__name__.lower()}") from None


def _body(number: str, finished: Sms) -> bytes:
    try:
        to = sms.e164(number)
    except Refused as refused:
        raise PermanentFailure("sms.number") from refused
    said = {"to": to, "text": finished.text, "id": finished.id}
    return json.dumps(said, ensure_ascii=False).encode()


def _posted(body: bytes) -> int:
    """The status of the answer. Whatever the gateway does, it ends within `LIMIT` seconds."""
    parts = urlsplit(settings.SMS_URL)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SILENCE)
    guard = threading.Timer(LIMIT, _cut, [connection])
    guard.daemon = True
    guard.start()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    headers |= {"Authorization": f"Bearer {settings.SMS_TOKEN}"} if settings.SMS_TOKEN else {}
    try:
        connection.request(
            "POST", f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}", body, headers
        )
        return connection.getresponse().status
    finally:
        guard.cancel()
        connection.close()


def reached() -> str:
    """The gateway's host, where it takes a connection; nothing is sent. Raises `OSError`."""
    parts = urlsplit(settings.SMS_URL)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.create_connection((parts.hostname or "", port), timeout=SILENCE):
        return parts.hostname or ""


def _cut(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
