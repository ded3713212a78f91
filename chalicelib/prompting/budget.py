"""How many tokens a prompt may have, and what still fits."""

from collections.abc import Callable, Iterable, Iterator

from chalicelib.errors import Invalid
from chalicelib.models.chats import Message
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import PromptMessage

# What chat formats spend around a message and to open the reply, as SillyTavern counts them.
MESSAGE_TOKENS = 5
REPLY_TOKENS = 3


class Budget:
    """Counts what is taken. The reply's own tokens are set aside first."""

    def __init__(self, samplers: Samplers, count: Callable[[str], int]) -> None:
        self._count = count
        self._allowed = samplers.context_tokens - samplers.reply_tokens
        self._context, self._reply = samplers.context_tokens, samplers.reply_tokens
        self.used = REPLY_TOKENS

    def take(self, messages: Iterable[PromptMessage]) -> list[PromptMessage]:
        """What cannot be left out, counted. Raises Invalid when it does not fit."""
        taken = [self._counted(message) for message in messages]
        self.used += sum(message.tokens for message in taken)
        if self.used > self._allowed:
            raise self._too_long("the card, the persona and the prompts")
        return taken

    def fill(self, newest_first: Iterable[Message], told: Callable[[Message], PromptMessage]) -> list[PromptMessage]:
        """As many messages as fit, oldest first. The first misfit ends the reading. Raises Invalid if none fits."""
        taken: list[PromptMessage] = []
        for message in _visible(newest_first):
            line = self._counted(told(message))
            if self.used + line.tokens > self._allowed:
                if not taken:
                    raise self._too_long("the newest message together with the card and the prompts")
                break
            self.used += line.tokens
            taken.append(line)
        return taken[::-1]

    def fill_blocks(self, blocks: Iterable[list[PromptMessage]]) -> list[PromptMessage]:
        """Whole blocks in their order, up to the first that does not fit."""
        taken: list[PromptMessage] = []
        for block in blocks:
            lines = [self._counted(message) for message in block]
            cost = sum(line.tokens for line in lines)
            if self.used + cost > self._allowed:
                break
            self.used += cost
            taken += lines
        return taken

    def _counted(self, message: PromptMessage) -> PromptMessage:
        """`message.tokens` is the text's count where that is known already, else 0."""
        known = message.tokens or self._count(message.content)
        return message.model_copy(update={"tokens": known + MESSAGE_TOKENS})

    def _too_long(self, what: str) -> Invalid:
        return Invalid(
            f"There is no room for {what}: the model holds {self._context:,} tokens and {self._reply:,} of them are "
            "kept for the reply. Choose a larger context or a shorter reply in the preset, or shorten the texts.",
            code="prompt_too_long",
        )


def _visible(newest_first: Iterable[Message]) -> Iterator[Message]:
    return (m for m in newest_first if m.text and not m.hidden and m.deleted_at is None)
