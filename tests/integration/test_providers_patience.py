"""Services that keep a connection alive without a text, answer in shapes nobody documented, or are Azure's."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from chalicelib.errors import ProviderFailed
from chalicelib.models.prompt import Delta
from chalicelib.providers.guard import Guard
from chalicelib.providers.registry import Registry
from chalicelib.providers.wire import Wire
from tests.integration.test_providers_failing import KEY, LOOPBACK, access, failure, read
from tests.support.upstream import Upstream, upstream

HELLO = b'data: {"choices": [{"delta": {"content": "Hello"}}]}\n\n'
EMPTY = b'data: {"choices": [{"delta": {"content": ""}}]}\n\n'
DONE = b"data: [DONE]\n\n"


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    async with upstream() as made:
        yield made


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(Guard(private_networks=LOOPBACK), stall_seconds=0.1)
    yield made
    await made.close()


@pytest.mark.parametrize("sign", [b": still here\n\n", EMPTY], ids=["comments", "empty pieces"])
async def test_signs_of_life_hold_a_reply_for_a_while(server: Upstream, wire: Wire, sign: bytes) -> None:
    server.pieces, server.seconds_between = [sign] * 6 + [HELLO, DONE], 0.04
    told: list[Delta] = []
    await read(wire, access(server.address), told)
    assert "".join(delta.text for delta in told) == "Hello"


@pytest.mark.parametrize("sign", [b": still here\n\n", EMPTY], ids=["comments", "empty pieces"])
async def test_signs_of_life_do_not_hold_a_reply_for_ever(server: Upstream, wire: Wire, sign: bytes) -> None:
    server.pieces, server.seconds_between = [HELLO] + [sign] * 500, 0.02
    told: list[Delta] = []
    error = await failure(wire, access(server.address), told)
    assert (error.code, error.details["retryable"]) == ("provider_silent", True)
    assert [delta.text for delta in told] == ["Hello"]
    await server.hung_up.wait()


@pytest.mark.parametrize("kind", ["openai_chat", "openai_text", "anthropic", "gemini", "koboldcpp", "llamacpp"])
@pytest.mark.parametrize(
    "chunk",
    [
        {"choices": [1]},
        {"choices": {"a": 1}},
        {"choices": [{"delta": "text"}]},
        {"choices": [{"delta": {"tool_calls": [{"function": "f"}]}}]},
        {"choices": [], "usage": {"prompt_tokens": "many", "completion_tokens_details": [1]}},
        {"type": "content_block_delta", "delta": 5},
        {"type": "message_start", "message": []},
        {"candidates": [7], "usageMetadata": 1},
        {"candidates": [{"content": {"parts": 3}}]},
        {"content": {"a": 1}, "stop": True, "tokens_predicted": {}},
        {"token": {"a": 1}, "finish_reason": ["x"]},
    ],
    ids=lambda chunk: json.dumps(chunk)[:40],
)
async def test_an_answer_in_no_known_shape_is_a_sentence(server: Upstream, wire: Wire, kind: str, chunk: Any) -> None:
    server.pieces = [b"data: " + json.dumps(chunk).encode() + b"\n\n"]
    failed: ProviderFailed | None = None
    try:
        await read(wire, access(server.address, kind), [])
    except ProviderFailed as error:
        failed = error
    # To some kinds of service such a piece is one without a text, or an end.
    assert failed is None or failed.code in ("provider_not_an_api", "provider_cut_off")


@pytest.mark.parametrize("kind", ["openai_chat", "openai_text", "anthropic", "gemini", "koboldcpp", "llamacpp"])
@pytest.mark.parametrize("answer", [1, "x", None, {"data": 1}, {"data": [{"id": "m", "meta": "x"}]}, {"models": [1]}])
async def test_a_list_of_models_in_no_known_shape_is_a_sentence(
    server: Upstream, wire: Wire, kind: str, answer: Any
) -> None:
    server.answers("", status=200)
    server.headers, server.pieces = {"Content-Type": "application/json"}, [json.dumps(answer).encode()]
    used = access(server.address, kind)
    failed: ProviderFailed | None = None
    try:
        await Registry(wire).provider_for(used.kind).models(used)
    except ProviderFailed as error:
        failed = error
    assert failed is None or failed.code == "provider_not_an_api"


@pytest.mark.parametrize(
    ("after", "date", "seconds"),
    [
        (timedelta(seconds=90), True, 91),
        (timedelta(days=400), True, 86_400),
        (timedelta(seconds=-5), True, 1),
        (timedelta(seconds=90), False, None),
    ],
)
async def test_a_busy_service_may_name_a_moment(
    server: Upstream, wire: Wire, after: timedelta, date: bool, seconds: int | None
) -> None:
    now = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)
    more = {"Date": format_datetime(now, usegmt=True)} if date else {"Date": "yesterday"}
    server.answers({}, status=429, Retry_After=format_datetime(now + after, usegmt=True), **more)
    error = await failure(wire, access(server.address))
    assert error.details.get("retry_after_seconds") == seconds


async def test_the_query_of_an_address_goes_along_with_every_request(server: Upstream, wire: Wire) -> None:
    server.pieces = [HELLO, DONE]
    address = f"{server.address}/openai/deployments/gpt?api-version=2024-10-21"
    await read(wire, access(address), [])
    assert server.requests[0].path_qs == "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    server.answers({"data": [{"id": "m"}]})
    for kind, asked in (("openai_chat", "/v1/models"), ("llamacpp", "/v1/v1/models")):
        used = access(f"{server.address}/v1?api-version=1", kind)
        await Registry(wire).provider_for(used.kind).models(used)
        assert server.requests[-1].path_qs == f"{asked}?api-version=1"
    used = access(f"{server.address}?api-version=1", "gemini")
    with pytest.raises(ProviderFailed):
        await read(wire, used, [])
    assert server.requests[-1].path_qs.endswith("?alt=sse&api-version=1")


async def test_azure_gets_the_key_in_the_header_it_reads(tmp_path: Any) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with upstream() as server:
        server.pieces = [HELLO, DONE]
        wire = Wire(Guard(private_networks=LOOPBACK, resolve=resolve), stall_seconds=1)
        await read(wire, access(f"http://mine.openai.azure.com:{server.port}/openai/v1"), [])
        await wire.close()
    headers, body = server.requests[0].headers, server.bodies[0]
    assert headers["api-key"] == KEY
    assert "Authorization" not in headers
    assert "max_completion_tokens" in body
    assert "top_k" not in body
