"""The directory of centres: for everybody, without a case."""

from django.urls import path

from clavero.appointments import views

urlpatterns = [
    path("citas/", views.directory, name="visits"),
    path("citas/simulacion/", views.simulation, name="simulation"),
    path("citas/<slug:code>/", views.centre, name="centre"),
]
