"""What each message says, once for text and HTML: a subject and blocks (DESIGN §14).

Order: the thing, until when, what to do, who asked, *No fui yo*, how to check us. Never a key, never
a full identifier, no code in the subject.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from clavero import dates
from clavero.core import challenge
from clavero.institution import profile
from clavero.words import say

Payload = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """`kind` is p, lead, button, link, code, list or small; `text` what it says; `url` or `items` where it has them."""

    kind: str
    text: str = ""
    url: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """One language's version of a message."""

    lang: str
    subject: str
    title: str
    blocks: tuple[Block, ...]


def write(kind: str, payload: Payload, lang: str) -> Letter:
    """The letter of `kind`. Raises KeyError for a kind that has none."""
    with translation.override(lang):
        subject, title, body = KINDS[kind](payload, lang)
        return Letter(lang, subject, title, (*body, *_stop(payload), *_how_to_check(payload)))


def _at(payload: Payload, name: str) -> datetime:
    return datetime.fromisoformat(payload[name])


def _clock(payload: Payload, name: str, lang: str) -> str:
    return dates.clock(_local(payload, name), lang)


def _local(payload: Payload, name: str) -> datetime:
    return _at(payload, name).astimezone(ZoneInfo(settings.TIME_ZONE))


def _day_and_clock(payload: Payload, name: str, lang: str) -> str:
    local = _local(payload, name)
    return _("%(day)s, %(clock)s") % {
        "day": dates.long_date(local.date(), lang),
        "clock": dates.clock(local, lang),
    }


def host() -> str:
    return urlsplit(settings.BASE_URL).netloc


LOOPBACK = "este mismo equipo"
"""What the shipped profiles call this machine's own network: words, where all the others are names of provinces."""


def _who_asked(payload: Payload, lang: str) -> tuple[Block, ...]:
    """Browser, province and hour (N17); nothing where nobody asked at one of our pages."""
    if not payload.get("browser"):
        return ()
    place = str(payload.get("province", ""))
    where = (_("este mismo equipo") if place == LOOPBACK else place) or _(
        "un lugar que no conocemos"
    )
    words = {
        "clock": _clock(payload, "asked_at", lang),
        "browser": payload["browser"],
        "where": where,
    }
    said = _("Lo pidieron a las %(clock)s con %(browser)s, desde %(where)s.") % words
    return (Block("p", said),)


def _call_now() -> Block:
    phone = {"phone": profile().institution.help_phone}
    said = _("¿No fue usted? Llame ahora al %(phone)s y diga el número de registro de abajo.")
    return Block("p", said % phone)


def _not_me() -> Block:
    phone = profile().institution.help_phone
    return Block(
        "p",
        _(
            "¿No fue usted? No haga nada: sin este mensaje nadie puede seguir. Si le preocupa, llame al %(phone)s."
        )
        % {"phone": phone},
    )


def _stop(payload: Payload) -> tuple[Block, ...]:
    """«No fui yo»: freezes for 72 hours at most, once, and nothing else (S-082)."""
    if not payload.get("not_me"):
        return ()
    return (Block("link", _("No fui yo: detener este caso 72 horas"), payload["not_me"]),)


def _how_to_check(payload: Payload) -> tuple[Block, ...]:
    """How to know that it is ours, and where the record stands (ATTACKS 33)."""
    checked = Block(
        "small",
        _(
            "Nuestros mensajes solo enlazan a %(host)s. Nunca le pedimos su clave por correo, teléfono ni WhatsApp."
        )
        % {"host": host()},
    )
    if not payload.get("entry_number"):
        return (checked,)
    words = {"entry": payload["entry_number"], "head": payload["head12"]}
    if payload.get("case_number"):
        said = _("Caso %(number)s. Registro %(entry)s, sello %(head)s.")
        words["number"] = payload["case_number"]
    else:
        said = _("Registro %(entry)s, sello %(head)s.")
    return checked, Block("small", said % words)


Written = tuple[str, str, tuple[Block, ...]]


def _code(payload: Payload, lang: str) -> Written:
    until = _clock(payload, "expires_at", lang)
    ending = {"ending": payload["ruc_ending"]}
    blocks = [
        Block(
            "lead",
            _("Alguien pidió la clave del empleador con RUC terminado en %(ending)s.") % ending,
        ),
        Block(
            "p",
            _(
                "Si fue usted, pulse el botón y siga en la página que se abre. Vale hasta las %(until)s."
            )
            % {"until": until},
        ),
        Block("button", _("Continuar y crear mi clave"), payload["link"]),
    ]
    if payload.get("code"):
        blocks += [
            Block("p", _("¿Prefiere escribir un código? Cópielo en la página donde empezó:")),
            Block("code", challenge.grouped(payload["code"])),
            Block(
                "p",
                _("Si usted no empezó en %(host)s, no escriba este código en ninguna parte.")
                % {"host": host()},
            ),
        ]
    subject = _("Su enlace vale hasta las %(until)s") % {"until": until}
    return (
        subject,
        _("Siga con su clave de empleador"),
        (*blocks, *_who_asked(payload, lang), _not_me()),
    )


