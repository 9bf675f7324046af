"""The words of what is stored and of what is asked: groups, fields, states, reasons."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop

KINDS = {
    "access": _("Una copia de mis datos"),
    "correction": _("Corregir un dato"),
    "erasure": _("Borrar datos"),
}
KIND_HINTS = {
    "access": _("Si quiere algo que la descarga no trae."),
    "correction": _(
        "Por ejemplo, un nombre mal escrito. El correo y el celular se cambian en un centro."
    ),
    "erasure": _("Lo que la ley obliga a guardar se queda, y le decimos por qué."),
}
STATES = {
    "received": _("recibido"),
    "answered": _("respondido"),
    "refused": _("negado, con motivo"),
}
PROOFS = {
    "account": _("ingresó con la clave"),
    "document": _("cédula o pasaporte, vista en el mostrador"),
    "authorisation": _("autorización y documentos, vistos en el mostrador"),
    "none": _("todavía ninguna"),
}
REASONS = {
    "not_proved": _("No se pudo comprobar que los datos son de quien los pide."),
    "not_held": _("No guardamos datos de esa persona o de ese empleador."),
    "duty": _("La ley obliga al instituto a guardar ese dato para cumplir su función."),
    "record": _("Es la prueba de lo que se hizo con la clave, y debe poder comprobarse después."),
    "others": _("Son datos de otra persona."),
}
STAYS = {
    "record": _("El registro sellado de lo que pasó. No lleva nombres, números ni direcciones."),
    "keys": _("Que hubo una clave, cuándo y por qué. La clave misma no la guardamos."),
    "proven_cases": _("Los casos en que se comprobó algo o la atendió un centro."),
    "register": _("El registro del empleador: RUC, nombre, sucursales y quien representa."),
    "contacts_on_record": _(
        "El correo y los teléfonos registrados. Se cambian en un centro, con documentos."
    ),
    "closed_marks": _(
        "Una marca de cada dirección dada de baja, sin la dirección, para que no vuelva a abrirse."
    ),
}

GROUPS = {
    "employers_employer": (_("El empleador"), _("Para encontrar su registro cuando alguien pide la clave.")),
    "employers_branch": (_("Sus sucursales"), _("Para comprobar el número de sucursal y dejarle escoger una.")),
    "employers_representative": (_("Usted, como representante"), _("Para saber quién puede pedir la clave.")),
    "employers_contact": (_("Correo y teléfonos"), _("Para enviarle códigos y avisarle de todo lo que se hace.")),
    "employers_fact": (_("Datos para preguntas"), _("Para comprobar con preguntas que es usted.")),
    "employers_change": (_("Cambios de su registro"), _("Para que los otros sistemas del instituto los conozcan.")),
    "keys_account": (_("Su cuenta"), _("Para que entre solo quien tiene la clave.")),
    "keys_session": (_("Sesiones abiertas"), _("Para que vea y cierre las que no son suyas.")),
    "keys_device": (_("Navegadores conocidos"), _("Para notar cuándo entra uno nuevo.")),
    "keys_savedcode": (_("Código de respaldo"), _("Para recuperar la clave sin correo. Guardamos solo una huella.")),
    "keys_factorcode": (_("Códigos de un solo uso"), _("Para entrar si pierde el teléfono. Guardamos solo una huella.")),
    "keys_keyevent": (_("Historia de su clave"), _("Para que usted compruebe qué se hizo.")),
    "mfa_authenticator": (_("Llaves de acceso y segundo paso"), _("Para entrar con más seguridad.")),
    "recovery_case": (_("Casos"), _("Para seguir cada pedido de clave hasta el final.")),
    "recovery_casecontact": (_("Dónde avisarle de un turno"), _("Para confirmar y recordar su turno.")),
    "recovery_readypaper": (_("Papeles que anunció"), _("Para que no haga una visita en vano.")),
    "appointments_booking": (_("Turnos"), _("Para guardarle la hora.")),
    "desk_visit": (_("Atenciones en un centro"), _("Para probar qué se vio y quién atendió.")),
    "desk_correction": (_("Correcciones pedidas en un centro"), _("Para que una segunda persona las apruebe.")),
    "desk_approval": (_("Decisiones de una segunda persona"), _("Para que nadie decida solo.")),
    "desk_ticket": (_("Números de la fila"), _("Para llamarle en orden.")),
    "catastro_inquiry": (_("Consultas al SRI"), _("Para saber si su RUC está activo.")),
    "notices_message": (_("Avisos que le enviamos"), _("Para poder decir si un aviso salió.")),
    "notices_postletter": (_("Cartas por correo postal"), _("Para avisarle aunque alguien lea su correo.")),
    "rights_request": (_("Pedidos sobre sus datos"), _("Para responderle a tiempo.")),
    "audit_entry": (_("Registro sellado"), _("Para probar después qué se hizo y quién lo hizo.")),
}  # fmt: skip
"""Table → what it is called and what it is for, for the person whose data they are."""

BASES = {
    "mission": _("Misión pública del instituto (LOPDP, art. 7)."),
    "security": _("Seguridad de los datos (LOPDP, arts. 10 y 37)."),
    "proof": _("Poder probar lo hecho (LOPDP, art. 10)."),
}

LABELS = {
    "employers_employer.ruc": _("RUC"),
    "employers_employer.name": _("Nombre"),
    "employers_employer.kind": _("Clase"),
    "employers_employer.as_of": _("Dato del"),
    "employers_branch.number": _("Número"),
    "employers_branch.name": _("Nombre"),
    "employers_representative.identification": _("Cédula o código"),
    "employers_representative.name": _("Nombre"),
    "employers_representative.as_of": _("Dato del"),
    "employers_contact.value": _("Dirección"),
    "employers_contact.state": _("Estado"),
    "employers_contact.usable_from": _("Sirve desde"),
    "employers_fact.name": _("Qué"),
    "employers_fact.value": _("Valor"),
    "employers_fact.as_of": _("Dato del"),
    "employers_change.on": _("Cuándo"),
    "employers_change.what": _("Qué"),
    "keys_account.opened_at": _("Abierta"),
    "keys_account.key_set_at": _("Clave creada"),
    "keys_account.last_access_at": _("Último acceso"),
    "keys_session.browser": _("Navegador"),
    "keys_session.opened_at": _("Abierta"),
    "keys_device.browser": _("Navegador"),
    "keys_device.last_seen_at": _("Última vez"),
    "keys_savedcode.made_at": _("Creado"),
    "keys_savedcode.used_at": _("Usado"),
    "keys_factorcode.made_at": _("Creado"),
    "keys_factorcode.used_at": _("Usado"),
    "keys_keyevent.at": _("Cuándo"),
    "keys_keyevent.where": _("Desde"),
    "keys_keyevent.audit_number": _("Registro"),
    "mfa_authenticator.created_at": _("Añadida"),
    "mfa_authenticator.last_used_at": _("Última vez"),
    "recovery_case.number": _("Caso"),
    "recovery_case.opened_at": _("Abierto"),
    "recovery_case.closed_at": _("Cerrado"),
    "recovery_case.identification": _("Cédula escrita"),
    "recovery_casecontact.address": _("Dirección"),
    "recovery_readypaper.sent_at": _("Anunciado"),
    "appointments_booking.starts_at": _("Turno"),
    "appointments_booking.contact": _("Aviso a"),
    "desk_visit.opened_at": _("Cuándo"),
    "desk_visit.centre": _("Centro"),
    "desk_visit.staff_id": _("Atendió"),
    "desk_visit.reason": _("Motivo anotado"),
    "desk_correction.value": _("Dato pedido"),
    "desk_correction.made_at": _("Cuándo"),
    "desk_approval.asked_at": _("Pedida"),
    "desk_approval.decided_at": _("Decidida"),
    "desk_approval.decided_by_id": _("Decidió"),
    "desk_approval.reason": _("Motivo anotado"),
    "desk_ticket.day": _("Día"),
    "desk_ticket.number": _("Número"),
    "catastro_inquiry.asked_at": _("Cuándo"),
    "notices_message.made_at": _("Escrito"),
    "notices_message.sent_at": _("Enviado"),
    "notices_postletter.made_at": _("Escrita"),
    "notices_postletter.exported_at": _("Impresa"),
    "rights_request.number": _("Pedido"),
    "rights_request.received_at": _("Recibido"),
    "rights_request.due_on": _("Responder hasta"),
    "rights_request.answer": _("Respuesta"),
    "audit_entry.number": _("Registro"),
    "audit_entry.at": _("Cuándo"),
}
"""Column → its label on the page. Every personal column that goes out has one; of the traces, those that say something."""

MASKED = ("employers_contact.value", "recovery_casecontact.address", "appointments_booking.contact", "desk_correction.value")  # fmt: skip
"""What a page shows masked: whole it stands in the download, which asks for the key."""

KEPT = {
    "throttle": _("Unos días."),
    "messages": _(
        "%(days)s días después de enviarlo. La dirección y el texto se borran al enviarlo."
    ),
    "letters": _("%(days)s días desde que se escribe."),
    "sent": _("Hasta que se envía."),
    "sessions": _("%(days)s día después de cerrarse."),
    "ready": _("Hasta que termina el caso."),
    "visit_over": _("Hasta que pasa el turno."),
    "inquiry": _("Unos días."),
    "account": _("Mientras exista la cuenta."),
    "requests": _("%(days)s días desde la respuesta."),
    "case": _(
        "%(unproven_cases)s días después de terminar, si nada se comprobó. Si no, %(finished_cases)s días."
    ),
    "visit": _("Lo mismo que su caso: %(finished_cases)s días después de que termina."),
    "signature": _("Lo mismo que su caso: %(days)s días."),
    "appointments": _("%(days)s días después del turno."),
    "changes": _("%(days)s días."),
    "devices": _("%(days)s días desde que se usó. Una clave nueva lo borra."),
    "key_history": _("%(days)s días."),
    "tickets": _("%(days)s días."),
    "register": _("Mientras el instituto lo tenga en su registro."),
    "always": _("Para siempre: el registro sellado nunca se acorta."),
}
"""How long, for who reads it: by the name of the period in the dictionary."""

CODES = {
    "employers_employer.kind": {
        "natural": _("persona natural"),
        "company": _("empresa"),
        "public": _("entidad pública"),
        "domestic": _("emplea en su casa"),
        "foreign": _("extranjero"),
        "unknown": _("no se sabe"),
    },
    "employers_fact.name": {
        "workers_last_sheet": _("trabajadores de la última planilla"),
        "first_entry_month": _("mes del primer aviso de entrada"),
        "last_payment_month": _("mes del último pago"),
    },
    "employers_contact.state": {
        "on_record": _("registrado"),
        "proposed": _("propuesto"),
        "bounced": _("devolvió un mensaje"),
        "dead": _("ya no existe"),
        "replaced": _("reemplazado"),
        "frozen": _("detenido"),
    },
}
"""Column → what its codes are called."""

RECIPIENTS = {
    "authority": _("La autoridad de protección de datos"),
    "arcotel": _("ARCOTEL"),
    "subjects": _("Las personas afectadas"),
    "controller": _("El responsable del tratamiento"),
}
SCOPES = {
    "used": _("empleadores cuya cuenta se usó en esos días, según el registro sellado"),
    "cases": _("empleadores con un caso abierto o movido en esos días"),
    "all": _("todos los empleadores del registro"),
}
DRILL_FACTS = _noop(
    "Se perdió un disco con una copia de la base de datos. La copia estaba cifrada; no se sabe si alguien tiene también las claves."
)
DRILL_MEASURES = _noop(
    "Se cambiaron las claves del servidor, se cerraron las sesiones y se pidió cambiar la clave a los empleadores afectados."
)
