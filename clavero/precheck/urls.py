"""Lists of employers, one that is kept for a while, and one employer at a time."""

from django.urls import path

from clavero.precheck import kept_views, views

urlpatterns = [
    path("", views.upload, name="precheck"),
    path("uno/", views.one, name="precheck_one"),
    path("lista/", kept_views.follow, name="precheck_list"),
    path("lista/informe/", kept_views.report_file, name="precheck_list_report"),
    path("lista/resultado/", kept_views.result_file, name="precheck_list_file"),
    path("lista/borrar/", kept_views.forget, name="precheck_list_forget"),
    path("lista/<str:token>/", kept_views.link, name="precheck_list_link"),
]
