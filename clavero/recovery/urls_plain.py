"""Addresses without a language: what programs look for."""

from django.urls import path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

urlpatterns = [
    path(
        ".well-known/change-password",
        require_safe(RedirectView.as_view(pattern_name="account_change_key", permanent=False)),
        name="well_known_change_password",
    ),
]
