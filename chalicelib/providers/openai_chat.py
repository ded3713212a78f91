"""OpenAI-compatible chat completions: OpenAI itself, and the many servers that speak like it.

Source: OpenAI's API reference, "Chat Completions streaming". Reasoning comes as `reasoning_content` (DeepSeek,
llama.cpp, vLLM) or `reasoning` (OpenRouter, Ollama).
"""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import urlsplit

from chalicelib.errors import ProviderFailed
from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, FinishReason, Prompt, PromptMessage, TokenUsage
from chalicelib.providers import failures
from chalicelib.providers.provider import Access
from chalicelib.providers.turns import data_url, handed_on, with_name
from chalicelib.providers.wire import Wire, to_its_end

ADDRESS = "https://api.openai.com/v1"
STOPS_MOST = 4
REPLIES_MOST = 10
# Models of OpenAI's own that know how much to say; the others refuse to be told.
_GRADED = re.compile(r"gpt-(?:[5-9]|[1-9]\d)")
# Models that do not think, and refuse to be told how much.
_UNTHINKING = re.compile(r"\bgpt-[34]")
FINISHES: dict[str, FinishReason] = {"length": "length", "max_tokens": "length", "content_filter": "filtered"}


class OpenAiChat:
    info = ProviderInfo(
        kind=ProviderKind.openai_chat,
        title="OpenAI-compatible, chat",
        address=ADDRESS,
        needs_key=False,
        local=False,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        body = {
            "model": access.model,
            "messages": _messages(prompt, access),
            **sampling(prompt, access, stop=prompt.stop),
        }
        if prompt.bias:
            body["logit_bias"] = {str(token): value for token, value in prompt.bias.items()}
        if prompt.verbosity and (not is_strict(access) or _GRADED.match(access.model)):
            body["verbosity"] = prompt.verbosity
        if prompt.tools:
            body["tools"] = prompt.tools
        async with aclosing(read_stream(self._wire, access, "/chat/completions", body)) as deltas:
            async for delta in deltas:
                yield delta

    async def models(self, access: Access) -> list[ModelInfo]:
        return await list_models(self._wire, access)


def _messages(prompt: Prompt, access: Access) -> list[dict[str, Any]]:
    if _host(access).endswith("mistral.ai"):
        # It refuses a message that has a name.
        return [{"role": one.role, "content": _content(with_name(prompt, one))} for one in prompt.messages]
    # OpenAI itself takes pictures from the user only.
    told = handed_on(prompt.messages) if is_strict(access) else prompt.messages
    return [{"role": one.role, "content": _content(one)} | ({"name": one.name} if one.name else {}) for one in told]


def _content(message: PromptMessage) -> str | list[dict[str, Any]]:
    if not message.pictures:
        return message.content
    return [
        {"type": "text", "text": part}
        if isinstance(part, str)
        else {"type": "image_url", "image_url": {"url": data_url(part), "detail": part.detail}}
        for part in message.parts
    ]


def bearer(access: Access) -> dict[str, str]:
    """The headers that carry the key. Azure has one of its own for keys; a bearer is a token of its directory there."""
    if not access.key:
        return {}
    if _host(access).endswith(".azure.com"):
        return {"api-key": access.key.get_secret_value()}
    return {"Authorization": f"Bearer {access.key.get_secret_value()}"}


def sampling(prompt: Prompt, access: Access, *, stop: list[str]) -> dict[str, Any]:
    """The fields that say how to answer. OpenAI itself refuses those it does not know; others take or ignore them."""
    samplers = prompt.samplers
    strict = is_strict(access)
    fields: dict[str, Any] = {
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens" if strict else "max_tokens": samplers.reply_tokens,
        "temperature": samplers.temperature,
        "top_p": samplers.top_p,
        "frequency_penalty": samplers.frequency_penalty,
        "presence_penalty": samplers.presence_penalty,
        "seed": samplers.seed if samplers.seed is None or samplers.seed >= 0 else None,
        "reasoning_effort": None if _UNTHINKING.search(access.model) else samplers.reasoning_effort,
        "stop": stop[:STOPS_MOST] or None,
        "n": min(prompt.replies, REPLIES_MOST) if prompt.replies > 1 else None,
    }
    if not strict:
        fields |= {
            "top_k": samplers.top_k,
            "min_p": samplers.min_p,
            "top_a": samplers.top_a,
            "repetition_penalty": samplers.repetition_penalty,
        }
    return {name: value for name, value in fields.items() if value is not None}


def is_strict(access: Access) -> bool:
    """Whether the service refuses fields it does not know."""
    host = _host(access)
    return host == "api.openai.com" or host.endswith(".openai.azure.com")


async def read_stream(wire: Wire, access: Access, path: str, body: dict[str, Any]) -> AsyncGenerator[Delta, None]:
    """The deltas of a chat or text completion. Usage comes after the finish reason, which is held back till then."""
    read = _Read(access)
    async with aclosing(wire.batches(access, path, headers=bearer(access), body=body)) as batches:
        async for batch in batches:
            problem: Exception | None = None
            try:
                for event in batch:
                    read.take(event.data)
            except (ProviderFailed, *failures.MISSHAPEN) as error:
                problem = error
            # What came with one read goes on as one delta: each token for itself would cost many times as much.
            delta = read.said()
            if delta is not None:
                yield delta
            if problem is not None:
                raise problem
            if read.ended:
                await to_its_end(access, batches)
                break
    if read.finish is None and not read.ended:
        raise failures.cut_off(access)
    calls = [read.calls[index] for index in sorted(read.calls)]
    yield Delta(finish_reason=read.finish or "stop", usage=read.usage, tool_calls=calls, others=read.others)


class _Read:
    """What the chunks of one answer said so far."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._texts: list[str] = []
        self._reasonings: list[str] = []
        self.finish: FinishReason | None = None
        self.usage: TokenUsage | None = None
        self.calls: dict[int, dict[str, Any]] = {}
        self._others: dict[int, tuple[list[str], list[str]]] = {}
        """Further answers to the same request, by their numbers."""
        self.ended = False

    def take(self, data: str) -> None:
        """One chunk. Raises ProviderFailed, and what strange shapes raise."""
        if self.ended or data.strip() == "[DONE]":
            self.ended = True
            return
        chunk = parsed(self._access, data)
        if counted := chunk.get("usage"):
            self.usage = _usage(counted) or self.usage
        for choice in chunk.get("choices") or ():
            part = choice.get("delta") or choice.get("message") or choice
            if (number := choice.get("index") or 0) > 0:
                self._take_other(number, part)
                continue
            if called := part.get("tool_calls"):
                _collect(self.calls, called)
            if text := part.get("content") or part.get("text"):
                self._texts.append(_text(text))
            if reasoning := part.get("reasoning_content") or part.get("reasoning"):
                self._reasonings.append(_text(reasoning))
            if choice.get("finish_reason"):
                self.finish = FINISHES.get(choice["finish_reason"], "stop")

    def _take_other(self, number: int, part: dict[str, Any]) -> None:
        if number >= REPLIES_MOST:
            return
        texts, reasonings = self._others.setdefault(number, ([], []))
        texts.append(_text(part.get("content") or part.get("text")))
        reasonings.append(_text(part.get("reasoning_content") or part.get("reasoning")))

    @property
    def others(self) -> list[Delta]:
        told = [self._others[number] for number in sorted(self._others)]
        return [Delta(text="".join(texts), reasoning="".join(reasonings)) for texts, reasonings in told]

    def said(self) -> Delta | None:
        """The text since the last time; None when there is none."""
        text, reasoning = "".join(self._texts), "".join(self._reasonings)
        self._texts.clear()
        self._reasonings.clear()
        return Delta(text=text, reasoning=reasoning) if text or reasoning else None


async def list_models(wire: Wire, access: Access) -> list[ModelInfo]:
    """`GET /models`; a few servers tell the context size in a field of their own."""
    answer = await wire.json(access, "/models", headers=bearer(access))
    listed = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(listed, list):
        raise failures.not_an_api(access)
    return [
        ModelInfo(id=model["id"], title=str(model.get("name") or ""), context_tokens=_context(model))
        for model in listed
        if isinstance(model, dict) and isinstance(model.get("id"), str)
    ]


def parsed(access: Access, data: str) -> dict[str, Any]:
    """A chunk as JSON. Raises ProviderFailed for an error sent inside the stream, and for what is no JSON object."""
    try:
        chunk = json.loads(data)
    except ValueError:
        raise failures.not_an_api(access) from None
    if not isinstance(chunk, dict):
        raise failures.not_an_api(access)
    error = chunk.get("error")
    if isinstance(error, dict):
        raise failures.said(access, f"{error.get('type')} {error.get('code')}", str(error.get("message") or ""))
    if error:
        raise failures.said(access, "", str(error))
    return chunk


def _host(access: Access) -> str:
    return urlsplit(access.address).hostname or ""


def _collect(calls: dict[int, dict[str, Any]], parts: list[dict[str, Any]]) -> None:
    """Puts the pieces of tool calls together: the name comes first, the arguments in bits."""
    for part in parts:
        call = calls.setdefault(part.get("index", len(calls)), {"id": "", "name": "", "arguments": ""})
        function = part.get("function") or {}
        call["id"] = part.get("id") or call["id"]
        call["name"] += function.get("name") or ""
        call["arguments"] += function.get("arguments") or ""


def _text(value: Any) -> str:
    """Content is a string, or with some servers a list of typed parts."""
    if isinstance(value, list):
        return "".join(str(part.get("text") or "") for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _usage(usage: Any) -> TokenUsage | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("completion_tokens_details") or {}
    return TokenUsage(
        prompt_tokens=usage.get("prompt_tokens") or 0,
        reply_tokens=usage.get("completion_tokens") or 0,
        reasoning_tokens=details.get("reasoning_tokens") or 0,
    )


def _context(model: dict[str, Any]) -> int | None:
    meta = model.get("meta") or {}
    sizes = (model.get("context_length"), model.get("max_model_len"), meta.get("n_ctx"), meta.get("n_ctx_train"))
    return next((size for size in sizes if isinstance(size, int) and size > 0), None)
