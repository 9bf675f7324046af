"""Addresses of the kiosk: public, on the public host."""

from django.urls import path

from clavero.desk.views import kiosk

urlpatterns = [
    path("<slug:centre>/", kiosk.kiosk, name="kiosk"),
    path("<slug:centre>/numero/", kiosk.number, name="kiosk_number"),
    path("<slug:centre>/salir/", kiosk.clear, name="kiosk_clear"),
]
