"""Reading the items of a move: each with what lies beside it, within what fits into memory."""

from chalicelib.errors import AppError, Unavailable
from chalicelib.moving.layout import Item, LeftOut
from chalicelib.services.move_items import Errand, Read, Taken, content_of, left_out, refused

BESIDE_BYTES_MOST = 100_000_000
"""Of a character's expressions: as much as a card with everything in it may hold."""
BESIDE_FILES_MOST = 2_000


class Reader:
    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._sizes = {file.path: file.size for file in errand.source.files}

    def size_of(self, step: tuple[int, Item | LeftOut]) -> int:
        """How many bytes reading it brings at most."""
        item = step[1]
        if isinstance(item, LeftOut):
            return 0
        beside = sum(self._sizes.get(path, 0) for path in item.beside)
        return self._sizes.get(item.path, 0) + min(beside, BESIDE_BYTES_MOST)

    def read(self, step: tuple[int, Item | LeftOut]) -> Read | Taken:
        """The item with what was read of it, or why it cannot be read."""
        position, item = step
        if isinstance(item, LeftOut):
            return left_out(item.reason, None, **item.values)
        try:
            data = self._errand.source.read(item.path) if item.path else b""
        except AppError as error:
            if isinstance(error, Unavailable):
                raise
            return refused(error)
        beside, lost = self._beside(item)
        given = None if item.path else _given(self._errand, item)
        return Read(item, position, data, beside, content_of(item, data, beside, given), lost)

    def _beside(self, item: Item) -> tuple[dict[str, bytes], int]:
        """What lies beside an item by its paths, and how much of it is damaged or does not fit."""
        found: dict[str, bytes] = {}
        room, lost = BESIDE_BYTES_MOST, 0
        for path in item.beside:
            size = self._sizes.get(path, 0)
            if size > room or len(found) >= BESIDE_FILES_MOST:
                lost += 1
                continue
            room -= size
            try:
                found[path] = self._errand.source.read(path)
            except AppError as error:
                if isinstance(error, Unavailable):
                    raise
                lost += 1
        return found, lost


def _given(errand: Errand, item: Item) -> object:
    """What stands for an item that is no file: its part of the settings."""
    number = item.place.rpartition("/")[2]
    pieces = errand.plan.pieces
    match item.kind:
        case "personas":
            return next((one._asdict() for one in pieces.personas if one.avatar == item.folder), None)
        case "scripts":
            return pieces.scripts[int(number)]
        case "secrets":
            return errand.plan.secrets[int(number)]._asdict()
        case "preferences":
            return [item.name, pieces.settings]
        case _:
            return item.place
