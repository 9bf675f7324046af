"""`clavero letters count | export`: what is told by post (A22)."""

from pathlib import Path

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, FOUND, Clavero, Stop
from clavero.core.errors import Refused


@click.group(help="Cartas para el correo postal. / Letters for the post.")
def command() -> None:
    pass


@command.command("count", help="Cuántas esperan. / How many wait.")
@click.pass_obj
def count(obj: Clavero) -> int:
    """Exit 1 where one waits that has no postal address."""
    database.ready(all_settings=True)
    from clavero.desk import post

    held = post.waiting()
    counts = {"waiting": held.letters, "homeless": held.homeless}
    click.echo(words.say("post.waiting", obj.lang, **counts))
    _say_the_last(obj.lang)
    return FOUND if held.homeless else DONE


@command.command("export", help="Escribe un envío: un PDF por carta y un CSV. / Writes a batch: a PDF a letter and a CSV.")  # fmt: skip
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--batch", default="", help="Otra vez, un envío por su nombre. / A batch again, by its name.")  # fmt: skip
@click.pass_obj
def export(obj: Clavero, folder: Path, batch: str) -> int:
    """Each letter leaves with one batch; a batch may be written again."""
    database.ready(all_settings=True)
    from clavero.desk import post

    try:
        name = batch.upper() or post.export(None, clock.now())
    except Refused as refused:
        if refused.code != "post.nothing":
            raise
        click.echo(words.say(refused.code, obj.lang, **refused.details))
        _say_the_last(obj.lang)
        return FOUND if refused.details["homeless"] else DONE
    made = post.again(name, None)
    _write(folder, made)
    counts = {"batch": name, "letters": len(made) - 1, "homeless": post.waiting().homeless}
    click.echo(words.say("post.made", obj.lang, **counts))
    return DONE


def _say_the_last(lang: str) -> None:
    """Who was stopped between a batch and its files finds its name here; the CSV is written last."""
    from clavero.desk import post

    for newest in post.batches()[:1]:
        click.echo(words.say("post.last", lang, batch=newest["batch"]))


def _write(folder: Path, made: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise Stop(f"{folder}: {error.strerror}.") from None
