"""The room as Django knows it."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "clavero.recovery"
    label = "recovery"
