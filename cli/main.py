"""`tavern`: the command of those who run the place. Groups are loaded when called, so that each starts fast."""

import importlib
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from chalicelib.errors import AppError
from chalicelib.settings import PREFIX, InvalidSettings

GROUPS: Mapping[str, tuple[str, str]] = {
    "export": ("cli.cards:export", "Write everything somebody has into a folder that SillyTavern opens."),
    "golden": ("cli.golden:golden", "Compare our prompts with recorded ones of SillyTavern."),
    "import": ("cli.cards:import_files", "Take in card files, or a whole data folder of SillyTavern's."),
    "users": ("cli.users:users", "Accounts, roles, invitations and reset links."),
}
"""Where each group lives, and what it is for. Add a line to add a group."""
NEED_NO_DEPLOYMENT = {"golden"}


class LazyGroups(click.Group):
    """Groups that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in GROUPS:
            return None
        module, _, name = GROUPS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{GROUPS[cmd_name][0]} is no command")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["asks_for_help"] = "--help" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (AppError, InvalidSettings) as error:
            raise click.ClickException(str(error)) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, GROUPS[name][1]) for name in sorted(GROUPS)])


@click.command(cls=LazyGroups)
@click.version_option(package_name="tavernai-plus")
@click.option("--data", default=".data", show_default=True, help="Where `make run` keeps its data on this machine.")
@click.pass_context
def main(ctx: click.Context, data: str) -> None:
    """TavernAI Plus, from the command line.

    The deployment is the one that the TAVERN_ variables describe; without any, the one that `make run` has running on
    this machine.
    """
    if ctx.invoked_subcommand in NEED_NO_DEPLOYMENT or ctx.meta["asks_for_help"]:
        return
    if not any(name.startswith(PREFIX) for name in os.environ):
        os.environ.update(environment_of(Path(data) / "environment"))


def environment_of(file: Path) -> dict[str, str]:
    """What `make run` left for other tools: lines of `export NAME=value`, quoted as a shell wants it."""
    if not file.exists():
        raise click.ClickException(
            f"Nothing runs here: there is no {file}. Start `make run`, or set the TAVERN_ variables of a deployment."
        )
    words = shlex.split(file.read_text(encoding="utf-8"))
    return dict(word.split("=", 1) for word in words if "=" in word)


if __name__ == "__main__":
    main()
