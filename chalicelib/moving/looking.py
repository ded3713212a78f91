"""What a move would take, told from names alone, before anything is sent."""

from chalicelib.models.moves import KINDS, FoundFile, KindFound, MoveKind, MoveLook
from chalicelib.moving.archives import clean_path
from chalicelib.moving.layout import find_root, kind_of

_OF_SETTINGS: tuple[MoveKind, ...] = ("scripts", "personas", "tags")
"""They stand inside of the settings: how many there are shows when these are read."""


def look(files: list[FoundFile]) -> MoveLook:
    paths = [clean_path(file.path) for file in files]
    root = find_root(path for path in paths if path)
    kinds = [kind_of(path, root) if path else None for path in paths]
    counts: dict[MoveKind, list[int]] = {}
    for file, path, kind in zip(files, paths, kinds, strict=True):
        if kind is None or path is None:
            continue
        count = counts.setdefault(kind, [0, 0])
        count[0] += not _is_beside(path, root, kind)
        count[1] += file.size
    if "preferences" in counts:
        for kind in _OF_SETTINGS:
            counts.setdefault(kind, [0, 0])
    found = [
        KindFound(
            kind=kind,
            count=counts[kind][0],
            bytes=counts[kind][1],
            told=kind not in _OF_SETTINGS or counts[kind][0] > 0,
        )
        for kind in KINDS
        if kind in counts
    ]
    places = {one.kind: place for place, one in enumerate(found)}
    return MoveLook(kinds=found, files=[-1 if kind is None else places[kind] for kind in kinds])


def _is_beside(path: str, root: str, kind: MoveKind) -> bool:
    """Whether the file belongs to an item instead of being one: a character's expressions."""
    return kind == "characters" and path.removeprefix(root).count("/") > 1
