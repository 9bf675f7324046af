"""The demonstration starts only where it can harm nobody."""

from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings


class UnsafeDemo(Exception):
    """The one line that says why a demonstration does not start."""


class DemoConfig(AppConfig):
    name = "clavero.demo"
    label = "demo"

    def ready(self) -> None:
        if not settings.DEMO:
            return
        refuse_unsafe(settings.BASE_URL, settings.DATABASES["default"]["ENGINE"])
        refuse_unsafe(settings.DESK_URL, settings.DATABASES["default"]["ENGINE"])
        from clavero import clock
        from clavero.demo import services

        clock.move_by(services.offset)


def refuse_unsafe(base_url: str, engine: str) -> None:
    """Localhost and SQLite, or no demonstration (ATTACKS 34)."""
    host = urlsplit(base_url).hostname or ""
    if host not in ("localhost", "127.0.0.1") and not host.endswith(".localhost"):
        raise UnsafeDemo("CLAVERO_DEMO=1 starts only with a base URL on localhost.")
    if not engine.endswith("sqlite3"):
        raise UnsafeDemo("CLAVERO_DEMO=1 starts only with SQLite, never with PostgreSQL.")
