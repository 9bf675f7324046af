"""The guide: what is wrong, what to do, what to bring, by when. Anonymous; asks no register."""

from django.urls import path

from clavero.guidance.views import deadline, diagnosis, papers, reading, ready

urlpatterns = [
    path("", diagnosis.start, name="guide"),
    path("preguntas/", diagnosis.questions, name="guide_questions"),
    path("respuesta/", diagnosis.answer, name="guide_answer"),
    path("lista/", papers.checklist, name="guide_list"),
    path("lista.pdf", papers.checklist_pdf, name="guide_list_pdf"),
    path("lista/correo/", ready.mail_list, name="guide_list_mail"),
    path("listo/", ready.ready, name="guide_ready"),
    path("listo/llego/", ready.arrived, name="guide_arrived"),
    path("plan.ics", papers.checklist_calendar, name="guide_list_ics"),
    path("plazo/", deadline.deadline, name="guide_deadline"),
    path("tabla/", reading.table, name="guide_table"),
    path("preguntas-frecuentes/", reading.faq, name="guide_faq"),
    path("datos/", reading.data, name="guide_data"),
    path("avisar/", reading.report, name="guide_report"),
    path("recordatorio.ics", reading.reminder, name="guide_reminder"),
]
