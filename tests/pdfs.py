"""Reading a PDF as far as our own need it: the words in their order, the structure, the metadata. No dependency."""

import re
import zlib
from collections.abc import Iterator


def objects(pdf: bytes) -> dict[int, bytes]:
    """The objects of the file by number; streams are inflated."""
    found = {}
    for match in re.finditer(rb"(\d+) 0 obj\n(.*?)\nendobj", pdf, re.S):
        head, stream, rest = match[2].partition(b"stream\n")
        body = rest.rpartition(b"\nendstream")[0]
        found[int(match[1])] = head + (
            zlib.decompress(body) if b"FlateDecode" in head else body if stream else b""
        )
    return found


def text(pdf: bytes) -> str:
    """The words of every page, as a reader that copies them gets them."""
    parts = objects(pdf)
    fonts = {
        name: _letters(parts[_number(parts[int(obj)], b"ToUnicode")])
        for body in parts.values()
        for name, obj in re.findall(rb"/(f\d+) (\d+) 0 R", body)
        if b"/Type0" in parts[int(obj)]
    }
    pages = [body for body in parts.values() if b"/Type/Page/" in body]
    return "\n".join(_words(parts[_number(page, b"Contents")], fonts) for page in pages)


def _number(body: bytes, name: bytes) -> int:
    return int(re.search(rb"/%s (\d+) 0 R" % name, body)[1])


def _letters(cmap: bytes) -> dict[int, str]:
    """A font's table from glyph to letters."""
    found = {}
    for block in re.findall(rb"beginbfchar\n(.*?)endbfchar", cmap, re.S):
        for glyph, letters in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    return found


def _words(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    """What a page shows: each text that is shown on a line of its own."""
    lines, font, shown, last = [], {}, [], b""
    for token in _tokens(content):
        if isinstance(token, list):
            shown += token
        elif token in (b"Tj", b"TJ"):
            lines.append("".join(font.get(glyph, "?") for glyph in shown))
            shown = []
        elif token == b"Tf":
            font = fonts[last]
        elif token == b"BDC":  # what it says of language and place is not on the page
            shown = []
        last = token[1:] if token[:1] == b"/" else last
    return "\n".join(lines)


def _tokens(content: bytes) -> Iterator[bytes | list[int]]:
    """Names and operators as they are, strings as the numbers of their glyphs."""
    at = 0
    while at < len(content):
        char = content[at : at + 1]
        if char == b"(":
            raw, at = _literal(content, at + 1)
            yield _glyphs(raw)
        elif char == b"<" and content[at + 1 : at + 2] != b"<":
            end = content.index(b">", at)
            yield _glyphs(bytes.fromhex(content[at + 1 : end].decode()))
            at = end + 1
        else:
            match = re.compile(rb"<<|/?[^\s/\[\]()<>]+|.", re.S).match(content, at)
            yield match[0]
            at = match.end()


def _glyphs(raw: bytes) -> list[int]:
    return [int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2)]


_NAMED = dict(zip(b"nrtbf", b"\n\r\t\b\f", strict=True))


def _literal(content: bytes, at: int) -> tuple[bytes, int]:
    """A literal string from after its parenthesis, and where it ends; parentheses inside may be balanced."""
    found, depth = bytearray(), 1
    while True:
        char = content[at]
        if char == 0x5C:  # backslash
            octal = re.compile(rb"[0-7]{1,3}").match(content, at + 1)
            found.append(
                int(octal[0], 8) if octal else _NAMED.get(content[at + 1], content[at + 1])
            )
            at = octal.end() if octal else at + 2
            continue
        depth += (char == 0x28) - (char == 0x29)
        if depth == 0:
            return bytes(found), at + 1
        found.append(char)
        at += 1
