"""`clavero rotate-keys`: what older keys sealed is sealed anew, while the portal serves; what still needs them is said."""

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from clavero import clock, words
from clavero.cli import database
from clavero.cli.catastro import progress
from clavero.cli.frame import DONE, FOUND, Clavero, show_json, spoken

if TYPE_CHECKING:
    from clavero.privacy.rotation import Lapse, Renewal

ROOMS = ("desk", "employers", "keys", "recovery", "precheck")
"""Rooms with a `renewing.py`; the desk first: it finds a RUC by the register's look-up."""

ENDS_WITH_ITS_KEY = {"desk_interest": "rotation.interest"}
"""Table → the words for rows that cannot be made anew and need not keep the older key: nobody can find out of what they were
made, and the person of staff declares it again."""


@click.command(
    help="Pasa lo guardado a las claves más nuevas, mientras el portal sirve; dice cuándo quitar las anteriores. / "
    "Moves what is stored to the newest keys while the portal serves; says when the older ones may go."
)
@click.option("--json", "machine", is_flag=True, help="Un documento JSON. / One JSON document.")
@click.pass_obj
def command(obj: Clavero, machine: bool) -> int:
    """Exit 1 while an older key is still needed. Stopped in the middle, it goes on with the rest when run again."""
    database.ready(all_settings=True)
    from clavero.privacy import keyring, rotation

    with progress(spoken("filas / rows", obj.lang)) as tick:
        report = rotation.renew(list(renewals()), clock.now(), tick)
    now = clock.now()
    found: dict[str, Any] = {
        "keep_until": rotation.keep_until(now).date().isoformat(),
        "field_key": keyring.newest(), "older": list(keyring.older()), "rows": report.renewed,
        "left": dict(report.left), "waiting": rotation.waiting(lapses()),
        "pepper": next(iter(keyring.peppers())), "peppers_older": list(keyring.peppers())[1:],
        "keys_of_older_peppers": under_older_peppers(),
    }  # fmt: skip
    stops = found["waiting"] or found["left"].keys() - ENDS_WITH_ITS_KEY.keys()
    found["removable"] = not stops and rotation.keep_until(now) <= now
    show_json(found) if machine else _say(found, obj.lang)
    needed = found["older"] and not found["removable"] or found["keys_of_older_peppers"]
    return FOUND if needed else DONE


def renewals() -> "Iterator[Renewal]":
    for room in ROOMS:
        yield from import_module(f"clavero.{room}.renewing").RENEWS


def lapses() -> "Iterator[Lapse]":
    for room in ROOMS:
        yield from import_module(f"clavero.{room}.renewing").LAPSES


def under_older_peppers() -> int:
    """How many keys of employers were hashed with a pepper that is no longer the first."""
    from clavero.keys.models import Account
    from clavero.privacy import pepper

    mine = f"{pepper.newest_id()}:"
    return Account.objects.exclude(key_hash="").exclude(key_hash__startswith=mine).count()


def _say(found: dict[str, Any], lang: str) -> None:
    click.echo(words.say("rotation.done", lang, rows=found["rows"], key=found["field_key"]))
    for code, counted in (("rotation.left", found["left"]), ("rotation.waiting", found["waiting"])):
        for place, rows in counted.items():
            said = ENDS_WITH_ITS_KEY.get(place, code)
            click.echo(words.say(said, lang, place=place, rows=rows))
    if found["older"]:
        code = "rotation.remove" if found["removable"] else "rotation.keep"
        older = ", ".join(found["older"])
        click.echo(words.say(code, lang, older=older, day=found["keep_until"]))
    if found["peppers_older"]:
        rows, older = found["keys_of_older_peppers"], ", ".join(found["peppers_older"])
        code = "rotation.pepper_keep" if rows else "rotation.pepper_remove"
        click.echo(words.say(code, lang, rows=rows, older=older))
