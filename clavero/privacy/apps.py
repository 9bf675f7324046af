"""The room as Django knows it."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "clavero.privacy"
    label = "privacy"

    def ready(self) -> None:
        from clavero.privacy import checks  # noqa: F401
