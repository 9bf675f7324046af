"""`clavero identify TEXT…`: what a number is, its normal form, what is offered."""

import click

from clavero import words
from clavero.cli.frame import DONE, FOUND, Clavero, show_json
from clavero.core.identifiers import identify
from clavero.core.identifiers.reading import Reading


def as_document(reading: Reading) -> dict[str, object]:
    """The machine form (INTERFACES)."""
    document: dict[str, object] = reading._asdict()
    document["codes"], document["notes"] = list(reading.codes), list(reading.notes)
    document["repairs"] = [{"to": repair.to, "code": repair.code} for repair in reading.repairs]
    return document


@click.command(
    help="Lee cada texto como cédula, RUC, número doméstico o sucursal. / Reads each text as an identifier."
)
@click.argument("texts", nargs=-1, required=True, metavar="TEXT…")
@click.option(
    "--domestic", is_flag=True, help="Emplea a una persona en casa. / Employs somebody at home."
)
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def command(obj: Clavero, texts: tuple[str, ...], domestic: bool, machine: bool) -> int:
    readings = [identify.read(text, domestic) for text in texts]
    if machine:
        show_json([as_document(reading) for reading in readings])
    else:
        for reading in readings:
            _show(reading, obj.lang)
    return DONE if all(reading.ok and not reading.repairs for reading in readings) else FOUND


def _show(reading: Reading, lang: str) -> None:
    printable = "".join(char if char.isprintable() else "·" for char in reading.given[:60])
    click.echo(f"{printable}: {reading.kind} {reading.value or '–'}")
    for code in (*reading.codes, *reading.notes):
        click.echo(f"  {words.say(code, lang, digits=sum(map(str.isdigit, reading.given)))}")
    for repair in reading.repairs:
        click.echo(f"  {words.say(repair.code, lang)} {repair.to}")
