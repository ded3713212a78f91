"""A folder on this machine as the source of a move. Links are not followed, and nothing is read outside of it."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from chalicelib.errors import NotFound, TooLarge
from chalicelib.moving.archives import FILE_BYTES_MOST, FILES_MOST, guess_name
from chalicelib.moving.sources import Refused, SourceFile


class Folder:
    def __init__(self, root: Path) -> None:
        self._paths: dict[str, Path] = {}
        self.files: list[SourceFile] = []
        self.refused: list[Refused] = []
        for path in _below(root):
            name, renamed = _name_of(path.relative_to(root))
            if len(self.files) >= FILES_MOST:
                self.refused.append(Refused(name, "too_many"))
                break
            if path.is_symlink():
                self.refused.append(Refused(name, "link"))
            elif not path.is_file():
                self.refused.append(Refused(name, "unknown_file"))
            elif name in self._paths:
                self.refused.append(Refused(name, "twice"))
            else:
                self._paths[name] = path
                self.files.append(SourceFile(name, path.stat().st_size, "renamed" if renamed else ""))

    def read(self, path: str) -> bytes:
        try:
            with self._paths[path].open("rb") as file:
                data = file.read(FILE_BYTES_MOST + 1)
        except OSError:
            raise NotFound("This file cannot be read any more.") from None
        if len(data) > FILE_BYTES_MOST:
            raise TooLarge(f"This file is larger than {FILE_BYTES_MOST // 1_000_000} MB.")
        return data


def _below(folder: Path) -> Iterator[Path]:
    """Everything that is no folder, in a fixed order."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from _below(path)
        else:
            yield path


def _name_of(path: Path) -> tuple[str, bool]:
    """The path with slashes, and whether it was no UTF-8."""
    given = path.as_posix()
    try:
        given.encode()
    except UnicodeEncodeError:
        return unicodedata.normalize("NFC", guess_name(os.fsencode(given))), True
    return unicodedata.normalize("NFC", given), False
