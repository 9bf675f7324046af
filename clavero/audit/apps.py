"""The room as Django knows it."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "clavero.audit"
    label = "audit"

    def ready(self) -> None:
        from clavero.audit import checks  # noqa: F401
