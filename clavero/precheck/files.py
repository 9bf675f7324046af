"""Lists as files: CSV and TSV of any usual delimiter and encoding, XLSX, ODS, XLS in; CSV and XLSX out. No Django.

A list is read as a stream, from its file; a workbook is first turned into CSV by a process of its own
(`spreadsheet`). Row numbers are those that a spreadsheet shows. Nothing is refused that can be read.
"""

import codecs
import csv
import errno
import io
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clavero.core import columns
from clavero.core.columns import Header
from clavero.core.errors import Refused
from clavero.precheck import spreadsheet

DELIMITERS = ",;\t|:^~"
_BLOCK = 1 << 20
_SAMPLE = 1 << 18
_LEGACY = "cp1252"
_UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")
"""Bytes that Windows-1252 leaves undefined: a file that has them is read as latin-1."""
_PRIVATE = 0xF700
"""Where a byte of another encoding waits, as a character of private use, until its row is known."""
_OTHER_KINDS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"SQLite format 3\x00",
    b"{\\rtf",
)
_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml")
_BOMS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

Record = tuple[int, list[str]]
"""(row number as a spreadsheet shows it, the cells: as many as the list has columns)."""


@dataclass(frozen=True)
class Limits:
    """What a list may ask for. The command's; the pages have smaller ones. `span`: rows with the empty ones between, which are
    judged too; `seconds`: of the processor, for opening a workbook."""

    rows: int = 2_000_000
    megabytes: int = 4096
    unpacked_megabytes: int = 2048
    memory_megabytes: int = 3072
    span: int = 4_000_000
    seconds: int = spreadsheet.MOST_SECONDS


STANDARD = Limits()


@dataclass
class Source:
    """A list that can be read, more than once. `width` and `last` are known after `measure`."""

    path: Path
    encoding: str
    delimiter: str
    header: Header
    skipped: int = 0
    mixed: bool = False
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    marks: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    width: int = 0
    last: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns: those beyond the head are called by their letter."""
        named = self.header.names
        return named + tuple(columns.letter(at) for at in range(len(named), self.width))


@contextmanager
def opened(path: Path | str, limits: Limits = STANDARD) -> Iterator[Source]:
    """The list in a file; `-` is standard input. Raises `Refused`: sheet codes, each one clear sentence."""
    with tempfile.TemporaryDirectory(prefix="clavero-") as folder:
        yield _source(path, Path(folder), limits)


def look(path: Path, limits: Limits) -> None:
    """Refuse at once what is no list or too large; what only reading can find is found later. Raises as `opened`."""
    try:
        if _kind(path, limits) == "text":
            _text(path)
    except OSError as error:
        raise unreadable(error) from error


def _source(path: Path | str, folder: Path, limits: Limits) -> Source:
    try:
        file = _spooled(folder) if str(path) == "-" else Path(path)
        return _text(file) if _kind(file, limits) == "text" else _book(file, folder, limits)
    except OSError as error:
        raise unreadable(error) from error


_REASONS = {
    errno.ENOENT: "sheet.not_found", errno.EACCES: "sheet.not_allowed", errno.EPERM: "sheet.not_allowed",
    errno.EISDIR: "sheet.is_folder", errno.ENOSPC: "sheet.disk_full", errno.ENOTDIR: "sheet.not_found", errno.EROFS: "sheet.not_allowed",
}  # fmt: skip


def unreadable(error: OSError, other: str = "sheet.unreadable") -> Refused:
    """What the system says of a file, as a refusal."""
    code = _REASONS.get(error.errno or 0, other)
    return Refused(code, why=error.strerror or "?") if code == other else Refused(code)


def _spooled(folder: Path) -> Path:
    """Standard input as a file: a list is read twice."""
    file = folder / "input"
    with file.open("wb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy, _BLOCK)
    return file


# --- what kind of file ----------------------------------------------------------------------------


def _kind(path: Path, limits: Limits) -> str:
    """`text` or `book`. Raises `Refused` for what is neither a list nor small enough to be opened."""
    size = path.stat().st_size
    if size > limits.megabytes << 20:
        raise Refused("sheet.too_large", megabytes=size >> 20, most=limits.megabytes)
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise Refused("sheet.empty")
    if head.startswith(b"PK\x03\x04"):
        _refuse_bomb(path, limits)
        return "book"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "book"
    if head.startswith(_OTHER_KINDS):
        raise Refused("sheet.not_a_table")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        raise Refused("sheet.web_page")
    return "text"


def _refuse_bomb(path: Path, limits: Limits) -> None:
    """By what the archive's directory says, before anything is unpacked; whoever lies there meets the memory limit."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise Refused("sheet.broken") from error
    unpacked = sum(member.file_size for member in members) >> 20
    if unpacked > limits.unpacked_megabytes:
        raise Refused("sheet.unpacks_too_large", megabytes=unpacked, most=limits.unpacked_megabytes)
    if any(member.flag_bits & 1 for member in members):
        raise Refused("sheet.encrypted")
    names = {member.filename for member in members}
    if not {"xl/workbook.xml", "content.xml"} & names:
        raise Refused("sheet.not_a_table")


