"""The room as Django knows it."""

from django.apps import AppConfig


class ThrottleConfig(AppConfig):
    name = "clavero.throttle"
    label = "throttle"
