"""The history of a text prompt: messages with what stands between them, newest first, read no further than it fits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chalicelib.prompting.budget import Piece
from chalicelib.prompting.depths import at_depths
from chalicelib.prompting.material import Extra, Line, Material
from chalicelib.prompting.names import clean_name, is_borrowed, is_narrated
from chalicelib.prompting.text.speech import Cast, Turn, Which

STORY_KEY = "__STORY_STRING__"
"""Place of the story string among other texts at one depth."""


@dataclass(frozen=True, slots=True)
class Told:
    """One turn of the stream."""

    turn: Turn
    which: Which = ""
    piece: Piece | None = None
    """What it is made of, if it is no message but put in between."""
    tokens: int = 0


def spoken_turn(line: Line, source: str) -> Turn:
    message = line.message
    narrated = is_narrated(message)
    return Turn(
        "system" if narrated else message.role,
        clean_name(message.name),
        line.text,
        source,
        is_borrowed(message),
    )


def put_between(cast: Cast, material: Material, story: str) -> dict[int, list[Piece]]:
    """Notes, entries of worlds and the like by their depth, newest first; among them the story string, if given."""
    extras = [extra for extra in material.extras if extra.place == "in_chat"]
    if story:
        context = cast.scene.templates.context
        extras.append(Extra(STORY_KEY, story, "in_chat", context.depth, context.role, "story"))
        extras.sort(key=lambda extra: extra.key.encode("utf-16-be"))
    return at_depths([], extras)


def put_turn(cast: Cast, piece: Piece) -> Turn:
    name = {"user": cast.user, "assistant": cast.char, "system": ""}[piece.role]
    return Turn(piece.role, name, piece.content, piece.source)


def stream(cast: Cast, material: Material, post_history: str, between: dict[int, list[Piece]]) -> Iterator[Told]:
    """All turns, newest first, the first and the user's last marked as such.

    Of an impersonation the turn that is still to come is the user's last.
    """
    marked = cast.scene.action.kind == "impersonate"
    before: Told | None = None
    for told in _turns(cast, material, post_history, between):
        if told.turn.role == "user" and not marked:
            marked = True
            told = replace(told, which="last")
        if before is not None:
            yield before
        before = told
    if before is not None:
        yield before if before.which else replace(before, which="first")


def _turns(cast: Cast, material: Material, post_history: str, between: dict[int, list[Piece]]) -> Iterator[Told]:
    if post_history:
        yield Told(Turn("user", "", post_history, "post_history"))
    depth = 0
    yield from _put(cast, between.get(0, ()))
    if material.continued is not None:
        # A message that is continued counts as the last: depths 0 and 1 come to the same place.
        depth = 1
        yield from _put(cast, between.get(1, ()))
    for line in material.lines():
        depth += 1
        text = line.text
        if text:
            yield Told(spoken_turn(line, f"history:{line.message.id}"))
        yield from _put(cast, between.get(depth, ()))
    for deeper in sorted(between):
        if deeper > depth:
            yield from _put(cast, between[deeper])


def _put(cast: Cast, pieces: Iterable[Piece]) -> Iterator[Told]:
    for piece in pieces:
        yield Told(put_turn(cast, piece), piece=piece)
