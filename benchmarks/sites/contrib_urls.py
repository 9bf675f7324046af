"""The peer's doors: Django's own."""

from django.contrib import admin
from django.contrib.auth import urls
from django.urls import include, path

from benchmarks.sites import peers

urlpatterns = [
    path("", include(urls)),
    path("admin/", admin.site.urls),
    path("account/", peers.home()),
]
