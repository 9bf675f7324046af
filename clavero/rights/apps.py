"""The room as Django knows it."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "clavero.rights"
    label = "rights"
