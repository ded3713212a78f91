"""Instruct templates: the sequences around each turn, the last line that asks for the reply, and what ends it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.models.templates import Instruct
from chalicelib.prompting.examples import turns
from chalicelib.prompting.text.plain import plain_examples
from chalicelib.prompting.text.speech import Cast, Ending, Turn, Which, before_text

NOBODY = "System"
_NAME = re.compile(r"\{\{name\}\}", re.IGNORECASE)
_SPACE_AT_END = re.compile(r"\s\Z")


@dataclass(frozen=True, slots=True)
class InstructHand:
    cast: Cast
    template: Instruct

    def story(self, story: str) -> str:
        if not story or self.cast.scene.templates.context.place == "in_chat":
            return story
        # Whatever the template says of macros in sequences, here they are resolved.
        prefix = self._expanded(self.template.story_string_prefix, NOBODY)
        suffix = self._expanded(self.template.story_string_suffix, NOBODY)
        return self._joined(prefix, story + suffix)

    def turn(self, turn: Turn, which: Which = "") -> str:
        sequence, suffix = self._around(turn.role, which)
        named = turn.role != "system" and self._is_named(turn)
        return self._written(turn, sequence, suffix, named=named and bool(turn.name))

    def unfinished(self, turn: Turn) -> str:
        return before_text(turn, self.turn(turn, "last"))

    def alignment(self) -> str:
        if not self.template.user_alignment:
            return ""
        text = self.cast.macros.expand(self.template.user_alignment)
        return self.turn(Turn("user", self.cast.user, text), "first")

    def examples(self, blocks: Sequence[str]) -> list[str]:
        """One piece a turn: a dialogue may end in the middle where there is no room for all of it."""
        plain = plain_examples(self.cast, blocks)
        if self.template.skip_examples:
            return plain
        heading = plain_examples(self.cast, [""])[0].removesuffix("\n")
        found: list[str] = []
        for block in blocks:
            spoken = list(self._example(block))
            found += [heading, *spoken] if heading and spoken else spoken
        return found or plain

    def end(self, told: str, ending: Ending) -> str:
        if ending.continued is not None:
            return told + self.unfinished(ending.continued)
        if ending.quiet:
            # It is told as the user's, whose name {{name}} then is.
            told += self.turn(Turn("system", self.cast.user, ending.quiet))
        elif self.template.wrap:
            told = told.removesuffix("\n")
        return told + self.opening(ending)

    def opening(self, ending: Ending) -> str:
        """The sequence of whoever speaks next, on a line of its own where the template wraps."""
        cast, template, action = self.cast, self.template, self.cast.scene.action
        aside = bool(ending.quiet) and not action.aloud
        speaker = NOBODY if aside else cast.user if action.kind == "impersonate" else cast.char
        if action.kind == "impersonate":
            sequence = template.last_input_sequence or template.input_sequence
        elif aside:
            sequence = template.last_system_sequence or template.output_sequence
        else:
            sequence = template.last_output_sequence or template.output_sequence
        forced = template.names == "force" and cast.grouped
        named = (template.names == "always" or forced) and not aside
        joint = "\n" if template.wrap else ""
        text = ("" if ending.quiet else joint) + self._resolved(sequence, speaker)
        if named:
            text += joint + self._filler(sequence) + f"{speaker}:"
        if ending.bias and action.kind != "impersonate":
            # Right after the name, as it is typed: who wants a space there has typed one.
            text += ending.bias if named else joint + ending.bias.lstrip()
        return (text.rstrip() if template.wrap else text) + ("" if named else joint)

    def stops(self) -> list[str]:
        """Each line of the sequences is one; those of white space only would end every reply."""
        template, cast = self.template, self.cast
        sequences = [template.stop_sequence]
        if template.sequences_as_stops:
            sequences += [
                _NAME.sub(lambda _: cast.user, template.input_sequence),
                _NAME.sub(lambda _: cast.char, template.output_sequence),
                _NAME.sub(lambda _: cast.char, template.first_output_sequence),
                _NAME.sub(lambda _: cast.char, template.last_output_sequence),
                _NAME.sub(lambda _: NOBODY, template.system_sequence),
                _NAME.sub(lambda _: NOBODY, template.last_system_sequence),
            ]
        joint = "\n" if template.wrap else ""
        lines = [line for line in "\n".join(sequences).split("\n") if line.strip()]
        return [joint + (cast.macros.expand(line) if template.macro else line) for line in lines]

    def _around(self, role: str, which: Which) -> tuple[str, str]:
        template = self.template
        if role == "system":
            if template.system_same_as_user:
                return template.input_sequence, template.input_suffix
            return template.system_sequence, template.system_suffix
        if role == "user":
            special = {"first": template.first_input_sequence, "last": template.last_input_sequence}
            return special.get(which) or template.input_sequence, template.input_suffix
        special = {"first": template.first_output_sequence, "last": template.last_output_sequence}
        return special.get(which) or template.output_sequence, template.output_suffix

    def _is_named(self, turn: Turn) -> bool:
        """In a group everybody but the user is named, and always who speaks under another's name."""
        if self.template.names == "force":
            return turn.name != self.cast.user and (self.cast.grouped or turn.borrowed)
        return self.template.names == "always"

    def _example(self, block: str) -> Iterator[str]:
        cast, names = self.cast, self.template.names
        for turn in turns(block, user=cast.user, char=cast.char, group=cast.group):
            said = Turn("user" if turn.by_user else "assistant", turn.speaker, turn.text)
            # Who the user is in an example is said even where the history does without names.
            named = names == "always" or (names == "force" and (cast.grouped or turn.by_user))
            sequence, suffix = self._around(said.role, "")
            # {{name}} is the card's even where another member of the group speaks.
            name = cast.user if turn.by_user else cast.char
            yield self._written(said, sequence, suffix, named=named, name=name, wraps=self.template.macro)

    def _written(
        self, turn: Turn, sequence: str, suffix: str, *, named: bool, name: str = "", wraps: bool = True
    ) -> str:
        """`wraps`: whether a template that wraps ends the turn's line. Of examples it does so with macros only."""
        name = name or turn.name
        text = f"{turn.name}: {turn.text}" if named else turn.text
        ending = self._resolved(suffix, name) or ("\n" if self.template.wrap and wraps else "")
        return self._joined(self._resolved(sequence, name), text + ending)

    def _joined(self, sequence: str, text: str) -> str:
        return sequence + ("\n" if sequence and text and self.template.wrap else "") + text

    def _resolved(self, sequence: str, name: str) -> str:
        return self._expanded(sequence, name) if self.template.macro else sequence

    def _expanded(self, sequence: str, name: str) -> str:
        if "{{" not in sequence:
            return sequence
        return _NAME.sub(lambda _: name or NOBODY, self.cast.macros.expand(sequence))

    def _filler(self, sequence: str) -> str:
        """The white space that stands between sequence and name, where only the usual output sequence has it."""
        template = self.template
        last, usual = template.last_output_sequence, template.output_sequence
        lost = last and sequence == last and _SPACE_AT_END.search(usual) and not _SPACE_AT_END.search(last)
        return usual[-1] if lost else ""
