"""The public pages: home, the road to a key, the case. Nothing personal stands in an address."""

from django.urls import include, path

from clavero.recovery.views import after, booking, opening, papers, pause, plain, ready, road, sri, visit

ROAD = "empleadores/recuperar-clave/"

IN_A_CASE = [
    path("", plain.case_open, name="case_open"),
    path("codigo/", road.code, name="case_code"),
    path("otro-mensaje/", road.resend, name="case_resend"),
    path("vencido/", road.expired, name="case_expired"),
    path("preguntas/", road.question, name="case_question"),
    path("contacto/", road.contact, name="case_contact"),
    path("espera/", pause.pause, name="case_pause"),
    path("segundo-paso/", pause.factor, name="case_factor"),
    path("clave/", road.key, name="case_key"),
    path("probar/", road.test, name="case_test"),
    path("listo/", road.done, name="case_done"),
    path("situacion/", visit.situation, name="case_situation"),
    path("corregir/", visit.correct, name="case_correct"),
    path("visita/", visit.visit, name="case_visit"),
    path("sus-datos/", visit.contact_data, name="case_contact_data"),
    path("sri/", sri.ask, name="case_sri"),
    path("quien-va/", visit.who_goes, name="case_who_goes"),
    path("papel/<slug:paper>/", papers.to_sign, name="case_paper"),
    path("papel/<slug:paper>.pdf", papers.to_sign_pdf, name="case_paper_pdf"),
    path("hoja/", papers.visit_sheet, name="case_sheet"),
    path("hoja.pdf", papers.visit_pdf, name="case_sheet_pdf"),
    path("hoja/correo/", papers.mail_sheet, name="case_sheet_mail"),
    path("papeles/", ready.papers_ready, name="case_ready"),
    path("papeles/<slug:paper>/", ready.photo, name="case_ready_photo"),
    path("estado/", visit.status, name="case_status"),
    path("comprobar-correo/", after.prove_contact, name="case_prove_contact"),
    path("turno/", booking.choose, name="case_slots"),
    path("turno/confirmar/", booking.confirm, name="case_confirm"),
    path("turno/codigo/", booking.code, name="case_booking_code"),
    path("turno/mio/", booking.booking, name="case_booking"),
    path("turno/espera/", booking.waiting, name="case_waiting"),
    path("turno/cambiar/", booking.change, name="case_booking_change"),
    path("turno/turno.ics", booking.calendar, name="case_booking_ics"),
    path("terminar/", after.finish, name="case_finish"),
]

urlpatterns = [
    # First, and behind one look at the address: most of what is asked is asked here.
    path(f"{ROAD}caso/<slug:ref>/", include(IN_A_CASE)),
    path("", plain.home, name="home"),
    path("tramites/", plain.menu, name="menu"),
    path("tramites/empleadores/", plain.menu_employers, name="menu_employers"),
    path("tiempos/", plain.timeline, name="timeline"),
    path("ayuda/", plain.help_page, name="help"),
    path("es-de-verdad/", plain.is_it_us, name="is_it_us"),
    path("datos-personales/", plain.privacy, name="privacy"),
    path("accesibilidad/", plain.accessibility, name="accessibility"),
    path("seguridad/", plain.security, name="security"),
    path("reclamos/", plain.complaints, name="complaints"),
    path(ROAD, plain.start, name="start"),
    path(f"{ROAD}identificacion/", opening.who, name="who"),
    path(f"{ROAD}numero/", opening.number, name="number"),
    path(f"{ROAD}validar/", opening.check, name="check"),
    path(f"{ROAD}enlace/", road.link, name="link"),
    path(f"{ROAD}enlace/<str:token>/", road.mail_link, name="mail_link"),
    path(f"{ROAD}correo/", road.confirm_contact, name="confirm_contact"),
    path(f"{ROAD}correo/<str:token>/", road.contact_link, name="contact_link"),
    path("caso/", visit.find, name="case"),
    path("caso/recoger/", after.pick_up, name="pick_up"),
    path("cancelar-pedido/", pause.stop, name="stop"),
    path("cancelar-pedido/<str:token>/", pause.stop_link, name="stop_link"),
    path("no-fui-yo/", after.not_me, name="not_me"),
    path("no-fui-yo/<str:token>/", after.not_me_link, name="not_me_link"),
]
