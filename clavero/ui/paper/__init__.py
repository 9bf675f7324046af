"""A sheet of paper: what it says as parts, set as PDF by typst, and as a page to print (DESIGN §14).

A room writes the parts and the words; how they look has its home here, once for each form. Words reach typst as
data, never as markup. PDFs are PDF/UA-1: typst refuses to set one that is not.
"""

import json
import unicodedata
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import Any, ClassVar

import segno
import structlog
import typst
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clavero.core.errors import Refused
from clavero.institution import profile
from clavero.ui.context import is_demonstration
from clavero.ui.plain_html import html

log = structlog.get_logger()
HERE = Path(__file__).resolve().parent
LAYOUT, FONTS = HERE / "sheet.typ", HERE / "fonts"
LONGEST = 15.0
"""Seconds until a sheet that is being set is given up; one takes a tenth of a second."""
AT_ONCE, PATIENCE = 4, 1.0
"""So many sheets are set at once in a process, as many as it has threads; who finds no place within `PATIENCE` seconds gets the page."""
_places = BoundedSemaphore(AT_ONCE)
UNAVAILABLE = 503
_LATIN = {chr(n) for first, last in ((0x20, 0x7E), (0xA0, 0x17E)) for n in range(first, last + 1)}
_UNDRAWN = set("\u00adµĈĉĔĕĜĝĤĥĨĩĬĭĴĵĸĿŀŉŊŋŌōŎŏŖŗŜŝŦŧŨũŬŭ")
LETTERS = frozenset(_LATIN - _UNDRAWN | set("‘’‚“”„•…‹›–—€ȘșȚț"))
"""What the fonts have. A test sets them all: under PDF/UA a letter without a drawing is an error."""


# --- parts --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """What the parts after it are about."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph; `strong` stands before it in bold."""

    kind: ClassVar[str] = "text"
    text: str
    strong: str = ""
    small: bool = False


@dataclass(frozen=True)
class Note:
    """A paragraph in a frame: what nobody may overlook."""

    kind: ClassVar[str] = "note"
    text: str
    strong: str = ""


@dataclass(frozen=True)
class Field:
    """A label and its value; an empty value is a line to write on. `number` sets digits in groups."""

    label: str
    value: str = ""
    number: bool = False


@dataclass(frozen=True)
class Fields:
    """What a form asks for, filled in as far as it is known."""

    kind: ClassVar[str] = "fields"
    rows: tuple[Field, ...]


@dataclass(frozen=True)
class Box:
    """A box to tick, or one that is ticked."""

    text: str
    note: str = ""
    source: str = ""
    ticked: bool = False


@dataclass(frozen=True)
class Boxes:
    """A list of things with a box before each."""

    kind: ClassVar[str] = "boxes"
    rows: tuple[Box, ...]


