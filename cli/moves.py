"""`tavern import`: card files, and whole folders or backups of SillyTavern's."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import click

from chalicelib.container import container
from chalicelib.errors import Invalid
from chalicelib.models.moves import KINDS, Move, MoveKind, MoveLine
from chalicelib.models.users import User
from chalicelib.moving.archives import Archive
from chalicelib.moving.layout import find_root, kind_of
from chalicelib.moving.sources import Source
from cli.folders import Files, Folder

OF_OTHERS = (".json", ".jsonl", ".lorebook", ".risup", ".risum", ".risupreset")
"""Endings of files that may be anything; a card among them is taken as one."""


def is_data_folder(path: Path) -> bool:
    """Whether the path is a folder or a zip in which one keeps SillyTavern's data."""
    if path.is_dir():
        names = [file.path for file in Folder(path).files]
    elif path.suffix.lower() == ".zip":
        with path.open("rb") as file:
            try:
                names = [found.path for found in Archive(file).files]
            except Invalid:
                return False
    else:
        return False
    root = find_root(names)
    return any(kind_of(name, root) not in (None, "files") for name in names)


def bring(path: Path, user: User, *, kinds: Sequence[MoveKind] | None, secrets: bool, again: bool) -> bool:
    """Takes a data folder in and tells each item; whether all could be read."""
    wanted: list[MoveKind] = [kind for kind in kinds or KINDS if kind != "secrets"]
    wanted += ["secrets"] if secrets else []
    with ExitStack() as stack:
        source: Source = Folder(path) if path.is_dir() else Archive(_opened(stack, path))
        return _bring(path.name, source, user, wanted, again=again)


def bring_files(files: Sequence[Path], user: User, *, again: bool) -> bool:
    """Takes single files of any program in, told apart by what is in them; whether all could be read."""
    return _bring(files[0].name, Files(files), user, ["files"], again=again)


def _bring(name: str, source: Source, user: User, kinds: Sequence[MoveKind], *, again: bool) -> bool:
    told = _Told()
    move = container().moves.bring(user, name, source, kinds, told.hear, again)
    click.echo()
    for kind, tally in move.counts.items():
        parts = [f"{count} {word}" for word, count in _parts(tally.taken, tally.changed, tally.left_out) if count]
        click.echo(f"{kind.replace('_', ' '):14} {', '.join(parts)}")
    return not told.broken


def _opened(stack: ExitStack, path: Path) -> BinaryIO:
    return cast(BinaryIO, stack.enter_context(path.open("rb")))


def _parts(taken: int, changed: int, left_out: int) -> list[tuple[str, int]]:
    return [("taken", taken), ("changed", changed), ("left out", left_out)]


class _Told:
    """Writes the lines as they come."""

    def __init__(self) -> None:
        self.broken = False

    def hear(self, move: Move, lines: Sequence[MoveLine]) -> bool:
        for line in lines:
            self.broken = self.broken or line.code is not None
            outcome, note = line.outcome.replace("_", " "), f": {line.note}" if line.note else ""
            click.echo(f"{outcome:8}  {line.kind.replace('_', ' ')}  {line.name}{note}")
        return True