def _email_needs_visit(payload: Payload, lang: str) -> Written:
    """The exact reasons reach the one who is entitled to them: the contact on record (S-059)."""
    reasons = tuple(_(REASONS[code]) for code in payload["reasons"] if code in REASONS)
    ending = {"ending": payload["ruc_ending"]}
    blocks = (
        Block(
            "lead",
            _(
                "Alguien pidió la clave del empleador con RUC terminado en %(ending)s. En línea no se puede."
            )
            % ending,
        ),
        Block("p", _("Estos son los motivos:")),
        Block(
            "list", items=reasons or (_("Los datos que escribieron no coinciden con el registro."),)
        ),
        Block(
            "p",
            _(
                "Si fue usted, basta una visita a un centro. En la página donde empezó le decimos qué llevar."
            ),
        ),
        Block("button", _("Ver qué llevar"), f"{settings.BASE_URL}/caso/"),
        *_who_asked(payload, lang),
        _not_me(),
    )
    return _("Para su clave hace falta una visita"), _("Hace falta una visita"), blocks


def _key_changed(payload: Payload, lang: str) -> Written:
    clock = {"clock": _clock(payload, "asked_at", lang), "ending": payload["ruc_ending"]}
    blocks = (
        Block(
            "lead",
            _("La clave del empleador con RUC terminado en %(ending)s cambió hoy a las %(clock)s.")
            % clock,
        ),
        Block("p", _("Cerramos todas las sesiones que estaban abiertas con la clave anterior.")),
        *_who_asked(payload, lang),
        _call_now(),
    )
    return (
        _("Su clave cambió hoy a las %(clock)s. ¿Fue usted?") % clock,
        _("Su clave cambió"),
        blocks,
    )


def _key_unlocked(payload: Payload, lang: str) -> Written:
    clock = {"clock": _clock(payload, "asked_at", lang), "ending": payload["ruc_ending"]}
    blocks = (
        Block(
            "lead",
            _(
                "La clave del empleador con RUC terminado en %(ending)s se desbloqueó hoy a las %(clock)s. Es la misma de antes."
            )
            % clock,
        ),
        *_who_asked(payload, lang),
        _call_now(),
    )
    return _("Su clave se desbloqueó a las %(clock)s") % clock, _("Su clave se desbloqueó"), blocks


def _contact_proposed(payload: Payload, lang: str) -> Written:
    when = {"when": _day_and_clock(payload, "usable_at", lang), "ending": payload["ruc_ending"]}
    kinds = tuple(_(CONTACTS[kind]) for kind in payload["kinds"])
    blocks = (
        Block(
            "lead",
            _("Piden añadir datos de contacto al empleador con RUC terminado en %(ending)s:")
            % when,
        ),
        Block("list", items=kinds),
        Block(
            "p",
            _("Antes del %(when)s no sirven para nada. Este correo sigue siendo el suyo.") % when,
        ),
        *_who_asked(payload, lang),
        Block(
            "p",
            _("¿No fue usted? Puede impedirlo hasta ese momento: llame al %(phone)s.")
            % {"phone": profile().institution.help_phone},
        ),
    )
    return _("Piden añadir un contacto. ¿Fue usted?"), _("Piden añadir un contacto"), blocks


def _confirm_contact(payload: Payload, lang: str) -> Written:
    when = {"when": _day_and_clock(payload, "expires_at", lang), "ending": payload["ruc_ending"]}
    blocks = (
        Block(
            "lead",
            _("Propusieron este correo para el empleador con RUC terminado en %(ending)s.") % when,
        ),
        Block("p", _("Confirme que le llega. Vale hasta el %(when)s.") % when),
        Block("button", _("Confirmar este correo"), payload["link"]),
        Block("p", _("Si no sabe de qué se trata, no haga nada.")),
    )
    return _("Confirme su correo"), _("Confirme su correo"), blocks


def _visit_opened(payload: Payload, lang: str) -> Written:
    blocks = (
        Block("lead", _("Su caso sigue con una visita a un centro.")),
        Block(
            "p",
            _(
                "Lleve su cédula original y su código de continuación. Lo tiene en la hoja que vio al terminar."
            ),
        ),
        Block("button", _("Ver mi caso"), f"{settings.BASE_URL}/caso/"),
        *_who_asked(payload, lang),
        _not_me(),
    )
    return _("Su visita: qué llevar"), _("Su caso sigue con una visita"), blocks


def _force_reissue(payload: Payload, lang: str) -> Written:
    blocks = (
        Block(
            "lead",
            _("El instituto pide cambiar la clave del empleador con RUC terminado en %(ending)s.")
            % {"ending": payload["ruc_ending"]},
        ),
        Block("p", _("La próxima vez que ingrese le pediremos una clave nueva.")),
        Block("button", _("Ingresar"), f"{settings.BASE_URL}/entrar/"),
    )
    return _("Cambie su clave la próxima vez que ingrese"), _("Cambie su clave"), blocks


