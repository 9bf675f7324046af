"""The room as Django knows it."""

from django.apps import AppConfig


class CatastroConfig(AppConfig):
    name = "clavero.catastro"
    label = "catastro"
