"""`tavern export`: everything somebody has, as a folder that SillyTavern opens."""

from collections.abc import Iterable
from pathlib import Path

import click

from chalicelib.container import container
from chalicelib.models.users import User


def leave(folder: Path, user: User) -> None:
    """Writes the folder and tells how many files of each kind are in it."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"There is something in {folder} already. Name a new folder, or an empty one.")
    sink = FolderSink(folder)
    container().departures.write(user, sink, lambda done, total: None)
    for place, count in sorted(sink.counts.items()):
        click.echo(f"{count:6}  {place}")
    click.echo(f"Everything is in {folder} now. SillyTavern takes it as its data folder, data/default-user.")


class FolderSink:
    """Files into a folder. Names were made for files, so none leads out of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.counts: dict[str, int] = {}

    def put(self, path: str, pieces: Iterable[bytes]) -> None:
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as out:
            for piece in pieces:
                out.write(piece)
        place = path.partition("/")[0]
        self.counts[place] = self.counts.get(place, 0) + 1