# --- workbooks ------------------------------------------------------------------------------------


def _book(path: Path, folder: Path, limits: Limits) -> Source:
    """A workbook, turned into CSV by a child that may take so much memory and no more."""
    table = folder / "table.csv"
    command = [
        sys.executable,
        "-m",
        "clavero.precheck.spreadsheet",
        str(path.resolve()),
        str(table),
        str(limits.memory_megabytes),
        str(limits.seconds),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(_why(path, done.returncode))
    about: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    source = _table(table, "utf-8", ",")
    source.sheet, source.other_sheets = about["sheet"], tuple(about["others"])
    for row, column, code in about["marks"]:
        if row > source.header.last:
            source.marks.setdefault(row, []).append((code, column))
    return source


def _why(path: Path, status: int) -> str:
    if status == spreadsheet.PROTECTED or (status == spreadsheet.DAMAGED and _is_sealed(path)):
        return "sheet.encrypted"
    if status == spreadsheet.MEMORY or status < 0:
        return "sheet.needs_too_much"
    return "sheet.broken"


def _is_sealed(path: Path) -> bool:
    """Whether an old container holds an encrypted workbook."""
    with path.open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read(_BLOCK)


# --- text -----------------------------------------------------------------------------------------


def _text(path: Path) -> Source:
    encoding, mixed = encoding_of(path)
    with path.open(encoding=encoding, errors="clavero-legacy", newline="") as file:
        sample = file.read(_SAMPLE)
    first = sample.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return _table(path, encoding, first[4], skipped=1, mixed=mixed)
    return _table(path, encoding, _delimiter(sample), mixed=mixed)


def encoding_of(path: Path) -> tuple[str, bool]:
    """(encoding, whether bytes of another one are mixed in), by reading it all. Raises `Refused("sheet.not_a_table")`."""
    with path.open("rb") as file:
        head = file.read(4096)
        for mark, name in _BOMS.items():
            if head.startswith(mark):
                return (
                    (name, False)
                    if name != "utf-8-sig"
                    else ("utf-8-sig", _looked_through(path)[1])
                )
        if (wide := _wide(head)) is not None:
            return wide, False
    if _share_of_controls(head) > 0.05:
        raise Refused("sheet.not_a_table")
    return _looked_through(path)


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of plain text is zero."""
    half = max(1, len(head) // 2)
    if head[1::2].count(0) > half * 0.7:
        return "utf-16-le"
    return "utf-16-be" if head[0::2].count(0) > half * 0.7 else None


def _share_of_controls(head: bytes) -> float:
    controls = sum(byte < 32 and byte not in b"\t\r\n\x0b\x0c" for byte in head)
    return controls / max(1, len(head))


def _looked_through(path: Path) -> tuple[str, bool]:
    """UTF-8, or what Windows writes; both, where letters of either kind stand in one file."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="clavero-legacy")
    seen: set[str] = set()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if not block.isascii() or decoder.getstate()[0]:
                seen |= set(decoder.decode(block))
    legacy = {ord(char) - _PRIVATE for char in seen if _is_legacy(char)}
    if not legacy or any(not char.isascii() and not _is_legacy(char) for char in seen):
        return "utf-8", bool(legacy)
    return ("latin-1" if legacy & _UNDEFINED else _LEGACY), False


def _waiting(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8, as characters of private use that can be told and given back."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(
        chr(_PRIVATE + byte) for byte in error.object[error.start : error.end]
    ), error.end


codecs.register_error("clavero-legacy", _waiting)


def _delimiter(sample: str) -> str:
    """The delimiter under which the head of the list knows most columns."""
    return max(DELIMITERS, key=lambda each: (_known(sample, each), -DELIMITERS.index(each)))


def _known(sample: str, delimiter: str) -> tuple[int, int]:
    rows = list(itertools.islice(_sampled(sample, delimiter), columns.SEARCHED))
    best = max((columns.known(row[: columns.MOST]) for row in rows), default=0)
    return best, max((len(row) for row in rows), default=0) if best else 0


def _sampled(sample: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def _table(
    path: Path, encoding: str, delimiter: str, skipped: int = 0, mixed: bool = False
) -> Source:
    """A list as delimited text: its head is found, its rows are not read yet."""
    nobody = Header(0, 0, (), {}, ())
    bare = Source(path, encoding, delimiter, nobody, skipped, mixed)
    top = []
    for number, row in itertools.islice(every(bare), columns.SEARCHED + 1):
        columns.refuse_many(number, row)
        top.append(row)
    return Source(path, encoding, delimiter, columns.find(top), skipped, mixed)


def every(source: Source) -> Iterator[Record]:
    """Every record of the file with its row number, the head and empty ones too."""
    with source.path.open(encoding=source.encoding, errors="clavero-legacy", newline="") as file:
        for _ in range(source.skipped):
            file.readline()
        reader = csv.reader(file, delimiter=source.delimiter)
        row, line, before = 0, 0, 0
        try:
            for row, cells in enumerate(reader, start=1):
                yield row, cells
                before, line = line, reader.line_num
        except csv.Error as error:
            raise _unreadable(row + 1, reader.line_num - line) from error
    if line - before > 1 and _is_open(source, source.skipped + before):
        raise Refused("sheet.quote_open", row=row)


def _is_open(source: Source, lines: int) -> bool:
    """Whether the record after so many lines, which reaches the end of the file, opens a quotation and never closes it."""
    with source.path.open(encoding=source.encoding, errors="clavero-legacy", newline="") as file:
        return sum(line.count('"') for line in itertools.islice(file, lines, None)) % 2 == 1


def _unreadable(row: int, lines: int) -> Refused:
    """The parser gave up: a quotation that swallows what follows, or a cell without end."""
    if lines > 1:
        return Refused("sheet.quote_open", row=row)
    return Refused("sheet.cell_too_long", row=row, most=csv.field_size_limit())


def records(source: Source) -> Iterator[Record]:
    """The rows below the head, each as wide as the list; a line without a single cell is none. After `measure`."""
    first, width, last = source.header.last, source.width, source.last
    for number, row in every(source):
        if number <= first or not row:
            continue
        if number > last:
            return
        if len(row) != width:
            row += [""] * (width - len(row))
        if source.mixed:
            _give_back(source, number, row)
        yield number, row


def _give_back(source: Source, number: int, row: list[str]) -> None:
    """Letters of another encoding become what they were; the cell is marked, once."""
    for at, cell in enumerate(row):
        if not cell.isascii() and any(_is_legacy(char) for char in cell):
            row[at] = "".join(_letter(char) if _is_legacy(char) else char for char in cell)
            marks = source.marks.setdefault(number, [])
            if ("row.encoding", at) not in marks:
                marks.append(("row.encoding", at))


def _is_legacy(char: str) -> bool:
    return _PRIVATE <= ord(char) < _PRIVATE + 256


def _letter(char: str) -> str:
    return bytes([ord(char) - _PRIVATE]).decode(_LEGACY, errors="replace")
