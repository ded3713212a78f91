"""Joining neighbours of a prompt: system messages squashed, and the shapes stricter services ask for.

Source of the modes: what SillyTavern 1.19's server was seen to send for its "prompt post-processing".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.models.completion import ChatPreset
from chalicelib.models.prompt import JOINT
from chalicelib.prompting.budget import Piece

OPENING = "[Start a new chat]"
"""Stands in for the user where a strict service wants to hear the user first."""


@dataclass(frozen=True, slots=True)
class Speakers:
    user: str
    char: str
    group: Sequence[str] = ()


def joined(pieces: list[Piece], preset: ChatPreset, speakers: Speakers) -> list[Piece]:
    """The pieces as the preset wants them sent."""
    if preset.squash:
        pieces = squashed(pieces)
    pieces = [piece for piece in pieces if piece.content or piece.pictures]
    match preset.postprocessing.removesuffix("_tools"):
        case "merge":
            return _merged(pieces, speakers)
        case "semi":
            return _merged(_system_only_first(_merged(pieces, speakers)), speakers)
        case "strict":
            return _merged(_opened(_system_only_first(_merged(pieces, speakers))), speakers)
        case "single":
            return _merged(_all_by_user(pieces, speakers), speakers)
        case _:
            return pieces


def squashed(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring system messages as one, save those with a name and the marks between parts."""
    found: list[Piece] = []
    for piece in pieces:
        if piece.role == "system" and not piece.content and not piece.pictures:
            continue
        if found and _is_plain(piece) and _is_plain(found[-1]):
            found[-1].append(piece, "\n")
        else:
            found.append(piece)
    return found


def _is_plain(piece: Piece) -> bool:
    return piece.role == "system" and not piece.name and not piece.separate


def _merged(pieces: list[Piece], speakers: Speakers) -> list[Piece]:
    """Names put before what was said, then neighbours of one role as one."""
    found: list[Piece] = []
    for piece in pieces:
        _name(piece, speakers)
        if found and found[-1].role == piece.role and (piece.content or piece.pictures):
            found[-1].append(piece, JOINT)
        else:
            found.append(piece)
    return found or [Piece("user", OPENING, "opening")]


def _name(piece: Piece, speakers: Speakers) -> None:
    name, piece.name = piece.name, None
    if name and piece.role != "system":
        _say(piece, name)
    elif name == "example_user":
        _say(piece, speakers.user)
    elif name == "example_assistant":
        _say(piece, speakers.char, speakers.group)


def _say(piece: Piece, name: str, others: Sequence[str] = ()) -> None:
    if name and not any(piece.content.startswith(f"{one}: ") for one in (name, *others)):
        piece.prefix(f"{name}: ")


def _system_only_first(pieces: list[Piece]) -> list[Piece]:
    for piece in pieces[1:]:
        if piece.role == "system":
            piece.role = "user"
    return pieces


def _opened(pieces: list[Piece]) -> list[Piece]:
    """The user speaks first, after the system message if there is one."""
    place = 1 if pieces[0].role == "system" else 0
    if len(pieces) == place or pieces[place].role != "user":
        pieces.insert(place, Piece("user", OPENING, "opening"))
    return pieces


def _all_by_user(pieces: list[Piece], speakers: Speakers) -> list[Piece]:
    for piece in pieces:
        _name(piece, speakers)
        if piece.role == "assistant":
            _say(piece, speakers.char, speakers.group)
        elif piece.role == "user":
            _say(piece, speakers.user)
        piece.role = "user"
    return pieces
