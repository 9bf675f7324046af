"""The room as Django knows it."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    name = "clavero.employers"
    label = "employers"
