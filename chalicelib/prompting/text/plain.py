"""Text prompts without an instruct template: lines of `Name: text`."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.prompting.text.speech import Cast, Ending, Turn, Which


@dataclass(frozen=True, slots=True)
class PlainHand:
    cast: Cast

    def story(self, story: str) -> str:
        return story

    def turn(self, turn: Turn, which: Which = "") -> str:
        return self.unfinished(turn) + "\n"

    def unfinished(self, turn: Turn) -> str:
        named = turn.name and turn.role != "system"
        return f"{turn.name}: {turn.text}" if named else turn.text

    def alignment(self) -> str:
        return ""

    def examples(self, blocks: Sequence[str]) -> list[str]:
        return plain_examples(self.cast, blocks)

    def end(self, told: str, ending: Ending) -> str:
        action = self.cast.scene.action
        if ending.continued is None:
            told = told.removesuffix("\n")
        if ending.quiet:
            told = f"{told}\n{ending.quiet}"
        if not ending.quiet or action.aloud:
            told = self._spoken_by(told, ending)
        if ending.bias.strip() and action.kind != "impersonate":
            joint = "" if told[-1:].isspace() else " "
            told += joint + ending.bias.lstrip()
        return told + (self.unfinished(ending.continued) if ending.continued else "")

    def stops(self) -> list[str]:
        return []

    def _spoken_by(self, told: str, ending: Ending) -> str:
        cast = self.cast
        if cast.scene.action.kind == "impersonate":
            return f"{_ended(told)}{cast.user}:"
        # What is said aloud without the user having spoken is always somebody's.
        forced = cast.scene.templates.context.force_name or ending.quiet
        if not forced or ending.alone:
            return told
        named = ending.continued is None or ending.continued.role != "user"
        # Before a continued message the name stands twice, as SillyTavern has it: templates are tuned to that.
        return _ended(told) + (f"{cast.char}:" if named else "")


def plain_examples(cast: Cast, blocks: Sequence[str]) -> list[str]:
    """Each block as it is written, below the separator."""
    separator = cast.scene.templates.context.example_separator
    heading = cast.macros.expand(separator) + "\n" if separator else ""
    return [f"{heading}{block}\n" for block in blocks]


def _ended(told: str) -> str:
    return told if told.endswith("\n") else told + "\n"
