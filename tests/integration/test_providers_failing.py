"""What goes wrong with a model's service, and the sentence a person reads about it."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from chalicelib.errors import AddressRefused, ProviderFailed
from chalicelib.models.connections import ProviderKind
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Delta, Prompt, PromptMessage
from chalicelib.providers.guard import Guard
from chalicelib.providers.provider import Access
from chalicelib.providers.registry import Registry
from chalicelib.providers.wire import Wire
from tests.support.upstream import Upstream, upstream

KEY = "sk-secret-0123456789abcdef"
LOOPBACK = ["127.0.0.0/8"]
PROMPT = Prompt(messages=[PromptMessage(role="user", content="Hi.")], samplers=Samplers(), model="tiny", flat="Hi.")


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    async with upstream() as made:
        yield made


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(Guard(private_networks=LOOPBACK), stall_seconds=0.2)
    yield made
    await made.close()


def access(address: str, kind: str = "openai_chat", *, key: str | None = KEY) -> Access:
    return Access(
        owner_id="ada",
        connection_id="c1",
        connection_name="My server",
        kind=ProviderKind(kind),
        address=address,
        key=SecretStr(key) if key else None,
        model="tiny",
    )


async def read(wire: Wire, used: Access, told: list[Delta]) -> None:
    async for delta in Registry(wire).provider_for(used.kind).stream(PROMPT, used):
        told.append(delta)


async def failure(wire: Wire, used: Access, told: list[Delta] | None = None) -> ProviderFailed:
    """The failure, checked for what every one has to hold to; `told` gets what came before it."""
    with pytest.raises(ProviderFailed) as caught:
        await read(wire, used, [] if told is None else told)
    error = caught.value
    assert "“My server”" in error.message
    assert error.message.endswith((".", "”", "?"))
    assert KEY not in f"{error.message} {error.details} {caught.getrepr()}"
    assert isinstance(error.details["retryable"], bool)
    return error


def refusal(kind: str, message: str, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "code": code}}


@pytest.mark.parametrize(
    ("status", "body", "code", "retryable"),
    [
        (401, refusal("invalid_request_error", f"Incorrect API key provided: {KEY}"), "provider_key_refused", False),
        (403, {"detail": "Forbidden"}, "provider_key_refused", False),
        (400, refusal("INVALID_ARGUMENT", "API key not valid. Please pass one."), "provider_key_refused", False),
        (402, refusal("insufficient", "Insufficient credits"), "provider_unpaid", False),
        (404, refusal("not_found_error", "model: tiny"), "provider_not_found", False),
        (404, "<html>nothing here</html>", "provider_not_found", False),
        (429, refusal("requests", "Rate limit reached"), "provider_busy", True),
        (529, refusal("overloaded_error", "Overloaded"), "provider_busy", True),
        (500, "<html>oops</html>", "provider_broken", True),
        (503, refusal("server_error", "Loading model"), "provider_broken", True),
        (400, refusal("x", "This model's maximum context length is 8 tokens"), "provider_prompt_too_long", False),
        (400, refusal("x", "y", "context_length_exceeded"), "provider_prompt_too_long", False),
        (400, refusal("x", "prompt is too long: 9 tokens > 8 maximum"), "provider_prompt_too_long", False),
        (400, refusal("x", "the request exceeds the available context size"), "provider_prompt_too_long", False),
        (400, refusal("x", "Triggered the content management policy"), "provider_filtered", False),
        (422, {"detail": "top_k must be below 100"}, "provider_rejected", False),
        (302, "", "provider_moved", False),
        (200, "<html>A login page</html>", "provider_not_an_api", False),
        (200, ["no", "object"], "provider_not_an_api", False),
    ],
)
async def test_each_refusal_has_its_code(
    server: Upstream, wire: Wire, status: int, body: Any, code: str, retryable: bool
) -> None:
    server.answers(body, status=status, Location="http://127.0.0.1:1/")
    error = await failure(wire, access(server.address))
    assert (error.code, error.details["retryable"]) == (code, retryable)
    assert len(server.requests) == 1


async def test_a_busy_service_says_when_to_come_back(server: Upstream, wire: Wire) -> None:
    server.answers(refusal("requests", "Slow down"), status=429, Retry_After="17")
    error = await failure(wire, access(server.address))
    assert error.details["retry_after_seconds"] == 18
    assert "in 18 seconds" in error.message


async def test_a_rejected_request_quotes_the_reason_without_what_looks_like_a_key(server: Upstream, wire: Wire) -> None:
    server.answers(refusal("x", f"top_k must be\nbelow 100, you {KEY} know"), status=400)
    error = await failure(wire, access(server.address))
    assert "It says: “x top_k must be below 100, you … know”" in error.message


async def test_a_missing_key_is_called_missing(server: Upstream, wire: Wire) -> None:
    server.answers({}, status=401)
    error = await failure(wire, access(server.address, key=None))
    assert "wants a key" in error.message


@pytest.mark.parametrize(
    ("kind", "sample", "code", "told"),
    [
        ("openai_chat", "openai_error.sse", "provider_busy", ["It was a quiet "]),
        ("anthropic", "anthropic_overloaded.sse", "provider_busy", []),
        ("gemini", "gemini_blocked.sse", "provider_filtered", []),
    ],
)
async def test_errors_inside_a_stream_are_told_after_what_came_before(
    server: Upstream, wire: Wire, kind: str, sample: str, code: str, told: list[str]
) -> None:
    server.replays(sample, every=3)
    deltas: list[Delta] = []
    error = await failure(wire, access(server.address, kind), deltas)
    assert (error.code, [delta.text for delta in deltas]) == (code, told)


async def test_llamacpps_old_way_of_reporting_errors_is_understood(server: Upstream, wire: Wire) -> None:
    server.pieces = [b'error: {"code":500,"message":"failed to decode","type":"server_error"}\n\n']
    assert (await failure(wire, access(server.address, "llamacpp"))).code == "provider_broken"


async def test_silence_before_the_first_token_ends_in_a_sentence(server: Upstream, wire: Wire) -> None:
    server.silent_after = 0
    assert (await failure(wire, access(server.address))).code == "provider_silent"


async def test_silence_between_two_tokens_ends_in_a_sentence(server: Upstream, wire: Wire) -> None:
    server.pieces = [b'data: {"choices":[{"delta":{"content":"And then"}}]}\n\n']
    server.silent_after = 1
    deltas: list[Delta] = []
    error = await failure(wire, access(server.address), deltas)
    assert (error.code, [delta.text for delta in deltas]) == ("provider_silent", ["And then"])


@pytest.mark.parametrize("kind", ["openai_chat", "openai_text", "koboldcpp", "llamacpp", "anthropic", "gemini"])
async def test_a_stream_that_just_ends_is_no_finished_reply(server: Upstream, wire: Wire, kind: str) -> None:
    server.pieces = [b": nothing\n\n"]
    assert (await failure(wire, access(server.address, kind))).code == "provider_cut_off"


async def test_a_connection_that_breaks_keeps_what_came(server: Upstream, wire: Wire) -> None:
    server.pieces = [b'data: {"choices":[{"delta":{"content":"And then"}}]}\n\n', b"x"]
    server.cut_after = 1
    deltas: list[Delta] = []
    error = await failure(wire, access(server.address), deltas)
    assert error.code == "provider_cut_off"
    assert [delta.text for delta in deltas] in ([], ["And then"])


async def test_a_line_without_end_is_cut_short(server: Upstream, wire: Wire) -> None:
    server.pieces = [b"data: " + b"x" * 300_000] * 5
    assert (await failure(wire, access(server.address))).code == "provider_not_an_api"


async def test_nobody_listening_is_called_that(wire: Wire) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure(wire, access(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert error.code == "provider_unreachable"
    assert "Is the server running?" in error.message


async def test_an_unknown_host_is_called_that() -> None:
    async def knows_nothing(host: str, port: int) -> list[str]:
        raise socket.gaierror("unknown")

    wire = Wire(Guard(resolve=knows_nothing), stall_seconds=1)
    error = await failure(wire, access("https://nowhere.example"))
    assert error.code == "provider_unreachable"
    assert "host name" in error.message
    await wire.close()


async def test_plain_http_behind_https_is_called_that(server: Upstream, wire: Wire) -> None:
    error = await failure(wire, access(server.address.replace("http:", "https:")))
    assert error.code == "provider_unreachable"
    assert "TLS" in error.message


async def test_a_name_that_turns_private_after_the_check_is_refused(server: Upstream) -> None:
    answers = [["93.184.215.14"], ["127.0.0.1"]]

    async def rebinding(host: str, port: int) -> list[str]:
        return answers.pop(0)

    guard = Guard(resolve=rebinding)
    assert await guard.addresses("rebind.example", server.port, "https") == ["93.184.215.14"]
    wire = Wire(guard, stall_seconds=1)
    with pytest.raises(AddressRefused):
        await anext(
            Registry(wire)
            .provider_for(ProviderKind.openai_chat)
            .stream(PROMPT, access(f"https://rebind.example:{server.port}"))
        )
    assert server.requests == []
    await wire.close()


async def test_the_request_goes_to_the_checked_address_under_the_hosts_name(server: Upstream) -> None:
    async def found(host: str, port: int) -> list[str]:
        return ["169.254.169.254", "127.0.0.1"]

    server.replays("openai_chat.sse", every=4096)
    wire = Wire(Guard(private_networks=LOOPBACK, resolve=found), stall_seconds=1)
    used = access(f"http://model.example:{server.port}")
    deltas = [delta async for delta in Registry(wire).provider_for(used.kind).stream(PROMPT, used)]
    assert deltas[-1].finish_reason == "stop"
    assert server.requests[0].headers["Host"] == f"model.example:{server.port}"
    await wire.close()
