"""Where the centres are, when they open, which days they close, and their first free time (F06, F13)."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clavero import clock
from clavero.appointments import queries, texts
from clavero.appointments.models import Centre
from clavero.appointments.queries import Place

A_PAGE = 10
"""Centres on one page; the rest follow by a link."""


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """Every centre, the nearest first, each with its first free time."""
    now = clock.now()
    near, skip = request.GET.get("cerca", "")[:120], request.GET.get("desde", "")
    start = int(skip) if skip.isdecimal() and len(skip) < 5 else 0
    province, _, canton = near.partition("|")
    ranked = queries.nearest(Place(province, canton))
    shown = ranked[start : start + A_PAGE]
    context = {
        "near": near,
        "now": now,
        "offers": queries.first_of(shown, now),
        "times": queries.times(centre for _, centre, _ in shown),
        "places": queries.provinces(centre for _, centre, _ in ranked),
        "more": start + A_PAGE if len(ranked) > start + A_PAGE else 0,
        "notice": queries.national_closure(now),
    }
    return render(request, "appointments/visits.html", context)


@require_safe
def centre(request: HttpRequest, code: str) -> HttpResponse:
    """One centre: address, hours, closed days to come, its first free time, and who says so."""
    now = clock.now()
    found = get_object_or_404(Centre, code=code)
    today = queries.local_day(now, found.zone)
    context = {
        "now": now,
        "offer": queries.first_of([(0, found, found.site)], now)[0],
        "closed": queries.closed_days(found, today, today + timedelta(days=60)),
        "times": queries.times([found]),
    }
    return render(request, "appointments/centre.html", context)


@require_safe
def simulation(request: HttpRequest) -> HttpResponse:
    """A bad month, simulated: what the walk-in quota should be (`benchmarks/bad_month.py` writes the numbers)."""
    found = queries.bad_month()
    context = {
        "found": found,
        "advised": next(row for row in found["rows"] if row["quota"] == found["advised"]),
        "longest": max(
            row[way]["room_p90"] for row in found["rows"] for way in ("with", "without")
        ),
        "walk_ins": list(found["walk_ins"].items()),
        "assumed": texts.assumed(found["assumed"]),
    }
    return render(request, "appointments/simulation.html", context)
