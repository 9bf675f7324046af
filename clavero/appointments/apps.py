"""The room as Django knows it."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "clavero.appointments"
    label = "appointments"
