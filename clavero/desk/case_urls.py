"""Addresses of the casework: a case, its second person, the day."""

from django.urls import path

from clavero.desk.views import case, day, second

urlpatterns = [
    path("", day.home, name="desk_home"),
    path("abrir/", case.open_case, name="desk_open"),
    path("visita/<int:pk>/", case.visit, name="desk_visit"),
    path("visita/<int:pk>/corregir/<slug:kind>/", case.correct, name="desk_correct"),
    path("visita/<int:pk>/quitar/<slug:kind>/", case.drop, name="desk_drop"),
    path("visita/<int:pk>/decidir/", case.decide, name="desk_decide"),
    path("visita/<int:pk>/codigo/", case.hand, name="desk_hand"),
    path("visita/<int:pk>/vuelva/", case.observe, name="desk_observe"),
    path("visita/<int:pk>/hoja/", case.slip, name="desk_slip"),
    path("visita/<int:pk>/se-fue/", case.leave, name="desk_leave"),
    path("visita/<int:pk>/terminar/", case.finish, name="desk_finish"),
    path("visita/<int:pk>/acta/", case.acta, name="desk_acta"),
    path("visita/<int:pk>/revision/", case.flag, name="desk_flag"),
    path("visita/<int:pk>/en-linea/", case.reopen, name="desk_reopen"),
    path("visita/<int:pk>/foto/<slug:item>/", case.photo, name="desk_photo"),
    path("foto/<int:pk>/", case.show_photo, name="desk_show_photo"),
    path("decidir/", second.inbox, name="desk_approvals"),
    path("decidir/<int:pk>/", second.decide, name="desk_approval"),
    path("fila/siguiente/", day.call_next, name="desk_call_next"),
    path("fila/numero/", day.give_ticket, name="desk_give_ticket"),
    path("fila/<int:pk>/<slug:act>/", day.ticket, name="desk_ticket"),
    path("tablero/<slug:centre>/", day.board, name="desk_board"),
    path("sin-codigo/", day.counter_case, name="desk_counter_case"),
    path("levantar/", day.unfreeze, name="desk_unfreeze"),
    path("papel/", day.paper_form, name="desk_paper_form"),
    path("papel/pasar/", day.type_paper, name="desk_type_paper"),
    path("dia/", day.day_sheet, name="desk_day_sheet"),
    path("recuento/", day.count, name="desk_count"),
]
