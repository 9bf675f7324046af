"""The `clavero` command. Each subcommand is a module that is loaded when it is called, and not before:
the accountants' commands start without Django."""

import sys
from importlib import import_module

import click

from clavero.cli.frame import Clavero, in_language, language, spoken, teach_click

COMMANDS = {
    "identify": "identify",
    "precheck": "precheck",
    "deadline": "deadline",
    "triage": "triage",
    "catastro": "catastro",
    "employers": "employers",
    "centres": "centres",
    "audit": "audit",
    "migrate": "operations",
    "operator": "operations",
    "backup": "operations",
    "restore": "operations",
    "rotate-keys": "rotation",
    "serve": "operations",
    "letters": "letters",
    "bounces": "bounces",
    "subject": "subject",
    "breach": "breach",
    "announce": "announce",
    "maintenance": "maintenance",
    "throttle": "throttle",
    "watch": "watch",
    "send": "send",
    "doctor": "doctor",
}
"""Command → module of this package that holds it, as `NAME_command` or `command`."""


class Lazy(click.Group):
    """Loads the module of a command when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return in_language(raw(name), language()) if name in COMMANDS else None


def raw(name: str) -> click.Command:
    """A command with its help in both languages, as its module has it."""
    module = import_module(f"clavero.cli.{COMMANDS[name]}")
    return getattr(module, f"{name}_command", None) or module.command  # type: ignore[no-any-return]


HELP = (
    "Claves de empleador: identificar, calcular plazos, importar registros, operar el servidor. / "
    "Employer keys: identify, reckon deadlines, import registers, run the server."
)


@click.group(
    cls=Lazy,
    help=spoken(HELP, language()),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(
    package_name="clavero", help="Muestra la versión y termina. / Shows the version and exits."
)
@click.option(
    "--lang",
    type=click.Choice(["es", "en"]),
    default=None,
    help=spoken("El idioma de las respuestas. / The language of the answers.", language()),
)
@click.pass_context
def group(ctx: click.Context, lang: str | None) -> None:
    ctx.obj = Clavero(lang or language())


def main() -> None:
    """The entry point: exit 0 done, 1 something was found, 2 could not do it, never a traceback."""
    from clavero.cli.frame import run

    teach_click(language())
    in_language(group, language())
    sys.exit(run(group))


if __name__ == "__main__":
    main()
