"""Sign-in and the account. Only these views of allauth's ground exist; its others answer 404."""

from django.urls import path

from clavero.keys import own_passkeys, own_second, views

urlpatterns = [
    path("entrar/", views.sign_in, name="account_login"),
    path("entrar/llave/", own_passkeys.sign_in, name="account_passkey"),
    path("entrar/codigo/", own_second.step, name="account_second"),
    path("salir/", views.sign_out, name="account_logout"),
    path("cuenta/", views.account, name="account"),
    path("cuenta/historia/", views.history, name="account_history"),
    path("cuenta/clave/", views.change_key, name="account_change_key"),
    path("cuenta/llaves/", own_passkeys.mine, name="account_passkeys"),
    path("cuenta/llaves/<int:number>/quitar/", own_passkeys.remove, name="account_passkey_gone"),
    path("cuenta/segundo-paso/", own_second.mine, name="account_own_second"),
    path("cuenta/segundo-paso/codigos/", own_second.codes, name="account_second_codes"),
    path("cuenta/segundo-paso/quitar/", own_second.remove, name="account_second_gone"),
    path("cuenta/sesiones/", views.end_sessions, name="account_sessions"),
]
