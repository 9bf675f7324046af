"""The pages that stand where the portal does not: maintenance with its end, an outage, and what a proxy refuses (K02).

Files in the folder that CLAVERO_OFFLINE names. Each is a whole page by itself, in both languages, with its own style and no
script, so that the proxy shows it while portal and database are off. `maintenance.html` stands only while the portal is shut;
the portal shows it too, before it looks at anything else. Of both the desk has its own, which says how to go on with paper.
"""

import os
import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import loader
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from clavero.core import pictures
from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.notices.announcing import MOST
from clavero.ui.plain_html import html

MAINTENANCE, OUTAGE, OF_THE_DESK = "maintenance", "outage", "_desk"
ALWAYS = (OUTAGE, OUTAGE + OF_THE_DESK, "too_large", "too_many")
"""What stands at all times: for 502, 503 and 504, for 413, and for 429 of the proxy."""
TITLES = {
    MAINTENANCE: gettext_noop("El portal está cerrado por mantenimiento"),
    OUTAGE: gettext_noop("El portal no responde por ahora"),
    "too_large": gettext_noop("Lo que envió es demasiado grande"),
    "too_many": gettext_noop("Hay muchas visitas a la vez desde su red"),
}
LONGEST = timedelta(days=7)
RETRY = timedelta(minutes=2)
"""When a program may ask again where no end is known, or the end is past (RFC 9110 §10.2.3)."""
_UNTIL = re.compile(r'<meta name="until" content="([^"]+)">')


@dataclass(frozen=True)
class Closed:
    """The portal is shut: `page` is what it answers until somebody opens it, `until` when that was said to be."""

    page: bytes
    until: datetime

    def retry_after(self, now: datetime) -> int:
        """Seconds."""
        return max(int((self.until - now).total_seconds()), int(RETRY.total_seconds()))


def folder() -> Path:
    """Raises `Refused`: offline.folder where the setting is missing or names no folder."""
    if not (settings.OFFLINE and Path(settings.OFFLINE).is_dir()):
        raise Refused("offline.folder")
    return Path(settings.OFFLINE)


def shut(until: datetime, now: datetime, because: tuple[str, str] = ("", "")) -> None:
    """From the next request on everybody meets the page of maintenance. `because`: a sentence in Spanish and in English, or none.

    It stands until `open_again`: work that takes longer than was said opens no door by itself.
    Raises `Refused`: offline.folder, offline.until, announcement.empty, announcement.too_long.
    """
    es, en = (" ".join(text.split()) for text in because)
    if bool(es) != bool(en):
        raise Refused("announcement.empty")
    if max(len(es), len(en)) > MOST:
        raise Refused("announcement.too_long", most=MOST)
    if not now < until <= now + LONGEST:
        raise Refused("offline.until", days=LONGEST.days)
    for kind in (MAINTENANCE + OF_THE_DESK, MAINTENANCE):
        _write(folder(), kind, page(kind, until, {"es": es, "en": en}))


def open_again() -> bool:
    """The portal serves again. Returns whether it was shut. Raises `Refused`: offline.folder."""
    where = folder()
    _file(where, MAINTENANCE + OF_THE_DESK).unlink(missing_ok=True)
    try:
        _file(where, MAINTENANCE).unlink()
    except FileNotFoundError:
        return False
    return True


def closed(where: Path, *, desk: bool = False) -> Closed | None:
    """What stands in the folder `where` now, for the public or for the desk, or None: one look at the disk where nothing does."""
    shut = _standing(_file(where, MAINTENANCE))
    return (_standing(_file(where, MAINTENANCE + OF_THE_DESK)) if shut and desk else None) or shut


def _standing(file: Path) -> Closed | None:
    try:
        return _read(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@cache
def _read(file: Path, changed: int) -> Closed:
    """`changed` tells one writing from the next."""
    text = file.read_bytes()
    found = _UNTIL.search(text.decode())
    return Closed(
        text,
        datetime.fromisoformat(found[1]) if found else datetime.fromtimestamp(changed / 1e9, UTC),
    )


def keep() -> None:
    """Write the pages that stand at all times, as this version and this profile draw them. Raises `Refused`: offline.folder."""
    where = folder()
    for kind in ALWAYS:
        _write(where, kind, page(kind))


def stale(where: Path) -> bool:
    """Whether a page that should stand at all times is missing, or is another than this version and profile draw."""
    files = [(_file(where, kind), page(kind)) for kind in ALWAYS]
    return any(
        not file.exists() or file.read_text(encoding="utf-8") != text for file, text in files
    )


def page(kind: str, until: datetime | None = None, because: dict[str, str] | None = None) -> str:
    """One page in both languages, Spanish first."""
    said = {lang: _said(kind, lang, until, (because or {}).get(lang, "")) for lang in ("es", "en")}
    context = {
        "kind": kind,
        "said": said,
        "style": style(),
        "policy": policy(),
        "until": until.isoformat() if until else "",
        "institution": profile().institution,
        "service": profile().institution.service.es,
    }
    return loader.render_to_string("notices/offline.html", context)


def _said(kind: str, lang: str, until: datetime | None, because: str) -> dict[str, str]:
    institution, desk = profile().institution, kind.endswith(OF_THE_DESK)
    kind = kind.removesuffix(OF_THE_DESK)
    with translation.override(lang):
        context = {
            "kind": kind,
            "desk": desk,
            "title": gettext(TITLES[kind]),
            "heading": "h1" if lang == "es" else "h2",
            "below": "h2" if lang == "es" else "h3",
            "until": until,
            "because": because,
            "institution": institution,
            "help_hours": institution.help_hours.say(lang),
            "list_megabytes": profile().lists.megabytes,
            "photo_megabytes": pictures.MOST_BYTES >> 20,
        }
        body = loader.render_to_string("notices/offline_said.html", context)
        return {"title": str(context["title"]), "body": body}


@cache
def style() -> SafeString:
    """The style of these pages, to be written into them."""
    return html(Path(finders.find("clavero/offline.css") or "").read_text(encoding="utf-8").strip())


@cache
def policy() -> str:
    """Their content security policy: nothing is loaded, and the style is known by its hash (CSP 3)."""
    known = b64encode(sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'"


def header() -> str:
    """The same as a header, which may also say that nobody frames them."""
    return policy() + "; frame-ancestors 'none'"


def _file(where: Path, kind: str) -> Path:
    return where / f"{kind}.html"


def _write(where: Path, kind: str, text: str) -> None:
    """Whole or not at all, and for the proxy to read, whatever the umask says. Raises `Refused`: offline.folder."""
    half = where / f".{kind}.{os.getpid()}"
    try:
        half.write_text(text, encoding="utf-8")
        half.chmod(0o644)
        half.replace(_file(where, kind))
    except OSError:
        with suppress(OSError):
            half.unlink()
        raise Refused("offline.folder") from None
