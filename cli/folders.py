"""A folder on this machine as the source of a move, or some files of it. Links in a folder are not followed."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import count
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
                self.refused.append(Refused(name, "unreadable" if path.is_dir() else "unknown_file"))
            elif (size := path.stat().st_size) > FILE_BYTES_MOST:
                self.refused.append(Refused(name, "too_large"))
            elif name in self._paths:
                self.refused.append(Refused(name, "twice"))
            else:
                self._paths[name] = path
                self.files.append(SourceFile(name, size, "renamed" if renamed else ""))

    def read(self, path: str) -> bytes:
        return _read(self._paths[path])


class Files:
    """Single files that somebody named, from wherever they lie; of two of a name the second gets a number."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths: dict[str, Path] = {}
        self.files: list[SourceFile] = []
        self.refused: list[Refused] = []
        for path in paths:
            name, renamed = _name_of(Path(path.name))
            free = name
            for number in count(2):
                if free not in self._paths:
                    break
                free = f"{number} {name}"
            self._paths[free] = path
            self.files.append(SourceFile(free, path.stat().st_size, "renamed" if renamed else ""))

    def read(self, path: str) -> bytes:
        return _read(self._paths[path])


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MOST + 1)
    except OSError:
        raise NotFound("This file cannot be read any more.") from None
    if len(data) > FILE_BYTES_MOST:
        raise TooLarge(f"This file is larger than {FILE_BYTES_MOST // 1_000_000} MB.")
    return data


def _below(folder: Path) -> Iterator[Path]:
    """Everything that is no folder, in a fixed order, and folders that cannot be looked into."""
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if path != folder and (path.is_symlink() or not path.is_dir()):
            yield path
            continue
        try:
            waiting += sorted(path.iterdir(), reverse=True)
        except OSError:
            yield path


def _name_of(path: Path) -> tuple[str, bool]:
    """The path with slashes, and whether it was no UTF-8."""
    given = path.as_posix()
    try:
        given.encode()
    except UnicodeEncodeError:
        return unicodedata.normalize("NFC", guess_name(os.fsencode(given))), True
    return unicodedata.normalize("NFC", given), False
