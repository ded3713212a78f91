"""Google's Gemini API. Source: its reference, `models.streamGenerateContent` with `alt=sse`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, FinishReason, Prompt, PromptPicture, TokenUsage
from chalicelib.providers import failures
from chalicelib.providers.openai_chat import parsed
from chalicelib.providers.provider import Access
from chalicelib.providers.turns import system_and_turns
from chalicelib.providers.wire import Wire

STOPS_MOST = 5
FINISHES: dict[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "filtered",
    "RECITATION": "filtered",
    "BLOCKLIST": "filtered",
    "PROHIBITED_CONTENT": "filtered",
    "SPII": "filtered",
}


class Gemini:
    info = ProviderInfo(
        kind=ProviderKind.gemini,
        title="Google Gemini",
        address="https://generativelanguage.googleapis.com",
        needs_key=True,
        local=False,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        finish: FinishReason | None = None
        usage: TokenUsage | None = None
        model = quote(access.model.removeprefix("models/"), safe="")
        path = f"/v1beta/models/{model}:streamGenerateContent?alt=sse"
        async with aclosing(self._wire.events(access, path, headers=_headers(access), body=_request(prompt))) as events:
            async for event in events:
                chunk = parsed(access, event.data)
                if (chunk.get("promptFeedback") or {}).get("blockReason"):
                    raise failures.filtered(access)
                usage = _usage(chunk.get("usageMetadata")) or usage
                for candidate in chunk.get("candidates") or []:
                    for part in (candidate.get("content") or {}).get("parts") or []:
                        if part.get("text"):
                            yield Delta(reasoning=part["text"]) if part.get("thought") else Delta(text=part["text"])
                    if candidate.get("finishReason"):
                        finish = FINISHES.get(candidate["finishReason"], "stop")
        if finish is None:
            raise failures.cut_off(access)
        yield Delta(finish_reason=finish, usage=usage)

    async def models(self, access: Access) -> list[ModelInfo]:
        answer = await self._wire.json(access, "/v1beta/models?pageSize=1000", headers=_headers(access))
        if not isinstance(answer, dict) or not isinstance(answer.get("models"), list):
            raise failures.not_an_api(access)
        return [
            ModelInfo(
                id=str(model["name"]).removeprefix("models/"),
                title=str(model.get("displayName") or ""),
                context_tokens=model.get("inputTokenLimit"),
            )
            for model in answer["models"]
            if "generateContent" in (model.get("supportedGenerationMethods") or [])
        ]


def _headers(access: Access) -> dict[str, str]:
    return {"x-goog-api-key": access.key.get_secret_value()} if access.key else {}


def _request(prompt: Prompt) -> dict[str, Any]:
    samplers = prompt.samplers
    system, turns = system_and_turns(prompt)
    settings = {
        "maxOutputTokens": samplers.reply_tokens,
        "temperature": samplers.temperature,
        "topP": samplers.top_p,
        "topK": samplers.top_k,
        "seed": samplers.seed if samplers.seed is None or samplers.seed >= 0 else None,
        "presencePenalty": samplers.presence_penalty,
        "frequencyPenalty": samplers.frequency_penalty,
        "stopSequences": prompt.stop[:STOPS_MOST] or None,
        # Models without thoughts refuse the field: it is sent only when asked for.
        "thinkingConfig": {"includeThoughts": True} if samplers.reasoning_effort else None,
    }
    request: dict[str, Any] = {
        "contents": [
            {"role": "model" if turn.role == "assistant" else "user", "parts": [_part(one) for one in turn.parts]}
            for turn in turns
        ],
        "generationConfig": {name: value for name, value in settings.items() if value is not None},
    }
    if prompt.web_search:
        # The service searches by itself.
        request["tools"] = [{"google_search": {}}]
    if system:
        request["systemInstruction"] = {"parts": [{"text": system}]}
    return request


def _part(part: str | PromptPicture) -> dict[str, Any]:
    return {"text": part} if isinstance(part, str) else {"inlineData": {"mimeType": part.media_type, "data": part.data}}


def _usage(usage: Any) -> TokenUsage | None:
    if not isinstance(usage, dict):
        return None
    thoughts = usage.get("thoughtsTokenCount") or 0
    return TokenUsage(
        prompt_tokens=usage.get("promptTokenCount") or 0,
        reply_tokens=(usage.get("candidatesTokenCount") or 0) + thoughts,
        reasoning_tokens=thoughts,
    )
