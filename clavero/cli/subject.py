"""`clavero subject export | requests | erase | correct`: what people may ask about their own data (S-130)."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, show_json, write_files
from clavero.core import rights
from clavero.core.errors import Refused

if TYPE_CHECKING:
    from clavero.rights.subject import Subject

PERSON = click.option(
    "--person",
    default="",
    help="La cédula o código de quien representa. / The cédula or code of the representative.",
)


@click.group(
    help="Los derechos sobre los datos propios. / What people may ask about their own data."
)
def command() -> None:
    pass


def _find(ruc: str, person: str) -> "Subject":
    from clavero.rights import subject

    return subject.find(ruc, person)


@command.command(
    "export", help="Escribe todo lo que se guarda de una persona. / Writes all that is stored of a person."
)  # fmt: skip
@click.argument("ruc")
@PERSON
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Carpeta para el JSON y el PDF. / Folder for JSON and PDF.",
)
@click.pass_obj
def export(obj: Clavero, ruc: str, person: str, to: Path | None) -> int:
    """Nothing of another person, no secret, no hash. On record before it is written."""
    database.ready(all_settings=True)
    from django.utils import translation

    from clavero.rights import pages, services, subject
    from clavero.ui.paper import pdf

    who, now = _find(ruc, person), clock.now()
    services.note_copy(who, None, now, "command")
    written = json.dumps(subject.document(who, now), ensure_ascii=False, indent=1) + "\n"
    if to is None:
        click.echo(written, nl=False)
        return DONE
    with translation.override(obj.lang):
        printed = pdf(pages.sheet(who, now))
    write_files(to, {"sus-datos.json": written.encode(), "sus-datos.pdf": printed})
    return DONE


@command.command(
    "requests", help="Los pedidos por responder y los días que quedan. / Open requests and the days left."
)  # fmt: skip
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def requests(obj: Clavero, machine: bool) -> int:
    """Exit 1 where one has lapsed."""
    database.ready(all_settings=True)
    from clavero.desk.people import local_day
    from clavero.rights.models import Request

    today = local_day(clock.now())
    found = [
        {"number": one.number, "kind": one.kind, "due_on": one.due_on.isoformat(), "left": rights.days_left(one.due_on, today)}
        for one in Request.objects.filter(state=rights.RECEIVED).order_by("due_on")
    ]  # fmt: skip
    if machine:
        show_json(found)
    elif not found:
        click.echo(words.say("rights.none_open", obj.lang))
    else:
        for one in found:
            click.echo(f"{one['number']}  {one['kind']:<10}  {one['due_on']}  {one['left']:>3}")
    return FOUND if any(int(str(one["left"])) < 0 for one in found) else DONE


@command.command("erase", help="Borra lo que se puede y dice qué queda. / Erases what may be, and says what stays.")  # fmt: skip
@click.argument("ruc")
@PERSON
@click.option("--list", "link", default="", help="El enlace de una lista revisada. / The link of a checked list.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Hacerlo de verdad. / Really do it.")
@click.pass_obj
def erase(obj: Clavero, ruc: str, person: str, link: str, yes: bool) -> int:
    """Without `--yes` it only counts. Each thing that stays is named with its reason and article."""
    database.ready(all_settings=True)
    from django.utils import translation

    from clavero.rights import services, texts

    who = _find(ruc, person)
    if yes:
        done = services.erase(who, None, clock.now(), link)
        counts = {"contacts": done.contacts, "cases": done.cases, "lists": done.lists}
        click.echo(words.say("rights.erased", obj.lang, **counts))
    else:
        contacts, cases = services.erasable(who)
        counts = {"contacts": contacts.count(), "cases": cases.count()}
        click.echo(words.say("rights.would_erase", obj.lang, **counts))
    with translation.override(obj.lang):
        for one in rights.STAYS:
            why = f"{texts.REASONS[one.why]} ({rights.REASONS[one.why]})"
            click.echo(f"= {texts.STAYS[one.what]} {why}")
    return DONE


@command.command("correct", help="Corrige el nombre de un empleador o de una sucursal. / Corrects a name.")  # fmt: skip
@click.argument("ruc")
@click.argument("name")
@click.option("--branch", default="", help="La sucursal, con 4 dígitos. / The branch, in 4 digits.")
@click.pass_obj
def correct(obj: Clavero, ruc: str, name: str, branch: str) -> int:
    """Never a contact: that would be a side door to a key."""
    database.ready(all_settings=True)
    from clavero.rights import services

    if "@" in name or name.replace(" ", "").lstrip("+").isdigit():
        raise Refused("rights.is_contact")
    services.rename(_find(ruc, "").employer, name, clock.now(), branch)
    click.echo(words.say("rights.renamed", obj.lang))
    return DONE