def _desk_visit(payload: Payload, lang: str) -> Written:
    """Somebody came to a centre for this employer: every contact on record is told at once (S-079, S-085)."""
    words = {
        "day": _day_and_clock(payload, "asked_at", lang),
        "ending": payload["ruc_ending"],
        "centre": payload["place"],
    }
    blocks = (
        Block(
            "lead",
            _(
                "El %(day)s, alguien fue al centro %(centre)s por la clave del empleador con RUC terminado en %(ending)s."
            )
            % words,
        ),
        Block("list", items=tuple(_(ASKED[code]) for code in payload["asked"] if code in ASKED)),
        Block("p", _("Si fue usted, no tiene que hacer nada.")),
    )
    return (
        _("Fueron a un centro por su clave. ¿Fue usted?"),
        _("Fueron a un centro por su clave"),
        blocks,
    )


def _visit_code(payload: Payload, lang: str) -> Written:
    """Proves the contact on record while a visit is prepared: code alone, for the page that asked."""
    until = {"until": _clock(payload, "expires_at", lang), "ending": payload["ruc_ending"]}
    blocks = (
        Block(
            "lead",
            _(
                "Alguien prepara una visita por la clave del empleador con RUC terminado en %(ending)s."
            )
            % until,
        ),
        Block(
            "p",
            _("Si es usted, escriba este código en la página de su caso. Vale hasta las %(until)s.")
            % until,
        ),
        Block("code", challenge.grouped(payload["code"])),
        Block(
            "p",
            _("Si usted no empezó en %(host)s, no escriba este código en ninguna parte.")
            % {"host": host()},
        ),
        *_who_asked(payload, lang),
    )
    subject = _("Su código vale hasta las %(until)s") % until
    return subject, _("Compruebe su correo"), blocks


def _visit_sheet(payload: Payload, lang: str) -> Written:
    """What to bring and where (B09). The two secrets never travel by mail: it says where they are."""
    ending = {"ending": payload["ruc_ending"]}
    blocks = (
        Block("lead", _("Esta es la hoja de la visita por la clave del empleador con RUC terminado en %(ending)s.") % ending),
        Block("p", _when(payload, lang)),
        Block("p", _("Lleve:")),
        Block("list", items=tuple(_things(payload["papers"], lang))),
        Block("p", _("El código de continuación no viaja por correo: está en la hoja impresa y en la página del caso.")),
        Block("p", _("¿Lo perdió? Pida otro en «Mi caso», con su clave de caso. No muestre esa clave a nadie.")),
        Block("button", _("Ver mi caso"), f"{settings.BASE_URL}/caso/"),
        *_who_asked(payload, lang),
    )  # fmt: skip
    return _("La hoja de su visita: qué llevar"), _("La hoja de su visita"), blocks


def _trial(payload: Payload, lang: str) -> Written:
    """Somebody tries whether our messages arrive (B10): a code that opens nothing."""
    blocks = (
        Block("lead", _("Este mensaje de prueba llegó: a este correo le llegan los nuestros.")),
        Block("p", _("Escriba este código en la página de la prueba. No abre ni cambia nada.")),
        Block("code", challenge.grouped(payload["code"])),
        *_who_asked(payload, lang),
        Block("p", _("¿No fue usted? No haga nada: nadie supo nada de usted y su clave sigue igual.")),
    )  # fmt: skip
    return _("Prueba: le llegan nuestros mensajes"), _("Le llegan nuestros mensajes"), blocks


def _guide_list(payload: Payload, lang: str) -> Written:
    """The list of an answer (B09). Of nobody in particular: nothing was asked of any register."""
    days = tuple(
        f"{_long_day(day, lang)}: " + " ".join(f"{say(f'guide.plan.{code}', lang)}." for code in codes)
        for day, codes in payload["days"]
    )  # fmt: skip
    blocks = [
        Block("lead", _("Esto pidió en nuestra página: la lista de qué hacer, qué llevar y cuándo.")),
        Block("p", say(f"guide.next.{payload['next']}", lang)),
    ]  # fmt: skip
    if payload["papers"]:
        blocks += [
            Block("p", _("Lleve:")),
            Block("list", items=tuple(_things(payload["papers"], lang))),
        ]
    blocks += [Block("p", _("Cuándo:")), Block("list", items=days)] if days else []
    blocks += [
        Block("button", _("Ver la lista entera"), payload["link"]),
        Block("link", _("Poner los días en mi calendario"), payload["ics"]),
        *_who_asked(payload, lang),
        Block("p", _("¿No la pidió? No haga nada: su clave sigue igual.")),
    ]
    return _("Su lista: qué hacer, qué llevar y cuándo"), _("Su lista"), tuple(blocks)


def _long_day(text: str, lang: str) -> str:
    return dates.long_date(date.fromisoformat(text), lang)


def _when(payload: Payload, lang: str) -> str:
    if "starts_at" not in payload:
        return _("Aún no tiene turno. Resérvelo en «Mi caso».")
    return _("Turno: %(day)s a las %(clock)s, en %(centre)s, %(where)s.") % _visit(payload, lang)


def _things(codes: list[str], lang: str) -> list[str]:
    """What to bring, each with what happens to it, by the profile's catalogue."""
    known = {paper.code: paper for paper in profile().papers}
    papers = [known[code] for code in codes if code in known]
    return [f"{paper.thing.say(lang)}. {paper.handling.say(lang)}" for paper in papers]


