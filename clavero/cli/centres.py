"""`clavero centres import FILE`, `clavero centres close DAY` and `clavero centres list`."""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, show_json
from clavero.core.errors import Refused


@click.group(help="Los centros, su horario y sus cierres. / The centres, their hours and closures.")
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
    from clavero.appointments import services

    report = services.import_centres(file, clock.now())
    if machine:
        show_json(asdict(report))
    else:
        click.echo(words.say("centres.imported", obj.lang, rows=report.rows, new=report.new, changed=report.changed))  # fmt: skip
        if report.stranded:
            click.echo(words.say("centres.stranded", obj.lang, count=report.stranded))
        for code, count in report.findings.items():
            lines = ", ".join(map(str, report.lines[code]))
            click.echo(f"  {count} × {words.say(code, obj.lang)} ({lines}…)")
    return FOUND if report.findings else DONE


@command.command(
    "close",
    help="Cierra un día: mueve sus turnos y avisa. / Closes a day: moves its appointments and tells.",
)
@click.argument("day", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--centre", default="", help="Solo este centro. / This centre alone.")
@click.option("--canton", default="", help="Solo este cantón. / This canton alone.")
@click.option("--reason", default="closure", help="decree power_cut training works emergency")
@click.option("--opens", is_flag=True, help="Abre en feriado. / Opens on a holiday.")
@click.pass_obj
def close(
    obj: Clavero, day: datetime, centre: str, canton: str, reason: str, opens: bool
) -> int:  # fmt: skip
    database.ready(all_settings=True)
    from clavero.appointments.models import Centre
    from clavero.recovery import booking

    held = Centre.objects.filter(code=centre).first() if centre else None
    if centre and held is None:
        raise Refused("centre.unknown")
    moved, cancelled = booking.close(
        date(day.year, day.month, day.day), reason, clock.now(), centre=held, canton=canton, opens=opens, actor="operator"
    )  # fmt: skip
    click.echo(words.say("centres.closed", obj.lang, moved=moved, cancelled=cancelled))
    return DONE


@command.command("list", help="Los centros. / The centres.")
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
def list_(machine: bool) -> int:
    database.ready()
    from clavero.appointments.models import Centre

    rows = list(Centre.objects.order_by("province", "name").values("code", "name", "province", "canton", "zone", "active"))  # fmt: skip
    if machine:
        show_json(rows)
    else:
        for row in rows:
            click.echo(
                " · ".join(str(row[name]) for name in ("code", "name", "canton", "province"))
            )
    return DONE
