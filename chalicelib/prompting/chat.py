"""The prompt for chat completion: the preset's parts around the history, within the budget.

What must be there is taken first and in a fixed order, whatever its place; then the history from the newest message
back until one does not fit; then example dialogues, block by block. Pinned examples come before the history.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chalicelib.models.prompt import LeftOut, PromptPicture
from chalicelib.prompting.budget import Budget, Full, Piece
from chalicelib.prompting.depths import at_depths
from chalicelib.prompting.examples import turns
from chalicelib.prompting.material import Extra, Line, Material
from chalicelib.prompting.names import service_name, spoken
from chalicelib.prompting.parts import (
    AUXILIARY,
    ENHANCE,
    EXAMPLES,
    FIRST,
    HISTORY,
    MAIN,
    POST_HISTORY,
    Part,
    arranged,
    empty_parts,
)
from chalicelib.prompting.pictures import Gallery
from chalicelib.prompting.values import heard


@dataclass(slots=True)
class Chosen:
    """The pieces of a prompt in their order, and what became of the rest."""

    pieces: list[Piece]
    """Also those without words: they are not sent, and yet keep apart what would be squashed."""
    left_out: list[LeftOut]
    spent: int
    lacking: str = ""
    """What found no room though it must be there: `cards` (card, persona and prompts) or `history` (no message)."""


def choose(material: Material) -> Chosen:
    return _Choice(material).run()


@dataclass(slots=True)
class _Choice:
    material: Material
    budget: Budget = field(init=False)
    places: dict[str, list[Piece]] = field(default_factory=dict)
    """Pieces by the part they stand at."""
    last: list[Piece] = field(default_factory=list)
    """What stands after all parts."""
    left_out: list[LeftOut] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    between: dict[int, list[Piece]] = field(default_factory=dict)
    """What stands in the chat, by depth."""
    lacking: str = ""
    gallery: Gallery = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.material.budget, self.material.scene.count)
        self.gallery = Gallery(self.material.scene)

    def run(self) -> Chosen:
        self.parts, off = arranged(self.material)
        for part, reason in off:
            self.left_out.append(LeftOut(source=f"part:{part.id}", title=part.name, reason=reason))
        self.left_out += empty_parts(self.material, self.parts, off)
        control = self._control()
        in_chat = [part for part in self.parts if part.in_chat]
        try:
            self._take_first(in_chat, control)
            self._take_examples_and_history(in_chat)
            self.budget.free(sum(piece.tokens for piece in control))
            for piece in control:
                self.budget.take(piece)
            self.last += control
        except Full:
            self.lacking = "cards"
        spent = self.material.budget - self.budget.left
        ordered = [piece for part in self.parts if not part.late for piece in self.places.get(part.id, [])]
        late = [piece for part in self.parts if part.late for piece in self.places.get(part.id, [])]
        bias = self.places.get("bias", [])
        left_out = self.left_out + self.gallery.left_out
        return Chosen([*ordered, *bias, *late, *self.last], left_out, spent, self.lacking)

    def _control(self) -> list[Piece]:
        """What asks for something out of the ordinary: it stands last."""
        scene, preset = self.material.scene, self.material.scene.preset
        pieces = []
        if scene.action.kind == "impersonate":
            pieces.append(Piece("system", self.material.macros.expand(preset.impersonation), "impersonate"))
        if self.material.quiet:
            pieces.append(Piece("system", self.material.quiet, "quiet"))
        return [self.budget.counted(piece) for piece in pieces]

    def _take_first(self, in_chat: list[Part], control: list[Piece]) -> None:
        for id in FIRST:
            self._take_part(id)
        self.budget.reserve(sum(piece.tokens for piece in control))
        for id in (AUXILIARY, POST_HISTORY):
            self._take_part(id)
        for part in self.parts:
            if part.custom:
                self._take_part(part.id)
        self._take_part(ENHANCE)
        if self.material.bias.strip():
            bias = self.budget.counted(Piece("assistant", self.material.bias, "bias"))
            self.budget.take(bias)
            self.places["bias"] = [bias]
        for extra in self.material.extras:
            if extra.place != "in_chat":
                self._take_beside_main(extra, in_chat)

    def _take_part(self, id: str) -> None:
        part = next((part for part in self.parts if part.id == id), None)
        if part is None or part.in_chat:
            return
        piece = self.budget.counted(Piece(part.role, part.text, part.source))
        self.budget.take(piece)
        self.places[id] = [piece]

    def _take_beside_main(self, extra: Extra, in_chat: list[Part]) -> None:
        piece = self.budget.counted(Piece(extra.role, extra.text, extra.source))
        if MAIN in self.places:
            self.budget.take(piece)
            main = self.places[MAIN]
            main.insert(0 if extra.place == "before_main" else len(main), piece)
            return
        # A main prompt that stands in the chat takes its neighbours with it; without any, they have no place.
        place = next((place for place, part in enumerate(in_chat) if part.id == MAIN), None)
        if place is None:
            self.left_out.append(LeftOut(source=extra.source, tokens=piece.tokens, reason="place"))
            return
        main_part = in_chat[place]
        beside = Part(extra.key, main_part.role, extra.text, True, main_part.depth, main_part.order)
        in_chat.insert(place if extra.place == "before_main" else place + 1, beside)

    def _take_examples_and_history(self, in_chat: list[Part]) -> None:
        if self.material.scene.preferences.pin_examples:
            self._take_examples()
            self._take_history(in_chat)
        else:
            self._take_history(in_chat)
            self._take_examples()

    def _take_examples(self) -> None:
        if not self._has(EXAMPLES):
            return
        material, preset = self.material, self.material.scene.preset
        mark = material.macros.expand(preset.new_example) if material.examples else ""
        taken: list[Piece] = []
        full = False
        for number, block in enumerate(material.examples):
            pieces = [
                self.budget.counted(piece)
                for piece in self._example(number, block, Piece("system", mark, "example_mark", separate=True))
            ]
            full = full or not self.budget.fits(pieces)
            if full:
                whole = Piece("system", "", f"example:{number}", tokens=sum(piece.tokens for piece in pieces))
                self.left_out.append(_left_out(whole))
                continue
            for piece in pieces:
                self.budget.take(piece)
            taken += pieces
        self.places[EXAMPLES] = taken

    def _example(self, number: int, block: str, mark: Piece) -> Iterator[Piece]:
        yield mark
        material = self.material
        grouped = material.scene.group is not None
        for turn in turns(block, user=material.user, char=material.char, group=heard(material.scene.group)):
            text = f"{turn.speaker}: {turn.text}" if grouped else turn.text
            name = "example_user" if turn.by_user else "example_assistant"
            yield Piece("system", text, f"example:{number}", name, separate=True)

    def _take_history(self, in_chat: list[Part]) -> None:
        self.between = at_depths(in_chat, [extra for extra in self.material.extras if extra.place == "in_chat"])
        material, budget = self.material, self.budget
        if not self._has(HISTORY):
            self._lose_between("place")
            if material.scene.preset.continue_prefill:
                self._take_prefilled(self._going_on())
            return
        scene, preset, macros = material.scene, material.scene.preset, material.macros
        grouped = scene.group is not None
        opening = macros.expand(preset.new_group_chat if grouped else preset.new_chat)
        mark = budget.counted(Piece("system", opening, "story_mark", separate=True))
        budget.reserve(mark.tokens)
        nudge = None
        if grouped and scene.action.kind != "impersonate":
            nudge = budget.counted(Piece("system", macros.expand(preset.group_nudge), "group_nudge", separate=True))
            budget.reserve(nudge.tokens)
        going_on = self._going_on()
        if not preset.continue_prefill:
            budget.reserve(sum(piece.tokens for piece in going_on))
        told = self._fill(going_on)
        budget.free(mark.tokens)
        budget.take(mark)
        told.append(mark)
        told.reverse()
        if nudge is not None:
            budget.free(nudge.tokens)
            budget.take(nudge)
            told.append(nudge)
        if going_on and not preset.continue_prefill:
            budget.free(sum(piece.tokens for piece in going_on))
            for piece in going_on:
                budget.take(piece)
            self.last += going_on
        self.places[HISTORY] = told

    def _going_on(self) -> list[Piece]:
        """The message that is continued, and the words that ask for it."""
        line, preset = self.material.continued, self.material.scene.preset
        if line is None:
            return []
        piece = self._spoken(line, f"continue:{line.message.id}")
        if preset.continue_prefill and preset.names == "completion":
            piece.name = service_name(line.message.name)
        self.budget.counted(piece)
        if preset.continue_prefill or not (line.text or preset.continue_joint):
            return [piece]
        last = self.material.macros.with_values({"lastChatMessage": line.text.strip()})
        nudge = Piece("system", last.expand(preset.continue_nudge), "continue_nudge")
        return [piece, self.budget.counted(nudge)]

    def _fill(self, going_on: list[Piece]) -> list[Piece]:
        """As much of the history as fits, newest first. The first misfit ends it, and what lies above it is lost."""
        material, budget = self.material, self.budget
        preset = material.scene.preset
        told: list[Piece] = []
        spoken = 0
        if going_on and preset.continue_prefill:
            if not self._take_prefilled(going_on):
                return told
            spoken += 1
        waiting = self._send_if_empty()
        for piece, known in self._stream():
            if waiting is not None and piece.role == "assistant" and budget.fits([waiting]):
                budget.take(waiting)
                told.append(waiting)
            waiting = None
            budget.counted(piece, known=known)
            if not budget.fits([piece]):
                self.left_out.append(_left_out(piece))
                self._lose_between("budget")
                if not spoken:
                    self.lacking = "history"
                break
            budget.take(piece)
            told.append(piece)
            spoken += piece.source.startswith("history:")
        return told

    def _take_prefilled(self, going_on: list[Piece]) -> bool:
        """Puts the message that goes on at the very end, where it is to be no instruction but a beginning."""
        if not self.budget.fits(going_on[:1]):
            self.lacking = "history"
            return False
        for piece in going_on[:1]:
            self.budget.take(piece)
            self.last.append(piece)
        return True

    def _stream(self) -> Iterator[tuple[Piece, int | None]]:
        """Messages and what stands between them, newest first, each with its tokens as far as they are known."""
        preset = self.material.scene.preset
        yield from self._put(0)
        depth = 0
        if self.material.continued is not None and not preset.continue_prefill:
            # A message that is continued counts as the last: depths 0 and 1 come to the same place. As a prefill it is
            # taken away before depths are counted.
            depth = 1
            yield from self._put(1)
        for line in self.material.lines():
            depth += 1
            piece = self._spoken(line, f"history:{line.message.id}")
            if piece.content or piece.pictures:
                if preset.names == "completion":
                    piece.name = service_name(line.message.name)
                yield piece, self._known(line, piece.content)
            yield from self._put(depth)
        for deeper in sorted(self.between):
            yield from self._put(deeper)

    def _put(self, depth: int) -> Iterator[tuple[Piece, int | None]]:
        """What stands in the chat at a depth, taken out one by one."""
        pieces = self.between.get(depth, [])
        while pieces:
            yield pieces.pop(0), None

    def _lose_between(self, reason: str) -> None:
        """What stands in the chat above the history's end is lost with it."""
        lost = [piece for depth in sorted(self.between) for piece in self.between[depth]]
        self.left_out += [
            LeftOut(source=span.source, tokens=self.budget.counted(piece).tokens, reason=reason)
            for piece in lost
            for span in piece.made_of()
        ]

    def _known(self, line: Line, content: str) -> int | None:
        """The tokens kept on the message, where they are those of this very text."""
        message = line.message
        same = message.counted_by == self.material.scene.encoding and content == message.text
        return message.tokens if same else None

    def _spoken(self, line: Line, source: str) -> Piece:
        material = self.material
        grouped = material.scene.group is not None
        text = spoken(line.message, line.text, material.scene.preset, user=material.user, grouped=grouped)
        return Piece(line.message.role, text, source, pictures=self._shown(line, source, len(text)))

    def _shown(self, line: Line, source: str, letters: int) -> list[PromptPicture]:
        """A message's pictures. One that goes on is told by its words alone."""
        return self.gallery.of(line.message, letters) if source.startswith("history:") else []

    def _send_if_empty(self) -> Piece | None:
        """What the user is taken to say when the character spoke last."""
        scene = self.material.scene
        if not scene.preset.send_if_empty:
            return None
        return self.budget.counted(Piece("user", scene.preset.send_if_empty, "send_if_empty"))

    def _has(self, id: str) -> bool:
        return any(part.id == id for part in self.parts)


def _left_out(piece: Piece) -> LeftOut:
    return LeftOut(source=piece.source, tokens=piece.tokens, reason="budget")