def _desk_done(payload: Payload, lang: str) -> Written:
    """How the visit ended, with the reason and what comes next (F09)."""
    said = _(OUTCOMES[payload["outcome"]])
    blocks = [
        Block("lead", said),
        Block("list", items=tuple(_(ASKED[code]) for code in payload["asked"] if code in ASKED)),
    ]
    return _("Su caso en el centro: qué se decidió"), _("Qué se decidió"), tuple(blocks)


def _saved_code(payload: Payload, lang: str) -> Written:
    clock = {"clock": _clock(payload, "asked_at", lang), "ending": payload["ruc_ending"]}
    blocks = (
        Block(
            "lead",
            _(
                "El empleador con RUC terminado en %(ending)s tiene un código de respaldo nuevo, hecho a las %(clock)s."
            )
            % clock,
        ),
        Block("p", _("El anterior, si lo había, ya no sirve. Guarde el nuevo en papel.")),
        *_who_asked(payload, lang),
        _call_now(),
    )
    return _("Su código de respaldo es nuevo"), _("Código de respaldo nuevo"), blocks


def _case_waits(payload: Payload, lang: str) -> Written:
    when = {
        "when": _day_and_clock(payload, "until", lang),
        "ending": payload["ruc_ending"],
        "number": payload["case_number"],
    }
    blocks = (
        Block(
            "lead",
            _("Piden una clave nueva para el empleador con RUC terminado en %(ending)s.") % when,
        ),
        Block(
            "p",
            _("Por seguridad el pedido espera hasta el %(when)s. La clave actual sigue valiendo.")
            % when,
        ),
        Block("p", _("¿Fue usted? No tiene que hacer nada. ¿No fue usted? Cancele el pedido.")),
        Block("button", _("Cancelar el pedido %(number)s") % when, payload["cancel"]),
        *_who_asked(payload, lang),
    )
    return (
        _("Piden una clave nueva. Puede cancelarlo"),
        _("Piden una clave nueva y el pedido espera"),
        blocks,
    )


def _wait_over(payload: Payload, lang: str) -> Written:
    said = {"ending": payload["ruc_ending"], "number": payload["case_number"]}
    blocks = (
        Block(
            "lead", _("El caso %(number)s ya puede seguir: terminó el tiempo de seguridad.") % said
        ),
        Block(
            "p",
            _(
                "Es del empleador con RUC terminado en %(ending)s. Abra su caso con su clave de caso y pida otro mensaje."
            )
            % said,
        ),
        Block("button", _("Seguir con mi caso"), f"{settings.BASE_URL}/caso/"),
    )
    return _("Su caso ya puede seguir"), _("Ya puede seguir"), blocks


def _wait_ended(payload: Payload, lang: str) -> Written:
    """A second proof came before the hours had passed (D12): by which, and the link that stops the case."""
    said = {"ending": payload["ruc_ending"], "number": payload["case_number"]}
    blocks = (
        Block("lead", _("El pedido %(number)s ya no espera: hubo una segunda prueba.") % said),
        Block("p", _(SECOND_PROOFS[payload["proof"]])),
        Block(
            "p",
            _(
                "Es del empleador con RUC terminado en %(ending)s. Ahora se puede crear una clave nueva."
            )
            % said,
        ),
        *_who_asked(payload, lang),
        _call_now(),
    )
    return _("El pedido ya no espera. ¿Fue usted?"), _("El pedido ya no espera"), blocks


def _case_stopped(payload: Payload, lang: str) -> Written:
    said = {"ending": payload["ruc_ending"], "number": payload["case_number"]}
    blocks = (
        Block(
            "lead",
            _("El pedido %(number)s de una clave para el RUC terminado en %(ending)s se canceló.")
            % said,
        ),
        Block(
            "p",
            _("Lo canceló quien recibió nuestro aviso. La clave actual sigue valiendo."),
        ),
        Block("button", _("Empezar de nuevo"), f"{settings.BASE_URL}/empleadores/recuperar-clave/"),
    )
    return _("El pedido de clave se canceló"), _("El pedido se canceló"), blocks


def _objection_made(payload: Payload, lang: str) -> Written:
    said = {
        "ending": payload["ruc_ending"],
        "number": payload["case_number"],
        "when": _day_and_clock(payload, "until", lang),
    }
    blocks = (
        Block(
            "lead",
            _("Alguien que recibe nuestros avisos dijo «no fui yo» sobre el caso %(number)s (RUC terminado en %(ending)s).")
            % said,
        ),
        Block(
            "p",
            _("Ese caso está detenido hasta el %(when)s. Si creó una clave, nadie ingresa con ella hasta entonces.") % said,
        ),
        Block(
            "p",
            _("¿El pedido era suyo? Vaya a un centro con su cédula: quien supervisa puede levantarlo antes."),
        ),
        _call_now(),
    )  # fmt: skip
    return _("Un «no fui yo» detuvo un caso"), _("Un caso está detenido"), blocks


