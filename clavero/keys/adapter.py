"""How allauth meets our accounts: no sign-up, no e-mail pages, no limiter of its own."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Only sign-in and sign-out pass through allauth; recovery is ours."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Pages say what happened themselves."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys of staff belong to the desk's host; second factors send no mail of their own."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.DESK_URL).hostname or "", "name": "Clavero"}

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Notices go through the outbox."""
