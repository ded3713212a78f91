"""Anthropic's Messages API. Source: its documentation, "Streaming Messages" and "Extended thinking"."""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, FinishReason, Prompt, TokenUsage
from chalicelib.providers import failures
from chalicelib.providers.openai_chat import parsed
from chalicelib.providers.provider import Access
from chalicelib.providers.turns import Turn, system_and_turns
from chalicelib.providers.wire import Wire, to_its_end

VERSION = "2023-06-01"
STOPS_MOST = 4
WEB_SEARCH = {"type": "web_search_20250305", "name": "web_search"}
"""The service searches by itself: nothing of ours is called."""
FINISHES: dict[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
}
# `claude-3-5-haiku-20241022`, `claude-opus-4-20250514`, `claude-sonnet-4.5`: a date is no part of the version.
_VERSION = re.compile(r"claude-(?:[a-z]{1,12}-)?(\d{1,2})(?:[-.](\d{1,2})(?!\d))?(?!\d)")
THINKING_TOKENS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}


class Anthropic:
    info = ProviderInfo(
        kind=ProviderKind.anthropic,
        title="Anthropic",
        address="https://api.anthropic.com",
        needs_key=True,
        local=False,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        prompt_tokens = 0
        calls: dict[int, dict[str, Any]] = {}
        finish: FinishReason | None = None
        usage: TokenUsage | None = None
        read = self._wire.events(access, "/v1/messages", headers=_headers(access), body=_request(prompt))
        async with aclosing(read) as events:
            async for event in events:
                match parsed(access, event.data):
                    case {"type": "message_start", "message": dict(message)}:
                        prompt_tokens = _prompt_tokens(message.get("usage") or {})
                    case {"type": "content_block_start", "index": int(index), "content_block": dict(block)}:
                        if block.get("type") == "tool_use":
                            calls[index] = {"id": block.get("id"), "name": block.get("name"), "arguments": ""}
                    case {"type": "content_block_delta", "delta": {"type": "text_delta", "text": str(text)}}:
                        yield Delta(text=text)
                    case {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": str(text)}}:
                        yield Delta(reasoning=text)
                    case {"type": "content_block_delta", "index": index, "delta": {"partial_json": str(bit)}}:
                        if index in calls:  # a search of the service's own is no call of ours
                            calls[index]["arguments"] += bit
                    case {"type": "message_delta", "delta": dict(delta)} as last:
                        finish = FINISHES.get(delta.get("stop_reason") or "", "stop")
                        replied = (last.get("usage") or {}).get("output_tokens") or 0
                        usage = TokenUsage(prompt_tokens=prompt_tokens, reply_tokens=replied)
                    case {"type": "message_stop"}:
                        await to_its_end(access, events)
                        break
        if finish is None:
            raise failures.cut_off(access)
        yield Delta(finish_reason=finish, usage=usage, tool_calls=[calls[index] for index in sorted(calls)])

    async def models(self, access: Access) -> list[ModelInfo]:
        answer = await self._wire.json(access, "/v1/models?limit=1000", headers=_headers(access))
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
            raise failures.not_an_api(access)
        return [
            ModelInfo(id=model["id"], title=str(model.get("display_name") or ""))
            for model in answer["data"]
            if isinstance(model, dict) and isinstance(model.get("id"), str)
        ]


def takes_lead(model: str) -> bool:
    """Whether a model goes on from words put into its mouth: those from 4.6 on refuse the request."""
    found = _VERSION.search(model[:200])
    return found is not None and (int(found[1]), int(found[2] or 0)) < (4, 6)


def _headers(access: Access) -> dict[str, str]:
    return {"anthropic-version": VERSION} | ({"x-api-key": access.key.get_secret_value()} if access.key else {})


def _request(prompt: Prompt) -> dict[str, Any]:
    samplers = prompt.samplers
    # Who thinks, thinks before the first word.
    leads = takes_lead(prompt.model) and not samplers.reasoning_effort
    system, turns = system_and_turns(prompt, lead=prompt.lead if leads else "")
    fields: dict[str, Any] = {
        "model": prompt.model,
        "messages": [{"role": turn.role, "content": _content(turn)} for turn in turns],
        "system": system or None,
        "stream": True,
        "tools": [WEB_SEARCH] if prompt.web_search else None,
        "max_tokens": samplers.reply_tokens,
        # The API takes no white space as a stop sequence.
        "stop_sequences": [stop for stop in prompt.stop if stop.strip()][:STOPS_MOST] or None,
    }
    if samplers.reasoning_effort:
        # Thinking has its own room, and takes no other sampler.
        thinking = THINKING_TOKENS[samplers.reasoning_effort]
        fields["thinking"] = {"type": "enabled", "budget_tokens": thinking}
        fields["max_tokens"] += thinking
    elif samplers.temperature is not None:
        # Newer models refuse temperature and top_p together.
        fields |= {"temperature": min(samplers.temperature, 1.0), "top_k": samplers.top_k}
    else:
        fields |= {"top_p": samplers.top_p, "top_k": samplers.top_k}
    return {name: value for name, value in fields.items() if value is not None}


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if len(turn.parts) == 1 and isinstance(turn.parts[0], str):
        return turn.parts[0]
    return [
        {"type": "text", "text": part}
        if isinstance(part, str)
        else {"type": "image", "source": {"type": "base64", "media_type": part.media_type, "data": part.data}}
        for part in turn.parts
    ]


def _prompt_tokens(usage: dict[str, Any]) -> int:
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return sum(usage.get(name) or 0 for name in names)