def _objection_lifted(payload: Payload, lang: str) -> Written:
    said = {"ending": payload["ruc_ending"], "number": payload["case_number"]}
    blocks = (
        Block(
            "lead",
            _("En un centro vieron la evidencia y levantaron un «no fui yo» (caso %(number)s, RUC terminado en %(ending)s).")
            % said,
        ),
        Block("p", _("El caso sigue, y la clave que estaba detenida vuelve a servir.")),
        Block("p", _("Si usted había dicho «no fui yo» y sigue sin reconocer el pedido, llame al número de ayuda.")),
        _call_now(),
    )  # fmt: skip
    return _("Se levantó un «no fui yo»"), _("Se levantó un «no fui yo»"), blocks


def _signin_after_failures(payload: Payload, lang: str) -> Written:
    clock = {"clock": _clock(payload, "asked_at", lang), "ending": payload["ruc_ending"]}
    blocks = (
        Block(
            "lead",
            _(
                "A las %(clock)s ingresaron con la clave del empleador con RUC terminado en %(ending)s desde un navegador nuevo."
            )
            % clock,
        ),
        Block("p", _("Antes hubo diez intentos fallidos o más. Si fue usted, no haga nada.")),
        Block("p", _("Si no fue usted, cambie la clave ahora.")),
        Block(
            "button", _("Recuperar mi clave"), f"{settings.BASE_URL}/empleadores/recuperar-clave/"
        ),
        *_who_asked(payload, lang),
        _call_now(),
    )
    return _("Ingresaron tras muchos intentos. ¿Fue usted?"), _("¿Fue usted?"), blocks


def _noop(text: str) -> str:
    return text


SECOND_STEP = {
    "second_step_on": (
        _noop("El segundo paso está activo"),
        _noop(
            "Desde las %(clock)s, para ingresar con la clave hace falta además un código del teléfono."
        ),
    ),
    "second_step_codes": (
        _noop("Hay códigos nuevos de un solo uso"),
        _noop(
            "A las %(clock)s se crearon códigos nuevos de un solo uso. Los anteriores ya no sirven."
        ),
    ),
    "second_step_off": (
        _noop("Se quitó el segundo paso"),
        _noop(
            "Desde las %(clock)s basta la clave para ingresar. Ya no hace falta el código del teléfono."
        ),
    ),
}


def _second_step(kind: str) -> Callable[[Payload, str], Written]:
    """What was done to the second step of an account (D11)."""

    def written(payload: Payload, lang: str) -> Written:
        title, says = SECOND_STEP[kind]
        said = {"clock": _clock(payload, "asked_at", lang), "ending": payload["ruc_ending"]}
        blocks = (
            Block("lead", _(says) % said),
            Block("p", _("Es la cuenta del empleador con RUC terminado en %(ending)s.") % said),
            *_who_asked(payload, lang),
            _call_now(),
        )
        return _(title), _(title), blocks

    return written


# --- appointments -----------------------------------------------------------------------------------------


def _there(payload: Payload, name: str) -> datetime:
    """An instant as the clock of the centre shows it."""
    return _at(payload, name).astimezone(ZoneInfo(payload["zone"]))


def _visit(payload: Payload, lang: str, name: str = "starts_at") -> dict[str, str]:
    local = _there(payload, name)
    where = ", ".join(dict.fromkeys(filter(None, (payload["where"], payload["canton"]))))
    if by := REMOTE.get(payload.get("remote", "")):
        where = _(by)
    return {
        "day": dates.long_date(local.date(), lang),
        "clock": dates.clock(local, lang) + dates.zone_note(local, settings.TIME_ZONE, lang),
        "short": dates.short_day(local.date(), lang),
        "hour": dates.clock(local, lang),
        "centre": payload["centre"],
        "where": where,
    }


def _bring() -> tuple[Block, ...]:
    return (
        Block("p", _("Lleve su cédula original y su código de continuación. Venga 10 minutos antes.")),
        Block("p", _("Para cambiarlo o devolverlo, abra su caso con su clave de caso.")),
        Block("button", _("Ver mi caso"), f"{settings.BASE_URL}/caso/"),
    )  # fmt: skip


def _choose_another() -> tuple[Block, ...]:
    return (
        Block("p", _("Elija otra hora en su caso: no tiene que escribir nada de nuevo.")),
        Block("button", _("Elegir otra hora"), f"{settings.BASE_URL}/caso/"),
    )


def _booking_to_confirm(payload: Payload, lang: str) -> Written:
    until = {"until": _clock(payload, "expires_at", lang)}
    blocks = (
        Block("lead", _("Alguien usó este contacto para confirmar un turno en un centro.")),
        Block("p", _("Si fue usted, escriba este código donde eligió la hora. Vale hasta las %(until)s.") % until),
        Block("code", challenge.grouped(payload["code"])),
        *_who_asked(payload, lang),
        Block("p", _("Si no sabe de qué se trata, no haga nada: sin el código no pasa nada.")),
    )  # fmt: skip
    return _("Su código vale hasta las %(until)s") % until, _("Confirme su turno"), blocks