@dataclass(frozen=True)
class Steps:
    """What happens, in order."""

    kind: ClassVar[str] = "steps"
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A code to show, as letters and as QR, with the sentences beside it."""

    kind: ClassVar[str] = "code"
    title: str
    code: str
    says: tuple[str, ...] = ()
    warns: str = ""

    @cached_property
    def drawing(self) -> str:
        """The code, and nothing else, as a QR in SVG. Never the micro form, which many scanners do not read."""
        drawn = segno.make_qr(self.code, error="m")
        return drawn.svg_inline(border=4, dark="#000000", light="#ffffff", omitsize=True)  # type: ignore[no-any-return]

    @property
    def qr(self) -> SafeString:
        return html(self.drawing)


@dataclass(frozen=True)
class Big:
    """A few letters to read from afar: a number to be called, a code. `mark` names it for scripts on the page."""

    kind: ClassVar[str] = "big"
    text: str
    mark: str
    in_fours: bool = False


@dataclass(frozen=True)
class Lines:
    """Lines to write on."""

    kind: ClassVar[str] = "lines"
    label: str
    count: int = 2

    @property
    def ruled(self) -> range:
        return range(self.count)


@dataclass(frozen=True)
class Table:
    """Rows under a head. `widths` are shares of the line, as many as columns."""

    kind: ClassVar[str] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    empty: str = ""


@dataclass(frozen=True)
class Signatures:
    """A line to sign on for each name."""

    kind: ClassVar[str] = "signatures"
    names: tuple[str, ...]


Part = Heading | Text | Note | Fields | Boxes | Steps | Code | Big | Lines | Table | Signatures


@dataclass(frozen=True)
class Sheet:
    """One paper. `number` is the case's, `file` the name it is saved under, `size` A4 or a counter's `ticket`.

    `lang` is the language it was written in: papers to sign are Spanish, whatever the page speaks.
    """

    title: str
    file: str
    parts: tuple[Part, ...]
    lang: str
    number: str = ""
    lead: str = ""
    foot: str = ""
    size: str = "a4"

    @property
    def html_lang(self) -> str:
        return "en" if self.lang == "en" else "es-EC"

    @property
    def letterhead(self) -> dict[str, str]:
        return letterhead(self)


# --- as PDF -------------------------------------------------------------------------------------------


def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF/UA-1, with its title and language. The same sheet gives the same bytes.

    Raises `Refused`: paper.pdf where it cannot be set, or not within `LONGEST`, or where `AT_ONCE` others are being set; the log says
    of what kind the failure is. One that hangs keeps its place until it ends, so that no more than `AT_ONCE` ever hang.
    """
    setting = _Setting(json.dumps(_clean(_plain(sheet) | {"letterhead": letterhead(sheet)})))
    if not _places.acquire(timeout=PATIENCE):
        log.error("pdf", error="Busy")
        raise Refused("paper.pdf")
    try:
        setting.start()
        setting.join(LONGEST)
        if setting.is_alive():
            setting.failed = TimeoutError.__name__
    except (RuntimeError, MemoryError) as failed:  # no thread to be had
        if setting.ident is None:
            _places.release()
        setting.failed = type(failed).__name__
    if setting.failed:
        log.error("pdf", error=setting.failed)
        raise Refused("paper.pdf")
    return setting.made


class _Setting(Thread):
    """One sheet that is being set, beside the thread that waits for it no longer than it wants to."""

    def __init__(self, data: str) -> None:
        super().__init__(daemon=True)
        self.data, self.made = data, b""
        self.failed = "Panic"  # of typst: no Exception, it ends this thread and nothing else

    def run(self) -> None:
        try:
            self.made = typst.compile(
                str(LAYOUT),
                root=str(HERE),
                font_paths=[str(FONTS)],
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=["ua-1"],
                sys_inputs={"sheet": self.data},
            )
            self.failed = ""
        except Exception as failed:
            self.failed = type(failed).__name__
        finally:
            _places.release()


def as_pdf(request: HttpRequest, sheet: Sheet, instead: str = "ui/no_pdf.html") -> HttpResponse:
    """A sheet as a file to keep; where no PDF can be made, 503 and the same sheet as a page to print, by `instead` (K07)."""
    try:
        made = pdf(sheet)
    except Refused:
        return render(request, instead, {"sheet": sheet}, status=UNAVAILABLE)
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{sheet.file}.pdf"'
    return response


def letterhead(sheet: Sheet) -> dict[str, str]:
    """What stands above and below every sheet, in the sheet's language."""
    institution = profile().institution
    with translation.override(sheet.lang):
        return {
            "service": institution.service.say(sheet.lang),
            "institution": institution.name,
            "disclaimer": institution.disclaimer.say(sheet.lang),
            "demo": _("Demostración con datos inventados.") if is_demonstration() else "",
            "number": _("Caso %(number)s") % {"number": sheet.number} if sheet.number else "",
            "qr": _("El mismo código en forma de QR"),
            "page": _("Página"),
        }


def _plain(sheet: Sheet) -> dict[str, Any]:
    parts = [_part(part) for part in sheet.parts]
    return asdict(sheet) | {"parts": parts}


def _part(part: Part) -> dict[str, Any]:
    drawn = {"drawing": part.drawing} if isinstance(part, Code) else {}
    return asdict(part) | {"kind": part.kind} | drawn


def _clean(value: Any) -> Any:
    """Texts with only what the fonts can draw."""
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return drawable(value) if isinstance(value, str) else value


def drawable(text: str) -> str:
    """`text` in letters that the fonts have: another letter loses its marks, or becomes a question mark."""
    return "".join(map(_letter, unicodedata.normalize("NFC", text)))


def _letter(letter: str) -> str:
    if letter in LETTERS:
        return letter
    if letter.isspace():
        return " "
    bare = unicodedata.normalize("NFKD", letter)
    kept = "".join(c for c in bare if c in LETTERS)
    is_silent = unicodedata.category(letter) in ("Cc", "Cf", "Mn")
    return kept or ("" if is_silent else "?")
