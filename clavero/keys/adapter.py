"""How allauth meets our accounts: no sign-up, no e-mail pages, no limiter of its own."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Only sign-in and sign-out pass through allauth; recovery is ours."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Pages say what happened themselves."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """A passkey opens a door by itself (`bindings`, `desk.signing`); it is no second stage of allauth's sign-in."""

    def is_mfa_enabled(self, user: object, types: object = None) -> bool:
        return False

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Notices go through the outbox."""
