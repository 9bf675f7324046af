"""The room as Django knows it. It has no tables: a list is checked and forgotten."""

from django.apps import AppConfig


class PrecheckConfig(AppConfig):
    name = "clavero.precheck"
    label = "precheck"