def _booking_firm(payload: Payload, lang: str) -> Written:
    words = _visit(payload, lang)
    blocks = (
        Block("lead", _("Su turno es el %(day)s a las %(clock)s, en %(centre)s.") % words),
        Block("p", _("Dirección: %(where)s.") % words),
        *_bring(),
    )
    return (
        _("Turno: %(short)s, %(hour)s, %(centre)s") % words,
        _("Su turno está confirmado"),
        blocks,
    )


def _booking_reminder(payload: Payload, lang: str) -> Written:
    words = _visit(payload, lang)
    blocks = (
        Block("lead", _("Le esperamos el %(day)s a las %(clock)s, en %(centre)s.") % words),
        Block("p", _("Dirección: %(where)s.") % words),
        *_bring(),
        Block("p", _("¿No puede ir? Devuélvalo: otra persona lo espera.")),
    )
    return (
        _("%(short)s, %(hour)s: su turno y qué llevar") % words,
        _("Su turno y qué llevar"),
        blocks,
    )


def _booking_moved(payload: Payload, lang: str) -> Written:
    words = _visit(payload, lang)
    was = _visit(payload, lang, "before")
    blocks = (
        Block("lead", _("El centro no abre a la hora de su turno: %(day)s, %(clock)s.") % was),
        Block("p", _("Le guardamos otro: %(day)s a las %(clock)s, en %(centre)s.") % words),
        Block("p", _("Si le sirve, no haga nada. Si no, elija otro: no cuenta como cambio.")),
        *_bring(),
    )
    return (
        _("Su turno pasó a: %(short)s, %(hour)s") % words,
        _("Su turno cambió de fecha"),
        blocks,
    )


def _booking_cancelled(payload: Payload, lang: str) -> Written:
    words = _visit(payload, lang)
    why = _(CANCELLED.get(payload.get("why", ""), CANCELLED["unbook"]))
    blocks = [
        Block("lead", _("Ya no tiene el turno del %(day)s a las %(clock)s en %(centre)s.") % words),
        Block("p", why),
    ]
    if payload.get("why") not in ("supersede", "cancel", "expire"):
        blocks += _choose_another()
    return (
        _("Sin efecto: turno del %(short)s, %(hour)s") % words,
        _("Su turno quedó sin efecto"),
        tuple(blocks),
    )


def _booking_missed(payload: Payload, lang: str) -> Written:
    words = _visit(payload, lang)
    blocks = (
        Block("lead", _("No le vimos el %(day)s a las %(clock)s en %(centre)s.") % words),
        Block("p", _("Su caso sigue abierto y su código de continuación también sirve.")),
        *_choose_another(),
    )
    return _("No le vimos en su turno: elija otro"), _("Elija otro turno"), blocks


def _earlier_slot(payload: Payload, lang: str) -> Written:
    words = _visit(payload, lang)
    until = {"until": _day_and_clock(payload, "until", lang)}
    blocks = (
        Block("lead", _("Se liberó una hora: %(day)s a las %(clock)s, en %(centre)s.") % words),
        Block("p", _("Se la guardamos hasta el %(until)s.") % until),
        Block("p", _("Para tomarla, abra su caso con su clave de caso.")),
        Block("button", _("Ver mi caso"), f"{settings.BASE_URL}/caso/"),
        Block("p", _("Si no hace nada, pasa a otra persona. Lo que tenía reservado no cambia.")),
    )  # fmt: skip
    return _("Se liberó una hora: %(short)s, %(hour)s") % words, _("Se liberó una hora"), blocks


def _passkey_added(payload: Payload, lang: str) -> Written:
    clock = {"clock": _clock(payload, "asked_at", lang), "ending": payload["ruc_ending"]}
    said = _(
        "El empleador con RUC terminado en %(ending)s añadió una llave de acceso a las %(clock)s."
    )
    blocks = (
        Block("lead", said % clock),
        Block(
            "p",
            _("Con ella se ingresa sin escribir la clave. Si la pierde, quítela en «Mi cuenta»."),
        ),
        *_who_asked(payload, lang),
        _call_now(),
    )
    return _("Añadieron una llave de acceso. ¿Fue usted?"), _("Llave de acceso nueva"), blocks


def _passkey_gone(payload: Payload, lang: str) -> Written:
    clock = {"clock": _clock(payload, "asked_at", lang), "ending": payload["ruc_ending"]}
    said = _(
        "El empleador con RUC terminado en %(ending)s quitó una llave de acceso a las %(clock)s."
    )
    blocks = (Block("lead", said % clock), *_who_asked(payload, lang), _call_now())
    return _("Quitaron una llave de acceso. ¿Fue usted?"), _("Llave de acceso quitada"), blocks


def _data_asked(payload: Payload, lang: str) -> Written:
    words = {
        "what": _(DATA[payload["what"]]),
        "number": payload["number"],
        "day": dates.long_date(date.fromisoformat(payload["due_on"]), lang),
    }
    blocks = (
        Block("lead", _("Recibimos el pedido %(number)s: %(what)s.") % words),
        Block("p", _("Respondemos hasta el %(day)s. No tiene que hacer nada.") % words),
        Block("p", _("Ninguna clave y ningún contacto cambian por este pedido.")),
        _call_now(),
    )
    return (
        _("Pedido %(number)s sobre sus datos. ¿Fue usted?") % words,
        _("Pedido sobre sus datos"),
        blocks,
    )


