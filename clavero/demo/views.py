"""Who is who, everybody's mail, and the clock: only in the demonstration."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from clavero.demo import services, sri, staff
from clavero.demo.cast import CAST, WAITING, Member
from clavero.demo.models import Mail, Text
from clavero.desk import staff_texts


@require_safe
def cast(request: HttpRequest) -> HttpResponse:
    clerks = [
        {"clerk": clerk, "code": staff.code_now(clerk), "role": staff_texts.ROLES[clerk.role]}
        for clerk in staff.STAFF
    ]
    context = {
        "cast": (*CAST, *WAITING), "clerks": clerks, "offset": services.offset(),
        "desk": f"{settings.DESK_URL}/mesa/", "taxpayers": _taxpayers(),
        "sri_states": [(state, SRI_WORDS[state]) for state in sri.STATES],
    }  # fmt: skip
    return render(request, "demo/cast.html", context)


SRI_WORDS = {
    "ACTIVO": "activo · active", "SUSPENDIDO": "suspendido · suspended", "PASIVO": "cerrado · closed",
    "": "no contesta · does not answer",
}  # fmt: skip


def _taxpayers() -> list[tuple[Member, str]]:
    """Whoever's RUC is not active in the copy, with what the made-up SRI says now."""
    return [(one, sri.state_of(one.ruc)) for one in CAST if one.ruc_state != "ACTIVO"]


@require_POST
def say_sri(request: HttpRequest) -> HttpResponse:
    """From now on the made-up SRI says this of one of the cast."""
    ruc, state = request.POST.get("ruc", ""), request.POST.get("state")
    if state not in sri.STATES or ruc not in {member.ruc for member in CAST}:
        return JsonResponse({"error": "ruc and state: of the cast, of the list"}, status=422)
    sri.say(ruc, state)
    return redirect(f"{reverse('demo')}#sri", permanent=False)


@require_safe
def cast_json(request: HttpRequest) -> HttpResponse:
    """The cast for scripts (INTERFACES)."""
    rows = [
        {
            "id": member.id,
            "identification": member.identification,
            "ruc": member.ruc,
            "branch": member.branch,
            "domestic": member.domestic,
            "email": member.email or None,
            "key": member.key or None,
            "facts": member.facts,
            "ends": member.ends,
        }
        for member in CAST
    ]
    return JsonResponse(rows, safe=False)


@require_safe
def staff_json(request: HttpRequest) -> HttpResponse:
    """The staff for scripts, each with the code of this half minute, which works once."""
    rows = [
        {"id": clerk.id, "role": clerk.role, "centre": clerk.centre or None, "code": staff.code_now(clerk)}
        for clerk in staff.STAFF
    ]  # fmt: skip
    return JsonResponse(rows, safe=False)


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/mailbox.html", {"mails": Mail.objects.order_by("-sent_at")[:50]})


@require_safe
def mail(request: HttpRequest, number: int) -> HttpResponse:
    """One mail's own HTML. Its style is in the mail, as every mail program shows it; nothing in it runs."""
    found = get_object_or_404(Mail, pk=number)
    response = HttpResponse(found.html)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return response


@require_safe
def mailbox_json(request: HttpRequest) -> HttpResponse:
    """Every mail, newest first (INTERFACES)."""
    rows = [
        {
            "to": mail.to,
            "subject": mail.subject,
            "text": mail.text,
            "html": mail.html,
            "sent_at": mail.sent_at.isoformat(),
            "link": mail.link or None,
            "code": mail.code or None,
        }
        for mail in Mail.objects.order_by("-sent_at")
    ]
    return JsonResponse(rows, safe=False)


@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """What went to mobiles."""
    return render(request, "demo/texts.html", {"texts": Text.objects.order_by("-sent_at")[:50]})


@require_safe
def texts_json(request: HttpRequest) -> HttpResponse:
    """Every SMS, newest first."""
    rows = [
        {
            "to": one.to,
            "text": one.text,
            "sent_at": one.sent_at.isoformat(),
            "code": one.code or None,
        }
        for one in Text.objects.order_by("-sent_at")
    ]
    return JsonResponse(rows, safe=False)


@csrf_exempt
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """Moves the demonstration's clock by `minutes`. Harms nobody: the page exists on localhost alone."""
    try:
        minutes = float(request.POST.get("minutes", ""))
    except ValueError:
        return JsonResponse({"error": "minutes: a number is expected"}, status=422)
    if not -(10**6) < minutes < 10**6:
        return JsonResponse({"error": "minutes: a number is expected"}, status=422)
    return JsonResponse({"minutes": services.move_clock(minutes).total_seconds() / 60})
