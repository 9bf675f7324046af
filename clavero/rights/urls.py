"""The addresses of what people may ask about their own data: in the account, and at the desk."""

from django.urls import path

from clavero.rights import desk_views, views

urlpatterns = [
    path("cuenta/datos/", views.mine, name="account_data"),
    path("cuenta/datos/pedir/", views.ask, name="account_data_ask"),
    path("cuenta/datos/copia/", views.download, name="account_data_file"),
    path("mesa/datos/", desk_views.everything, name="desk_rights"),
    path("mesa/datos/anotar/", desk_views.note, name="desk_right_note"),
    path("mesa/datos/<int:pk>/", desk_views.one, name="desk_right"),
    path("mesa/datos/<int:pk>/copia/", desk_views.copied, name="desk_right_copy"),
]
