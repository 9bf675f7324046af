"""What the desk needs on the public host: the mark of a browser in which staff works (S-078)."""

from django.urls import path

from clavero.desk.views import own

urlpatterns = [path("marca/<str:token>/", own.mark, name="desk_mark")]
