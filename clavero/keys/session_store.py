"""Sessions in the database, each known by its account (S-091)."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from clavero import clock
from clavero.keys.models import Session


class SessionStore(DatabaseStore):
    """Django's database session with the account and the browser as columns."""

    @classmethod
    def get_model_class(cls):  # type: ignore[no-untyped-def]
        return Session

    def create_model_instance(self, data):  # type: ignore[no-untyped-def]
        row: Any = super().create_model_instance(data)
        account = data.get("_auth_user_id")
        row.account_id = int(account) if account else None
        row.browser = data.get("browser", "")[:60]
        row.opened_at = datetime.fromtimestamp(data.get("opened") or clock.now().timestamp(), UTC)
        return row
