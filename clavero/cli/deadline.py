"""`clavero deadline [MONTH]`: the day a duty falls due, and why that day."""

from datetime import date

import click

from clavero import clock, dates, duties, words
from clavero.cli.frame import DONE, Clavero, show_json
from clavero.core import workdays
from clavero.core.workdays import Deadline
from clavero.institution import profile


@click.command(
    help="El día en que vence una obligación, y por qué ese. / The day a duty falls due, and why."
)
@click.argument("month", required=False)
@click.option(
    "--kind",
    type=click.Choice(workdays.KINDS),
    default=workdays.CONTRIBUTIONS,
    help="Qué obligación. / Which duty.",
)
@click.option("--from", "start", metavar="DATE", help="El día del hecho. / The day it happened.")
@click.option("--province", default="", help="Si tiene plazo propio. / If it has its own day.")
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def command(
    obj: Clavero, month: str | None, kind: str, start: str | None, province: str, machine: bool
) -> int:
    found = (
        _contributions(month, province) if kind == workdays.CONTRIBUTIONS else _notice(kind, start)
    )
    if machine:
        show_json(as_document(found))
    else:
        click.echo(dates.long_date(found.due_on, obj.lang))
        for line in duties.why(found, obj.lang):
            click.echo(f"  {line}")
    return DONE


def today() -> date:
    """The day it is in Ecuador."""
    return clock.now().astimezone(words.ZONE).date()


def _contributions(month: str | None, province: str) -> Deadline:
    wanted = month or f"{today():%Y-%m}"
    return workdays.contributions(
        wanted, profile().calendar, profile().deadline_overrides, province.casefold()
    )


def _notice(kind: str, start: str | None) -> Deadline:
    day = workdays.day_of(start) if start else today()
    return workdays.notice(kind, day, profile().calendar)


def as_document(found: Deadline) -> dict[str, object]:
    """The machine form (INTERFACES)."""
    document: dict[str, object] = {"kind": found.kind}
    if found.contribution_month:
        document |= {"contribution_month": found.contribution_month, "due_month": found.due_month}
    document |= {
        "nominal_on": found.nominal_on.isoformat(),
        "due_on": found.due_on.isoformat(),
        "because": list(found.because),
    }
    return document | ({"doubts": list(found.doubts)} if found.doubts else {})
