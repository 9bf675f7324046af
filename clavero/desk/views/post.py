"""Letters for the post: how many wait, a new batch, and each batch again by its name."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from clavero.core.errors import Refused
from clavero.desk import dossier, post
from clavero.desk.doors import AGAIN, desk
from clavero.desk.doors import to as onward
from clavero.desk.models import Staff
from clavero.desk.views.common import said
from clavero.institution import profile
from clavero.ui.forms import Form
from clavero.ui.paper import UNAVAILABLE


@require_http_methods(["GET", "HEAD", "POST"])
@desk("post.send")
def letters(request: HttpRequest, staff: Staff, now: datetime) -> HttpResponse:
    """What waits, and what was printed. A POST makes a batch of what has an address."""
    form = Form()
    if request.method == "POST":
        try:
            return said(onward("desk_letters"), post.export(staff, now))
        except Refused as refused:
            form.refuse("letters", refused)
    return _page(request, form, AGAIN)


def _page(request: HttpRequest, form: Form, status: int) -> HttpResponse:
    context = {
        "form": form, "waiting": post.waiting(), "batches": post.batches(), "on": profile().post_letters,
        "done": request.GET.get("hecho", ""), "most": post.AT_ONCE,
    }  # fmt: skip
    return render(request, "desk/letters.html", context, status=status)


@require_safe
@desk("post.send")
def letters_file(request: HttpRequest, staff: Staff, now: datetime, batch: str) -> HttpResponse:
    """A batch in one file."""
    try:
        made = post.again(batch.upper(), staff)
    except Refused as refused:
        if refused.code != "paper.pdf":
            raise Http404 from None
        form = Form()
        form.refuse("letters", refused)
        return _page(request, form, UNAVAILABLE)
    response = HttpResponse(dossier.packed(made, now), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{batch.upper()}.zip"'
    return response
