"""The room as Django knows it. It has no tables: what somebody asks is answered and forgotten."""

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "clavero.guidance"
    label = "guidance"
