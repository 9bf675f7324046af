"""`clavero precheck FILE`: a verdict for every employer of a list. Offline, without a database, without Django."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import click

from clavero import clock, words
from clavero.cli.frame import DONE, FOUND, Clavero, show_json
from clavero.core import workdays
from clavero.core.errors import Refused
from clavero.core.sheet import Plan
from clavero.institution import profile
from clavero.precheck import checking, documents, files, former, registers, report, writing
from clavero.precheck.checking import Judged, Run
from clavero.precheck.domains import Domains
from clavero.precheck.tally import Tally

FORMATS = ("csv", "xlsx", "jsonl", "html")
_SUFFIXES = {f".{name}": name for name in FORMATS} | {
    ".htm": "html",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "jsonl",
}


@click.command(
    help="Revisa una lista de empleadores (CSV, TSV, XLSX, ODS): un veredicto por fila. / "
    "Checks a list of employers (CSV, TSV, XLSX, ODS): a verdict for every row."
)
@click.argument("file", metavar="FILE")
@click.option(
    "-o",
    "out",
    metavar="OUT",
    help="El resultado; - es la salida estándar. / The result; - is standard output.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    help="El formato del resultado. / The result's format.",
)
@click.option(
    "--catastro",
    multiple=True,
    metavar="FILE_OR_DB",
    help="Archivos del SRI (CSV, ZIP, carpeta), un archivo SQLite o la dirección de la base. / SRI files (CSV, ZIP, folder), an SQLite file or a database's URL.",
)
@click.option(
    "--on",
    metavar="DATE",
    help="Como si fuera ese día, AAAA-MM-DD. / As if on that day, YYYY-MM-DD.",
)
@click.option(
    "--since",
    metavar="OLD.jsonl",
    help="Un resultado anterior: qué mejoró y qué empeoró. / An earlier result: what got better or worse.",
)
@click.option(
    "--look-up-domains",
    "look_up",
    is_flag=True,
    help="Pregunta a la red si el dominio de cada correo recibe. / Asks the network whether each e-mail's domain takes mail.",
)
@click.option(
    "--json",
    "machine",
    is_flag=True,
    help="El resumen como un documento JSON. / The summary as one JSON document.",
)
@click.pass_obj
def command(
    obj: Clavero, file: str, out: str | None, kind: str | None, catastro: tuple[str, ...], on: str | None,
    since: str | None, look_up: bool, machine: bool,
) -> int:  # fmt: skip
    day, (kind, out) = _day(on), _wanted(out, kind)
    plan, register = Plan.of(profile(), day), registers.opened(catastro)
    earlier = former.read(Path(since)) if since else None
    with files.opened(file) as source:
        run = checking.prepare(
            source, plan, register, former=earlier, domains=Domains() if look_up else None
        )
        counted = Tally()
        now = clock.now().astimezone(words.ZONE)

        def finished() -> dict[str, Any]:
            return report.facts(run, counted, "-" if file == "-" else Path(file).name, now)

        result = (
            writing.result(kind, out, run, obj.lang, finished, file)
            if kind and out
            else nullcontext(_shown(run, obj.lang, machine))
        )
        with result as add, _progress(obj.lang) as tick:
            for judged in checking.check(run, tick):
                counted.add(judged)
                add(judged)
        if out != "-":
            _tell(finished(), obj.lang, machine, out)
    return FOUND if counted.with_findings else DONE


def _day(on: str | None) -> date:
    if on is None:
        return clock.now().astimezone(words.ZONE).date()
    return workdays.day_of(on)


def _wanted(out: str | None, kind: str | None) -> tuple[str, str]:
    """(format, where): by what is said, else by the end of the name. Two empty texts: rows for people, on the screen."""
    if out is None and kind is None:
        return "", ""
    where = out or "-"
    found = kind or ("csv" if where == "-" else _SUFFIXES.get(Path(where).suffix.lower(), ""))
    if not found:
        raise Refused("sheet.format")
    if found == "xlsx" and where == "-":
        raise Refused("sheet.not_to_a_screen")
    return found, where


def _shown(run: Run, lang: str, machine: bool) -> writing.Add:
    """Rows for people: number, route, employer, what was found, what to do."""

    def show(judged: Judged) -> None:
        way, _, action, *_ = documents.verdict_words(judged, lang)
        row = judged.row
        number = " ".join(field.value or field.given for field in (row.ruc, row.sucursal) if field)
        found = documents.found_label(judged, lang, run.plan.shared_from - 1)
        line = (
            f"{judged.number:>6}  {way:<15} {number:<19} {found + ' → ' if found else ''}{action}"
        )
        click.echo("".join(char if char.isprintable() else "·" for char in line))

    return (lambda judged: None) if machine else show


@contextmanager
def _progress(lang: str) -> Iterator[checking.Tick | None]:
    """A bar on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    parts = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(words.say("precheck.rows_progress", lang)),
        TimeRemainingColumn(),
    )
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tell(found: dict[str, Any], lang: str, machine: bool, out: str) -> None:
    """The summary: to people as lines, to machines as one document."""
    if machine:
        show_json({name: value for name, value in found.items() if name != "urgent"})
        return
    if out:
        click.echo(words.say("precheck.written", lang, path=out))
    click.echo(
        words.say("precheck.total", lang, rows=found["rows"], findings=found["with_findings"])
    )
    for group, name, number in report.summary(found, lang):
        if number:
            click.echo(f"{number:>8}  {group}: {name}")
