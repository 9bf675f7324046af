"""Results as files: CSV, an Excel workbook, JSON Lines. Written beside the target and put in its place when whole. No Django."""

import contextlib
import csv
import marshal
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import IO, Any

from clavero import institution
from clavero.core import formulas
from clavero.core.errors import Refused
from clavero.core.triage import CORRECT_DATA, ONLINE, UNKNOWN, VISIT
from clavero.precheck import documents, files, report
from clavero.precheck.checking import Judged, Run

EXCEL_ROWS = 1_048_575
_TINTS = {ONLINE: "#DFEDEC", VISIT: "#FBF1DC", CORRECT_DATA: "#F7E9E2", UNKNOWN: "#E9EDEC"}
_WIDTHS = {0: 9, 1: 17, 2: 44, 3: 40, 4: 13, 5: 13, 6: 30}
"""Of our columns, in characters."""
_DAYS = (4, 5, 14)
"""Of our columns, those that are days."""
_BUFFER = 1 << 20
_END = "\r\n"
"""Ends a row; a cell that holds either character is quoted, which it would not be with an empty end."""
Add = Callable[[Judged], None]
"""Takes the next row of a result."""


@contextmanager
def placed(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """A file that stands at `path` only when it is whole. Raises `Refused`: sheet.unwritable and its kin.

    A device or a pipe is written to as it is: it must never be replaced by a file.
    """
    text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
    if path.exists() and not path.is_file():
        with _refusing(), path.open(mode, **text) as file:
            yield file
        return
    with _refusing(), _beside(path, mode, text) as file:
        yield file


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise files.unreadable(error, "sheet.unwritable") from error


@contextmanager
def _beside(path: Path, mode: str, text: dict[str, Any]) -> Iterator[IO[Any]]:
    """A file of no name in the same folder, which takes the other's place at the end or is gone."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, mode, _BUFFER, **text) as file:
            yield file
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def target(path: str, source: str) -> Iterator[IO[str]]:
    """Where text goes: a file, or standard output for `-`."""
    if path == "-":
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        yield sys.stdout
        sys.stdout.flush()
        return
    refuse_same(path, source)
    with placed(Path(path)) as file:
        yield file


@contextmanager
def result(
    kind: str,
    path: str,
    run: Run,
    lang: str,
    finished: Callable[[], report.Facts],
    source: str = "-",
) -> Iterator[Add]:
    """A result of one kind (csv, xlsx, jsonl, html), to which every row is added. `finished` gives the facts afterwards."""
    if kind == "xlsx":
        refuse_same(path, source)
        with workbook(Path(path), run, lang, finished) as add:
            yield add
        return
    with target(path, source) as file:
        if kind == "html":
            yield lambda judged: None
            file.write(report.page(finished(), lang, institution.profile().institution))
        else:
            yield (
                csv_rows(file, run, lang, marked=path != "-")
                if kind == "csv"
                else json_lines(file, run)
            )


def refuse_same(path: str, source: str) -> None:
    """A result never takes the place of the list it was made from."""
    with contextlib.suppress(OSError):
        if source != "-" and Path(path).exists() and Path(path).samefile(source):
            raise Refused("sheet.same_file")


# --- CSV and JSON Lines ---------------------------------------------------------------------------


def head(run: Run, lang: str) -> list[str]:
    """The names of the columns: the list's own, without what an earlier precheck added, then ours."""
    own = [run.source.names[at] for at in kept(run)]
    return own + list(documents.ADDED[lang][: None if run.former else -1])


def kept(run: Run) -> list[int]:
    """The places of the list's own columns, in its order."""
    head = run.source.header
    mine = {*head.at.values(), *head.other, *range(len(head.names), run.source.width)}
    return sorted(mine)


def csv_rows(file: IO[str], run: Run, lang: str, *, marked: bool = False) -> Add:
    """Writes rows as CSV, in the order of the file and with its delimiter. UTF-8; with `marked`, a list that did not
    come as plain UTF-8 goes with the mark by which spreadsheets know it. What they would reckon with gets an apostrophe."""
    if marked and (run.source.encoding != "utf-8" or run.source.sheet):
        file.write("\ufeff")
    line = _Line(file, run, lang)
    line.write([formulas.harmless(name) for name in head(run, lang)])
    return line.add


class _Line:
    """One row after the other as text. What a judgement adds is the same in all its rows, and is written out once."""

    def __init__(self, file: IO[str], run: Run, lang: str) -> None:
        self.lang, self.last = lang, None if run.former else -1
        self.comma = run.source.delimiter
        self.write = csv.writer(file, delimiter=self.comma, lineterminator=_END).writerow
        self.put, self.lines = file.write, _Lines()
        self.begin = csv.writer(self.lines, delimiter=self.comma, lineterminator=_END).writerow
        places = kept(run)
        self.places = [] if places == list(range(run.source.width)) else places
        self.commas = len(places) - 1
        """How many delimiters stand in a row of which no cell has to be quoted."""
        self.texts: dict[tuple[int, date | None, str], tuple[str, str]] = {}

    def add(self, judged: Judged) -> None:
        cells = [judged.cells[at] for at in self.places] if self.places else judged.cells
        if judged.silent or (judged.is_plain and not judged.notes and not judged.change):
            return self.add_plain(cells, judged)
        cells = cells + documents.added(judged, self.lang)[: self.last]
        if formulas.may_stand_in("|" + "|".join(cells)):
            cells = list(map(formulas.harmless, cells))
        return self.write(cells)

    def add_plain(self, cells: list[str], judged: Judged) -> None:
        """A row in which only the numbers are its own; digits need no quotation marks."""
        sucursal, comma, picked = judged.sucursal, self.comma, judged.picked
        given, value = ("", "") if sucursal is None else (sucursal.repairs and sucursal.given, sucursal.value)  # fmt: skip
        key = (id(judged.judgement), judged.state.as_of, given or "")
        left, right = self.texts.get(key) or self.text(key, judged)
        line = comma.join(cells)
        if '"' in line or not line.isprintable() or line.count(comma) != self.commas:
            self.begin(cells)
            line = self.lines.pop()[:-2]
        self.put(
            f"{line}{comma}{judged.number}{left}{picked[0]}{comma}{picked[1]}{comma}{value}{right}"
        )

    def text(self, key: tuple[int, date | None, str], judged: Judged) -> tuple[str, str]:
        """What stands between the row's own numbers, and after them."""
        cells = documents.added(judged, self.lang)[: self.last]
        self.begin(cells[1:7])
        left = f"{self.comma}{self.lines.pop()[:-2]}{self.comma}"
        self.begin(cells[10:])
        self.texts[key] = left, f"{self.comma}{self.lines.pop()[:-2]}{_END}"
        return self.texts[key]


class _Lines(list[str]):
    """Where a writer of CSV puts its line, so that more may follow it."""

    write = list.append


def json_lines(file: IO[str], run: Run) -> Add:
    """Writes rows in the machine form, in the order of the file."""

    def add(judged: Judged) -> None:
        file.write(documents.as_line(judged, run.source))

    return add


# --- Excel ----------------------------------------------------------------------------------------


class Sorted:
    """Rows by urgency: each urgency has its own place on disk, and they are read back one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open: dict[int, IO[bytes]] = {}

    def add(self, order: int, cells: list[str]) -> None:
        if order not in self.open:
            self.open[order] = (self.folder / f"{order:05}").open("w+b")
        marshal.dump(cells, self.open[order])

    def __iter__(self) -> Iterator[list[str]]:
        for order in sorted(self.open):
            self.open[order].seek(0)
            with suppress(EOFError):
                while True:
                    yield marshal.load(self.open[order])  # noqa: S302 (our own file of a moment ago)


@contextmanager
def workbook(
    path: Path, run: Run, lang: str, finished: Callable[[], report.Facts]
) -> Iterator[Add]:
    """A workbook sorted by urgency, with filters and a frozen head; a second sheet has the counts."""
    if run.found.total > EXCEL_ROWS:
        raise Refused("sheet.too_many_for_excel", most=EXCEL_ROWS)
    places, last = kept(run), None if run.former else -1
    with tempfile.TemporaryDirectory(prefix="clavero-") as folder:
        rows = Sorted(Path(folder))

        def add(judged: Judged) -> None:
            own = [judged.cells[at] for at in places]
            rows.add(
                judged.verdict.order,
                [judged.verdict.route, *documents.added(judged, lang)[:last], *own],
            )

        yield add
        with placed(path, "wb") as file:
            _write(file, run, lang, rows, report.summary(finished(), lang))


def _write(
    file: IO[bytes],
    run: Run,
    lang: str,
    rows: Iterable[list[str]],
    summary: Iterable[tuple[str, str, int]],
) -> None:
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    _list(book, run, lang, rows)
    _summary(book, lang, summary)
    book.close()


def _list(book: Any, run: Run, lang: str, rows: Iterable[list[str]]) -> None:
    names = list(documents.ADDED[lang][: None if run.former else -1]) + [
        run.source.names[at] for at in kept(run)
    ]
    sheet = book.add_worksheet("List" if lang == "en" else "Lista")
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    signed = book.add_format({"quote_prefix": True})
    tints = {route: book.add_format({"bg_color": colour}) for route, colour in _TINTS.items()}
    for at, name in enumerate(names):
        sheet.set_column(at, at, _WIDTHS.get(at, 18))
        sheet.write_string(0, at, _printable(name), bold)
    number = 0
    for number, (route, *cells) in enumerate(rows, start=1):
        _row(sheet, number, cells, tints[route], day, signed)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(number, 1), len(names) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{number + 1}"})


def _row(sheet: Any, number: int, cells: list[str], tint: Any, day: Any, signed: Any) -> None:
    """Every cell as text, never as a formula; our row number and days as what they are. `signed` keeps what looks like one a
    text where somebody edits it, too."""
    for at, cell in enumerate(cells):
        if at == 0:
            sheet.write_number(number, at, int(cell))
        elif at in _DAYS and cell:
            sheet.write_datetime(number, at, date.fromisoformat(cell), day)
        elif cell:
            looks_like_one = formulas.may_stand_in(f"|{cell}")
            kind = tint if at == 1 else signed if looks_like_one else None
            sheet.write_string(number, at, _printable(cell), kind)


def _printable(cell: str) -> str:
    """A text as a workbook can hold it: no control characters, 32,767 letters at most."""
    if not cell.isprintable():
        cell = "".join(char for char in cell if char >= " " or char in "\t\n")
    return cell[:32767]


def _summary(book: Any, lang: str, summary: Iterable[tuple[str, str, int]]) -> None:
    sheet = book.add_worksheet("Summary" if lang == "en" else "Resumen")
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 50)
    for at, (group, name, count) in enumerate(summary):
        sheet.write_string(at, 0, group, bold)
        sheet.write_string(at, 1, name)
        sheet.write_number(at, 2, count)