def _data_answered(payload: Payload, lang: str) -> Written:
    words = {"what": _(DATA[payload["what"]]), "number": payload["number"]}
    said = (
        _("Negamos el pedido %(number)s: %(what)s. El motivo está en «Sus datos».")
        if payload["state"] == "refused"
        else _("Respondimos el pedido %(number)s: %(what)s.")
    )
    blocks = (
        Block("lead", said % words),
        Block("p", _("Para leer la respuesta, ingrese con su clave y abra «Sus datos».")),
        Block("button", _("Ingresar"), f"{settings.BASE_URL}/cuenta/datos/"),
        _call_now(),
    )
    return _("Pedido %(number)s: respuesta") % words, _("Respuesta sobre sus datos"), blocks


def _data_due(payload: Payload, lang: str) -> Written:
    """To the operators: what has a day by law and is not answered yet."""
    day = dates.long_date(date.fromisoformat(payload["due_on"]), lang)
    short = dates.short_date(date.fromisoformat(payload["due_on"]), lang)
    words = {"number": payload["number"], "day": day, "left": payload["left"], "short": short}
    said = (
        _("El pedido %(number)s venció el %(day)s y no tiene respuesta.")
        if payload["left"] < 0
        else _("El pedido %(number)s se responde hasta el %(day)s. Días que quedan: %(left)s.")
    )
    blocks = (
        Block("lead", said % words),
        Block("button", _("Ver los pedidos"), f"{settings.DESK_URL}/mesa/datos/"),
    )
    return _("Pedido %(number)s: hasta el %(short)s") % words, _("Un pedido espera"), blocks


def _watch(payload: Payload, lang: str) -> Written:
    """To the operators: something is out of the ordinary, and where it is read. Nothing of anybody (S-054, S-076)."""
    if payload["alarms"]:
        said = _("Los números de la última hora parecen los de un ataque.")
        more = _("En el servidor, clavero watch dice qué se ve y clavero throttle desde dónde.")
    else:
        said = _("Hay preguntas sobre el trabajo del mostrador: %(n)s.") % {
            "n": payload["questions"]
        }
        more = _(
            "Las leen quien supervisa y quien audita, en «Preguntas». Cada una es una pregunta, no una acusación."
        )
    seen = (say(f"watch.{code}", lang, count=count) for code, count in payload["alarms"])
    blocks = (Block("lead", said), Block("list", items=tuple(seen)), Block("p", more))
    return _("Algo fuera de lo común"), _("Mire esto hoy"), blocks


def _breach_due(payload: Payload, lang: str) -> Written:
    """To the operators: a term of the law on breaches that ends (LOPDP arts. 43 and 46)."""
    day = dates.long_date(date.fromisoformat(payload["due_on"]), lang)
    words = {"number": payload["number"], "day": day, "to": _(WHO_IS_TOLD[payload["to"]])}
    said = (
        _("Brecha %(number)s: el plazo venció el %(day)s.")
        if payload["late"]
        else _("Brecha %(number)s: el plazo termina el %(day)s.")
    )
    blocks = (
        Block("lead", said % words),
        Block("p", _("Falta avisar: %(to)s.") % words),
        Block("p", _("Cuando esté hecho, anótelo: clavero breach told %(number)s.") % words),
    )
    return _("Brecha %(number)s: termina un plazo") % words, _("Termina un plazo de ley"), blocks


def _breach(payload: Payload, lang: str) -> Written:
    """To a person whose data were touched (LOPDP art. 46): what, which data, what to do."""
    words = {
        "number": payload["number"],
        "first": dates.long_date(date.fromisoformat(payload["first"]), lang),
        "last": dates.long_date(date.fromisoformat(payload["last"]), lang),
        "phone": profile().institution.help_phone,
    }
    blocks = (
        Block("lead", _("Alguien pudo ver datos suyos que guardamos.")),
        Block("p", _("Ocurrió entre el %(first)s y el %(last)s. Estos datos:") % words),
        Block("list", items=tuple(payload["data"][lang])),
        Block("p", _("Su clave no la guardamos: solo una huella de la que no se puede volver atrás.")),
        Block("p", _("Por prudencia, cámbiela hoy: ingrese y elija «Cambiar».")),
        Block("button", _("Ingresar"), f"{settings.BASE_URL}/cuenta/"),
        Block("p", _("Desconfíe de quien le llame o escriba con esos datos. Nunca pedimos su clave.")),
        Block("p", _("Ya avisamos a la autoridad. ¿Preguntas? Llame al %(phone)s y diga %(number)s.") % words),
    )  # fmt: skip
    return (
        _("Sus datos pudieron quedar expuestos"),
        _("Sus datos pudieron quedar expuestos"),
        blocks,
    )


