"""The peer's doors: allauth's account pages."""

from django.urls import include, path

from benchmarks.sites import peers

urlpatterns = [path("", include("allauth.account.urls")), path("account/", peers.home())]
