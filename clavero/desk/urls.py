"""The addresses of the desk, under /mesa/: staff only, each with its act (`desk.doors.desk`)."""

from django.urls import path

from clavero.desk.views import own, people

urlpatterns = [
    path("", own.home, name="desk_home"),
    path("entrar/", own.sign_in, name="desk_sign_in"),
    path("alta/", own.enrol, name="desk_enrol"),
    path("salir/", own.sign_out, name="desk_sign_out"),
    path("bloquear/", own.lock, name="desk_lock"),
    path("bloqueado/", own.locked, name="desk_locked"),
    path("llaves/", own.own_passkeys, name="desk_passkeys"),
    path("llaves/<int:number>/perdida/", own.lost_passkey, name="desk_passkey_lost"),
    path("atencion/", own.begin_duty, name="desk_duty_begin"),
    path("atencion/terminar/", own.end_duty, name="desk_duty_end"),
    path("personal/", people.everybody, name="desk_staff"),
    path("personal/alta/", people.admit, name="desk_admit"),
    path("personal/<int:number>/", people.one, name="desk_one"),
    path("personal/<int:number>/centro/", people.move, name="desk_move"),
    path("personal/<int:number>/capacitacion/", people.prolong, name="desk_prolong"),
    path("personal/<int:number>/llaves/", people.reissue, name="desk_reissue"),
    path("personal/<int:number>/salida/", people.end, name="desk_end"),
    path("altas/", people.enrolments, name="desk_enrolments"),
    path("altas/<int:pk>/", people.hand_code, name="desk_hand_code"),
    path("altas/<int:pk>/no/", people.drop_code, name="desk_drop_code"),
]
