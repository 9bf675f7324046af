"""How allauth meets our accounts: no sign-up, no e-mail pages, no limiter of its own."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Only sign-in and sign-out pass through allauth; recovery is ours."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Pages say what happened themselves."""
