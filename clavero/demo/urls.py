"""Addresses of the demonstration."""

from django.urls import path

from clavero.demo import views

urlpatterns = [
    path("", views.cast, name="demo"),
    path("cast.json", views.cast_json, name="demo_cast"),
    path("staff.json", views.staff_json, name="demo_staff"),
    path("correo/", views.mailbox, name="demo_mail"),
    path("correo/<int:number>/", views.mail, name="demo_one_mail"),
    path("correo.json", views.mailbox_json, name="demo_mail_json"),
    path("sri", views.say_sri, name="demo_sri"),
    path("celular/", views.texts, name="demo_texts"),
    path("celular.json", views.texts_json, name="demo_texts_json"),
    path("reloj", views.move_clock, name="demo_clock"),
]
