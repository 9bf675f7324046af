"""A server whose keys change while it runs."""

import pytest

from clavero.keys import services as keys
from clavero.privacy import keyring, lookups, macs, sealing

CACHES = (
    keyring.field_keys,
    keyring.peppers,
    keyring.derived,
    sealing._cipher,
    lookups._key,
    macs._key,
    keys._decoy,
)


class Ring:
    """The key files. `put("f2", "f1")`: f2 seals, f1 only opens."""

    def __init__(self, settings) -> None:
        self.settings = settings
        self.was = settings.FIELD_KEYS, settings.KEY_PEPPER
        self.keys = {"f1": self.was[0], "f2": "f2:" + "B" * 43, "p1": self.was[1], "p2": "p2:" + "C" * 43}  # fmt: skip

    def put(self, *names: str) -> None:
        self._set(",".join(self.keys[name] for name in names), self.settings.KEY_PEPPER)

    def season(self, *names: str) -> None:
        """The same for the pepper."""
        self._set(self.settings.FIELD_KEYS, ",".join(self.keys[name] for name in names))

    def back(self) -> None:
        self._set(*self.was)

    def _set(self, field_keys: str, pepper: str) -> None:
        self.settings.FIELD_KEYS, self.settings.KEY_PEPPER = field_keys, pepper
        for cached in CACHES:
            cached.cache_clear()


@pytest.fixture
def ring(settings):
    held = Ring(settings)
    yield held
    held.back()
