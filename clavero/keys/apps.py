"""The room as Django knows it."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "clavero.keys"
    label = "keys"
