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
    "proven_cases": _("Los casos en que se comprobó algo, atendió un centro o falta decidir."),
    "register": _("El registro del empleador: RUC, nombre, sucursales y quien representa."),
    "contacts_on_record": _(
        "El correo y los teléfonos registrados. Se cambian en un centro, con documentos."
    ),
    "closed_marks": _(
        "Una marca de cada dirección dada de baja, sin la dirección, para que no vuelva a abrirse."
    ),
    "warnings": _(
        "Los avisos y las cartas que aún no salen a una dirección registrada, de ahora o de antes: así se entera de lo que pasó."
    ),
    "requests": _("Lo que usted pidió sobre sus datos y lo que se le respondió."),
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

MORE_LABELS = {
    "employers_employer.key_state": _("Qué se sabe de su clave"),
    "employers_employer.key_changed_on": _("Desde cuándo"),
    "employers_employer.source": _("Quién dio el dato"),
    "employers_representative.mode": _("Sola o en conjunto"),
    "employers_representative.through": _("Compañía a través de la que actúa"),
    "employers_representative.state": _("Si todavía representa"),
    "employers_contact.kind": _("Correo, celular o teléfono"),
    "employers_contact.shared": _("Si consta para más empleadores de lo permitido"),
    "employers_contact.source": _("Quién dio el dato"),
    "employers_contact.as_of": _("Dato del"),
    "employers_contact.confirmed_at": _("Cuándo respondió"),
    "employers_contact.changed_on": _("Desde cuándo es nuevo"),
    "employers_change.audit_number": _("Entrada del registro sellado"),
    "keys_account.kind": _("De empleador o de personal"),
    "keys_account.state": _("Activa, bloqueada o revocada"),
    "keys_account.branch": _("Sucursal, si la clave es por sucursal"),
    "keys_account.role": _("Qué puede hacer el personal"),
    "keys_account.must_change": _("Si debe cambiarse, y por qué"),
    "keys_account.scope": _("Completa o limitada"),
    "keys_account.frozen_until": _("Hasta cuándo nadie ingresa"),
    "keys_session.expire_date": _("Cuándo termina"),
    "keys_device.first_seen_at": _("Desde cuándo"),
    "keys_keyevent.event": _("Qué se hizo con la clave"),
    "mfa_authenticator.type": _("Aplicación o llave de acceso"),
    "recovery_case.state": _("Cómo va el caso"),
    "recovery_case.purpose": _("Recuperar, desbloquear o primera clave"),
    "recovery_case.language": _("Idioma de los avisos"),
    "recovery_case.moved_at": _("Último paso"),
    "recovery_case.ruc": _("RUC escrito"),
    "recovery_case.branch": _("Sucursal escrita"),
    "recovery_case.domestic": _("Si emplea en su casa"),
    "recovery_case.facts": _("Con qué se decidió el camino"),
    "recovery_case.route": _("En línea o con visita"),
    "recovery_case.declared": _("Lo que marcó de su situación"),
    "recovery_case.proofs": _("Qué se comprobó"),
    "recovery_case.grant_rule": _("Regla que permitió la clave"),
    "recovery_case.browser": _("Navegador, en dos palabras"),
    "recovery_case.province": _("Provincia aproximada"),
    "recovery_case.mask": _("Dirección tapada, como se mostró"),
    "recovery_case.contact_data": _("Datos de contacto propuestos"),
    "recovery_case.questions": _("Qué preguntas se hicieron"),
    "recovery_case.centre": _("Centro que lo atiende"),
    "recovery_case.observed_until": _("Hasta cuándo se miran los ingresos"),
    "recovery_case.frozen_from": _("Dónde estaba al decir «no fui yo»"),
    "recovery_case.frozen_until": _("Hasta cuándo descansa"),
    "recovery_case.risks": _("Por qué señales espera"),
    "recovery_case.wait_until": _("Hasta cuándo espera"),
    "recovery_case.proved_at": _("Contacto comprobado"),
    "recovery_case.key_set_at": _("Clave creada"),
    "recovery_case.tested_at": _("Clave probada"),
    "recovery_casecontact.kind": _("Correo o celular"),
    "recovery_casecontact.confirmed_at": _("Confirmada"),
    "recovery_readypaper.item": _("Qué papel"),
    "recovery_readypaper.kind": _("Clase de imagen"),
    "appointments_booking.service": _("Para qué"),
    "appointments_booking.ends_at": _("Hasta"),
    "appointments_booking.state": _("Cómo va"),
    "appointments_booking.contact_kind": _("Correo o celular"),
    "appointments_booking.confirmed_at": _("Confirmado"),
    "appointments_booking.reminded_at": _("Recordado"),
    "appointments_booking.ended_at": _("Terminado"),
    "appointments_booking.made_at": _("Pedido el"),
    "appointments_booking.proven": _("Si el caso ya comprobó un contacto"),
    "appointments_booking.language": _("Idioma de los avisos"),
    "desk_visit.counter": _("Mostrador"),
    "desk_visit.marked": _("Qué se vio, papel por papel"),
    "desk_visit.third_party": _("Si vino otra persona"),
    "desk_visit.outcome": _("Cómo terminó"),
    "desk_visit.closed_at": _("Terminada"),
    "desk_correction.kind": _("Qué se corrige"),
    "desk_correction.applied_at": _("Hecha"),
    "desk_approval.asked_by_id": _("Quién la pidió"),
    "desk_approval.drawn_at": _("Sorteada"),
    "desk_approval.decision": _("Decisión"),
    "desk_ticket.centre": _("Centro"),
    "desk_ticket.line": _("Con turno o sin turno"),
    "desk_ticket.state": _("Cómo va"),
    "desk_ticket.issued_at": _("Entregado"),
    "desk_ticket.called_at": _("Llamado"),
    "desk_ticket.ended_at": _("Terminado"),
    "desk_ticket.counter": _("Mostrador"),
    "desk_ticket.staff_id": _("Atendió"),
    "catastro_inquiry.ruc": _("RUC consultado; se borra con la respuesta"),
    "notices_message.kind": _("Qué aviso"),
    "notices_message.channel": _("Correo o celular"),
    "notices_message.language": _("Idioma"),
    "notices_postletter.kind": _("Qué carta"),
    "notices_postletter.language": _("Idioma"),
    "rights_request.kind": _("Copia, corrección o borrado"),
    "rights_request.state": _("Recibido, respondido o negado"),
    "rights_request.who": _("Quién pide"),
    "rights_request.what": _("Qué pide, con sus palabras"),
    "rights_request.reach": _("Dónde recibe la respuesta"),
    "rights_request.proof": _("Qué mostró quién es"),
    "rights_request.language": _("Idioma de la respuesta"),
    "rights_request.noted_by": _("Quién del personal lo anotó; 0 si vino de la cuenta"),
    "rights_request.answered_at": _("Respondido"),
    "rights_request.answered_by": _("Quién del personal respondió"),
    "rights_request.reason": _("Motivo de la negativa, como código"),
    "audit_entry.event": _("Qué se hizo"),
    "audit_entry.actor": _("Quién lo hizo"),
    "audit_entry.outcome": _("Cómo terminó"),
    "audit_entry.reason": _("Motivo, como código"),
}  # fmt: skip
"""Column → its label in the file, where the page does not show it: with `LABELS`, every column that goes out."""

