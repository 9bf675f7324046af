"""What happened to an employer's key and cases, as its owner reads it: staff acts and looks too (J03, J04)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from clavero.audit import queries as audit
from clavero.audit.models import Entry
from clavero.keys.models import Account

SENTENCES: dict[str, str] = {
    "case_open_online": _noop("Alguien pidió la clave en línea."),
    "case_open_visit": _noop("Alguien pidió la clave y hacía falta una visita."),
    "case_open_counter": _noop("Abrieron un caso en un mostrador."),
    "case_prove": _noop("Se comprobó el correo registrado o un código de respaldo."),
    "case_prove_contact": _noop("Se comprobó el correo registrado."),
    "case_give_up_contact": _noop("Dijeron que ya no tienen el correo registrado."),
    "case_fail_questions": _noop("Una respuesta a las preguntas no coincidió."),
    "case_settle_contact": _noop("Se revisaron los datos de contacto."),
    "case_declare": _noop("Se preparó una visita."),
    "case_book": _noop("Se reservó un turno."),
    "case_rebook": _noop("Se cambió el turno."),
    "case_unbook": _noop("Se devolvió el turno."),
    "case_arrive": _noop("Se abrió el caso en un mostrador con el código de continuación."),
    "case_observe": _noop("En el mostrador faltaba algo."),
    "case_correct": _noop("En el mostrador pidieron corregir un dato."),
    "case_ask_approval": _noop("El mostrador pidió una segunda aprobación."),
    "case_attest": _noop("El mostrador vio a la persona y los papeles."),
    "case_approve": _noop("Una segunda persona aprobó el caso."),
    "case_send_back": _noop("Una segunda persona pidió algo más."),
    "case_refuse": _noop("Una segunda persona no aprobó el caso."),
    "case_hand_binding": _noop("El mostrador entregó el código para crear la clave."),
    "ruc_asked": _noop("Se preguntó al SRI por el RUC."),
    "case_reopen_online": _noop("Los registros ya estaban en orden y el caso siguió en línea."),
    "case_freeze": _noop("Desde un correo registrado dijeron «no fui yo»: el caso se detuvo."),
    "case_unfreeze": _noop("Pasaron 72 horas y el caso siguió."),
    "case_lift_freeze": _noop("Quien supervisa vio la evidencia y el caso siguió."),
    "case_cancel": _noop("Se canceló el caso."),
    "case_wait": _noop(
        "El caso esperó un tiempo de seguridad y avisamos a los correos registrados."
    ),
    "case_prove_again": _noop("Se comprobó además un código de respaldo."),
    "case_prove_by_passkey": _noop("Se comprobó además una llave de acceso."),
    "case_add_factor": _noop("Se comprobó además el segundo paso."),
    "case_stop_wait": _noop("Desde un correo avisado se canceló el caso."),
    "case_release": _noop("Pasó el tiempo de seguridad y nadie se opuso."),
    "case_expire": _noop("El caso venció."),
    "case_test_access": _noop("Se comprobó el acceso."),
    "contact_proposed": _noop("Propusieron un dato de contacto."),
    "contact_confirmed": _noop("Se confirmó un dato de contacto propuesto."),
    "contact_marked": _noop("Un dato de contacto se dio de baja."),
    "contact_replaced": _noop("Se aprobó cambiar un dato de contacto."),
    "contact_settled": _noop("Un dato de contacto nuevo empezó a servir."),
    "representative_added": _noop("Se añadió a quien representa al empleador."),
    "representative_ended": _noop("Dejó de representar al empleador quien lo hacía antes."),
    "employer_registered": _noop("Se registró al empleador."),
    "sensitive_read": _noop("Personal del instituto miró los datos del caso."),
    "key_set": _noop("Se creó una clave nueva."),
    "key_unlocked": _noop("Se desbloqueó la clave."),
    "key_blocked": _noop("Se bloqueó la clave."),
    "key_revoked": _noop("La clave dejó de valer."),
    "key_frozen": _noop("La clave se detuvo por un tiempo, por seguridad."),
    "key_thawed": _noop("La clave dejó de estar detenida."),
    "key_reissue_forced": _noop("El instituto pidió cambiar la clave."),
    "block_lifted": _noop("El instituto levantó un límite de intentos."),
    "signin": _noop("Ingresó con la clave."),
    "signin_failed": _noop("Alguien no pudo ingresar."),
    "signin_after_failures": _noop(
        "Ingresaron desde un navegador nuevo, tras muchos intentos fallidos."
    ),
    "saved_code_made": _noop("Se creó un código de respaldo."),
    "passkey_added": _noop("Se añadió una llave de acceso."),
    "passkey_lost": _noop("Se quitó una llave de acceso."),
    "second_step_on": _noop("Se activó el segundo paso al ingresar."),
    "second_step_codes": _noop("Se crearon códigos nuevos de un solo uso."),
    "second_step_off": _noop("Se quitó el segundo paso al ingresar."),
    "factor_code_used": _noop("Se usó un código de un solo uso."),
    "session_ended": _noop("Se cerró una sesión."),
    "data_asked": _noop("Se recibió un pedido sobre sus datos personales."),
    "data_answered": _noop("Se respondió un pedido sobre sus datos personales."),
    "data_refused": _noop("Se negó un pedido sobre sus datos personales, con su motivo."),
    "data_exported": _noop("Se entregó una copia de sus datos."),
    "data_erased": _noop("Se borraron datos que ya no hacían falta."),
    "employer_renamed": _noop("Se corrigió un nombre en el registro."),
}
"""Event → sentence. What has none (a duress hold among them) is not shown."""
LONGEST = 200


@dataclass(frozen=True)
class Line:
    """One line: when, what, who of staff by number (0: nobody), and the entry that proves it."""

    at: datetime
    says: str
    staff: int
    number: int
    head12: str


def of(account: Account) -> list[Line]:
    """What happened to the employer of `account` and to the account, newest first."""
    subjects = [subject for subject in (account.employer_id, account.pk) if subject is not None]
    return [_line(entry) for entry in audit.newest(subjects, SENTENCES, LONGEST)]


def _line(entry: Entry) -> Line:
    staff = audit.staff_of(entry)
    return Line(entry.at, _(SENTENCES[entry.event]), staff, entry.number, bytes(entry.seal).hex()[:12])  # fmt: skip
