"""OpenAI-compatible text completions, for base models: the prompt goes as one text with `Name:` lines."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, Prompt
from chalicelib.providers.flat import without_lead
from chalicelib.providers.openai_chat import ADDRESS, is_strict, list_models, read_stream, sampling
from chalicelib.providers.provider import Access
from chalicelib.providers.text_samplers import for_openai_text
from chalicelib.providers.wire import Wire


class OpenAiText:
    info = ProviderInfo(
        kind=ProviderKind.openai_text,
        title="OpenAI-compatible, text",
        address=ADDRESS,
        needs_key=False,
        local=False,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        body = {"model": access.model, "prompt": prompt.flat, **sampling(prompt, access, stop=prompt.flat_stop)}
        if not is_strict(access):
            # A temperature that moves has its middle in the place of the one that does not.
            body |= {"truncation_length": prompt.samplers.context_tokens} | for_openai_text(prompt.text_samplers)
        if prompt.bias:
            body["logit_bias"] = {str(token): value for token, value in prompt.bias.items()}
        read = read_stream(self._wire, access, "/completions", body)
        async with aclosing(without_lead(read, prompt)) as deltas:
            async for delta in deltas:
                yield delta

    async def models(self, access: Access) -> list[ModelInfo]:
        return await list_models(self._wire, access)
