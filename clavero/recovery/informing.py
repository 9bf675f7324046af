"""What a person is told when data are asked of them: every numeral of LOPDP art. 12, once, as data (S-129)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from clavero.institution import profile

ART_12 = {
    1: "what for",
    2: "on what legal basis",
    3: "what is done with them",
    4: "how long they are kept",
    5: "that a data base holds them",
    6: "where they come from, when not from the person",
    7: "other purposes and later uses",
    8: "who answers for them, with address, telephone and e-mail",
    9: "the data protection officer, with address, telephone and e-mail",
    10: "to whom they are passed on, here or abroad, and with which safeguards",
    11: "what follows from giving or refusing them",
    12: "what follows from wrong data",
    13: "that consent can be taken back",
    14: "the rights, and how they are used",
    15: "how a copy is carried elsewhere",
    16: "where and how to complain",
    17: "automated assessments and decisions",
}
"""What each numeral of art. 12 wants told. `PARTS` tells each; the page marks its sentences with the numeral."""
Run = tuple[str, bool]
"""Some words, and whether they are a name or an address, which stays as it is in every language."""
Sentence = str | Callable[[], list[Run]]


@dataclass(frozen=True)
class Part:
    """One heading of the page; each of `says` is a numeral of art. 12 and a paragraph that tells it."""

    heading: str
    says: tuple[tuple[int, Sentence], ...]


def _controller() -> list[Run]:
    house = profile().institution
    phone = _("Teléfono: %(phone)s.") % {"phone": house.help_phone}
    where = [(f"{each}.", True) for each in (house.address, house.email) if each]
    return [(f"{house.name}.", True), (phone, False), *(where or [(_("Pida allí su domicilio y su correo."), False)])]  # fmt: skip


def _officer() -> list[Run]:
    officer = profile().institution.data_officer
    if officer:
        return [(_("Persona delegada de protección de datos:"), False), (f"{officer}.", True)]
    return [(_("Para hablar con la persona delegada de protección de datos, pídalo en ese teléfono."), False)]  # fmt: skip


def _kept() -> list[Run]:
    days = profile().retention_days
    said = _(
        "Un caso sin nada comprobado: %(short)s días después de terminar. Los demás: %(long)s días."
    )
    return [(said % {"short": days["unproven_cases"], "long": days["finished_cases"]}, False)]


def _photo() -> list[Run]:
    said = _("Si envía la foto de un papel, la guardamos cifrada y se borra cuando deciden su caso, o a los %(days)s días. No pedimos fotos de su cédula.")  # fmt: skip
    return [(said % {"days": profile().limits.continuation_days}, False)]


PARTS = (
    Part(_noop("Quién responde por sus datos"), ((8, _controller), (9, _officer))),
    Part(_noop("Qué guardamos"), (
        (3, _noop("Lo que escribe para encontrar su registro, cifrado. De qué navegador y a qué hora se pidió. Nunca su clave: solo una huella de la que no se puede volver atrás.")),
        (3, _noop("Comparamos lo que escribe con el registro, lo guardamos y lo borramos cuando vence su plazo.")),
        (5, _noop("Sus datos constan en la base de datos de este servicio.")),
        (6, _noop("Su nombre, su RUC, su correo y sus teléfonos vienen del registro del instituto. El estado del RUC viene del SRI.")),
        (3, _photo),
    )),
    Part(_noop("Para qué, y con qué base"), (
        (1, _noop("Para darle acceso a usted y a nadie más, y para probar después qué se hizo.")),
        (2, _noop("Es una misión pública, y la ley pide seguridad y prueba (LOPDP, artículos 7, 10 y 37).")),
        (7, _noop("No los usamos para otra cosa, tampoco después.")),
        (13, _noop("No le pedimos consentimiento, y por eso no hay uno que retirar. Lo opcional puede dejarlo vacío.")),
    )),
    Part(_noop("Cuánto tiempo"), (
        (4, _kept),
        (4, _noop("El registro sellado de lo que pasó se guarda siempre. No lleva nombres, números ni direcciones.")),
    )),
    Part(_noop("A quién se comunican"), (
        (10, _noop("Al SRI, solo el RUC que se consulta. A quien entrega los correos y mensajes, la dirección y el texto. El instituto responde por lo que ellos hagan.")),
        (10, _noop("A nadie más. Este servicio no los envía a otro país por su cuenta.")),
    )),
    Part(_noop("Si no los da, o no son exactos"), (
        (11, _noop("Lo que no dice «opcional» hace falta: sin eso no encontramos su registro. También puede ir a un centro.")),
        (12, _noop("Con un dato equivocado no encontramos su registro, o el mensaje llega a otro lugar. Su clave actual sigue igual.")),
    )),
    Part(_noop("Lo que se decide solo"), (
        (17, _noop("El sistema decide si puede seguir en línea, si espera por seguridad o si necesita una visita. Siempre le dice qué sigue.")),
        (17, _noop("Para esperar mira señales del pedido, como un correo cambiado hace poco. No hace perfiles de personas. Puede pedir que una persona revise la respuesta.")),
    )),
    Part(_noop("Sus derechos"), (
        (14, _noop("Puede pedir ver, corregir, actualizar o borrar sus datos, y limitar su uso u oponerse a él. Respondemos en 15 días. Es gratis.")),
        (14, _noop("Con su clave, en «Sus datos» de su cuenta. Sin ella, en un centro, con su cédula.")),
        (15, _noop("En «Sus datos» descarga una copia que otros sistemas pueden leer.")),
        (16, _noop("Si no está de acuerdo, reclame primero aquí: vea «Reclamos», al final de la página. También puede reclamar ante la Superintendencia de Protección de Datos Personales.")),
    )),
)  # fmt: skip


def told() -> list[tuple[str, list[tuple[int, list[Run]]]]]:
    """The page in the language in force: heading, and its paragraphs with the numeral that each tells."""
    return [(_(part.heading), [(n, _said(text)) for n, text in part.says]) for part in PARTS]


def _said(text: Sentence) -> list[Run]:
    return text() if callable(text) else [(_(text), False)]
