"""Files in the database: cut, compressed and sealed, so that any server and any worker finds them and nobody else reads them."""

import base64
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from clavero.precheck.models import Piece, SentList

SIZE = 512 * 1024
"""Bytes of a piece before it is sealed."""
_BLOCK = 1 << 20


class Cut(Exception):
    """Pieces are missing: the file is no longer whole."""


def keep(sent: SentList, kind: str, path: Path) -> None:
    """Store the file under `kind` in place of what stood there."""
    Piece.objects.filter(sent=sent, kind=kind).delete()
    for number, body in enumerate(_cut(_compressed(path))):
        text = base64.b64encode(body).decode()
        Piece.objects.create(sent=sent, kind=kind, number=number, body=text)


def read(sent: SentList, kind: str) -> Iterator[bytes]:
    """The file, block by block. Raises `Cut` where its end is missing."""
    opener, number = zlib.decompressobj(), 0
    while piece := Piece.objects.filter(sent=sent, kind=kind, number=number).first():
        yield opener.decompress(base64.b64decode(piece.body))
        number += 1
    if not opener.eof:
        raise Cut(kind)


def kinds(sent: SentList) -> set[str]:
    """Which files of a list are still there."""
    return set(Piece.objects.filter(sent=sent, number=0).values_list("kind", flat=True))


def drop(sent: SentList, *kinds: str) -> int:
    """Delete files of a list; how many pieces they had."""
    return Piece.objects.filter(sent=sent, kind__in=kinds).delete()[0]


def _compressed(path: Path) -> Iterator[bytes]:
    packer = zlib.compressobj(1)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield packer.compress(block)
    yield packer.flush()


def _cut(blocks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for block in blocks:
        held += block
        while len(held) >= SIZE:
            yield held[:SIZE]
            held = held[SIZE:]
    if held:
        yield held
