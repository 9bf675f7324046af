"""`clavero audit verify | publish | export`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, Stop, show_json

if TYPE_CHECKING:
    from clavero.audit.queries import Report


@click.group(help="El registro sellado de lo que pasó. / The sealed record of what happened.")
def command() -> None:
    pass


@command.command("verify", help="Busca el primer eslabón roto. / Finds the first broken link.")
@click.option(
    "--head",
    type=click.Path(path_type=Path),
    help="Una cabeza publicada antes. / A head sent out earlier.",
)
@click.option(
    "--public-key",
    default="",
    help="La clave pública con que debe valer. / The public key that it must hold under.",
)
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def verify(obj: Clavero, head: Path | None, public_key: str, machine: bool) -> int:
    database.ready(fields=False)
    from clavero.audit import queries

    report = queries.verify(_head(head, public_key) if head else None)
    if machine:
        show_json({"ok": report.ok, "entries": report.entries, "first_break": report.first_break})
    else:
        click.echo(verdict(report, obj.lang))
    return DONE if report.ok else FOUND


def verdict(report: "Report", lang: str) -> str:
    """What a walk of the chain found, as a sentence."""
    code = "audit.whole" if report.ok else "audit.broken"
    return words.say(code, lang, entries=report.entries, first_break=report.first_break)


def _head(path: Path, public_key: str) -> tuple[int, str]:
    """The last head of a file, its signature checked: under `public_key`, else under the key it names itself."""
    from clavero.audit.publishing import is_genuine

    try:
        document = json.loads(path.read_text(encoding="utf-8").strip().splitlines()[-1])
        number, sealed = int(document["number"]), str(document["seal"])
    except (OSError, UnicodeDecodeError, ValueError, KeyError, IndexError, TypeError):
        raise Stop("--head: no es una cabeza publicada. / Not a published head.") from None
    if not is_genuine(document, public_key):
        raise Stop("--head: la firma no vale. / The signature does not hold.")
    return number, sealed


@command.command(
    "publish", help="Firma la cabeza y la envía fuera. / Signs the head and sends it out."
)
def publish() -> int:
    database.ready(fields=False)
    from clavero.audit import publishing

    show_json(publishing.publish(clock.now()))
    return DONE


@command.command(
    "export", help="La evidencia de un caso, verificable sin servidor. / A case's evidence."
)
@click.argument("case")
def export(case: str) -> int:
    database.ready()
    from clavero.audit import queries
    from clavero.recovery.models import Case

    found = (
        Case.objects.filter(number=case).first() or Case.objects.filter(ref=case.upper()).first()
    )
    if found is None:
        raise Stop("No hay un caso con ese número. / There is no case of that number.")
    entries = [
        {"number": entry.number, "body": entry.body, "seal": bytes(entry.seal).hex()}
        for entry in queries.history(case=found.pk)
    ]
    show_json({"case": found.number, "state": found.state, "entries": entries})
    return DONE
