"""`clavero bounces`: reports of mail that was not delivered, from standard input as a mail server pipes them, or from a Maildir (S-086)."""

import os
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.frame import DONE, Clavero, Stop
from clavero.core.bounces import LARGEST

LATER = os.EX_TEMPFAIL
"""75: the mail server keeps the report and brings it again."""


@click.command(help="Lee los avisos de correo no entregado: uno de la entrada estándar, o los de un Maildir. / Reads reports of mail that was not delivered: one from standard input, or those of a Maildir.")  # fmt: skip
@click.argument("maildir", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--to", default="", help="A qué dirección llegó; si falta, lo dicen sus cabeceras. / The address it came to; without it, its headers say.")  # fmt: skip
@click.pass_obj
def command(obj: Clavero, maildir: Path | None, to: str) -> int:
    """Exit 0 taken or ignored, 75 while something is away that comes back (`clavero.missing`), 2 for a defect."""
    from clavero import missing

    raw = _piped() if maildir is None else b""
    try:
        database.ready(all_settings=True)
        if maildir is None:
            _one(raw, to)
        else:
            found = _all(maildir, to)
            counts = {"read": found.total(), "closed": found["closed"]}
            click.echo(words.say("bounces.read", obj.lang, **counts))
    except Exception as failed:
        if missing.comes_back(failed):
            return LATER
        raise
    return DONE


def _piped() -> bytes:
    """What is piped in, to its end: who writes into a closed pipe would call it a failure. Kept only as far as it is read."""
    stream = sys.stdin.buffer
    raw = stream.read(LARGEST + 1)
    while stream.read(LARGEST):
        pass
    return raw


def _one(raw: bytes, to: str) -> None:
    from clavero.employers import bounces

    bounces.take(raw, to, clock.now())


def _all(maildir: Path, to: str) -> Counter[str]:
    """Each file of `new` goes to `cur` once what it says has been done: after a kill it is read again. Raises `Stop`."""
    from clavero.employers import bounces

    new = maildir / "new"
    found: Counter[str] = Counter()
    if not new.is_dir():
        raise Stop(f"{maildir.name}: no es un Maildir. / {maildir.name}: it is no Maildir.")
    (maildir / "cur").mkdir(exist_ok=True)
    for path in sorted(new.iterdir()):
        if path.is_symlink() or not path.is_file():
            continue
        with suppress(FileNotFoundError):  # another run was faster
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
            found[bounces.take(raw, to, clock.now())] += 1
            path.rename(maildir / "cur" / f"{path.name}:2,S")
    return found
