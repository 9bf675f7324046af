"""Writes docs/cli.md from the command's own help, in both languages."""

import sys
from collections.abc import Iterator

import click
from generated import ROOT, code, keep, table

sys.path.insert(0, str(ROOT))
from clavero import cli
from clavero.cli import again
from clavero.cli.frame import spoken


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """`command` and what stands below it, in the order of the help."""
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, f"{path} {name}")


def usage(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path)
    return " ".join([path, *command.collect_usage_pieces(context)])


def options(command: click.Command) -> str:
    rows = []
    for option in command.params:
        if isinstance(option, click.Option):
            text = option.help or ""
            rows.append((code(option.opts), values(option), spoken(text, "es"), spoken(text, "en")))
    return table(("option", "value", "español", "English"), rows) if rows else ""


def values(option: click.Option) -> str:
    if option.is_flag:
        return "–"
    if isinstance(option.type, click.Choice):
        return code(map(str, option.type.choices))
    return option.metavar or option.type.name


def chapter(path: str, command: click.Command) -> str:
    text = command.help or ""
    said = [f"**{spoken(text, 'es')}** {spoken(text, 'en')}"] if text else []
    if isinstance(command, click.Group):
        return "\n\n".join([f"## {path}", *said])
    return "\n\n".join(
        filter(None, [f"### {path}", *said, f"`{usage(command, path)}`", options(command)])
    )


def chapters() -> Iterator[str]:
    for name in cli.COMMANDS:
        for path, command in commands(cli.raw(name), f"clavero {name}"):
            yield chapter(path, command)


KINDS = {
    "reads": "reads alone",
    "same": "changes nothing",
    "noted": "changes nothing but the record",
    "anew": "does it anew",
}


def run_again() -> Iterator[str]:
    """What may be run twice: the commands that change something, then the chores of the worker."""
    reads = [f"`{name}`" for name, one in again.COMMANDS.items() if one.kind == again.READS]
    yield "## What may be run again"
    yield (
        "Everything. A kill leaves a whole transaction or none of it; what the next run makes of that stands here. Each row is run twice by\n"
        "`tests/rooms/cli/test_twice.py`; `tests/rooms/cli/test_killed.py` kills those that write, statement by statement. Where the record gets one more entry, the kind says so."
    )
    yield f"These read, and change nothing at any time: {', '.join(reads)}."
    head = ("command", "a second run", "and", "killed half-way", "two at once")
    writes = {name: one for name, one in again.COMMANDS.items() if one.kind != again.READS}
    yield table(head, [again_row(*each) for each in writes.items()])
    yield "The chores of `clavero send`:"
    yield table(("chore", *head[1:]), [again_row(*each) for each in again.CHORES.items()])


def again_row(name: str, one: again.Again) -> tuple[str, ...]:
    return f"`{name}`", KINDS[one.kind], one.twice, one.killed, one.at_once


def text() -> str:
    return "\n\n".join([
        "# The command",
        "`--help` works on every level, in the user's language: `--lang`, else `CLAVERO_LANG`, `LC_ALL` or `LANG`; Spanish where\n"
        "none of them asks for English. Exit status: 0 done · 1 done, and something was found · 2 could not do it, with one line\n"
        "on stderr. `--json` prints one JSON document, in English and stable. The settings are in\n"
        "[operations.md](operations.md#settings); `identify` and `deadline` need none.",
        f"`clavero [--lang es|en] [--version] COMMAND`, where COMMAND is one of {code(cli.COMMANDS)}.",
        *chapters(),
        *run_again(),
    ]) + "\n"  # fmt: skip


if __name__ == "__main__":
    sys.exit(keep("cli.md", "cli_docs.py", text()))
