"""Amazon Bedrock's ConverseStream without boto3's blocking client: signed here, read by botocore's stream parser.

It runs on the operator's account, so it is offered only where the settings list models and a daily allowance.
"""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any, Protocol
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.eventstream import EventStreamBuffer, ParserError
from botocore.session import Session

from chalicelib.errors import Invalid
from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, FinishReason, Prompt, PromptPicture, TokenUsage
from chalicelib.providers import failures
from chalicelib.providers.provider import Access
from chalicelib.providers.turns import system_and_turns
from chalicelib.providers.wire import Wire

FINISHES: dict[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "filtered",
    "content_filtered": "filtered",
}


class Allowance(Protocol):
    """What all users together may spend a day."""

    async def check(self) -> None:
        """Raises QuotaExceeded when it is used up."""
        ...

    async def spend(self, tokens: int) -> None: ...


class Bedrock:
    def __init__(
        self, wire: Wire, *, session: Session, region: str, models: Sequence[str], allowance: Allowance
    ) -> None:
        self._wire, self._session, self._region = wire, session, region
        self._models, self._allowance = tuple(models), allowance
        self.info = ProviderInfo(
            kind=ProviderKind.bedrock,
            title="Amazon Bedrock",
            address=f"https://bedrock-runtime.{region}.amazonaws.com",
            needs_key=False,
            local=False,
        )

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        if access.model not in self._models:
            raise Invalid("This server does not offer that Bedrock model. Choose one from the list.")
        await self._allowance.check()
        # Users choose the model only: the operator's credentials go to AWS and nowhere else.
        access = access.model_copy(update={"address": self.info.address})
        path = f"/model/{quote(access.model, safe='')}/converse-stream"
        body = json.dumps(_request(prompt)).encode()
        if access.sent is not None:
            # What is signed is what will be sent.
            body = access.sent.body_of(body)
        finish: FinishReason | None = None
        usage: TokenUsage | None = None
        sent = 0
        try:
            read = self._wire.pieces(access, path, headers=self._signed(path, body), body=body)
            async with aclosing(read) as pieces, aclosing(_messages(access, pieces)) as messages:
                async for kind, message in messages:
                    match kind, message:
                        case "contentBlockDelta", {"delta": {"text": str(text)}}:
                            sent += 1
                            yield Delta(text=text)
                        case "contentBlockDelta", {"delta": {"reasoningContent": {"text": str(text)}}}:
                            sent += 1
                            yield Delta(reasoning=text)
                        case "messageStop", {"stopReason": str(reason)}:
                            finish = FINISHES.get(reason, "stop")
                        case "metadata", {"usage": dict(counted)}:
                            usage = TokenUsage(
                                prompt_tokens=counted.get("inputTokens") or 0,
                                reply_tokens=counted.get("outputTokens") or 0,
                            )
        finally:
            # A cancelled reply has cost its prompt and, roughly, a token a piece.
            known = usage.prompt_tokens + usage.reply_tokens if usage else prompt.tokens + sent
            await self._allowance.spend(known)
        if finish is None:
            raise failures.cut_off(access)
        yield Delta(finish_reason=finish, usage=usage)

    async def models(self, access: Access) -> list[ModelInfo]:
        """What the operator lists."""
        return [ModelInfo(id=model) for model in self._models]

    def _signed(self, path: str, body: bytes) -> dict[str, str]:
        request = AWSRequest(
            "POST",
            self.info.address + path,
            headers={"Content-Type": "application/json", "Accept": "application/vnd.amazon.eventstream"},
            data=body,
        )
        SigV4Auth(self._session.get_credentials(), "bedrock", self._region).add_auth(request)
        return dict(request.headers.items())


async def _messages(
    access: Access, pieces: AsyncGenerator[bytes, None]
) -> AsyncGenerator[tuple[str, dict[str, Any]], None]:
    """The typed messages of an AWS event stream. Raises ProviderFailed for exceptions sent inside it."""
    buffer = EventStreamBuffer()
    try:
        async for piece in pieces:
            buffer.add_data(piece)
            for message in buffer:
                kind = message.headers.get(":event-type") or message.headers.get(":exception-type") or ""
                payload = json.loads(message.payload or b"{}")
                if message.headers.get(":message-type") != "event":
                    raise failures.said(access, str(kind), str(payload.get("message") or ""))
                yield str(kind), payload
    except (ParserError, ValueError):
        raise failures.not_an_api(access) from None


def _request(prompt: Prompt) -> dict[str, Any]:
    samplers = prompt.samplers
    system, turns = system_and_turns(prompt)
    settings = {
        "maxTokens": samplers.reply_tokens,
        "temperature": min(samplers.temperature, 1.0) if samplers.temperature is not None else None,
        "topP": samplers.top_p if samplers.temperature is None else None,
        "stopSequences": prompt.stop[:4] or None,
    }
    request: dict[str, Any] = {
        "messages": [{"role": turn.role, "content": [_part(one) for one in turn.parts]} for turn in turns],
        "inferenceConfig": {name: value for name, value in settings.items() if value is not None},
    }
    if system:
        request["system"] = [{"text": system}]
    return request


def _part(part: str | PromptPicture) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    return {"image": {"format": part.media_type.removeprefix("image/"), "source": {"bytes": part.data}}}
