"""Sessions in the database, each known by its account (S-091)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone
from django.utils.crypto import get_random_string

from clavero import clock, rows
from clavero.institution import profile
from clavero.keys.models import Session

LONGEST = timedelta(hours=12)
"""A session ends after this, used or not (S-090)."""


class SessionStore(DatabaseStore):
    """Django's database session with the account and the browser as columns."""

    def cycle_key(self) -> None:
        """A new id at sign-in (S-088), written once with the answer instead of now and again then."""
        if self.session_key:
            self.delete(self.session_key)
        self._session_key = None  # type: ignore[attr-defined]
        self.modified = True

    def _get_new_session_key(self) -> str:
        """165 random bits: nobody asks whether they are taken."""
        return get_random_string(32, VALID_KEY_CHARS)

    def _get_session_from_db(self) -> Session | None:
        found = rows.one(Session, session_key=self.session_key, expire_date__gt=timezone.now())
        if found is None:
            self._session_key = None  # type: ignore[attr-defined]
        return found

    def save(self, must_create: bool = False) -> None:
        """A new session is one statement of its own; Django's would be four."""
        if self.session_key is not None:
            super().save(must_create)
            return
        self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        held = self._get_session(no_load=True)  # type: ignore[attr-defined]
        rows.insert(self.create_model_instance(held))

    @classmethod
    def get_model_class(cls):  # type: ignore[no-untyped-def]
        return Session

    def create_model_instance(self, data):  # type: ignore[no-untyped-def]
        row: Any = super().create_model_instance(data)
        account = data.get("_auth_user_id")
        row.account_id = int(account) if account else None
        row.browser = data.get("browser", "")[:60]
        now = clock.now()
        row.opened_at = datetime.fromtimestamp(data.get("opened") or now.timestamp(), UTC)
        rest = timedelta(minutes=profile().limits.idle_minutes)
        row.expire_date = min(now + rest, row.opened_at + LONGEST)
        return row
