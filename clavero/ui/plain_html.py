"""Cheap ways of what a page does a hundred times: escaping a text, saying a fixed sentence.

Measured: Django's `escape` costs four times the standard library's, and a look-up of a translation
5 µs; a page has 300 (benchmarks/page_bench.py).
"""

from functools import cache
from html import escape

from django.utils import translation
from django.utils.safestring import SafeString


def esc(text: object) -> str:
    """`text` (a string or a lazy translation) safe between tags and inside quoted attributes."""
    return escape(str(text))


def html(markup: str) -> SafeString:
    """`markup`, whose every variable part passed through `esc`, as a template may print it."""
    return SafeString(markup)


def language() -> str:
    """`es` or `en`: the language of the address, never of the browser."""
    return "en" if (translation.get_language() or "").startswith("en") else "es"


def say(fixed: str) -> str:
    """`gettext` for sentences of the source: each is looked up once for each language."""
    return _said(fixed, language())


@cache
def _said(fixed: str, lang: str) -> str:
    return translation.gettext(fixed)
