"""What of a scene stands in a text prompt: the story string, what fits of the history, example dialogues with the rest.

Counted as SillyTavern counts: each piece by itself while the history is filled, and the sum stays below the budget;
then the text as a whole while example dialogues are added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from chalicelib.models.prompt import LeftOut
from chalicelib.prompting.budget import Piece
from chalicelib.prompting.examples import example_blocks
from chalicelib.prompting.material import Material
from chalicelib.prompting.text.history import Told, put_between, put_turn, spoken_turn, stream
from chalicelib.prompting.text.instruct import InstructHand
from chalicelib.prompting.text.plain import PlainHand
from chalicelib.prompting.text.speech import Cast, Ending, Hand
from chalicelib.prompting.text.story import Story, post_history, story
from chalicelib.prompting.tokens import ESTIMATE
from chalicelib.prompting.values import heard


@dataclass(slots=True)
class Written:
    """A text prompt, the same in pieces, and what became of the rest."""

    text: str
    pieces: list[Piece]
    left_out: list[LeftOut]
    tokens: int
    lacking: str = ""
    """`cards` when card, persona and prompts leave no room at all, `history` when no message fits."""


def cast_of(material: Material) -> Cast:
    return Cast(material.scene, material.macros, material.user, material.char, heard(material.scene.group))


def hand_of(cast: Cast) -> Hand:
    template = cast.scene.templates.instruct
    return InstructHand(cast, template) if template.enabled else PlainHand(cast)


def write(material: Material, cast: Cast, hand: Hand) -> Written:
    return _Writing(material, cast, hand).run()


@dataclass(slots=True)
class _Writing:
    material: Material
    cast: Cast
    hand: Hand
    left_out: list[LeftOut] = field(default_factory=list)
    spoken: int = 0
    """Messages of the history that found room."""
    lacking: str = ""

    def run(self) -> Written:
        material, hand, scene = self.material, self.hand, self.cast.scene
        context, chosen = scene.templates.context, scene.preferences
        blocks = [] if chosen.strip_examples else material.examples
        told_story = story(material, self.cast, hand, blocks or _all_examples(material))
        opening = material.macros.expand(context.chat_start + "\n") if context.chat_start else ""
        in_chat = context.place == "in_chat"
        head = "" if in_chat else told_story.text
        examples = hand.examples(blocks)
        pinned = "".join(examples) if chosen.pin_examples else ""
        ending = self._ending()
        between = put_between(self.cast, material, told_story.text if in_chat else "")

        before = head + pinned + opening
        start = scene.count(before + hand.alignment() + hand.end("", ending)) + chosen.token_padding
        told, used = self._history(between, start)
        lines = "".join(hand.turn(one.turn, one.which) for one in told)
        if hand.alignment() and not (told and told[0].turn.role == "user"):
            lines = hand.alignment() + lines
        # Where no message found room nothing asks for a reply either, as in SillyTavern: see `lacking`.
        ended = "" if self.lacking and not told else hand.end(lines, ending)
        if not chosen.pin_examples:
            # The alignment is counted here once more, as SillyTavern does.
            examples = self._fitting(examples, before + ended + hand.alignment(), used)
            used += sum(map(scene.count, examples))
        text = head + "".join(examples) + opening + ended
        pieces = self._pieces(head, told_story, examples, opening, told, ending)
        return Written(text.replace("\r", ""), pieces, self.left_out, used, self.lacking)

    def _ending(self) -> Ending:
        material = self.material
        line = material.continued
        return Ending(
            quiet=material.quiet,
            bias=material.bias,
            continued=None if line is None else spoken_turn(line, f"continue:{line.message.id}"),
            alone=line is not None and next(material.lines(), None) is None,
        )

    def _history(self, between: dict[int, list[Piece]], used: int) -> tuple[list[Told], int]:
        """What fits, oldest first, and the tokens all of it takes. What is put in between has room before messages."""
        scene, hand, allowed = self.cast.scene, self.hand, self.material.budget
        if used >= allowed:
            self.lacking = "cards"
        fitting: set[int] = set()
        room = True
        for piece in (piece for depth in sorted(between) for piece in between[depth]):
            piece.tokens = scene.count(hand.turn(put_turn(self.cast, piece)))
            room = room and used + piece.tokens < allowed
            if room:
                used += piece.tokens
                fitting.add(id(piece))
            else:
                self._leave(piece.source, piece.tokens)
        found: list[Told] = []
        full = False
        for told in stream(self.cast, self.material, post_history(self.material), between):
            if told.piece is not None:
                found += [told] if id(told.piece) in fitting else []
                fitting.discard(id(told.piece))
                continue
            tokens = scene.count(hand.turn(told.turn, told.which).replace("\r", ""))
            if used + tokens >= allowed:
                self._leave(told.turn.source, tokens)
                full = True
                break
            used += tokens
            found.append(replace(told, tokens=tokens))
            self.spoken += told.turn.source.startswith("history:")
        # What belongs deeper than the history reaches stands on top of it: nothing above is read for that.
        deeper = [piece for depth in sorted(between) for piece in between[depth] if id(piece) in fitting]
        found += [Told(put_turn(self.cast, piece), piece=piece) for piece in deeper]
        if full and not self.spoken and not self.lacking:
            self.lacking = "history"
        return found[::-1], used

    def _fitting(self, examples: list[str], rest: str, used: int) -> list[str]:
        """The pieces of the example dialogues that fit, from the first on. `used` is what the rest takes."""
        scene, allowed = self.cast.scene, self.material.budget
        costs = [scene.count(example) for example in examples]
        if scene.encoding == ESTIMATE:
            # An estimate rounds up each piece: the whole is less. True counts add up, and a long text takes its time.
            used = scene.count(rest) + scene.preferences.token_padding
        for place, cost in enumerate(costs):
            used += cost
            if used >= allowed:
                for number in range(place, len(examples)):
                    self._leave(f"example:{number}", costs[number])
                return examples[:place]
        return examples

    def _pieces(
        self, head: str, told_story: Story, examples: Sequence[str], opening: str, told: Sequence[Told], ending: Ending
    ) -> list[Piece]:
        """The prompt as messages: for its explanation, and for services that take nothing else."""
        scene = self.cast.scene
        pieces = [Piece("system", head.strip(), "story", spans=told_story.spans(head.strip()))]
        pieces += [Piece("system", text.strip(), f"example:{number}") for number, text in enumerate(examples)]
        pieces.append(Piece("system", opening.strip(), "story_mark"))
        pieces += [one.piece or Piece(one.turn.role, one.turn.text, one.turn.source, tokens=one.tokens) for one in told]
        if ending.quiet:
            pieces.append(Piece("system", ending.quiet, "quiet"))
        if ending.continued is not None:
            turn = ending.continued
            pieces.append(Piece(turn.role, turn.text, turn.source))
        if ending.bias.strip() and scene.action.kind != "impersonate":
            pieces.append(Piece("assistant", ending.bias, "bias"))
        for piece in pieces:
            piece.tokens = piece.tokens or scene.count(piece.content)
        return [piece for piece in pieces if piece.content]

    def _leave(self, source: str, tokens: int) -> None:
        self.left_out.append(LeftOut.model_construct(source=source, tokens=tokens, reason="budget"))


def _all_examples(material: Material) -> list[str]:
    """Example dialogues for the story string, which gets them even when the prompt itself does without."""
    blocks = example_blocks(material.fields.examples)
    for text in material.placement.examples_top:
        blocks = [*example_blocks(text), *blocks]
    return blocks + [block for text in material.placement.examples_bottom for block in example_blocks(text)]
