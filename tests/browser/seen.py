"""Which templates axe has seen: what the server rendered for the address that a `look` stands at.

With CLAVERO_AXE_SEEN=FILE a run of the browser's tests adds to that file (`scripts/axe_seen.py` keeps it as seen.json,
which tests/house/test_axe.py holds against every template there is).
"""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from django.test.signals import template_rendered

_rendered: dict[str, tuple[int, set[str]]] = {}
_looked: dict[str, str] = {}


def _note(sender: object, template: object, context: dict, **_: object) -> None:
    request = context.get("request")
    if request is None or not getattr(template, "name", None):
        return
    known, names = _rendered.get(request.path, (0, set()))
    if known != id(request):
        names = set()
    _rendered[request.path] = (id(request), names | {template.name})


template_rendered.connect(_note)


def look_at(url: str) -> None:
    """Axe judges what stands at this address now."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0].rpartition("::")[2]
    for name in _rendered.get(urlsplit(url).path, (0, set()))[1]:
        _looked.setdefault(name, test.partition("[")[0])


def keep() -> None:
    """Add what was looked at to the file of this run."""
    target = os.environ.get("CLAVERO_AXE_SEEN")
    if not target or not _looked:
        return
    path = Path(target)
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps(dict(sorted((_looked | held).items())), indent=1)
    path.write_text(text + "\n", encoding="utf-8")
