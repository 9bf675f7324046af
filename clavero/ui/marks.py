"""Numbers, codes, addresses as people read them, and still plain when copied (DESIGN §10)."""

import string

from django.utils.safestring import SafeString

from clavero import numbers
from clavero.ui.plain_html import esc, html, language
from clavero.ui.plain_html import say as _

_DOTS = "•••"
_LETTERS = (
    "a,be,ce,de,e,efe,ge,hache,i,jota,ka,ele,eme,ene,o,pe,cu,erre,ese,te,u,uve,"
    "doble uve,equis,ye,zeta"
)
_SPOKEN = dict(zip(string.ascii_lowercase, _LETTERS.split(","), strict=True)) | {"ñ": "eñe"}


def number(value: str, given: str = "") -> SafeString:
    """A cédula or RUC in groups made by margins; what `given` did not have stands in `<ins>`."""
    start, end = _new_part(value, given)
    spans, at = [], 0
    for size in numbers.groups(value):
        spans.append(f"<span>{_marked(value, at, at + size, start, end)}</span>")
        at += size
    return html(f'<span class="cl-num">{"".join(spans)}</span>')


def _new_part(value: str, given: str) -> tuple[int, int]:
    """Where `value` differs from `given`: from the first different character to the last."""
    if not given:
        return 0, 0
    shortest = min(len(value), len(given))
    tail = next((n for n in range(shortest) if value[-1 - n] != given[-1 - n]), shortest)
    rest = min(shortest - tail, len(value) - tail)
    head = next((n for n in range(rest) if value[n] != given[n]), rest)
    return head, len(value) - tail


def _marked(value: str, first: int, last: int, start: int, end: int) -> str:
    """The escaped characters `first` to `last`, those between `start` and `end` inserted."""
    start, end = max(first, min(start, last)), max(first, min(end, last))
    new = esc(value[start:end])
    inserted = f"<ins>{new}</ins>" if new else ""
    return esc(value[first:start]) + inserted + esc(value[end:last])


def code(value: str) -> SafeString:
    """A code in groups of four, which wrap where the screen is narrow; copied, it is one word."""
    plain = value.replace(" ", "").replace("-", "")
    groups = [plain[n : n + 4] for n in range(0, len(plain), 4)]
    spans = "<wbr>".join(f"<span>{esc(group)}</span>" for group in groups)
    return html(f'<span class="cl-code">{spans}</span>')


def masked(address: str) -> str:
    """`l•••@t•••.example`, `09• ••• ••21`: always as many dots, so that length says nothing."""
    user, at, domain = address.rpartition("@")
    if not at:
        digits = [c for c in address if c.isdigit()]
        return f"{''.join(digits[:2])}• ••• ••{''.join(digits[-2:])}"
    return f"{user[:1]}{_DOTS}@{domain[:1]}{_DOTS}.{domain.rpartition('.')[2]}"


def mask(address: str) -> SafeString:
    """The mask to see, and its letters as words to hear."""
    return html(
        f'<span class="cl-mask"><span aria-hidden="true">{esc(masked(address))}</span>'
        f'<span class="govuk-visually-hidden">{esc(_heard(address))}</span></span>'
    )


def _heard(address: str) -> str:
    user, at, domain = address.rpartition("@")
    if not at:
        return _("termina en %(end)s") % {"end": " ".join(address.strip()[-2:])}
    words = {"user": _spoken(user[:1]), "domain": _spoken(domain[:1])}
    return _("empieza con %(user)s y su dominio empieza con %(domain)s") % words


def _spoken(letter: str) -> str:
    return letter.upper() if language() == "en" else _SPOKEN.get(letter.lower(), letter)


def count(value: int) -> str:
    """1214 · 12 480 in Spanish, 1,214 · 12,480 in English."""
    return numbers.count(value, language())
