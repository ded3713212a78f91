"""KoboldCpp's own API. Source: its documentation of `/api/extra/generate/stream`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from chalicelib.errors import ProviderFailed
from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, FinishReason, Prompt
from chalicelib.providers import failures
from chalicelib.providers.flat import without_lead
from chalicelib.providers.openai_chat import bearer, parsed
from chalicelib.providers.provider import Access
from chalicelib.providers.text_samplers import for_koboldcpp
from chalicelib.providers.wire import Wire


class KoboldCpp:
    info = ProviderInfo(
        kind=ProviderKind.koboldcpp,
        title="KoboldCpp",
        address="http://127.0.0.1:5001",
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
        """The one model that is loaded."""
        loaded = await self._wire.json(access, "/api/v1/model", headers=bearer(access))
        try:
            size = await self._wire.json(access, "/api/extra/true_max_context_length", headers=bearer(access))
        except ProviderFailed:
            size = {}
        if not isinstance(loaded, dict) or not isinstance(loaded.get("result"), str):
            raise failures.not_an_api(access)
        context = size.get("value") if isinstance(size, dict) else None
        return [ModelInfo(id=loaded["result"], context_tokens=context if isinstance(context, int) else None)]

    async def _deltas(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        finish: FinishReason | None = None
        read = self._wire.events(access, "/api/extra/generate/stream", headers=bearer(access), body=_request(prompt))
        async with aclosing(read) as events:
            async for event in events:
                chunk = parsed(access, event.data)
                if chunk.get("token"):
                    yield Delta(text=str(chunk["token"]))
                if chunk.get("finish_reason"):
                    finish = "length" if chunk["finish_reason"] == "length" else "stop"
        if finish is None:
            raise failures.cut_off(access)
        yield Delta(finish_reason=finish)


def _request(prompt: Prompt) -> dict[str, Any]:
    samplers = prompt.samplers
    fields = {
        "prompt": prompt.flat,
        "max_context_length": samplers.context_tokens,
        "max_length": samplers.reply_tokens,
        "temperature": samplers.temperature,
        "top_p": samplers.top_p,
        "top_k": samplers.top_k,
        "top_a": samplers.top_a,
        "min_p": samplers.min_p,
        "typical": samplers.typical_p,
        "rep_pen": samplers.repetition_penalty,
        "presence_penalty": samplers.presence_penalty,
        "sampler_seed": samplers.seed if samplers.seed is None or samplers.seed >= 0 else None,
        "stop_sequence": prompt.flat_stop,
        "trim_stop": True,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return known | for_koboldcpp(prompt.text_samplers)
