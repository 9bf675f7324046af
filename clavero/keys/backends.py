"""Who is signed in: an account by its id. Signing in itself is `services.check`, the second step where there is one, `services.let_in`."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from clavero import rows
from clavero.keys.models import Account


class KeyBackend(BaseBackend):
    """Loads the account of a session. `authenticate` is not a way in: it answers nobody.

    No backend takes an e-mailed code as a sign-in (S-004).
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: int) -> Account | None:
        account = rows.one(Account, id=user_id)
        return account if account and account.is_active else None
