"""What every command shares: one clear line for any failure, the exit status, the language."""

import errno
import gettext
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from clavero import words
from clavero.core.errors import Refused

DONE, FOUND, CANNOT = 0, 1, 2
LONGEST, LONGEST_NAME = 400, 120
"""Of a line that says no, and of a file's name in it: what somebody typed may be without end."""


@dataclass(frozen=True)
class Clavero:
    """What a command is told by the group: the language for people."""

    lang: str


class Stop(click.ClickException):
    """One line on stderr and exit 2, written `español. / English.`"""

    exit_code = CANNOT

    def format_message(self) -> str:
        return spoken(self.message, language())


def spoken(text: str, lang: str) -> str:
    """The half of `español / English` that `lang` asks for; a text without ` / ` as it is."""
    spanish, slash, english = text.partition(" / ")
    return english if slash and lang == "en" else spanish


def in_language(command: click.Command, lang: str) -> click.Command:
    """`command` with every help text, its own, its options' and its subcommands', in one language."""
    command.help = spoken(command.help or "", lang)
    command.options_metavar = spoken("[OPCIONES] / [OPTIONS]", lang)
    if isinstance(command, click.Group):
        command.subcommand_metavar = spoken("ORDEN [ARGUMENTOS]… / COMMAND [ARGS]…", lang)
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = spoken(option.help, lang)
    for each in getattr(command, "commands", {}).values():
        in_language(each, lang)
    return command


def language() -> str:
    """`es` unless `--lang` or the environment asks for English."""
    wanted = (
        os.environ.get("CLAVERO_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    )
    for before, word in zip(["", *sys.argv], sys.argv, strict=False):
        if before == "--lang" or word.startswith("--lang="):
            wanted = word.removeprefix("--lang=")
    return "en" if wanted.startswith("en") else "es"


class Hour(click.ParamType):
    """A day and an hour as they are typed, without a zone: `local` gives them one when the settings are read."""

    name = "AAAA-MM-DD HH:MM"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        try:
            return datetime.strptime(value, "%Y-%m-%d %H:%M")
        except ValueError:
            why = "«{}» no es una hora: escriba AAAA-MM-DD HH:MM / `{}` is no time: write YYYY-MM-DD HH:MM"
            self.fail(spoken(why, language()).format(value), param, ctx)


def for_a_time(command: Callable[..., Any]) -> Callable[..., Any]:
    """`[ES] [EN] --until`: what a command says to everybody for a time."""
    until = click.option("--until", type=Hour(), help="Hasta cuándo, hora local. / Local time.")
    es, en = (
        click.argument(name, default="", metavar=f"[{name.upper()}]") for name in ("es", "en")
    )
    return es(en(until(command)))


def local(moment: datetime) -> datetime:
    """What somebody typed as a time without a zone, in the institution's."""
    from django.conf import settings

    return moment.replace(tzinfo=ZoneInfo(settings.TIME_ZONE))


def teach_click(lang: str) -> None:
    """From now on click's own sentences (usage, a missing argument) are in the user's language."""
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("click", words.LOCALE)
    gettext.textdomain("click")


_WHY = {
    errno.ENOENT: "no existe / it does not exist",
    errno.EISDIR: "es una carpeta / it is a folder",
    errno.ENOTDIR: "no es una carpeta / it is not a folder",
    errno.EACCES: "falta permiso / permission is missing",
    errno.EEXIST: "ya existe y no es una carpeta / it exists and is no folder",
    errno.ENOSPC: "el disco está lleno / the disk is full",
    errno.EFBIG: "no cabe más en el disco / no more fits on the disk",
    errno.ENAMETOOLONG: "el nombre es demasiado largo / the name is too long",
    errno.EROFS: "no se puede escribir ahí / nothing can be written there",
}


def because(error: OSError, lang: str) -> str:
    """Why the system refused, in words, with the file where it names one."""
    said = _WHY.get(error.errno or 0, error.strerror or str(error))
    named = f"{Path(str(error.filename)).name[:LONGEST_NAME]}: " if error.filename else ""
    return named + spoken(said, lang)


def sentence(refused: Refused, lang: str) -> str:
    """The words of a refusal; its code where it has none."""
    reasons = {os.strerror(number): text for number, text in _WHY.items()}
    details = {
        name: spoken(reasons[value], lang) if value in reasons else value
        for name, value in refused.details.items()
    }
    try:
        return words.say(refused.code, lang, **details)
    except (KeyError, IndexError):
        return refused.code


@contextmanager
def about(path: Path) -> Iterator[None]:
    """Whatever is refused here is said of this file."""
    try:
        yield
    except Refused as refused:
        raise Stop(f"{path.name}: {sentence(refused, language())}") from refused


def show_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))


def run(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run the command line. A closed pipe, a full disk, Ctrl-C and a refusal are one line each."""
    try:
        status = group.main(args=arguments, standalone_mode=False, prog_name="clavero")
        sys.stdout.flush()
    except click.exceptions.Abort:
        return _say("Interrumpido." if language() == "es" else "Interrupted.")
    except click.exceptions.NoArgsIsHelpError as error:
        place = error.ctx.command_path if error.ctx else "clavero"
        missing = "Falta la orden. Escriba {0} --help. / A command is missing. Try {0} --help."
        return _say(spoken(missing, language()).format(place))
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        return _say(error.format_message())
    except Refused as refused:
        return _say(sentence(refused, language()))
    except (BrokenPipeError, SystemExit):  # click turns a closed pipe into an exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _say(
            spoken(
                "La salida se cerró antes de terminar. / The output was closed before the end.",
                language(),
            )
        )
    except OSError as error:
        return _say(because(error, language()))
    except Exception as error:
        if not _is_known(error):
            return _say(f"{type(error).__name__}: {error}".splitlines()[0])
        return _say(str(error).splitlines()[0])
    return status if isinstance(status, int) else DONE


def _is_known(error: Exception) -> bool:
    return type(error).__name__ in (
        "BadSetting",
        "BadProfile",
        "UnsafeDemo",
        "Stranger",
        "BadKeys",
        "ImproperlyConfigured",
    )


def _say(line: str) -> int:
    shown = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    shown = "".join(char if char.isprintable() else "·" for char in shown)
    print(f"clavero: {shown}", file=sys.stderr)
    return CANNOT


def write_files(to: Path, made: dict[str, bytes]) -> None:
    """Each file into the folder `to`, and its path said. Raises `Stop` where the folder cannot be written."""
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            (to / name).write_bytes(data)
            click.echo(str(to / name))
    except OSError as error:
        raise Stop(f"--to: {error.strerror}.") from None
