"""`clavero audit verify | publish | export`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, Stop, show_json, write_files

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
    except (OSError, ValueError, KeyError, IndexError, TypeError, RecursionError):
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
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Carpeta para el JSON, el PDF y sus sumas. / Folder for JSON, PDF and their sums.",
)
@click.pass_obj
def export(obj: Clavero, case: str, to: Path | None) -> int:
    database.ready()
    from django.utils import translation

    from clavero.desk import dossier
    from clavero.recovery.models import Case

    found = (
        Case.objects.filter(number=case).first() or Case.objects.filter(ref=case.upper()).first()
    )
    if found is None:
        raise Stop("No hay un caso con ese número. / There is no case of that number.")
    if to is None:
        click.echo(dossier.text(dossier.document(found, clock.now())), nl=False)
        return DONE
    with translation.override(obj.lang):
        made = dossier.files(found, clock.now())
    write_files(to, made)
    return DONE


@command.command(
    "check", help="Comprueba una evidencia exportada, sin servidor. / Checks exported evidence, offline."
)  # fmt: skip
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--sha256",
    default="",
    help="La suma que dice la hoja. / The sum that the sheet prints.",
)
@click.pass_obj
def check(obj: Clavero, file: Path, sha256: str) -> int:
    import hashlib

    from clavero.core import chain

    raw, links = _exported(file)
    found = hashlib.sha256(raw).hexdigest()
    click.echo(f"sha256 {found}")
    broken = chain.unsealed(links)
    if sha256 and sha256.strip().lower() != found:
        click.echo(words.say("audit.sum_differs", obj.lang))
        return FOUND
    code = "audit.links_hold" if broken is None else "audit.link_broken"
    click.echo(words.say(code, obj.lang, entries=len(links), number=broken))
    return DONE if broken is None else FOUND


def _exported(path: Path) -> tuple[bytes, list[tuple[int, str, str, str]]]:
    """The bytes of an export and its links: number, seal before, body, seal."""
    try:
        raw = path.read_bytes()
        entries = json.loads(raw)["entries"]
        links = [
            (int(one["number"]), str(one["previous"]), str(one["body"]), str(one["seal"]))
            for one in entries
        ]
        for _number, before, _body, _seal in links:
            bytes.fromhex(before)
    except OSError as error:
        raise Stop(f"{path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Stop("No es una evidencia exportada. / Not exported evidence.") from None
    return raw, links
