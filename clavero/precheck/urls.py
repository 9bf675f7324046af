"""Lists of employers, and one employer at a time."""

from django.urls import path

from clavero.precheck import views

urlpatterns = [
    path("", views.upload, name="precheck"),
    path("uno/", views.one, name="precheck_one"),
]
