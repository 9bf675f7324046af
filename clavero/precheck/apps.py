"""The room as Django knows it. Its tables hold long lists, for an hour at most."""

from django.apps import AppConfig


class PrecheckConfig(AppConfig):
    name = "clavero.precheck"
    label = "precheck"
