"""The SRI's public service over HTTPS: one RUC in, one state out (DOMAIN §3.2).

Undocumented and not ours: whatever is late, large, foreign or led elsewhere is `Silent`, and a silent service
says nothing about a RUC. Only the worker calls this; the web process opens no connection (S-134). Of the
answer the state alone is kept: names and representatives are read by nobody.
"""

import http.client
import json
import socket
import ssl
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

PATH = (
    "/sri-catastro-sujeto-servicio-internet/rest/ConsolidadoContribuyente/obtenerPorNumerosRuc?ruc="
)
STATES = {"ACTIVO": "active", "SUSPENDIDO": "suspended", "PASIVO": "closed"}
LARGEST = 64 * 1024
UNKNOWN = "unknown"


class Silent(Exception):
    """No answer to go by. The text is a code: slow, unreachable, moved, refused, broken, huge, garbage, foreign."""


def is_found() -> bool:
    """Whether this machine finds an address for the service's name; True where none is set. For `clavero doctor`."""
    host = urlsplit(settings.SRI_URL).hostname
    try:
        return host is None or bool(socket.getaddrinfo(host, None))
    except OSError:
        return False


def fetch(ruc: str, seconds: float) -> bytes:
    """The body of the answer, within `seconds` from name to last byte. Raises `Silent`.

    A limit of the socket is one a packet: a service that drips would hold it for ever. So another thread reads,
    and its connection is cut when the time is over.
    """
    connection = _connection(settings.SRI_URL, seconds)
    found: list[bytes | Silent] = []
    reader = threading.Thread(target=_read_into, args=(found, connection, ruc), daemon=True)
    reader.start()
    reader.join(seconds)
    answer = found[0] if found else Silent("slow")
    _cut(connection)
    if isinstance(answer, Silent):
        raise answer
    return answer


def _connection(url: str, seconds: float) -> http.client.HTTPConnection:
    """Straight to the host of the setting: no proxy of the environment, no redirect followed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=seconds)
    trusted = ssl.create_default_context()
    return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=trusted)


def _read_into(
    found: list[bytes | Silent], connection: http.client.HTTPConnection, ruc: str
) -> None:
    try:
        found.append(_body(connection, ruc))
    except Silent as silent:
        found.append(silent)
    except TimeoutError:
        found.append(Silent("slow"))
    except (OSError, http.client.HTTPException, ValueError):
        found.append(Silent("unreachable"))


def _body(connection: http.client.HTTPConnection, ruc: str) -> bytes:
    headers = {"Accept": "application/json", "Connection": "close", "User-Agent": "clavero"}
    connection.request("GET", PATH + ruc, headers=headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise Silent({3: "moved", 4: "refused"}.get(answer.status // 100, "broken"))
    body = answer.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Silent("huge")
    return body


def _cut(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()


def read(body: bytes, ruc: str) -> str:
    """The state that an answer gives of this very RUC: active, suspended or closed; `unknown` where it has none.

    Raises `Silent`: garbage where it is no JSON, foreign where it is not of the known shape or about another RUC.
    """
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Silent("garbage") from None
    if found == []:
        return UNKNOWN
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
        raise Silent("foreign")
    said = found[0].get("estadoContribuyenteRuc")
    if found[0].get("numeroRuc") != ruc or not isinstance(said, str) or said not in STATES:
        raise Silent("foreign")
    return STATES[said]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that says a thing twice says nothing."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found
