"""The steps of a move: the same ones in the same order whenever the same files are looked at with the same wishes."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from chalicelib.errors import AppError, Unavailable
from chalicelib.models.moves import KINDS, MoveKind
from chalicelib.moving.layout import Item, Layout, LeftOut, kind_of, lay_out
from chalicelib.moving.pieces import NOTHING, Pieces, read_object, read_pieces
from chalicelib.moving.secrets import SecretPiece, read_secrets
from chalicelib.moving.sources import Source

PREFERENCES = ("worlds", "chosen", "settings")
"""What the settings become besides personas, tags and scripts; each an item of its own."""


class Plan(NamedTuple):
    steps: list[Item | LeftOut]
    layout: Layout
    pieces: Pieces
    secrets: list[SecretPiece]


def plan(source: Source, kinds: Collection[MoveKind]) -> Plan:
    """All that is to be taken or told. Settings that cannot be read are told, and the rest goes on without them."""
    layout = lay_out(source.files)
    broken: list[LeftOut] = []
    pieces, secrets = NOTHING, list[SecretPiece]()
    if layout.settings:
        try:
            pieces = read_pieces(read_object(source.read(layout.settings)))
        except AppError as error:
            broken.append(LeftOut("preferences", "settings.json", _word(error)))
    if layout.secrets and "secrets" in kinds:
        try:
            secrets = read_secrets(read_object(source.read(layout.secrets)))
        except AppError as error:
            broken.append(LeftOut("secrets", "secrets.json", _word(error)))
    refused = [LeftOut(kind_of(one.path, layout.root) or "others", one.path, one.reason) for one in source.refused]
    told = [one for one in [*refused, *broken, *layout.left_out] if one.kind in kinds or one.kind == "others"]
    by_kind: dict[MoveKind, list[Item | LeftOut]] = {kind: [] for kind in KINDS}
    for item in layout.items:
        by_kind[item.kind].append(item)
    for step in _of_settings(layout, pieces, secrets):
        by_kind[step.kind].append(step)
    wanted = [step for kind in KINDS if kind in kinds for step in by_kind[kind]]
    return Plan([*told, *wanted], layout, pieces, secrets)


def _of_settings(layout: Layout, pieces: Pieces, secrets: list[SecretPiece]) -> Iterator[Item | LeftOut]:
    used = set()
    for persona in pieces.personas:
        used.add(persona.avatar)
        picture = layout.avatars.get(persona.avatar)
        beside = (picture,) if picture else ()
        yield Item("personas", "", persona.name, f"personas/{persona.avatar}", persona.avatar, beside)
    for name in sorted(layout.avatars.keys() - used):
        yield LeftOut("personas", name, "no_persona")
    for tag in pieces.tags:
        yield Item("tags", "", tag, f"tags/{tag}")
    for place, script in enumerate(pieces.scripts):
        named = script.get("scriptName")
        yield Item("scripts", "", named if isinstance(named, str) and named else f"#{place + 1}", f"regex/{place}")
    if pieces.settings:
        for name in PREFERENCES:
            yield Item("preferences", "", name, f"preferences/{name}")
    for place, secret in enumerate(secrets):
        yield Item("secrets", "", secret.name, f"secrets/{place}")


def _word(error: AppError) -> str:
    if isinstance(error, Unavailable):
        raise error
    return error.code if error.code in ("broken_json", "too_deep", "not_an_object", "too_large") else "unreadable"
