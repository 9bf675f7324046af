"""Every door of the portal. Spanish without a prefix, English under /en/ (by address, never by browser)."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from clavero.project import views

urlpatterns = [
    path("health", views.health, name="health"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("", include("clavero.recovery.urls_plain")),
    path("", include("clavero.desk.urls_plain")),
    *i18n_patterns(
        path("", include("clavero.recovery.urls")),
        path("", include("clavero.appointments.urls")),
        path("", include("clavero.keys.urls")),
        path("", include("clavero.rights.urls")),
        path("guia/", include("clavero.guidance.urls")),
        path("precheck/", include("clavero.precheck.urls")),
        path("mesa/", include("clavero.desk.urls")),
        path("quiosco/", include("clavero.desk.kiosk_urls")),
        prefix_default_language=False,
    ),
]
if settings.DEMO or settings.TEST:
    urlpatterns.insert(0, path("demo/", include("clavero.demo.urls")))

handler400 = "clavero.project.views.bad_request"
handler403 = "clavero.project.views.forbidden"
handler404 = "clavero.project.views.not_found"
handler500 = "clavero.project.views.server_error"
