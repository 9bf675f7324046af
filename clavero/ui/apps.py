"""The room as Django knows it."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "clavero.ui"
    label = "ui"
