"""What a form page costs to draw, against floors and Django's own forms, in one run.

    python -m benchmarks.page_bench [--json]

Floors: the finished page as one piece of text through the same engine (no blocks, no tags), and
the token against forgery, which every form pays. Milliseconds belong to the machine.
"""

import argparse
import json
import os
import subprocess
import sys
import timeit
from collections.abc import Callable

from benchmarks.machine import ROOT, Figure

SOURCE = """{% extends "ui/base.html" %}
{% block title %}{% translate "RUC y sucursal" %}{% endblock %}
{% block back %}{% back "/" %}{% endblock %}
{% block content %}
<h1 class="govuk-heading-l">{% translate "RUC y sucursal" %}</h1>
{% form_start "number" %}
{% field form "ruc" %}{% field form "branch" %}
{% honeypot %}
<button type="submit" class="govuk-button">{% translate "Validar" %}</button></form>
{% endblock %}"""
DJANGO = SOURCE.replace('{% field form "ruc" %}{% field form "branch" %}', "{{ form.as_div }}")
ROUNDS, REPEATS = 200, 15
MOST_MS = 0.3  # PERFORMANCE, 4


def milliseconds(deed: Callable[[], object]) -> float:
    """The best of `REPEATS` measurements: the least disturbed by whatever else the machine does."""
    deed()
    return min(timeit.repeat(deed, number=ROUNDS, repeat=REPEATS)) / ROUNDS * 1000


def measure() -> dict[str, float]:
    """Milliseconds by name. Needs Django set up."""
    from django import forms
    from django.http import QueryDict
    from django.middleware.csrf import get_token
    from django.template import engines
    from django.test import RequestFactory

    from clavero.core.errors import Refused
    from clavero.core.identifiers.reading import Repair
    from clavero.ui.forms import Form, number

    class Ours(Form):
        ruc = number("RUC", hint="Son 13 dígitos.", width=20)
        branch = number("Número de sucursal", hint="Son 4 dígitos.", width=5)

    class Theirs(forms.Form):
        ruc = forms.CharField(label="RUC", help_text="Son 13 dígitos.")
        branch = forms.CharField(label="Número de sucursal", help_text="Son 4 dígitos.")

    sent = QueryDict("ruc=199900072001&branch=0001")
    request = RequestFactory().get("/")
    request.resolver_match = None
    engine = engines["django"]
    page, theirs = engine.from_string(SOURCE), engine.from_string(DJANGO)
    finished = engine.from_string(page.render({"form": Ours()}, request))

    def refused() -> Ours:
        form = Ours.bind(sent)
        offered = Repair("0199900072001", "ruc.leading_zero_restored", "ruc", "199900072001")
        form.refuse("ruc", Refused("ruc.length", digits=12), offered)
        return form

    return {
        "floor: the page as text": milliseconds(lambda: finished.render({}, request)),
        "floor: the token": milliseconds(lambda: get_token(request)),
        "first page": milliseconds(lambda: page.render({"form": Ours()}, request)),
        "page with an error": milliseconds(lambda: page.render({"form": refused()}, request)),
        "Django's forms": milliseconds(lambda: theirs.render({"form": Theirs()}, request)),
    }


def ratios(found: dict[str, float]) -> dict[str, float]:
    """Each measurement as a multiple of both floors together."""
    floor = found["floor: the page as text"] + found["floor: the token"]
    return {name: round(value / floor, 2) for name, value in found.items()}


def figures() -> list[Figure]:
    """The same in a process of its own, for `make bench`: Django's settings are one per process."""
    command = [sys.executable, "-m", "benchmarks.page_bench", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    named = {
        name: name.replace(": ", ".").replace(" ", "_").replace("'", "") for name in report["ms"]
    }
    return [
        Figure(f"pages.{named[name]}", value, "ms", report["ratio"][name], "both floors",
               *((f"≤ {MOST_MS} ms", value <= MOST_MS) if name == "first page" else ()))
        for name, value in report["ms"].items()
    ]  # fmt: skip


def main() -> int:
    """0 where the first page is within its mark on this machine, 1 where it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    wants_json = parser.parse_args().json
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clavero.project.settings_test")
    import django

    django.setup()
    found = measure()
    report = {"ms": {n: round(v, 3) for n, v in found.items()}, "ratio": ratios(found)}
    if wants_json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        for name, value in report["ms"].items():
            print(f"{name:26}{value:8.3f} ms{report['ratio'][name]:8.2f} × the floors")
    return 0 if found["first page"] <= MOST_MS else 1


if __name__ == "__main__":
    sys.exit(main())
