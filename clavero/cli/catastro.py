"""`clavero catastro import FILE…` and `clavero catastro show RUC`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, about, show_json


@click.group(help="El registro público de RUC del SRI. / The SRI's public register of RUCs.")
def command() -> None:
    pass


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=max(done, whole))


@command.command("import", help="Importa archivos del SRI (CSV o ZIP). / Imports the SRI's files.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--force",
    is_flag=True,
    help="Acepta una copia con menos filas. / Accepts a copy with fewer rows.",
)
@click.option(
    "--as-of",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Fecha de los datos. / Date of the data.",
)
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def import_(
    obj: Clavero, files: tuple[Path, ...], force: bool, as_of: datetime | None, machine: bool
) -> int:
    database.ready(fields=False)
    from clavero.catastro import services

    reports = []
    for path in files:
        with about(path), progress(path.name) as tick:
            report = services.import_file(
                path, clock.now(), force=force, as_of=as_of.date() if as_of else None, tick=tick
            )
        reports.append(asdict(report) | {"file": path.name})
        if not machine:
            _show(reports[-1], obj.lang)
    if machine:
        show_json(reports)
    return FOUND if any(report["rejected"] for report in reports) else DONE


def _show(report: dict, lang: str) -> None:  # type: ignore[type-arg]
    click.echo(
        f"{report['file']}: {report['province']} {report['as_of']} · {report['rows']} → {report['stored']} RUC ({report['encoding']})"
    )
    for code, count in report["rejected"].items():
        lines = ", ".join(map(str, report["lines"][code]))
        click.echo(f"  {count} × {words.say(code, lang)} ({lines}…)")


@command.command(
    "show",
    help="Lo que el registro dice de un RUC, con su fecha. / What the register says of a RUC.",
)
@click.argument("ruc")
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def show(obj: Clavero, ruc: str, machine: bool) -> int:
    from clavero.core.identifiers import ruc as rucs

    value = rucs.read(ruc).value or rucs.parse(ruc).value
    database.ready(fields=False)
    from clavero.catastro import queries

    found = queries.status(value)
    document = {
        "ruc": found.ruc,
        "known": found.known,
        "status": found.status,
        "as_of": found.as_of.isoformat() if found.as_of else None,
        "name": found.name,
        "establishments": found.establishments,
    }
    if machine:
        show_json(document)
    else:
        click.echo(
            f"{found.ruc}: {words.say(f'catastro.{found.status}', obj.lang)} {found.name}".strip()
        )
        if found.as_of:
            click.echo(words.say("catastro.as_of", obj.lang, day=found.as_of))
    return DONE if found.known else FOUND