STAYS_OUT = {
    "account_emailaddress": _("Queda vacía"),
    "precheck_sentlist": _("No dice de quién es: quien tiene su enlace la lee y la borra"),
    "precheck_piece": _("No dice de quién es: quien tiene su enlace la lee y la borra"),
    "desk_photo": _("Foto de un papel; se borra con la decisión, en un día"),
    "desk_staff": _("Es del personal, que aparece como función y número"),
    "desk_enrolment": _("Es del personal"),
    "desk_secondlook": _("Es del control de lo que hace el personal"),
    "desk_answer": _("Es del control de lo que hace el personal"),
    "throttle_refusing": _("Redes rechazadas hace poco, de nadie en particular"),
    "desk_training": _("Es del personal"),
    "rights_breach": _("Lo que pasó con datos del instituto; a quien toca se le avisa (art. 46)"),
    "demo_mail": _("Allí no hay nadie real"),
    "demo_text": _("Allí no hay nadie real"),
    "employers_change.value": _("Puede ser el número de otra persona; el cambio sí consta"),
    "notices_message.address": _("Consta entre los contactos; se borra al enviar"),
    "notices_message.payload": _("Lleva códigos y enlaces hasta que se envía; entonces se borra"),
    "notices_postletter.payload": _("Lo dice la carta misma"),
    "recovery_case.held": _("Es del control interno del caso"),
    "recovery_case.ref": _("Abre páginas"),
    "recovery_readypaper.image": _("La foto que usted envió; se borra con el caso"),
    "desk_approval.evidence_hash": _("Es una huella"),
    "desk_approval.drawn_id": _("Es del personal; quién decidió sí consta"),
    "audit_entry.subject": _("Número interno"),
    "audit_entry.body": _("Lo mismo otra vez, sellado"),
}  # fmt: skip
"""Table or column → why it is not in the file, for who reads that."""

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
