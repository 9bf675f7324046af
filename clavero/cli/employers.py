"""`clavero employers import FILE` and `clavero employers changes --since DATE`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.catastro import progress
from clavero.cli.frame import DONE, FOUND, Clavero, about, show_json


@click.group(
    help="El registro de empleadores de la institución. / The institution's register of employers."
)
def command() -> None:
    pass


@command.command(
    "import", help="Importa CSV o JSON Lines (docs/operations.md). / Imports CSV or JSON Lines."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def import_(obj: Clavero, file: Path, machine: bool) -> int:
    database.ready()
    from clavero.employers import imports

    with about(file), progress(file.name) as tick:
        report = imports.import_file(file, clock.now(), tick)
    if machine:
        show_json(report.as_dict())
    else:
        for name, value in report.as_dict().items():
            if isinstance(value, int):
                click.echo(f"{words.say(f'employers.{name}', obj.lang)}: {value}")
        for code, count in report.findings.items():
            click.echo(
                f"  {count} × {words.say(code, obj.lang, digits='?')} ({', '.join(map(str, report.lines[code]))}…)"
            )
    return FOUND if report.findings or report.conflicts or report.shared_addresses else DONE


@command.command("changes", help="Lo que cambió Clavero, en JSON Lines. / What Clavero changed.")
@click.option(
    "--since",
    required=True,
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Desde qué día. / From which day.",
)
def changes(since: datetime) -> int:
    database.ready()
    from clavero.employers.models import Change

    for row in (
        Change.objects.filter(on__gte=since.replace(tzinfo=UTC))
        .order_by("on")
        .select_related("employer")
    ):
        show_json(
            {
                "ruc": row.employer.ruc,
                "on": row.on.isoformat(),
                "what": row.what,
                "value": row.value,
                "entry": row.audit_number,
            }
        )
    return DONE
