"""What text completion services share."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chalicelib.models.prompt import Delta, Prompt


async def without_lead(deltas: AsyncGenerator[Delta, None], prompt: Prompt) -> AsyncGenerator[Delta, None]:
    """The deltas without the white space that follows `Name:`. A text that goes on from given words keeps it."""
    begun = bool(prompt.prefill or prompt.begins)
    async with aclosing(deltas):
        async for delta in deltas:
            if not begun and delta.text:
                delta = delta.model_copy(update={"text": delta.text.lstrip()})
                begun = bool(delta.text)
            if delta != Delta():
                yield delta