WHO_IS_TOLD = {
    "authority": _noop("a la autoridad de protección de datos"),
    "arcotel": _noop("a la ARCOTEL"),
    "subjects": _noop("a las personas afectadas"),
    "controller": _noop("a la institución responsable de los datos"),
}
DATA = {
    "access": _noop("una copia de los datos"),
    "correction": _noop("corregir un dato"),
    "erasure": _noop("borrar datos"),
}
REMOTE = {
    "video": _noop("por videollamada; no tiene que ir a ningún lado"),
    "phone": _noop("por teléfono; no tiene que ir a ningún lado"),
}


CANCELLED = {
    "unbook": _noop("Usted lo devolvió. Gracias: otra persona podrá usarlo."),
    "cancel": _noop("El caso se canceló. Su clave no cambió."),
    "expire": _noop("El caso venció sin terminar. Su clave no cambió."),
    "supersede": _noop("Otra persona comprobó ser quien representa a este empleador, y este caso se cerró."),
    "free_slot": _noop("Nadie lo confirmó a tiempo."),
    "closure": _noop("El centro no abre ese día y no hay otra hora cercana."),
    "freeze": _noop("El caso está detenido. Abra su caso para ver hasta cuándo."),
    "reopen_online": _noop("Su caso puede seguir en línea: ya no hace falta la visita."),
}  # fmt: skip


REASONS = {
    "email_not_valid": _noop("El correo registrado no sirve para enviarle un código."),
    "first_key": _noop("Es su primera clave: se obtiene en un centro."),
    "ruc_not_active": _noop("Su RUC aparece suspendido o cerrado en el SRI."),
    "representative_mismatch": _noop(
        "La persona que pidió la clave no es quien representa al empleador en el registro."
    ),
    "representative_changed": _noop("Cambió quien representa al empleador."),
    "branch_or_ruc_mismatch": _noop(
        "El número de sucursal no está en el registro de este empleador."
    ),
    "key_blocked": _noop("Su clave está bloqueada."),
}
CONTACTS = {
    "email": _noop("un correo"),
    "mobile": _noop("un celular"),
    "landline": _noop("un teléfono fijo"),
}

ASKED = {
    "email": _noop("Pidieron cambiar el correo registrado."),
    "mobile": _noop("Pidieron cambiar el celular registrado."),
    "landline": _noop("Pidieron cambiar el teléfono fijo registrado."),
    "representative": _noop("Pidieron cambiar a la persona que representa al empleador."),
    "register": _noop("Pidieron registrar al empleador."),
    "ruc": _noop("Pidieron atender el caso aunque el RUC no aparece activo."),
    "key": _noop("Pidieron una clave."),
}
SECOND_PROOFS = {
    "saved_code": _noop("Usaron un código de respaldo."),
    "passkey": _noop("Usaron una llave de acceso de la cuenta."),
}
OUTCOMES = {
    "approved": _noop(
        "Se aprobó. Con su clave de caso y el código del centro, la persona crea la clave."
    ),
    "refused": _noop(
        "No se aprobó. Nada cambió. En el centro le explican el motivo y cómo reclamar."
    ),
    "not_the_employer": _noop(
        "Una persona del centro revisó un caso abierto con su número y lo cerró: quien lo pidió no demostró ser usted. Su clave no cambió."
    ),
    "stopped": _noop(
        "Miramos otra vez cómo se entregó una clave con su número. Por seguridad, esa clave no sirve durante 72 horas. Si usted la pidió, llame al número de ayuda."
    ),
    "observed": _noop("Falta algo por traer. La persona puede volver sin hacer otra fila."),
}

KINDS: dict[str, Callable[[Payload, str], Written]] = {
    "code": _code,
    "email_needs_visit": _email_needs_visit,
    "key_changed": _key_changed,
    "key_unlocked": _key_unlocked,
    "contact_proposed": _contact_proposed,
    "confirm_contact": _confirm_contact,
    "visit_opened": _visit_opened,
    "force_reissue": _force_reissue,
    "desk_visit": _desk_visit,
    "desk_done": _desk_done,
    "saved_code": _saved_code,
    **{kind: _second_step(kind) for kind in SECOND_STEP},
    "case_waits": _case_waits,
    "wait_over": _wait_over,
    "wait_ended": _wait_ended,
    "case_stopped": _case_stopped,
    "objection_made": _objection_made,
    "objection_lifted": _objection_lifted,
    "signin_after_failures": _signin_after_failures,
    "passkey_added": _passkey_added,
    "passkey_gone": _passkey_gone,
    "visit_code": _visit_code,
    "visit_sheet": _visit_sheet,
    "trial": _trial,
    "guide_list": _guide_list,
    "booking_to_confirm": _booking_to_confirm,
    "booking_firm": _booking_firm,
    "booking_reminder": _booking_reminder,
    "booking_moved": _booking_moved,
    "booking_cancelled": _booking_cancelled,
    "booking_missed": _booking_missed,
    "earlier_slot": _earlier_slot,
    "data_asked": _data_asked,
    "data_answered": _data_answered,
    "data_due": _data_due,
    "watch": _watch,
    "breach": _breach,
    "breach_due": _breach_due,
}
VISIT_SHEET, VOID = "visit_sheet", "void"
"""The kind of a message that says nothing to nobody: what an unknown employer leaves in the outbox."""
