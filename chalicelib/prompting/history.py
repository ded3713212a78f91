"""The history as a model sees it: scripts run, reasoning of the newest replies added, read no further than needed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chalicelib.models.chats import Message
from chalicelib.models.scenes import Reasoning, Scene
from chalicelib.prompting.macros.expander import Macros
from chalicelib.prompting.material import Line
from chalicelib.prompting.scripts.running import Scripts
from chalicelib.prompting.values import context_sizes

_NO_THOUGHTS = "\u200b"
"""What older chats of SillyTavern have where there were thoughts nobody was to see."""


@dataclass(slots=True)
class Telling:
    """Turns messages into lines, newest first, and keeps what it has made."""

    scene: Scene
    macros: Macros
    scripts: Scripts
    _made: list[Line] = field(default_factory=list)
    _source: Iterator[Message] | None = None
    _reasoned: int = 0

    def lines(self) -> Iterator[Line]:
        """All visible messages; also those whose text is empty, which count for depths."""
        place = 0
        while place < len(self._made) or self._more():
            yield self._made[place]
            place += 1

    def _more(self) -> bool:
        if self._source is None:
            self._source = self.scene.history.visible()
        message = next(self._source, None)
        if message is None:
            return False
        # The message that is continued is not yet told: the one before it is the newest.
        depth = len(self._made) - (1 if self.scene.action.kind == "continue" else 0)
        self._made.append(Line(message, self._told(message, depth), depth, self.macros.expand))
        return True

    def _told(self, message: Message, depth: int) -> str:
        text = message.text.replace("\r", "")
        if self.scene.scripts:
            text = self.scripts.apply(
                text, place="user_input" if message.role == "user" else "reply", purpose="prompt", depth=depth
            )
        continued = depth < 0
        chosen, reasoning = self.scene.preferences.reasoning, message.reasoning
        # A reply that goes on goes on from its thoughts, whether others are shown theirs or not; but for thoughts so
        # long that they would leave no room for the reply itself.
        if continued:
            wanted = len(reasoning) <= context_sizes(self.scene)[0]
        else:
            wanted = chosen.included and self._reasoned < chosen.most
        if not wanted or reasoning in ("", _NO_THOUGHTS) or self._is_of_another(message):
            return text
        if self.scene.scripts:
            reasoning = self.scripts.apply(reasoning, place="reasoning", purpose="prompt", depth=depth)
        self._reasoned += 1
        return with_reasoning(text, reasoning, chosen, self.macros.expand, unfinished=continued)

    def _is_of_another(self, message: Message) -> bool:
        """Whether another member of the group thought it: nobody reads the thoughts of others."""
        return self.scene.group is not None and message.name != self.scene.speaker.card.name


def with_reasoning(text: str, reasoning: str, how: Reasoning, expand: Callable[[str], str], *, unfinished: bool) -> str:
    """A reply after the thoughts that led to it. An unfinished one without a word goes on thinking."""
    begun = expand(how.prefix) + reasoning
    if unfinished and not text:
        return begun
    return begun + expand(how.suffix) + expand(how.separator) + text
