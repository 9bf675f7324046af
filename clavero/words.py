"""One sentence per refusal code, Spanish here and English in the catalogue `words`. No Django.

A sentence says what to do. Details in braces are lengths, counts and hours, never an identifier.
"""

import gettext
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from clavero import precheck_words

LOCALE = Path(__file__).resolve().parent / "locale"
ZONE = ZoneInfo("America/Guayaquil")

SENTENCES: dict[str, str] = {
    # identification
    "cedula.empty": "Escriba su número de cédula.",
    "cedula.too_long": "La cédula tiene 10 dígitos. Escriba solo el número.",
    "cedula.not_digits": "Escriba la cédula solo con números.",
    "cedula.digits_lost": "Una hoja de cálculo borró dígitos de la cédula. Cópiela del documento.",
    "cedula.length": "La cédula tiene 10 dígitos y aquí hay {digits}. Revísela.",
    "cedula.province": "Revise la cédula: los dos primeros dígitos no son de una provincia.",
    "cedula.third_digit": "Revise la cédula: el tercer dígito va de 0 a 6.",
    "cedula.checksum": "Revise la cédula: el último dígito no concuerda con los otros nueve.",
    "cedula.leading_zero_restored": "Parece que se perdió el cero del inicio. Las hojas de cálculo suelen quitarlo. ¿Es este?",
    "cedula.decimals_removed": "Una hoja de cálculo añadió un decimal. ¿Es este el número?",
    "cedula.separators_removed": "Quitamos espacios, guiones o comillas. ¿Es este el número?",
    "cedula.letter_for_digit": "Parece que hay una letra en lugar de un número. ¿Es este?",
    "foreign_id.empty": "Escriba su código de identificación.",
    "foreign_id.too_long": "Escriba solo el código, como está en su documento.",
    "foreign_id.characters": "Escriba el código solo con letras y números, sin tildes.",
    "foreign_id.length": "Revise el código: tiene entre 4 y 20 letras y números.",
    "ruc.empty": "Escriba el RUC.",
    "ruc.too_long": "El RUC tiene 13 dígitos. Escriba solo el número.",
    "ruc.not_digits": "Escriba el RUC solo con números.",
    "ruc.digits_lost": "Una hoja de cálculo borró dígitos del RUC. Cópielo del certificado de RUC.",
    "ruc.length": "El RUC tiene 13 dígitos y aquí hay {digits}. Revíselo.",
    "ruc.province": "Revise el RUC: los dos primeros dígitos no son de una provincia.",
    "ruc.third_digit": "Revise el RUC: el tercer dígito no puede ser 7 ni 8.",
    "ruc.cedula": "Revise el RUC: los diez primeros dígitos no forman una cédula.",
    "ruc.establishment": "Revise el final del RUC. Si emplea a una persona en su casa, márquelo en la página anterior.",
    "ruc.checksum_not_computable": "El dígito verificador de este RUC no se puede comprobar. No es un problema: siga.",
    "ruc.leading_zero_restored": "Parece que se perdió el cero del inicio. Las hojas de cálculo suelen quitarlo. ¿Es este?",
    "ruc.decimals_removed": "Una hoja de cálculo añadió un decimal. ¿Es este el número?",
    "ruc.separators_removed": "Quitamos espacios, guiones o comillas. ¿Es este el número?",
    "ruc.letter_for_digit": "Parece que hay una letra en lugar de un número. ¿Es este?",
    "sucursal.empty": "Escriba la sucursal con 4 dígitos, por ejemplo 0001.",
    "sucursal.too_long": "La sucursal tiene 4 dígitos. Escriba solo el número.",
    "sucursal.not_digits": "Escriba la sucursal solo con números, por ejemplo 0001.",
    "sucursal.digits_lost": "Una hoja de cálculo cambió la sucursal. Escríbala con 4 dígitos.",
    "sucursal.length": "La sucursal tiene 4 dígitos y aquí hay {digits}. Revísela.",
    "sucursal.zero": "La primera sucursal es 0001. Escriba la suya.",
    "sucursal.padded": "Completamos la sucursal a 4 dígitos. ¿Es esta?",
    "sucursal.establishment_taken": "Ese número es de una factura. ¿Su sucursal es esta?",
    "domestic.other_ruc": "Marcó que emplea a una persona en su casa. Deje el RUC vacío: lo completamos con su cédula.",
    "domestic.other_branch": "Quien emplea a una persona en su casa tiene solo la sucursal 0001. Déjela vacía.",
    "domestic.suffix": "Para quien emplea en su casa, el RUC es la cédula seguida de 000. ¿Es este?",
    "domestic.branch": "Para quien emplea en su casa, la sucursal es 0001. ¿Es esta?",
    "domestic.suffix_other": "Revise el final: para quien emplea en su casa, el RUC termina en 000.",
    "identifier.unknown": "No reconocemos este texto. Escriba una cédula, un RUC o una sucursal.",
    "identifier.length": "Revise cuántos dígitos tiene: la cédula 10, el RUC 13, la sucursal 4.",
    # contact
    "email.empty": "Escriba un correo o deje el campo vacío.",
    "email.too_long": "Ese correo es demasiado largo. Revíselo.",
    "email.shape": "Revise el correo: se escribe como nombre@dominio.com.",
    "email.domain_typo": "El dominio se parece a otro muy usado. ¿Es este su correo?",
    "phone.empty": "Escriba un teléfono o deje el campo vacío.",
    "phone.too_long": "Escriba solo el número de teléfono.",
    "phone.not_digits": "Escriba el teléfono solo con números.",
    "phone.shape": "Revise el teléfono: el celular tiene 10 dígitos y el fijo 9, con el código de provincia.",
    "phone.not_mobile": "Ese es un teléfono fijo. Escríbalo en el otro campo.",
    "phone.not_landline": "Ese es un celular. Escríbalo en el otro campo.",
    "contact.state": "Elija uno de los estados de la lista.",
    "contact.not_proposed": "Este correo ya está confirmado. No tiene que hacer nada más.",
    # fields
    "field.empty": "Escriba este dato para seguir.",
    "field.choose": "Elija una de las opciones.",
    "field.tick": "Marque la casilla para seguir.",
    "field.repeated": "Este dato llegó dos veces. Escríbalo una sola vez.",
    "field.too_long": "Es demasiado texto para este campo. Escriba solo el dato que se pide.",
    "field.control_characters": "Hay caracteres que no se ven. Bórrelo y escríbalo de nuevo.",
    # human check and throttle
    "human_check.too_early": "Todavía no. Espere {seconds} segundos y pulse otra vez.",
    "human_check.spent": "Ese turno de espera ya se usó. Le dimos otro: espere y pulse Validar.",
    "human_check.expired": "Pasó mucho tiempo. Le dimos otro turno de espera: espere y pulse Validar.",
    "throttle.wait": "Fueron muchos intentos seguidos. Espere unos {minutes} minutos. También puede ir a un centro hoy.",
    # code and link
    "code.empty": "Escriba el código del mensaje.",
    "code.wrong": "Ese no es el código. Cópielo del último mensaje. Le quedan {left} intentos con este código.",
    "code.expired": "Ese código venció a las {at}. Pida uno nuevo: está abajo.",
    "code.superseded": "Ese código es de un mensaje anterior. Use el del último mensaje.",
    "code.used": "Ese código ya se usó hace un momento. Si fue usted, siga con el botón.",
    "code.void": "Ese mensaje ya no vale: el correo o la clave cambiaron después de enviarlo. Empiece de nuevo.",
    "code.no_tries_left": "Ya no quedan intentos con este código. Abra el enlace del mensaje o empiece de nuevo.",
    "link.expired": "Ese enlace venció. Vuelva a la página donde empezó y pida otro.",
    "link.used": "Ese enlace ya se usó. Si fue usted, no tiene que hacer nada más.",
    "link.dead": "Ese enlace ya no sirve. Use el código del mensaje o pida otro mensaje.",
    "link.other_identification": "No es el número con el que empezó. Revíselo. Le quedan {left} intentos.",
    # key
    "key.empty": "Escriba una clave o use la frase que le proponemos.",
    "key.too_short": "A la clave le faltan {missing} caracteres: son {least} o más. Cuatro palabras sirven.",
    "key.too_long": "La clave puede tener hasta {most} caracteres. Escriba una más corta.",
    "key.control_characters": "La clave tiene caracteres que no se ven. Escríbala de nuevo.",
    "key.repeats": "Esa clave repite lo mismo una y otra vez. Use cuatro palabras distintas.",
    "key.sequence": "Esa clave sigue el orden del teclado o de los números. Use cuatro palabras distintas.",
    "key.own_data": "Esa clave es un dato suyo o una palabra de este sitio. Elija otra; le proponemos una frase.",
    "key.common": "Esa clave aparece en listas de claves robadas. Elija otra; le proponemos una frase.",
    "key.same_as_before": "Esa es la clave que ya tenía. Elija otra, o conserve la que tiene si la recuerda.",
    "key.changed_meanwhile": "La clave cambió hace un momento en otra ventana. Pruebe a ingresar con esa.",
    "key.none_to_keep": "No hay una clave anterior que conservar. Cree una nueva: le proponemos una frase.",
    "key.wrong_current": "Esa no es su clave actual. Escríbala de nuevo, o recupérela.",
    "signin.no_match": "Algo de esto no coincide: cédula, RUC, sucursal o clave. Revíselo o recupere la clave.",
    "signin.session_over": "Cerramos su sesión porque pasó un rato sin uso. Ingrese otra vez y siga.",
    "signin.key_empty": "Escriba su clave.",
    # case
    "case.move_not_allowed": "Ese paso ya está hecho. Le llevamos a donde va su caso.",
    "case.retry_used": "Ya corrigió los datos una vez. Empiece de nuevo si quiere cambiarlos otra vez.",
    "case.secret_unknown": "No encontramos un caso con esa clave de caso. Revise sus 26 letras y números.",
    "case.secret_empty": "Escriba su clave de caso: son 26 letras y números.",
    "session.expired": "Cerramos la página porque pasaron 30 minutos sin uso. Lo que escribió sigue aquí, menos la clave.",
    "answer.empty": "Escriba una respuesta, o elija ir a un centro.",
    "approval.not_drawn": "El sistema eligió a otra persona para aprobar. Déjelo en la cola.",
    "approval.same_person": "Quien atendió el caso no puede aprobarlo. Lo aprobará otra persona.",
    "evidence.first_key_needs_visit": "La primera clave se crea con una visita. Prepárela: basta una.",
    "evidence.not_given_here": "Esa comprobación no es de este paso. Vuelva a la página anterior.",
    "evidence.not_sufficient": "Falta una comprobación para crear la clave. Pida otro código o prepare una visita.",
    # staff
    "staff.name_empty": "Escriba su nombre de usuario.",
    "staff.no_match": "Ese nombre y esa llave no coinciden. Revise el nombre y use una llave suya.",
    "staff.code_wrong": "Ese no es el código de ahora. Cópielo de la página del elenco.",
    "staff.code_used": "Ese código ya se usó. Espere el siguiente: cambia cada 30 segundos.",
    "staff.not_your_role": "Esto lo hace otro puesto. Si le hace falta, hable con quien dirige su centro.",
    "staff.qualification_over": "Puede mirar, pero no dar fe hasta aprobar la capacitación. Hable con quien dirige su centro.",
    "staff.may_not_admit": "Ese puesto, en ese centro, lo da de alta Operación.",
    "staff.name_shape": "Use letras sin tildes, puntos y números, y empiece con una letra.",
    "staff.name_taken": "Ese nombre de usuario ya existe o existió. Elija otro.",
    "staff.already_here": "Esa persona ya tiene un puesto. Para cambiarlo, cierre primero el anterior.",
    "staff.person_empty": "Escriba los nombres y apellidos.",
    "staff.centre_empty": "Escriba el código del centro.",
    "staff.reason_empty": "Escriba el motivo: lo leerá quien aprueba.",
    "staff.day_shape": "Escriba el día como AAAA-MM-DD, por ejemplo 2026-11-23.",
    "staff.bootstrapped": "Ya hay alguien que puede entrar. Las demás altas se hacen en el mostrador.",
    "staff.not_yet": "Ese día todavía no llega. Escriba el día en que la aprobó.",
    "enrolment.empty": "Escriba el código de alta que le entregaron.",
    "enrolment.no_match": "Ese nombre y ese código no coinciden, o el código ya venció o se usó. Pida otro.",
    "enrolment.needed": "Para añadir una llave escriba antes un código de alta.",
    "enrolment.own": "Nadie hace esto para sí. Pídalo a otra persona.",
    "enrolment.same_person": "Quien pide un alta no la entrega. La entrega otra persona.",
    "enrolment.asked": "Ya hay un código pedido para esa persona. Falta entregarlo.",
    "enrolment.over": "Ese código ya se entregó o se anuló. Vea la lista.",
    "passkey.late": "Pasó mucho tiempo o la página se usó antes. Pulse otra vez.",
    "passkey.answer": "La llave no respondió como se esperaba. Use una llave suya y pulse otra vez.",
    "passkey.copied": "Esa llave parece copiada y no abre. Use la otra y avise a quien dirige su centro.",
    "passkey.known": "Esa llave ya está registrada. Use otro aparato.",
    "passkey.label_empty": "Póngale un nombre a la llave.",
    "passkey.unknown": "Esa llave ya no está. Vea la lista.",
    "duty.counter_empty": "Escriba el número del mostrador.",
    "duty.counter_shape": "El mostrador es un número o una letra, por ejemplo 3.",
    "duty.counter_taken": "Otra persona atiende en ese mostrador. Elija otro.",
    "duty.no_centre": "Su cuenta no tiene centro. Pida a quien dirige el suyo que lo ponga.",
    # commands
    "deadline.month": "Escriba el mes como AAAA-MM, por ejemplo 2026-02.",
    "deadline.kind": "Elija contributions, entry_notice, exit_notice o salary_notice.",
    "file.unreadable": "No se puede leer el archivo: {why}. Revise el nombre y los permisos.",
    "file.empty": "El archivo está vacío. Revise que la descarga terminó.",
    "file.binary": "El archivo no es de texto. Se espera un CSV o JSON Lines.",
    "file.broken_zip": "El ZIP está incompleto o dañado. Descárguelo otra vez.",
    "file.one_csv_in_zip": "El ZIP debe contener un solo CSV y tiene {found}.",
    "file.too_large": "El archivo descomprimido es demasiado grande.",
    "file.not_csv": "El archivo no se lee como CSV en la línea {line}. Revise sus comillas.",
    "file.not_json": "La línea {line} no es JSON. Nada se importó: corríjala.",
    "file.encoding": "El archivo no está en UTF-8. Guárdelo así y repita.",
    "catastro.columns": "Faltan columnas del SRI: {missing}. Revise que sea el archivo del catastro.",
    "catastro.no_rows": "El archivo no tiene filas que sirvan. La copia anterior sigue en uso.",
    "catastro.too_many_rejected": "Se rechazaron {rejected} de {rows} filas. La copia anterior sigue en uso; revise el archivo.",
    "catastro.fewer_rows": "Trae {now} RUC y la copia anterior tiene {before}. Si es correcto, use --force.",
    "catastro.shifted": "La fila tiene otro número de columnas que el encabezado.",
    "catastro.ruc": "La fila no tiene un RUC de 13 dígitos.",
    "catastro.state": "La fila tiene un estado que no es ACTIVO, SUSPENDIDO ni PASIVO.",
    "employers.columns": "La columna {column} falta o no es de este formato. Vea docs/operations.md.",
    "employers.no_rows": "El archivo no tiene empleadores. Nada cambió.",
    "employers.twice": "El mismo RUC aparece dos veces. Se tomó la primera.",
    "employers.not_an_object": "La línea no es un empleador en JSON.",
    "employers.too_many_columns": "La fila tiene más columnas que el encabezado.",
    "employers.text": "Un dato no es texto o es demasiado largo.",
    "employers.list": "Se esperaba una lista.",
    "employers.kind": "El tipo de empleador no es de la lista.",
    "employers.key": "El estado de la clave no es de la lista.",
    "employers.mode": "La forma de representar es alone o jointly.",
    "employers.state": "El estado no es de la lista.",
    "employers.fact": "El dato no es de los que se preguntan.",
    "employers.date": "La fecha se escribe AAAA-MM-DD.",
    "audit.whole": "Entradas: {entries}. La cadena está entera.",
    "audit.broken": "Entradas: {entries}. La cadena está rota desde la {first_break}.",
    "catastro.active": "activo.",
    "catastro.suspended": "suspendido.",
    "catastro.closed": "cerrado.",
    "catastro.unknown": "no se sabe: no está en la copia.",
    "catastro.as_of": "Según la copia del {day}.",
    "employers.rows": "Empleadores en el archivo",
    "employers.employers_new": "Nuevos",
    "employers.employers_changed": "Que cambiaron",
    "employers.contacts_new": "Contactos nuevos",
    "employers.contacts_kept_closed": "Contactos cerrados que siguen cerrados",
    "employers.representatives_ended": "Representantes que terminaron",
    "employers.conflicts": "Conflictos con lo que cambió Clavero",
    "employers.shared_addresses": "Direcciones que valen para demasiados empleadores",
    # doctor
    "doctor.settings": "Dirección pública: {base}. Mesa: {desk}.",
    "doctor.settings_demo": "Esto es una demostración: no atienda a nadie con ella.",
    "doctor.settings_proxy": "Falta CLAVERO_TRUSTED_PROXIES: sin ella ningún formulario se acepta. Escriba la dirección del proxy.",
    "doctor.settings_short": "CLAVERO_SECRET_KEY es corta: use 50 caracteres o más.",
    "doctor.profile": "Perfil {name}, reglas {rules}.",
    "doctor.profile_calendar": "El calendario no tiene filas de {year}: añádalas.",
    "doctor.versions": "Versiones: Clavero {clavero}, Python {python}, Django {django}, {database}.",
    "doctor.versions_old": "{what} es demasiado antiguo: hace falta {least} o más nuevo.",
    "doctor.database": "Empleadores: {employers}. Casos abiertos: {cases}.",
    "doctor.database_empty": "No hay empleadores: importe el registro de la institución.",
    "doctor.keys": "Las claves de este servidor abren lo que guarda.",
    "doctor.keys_other": "Las claves de este servidor no abren lo que guarda. ¿Son de otra copia?",
    "doctor.keys_readable": "Otras cuentas de esta máquina pueden leer {names}: quíteles el permiso.",
    "doctor.audit": "Registro sellado: {entries} entradas, y su cabeza sale a tiempo.",
    "doctor.audit_never": "Registro sellado: {entries} entradas, y ninguna cabeza salió. Encienda «clavero send».",
    "doctor.audit_late": "Registro sellado: {entries} entradas, y la última cabeza salió hace {hours} horas.",
    "doctor.mail": "El servidor de correo responde. Los mensajes salen de {sender}.",
    "doctor.mail_silent": "El servidor de correo no responde ({why}). Revise CLAVERO_SMTP_URL.",
    "doctor.mail_missing": "Falta CLAVERO_SMTP_URL: no saldrá ningún mensaje.",
    "doctor.mail_demo": "El correo queda en el buzón de la demostración.",
    "doctor.worker": "«clavero send» dio señales hace {age} segundos.",
    "doctor.worker_never": "«clavero send» no ha corrido nunca: enciéndalo.",
    "doctor.outbox": "Mensajes que esperan más de 10 minutos: {waiting}. Que no se pudieron entregar: {dead}.",
    "doctor.catastro": "Copias del registro del SRI: {copies}. RUC: {rucs}.",
    "doctor.catastro_age": "La copia más antigua del registro del SRI es del {day}.",
    "doctor.catastro_none": "No hay copia del registro del SRI: de todo RUC se dirá «no se sabe».",
    "doctor.clock": "Un servicio mantiene el reloj en hora.",
    "doctor.clock_behind": "El reloj está {ahead} segundos antes de la última entrada del registro. Póngalo en hora.",
    "doctor.clock_apart": "Este reloj y el de la base de datos difieren en {apart} segundos.",
    "doctor.clock_free": "Nadie mantiene el reloj en hora: instale chrony o systemd-timesyncd.",
    "doctor.hash": "Calcular una clave tarda {ms} ms en esta máquina.",
    "doctor.disk": "Espacio libre junto a la base de datos: {mib} MiB.",
    "doctor.failed": "No se pudo revisar: {why}",
    # the visit
    "contact.closed": "Ese contacto ya se dio de baja en este empleador. Escriba otro.",
    "employer.known": "Ese empleador ya está en el registro. Abra su caso con el código.",
    "continuation.empty": "Escriba o escanee el código de continuación.",
    "continuation.length": "El código de continuación tiene 16 letras y números. Está en la hoja de la visita.",
    "continuation.is_secret": "Eso parece la clave de caso, que es solo de la persona. Pida el código de continuación.",
    "continuation.is_letter_code": "Ese es un código de 8: no es el de continuación. El de la hoja tiene 16.",
    "continuation.unknown": "Ese código no abre ningún caso. Revíselo en la hoja, o pida a la persona que abra uno en el quiosco.",
    "continuation.expired": "Ese código venció el {day}. La persona puede abrir otro caso en el quiosco, ahora.",
    "continuation.over": "Ese caso ya terminó. La persona puede abrir otro en el quiosco, ahora.",
    "continuation.open": "Ese caso ya está abierto en otro mostrador.",
    "continuation.frozen": "Ese caso está detenido por un aviso de «no fui yo». Llame a quien supervisa.",
    "binding.empty": "Escriba el código que le dieron en el centro.",
    "binding.none": "Todavía no hay un código para este caso. Se lo entregan en el centro.",
    "binding.asleep": "Falta la segunda aprobación. Cuando llegue, este mismo código servirá.",
    "binding.wrong": "Ese no es el código. Cópielo de la hoja del centro. Intentos que quedan: {left}.",
    "binding.dead": "Ese código ya no sirve: hubo cinco intentos. Pida otro en el centro.",
    "binding.expired": "Ese código venció a las {at}. Pida otro en el mostrador: se lo dan en el momento.",
    "binding.used": "Ese código ya se usó. Siga en el navegador donde lo escribió, o pida otro en el mostrador.",
    "binding.needed": "Escriba primero el código que le dieron en el centro.",
    "binding.staff_browser": "En este navegador trabajó personal del centro. Cree su clave en su teléfono o en el quiosco.",
    "pickup.wrong": "Ese código y ese número no coinciden. Pida otro código en el mostrador.",
    "freeze.once": "Ya detuvo este caso una vez. Si le preocupa, llame al número de ayuda.",
    "freeze.over": "Este caso ya terminó. Si no fue usted, llame al número de ayuda.",
    # lists of employers
    **precheck_words.SENTENCES,
}


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation("words", LOCALE, languages=[lang], fallback=lang == "es")


def say(code: str, lang: str = "es", **details: object) -> str:
    """The sentence of `code` in `lang` (es, en). Raises KeyError for a code that has none."""
    text = SENTENCES[code]
    if lang != "es":
        text = _catalogue(lang).gettext(text)
    return text.format(**{name: _plain(value) for name, value in _with_minutes(details).items()})


def _with_minutes(details: dict[str, object]) -> dict[str, object]:
    """A wait in seconds is said in rounded minutes (S-049)."""
    seconds = details.get("seconds")
    if not isinstance(seconds, int):
        return details
    minutes = -(-seconds // 60)
    rounded = next((step for step in (1, 5, 10, 15, 30) if minutes <= step), -(-minutes // 60) * 60)
    return details | {"minutes": rounded}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        local = value.astimezone(ZONE)
        return f"{local.hour}:{local.minute:02d}"
    return value
