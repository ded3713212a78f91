"""llama.cpp's own server. Source: the README of its `server`, `POST /completion`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, Prompt, TokenUsage
from chalicelib.providers import failures
from chalicelib.providers.flat import without_lead
from chalicelib.providers.openai_chat import bearer, parsed
from chalicelib.providers.openai_chat import list_models as list_openai_models
from chalicelib.providers.provider import Access
from chalicelib.providers.text_samplers import for_llamacpp
from chalicelib.providers.wire import Wire, to_its_end, under


class LlamaCpp:
    info = ProviderInfo(
        kind=ProviderKind.llamacpp,
        title="llama.cpp",
        address="http://127.0.0.1:8080",
        needs_key=False,
        local=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        async with aclosing(without_lead(self._deltas(prompt, access), prompt)) as deltas:
            async for delta in deltas:
                yield delta

    async def models(self, access: Access) -> list[ModelInfo]:
        return await list_openai_models(self._wire, access.model_copy(update={"address": under(access.address, "/v1")}))

    async def _deltas(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        read = self._wire.events(access, "/completion", headers=bearer(access), body=_request(prompt))
        async with aclosing(read) as events:
            async for event in events:
                chunk = parsed(access, event.data if event.name != "error" else f'{{"error": {event.data}}}')
                if chunk.get("content"):
                    yield Delta(text=str(chunk["content"]))
                if chunk.get("stop") is True:
                    limited = chunk.get("stop_type") == "limit" or chunk.get("stopped_limit") is True
                    await to_its_end(access, events)
                    yield Delta(finish_reason="length" if limited else "stop", usage=_usage(chunk))
                    return
        raise failures.cut_off(access)


def _usage(chunk: dict[str, Any]) -> TokenUsage:
    return TokenUsage(prompt_tokens=chunk.get("tokens_evaluated") or 0, reply_tokens=chunk.get("tokens_predicted") or 0)


def _request(prompt: Prompt) -> dict[str, Any]:
    samplers = prompt.samplers
    fields = {
        "prompt": prompt.flat,
        "stream": True,
        "cache_prompt": True,
        "n_predict": samplers.reply_tokens,
        "temperature": samplers.temperature,
        "top_k": samplers.top_k,
        "top_p": samplers.top_p,
        "min_p": samplers.min_p,
        "typical_p": samplers.typical_p,
        "repeat_penalty": samplers.repetition_penalty,
        "presence_penalty": samplers.presence_penalty,
        "frequency_penalty": samplers.frequency_penalty,
        "seed": samplers.seed,
        "stop": prompt.flat_stop,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return known | for_llamacpp(prompt.text_samplers)
