"""What the processes write to their log: one line of JSON an event, with nothing in it that a person typed.

An address may hold the token of a link, so that the route stands in its place (S-023, S-098); of a failure
stand its kind and where it happened, never its words. Line breaks and colours of a request end as JSON (S-099).
"""

import json
import logging
import re
import sys
import threading
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog

_TELLING = re.compile(r"[A-Za-z0-9_\-]{24,}|\d{9,}|\S+@\S+")
FRAMES = 6


def configure(settings: Any = None) -> None:
    """Django's and the libraries' loggers, and structlog, to standard error. Called by Django at its start."""
    handler = Stderr()
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING
    threading.excepthook = _of_a_thread
    django = logging.getLogger("django")
    django.handlers, django.level, django.propagate = [], logging.WARNING, True
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        logger_factory=lambda *args: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _of_a_thread(failed: threading.ExceptHookArgs) -> None:
    """A thread that falls over leaves kind and places, as everything else does."""
    found = (failed.exc_type, failed.exc_value or failed.exc_type(), failed.exc_traceback)
    logging.getLogger("clavero").error("thread_failed", exc_info=found)


class Stderr(logging.Handler):
    """Writes to standard error as it is at that moment. A log that cannot be written stops no deed."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            print(self.format(record), file=sys.stderr, flush=True)


class OneLine(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        request = getattr(record, "request", None)
        line |= _of_request(record, request) if hasattr(request, "META") else _of_others(record)
        return json.dumps(line | _failure(record), ensure_ascii=True)


def _of_request(record: logging.LogRecord, request: Any) -> dict[str, Any]:
    """The route instead of the address, and the number that the page of a failure shows."""
    match, status = getattr(request, "resolver_match", None), getattr(record, "status_code", 500)
    found = {
        "event": "request_failed" if status >= 500 else "request_refused",
        "status": status,
        "method": request.method if request.method in ("GET", "HEAD", "POST") else "other",
        "route": match.route if match else "",
    }
    number = getattr(request, "failure", "")
    return found | ({"number": number} if number else {})


def _of_others(record: logging.LogRecord) -> dict[str, Any]:
    return {"event": _TELLING.sub("…", record.getMessage())[:300]}


def _failure(record: logging.LogRecord) -> dict[str, Any]:
    """Kind and places of a failure; its words might hold what somebody typed."""
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    frames = traceback.extract_tb(record.exc_info[2])[-FRAMES:]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    return {"error": record.exc_info[0].__name__, "in": places}
