"""Pages that are the same for everybody: home, the institution's menu, start, help, how to know it is us."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clavero import clock
from clavero.audit import queries as audit
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.recovery import forms, handles, informing, services
from clavero.recovery import timeline as times
from clavero.recovery.views.common import AGAIN, language, not_here, onward, slow_down
from clavero.throttle import queries as askers
from clavero.throttle import services as throttle
from clavero.throttle.services import Charge


def _menu() -> list[str]:
    return [words.say(language()) for words in profile().institution.menu]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "recovery/home.html", {"menu": _menu()})


@require_safe
def menu(request: HttpRequest) -> HttpResponse:
    """*Trámites virtuales*."""
    first, second, _third = _menu()
    entries = [(reverse("menu_employers"), second, _("Clave de empleador"))]
    return render(
        request, "recovery/menu.html", {"title": first, "up": reverse("home"), "entries": entries}
    )


@require_safe
def menu_employers(request: HttpRequest) -> HttpResponse:
    """*Trámites virtuales › Empleadores*."""
    _first, second, third = _menu()
    entries = [
        (reverse("start"), third, _("Conseguirla, recuperarla o desbloquearla.")),
        (reverse("account_login"), _("Ingresar"), _("Si ya sabe su clave.")),
    ]
    return render(
        request, "recovery/menu.html", {"title": second, "up": reverse("menu"), "entries": entries}
    )


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What it does, what to have ready, how long it takes, and the other ways (S-122)."""
    known = times.reported(profile())
    context = {
        "menu": _menu(),
        "online": times.online(profile(), known),
        "visit": times.visit(profile(), known),
        "host": settings.BASE_URL.partition("//")[2],
    }
    return render(request, "recovery/start.html", context)


@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    """How long both roads take, step by step, each time with who says so (B18)."""
    now, rules = clock.now(), profile()
    known = times.ranges(rules, now)
    context = {
        "online": times.online(rules, known), "visit": times.visit(rules, known), "longer": times.longer(known),
        "waits": times.waits(rules), "deadline": services.next_deadline(now),
    }  # fmt: skip
    return render(request, "recovery/timeline.html", context)


@require_safe
def case_open(request: HttpRequest, ref: str) -> HttpResponse:
    """To where a case of this browser stands."""
    now = clock.now()
    held = handles.held(request, ref, now)
    return onward(request, held.case, now) if held else not_here(request, ref, now)


def _plain(
    request: HttpRequest, title: str, parts: list[tuple[str, list[str]]], is_help: bool = False
) -> HttpResponse:
    bases = profile().bases if is_help else ()
    context = {"title": title, "parts": parts, "bases": bases, "guides": is_help}
    return render(request, "recovery/plain.html", context)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Short answers, each with its next step (B15, B16's first version)."""
    parts = [
        (_("No me llega el mensaje"), [_("Espere 5 minutos y mire en correo no deseado. En la página donde espera puede pedir otro. Si ya no usa ese correo, dígalo allí: seguimos con una visita.")]),
        (_("Es mi primera clave"), [_("Se crea con una visita a un centro. Empiece aquí y le damos la hoja con lo que debe llevar.")]),
        (_("Mi RUC está suspendido o cerrado"), [_("La clave se entrega en un centro. Vaya aunque siga así.")]),
        (_("Empleo a una persona en mi casa"), [_("No escriba RUC ni sucursal. Márquelo al identificarse: los completamos con su cédula.")]),
        (_("Mi clave está bloqueada"), [_("Recupérela aquí. Si la recuerda, puede conservarla.")]),
        (_("¿Cuánto tarda?"), [_("En línea, unos minutos. Con visita, depende del turno. Lo dice la página de inicio del trámite, con su fuente.")]),
    ]  # fmt: skip
    return _plain(request, _("Ayuda"), parts, is_help=True)


@csrf_exempt  # it changes nothing and tells only who holds the message: a token would cost a cookie
@require_http_methods(["GET", "HEAD", "POST"])
def is_it_us(request: HttpRequest) -> HttpResponse:
    """How to know us, and whether the record at the foot of a message is ours (A25)."""
    form = forms.Record.bind(request.POST) if request.method == "POST" else forms.Record()
    try:
        found = _record(request, form) if form.is_bound and form.ok else None
    except Refused as refused:
        return slow_down(request, refused)
    host = settings.BASE_URL.partition("//")[2]
    path = " › ".join(_menu())
    parts = [
        (_("Cómo saber que está en el sitio"), [_("Mire la barra de direcciones: debe decir exactamente %(host)s.") % {"host": host}, _("El camino oficial es %(path)s.") % {"path": path}]),
        (_("Qué no le pedimos nunca"), [_("Su clave, su tarjeta, dinero o un código por teléfono, correo o WhatsApp. Si alguien se lo pide, no somos nosotros.")]),
        (_("Cómo son nuestros mensajes"), [_("Solo enlazan a %(host)s. Dicen qué navegador pidió el código y a qué hora, y traen un número de registro.") % {"host": host}]),
    ]  # fmt: skip
    context = {"title": _("¿Es de verdad?"), "parts": parts, "form": form, "found": found}
    context["is_asked"] = form.is_bound and form.ok
    return render(request, "recovery/is_it_us.html", context, status=AGAIN)


def _record(request: HttpRequest, form: forms.Record) -> datetime | None:
    """When what was typed was recorded, or None. Counted first. Raises `Refused("throttle.wait")`."""
    decision = throttle.spend(Charge("record_asker", askers.asker(request)), now=clock.now())
    if not decision.allowed:
        raise Refused("throttle.wait", seconds=decision.wait_seconds)
    entry, seal = form["entry"].replace(" ", ""), form["head12"].replace(" ", "").lower()
    is_number = entry.isascii() and entry.isdigit() and len(entry) < 16
    return audit.sealed_at(int(entry), seal) if is_number and seal.isascii() else None


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Everything that LOPDP art. 12 wants told (S-129)."""
    return render(request, "recovery/privacy.html", {"parts": informing.told()})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    parts = [("", [_("Este sitio sigue las pautas WCAG 2.2, nivel AA. Funciona sin JavaScript, con teclado, con lector de pantalla y en un teléfono pequeño."), _("No hay que descifrar imágenes ni sonidos. Si algo no le deja seguir, llámenos.")])]  # fmt: skip
    return _plain(request, _("Accesibilidad"), parts)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    parts = [
        ("", [_("Si encontró una falla de seguridad, cuéntenosla antes que a nadie. Le respondemos en 3 días hábiles.")]),
        (_("Si alguien cambió su clave"), [_("Llame ahora al número de abajo con el número de caso del mensaje. Después recupere la clave aquí: eso cierra las sesiones de quien entró.")]),
    ]  # fmt: skip
    return _plain(request, _("Seguridad"), parts)


@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    parts = [("", [_("Si no está de acuerdo con una respuesta, pida que una persona la revise. Llame al número de abajo y diga su número de caso."), _("Toda respuesta automática de este sitio tiene una explicación y una persona que la puede revisar.")])]  # fmt: skip
    return _plain(request, _("Reclamos"), parts)
